"""Tables made up from a statement, so that SQLite goes on behind "no such table" to faults that no table can heal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sqlite_lint.regex import regex
from sqlite_lint.sql import place
from sqlite_lint.sql.engine import Engine, engine
from sqlite_lint.sql.tokens import Kind

if TYPE_CHECKING:
    from sqlite_lint.sql.statement import Statement
    from sqlite_lint.text import Span

_NO_TABLE: Final = "no such table: "
_NO_COLUMN: Final = regex(r"no such column: (?P<path>.+)\Z|has no column named (?P<name>.+)\Z", re.DOTALL)
_COLUMN_COUNT: Final = regex(r"table (?P<table>.+) has \d+ columns? but (?P<count>\d+) values? w(?:as|ere) supplied")
_FINAL: Final = regex(
    r"no such function: |wrong number of arguments to function |misuse of window function|RAISE\(\) may only"
    r"|.* may not be used as a window function|FILTER may not be used|DISTINCT aggregates must have|no such window: "
    r"|too many arguments on |unsupported frame specification|row value misused"
    r"|RETURNING may not use|near \"|incomplete input\Z|unrecognized token: |Cannot add a "
)
"""Complaints that stay whatever the tables hold; of ALTER and CREATE TRIGGER the engine parses no more without them."""
_AGGREGATE: Final = "misuse of aggregate"
"""As final as those where there is one table; with several, a made-up column may belong to the wrong one."""

_MOST_TABLES: Final = 16
_MOST_COLUMNS: Final = 300


def complaint_beyond(statement: Statement, sql: str, message: str) -> tuple[str, Span] | None:
    """The engine's complaint that no table could heal and its place; None if there is none or it cannot be told."""
    ask = engine()
    columns: dict[str, None] = {}
    for token in () if statement.keyword == "ALTER" else statement.tokens:  # a column to add must not be there yet
        if token.kind in (Kind.WORD, Kind.QUOTED, Kind.HOLE) and token.name:
            columns.setdefault(token.name)
    made: list[str] = []
    ask.script("SAVEPOINT rehearsal")
    try:
        found = _rehearse(ask, sql, message, list(columns)[:_MOST_COLUMNS], made)
        return None if found is None else (found, place.locate(found, statement, sql))
    finally:
        ask.script("ROLLBACK TO rehearsal", "RELEASE rehearsal")


def _rehearse(ask: Engine, sql: str, message: str, names: list[str], made: list[str]) -> str | None:
    for _ in range(_MOST_TABLES):
        if _FINAL.match(message) or (message.startswith(_AGGREGATE) and len(made) == 1):
            return message
        if message.startswith(_NO_TABLE):
            table = message[len(_NO_TABLE) :]
            schema, _, name = table.rpartition(".")
            if schema not in ("", "main", "temp") or name in made:
                return None
            # Names without a table before them would be ambiguous if every table had them: the first one has them all.
            columns = names if names and not made else [f"column of {name}"]
            if ask.script(_create(name, columns)) is not None:
                return None
            made.append(name)
        elif (count := _COLUMN_COUNT.match(message)) is not None and count["table"] in made:
            columns = [f"column {i}" for i in range(int(count["count"]))]
            ask.script(f"DROP TABLE {_quoted(count['table'])}", _create(count["table"], columns))
        elif (column := _NO_COLUMN.search(message)) is not None and made:
            path = (column["path"] or column["name"]).split(".")
            if not _add_column(ask, made, path):
                return None
        else:
            return None
        refusal = ask.refusal(sql)
        if refusal is None:
            return None
        message = refusal
    return None


def _create(table: str, columns: list[str]) -> str:
    return f"CREATE TABLE {_quoted(table)} ({', '.join(map(_quoted, columns))})"


def _add_column(ask: Engine, made: list[str], path: list[str]) -> bool:
    """Give a column to the table that the engine's message names, else to the one that was made last."""
    owner = next((table for table in made if len(path) > 1 and table.lower() == path[-2].lower()), made[-1])
    return ask.script(f"ALTER TABLE {_quoted(owner)} ADD COLUMN {_quoted(path[-1])}") is None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
