"""Errors of a locked database that nobody gets to see."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.areas import area_of
from sqlite_lint.hosts.deeds import Deed, Deeds, deeds_of
from sqlite_lint.hosts.keys import Frame
from sqlite_lint.hosts.model import Engine
from sqlite_lint.regex import regex
from sqlite_lint.rule import SourceHit

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import HostResult
    from sqlite_lint.rule import FileContext
    from sqlite_lint.text import Span

_LOCKED: Final = regex(r"(?:sqlite3|aiosqlite|pysqlite3|sqlcipher3)\.(?:OperationalError|DatabaseError|Error)$")


def lost(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL507: ``except OperationalError: pass`` around a write."""
    deeds = deeds_of(result)
    if deeds is None or area_of(context.path, context.project) == "test":
        return
    others = {use.anchor for use in result.uses if use.engine is Engine.OTHER or use.expects_error}
    for node in deeds.module.of(ast.Try):
        if not (handler := _silent(deeds, node)):
            continue
        keyword = _only_writes(deeds, node, others)
        if keyword:
            assert handler.type is not None
            yield SourceHit(deeds.module.span(handler.type), {"keyword": keyword})


def _silent(deeds: Deeds, node: ast.Try) -> ast.ExceptHandler | None:
    """The handler that catches SQLite's errors by name and does nothing."""
    for handler in node.handlers:
        dotted = deeds.module.dotted(handler.type) if handler.type is not None else None
        nothing = all(
            isinstance(statement, ast.Pass)
            or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
            for statement in handler.body
        )
        if dotted is not None and _LOCKED.search(dotted) and nothing:
            return handler
    return None


def _only_writes(deeds: Deeds, node: ast.Try, others: set[Span]) -> str:
    """The first write of a body that changes rows and no tables; "" if there is none.

    Errors of ALTER TABLE and DELETE are swallowed on purpose: the column may be there already, the table may not.
    """
    frame = Frame(deeds.module.tree)
    first = ""
    for statement in node.body:
        for inner in ast.walk(statement):
            for event in (deeds.events(inner, frame) or ()) if isinstance(inner, ast.Call) else ():
                if event.deed in (Deed.CHANGE, Deed.UNKNOWN, Deed.SCRIPT) or event.keyword == "DELETE":
                    return ""
                if event.deed is Deed.WRITE and event.text is not None:
                    if deeds.module.span(event.text) in others:
                        return ""
                    first = first or event.keyword
    return first
