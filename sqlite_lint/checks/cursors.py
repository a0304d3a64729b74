"""Cursors that are used for something else while their rows are still being read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.deeds import Deed, Deeds, Event, deeds_of
from sqlite_lint.hosts.keys import Frame
from sqlite_lint.hosts.model import Engine
from sqlite_lint.rule import SourceHit

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import HostResult
    from sqlite_lint.rule import FileContext

_EXECUTING: Final = frozenset({"execute", "executemany", "executescript"})
_LEAVING: Final = (ast.Break, ast.Return, ast.Raise)


def reused(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL504: a cursor executes another statement while a loop reads its rows: the loop ends there."""
    deeds = deeds_of(result)
    if deeds is None:
        return
    others = {use.anchor for use in result.uses if use.engine is Engine.OTHER}
    for loop in deeds.module.of(ast.For, ast.AsyncFor):
        name = _cursor_read_by(loop)
        call = None if name is None else _executed_inside(loop, name)
        if call is None or (call.args and deeds.module.span(call.args[0]) in others):
            continue
        if name is None or not _is_cursor(deeds, loop, name):
            continue
        yield SourceHit(deeds.module.span(call.func), {"name": name, "row": str(loop.lineno)})


def _cursor_read_by(loop: ast.For | ast.AsyncFor) -> str | None:
    """The name of the cursor in ``for row in cursor:`` and ``for row in cursor.execute(...):``."""
    node = loop.iter
    if isinstance(node, ast.Await):
        node = node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "execute":
        node = node.func.value
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else None


def _is_cursor(deeds: Deeds, loop: ast.AST, name: str) -> bool:
    """Tell whether all that gives the name a value in its function, or the attribute in its file, makes cursors."""
    module = deeds.module
    scope: ast.AST = module.tree if "." in name else module.function_of(loop) or module.tree
    made = [
        node.value
        for node in ast.walk(scope)
        if isinstance(node, ast.Assign) and any(_text(target) == name for target in node.targets)
    ]
    return bool(made) and all(_makes_cursor(value) for value in made)


def _text(node: ast.expr) -> str:
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""


def _makes_cursor(value: ast.expr) -> bool:
    if isinstance(value, ast.Await):
        value = value.value
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "cursor"


def _executed_inside(loop: ast.For | ast.AsyncFor, name: str) -> ast.Call | None:
    """The first call in the body that executes something on the cursor, unless the loop is left after it."""
    for statement in loop.body:
        for node in ast.walk(statement):
            function = node.func if isinstance(node, ast.Call) else None
            if not isinstance(function, ast.Attribute) or not isinstance(node, ast.Call):
                continue
            if function.attr in _EXECUTING and _text(function.value) == name:
                return None if _leaves(loop) else node
    return None


# -- writing what is being read


def endless(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL505: rows are inserted into the table that a loop is reading: the loop may find them again."""
    deeds = deeds_of(result)
    if deeds is None:
        return
    others = {use.anchor for use in result.uses if use.engine is Engine.OTHER}
    for loop in deeds.module.of(ast.For, ast.AsyncFor):
        if not isinstance(loop.iter, ast.Call):
            continue
        frame = Frame(deeds.module.tree)
        read = _sole(deeds.events(loop.iter, frame), Deed.READ)
        if read is None or not read.table or _bounded(deeds, read):
            continue
        write = _inserted(deeds, loop, read, frame)
        if write is not None and write.text is not None and deeds.module.span(write.text) not in others:
            place = write.node.func if isinstance(write.node, ast.Call) else write.node
            yield SourceHit(deeds.module.span(place), {"table": read.table, "row": str(loop.lineno)})


def _sole(events: list[Event] | None, deed: Deed) -> Event | None:
    return events[0] if events is not None and len(events) == 1 and events[0].deed is deed else None


def _bounded(deeds: Deeds, read: Event) -> bool:
    """Sorting and grouping read all rows before the first is given; LIMIT and conditions end the loop somewhere."""
    assert read.text is not None
    texts = deeds.texts(read.text, Frame(deeds.module.tree))
    words = {word for text in texts if text is not None for word in text.upper().replace("(", " ").split()}
    return bool(words & {"ORDER", "GROUP", "DISTINCT", "LIMIT", "WHERE", "UNION", "JOIN", "COUNT", "MAX", "MIN", "SUM"})


def _inserted(deeds: Deeds, loop: ast.For | ast.AsyncFor, read: Event, frame: Frame) -> Event | None:
    for statement in loop.body:
        for node in ast.walk(statement):
            if not isinstance(node, ast.Call):
                continue
            write = _sole(deeds.events(node, frame), Deed.WRITE)
            same = write is not None and write.key == read.key and write.table == read.table
            if same and write is not None and write.keyword == "INSERT" and not _leaves(loop):
                return write
    return None


def _leaves(loop: ast.For | ast.AsyncFor) -> bool:
    return any(isinstance(inner, _LEAVING) for statement in loop.body for inner in ast.walk(statement))
