"""SQL473, SQL474, SQL477: division by zero, integers beyond 64 bits, numbers compared with columns of text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.checks.bound import Bound
from sqlite_lint.checks.cut import mark
from sqlite_lint.checks.seek import is_inside_call
from sqlite_lint.diagnostic import Severity
from sqlite_lint.hosts.model import ValueType
from sqlite_lint.regex import regex
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.comparison import Range, comparisons
from sqlite_lint.sql.declared import columns_behind, compared_names, operations
from sqlite_lint.sql.primary import MULTIPLY
from sqlite_lint.sql.schema import Affinity
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.sql.value import Source, Value, value_of
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_LARGEST: Final = 2**63 - 1
_LONG: Final = regex(r"[0-9_]{19}")
_COUNTING: Final = frozenset({"COUNT", "SUM", "TOTAL", "LENGTH", "AVG"})
_CHOOSING: Final = frozenset({"COALESCE", "IFNULL", "NULLIF"})
_NUMBERS: Final = (Kind.NUMBER, Kind.PARAM)
_YEARS: Final = range(1900, 2100)

_ALWAYS: Final = "{text} is NULL for every row: SQLite reports no division by zero"
_OVERFLOW: Final = "{text} is no 64-bit integer: SQLite goes on with the REAL {real}"


def by_zero(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``total / count`` where count may be zero."""
    compared: frozenset[str] | None = None
    for _, left, right in operations(statement, frozenset({"/", "%"}), MULTIPLY):
        token = statement.tokens[right.first]
        if right.end == right.first + 1 and token.kind is Kind.NUMBER:
            if not token.text.strip("0._"):
                hit = mark(statement, left.first, right.end)
                yield hit._replace(message=_ALWAYS, severity=Severity.WARNING)
            continue
        is_count = token.key in _COUNTING and statement.key(right.first + 1) == "("
        if not is_count and value_of(statement, right).source is not Source.COLUMN:
            continue
        compared = compared_names(statement) if compared is None else compared
        if statement.tokens[right.end - 1].name not in compared and not _sees_to_null(statement, right.first):
            span = statement.span_of(right.first, right.end - 1)
            edits = ((Span(span.start, span.start), "nullif("), (Span(span.end, span.end), ", 0)"))
            yield mark(statement, *right, SqlFix("Say that NULL is meant", edits, Applicability.SAFE))


def _sees_to_null(statement: Statement, index: int) -> bool:
    """Tell whether the token stands in CASE, COALESCE or NULLIF: whoever wrote that thought of the case."""
    return "CASE" in statement.keys or is_inside_call(statement, index, _CHOOSING)


def overflow(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``18446744073709551615``, and ``9223372036854775807 + 1``."""
    if not _LONG.search(statement.sql):
        return
    for i, token in enumerate(statement.tokens):
        if token.kind is not Kind.NUMBER or len(token.text) < 19:
            continue
        digits = token.text.replace("_", "")
        if not digits.isdecimal():
            continue
        is_negative = statement.key(i - 1) == "-" and statement.tokens[i - 1].end == token.start
        number = int(digits)
        if number == _LARGEST and statement.key(i + 1) in {"+", "*"} and statement.key(i + 2) not in {"0", ""}:
            yield _overflow(statement, i, i + 3, float(number))
        elif number > _LARGEST + is_negative and int(float(number)) != number:
            yield _overflow(statement, i, i + 1, float(number))


def _overflow(statement: Statement, first: int, end: int, real: float) -> Hit:
    hit = mark(statement, first, min(end, len(statement.tokens)))
    return hit._replace(values={**hit.values, "real": repr(real)}, message=_OVERFLOW)


def ordered_as_text(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``price > 9`` where price is TEXT."""
    if not context.schema:
        return
    bound = Bound(statement, context.use.params)
    for comparison in comparisons(statement):
        if not comparison.ordering:
            continue
        sides = [(comparison.subject, other) for other in comparison.others]
        for column, number in sides + [(other, subject) for subject, other in sides]:
            if all(token.kind not in _NUMBERS for token in statement.tokens[number.first : number.end]):
                continue
            definitions = columns_behind(statement, column, context.schema)
            is_text = bool(definitions) and all(each.affinity is Affinity.TEXT for each in definitions)
            if is_text and _is_number(statement, bound, value_of(statement, number)):
                yield _as_text(statement, value_of(statement, column).at, number)
                break


def _is_number(statement: Statement, bound: Bound, value: Value) -> bool:
    """Tell a number from the literals that sort alike as texts: zero, and the year at the beginning of a date."""
    if value.source is Source.PARAM:
        return bound.type(value.at.first) is ValueType.NUMBER
    text = statement.text_of(*value.at)
    if value.source is not Source.NUMBER or not text[-1:].isdigit() or text.strip("0.") == "":
        return False
    return not (text.isdigit() and int(text) in _YEARS)


def _as_text(statement: Statement, column: Range, number: Range) -> Hit:
    span = statement.span_of(column.first, column.end - 1)
    edits = ((Span(span.start, span.start), "CAST("), (Span(span.end, span.end), " AS NUMERIC)"))
    fix = SqlFix("Cast it to NUMERIC", edits, Applicability.UNSAFE)
    hit = mark(statement, column.first, column.end, fix)
    return hit._replace(values={**hit.values, "other": statement.text_of(*number)})
