"""SQL460 and SQL461: INSERT OR REPLACE, which deletes the old row first, and several statements in one call.

https://sqlite.org/lang_conflict.html: REPLACE deletes pre-existing rows before it inserts the new one.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.checks.seek import path_end, seek
from sqlite_lint.checks.whole_file import lift, tables_of
from sqlite_lint.facts.tables import with_scripts
from sqlite_lint.hosts.model import Engine, Sink
from sqlite_lint.project import is_test_path
from sqlite_lint.regex import regex
from sqlite_lint.rule import Hit, SourceHit, SqlFix
from sqlite_lint.sql.schema import Schema, TableKind
from sqlite_lint.sql.statement import split
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import HostResult, SqlUse
    from sqlite_lint.rule import FileContext
    from sqlite_lint.sql.schema import Table
    from sqlite_lint.sql.statement import Statement

_REPLACE: Final = regex(r"\bREPLACE\s+INTO\b", re.IGNORECASE)
_OFF: Final = frozenset({"0", "off", "no", "false"})
_LOSES: Final = "{text} deletes the old row: what {table}.{columns} held is lost"
_FOLLOWS: Final = "{text} deletes the old row, and with it what ON DELETE does to the rows of {tables}"
_UNFIRED: Final = "{text} deletes the old row without firing the DELETE trigger of {table}"
_ON_DELETE: Final = frozenset({"AFTER DELETE", "BEFORE DELETE"})
_ONE_STATEMENT: Final = frozenset({"sqlite3", "aiosqlite"})
_HANDS_TO_ONE: Final = frozenset({"sqlalchemy", "django"})  # which call sqlite3 where the engine is SQLite


class _World(NamedTuple):
    """What a REPLACE meets."""

    schema: Schema
    enforced: bool  # foreign keys
    recursive: bool  # triggers: only then they fire for rows that REPLACE deletes


def replace(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """REPLACE where the project's schema shows what the deletion does; silent on tables that nothing depends on."""
    uses = [use for use in result.uses if use.engine is not Engine.OTHER and _REPLACE.search(use.text.text)]
    if not uses:
        return
    schema = _of_test(tables_of(result, context), result, context)
    world = _World(schema, _enforces_foreign_keys(context), _fires_for_replace(context))
    for use in uses:
        for statement in split(use.text.text):
            for hit in _replaced(statement, world):
                yield lift(hit, use)


def _of_test(schema: Schema, result: HostResult, context: FileContext) -> Schema:
    """The tables that a test meets: those that it makes itself are as it makes them, be it in an older form."""
    if not is_test_path(context.project.relative(context.path)):
        return schema
    made = with_scripts(Schema(), [use.text.text for use in result.uses if "CREATE" in use.text.text.upper()])
    own = {name: table for name, table in made.tables.items() if table.definitions}
    return dataclasses.replace(schema, tables={**schema.tables, **own})


def _enforces_foreign_keys(context: FileContext) -> bool:
    """SQLite looks at foreign keys only where PRAGMA foreign_keys tells it to."""
    pragmas = context.project.pragmas
    if any(name == "foreign_keys" and value not in _OFF for name, value in pragmas):
        return True
    return not pragmas and "foreign_keys" in context.text.lower()


def _fires_for_replace(context: FileContext) -> bool:
    return any(name == "recursive_triggers" and value not in _OFF for name, value in context.project.pragmas) or (
        "recursive_triggers" in context.text.lower()
    )


def _replaced(statement: Statement, world: _World) -> Iterator[Hit]:
    into = _into(statement)
    if into is None:
        return
    end = path_end(statement, into + 1)
    if end is None or statement.tokens[end - 1].has_hole:
        return
    schema = world.schema
    table = schema.table(statement.tokens[end - 1].name)
    if table is None or table.kind is not TableKind.TABLE:
        return
    values = {"text": " ".join(statement.text_of(0, into + 1).split()), "table": table.name}
    span = statement.span_of(0, into)
    names = _listed(statement, end)
    lost = _left_out(table, names)
    followers = sorted(t.name for t in schema.tables.values() if table.name in t.follows and t is not table)
    fix = _upsert(statement, into, table, names)
    if lost:
        yield Hit(span, values | {"columns": ", ".join(lost)}, _LOSES, fix)
    elif followers and world.enforced:
        yield Hit(span, values | {"tables": ", ".join(followers)}, _FOLLOWS, fix)
    elif not world.recursive and _minds_deletion(schema.triggers.get(table.name, frozenset())):
        yield Hit(span, values, _UNFIRED, fix)


