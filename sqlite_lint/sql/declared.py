"""What the project's schema says about an operand: the column it names, and whether its value is a number."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.sql.comparison import Range, comparisons
from sqlite_lint.sql.operand import left_operand, right_operand
from sqlite_lint.sql.primary import is_name, level
from sqlite_lint.sql.schema import Affinity
from sqlite_lint.sql.scope import scope_of
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.sql.value import Source, value_of

if TYPE_CHECKING:
    from sqlite_lint.sql.schema import Column, Schema
    from sqlite_lint.sql.statement import Statement

NUMERIC: Final = frozenset({Affinity.INTEGER, Affinity.REAL, Affinity.NUMERIC})
_ARITHMETIC: Final = frozenset({"+", "-", "*", "/", "%", "&", "|", "<<", ">>"})
_NUMBER_CALLS: Final = frozenset(
    {"COUNT", "SUM", "TOTAL", "AVG", "LENGTH", "INSTR", "ABS", "ROUND", "JULIANDAY", "UNIXEPOCH", "UNICODE",
     "JSON_ARRAY_LENGTH", "CHANGES", "TOTAL_CHANGES", "LAST_INSERT_ROWID"}
)  # fmt: skip
_EXTREMES: Final = frozenset({"MAX", "MIN"})
_CHOOSING: Final = frozenset({"COALESCE", "IFNULL"})
_DEEPEST: Final = 20


class Number(enum.Enum):
    """Why a value without affinity is a number."""

    SURE = "sure"  # arithmetic, count(*): a number or NULL
    COLUMN = "column"  # of a numeric column: a number, or text that no number has


def columns_behind(statement: Statement, operand: Range, schema: Schema) -> tuple[Column, ...]:
    """All definitions of the column that the operand is; none where its table is not beyond doubt."""
    if not schema.has_column(token.name for token in statement.tokens[operand.first : operand.end]):
        return ()
    value = value_of(statement, operand)
    scope = scope_of(statement)
    if value.source is not Source.COLUMN or not scope.complete:
        return ()
    name = statement.tokens[value.at.end - 1].name
    tables = scope.tables
    if any(schema.table(table) is None for table in tables):
        return ()
    holders = [table for table in tables if schema.column(table, name)]
    return tuple(column for table in holders for column in schema.column(table, name))


def compared_names(statement: Statement) -> frozenset[str]:
    """The names of columns that the statement compares with something, in lower case."""
    values = [value_of(statement, operand) for c in comparisons(statement) for operand in (c.subject, *c.others)]
    return frozenset(statement.tokens[v.at.end - 1].name for v in values if v.source is Source.COLUMN)


def number_of(statement: Statement, operand: Range, schema: Schema, depth: int = 0) -> Number | None:
    """Tell whether the operand is a number to which SQLite applies no affinity; None for plain columns."""
    value = value_of(statement, operand)
    if value.source is Source.NUMBER:
        return Number.SURE
    at = value.at
    if depth > _DEEPEST or at.first >= at.end or any(t.has_hole for t in statement.tokens[at.first : at.end]):
        return None
    first = statement.tokens[at.first]
    if first.key == "+" and at.end > at.first + 1 and _is_numeric(statement, Range(at.first + 1, at.end), schema):
        return Number.COLUMN
    if first.key == "(" and statement.partner.get(at.first) == at.end - 1:
        return _of_query(statement, at.first, schema, depth)
    if value.source is not Source.OTHER:
        return None
    if _is_arithmetic(statement, at):
        return Number.SURE
    opening = at.first + 1
    if statement.key(opening) != "(" or statement.partner.get(opening) != at.end - 1:
        return None
    if first.key in _NUMBER_CALLS:
        return Number.SURE
    arguments = [Range(*argument) for argument in statement.arguments(opening)]
    if first.key in _EXTREMES and len(arguments) == 1:
        return Number.COLUMN if _is_numeric(statement, arguments[0], schema) else None
    if first.key in _CHOOSING and arguments:
        kinds = [_kind_inside(statement, argument, schema, depth) for argument in arguments]
        return None if None in kinds else max((k for k in kinds if k), key=lambda kind: kind is Number.COLUMN)
    return None


def _kind_inside(statement: Statement, operand: Range, schema: Schema, depth: int) -> Number | None:
    if _is_numeric(statement, operand, schema):
        return Number.COLUMN
    return number_of(statement, operand, schema, depth + 1)


def _of_query(statement: Statement, opening: int, schema: Schema, depth: int) -> Number | None:
    """A subquery that gives a plain column has that column's affinity; any other expression has none."""
    scope = scope_of(statement)
    query = scope.query_at(opening) if statement.key(opening + 1) == "SELECT" else None
    first = None if query is None else scope.queries[query].first
    return None if first is None else number_of(statement, first, schema, depth + 1)


def _is_numeric(statement: Statement, operand: Range, schema: Schema) -> bool:
    columns = columns_behind(statement, operand, schema)
    return bool(columns) and all(column.affinity in NUMERIC for column in columns)


def _is_arithmetic(statement: Statement, at: Range) -> bool:
    """Tell whether the operator that is applied last, of those between the brackets, is one of arithmetic."""
    lowest: tuple[int, str] | None = None
    i = at.first
    while i < at.end:
        token = statement.tokens[i]
        binds = level(token)
        if token.key in {"(", "["}:
            i = statement.partner.get(i, i)
        elif binds is not None and i > at.first and not (token.kind is Kind.WORD and is_name(statement, i)):
            lowest = (binds, token.key) if lowest is None or binds <= lowest[0] else lowest
        elif token.key in {"CASE", "INTERVAL"}:
            return False
        i += 1
    if lowest is None:
        return statement.key(at.first) == "-"
    return lowest[1] in _ARITHMETIC


def operations(statement: Statement, keys: frozenset[str], binds: int) -> Iterator[tuple[int, Range, Range]]:
    """Each operator among ``keys``, which bind at level ``binds``, by its index, with the operands beside it.

    In ``a + b + c`` the second operator stands between ``b`` and ``c``: so the cost of a long sum is linear.
    """
    for i, token in enumerate(statement.tokens):
        if token.kind is not Kind.OP or token.key not in keys:
            continue
        first = left_operand(statement, i, binds + 1)
        end = right_operand(statement, i + 1, binds) if first is not None else None
        if first is not None and end is not None and first < i and i + 1 < end:
            yield i, Range(first, i), Range(i + 1, end)
