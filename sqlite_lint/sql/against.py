"""A statement asked of SQLite with the project's own tables in place: which names do they lack?

The tables are made in an empty database in memory from what ``schema.py`` knows, and only those that the statement
names.  What the engine complains of is noted and mended, so that it goes on to the next fault.
"""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.regex import regex
from sqlite_lint.sql import place, stencil, witness
from sqlite_lint.sql.engine import Engine
from sqlite_lint.sql.scope import scope_of
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.sql.witness import LackKind

if TYPE_CHECKING:
    from sqlite_lint.sql.schema import Schema, Table
    from sqlite_lint.sql.statement import Statement
    from sqlite_lint.text import Span

_JUDGED: Final = frozenset({"SELECT", "WITH", "INSERT", "REPLACE", "UPDATE", "DELETE", "VALUES", "EXPLAIN"})
_SURE_CLAUSES: Final = frozenset({"WHERE", "HAVING", "LIMIT", "OFFSET", "ORDER BY", "SET", "VALUES", "RETURNING"})
"""Where something filled in at run time brings no table and names no column that others use."""

_NO_TABLE: Final = regex(r"no such table: (?:main\.|temp\.)?(?P<name>[^.]+)\Z", re.DOTALL)
_NO_COLUMN: Final = regex(r"no such column: (?P<path>.+?)(?: - should this be .*)?\Z", re.DOTALL)
_NOT_IN: Final = regex(r"table (?P<table>.+) has no column named (?P<name>.+)\Z", re.DOTALL)
_WIDTH: Final = regex(r"table (?P<table>.+) has \d+ columns? but (?P<count>\d+) values? w(?:as|ere) supplied\Z")
_FUNCTION: Final = regex(r"no such function: (?P<name>\w+)\Z|wrong number of arguments to function (?P<used>\w+)")
_NO_KEY: Final = "ON CONFLICT clause does not match"
_MOST_ROUNDS: Final = 48
_MOST_FAULTS: Final = 8


class Fault(NamedTuple):
    """A name that the tables lack, or (``kind`` ARGUMENTS) a row of ``values`` values for a table of another width.

    ``name`` is as the engine writes it, without table; ``tables`` are those in which a column could have been.
    """

    kind: LackKind
    name: str
    span: Span
    tables: tuple[Table, ...] = ()
    values: int = 0


def faults(statement: Statement, schema: Schema) -> tuple[Fault, ...]:
    """What a statement lacks of the schema's tables; nothing is said of what an open or unknown table may have."""
    if statement.keyword not in _JUDGED and not _is_index(statement):
        return ()
    return _faults(statement, schema, len(schema.tables))


@lru_cache(maxsize=4)
def _faults(statement: Statement, schema: Schema, _count: int) -> tuple[Fault, ...]:
    asked = witness.as_compiled(statement)
    if asked is None:
        return ()
    unsure = {statement.clause[i] for i, t in enumerate(statement.tokens) if t.has_hole} - _SURE_CLAUSES
    if unsure & {"", "WITH"}:
        return ()
    asker = _asker()
    asker.engine.script("SAVEPOINT against")
    try:
        return tuple(_Hearing(asker, statement, asked, schema, bool(unsure)).faults())
    finally:
        asker.engine.script("ROLLBACK TO against", "RELEASE against")


def _is_index(statement: Statement) -> bool:
    return statement.keyword == "CREATE" and "INDEX" in statement.keys_at(1, 2)


