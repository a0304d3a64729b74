"""SQL445, SQL446: what CURRENT_TIMESTAMP stores, UTC text to the second, and other forms of time beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.checks.cut import mark
from sqlite_lint.checks.seek import items, level_end, seek
from sqlite_lint.checks.times import SHAPE_SPACE, SHAPE_T, Read, default_of, read_all, shape_of, shows_t
from sqlite_lint.checks.whole_file import lift, tables_of
from sqlite_lint.checks.written import Column, writes
from sqlite_lint.regex import regex
from sqlite_lint.rule import Hit, SourceHit, SqlFix
from sqlite_lint.sql.comparison import Range
from sqlite_lint.sql.scope import scope_of
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import HostResult
    from sqlite_lint.rule import FileContext, SqlContext
    from sqlite_lint.sql.schema import Schema
    from sqlite_lint.sql.statement import Statement

_SECONDS: Final = regex(r"CURRENT_TIMESTAMP|\(?\s*datetime\s*\(\s*'now'\s*\)\s*\)?", re.IGNORECASE)
_ENDS_ORDER: Final = frozenset({"LIMIT", "UNION", "EXCEPT", "INTERSECT", "WINDOW", "ROWS", "RANGE", "GROUPS"})
_TITLE: Final = "Let datetime() bring it into the form of the others (in UTC, to the second)"


def mixed(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """Report times with a T that are written to a column which gets times with a space as well."""
    if not any(shows_t(use) for use in result.uses):
        return
    schema = tables_of(result, context)
    found: list[tuple[Read, Column, Range]] = []
    spaced: dict[Column, str] = {}
    filled: dict[Column, bool] = {}  # whether all INSERTs of the file give the column a value
    for each in read_all(result):
        given = list(writes(each.statement, schema))
        for column, value in given:
            shape = shape_of(each, value)
            if shape == SHAPE_T:
                found.append((each, column, value))
            elif shape == SHAPE_SPACE:
                spaced.setdefault(column, " ".join(each.statement.text_of(*value).split()))
        _note_inserts(each.statement, {column for column, _ in given}, schema, filled)
    for each, column, value in found:
        other = spaced.get(column) or _used_default(column, schema, filled)
        if other:
            yield _hit(each, column, value, other)


def _note_inserts(statement: Statement, given: set[Column], schema: Schema, filled: dict[Column, bool]) -> None:
    into = seek(statement, {"INTO"}, 0) if statement.keyword in {"INSERT", "REPLACE"} else None
    tables = scope_of(statement).tables
    known = schema.table(tables[0]) if into is not None and tables else None
    for column in () if known is None else known.columns:
        place = (known.name if known else "", column.name)
        filled[place] = filled.get(place, True) and place in given


def _used_default(column: Column, schema: Schema, filled: dict[Column, bool]) -> str:
    """The DEFAULT of a column that fills it with text with a space, unless all INSERTs of the file give a value."""
    defaults = {definition.default for definition in schema.column(*column)}
    default = defaults.pop() if len(defaults) == 1 else ""
    return f"DEFAULT {default}" if _SECONDS.fullmatch(default) and not filled.get(column, False) else ""


def _hit(read: Read, column: Column, value: Range, other: str) -> SourceHit:
    span = read.statement.span_of(value.first, value.end - 1)
    edits = ((Span(span.start, span.start), "datetime("), (Span(span.end, span.end), ")"))
    fix = SqlFix(_TITLE, edits, Applicability.UNSAFE)
    return lift(Hit(span, {"column": column[1], "other": other}, fix=fix), read.use)


def ties(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``ORDER BY created_at DESC`` alone, where created_at is filled by CURRENT_TIMESTAMP."""
    if not context.schema:
        return
    for at in statement.find("ORDER"):
        if statement.key(at + 1) != "BY" or at + 2 >= len(statement.tokens):
            continue
        end = seek(statement, _ENDS_ORDER, at + 2, level_end(statement, at)) or level_end(statement, at)
        listed = items(statement, at + 2, end)
        first, stop = listed[0]
        if len(listed) != 1 or first >= stop:
            continue
        order = statement.key(stop - 1) if statement.key(stop - 1) in {"ASC", "DESC"} else ""
        column = Range(first, stop - bool(order))
        default = default_of(statement, column, context.schema)
        if default is not None and _SECONDS.fullmatch(default):
            yield mark(statement, *column)
