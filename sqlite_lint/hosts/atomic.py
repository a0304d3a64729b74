"""Blocks in which an ORM runs a transaction, and whether they read before they write.

Only the order of the source counts.  Queries that are not run where they are written (``Model.objects.filter()``) do
not count as reads.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from sqlite_lint.hosts.expressions import last_name
from sqlite_lint.hosts.module import Function

_SHORTCUTS: Final = frozenset({"get_object_or_404", "get_list_or_404", "aget_object_or_404"})
_ENDS: Final = ("get", "first", "last", "exists", "count", "aggregate", "in_bulk", "latest", "earliest")
_BOTH: Final = frozenset({"get_or_create", "update_or_create", "aget_or_create", "aupdate_or_create"})
_CHAINED_READS: Final = frozenset([*_ENDS, *(f"a{name}" for name in _ENDS)])
_CHAINED_WRITES: Final = frozenset(
    [
        *("create", "bulk_create", "bulk_update", "update", "delete"),
        *("acreate", "abulk_create", "abulk_update", "aupdate", "adelete"),
    ]
)
_OBJECT_WRITES: Final = frozenset({"save", "asave", "delete_instance"})
_CLASS_READS: Final = frozenset({"get", "get_or_none", "get_by_id", "select", "first", "filter", "all"})
_CLASS_WRITES: Final = frozenset(
    {"create", "insert", "insert_many", "update", "delete", "delete_by_id", "replace", "bulk_create", "bulk_update"}
)


class Vocabulary(NamedTuple):
    """How an ORM's calls are told: through managers (``Model.objects.get()``), or on the class (``Model.get()``)."""

    manager: str = ""


DJANGO: Final = Vocabulary(manager="objects")
OF_CLASSES: Final = Vocabulary()  # peewee, Tortoise ORM


class Access(NamedTuple):
    reads: bool
    writes: bool


NEITHER: Final = Access(False, False)


def blocks(tree: ast.AST) -> Iterator[tuple[ast.expr, list[ast.stmt]]]:
    """Each ``with expr:`` and each function below ``@expr``, with what runs inside."""
    for node in ast.walk(tree):
        if isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                yield item.context_expr, node.body
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                yield decorator, node.body


def first_upgrade(body: Iterable[ast.stmt], vocabulary: Vocabulary) -> ast.Call | None:
    """The first write of a block before which it only read; None if there is none."""
    order = _Order(vocabulary)
    order.block(body, {False})
    return order.found


class _Order:
    """Goes through a block in order with the states that it may be in: read something (True), or nothing yet (False).

    Past a write it holds the lock: that path is of no more interest, as little as one that leaves the block.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self.found: ast.Call | None = None

    def block(self, body: Iterable[ast.stmt], states: set[bool]) -> set[bool]:
        for statement in body:
            states = self._statement(statement, states)
        return states

    def _statement(self, node: ast.stmt, states: set[bool]) -> set[bool]:
        if not states or isinstance(node, Function | ast.ClassDef):
            return states
        if isinstance(node, ast.If):
            states = self._calls([node.test], states)
            return self.block(node.body, set(states)) | self.block(node.orelse, set(states))
        inner: list[ast.stmt] = []
        for name in ("body", "handlers", "orelse", "finalbody"):
            for child in getattr(node, name, ()):
                inner += child.body if isinstance(child, ast.ExceptHandler) else [child]
        own = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr | ast.withitem)]
        states = self.block(inner, self._calls(own, states))
        return set() if isinstance(node, ast.Return | ast.Raise | ast.Continue | ast.Break) else states

    def _calls(self, nodes: Iterable[ast.AST], states: set[bool]) -> set[bool]:
        for node in nodes:
            for call in _in_order(node):
                access = self._access(call)
                if access.reads and states:
                    states = {True}
                if access.writes:
                    if True in states and self.found is None:
                        self.found = call
                    states = set()
        return states

    def _access(self, call: ast.Call) -> Access:
        name = last_name(call.func)
        if self._vocabulary.manager:
            return _of_manager(call, name, self._vocabulary.manager)
        return _of_class(call, name)


def _in_order(node: ast.AST) -> Iterator[ast.Call]:
    """The calls in an expression, inner ones first; of a chain of calls only the last."""
    if isinstance(node, ast.Lambda):
        return
    links = _links(node) if isinstance(node, ast.Call) else []
    for child in ast.iter_child_nodes(node):
        for call in _in_order(child):
            if not any(call is link for link in links):
                yield call
    if isinstance(node, ast.Call):
        yield node


def _links(call: ast.Call) -> list[ast.Call]:
    """The calls that a chain goes on from: ``a.b()`` of ``a.b().c()``."""
    found: list[ast.Call] = []
    node: ast.expr = call.func
    while isinstance(node, ast.Attribute | ast.Call):
        if isinstance(node, ast.Call):
            found.append(node)
        node = node.func if isinstance(node, ast.Call) else node.value
    return found


def _of_manager(call: ast.Call, name: str, manager: str) -> Access:
    if name in _SHORTCUTS:
        return Access(True, False)
    if name in _OBJECT_WRITES:
        return Access(False, isinstance(call.func, ast.Attribute))
    attributes = {node.attr for node in ast.walk(call.func) if isinstance(node, ast.Attribute)}
    if manager not in attributes:
        return NEITHER
    if name in _BOTH:
        return Access(True, True)
    return Access(name in _CHAINED_READS, name in _CHAINED_WRITES)


def _of_class(call: ast.Call, name: str) -> Access:
    """``Item.get(...)``, ``Item.update(...).execute()``, ``item.save()``: classes are told by their capital letter."""
    if name in _OBJECT_WRITES:
        return Access(False, isinstance(call.func, ast.Attribute))
    first = _links(call)[-1] if _links(call) else call
    owner = first.func.value if isinstance(first.func, ast.Attribute) else None
    if not isinstance(owner, ast.Name) or not owner.id[:1].isupper():
        return NEITHER
    method = first.func.attr if isinstance(first.func, ast.Attribute) else ""
    if method in ("get_or_create", "update_or_create"):
        return Access(True, True)
    if method == "filter" and name in ("update", "delete"):
        return Access(False, True)
    return Access(method in _CLASS_READS, method in _CLASS_WRITES)