def _minds_deletion(events: frozenset[str]) -> bool:
    """A trigger before the insertion may look after the old row."""
    return bool(events & _ON_DELETE) and "BEFORE INSERT" not in events


def _into(statement: Statement) -> int | None:
    if statement.keys_at(0, 4) == ("INSERT", "OR", "REPLACE", "INTO"):
        return 3
    return 1 if statement.keys_at(0, 2) == ("REPLACE", "INTO") else None


def _listed(statement: Statement, at: int) -> list[str]:
    """The columns that the statement names; none where it names none, or not all of them in plain text."""
    if statement.key(at) != "(":
        return []
    items = statement.arguments(at)
    plain = all(end == first + 1 and not statement.tokens[first].has_hole for first, end in items)
    return [statement.tokens[first].name for first, _ in items] if plain else []


def _left_out(table: Table, names: list[str]) -> list[str]:
    """The table's columns that the statement leaves out and that a row found by its key may have filled.

    Nothing is concluded where no key is given, for then no row is replaced as far as can be seen.
    """
    if not names or table.open or not _keys_given(table, names):
        return []
    absent = (column for column in table.columns if column.name not in names)
    return list(dict.fromkeys(c.name for c in absent if not (c.rowid_alias or c.generated or _is_stamp(c.default))))


def _is_stamp(default: str) -> bool:
    """A time of writing is renewed on purpose."""
    lower = default.lower()
    return "current_" in lower or "now" in lower or "strftime" in lower or "unixepoch" in lower


def _keys_given(table: Table, names: list[str]) -> list[tuple[str, ...]]:
    keys = [table.primary_key] if table.primary_key else []
    keys += [*((column.name,) for column in table.columns if column.unique), *table.unique]
    return [key for key in dict.fromkeys(keys) if set(key) <= set(names)]


def _upsert(statement: Statement, into: int, table: Table, names: list[str]) -> SqlFix | None:
    """ON CONFLICT ... DO UPDATE, where one key of the table is given and the statement ends with VALUES."""
    keys = _keys_given(table, names)
    values = seek(statement, {"VALUES"}, into)
    if len(keys) != 1 or values is None or table.definitions != 1:
        return None
    at = values + 1
    while statement.key(at) == "(" and at in statement.partner:
        at = statement.partner[at] + 1 + (statement.key(statement.partner[at] + 1) == ",")
    others = [name for name in names if name not in keys[0]]
    if at != len(statement.tokens) or not others:
        return None
    changes = ", ".join(f"{name} = excluded.{name}" for name in others)
    clause = f" ON CONFLICT ({', '.join(keys[0])}) DO UPDATE SET {changes}"
    end = statement.tokens[-1].end
    insert = "insert into" if statement.tokens[0].text.islower() else "INSERT INTO"
    edits = ((statement.span_of(0, into), insert), (Span(end, end), clause))
    return SqlFix("Update the row instead, with ON CONFLICT", edits, Applicability.UNSAFE)


def several(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """Report the second statement that is handed to a call that runs one."""
    for use in result.uses:
        if not _runs_one(use) or ";" not in use.text.text:
            continue
        statements = split(use.text.text)
        if len(statements) > 1 and not use.text.has_holes:
            span = statements[1].span
            yield SourceHit(use.text.locate(span) or use.anchor, {"count": str(len(statements))})


def _runs_one(use: SqlUse) -> bool:
    if use.sink not in (Sink.EXECUTE, Sink.EXECUTEMANY) or use.expects_error:
        return False
    if use.driver in _HANDS_TO_ONE:
        return use.engine is Engine.SQLITE
    return use.driver in _ONE_STATEMENT and use.engine is not Engine.OTHER
