"""What a call hands over, through dicts that it unpacks, and what is known of each value."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from sqlite_lint.hosts.model import Connection, Known
from sqlite_lint.hosts.module import BindingKind, Module, Scope
from sqlite_lint.hosts.values import Value, Values


class Opened(NamedTuple):
    """A connection, and the node whose value it is."""

    connection: Connection
    node: ast.expr


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a call hands to the function that opens; ``open`` if ``*args`` or ``**kwargs`` may hold more."""

    call: ast.Call
    positional: tuple[ast.expr, ...]
    keywords: dict[str, ast.expr]
    open: bool
    takes_keywords: bool = True

    def get(self, name: str | None, position: int | None = None) -> ast.expr | None:
        if name is not None and name in self.keywords:
            return self.keywords[name]
        if position is not None and position < len(self.positional):
            return self.positional[position]
        return None


class ArgumentReader:
    """Reads arguments in one module."""

    def __init__(self, module: Module, values: Values) -> None:
        self.module = module
        self.values = values
        self._stored = _stored(module)

    def read(self, call: ast.Call, skip: int = 0) -> Arguments:
        """The arguments of ``call`` without its first ``skip``."""
        positional = tuple(call.args[skip:])
        is_open = any(isinstance(argument, ast.Starred) for argument in positional)
        keywords: dict[str, ast.expr] = {}
        for keyword in call.keywords:
            if keyword.arg is not None:
                keywords[keyword.arg] = keyword.value
                continue
            inner = self._sole_entries(keyword.value)
            if inner is None:
                is_open = True
            else:
                keywords.update(inner)
        return Arguments(call, positional, keywords, is_open)

    def _sole_entries(self, node: ast.expr) -> dict[str, ast.expr] | None:
        """The entries of a dict that is written once, with those added to it by ``name[key] = value``."""
        written = self.sole_node(node)
        entries = self.values.entries(written) if written is not None else None
        added = self.added_entries(node)
        return None if entries is None or added is None else entries | added

    def added_entries(self, node: ast.expr) -> dict[str, ast.expr] | None:
        """What is added to the dict behind a name after it was written; None if that cannot be told."""
        if not isinstance(node, ast.Name):
            return {}
        if any(binding.kind is BindingKind.EXTEND for binding in self.values.bindings(node)):
            return None
        found: dict[str, ast.expr] = {}
        for holder, key, value in self._stored.get(node.id, ()):
            if self._scope(holder) is not self._scope(node):
                continue
            if value is None or key == "*":
                return None
            found[key] = value
        return found

    def _scope(self, name: ast.Name) -> Scope | None:
        found = self.module.scope_of(name).lookup(name.id)
        return found[0] if found else None

    def sole_node(self, node: ast.expr | None) -> ast.expr | None:
        """The one dict, list or tuple that ``node`` stands for, where it is written."""
        values = self.values.of(node)
        return values[0].value if len(values) == 1 and isinstance(values[0].value, ast.expr) else None

    def known(self, node: ast.expr | None) -> Known | None:
        """What is known of the value of ``node``; None if there is no node."""
        return known(self.module, self.values, node)


def known(module: Module, values: Values, node: ast.expr | None) -> Known | None:
    """What is known of the value of ``node``; None if there is no node."""
    if node is None:
        return None
    found = values.of(node)
    span = module.span(node) if hasattr(node, "lineno") else None
    if len(found) == 1 and not found[0].fallback and _is_simple(found[0]):
        return Known(found[0].value, True, span)
    fallbacks = [value.value for value in found if value.fallback and _is_simple(value)]
    return Known(None, False, span, fallbacks[0] if len(fallbacks) == 1 else None)


def _is_simple(value: Value) -> bool:
    return value.known and not isinstance(value.value, ast.AST)


def _stored(module: Module) -> dict[str, list[tuple[ast.Name, str, ast.expr | None]]]:
    """What is stored in the dict behind each name: the name's node, the key and the value, if it can be told."""
    found: dict[str, list[tuple[ast.Name, str, ast.expr | None]]] = {}
    for holder, key, value in stored_entries(module):
        nested = isinstance(holder, ast.Subscript)
        while isinstance(holder, ast.Subscript):
            holder = holder.value
        if isinstance(holder, ast.Name):
            found.setdefault(holder.id, []).append((holder, key, None if nested else value))
    return found


def stored_entries(module: Module) -> Iterator[tuple[ast.expr, str, ast.expr | None]]:
    """Dicts, and the keys and values stored in them by ``d[key] = value`` and its like; key "*" and value None where
    they cannot be told."""
    for node in module.of(ast.Subscript):
        if isinstance(node.ctx, ast.Store):
            statement = module.parents[node]
            value = statement.value if isinstance(statement, ast.Assign) else None
            yield node.value, _key(node.slice), value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr == "setdefault" and node.args:
                yield node.func.value, _key(node.args[0]), node.args[1] if len(node.args) > 1 else None
            elif node.func.attr == "update":
                yield node.func.value, "*", None


def _key(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else "*"