class _Hearing:
    """One statement before the engine; ``loose`` tells that it may have tables that are not in sight."""

    def __init__(self, asker: _Asker, statement: Statement, sql: str, schema: Schema, loose: bool) -> None:
        self.asker = asker
        self.ask = asker.engine
        self.statement = statement
        self.sql = sql
        self.schema = schema
        self.loose = loose
        self.made: dict[str, Table | None] = {}  # None for a table that is not known, or only in part
        self.keyed: set[int] = set()
        self.found: list[Fault] = []

    def faults(self) -> list[Fault]:
        message = self.ask.refusal(self.sql)
        for _ in range(_MOST_ROUNDS):
            if message is None or len(self.found) >= _MOST_FAULTS or not self._mend(message):
                break
            message = self.ask.refusal(self.sql)
        return self.found

    def _mend(self, message: str) -> bool:
        """Note what the engine complains of, and make it so that it goes on; False where that cannot be."""
        if (table := _NO_TABLE.match(message)) is not None:
            return self._table(table["name"], message)
        if (column := _NO_COLUMN.match(message)) is not None:
            return self._column(column["path"].split("."), message)
        if (column := _NOT_IN.match(message)) is not None:
            return self._column([column["table"], column["name"]], f"no such column: {column['name']}")
        if (function := _FUNCTION.match(message)) is not None:
            return self.asker.add_function(function["name"] or function["used"])
        if message.startswith(_NO_KEY):
            return self._key()
        if (width := _WIDTH.match(message)) is not None:
            self._width(width["table"], int(width["count"]))
        return False

    def _table(self, name: str, message: str) -> bool:
        key = name.lower()
        if key in self.made or key.startswith("sqlite_"):
            return False
        known = self.schema.table(name)
        closed = known is not None and not known.open and (known.given or not self.schema.blurred)
        self.made[key] = known if closed else None
        self.loose = self.loose or not closed
        if known is None and not stencil.is_stand_in(name):
            self.found.append(Fault(LackKind.TABLE, name, self._place(message)))
        return self.ask.script(_create(name, known if closed else None)) is None

    def _column(self, path: list[str], message: str) -> bool:
        name = path[-1].strip('"')
        owners = self._owners(path)
        if not owners:
            return False
        tables = tuple(table for owner in owners if (table := self.made[owner]) is not None)
        judged = len(tables) == len(owners) and (len(path) > 1 or not self.loose)
        if judged and not stencil.is_stand_in(name) and name.lower() not in self.schema.anywhere:
            self.found.append(Fault(LackKind.COLUMN, name, self._place(message), tables))
        # Only a table that the query reads heals the fault: the first one after which the engine says something else.
        before = self.ask.refusal(self.sql)
        return any(self._add_column(owner, name) and self.ask.refusal(self.sql) != before for owner in owners)

    def _owners(self, path: list[str]) -> list[str]:
        """The tables made so far that a column may belong to; those not known come first, as they may have it."""
        if len(path) == 1:
            return sorted(self.made, key=lambda each: self.made[each] is not None)
        alias = path[-2].strip('"').lower()
        sources = {source.table for query in scope_of(self.statement).queries for source in query.sources
                   if source.alias == alias}  # fmt: skip
        if not sources and alias in self.made:
            return [alias]
        return [table for table in sources if table in self.made] if len(sources) == 1 else []

    def _key(self) -> bool:
        """Make the key that ON CONFLICT asks for: of keys the tables here have none."""
        statement = self.statement
        at = next((i for i in statement.find("CONFLICT") if statement.key(i + 1) == "("), None)
        target = scope_of(statement).queries[0].sources
        if at is None or not target or target[0].table is None or at in self.keyed:
            return False
        self.keyed.add(at)
        columns = statement.text_of(at + 1, statement.partner.get(at + 1, at + 1) + 1)
        index = f"CREATE UNIQUE INDEX {_quoted(f'key {at}')} ON {_quoted(target[0].table)} {columns}"
        return self.ask.script(index) is None

    def _add_column(self, table: str, name: str) -> bool:
        return self.ask.script(f"ALTER TABLE {_quoted(table)} ADD COLUMN {_quoted(name)}") is None

    def _width(self, name: str, count: int) -> None:
        table = self.made.get(name.lower())
        if table is not None and table.width is not None and table.width != count:
            span = place.locate(f"no such table: {name}", self.statement, self.sql)
            self.found.append(Fault(LackKind.ARGUMENTS, name, span, (table,), count))

    def _place(self, message: str) -> Span:
        return place.locate(message, self.statement, self.sql)


class _Asker:
    """An engine of its own: the functions that it is given must not be believed by the witness."""

    def __init__(self) -> None:
        self.engine = Engine()
        self._functions: set[str] = set()

    def add_function(self, name: str) -> bool:
        """Let any number of arguments pass: functions are another rule's matter."""
        if name.lower() in self._functions:
            return False
        self._functions.add(name.lower())
        self.engine.add_function(name, -1)
        return True


class _Local(threading.local):
    asker: _Asker | None = None


_local: Final = _Local()


def _asker() -> _Asker:
    if _local.asker is None:
        _local.asker = _Asker()
    return _local.asker


def _create(name: str, table: Table | None) -> str:
    if table is None:
        return f"CREATE TABLE {_quoted(name)} ({_quoted('column of ' + name)})"
    columns: dict[str, str] = {}
    for column in table.columns:
        columns.setdefault(column.name, " AS (NULL)" if column.generated else "")
    if all(columns.values()):  # a table needs one that is none
        columns = dict.fromkeys(columns, "")
    return f"CREATE TABLE {_quoted(name)} ({', '.join(_quoted(each) + rest for each, rest in columns.items())})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def names_of(tables: tuple[Table, ...]) -> tuple[str, ...]:
    """The names of all columns of some tables."""
    return tuple(dict.fromkeys(column.spelling or column.name for table in tables for column in table.columns))


def is_shadow(name: str, schema: Schema) -> bool:
    """Tell whether a table is one that a virtual table keeps its data in: ``docs_content`` of ``docs``."""
    from sqlite_lint.sql.schema import TableKind

    owner = schema.table(name.rpartition("_")[0])
    return owner is not None and owner.kind is TableKind.VIRTUAL


def written(statement: Statement, span: Span) -> tuple[Span, str]:
    """The last name at ``span`` with its place, as written: the column of ``t.column``."""
    last = next((t for t in reversed(statement.tokens) if span.start <= t.start and t.end <= span.end), None)
    if last is None or last.kind not in (Kind.WORD, Kind.QUOTED):
        return span, ""
    return type(span)(last.start, last.end), last.text
