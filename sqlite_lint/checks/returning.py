"""Rows of RETURNING that are not read before the commit.

SQLite writes all rows before it gives the first one back, but the statement goes on until its last row is read or its
cursor is dropped; COMMIT is refused as long as a statement that writes is going on.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.hosts.deeds import Deeds, deeds_of
from sqlite_lint.hosts.keys import Frame, Key
from sqlite_lint.hosts.model import Engine, Sink
from sqlite_lint.regex import regex
from sqlite_lint.rule import SourceHit
from sqlite_lint.text import Span

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import HostResult, SqlUse
    from sqlite_lint.rule import FileContext

_RETURNING: Final = regex(r"\breturning\b", re.IGNORECASE)
_DRIVERS: Final = frozenset({"sqlite3", "aiosqlite"})
_SETS_MODE: Final = ("isolation_level", "autocommit")


class _Unread(NamedTuple):
    """The cursor whose rows are waiting, and its connection."""

    holder: str  # the name that holds it; "" where aiosqlite's thread does, until its next call
    key: Key
    statement: ast.stmt


def unread(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL464: a commit while a cursor that lives on has rows of RETURNING."""
    uses = {use.anchor: (use, at) for use in result.uses if (at := _returning(use)) is not None}
    deeds = deeds_of(result) if uses else None
    if deeds is None:
        return
    for call in deeds.module.calls:
        found = uses.get(deeds.module.span(call.args[0])) if call.args else None
        waiting = None if found is None else _waiting(deeds, call, found[0].driver == "aiosqlite")
        if found is None or waiting is None or not _in_transaction(deeds, waiting.key, context):
            continue
        commit = _commit(deeds, waiting)
        if commit is not None:
            use, at = found
            place = use.text.locate(at) or use.anchor
            yield SourceHit(place, {"row": str(commit)})


def _returning(use: SqlUse) -> Span | None:
    if use.driver not in _DRIVERS or use.engine is Engine.OTHER or use.sink is not Sink.EXECUTE or use.expects_error:
        return None
    found = _RETURNING.search(use.text.text)
    return None if found is None else Span(*found.span())


def _waiting(deeds: Deeds, call: ast.Call, in_thread: bool) -> _Unread | None:
    """What holds the cursor after the call; None where it is read at once, or dropped."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "execute":
        return None
    value: ast.AST = call
    parent = deeds.module.parents[call]
    if isinstance(parent, ast.Await):
        value, parent = parent, deeds.module.parents[parent]
    key = deeds.key_of(call.func.value, Frame(deeds.module.tree))
    holder: ast.expr
    if isinstance(parent, ast.Assign) and parent.value is value and len(parent.targets) == 1:
        holder = parent.targets[0]
    elif isinstance(parent, ast.Expr) and _is_cursor(deeds, call.func.value):
        holder = call.func.value
    elif isinstance(parent, ast.Expr) and in_thread:
        return _Unread("", key, parent)
    else:
        return None
    if not isinstance(parent, ast.stmt) or not isinstance(holder, ast.Name | ast.Attribute):
        return None
    return _Unread(ast.unparse(holder), key, parent)


def _is_cursor(deeds: Deeds, node: ast.expr) -> bool:
    """Tell whether a name holds a cursor: a connection's own ``execute`` makes one that is dropped at once."""
    if not isinstance(node, ast.Name):
        return False
    found = deeds.module.scope_of(node).lookup(node.id)
    return found is not None and all(_makes_cursor(binding.value) for binding in found[1])


def _makes_cursor(value: ast.expr | None) -> bool:
    while isinstance(value, ast.Await):
        value = value.value
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "cursor"


def _in_transaction(deeds: Deeds, key: Key, context: FileContext) -> bool:
    """Tell whether the connection begins transactions by itself; without them there is nothing to commit."""
    connection = deeds.connection_of(_of_connection(deeds, key))
    if connection is None:
        return not any(word in context.text for word in _SETS_MODE)
    isolation, autocommit = connection.isolation, connection.autocommit
    begins = isolation is None or (isolation.known and isolation.value is not None)
    return begins and (autocommit is None or (autocommit.known and autocommit.value is not True))


def _of_connection(deeds: Deeds, key: Key) -> Key:
    """The key of the connection behind a cursor that has a name."""
    if key[0] != "name":
        return key
    for scope in deeds.module.scopes.values():
        if id(scope) == key[1]:
            made = [binding.value for binding in scope.names.get(str(key[2]), ())]
            if len(made) == 1 and made[0] is not None and _makes_cursor(made[0]):
                return deeds.key_of(made[0], Frame(deeds.module.tree))
    return key


def _commit(deeds: Deeds, waiting: _Unread) -> int | None:
    """The line of the commit that comes before anything is done with the cursor."""
    key = _of_connection(deeds, waiting.key)
    statement: ast.stmt = waiting.statement
    while True:
        for following in _after(deeds, statement):
            row, goes_on = _looked_through(deeds, following, waiting.holder, key)
            if row is not None or not goes_on:
                return row
        around = deeds.module.parents[statement]
        if not isinstance(around, ast.With):
            return None
        if any(_is_connection(deeds, item, key) for item in around.items):
            return around.lineno
        statement = around


def _after(deeds: Deeds, statement: ast.stmt) -> list[ast.stmt]:
    around = deeds.module.parents[statement]
    for name in ("body", "orelse", "finalbody", "handlers"):
        block = getattr(around, name, None)
        if isinstance(block, list) and statement in block:
            return block[block.index(statement) + 1 :]
    return []


def _looked_through(deeds: Deeds, statement: ast.stmt, holder: str, key: Key) -> tuple[int | None, bool]:
    """The line of the commit in a statement, and whether what follows it counts."""
    nodes = sorted((n for n in ast.walk(statement) if isinstance(n, ast.expr | ast.stmt)), key=deeds.module.order.get)  # type: ignore[arg-type]
    for node in nodes:
        if isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) == holder:
            return None, False
        if isinstance(node, ast.Return | ast.Raise | ast.Break | ast.Continue | ast.FunctionDef | ast.AsyncFunctionDef):
            return None, False
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr == "commit":
            same = _of_connection(deeds, deeds.key_of(node.func.value, Frame(deeds.module.tree))) == key
            return (node.lineno, False) if same and not node.args else (None, False)
        if not holder:
            return None, False
    return None, True


def _is_connection(deeds: Deeds, item: ast.withitem, key: Key) -> bool:
    """Tell whether the end of a ``with`` commits: that of sqlite3's connection does."""
    node = item.optional_vars if item.optional_vars is not None else item.context_expr
    opened = deeds.opened.get(item.context_expr)
    if isinstance(item.context_expr, ast.Call) and opened is None:
        return False
    if opened is not None and opened.driver != "sqlite3":
        return False
    return isinstance(node, ast.Name | ast.Attribute) and deeds.key_of(node, Frame(deeds.module.tree)) == key
