"""SQL440, SQL444: time stamps with a T compared with those that have a space, which SQLite compares as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.checks.bound import Bound
from sqlite_lint.checks.dates import date_text
from sqlite_lint.checks.whole_file import lift, tables_of
from sqlite_lint.checks.written import Column, writes
from sqlite_lint.hosts.model import Engine
from sqlite_lint.hosts.times import Time
from sqlite_lint.regex import regex
from sqlite_lint.rule import Hit, SourceHit, SqlFix
from sqlite_lint.sql.comparison import Range, comparisons
from sqlite_lint.sql.scope import scope_of
from sqlite_lint.sql.statement import split
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.sql.value import Source, value_of
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import HostResult, SqlUse
    from sqlite_lint.rule import FileContext
    from sqlite_lint.sql.schema import Schema
    from sqlite_lint.sql.statement import Statement

_T_TEXT: Final = regex(r"\d{4}-\d\d-\d\dT\d\d(?::?\d\d.*)?")
_T_FORM: Final = regex(r"%Y-%m-%dT%H.*", re.DOTALL)
_SPACE_FORM: Final = regex(r"%Y-%m-%d %H.*", re.DOTALL)
_SPACE_DEFAULT: Final = regex(r"CURRENT_TIMESTAMP|\(?\s*datetime\s*\(\s*(?:'now'.*)?\)\s*\)?", re.IGNORECASE)
_T_DEFAULT: Final = regex(r"\(?\s*strftime\s*\(\s*'%Y-%m-%dT%H[^']*'\s*,\s*'now'.*\)\s*\)?", re.IGNORECASE)
_WITH_ADAPTERS: Final = frozenset({"sqlite3", "aiosqlite"})
_ANY_T: Final = regex(r"'\d{4}-\d\d-\d\dT|%dT%H")

SHAPE_T, SHAPE_SPACE = "T", " "
_UNSAFE_TITLE: Final = "Let datetime() bring it into the form of the other (in UTC, to the second)"


class Read(NamedTuple):
    use: SqlUse
    statement: Statement
    bound: Bound


class _Side(NamedTuple):
    shape: str
    at: Range


def check(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """Report comparisons of both shapes; what a column holds is told by its DEFAULT and by the writes of the file."""
    if not any(shows_t(use) for use in result.uses):
        return
    read = read_all(result)
    written: dict[Column, set[str]] = {}
    schema = tables_of(result, context)
    for each in read:
        for column, value in writes(each.statement, schema):
            shape = shape_of(each, value)
            written.setdefault(column, set()).add(shape or "?")
    for each in read:
        yield from _hits(each, written, schema)


def read_all(result: HostResult) -> list[Read]:
    """All statements of a file that are for SQLite, with what is bound to them."""
    return [
        Read(use, statement, Bound(statement, use.params))
        for use in result.uses
        if use.engine is not Engine.OTHER and not use.expects_error
        for statement in split(use.text.text)
    ]


def adapted(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """Report date and datetime objects that sqlite3 brings into text by its own, deprecated adapters."""
    if "register_adapter" in context.text:
        return
    for use in result.uses:
        if use.driver not in _WITH_ADAPTERS or use.engine is Engine.OTHER or not use.params.times:
            continue
        for statement in split(use.text.text):
            bound = Bound(statement, use.params)
            for i, token in enumerate(statement.tokens):
                time = bound.time(i)
                if time is Time.DATETIME or time is Time.DATE:
                    place = use.text.locate(Span(token.start, token.end)) or use.anchor
                    yield SourceHit(place, {"text": token.text, "kind": time.value})


def shows_t(use: SqlUse) -> bool:
    return Time.ISO in use.params.times.values() or _ANY_T.search(use.text.text) is not None


def default_of(statement: Statement, operand: Range, schema: Schema) -> str | None:
    """The DEFAULT of a column that is filled with the time of the insert, as text with a space; else None."""
    column = _column(statement, operand, schema)
    default = _default(column, schema) if column is not None else ""
    return default if _SPACE_DEFAULT.fullmatch(default) else None


def _default(column: Column, schema: Schema) -> str:
    """The DEFAULT of a column as it is written, "" where there is none, or more than one."""
    defaults = {each.default for each in schema.column(*column)}
    return defaults.pop() if len(defaults) == 1 else ""


def _shape_of_default(column: Column, schema: Schema) -> str | None:
    default = _default(column, schema)
    return SHAPE_SPACE if _SPACE_DEFAULT.fullmatch(default) else SHAPE_T if _T_DEFAULT.fullmatch(default) else None


def shape_of(read: Read, operand: Range) -> str | None:
    """The shape of a value that is no column; None for what is neither."""
    statement = read.statement
    call = date_text(statement, operand)
    if call is not None:
        if call.name in {"DATETIME", "CURRENT_TIMESTAMP"} or _SPACE_FORM.fullmatch(call.form):
            return SHAPE_SPACE
        return SHAPE_T if _T_FORM.fullmatch(call.form) else None
    value = value_of(statement, operand)
    if value.source is Source.TEXT:
        return SHAPE_T if _T_TEXT.fullmatch(statement.tokens[value.at.first].value) else None
    if value.source is Source.PARAM:
        return SHAPE_T if read.bound.time(value.at.first) is Time.ISO else None  # objects: as their adapter likes
    return None


def _column(statement: Statement, operand: Range, schema: Schema) -> Column | None:
    """The column that the operand names, if its table is beyond doubt."""
    value = value_of(statement, operand)
    if value.source is not Source.COLUMN:
        return None
    name = statement.tokens[value.at.end - 1].name
    tables = scope_of(statement).tables
    if len(tables) > 1:
        tables = tuple(table for table in tables if schema.column(table, name))
    return (tables[0], name) if len(tables) == 1 else None


def _hits(read: Read, written: dict[Column, set[str]], schema: Schema) -> Iterator[SourceHit]:
    for comparison in comparisons(read.statement):
        for other in comparison.others:
            sides = [_side(read, operand, written, schema) for operand in (comparison.subject, other)]
            shapes = {side.shape for side in sides if side is not None}
            if shapes == {SHAPE_T, SHAPE_SPACE}:
                one, two = (side for side in sides if side is not None)
                yield _hit(read, *((one, two) if one.shape == SHAPE_T else (two, one)))


def _side(read: Read, operand: Range, written: dict[Column, set[str]], schema: Schema) -> _Side | None:
    shape = shape_of(read, operand)
    if shape is None:
        column = _column(read.statement, operand, schema)
        if column is not None:
            shapes = written.get(column, set())
            if len(shapes) == 1:
                shape = next(iter(shapes))
            elif not shapes:
                shape = _shape_of_default(column, schema)
    return None if shape is None else _Side(shape, operand)


def _hit(read: Read, with_t: _Side, with_space: _Side) -> SourceHit:
    span = read.statement.span_of(with_t.at.first, with_t.at.end - 1)
    edits = ((Span(span.start, span.start), "datetime("), (Span(span.end, span.end), ")"))
    values = {"one": _shown(read, with_t), "other": _shown(read, with_space)}
    fix = SqlFix(_UNSAFE_TITLE, edits, Applicability.UNSAFE)
    return lift(Hit(span, values, fix=fix), read.use)


def _shown(read: Read, side: _Side) -> str:
    text = " ".join(read.statement.text_of(*side.at).split())
    is_bound = read.statement.tokens[side.at.first].kind is Kind.PARAM
    return f"what is bound to {text}" if is_bound else text
