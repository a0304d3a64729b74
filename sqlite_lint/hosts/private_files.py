"""Databases that no other connection can have open: temporary files of the code's own, and memory behind a name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.module import BindingKind, Module
from sqlite_lint.hosts.values import Values
from sqlite_lint.regex import regex

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import Connection

_WORD: Final = regex(r"(?:^|_)(?:temp|tmp|temporary|tempfile|scratch)(?:_|$)")
_HUMP: Final = regex(r"(?<=[a-z0-9])(?=[A-Z])")
_MAKERS: Final = frozenset(
    {"mkstemp", "mkdtemp", "mktemp", "NamedTemporaryFile", "TemporaryDirectory", "TemporaryFile"}
)


def is_private(connection: Connection, module: Module) -> bool:
    """Tell whether the source shows that nobody else opens what a connection opens."""
    call = module.call_at(connection.call)
    if call is None:
        return False
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    path = call.args[0] if call.args else keywords.get("database")
    return path is not None and (_is_temporary(path, module, 4) or _is_memory_here(path, call, module))


def _is_temporary(expr: ast.expr, module: Module, depth: int) -> bool:
    """Tell whether a path is made with ``tempfile``, or is called temporary."""
    for node in ast.walk(expr):
        if isinstance(node, ast.Call) and module.called_name(node) in _MAKERS:
            return True
        if isinstance(node, ast.Name | ast.Attribute):
            name = node.id if isinstance(node, ast.Name) else node.attr
            if _WORD.search(_HUMP.sub("_", name).lower()):
                return True
            if depth and any(_is_temporary(value, module, depth - 1) for value in _values(node, module)):
                return True
    return False


def _values(node: ast.Name | ast.Attribute, module: Module) -> Iterator[ast.expr]:
    """What the code of this file assigns to a name, or to an attribute of the same class."""
    if isinstance(node, ast.Name):
        found = module.scope_of(node).lookup(node.id)
        bindings = found[1] if found is not None else []
    else:
        owner = module.class_of(node)
        methods = [
            scope for scope in module.scopes.values() if owner is not None and module.class_of(scope.node) is owner
        ]
        bindings = [binding for scope in methods for binding in scope.names.get(ast.unparse(node), ())]
    for binding in bindings:
        if binding.kind in (BindingKind.ASSIGN, BindingKind.WITH) and binding.value is not None:
            yield binding.value


def _is_memory_here(path: ast.expr, call: ast.Call, module: Module) -> bool:
    """Tell whether the branch is taken for ``:memory:`` only."""
    text, child = ast.unparse(path), call
    node: ast.AST = child
    for around in module.ancestors(call):
        test = around.test if isinstance(around, ast.If | ast.IfExp) else None
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            other = _compared_with(test, text)
            equal, differs = isinstance(test.ops[0], ast.Eq), isinstance(test.ops[0], ast.NotEq)
            body = around.body if isinstance(around, ast.If) else [around.body] if isinstance(around, ast.IfExp) else []
            if other is not None and (equal if node in body else differs) and _is_memory(other, module):
                return True
        node = around
    return False


def _compared_with(test: ast.Compare, text: str) -> ast.expr | None:
    sides = (test.left, test.comparators[0])
    return next((sides[1 - n] for n, side in enumerate(sides) if ast.unparse(side) == text), None)


def _is_memory(expr: ast.expr, module: Module) -> bool:
    values = Values(module).of(expr)
    return bool(values) and all(value.value in (":memory:", "") for value in values)
