"""Which values a statement gives to which columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlite_lint.checks.seek import items, seek
from sqlite_lint.sql.comparison import Range
from sqlite_lint.sql.scope import scope_of

if TYPE_CHECKING:
    from sqlite_lint.sql.schema import Schema
    from sqlite_lint.sql.statement import Statement

Column = tuple[str, str]  # table and name, in lower case


def writes(statement: Statement, schema: Schema) -> Iterator[tuple[Column, Range]]:
    """The values that a statement gives to columns: VALUES of an INSERT, SET of an UPDATE or an upsert."""
    into = next(statement.find("INTO"), None) if statement.keyword in {"INSERT", "REPLACE"} else None
    tables = scope_of(statement).tables
    if not tables:
        return
    table = tables[0]
    if into is not None:
        yield from ((column, value) for column, value in _inserted(statement, into, table, schema))
    for at in statement.find("SET"):
        for first, end in items(statement, at + 1, _end_of_set(statement, at)):
            equals = seek(statement, {"="}, first, end)
            if equals == first + 1 and equals + 1 < end:
                yield (table, statement.tokens[first].name), Range(equals + 1, end)


def _end_of_set(statement: Statement, at: int) -> int:
    end = seek(statement, {"WHERE", "FROM", "RETURNING", "ORDER", "LIMIT"}, at + 1)
    return len(statement.tokens) if end is None else end


def _inserted(statement: Statement, into: int, table: str, schema: Schema) -> Iterator[tuple[Column, Range]]:
    values = seek(statement, {"VALUES"}, into)
    if values is None:
        return
    listed = seek(statement, {"("}, into, values)
    if listed is not None:
        names = [statement.tokens[first].name for first, end in statement.arguments(listed) if end == first + 1]
    else:
        known = schema.table(table)
        names = (
            [c.name for c in known.columns] if known is not None and not known.open and known.definitions == 1 else []
        )
    at = values + 1
    while statement.key(at) == "(" and at in statement.partner:
        row = statement.arguments(at)
        if len(row) == len(names) and all(first < end for first, end in row):
            yield from (((table, name), Range(*value)) for name, value in zip(names, row, strict=True))
        at = statement.partner[at] + 2
