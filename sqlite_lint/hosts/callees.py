"""Functions of this file that a call runs, and what they return."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.expressions import last_name
from sqlite_lint.hosts.module import BindingKind, Function

if TYPE_CHECKING:
    from sqlite_lint.hosts.evaluate import Evaluator
    from sqlite_lint.hosts.frame import Frame

_MAX_FRAMES: Final = 4
_MAX_RETURNS: Final = 12


class Callees:
    """Finds the functions that calls run, for one ``Evaluator``."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._returns: dict[ast.AST, list[tuple[ast.expr, None]]] = {}
        self._yields: dict[ast.AST, list[ast.expr]] = {}

    def frames(self, call: ast.Call, frame: Frame | None) -> list[Frame]:
        """The frames of a call of functions of this file; none for others, and where calls nest too deep."""
        from sqlite_lint.hosts.frame import Frame as NewFrame

        depth = 1 if frame is None else frame.depth + 1
        if depth > _MAX_FRAMES:
            return []
        return [NewFrame(function, call, method, frame, depth) for function, method in self.callees(call.func, frame)]

    def callees(self, func: ast.expr, frame: Frame | None) -> list[tuple[Function, bool]]:
        """The functions of this file that ``func`` names, and whether their first parameter is the object."""
        if isinstance(func, ast.Name):
            place = self._evaluator.place(func, func.id)
            if place is None:
                return []
            last = place[1][-1]
            if last.kind is BindingKind.DEF:
                known = isinstance(last.node, ast.FunctionDef | ast.AsyncFunctionDef)
                return [(last.node, False)] if known else []  # type: ignore[list-item]
            if last.kind in (BindingKind.ASSIGN, BindingKind.ITERATE):
                behind = self._evaluator.sequences.values_of(last, frame)
                return [
                    found
                    for expr, inner in behind[:_MAX_RETURNS]
                    if isinstance(expr, ast.Name) and expr.id != func.id
                    for found in self.callees(expr, inner)
                ]
        if isinstance(func, ast.Attribute):
            for owner in self._evaluator.classes.owners(func.value, frame):
                method = self._evaluator.classes.method(owner, func.attr)
                if method is not None:
                    return [(method, not any(last_name(d) == "staticmethod" for d in method.decorator_list))]
        return []

    def returned(self, function: ast.AST) -> list[tuple[ast.expr, None]]:
        """What a function returns, in source order."""
        self._scan(function)
        return self._returns[function]

    def yielded(self, function: ast.AST) -> list[ast.expr]:
        self._scan(function)
        return self._yields[function]

    def _scan(self, function: ast.AST) -> None:
        if function in self._returns:
            return
        returns: list[tuple[ast.expr, None]] = []
        yields: list[ast.expr] = []
        stack: list[ast.AST] = list(getattr(function, "body", []))[::-1]
        while stack:
            node = stack.pop()
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
                continue
            if isinstance(node, ast.Return) and node.value is not None:
                returns.append((node.value, None))
            elif isinstance(node, ast.Yield) and node.value is not None:
                yields.append(node.value)
            stack.extend(reversed(list(ast.iter_child_nodes(node))))
        self._returns[function] = returns[:_MAX_RETURNS]
        self._yields[function] = yields
