"""What a call hands over, through dicts that it unpacks, and what is known of each value."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlite_lint.hosts.model import Connection, Known
from sqlite_lint.hosts.module import BindingKind, Module
from sqlite_lint.hosts.values import Value, Values

_ADDING: Final = frozenset({"timeout", "connect_args", "OPTIONS", "*"})
"""Keys by which a dict that is changed after it was written may come to hold a timeout; "*" is any key."""


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
        self._stored_keys = _stored_keys(module)

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
        """The entries of a dict that is written once and never changed afterwards."""
        written = self.sole_node(node)
        return None if written is None or self.is_changed(node) else self.values.entries(written)

    def is_changed(self, node: ast.expr) -> bool:
        """Tell whether entries may be added to the dict behind a name after it was written."""
        if not isinstance(node, ast.Name):
            return False
        if not _ADDING.isdisjoint(self._stored_keys.get(node.id, ())):
            return True
        return any(binding.kind is BindingKind.EXTEND for binding in self.values.bindings(node))

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


def _stored_keys(module: Module) -> dict[str, set[str]]:
    """For each name the keys that ``name[key] = ...`` and its like give it; "*" if computed."""
    found: dict[str, set[str]] = {}
    for holder, key in stored_keys(module):
        while isinstance(holder, ast.Subscript):
            holder = holder.value
        if isinstance(holder, ast.Name):
            found.setdefault(holder.id, set()).add(key)
    return found


def stored_keys(module: Module) -> Iterator[tuple[ast.expr, str]]:
    """Dicts and the keys stored in them by ``d[key] = ...``, ``d.setdefault(key, ...)`` and ``d.update(...)``."""
    for node in module.nodes:
        key: ast.expr | None
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            holder, key = node.value, node.slice
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("setdefault", "update")
        ):
            holder, key = node.func.value, (node.args[0] if node.args else None)
        else:
            continue
        is_text = isinstance(key, ast.Constant) and isinstance(key.value, str)
        yield holder, (key.value if is_text else "*")  # type: ignore[union-attr]
