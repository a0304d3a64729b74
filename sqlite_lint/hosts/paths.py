"""Which expressions of a module name the same file, as far as the module shows."""

from __future__ import annotations

import ast
import os.path
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from sqlite_lint.hosts.module import BindingKind, Function, Module
from sqlite_lint.hosts.sinks import name_of_call
from sqlite_lint.hosts.values import Values

_SAME_FILE: Final = frozenset({"str", "Path", "fspath", "abspath", "expanduser", "resolve", "realpath", "absolute"})
_JOINING: Final = frozenset({"join", "joinpath", "with_name"})
_MAX_CALLERS: Final = 12


class Paths:
    """Gives expressions an identity: a text that is the same for expressions that name the same file."""

    def __init__(self, module: Module, values: Values | None = None) -> None:
        self.module = module
        self.values = values or Values(module)

    def identity(self, node: ast.expr, depth: int = 6) -> str:
        if isinstance(node, ast.Call) and depth and name_of_call(node) in _SAME_FILE:
            if len(node.args) == 1:
                return self.identity(node.args[0], depth - 1)
            if not node.args and isinstance(node.func, ast.Attribute):
                return self.identity(node.func.value, depth - 1)
        if isinstance(node, ast.JoinedStr) and len(node.values) == 1:
            only = node.values[0]
            return self.identity(only.value, depth - 1) if isinstance(only, ast.FormattedValue) else ast.unparse(node)
        bindings = self.values.bindings(node)
        value = bindings[0].value if len(bindings) == 1 and depth and not bindings[0].path else None
        if bindings and bindings[0].kind not in (BindingKind.ASSIGN, BindingKind.WITH):
            value = None
        if isinstance(value, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
            return self.identity(value, depth - 1)
        if isinstance(node, ast.Name) and bindings:
            return f"{node.id}@{self.module.span(bindings[0].scope.node).start if bindings[0].scope.parent else 0}"
        return ast.unparse(node)

    def all_of(self, node: ast.expr, depth: int = 3) -> set[str]:
        """The identity of ``node``, and of what callers in this module hand over where it is a parameter."""
        found = {self.identity(node)}
        for given in self._handed(node) if depth else ():
            found |= self.all_of(given, depth - 1)
        return found

    def _handed(self, node: ast.expr) -> Iterator[ast.expr]:
        for _ in range(4):
            bindings = self.values.bindings(node)
            if len(bindings) != 1:
                return
            if bindings[0].kind is BindingKind.PARAM:
                function = bindings[0].scope.node
                if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield from self._arguments(function, bindings[0].name)
                return
            if bindings[0].value is None or bindings[0].path:
                return
            node = bindings[0].value

    def _arguments(self, function: Function, parameter: str) -> Iterator[ast.expr]:
        """What the calls of a function in this module give for one of its parameters."""
        names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
        owner = self.module.parents[function]
        is_method = isinstance(owner, ast.ClassDef) and names[:1] in (["self"], ["cls"])
        called = owner.name if isinstance(owner, ast.ClassDef) and function.name == "__init__" else function.name
        calls = self._calls.get(called, [])
        for call in calls if len(calls) <= _MAX_CALLERS else ():
            place = names.index(parameter) - is_method if parameter in names else -1
            if 0 <= place < len(call.args) and not any(isinstance(a, ast.Starred) for a in call.args):
                yield call.args[place]
            yield from (keyword.value for keyword in call.keywords if keyword.arg == parameter)

    @cached_property
    def _calls(self) -> dict[str, list[ast.Call]]:
        found: dict[str, list[ast.Call]] = {}
        for call in self.module.calls:
            found.setdefault(name_of_call(call), []).append(call)
        return found

    def directories(self, node: ast.expr, depth: int = 6) -> Iterator[str]:
        """Identities of the directories above the file that ``node`` names."""
        if not depth:
            return
        above: list[ast.expr] = []
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            above = [node.left]
        elif isinstance(node, ast.Call) and name_of_call(node) in _JOINING:
            is_function = name_of_call(node) == "join"
            above = node.args[:1] if is_function else [node.func.value] if isinstance(node.func, ast.Attribute) else []
        elif isinstance(node, ast.JoinedStr) and len(node.values) > 1:
            first, second = node.values[:2]
            if isinstance(first, ast.FormattedValue) and isinstance(second, ast.Constant):
                above = [first.value] if str(second.value).startswith("/") else []
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            directory = os.path.dirname(node.value)
            if directory.strip("/."):
                yield repr(directory)
            return
        else:
            for inner in self._handed_on(node):
                yield from self.directories(inner, depth - 1)
            return
        for directory_node in above:
            yield self.identity(directory_node)
            yield from self.directories(directory_node, depth - 1)

    def _handed_on(self, node: ast.expr) -> list[ast.expr]:
        """What a name is bound to, or what a function that leaves a path as it is gets."""
        if isinstance(node, ast.Call):
            return node.args[:1] if name_of_call(node) in _SAME_FILE else []
        bindings = self.values.bindings(node)
        value = bindings[0].value if len(bindings) == 1 and not bindings[0].path else None
        return [] if value is None else [value]
