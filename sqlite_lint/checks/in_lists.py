"""SQL463: ``IN (?, ?, ...)`` with as many parameters as a collection has elements.

https://sqlite.org/limits.html#max_variable_number: 999 before SQLite 3.32, 32766 since.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, TypeAlias

from sqlite_lint.hosts.expressions import last_name
from sqlite_lint.hosts.model import Engine
from sqlite_lint.hosts.module import COMPREHENSIONS, BindingKind
from sqlite_lint.regex import regex
from sqlite_lint.rule import SourceHit
from sqlite_lint.sql.statement import split
from sqlite_lint.sql.tokens import Kind

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import HostResult, SqlUse
    from sqlite_lint.hosts.module import Binding, Function, Module
    from sqlite_lint.rule import FileContext
    from sqlite_lint.sql.statement import Statement
    from sqlite_lint.text import Span

_IN: Final = regex(r"\bIN\s*\(\s*[?:%@$]", re.IGNORECASE)
_MORE: Final = (3, 32)
_PARTS: Final = regex(r"(?i)chunk|batch|slice|page|part|group|window|bucket|subset")
_COPYING: Final = frozenset({"list", "tuple", "set", "sorted", "frozenset", "reversed", "enumerate", "filter", "map"})
_VIEWS: Final = frozenset({"keys", "values", "items", "copy"})
_ROWS: Final = frozenset({"fetchall", "scalars", "execute"})

Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def unbounded(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """Report a list of parameters that grows with what a function is given or a query returned."""
    uses = [use for use in result.uses if use.engine is not Engine.OTHER and _IN.search(use.text.text)]
    module = result.module
    if not uses or module is None:
        return
    lists = _Lists(module)
    limit = "32,766" if context.config.target_version >= _MORE else "999"
    for use in uses:
        for statement in split(use.text.text):
            for span, counted in _grown(statement, use, lists):
                yield SourceHit(span, {"text": ast.unparse(counted), "limit": limit})


def _grown(statement: Statement, use: SqlUse, lists: _Lists) -> Iterator[tuple[Span, ast.expr]]:
    for at in statement.find("IN"):
        if statement.key(at + 1) != "(":
            continue
        for first, end in statement.arguments(at + 1)[:2]:
            if end != first + 1 or statement.tokens[first].kind is not Kind.PARAM:
                break
            place = use.text.locate(statement.span_of(first, first))
            counted = None if place is None else lists.counted(place)
            if counted is not None and lists.grows(counted):
                yield use.text.locate(statement.span_of(at, at + 1)) or use.anchor, counted
                break


class _Lists:
    """What says how many parameters there are, and whether it may be any number."""

    def __init__(self, module: Module) -> None:
        self.module = module
        makers = [n for n in module.nodes if isinstance(n, COMPREHENSIONS) or _multiplies(n)]
        self._makers = [(module.span(node), node) for node in makers]

    def counted(self, place: Span) -> ast.expr | None:
        """The collection for each of whose elements the parameter at ``place`` is written once."""
        around = [(s, n) for s, n in self._makers if s.start <= place.start and place.end <= s.end]
        if not around:
            return None
        node = min(around, key=lambda pair: pair[0].end - pair[0].start)[1]
        if isinstance(node, ast.BinOp):
            return self._measured(node.right) or self._measured(node.left)
        if isinstance(node, ast.Call):
            return self._measured(node.args[1])
        return _behind_range(node.generators[0].iter) if isinstance(node, COMPREHENSIONS) else None

    def _measured(self, node: ast.expr) -> ast.expr | None:
        """X of ``len(X)``, ``len(X) - 1``, or of a name that holds it."""
        for inner in ast.walk(node):
            if (
                isinstance(inner, ast.Call)
                and isinstance(inner.func, ast.Name)
                and inner.func.id == "len"
                and inner.args
            ):
                return inner.args[0]
        values = [b.value for b in self._bindings(node)] if isinstance(node, ast.Name) else []
        if len(values) == 1 and isinstance(values[0], ast.Call):
            return self._measured(values[0])
        return None

    def _bindings(self, node: ast.Name) -> list[Binding]:
        found = self.module.scope_of(node).lookup(node.id)
        if found is None or isinstance(found[0].node, ast.Module | ast.ClassDef):
            return []
        return found[1]

    def grows(self, node: ast.expr, depth: int = 5) -> bool:
        """Tell whether the source shows that a collection may have any number of elements."""
        while isinstance(node, ast.Await | ast.NamedExpr | ast.Starred):
            node = node.value
        if isinstance(node, ast.Call):
            return self._call_grows(node, depth)
        if isinstance(node, COMPREHENSIONS):
            return depth > 0 and self.grows(node.generators[0].iter, depth - 1)
        if isinstance(node, ast.BoolOp):
            return any(self.grows(value, depth) for value in node.values)
        return isinstance(node, ast.Name) and depth > 0 and self._name_grows(node, depth - 1)

    def _call_grows(self, node: ast.Call, depth: int) -> bool:
        name = self.module.called_name(node)
        if isinstance(node.func, ast.Attribute) and name in _VIEWS and not node.args:
            return self.grows(node.func.value, depth)
        if name in _COPYING and node.args:
            return self.grows(node.args[-1], depth)
        if name == "fromkeys" and node.args:
            return self.grows(node.args[0], depth)
        return name in _ROWS and isinstance(node.func, ast.Attribute) and not _says_limit(node)

    def _name_grows(self, node: ast.Name, depth: int) -> bool:
        bindings = self._bindings(node)
        if not bindings or _PARTS.search(node.id) or self._is_checked(node):
            return False
        if any(isinstance(b.value, ast.Subscript) or b.kind is BindingKind.ITERATE for b in bindings):
            return False
        return any(self._binding_grows(binding, depth) for binding in bindings)

    def _binding_grows(self, binding: Binding, depth: int) -> bool:
        if binding.kind is BindingKind.PARAM:
            return self._given_anything(binding)
        if binding.kind is BindingKind.APPEND:
            loop = next((n for n in self.module.ancestors(binding.node) if isinstance(n, ast.For | ast.AsyncFor)), None)
            return loop is not None and self.grows(loop.iter, depth)
        return binding.value is not None and not binding.path and self.grows(binding.value, depth)

    def _given_anything(self, binding: Binding) -> bool:
        """Tell whether callers may give a parameter any number of elements; ``*args`` are written out by hand."""
        function = binding.scope.node
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) or _PARTS.search(function.name):
            return False
        arguments = function.args
        variadic = [argument.arg for argument in (arguments.vararg, arguments.kwarg) if argument is not None]
        if binding.name in variadic or isinstance(binding.value, ast.Tuple | ast.List):
            return False
        return not self._is_given_parts(function)

    def _is_given_parts(self, function: Function) -> bool:
        """Tell whether this module calls the function in a loop over parts, or with slices."""
        calls = [call for call in self.module.calls if self.module.called_name(call) == function.name]
        given = [argument for call in calls for argument in call.args]
        return any(isinstance(a, ast.Subscript | ast.List | ast.Tuple) or self._is_looped(a) for a in given)

    def _is_looped(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and any(
            binding.kind is BindingKind.ITERATE or isinstance(binding.value, ast.Subscript)
            for binding in self._bindings(node)
        )

    def _is_checked(self, node: ast.Name) -> bool:
        """Tell whether the function compares the number of elements with something greater than one."""
        function = self.module.function_of(node)
        return function is not None and any(
            isinstance(n, ast.Compare) and _measures(n.left, node.id) and not _is_trivial(n.comparators[0])
            for n in ast.walk(function)
        )


def _multiplies(node: ast.AST) -> bool:
    """``"?" * n``, ``itertools.repeat("?", n)``, ``map(lambda _: "?", x)``."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Mult)
    if not isinstance(node, ast.Call) or len(node.args) != 2:
        return False
    name = last_name(node.func)
    return name == "repeat"


def _behind_range(node: ast.expr) -> ast.expr:
    """X of ``range(len(X))`` and ``enumerate(X)``."""
    while isinstance(node, ast.Call) and node.args:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in ("range", "enumerate", "len", "zip"):
            break
        node = node.args[-1] if name == "range" and len(node.args) < 3 else node.args[0]
    return node


def _says_limit(node: ast.Call) -> bool:
    """A query with LIMIT gives as many rows as that says."""
    return any(
        isinstance(inner, ast.Constant) and isinstance(inner.value, str) and "limit" in inner.value.lower()
        for inner in ast.walk(node)
    )


def _measures(node: ast.expr, name: str) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "len"
        and any(isinstance(argument, ast.Name) and argument.id == name for argument in node.args)
    )


def _is_trivial(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value in (0, 1)
