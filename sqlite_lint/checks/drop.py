"""DROP with more than one name, and with words behind the name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.checks.cut import mark, mark_cut
from sqlite_lint.checks.seek import items, moves_hole, path_end
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.definition import actions, table_name
from sqlite_lint.text import Span

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_OBJECTS: Final = frozenset({"TABLE", "VIEW", "INDEX", "TRIGGER"})
_DEPENDENTS: Final = "what depends on it is not dropped"


def drop_form(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``DROP TABLE a, b CASCADE``, ``DROP TRIGGER g ON t``, ``DROP TEMPORARY TABLE t``."""
    if statement.keyword == "ALTER":
        yield from _dropped_columns(statement)
        return
    if statement.keyword != "DROP":
        return
    kind = 1
    if statement.key(1) in {"TEMP", "TEMPORARY"} and statement.key(2) in _OBJECTS:
        yield mark_cut(statement, 1, 2)
        kind = 2
    if statement.key(kind) not in _OBJECTS:
        return
    first = kind + 1 + (statement.key(kind + 1) == "CONCURRENTLY")
    if statement.keys_at(first, 2) == ("IF", "EXISTS"):
        first += 2
    names = items(statement, first, len(statement.tokens))
    end = path_end(statement, names[-1][0])
    if end is None:
        return
    if len(names) > 1:
        yield mark(statement, names[0][1], end, _apart(statement, first, names))
    words = statement.keys_at(end, 2)
    if words[0] == "ON" and end + 1 < len(statement.tokens):
        after = path_end(statement, end + 1) or len(statement.tokens)
        yield mark_cut(statement, end, after)
        end = after
    if statement.key(end) in {"CASCADE", "RESTRICT"}:
        yield mark_cut(statement, end, end + 1, caveat=_DEPENDENTS if statement.key(end) == "CASCADE" else "")


def _dropped_columns(statement: Statement) -> Iterator[Hit]:
    for start, end in actions(statement):
        words = {"CASCADE", "RESTRICT"}
        if statement.key(start) == "DROP" and end > start + 2 and statement.key(end - 1) in words:
            yield mark_cut(statement, end - 1, end, caveat=_DEPENDENTS if statement.key(end - 1) == "CASCADE" else "")


def held_column(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``DROP COLUMN n``, where the project's schema says that ``n`` is UNIQUE or the primary key."""
    table = table_name(statement, 2) if statement.keyword == "ALTER" else None
    if table is None:
        return
    name = statement.tokens[table[1] - 1].name
    for start, end in actions(statement):
        column = start + 1 + (statement.key(start + 1) == "COLUMN" and start + 2 < end)
        if statement.key(start) != "DROP" or column >= end:
            continue
        known = context.schema.column(name, statement.tokens[column].name)
        if known and all(definition.unique or definition.primary_key for definition in known):
            key = "PRIMARY KEY" if known[0].primary_key else "UNIQUE"
            hit = mark(statement, start, column + 1)
            yield hit._replace(values={**hit.values, "key": key})


def _apart(statement: Statement, first: int, names: list[tuple[int, int]]) -> SqlFix | None:
    if moves_hole(statement, (0, first)):
        return None
    begin = statement.text_of(0, first)
    tokens = statement.tokens
    edits = []
    for start, _ in names[1:]:
        edits.append((Span(tokens[start - 1].start, tokens[start - 1].end), ";"))
        edits.append((Span(tokens[start].start, tokens[start].start), f"{begin} "))
    return SqlFix("Write one statement for each", tuple(edits), script=True)
