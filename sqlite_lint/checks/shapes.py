"""SQL407, SQL408, SQL414, SQL422, SQL423: literals, comments and JSON values that have another form than meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.checks.cut import mark
from sqlite_lint.checks.seek import items
from sqlite_lint.regex import regex
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.comparison import Range, comparisons
from sqlite_lint.sql.declared import columns_behind
from sqlite_lint.sql.scope import scope_of
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.sql.value import Source, Value, value_of
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_DATE: Final = regex(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})((?:[ T][0-9]{1,2}:[0-9:.]*Z?)?)")
_PADDED: Final = regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FULL: Final = regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?")
_STAMP: Final = regex(r"DATETIME\b.*|TIMESTAMP\b.*|TIMESTAMPTZ\b.*", re.IGNORECASE)
_ESCAPE: Final = regex(r"\\[nrt0\"']")
_HALF_OPEN: Final = frozenset({">=", "<"})
_ENDS: Final = frozenset({"WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "UNION", "INTERSECT", "EXCEPT", "WINDOW"})


def _literals(statement: Statement, form: re.Pattern[str]) -> Iterator[tuple[int, Value, Range, str]]:
    """Each string of this form that is compared: the index of the operator, the string, the other operand, its text."""
    if not any(token.kind is Kind.STRING and form.match(token.value) for token in statement.tokens):
        return
    for comparison in comparisons(statement):
        for operand in comparison.others:
            for one, other in ((operand, comparison.subject), (comparison.subject, operand)):
                value = value_of(statement, one)
                token = statement.tokens[value.at.first]
                if value.source is Source.TEXT and not token.has_hole and form.match(token.value):
                    yield comparison.anchor, value, other, token.value


def unpadded_date(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``day > '2024-3-1'``: texts are compared letter by letter."""
    for _, value, other, text in _literals(statement, _DATE):
        date = _DATE.fullmatch(text)
        if date is None or _PADDED.match(text) or value_of(statement, other).source is not Source.COLUMN:
            continue
        year, month, day, rest = date.groups()
        padded = f"'{year}-{month.zfill(2)}-{day.zfill(2)}{rest}'"
        fix = SqlFix(
            f"Write {padded}", ((statement.span_of(value.at.first, value.at.first), padded),), Applicability.UNSAFE
        )
        yield mark(statement, value.at.first, value.at.end, fix)


def timestamp_form(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``created = '2025-01-01'`` where created is a TIMESTAMP."""
    for anchor, value, other, text in _literals(statement, _PADDED):
        if _FULL.fullmatch(text):
            continue
        if _PADDED.fullmatch(text) and statement.key(anchor) in _HALF_OPEN:
            continue  # the first moment of the day, as meant
        columns = columns_behind(statement, other, context.schema)
        if columns and all(_STAMP.fullmatch(column.declared.strip()) for column in columns):
            yield mark(statement, value.at.first, value.at.end)


def json_type(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``SELECT doc ->> 'n' ... GROUP BY 1``: numbers stay numbers."""
    for query in scope_of(statement).queries:
        if statement.key(query.at.first) != "SELECT":
            continue
        found = []
        for number, (first, end) in enumerate(
            items(statement, query.at.first + 1, _end_of_list(statement, query.at)), 1
        ):
            value = _json_at(statement, first, end)
            if value is not None:
                found.append(number)
                at = value.at.first if value.operator is None else value.operator
                yield mark(statement, at, at + 1)
        if found:
            yield from _grouped(statement, query.at, found)


def _end_of_list(statement: Statement, at: Range) -> int:
    depth = statement.depth[at.first]
    ends = _ENDS | {"FROM"}
    return next((i for i in range(*at) if statement.depth[i] == depth and statement.key(i) in ends), at.end)


def _json_at(statement: Statement, first: int, end: int) -> Value | None:
    if statement.key(first) == "DISTINCT":
        first += 1
    named = next(
        (i for i in range(first, end) if statement.key(i) == "AS" and statement.depth[i] == statement.depth[first]), end
    )
    value = value_of(statement, Range(first, named)) if first < named else None
    return value if value is not None and value.source is Source.JSON and len(value.parts) == 1 else None


def _grouped(statement: Statement, at: Range, found: list[int]) -> Iterator[Hit]:
    depth = statement.depth[at.first]
    for i in range(*at):
        if statement.depth[i] != depth:
            continue
        number = statement.tokens[i + 2].text if i + 2 < at.end else ""
        if statement.keys_at(i, 2) == ("GROUP", "BY") and number.isdigit() and int(number) in found:
            yield mark(statement, i, i + 3)
    if statement.key(at.end) == "UNION" and statement.key(at.end + 1) != "ALL":
        yield mark(statement, at.end, at.end + 1)


def backslash(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    r"""``'a\nb'``: four characters on SQLite."""
    for i, token in enumerate(statement.tokens):
        if token.kind is not Kind.STRING or not _ESCAPE.search(token.value):
            continue
        if token.text[:1] == "'" and statement.key(i - 1) not in {"REGEXP", "RLIKE", "GLOB", "MATCH"}:
            yield mark(statement, i, i + 1)


def executable_comment(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``/*! ... */``: run by MySQL, a comment for SQLite."""
    for token in statement.comments:
        if token.text.startswith("/*!"):
            yield Hit(Span(token.start, token.end), {})
