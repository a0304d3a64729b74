"""The DEFAULT of a column, where SQLite asks for another form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.checks.cut import mark
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.definition import Part, definition
from sqlite_lint.sql.tokens import HOLE, Kind
from sqlite_lint.text import Span

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_TRUTH: Final = {
    "'t'": "TRUE", "'true'": "TRUE", "'y'": "TRUE", "'yes'": "TRUE", "'on'": "TRUE",
    "'f'": "FALSE", "'false'": "FALSE", "'n'": "FALSE", "'no'": "FALSE", "'off'": "FALSE",
}  # fmt: skip


def default_expression(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``DEFAULT 1 + 1``: right, but for the brackets around it."""
    table = definition(statement)
    for column in () if table is None else table.columns:
        part = column.part("DEFAULT")
        if part is not None and _lacks_brackets(statement, part):
            start, end = statement.tokens[part.start + 1].start, statement.tokens[part.end - 1].end
            fix = SqlFix("Put it in brackets", ((Span(start, start), "("), (Span(end, end), ")")))
            yield mark(statement, part.start + 1, part.end, fix)


def _lacks_brackets(statement: Statement, part: Part) -> bool:
    """Tell whether SQLite takes the default in brackets, and not as it stands."""
    from sqlite_lint.sql.engine import engine

    if part.end <= part.start + 2 or HOLE in (text := statement.text_of(part.start + 1, part.end)):
        return False
    refusal = engine().refusal
    return (
        refusal(f"CREATE TABLE made_up (x DEFAULT {text})") is not None
        and refusal(f"CREATE TABLE made_up (x DEFAULT ({text}))") is None
        and refusal(f"SELECT {text}") is None
    )


def boolean_default(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``BOOLEAN DEFAULT 'f'``: a text, which is neither true nor false."""
    table = definition(statement)
    for column in () if table is None else table.columns:
        part = column.part("DEFAULT")
        if part is None or part.end != part.start + 2 or statement.key(column.name + 1) not in {"BOOLEAN", "BOOL"}:
            continue
        token = statement.tokens[part.start + 1]
        value = _TRUTH.get(token.text.lower()) if token.kind is Kind.STRING else None
        if value is not None:
            fix = SqlFix(f"Write `{value}`", ((Span(token.start, token.end), value),))
            yield mark(statement, part.start + 1, part.end, fix)
