"""SQL424: types of another engine that SQLite takes as a mere name (https://sqlite.org/datatype3.html#type_affinity)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.checks.columns import columns_of
from sqlite_lint.checks.cut import mark
from sqlite_lint.regex import regex

if TYPE_CHECKING:
    from sqlite_lint.rule import Hit, SqlContext
    from sqlite_lint.sql.statement import Statement

_MEANINGS: Final = (
    (regex(r"JSONB?"), "{text} has NUMERIC affinity: the JSON text 1.0 becomes a number"),
    (regex(r"(?:TIMESTAMP|DATETIME|TIME)\s*\(\s*\d+\s*\)"), "SQLite ignores the precision of {text}"),
    (
        regex(r"(?:TIMESTAMPTZ|TIMETZ|(?:TIMESTAMP|TIME)\b.*\bWITH TIME ZONE)"),
        "SQLite converts no time zones: {text}",
    ),
    (regex(r"INTERVAL"), "INTERVAL has INTEGER affinity, for it holds INT: SQLite has no intervals"),
    (regex(r"(?:DOUBLE|FLOAT|REAL)\s*\(\s*\d+\s*,\s*\d+\s*\)"), "SQLite does not round to the scale of {text}"),
)


def check(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """Report the types of declared columns."""
    for _, column in columns_of(statement):
        first, end = column.name + 1, column.type_end
        declared = " ".join(statement.text_of(first, end).upper().split())
        message = next((message for kind, message in _MEANINGS if kind.fullmatch(declared)), None)
        if message is not None:
            yield mark(statement, first, end)._replace(message=message)
