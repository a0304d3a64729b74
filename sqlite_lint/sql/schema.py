"""Tables, columns and affinities, learnt from DDL by its tokens."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlite_lint.sql.json_columns import JsonColumns
    from sqlite_lint.sql.statement import Statement

_ABOUT_JSON: Final = frozenset({"->", "->>", "JSON_EXTRACT", "JSONB_EXTRACT", "JSON_VALID"})


class Affinity(enum.Enum):
    """The type that SQLite prefers for a column's values: https://sqlite.org/datatype3.html."""

    TEXT = "text"
    NUMERIC = "numeric"
    INTEGER = "integer"
    REAL = "real"
    BLOB = "blob"  # also called NONE: values stay as they are


class TableKind(enum.Enum):
    TABLE = "table"
    VIEW = "view"
    VIRTUAL = "virtual"


def affinity_of(declared: str, *, strict: bool = False) -> Affinity:
    """The affinity of a declared type, by the five rules of https://sqlite.org/datatype3.html#determination_of_column_affinity."""
    upper = declared.upper()
    if strict and upper == "ANY":
        return Affinity.BLOB
    if "INT" in upper:
        return Affinity.INTEGER
    if "CHAR" in upper or "CLOB" in upper or "TEXT" in upper:
        return Affinity.TEXT
    if "BLOB" in upper or not upper:
        return Affinity.BLOB
    if "REAL" in upper or "FLOA" in upper or "DOUB" in upper:
        return Affinity.REAL
    return Affinity.NUMERIC


@dataclass(frozen=True, slots=True)
class Column:
    """One definition of a column; ``name`` in lower case, ``declared`` its type as written, "" for none."""

    name: str
    declared: str = ""
    affinity: Affinity = Affinity.BLOB
    not_null: bool = False
    primary_key: bool = False
    unique: bool = False
    generated: bool = False
    rowid_alias: bool = False  # INTEGER PRIMARY KEY
    default: str = ""  # the expression behind DEFAULT as written, "" for none
    spelling: str = field(default="", compare=False)  # the name as it is written


@dataclass(frozen=True, slots=True)
class Table:
    """What all definitions of a table say together; names in lower case.

    ``columns`` may hold several definitions of one column.  An ``open`` table may have columns that are not listed.
    ``width`` is how many values a row takes that names no columns; None where definitions differ, or may have changed.
    A ``given`` table is one that the user vouches for: what else is heard of it adds columns, but does not open it.
    """

    name: str
    kind: TableKind = TableKind.TABLE
    columns: tuple[Column, ...] = ()
    strict: bool = False
    without_rowid: bool = False
    open: bool = False
    primary_key: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()  # the columns of each UNIQUE (...)
    references: tuple[str, ...] = ()  # tables that its foreign keys name
    follows: tuple[str, ...] = ()  # those of them whose deleted rows change this table: ON DELETE CASCADE, SET NULL
    definitions: int = 1
    width: int | None = None
    given: bool = False
    spelling: str = field(default="", compare=False)

    def column(self, name: str) -> tuple[Column, ...]:
        """All definitions of a column; none where the table does not list it."""
        wanted = name.lower()
        return tuple(column for column in self.columns if column.name == wanted)

    def union(self, other: Table) -> Table:
        """Both definitions together: a column of either is a column."""
        if other.given and not self.given:
            return other.union(self)
        trusted = self.given and not other.given
        same = self.kind is other.kind
        return replace(
            self,
            kind=self.kind if same or trusted else TableKind.TABLE,
            columns=tuple(dict.fromkeys(self.columns + other.columns)),
            strict=self.strict and other.strict,
            without_rowid=self.without_rowid and other.without_rowid,
            open=self.open if trusted else self.open or other.open or not same,
            primary_key=self.primary_key if self.primary_key == other.primary_key else (),
            unique=tuple(dict.fromkeys(self.unique + other.unique)),
            references=tuple(dict.fromkeys(self.references + other.references)),
            follows=tuple(dict.fromkeys(self.follows + other.follows)),
            definitions=self.definitions if trusted else self.definitions + other.definitions,
            width=self.width if self.width == other.width else None,
        )


@dataclass(slots=True, eq=False)
class Schema:
    """The tables of a project by name (lower case, without a database's name).

    ``partial`` tells that there may be tables that it does not list; ``blurred`` that any table may have columns that
    it does not list; ``anywhere`` are columns that some table has, it is not known which, or had before it was altered.
    They come of DDL that is put together at run time.  ``given`` tells that the user named the files that hold all
    tables.
    """

    tables: dict[str, Table] = field(default_factory=dict)
    triggers: dict[str, frozenset[str]] = field(default_factory=dict)  # of a table: "BEFORE INSERT", "AFTER DELETE"
    partial: bool = False
    blurred: bool = False
    anywhere: set[str] = field(default_factory=set)
    given: bool = False
    json: JsonColumns | None = None  # what the DDL says about JSON, where it speaks of it
    _holders: dict[str, set[str]] = field(default_factory=dict, init=False)  # the tables with a column of each name

    def __post_init__(self) -> None:
        for table in self.tables.values():
            self._note_columns(table)

    def __bool__(self) -> bool:
        return bool(self.tables)

    def _note_columns(self, table: Table) -> None:
        for column in table.columns:
            self._holders.setdefault(column.name, set()).add(table.name)

    def learn(self, statement: Statement) -> bool:
        """Take in a CREATE or ALTER statement; tell whether there was something to learn.  Never raises."""
        from sqlite_lint.sql.ddl import Unnamed, definitions, dropped, trigger, unnamed

        if statement.keyword == "CREATE" and not statement.keys.isdisjoint(_ABOUT_JSON):
            self._json().learn(statement)
        fired = trigger(statement)
        if fired is not None:
            self._fires(fired[0], frozenset(fired[1:]))
        if column := dropped(statement):
            self.anywhere.add(column)
        tables = list(definitions(statement, self))
        for table in tables:
            self.add(table)
        if not tables and (left_open := unnamed(statement)) is not None:
            self.partial = self.partial or left_open.what is Unnamed.TABLE
            self.blurred = self.blurred or left_open.what is Unnamed.COLUMNS
            self.anywhere.update(left_open.columns)
        return bool(tables) or fired is not None

    def add(self, table: Table) -> None:
        known = self.tables.get(table.name)
        self.tables[table.name] = table if known is None else known.union(table)
        self._note_columns(table)

    def merge(self, other: Schema) -> None:
        """Take in all tables of ``other``."""
        for table in other.tables.values():
            self.add(table)
        for name, events in other.triggers.items():
            self._fires(name, events)
        self.partial = self.partial or other.partial
        self.blurred = self.blurred or other.blurred
        self.anywhere |= other.anywhere
        self.given = self.given or other.given
        if other.json is not None:
            self._json().merge(other.json)

    def as_open(self) -> Schema:
        """The same tables, which may have more columns than are listed, and others beside them, but for those given."""
        tables = {name: t if t.given else replace(t, open=True, width=None) for name, t in self.tables.items()}
        return replace(self, tables=tables, partial=self.partial or not self.given)

    def _json(self) -> JsonColumns:
        from sqlite_lint.sql.json_columns import JsonColumns

        if self.json is None:
            self.json = JsonColumns()
        return self.json

    def _fires(self, table: str, events: frozenset[str]) -> None:
        self.triggers[table] = self.triggers.get(table, frozenset()) | events

    def table(self, name: str) -> Table | None:
        return self.tables.get(name.lower())

    def column(self, table: str, name: str) -> tuple[Column, ...]:
        """All definitions of one column; none where the table or the column is not known."""
        known = self.table(table)
        return () if known is None else known.column(name)

    def columns_named(self, name: str) -> tuple[Column, ...]:
        """The definitions of all columns of this name, in whatever table."""
        holders = self._holders.get(name.lower(), ())
        return tuple(column for table in self.tables.values() if table.name in holders for column in table.column(name))

    def has_column(self, names: Iterable[str]) -> bool:
        """Tell whether some table has a column of one of these names, in lower case."""
        return not self._holders.keys().isdisjoint(names)

    def affinities(self, name: str, tables: Iterable[str] | None = None) -> frozenset[Affinity]:
        """The affinities that a column of this name may have, in the given tables or in all of them."""
        found = self.columns_named(name) if tables is None else [c for t in tables for c in self.column(t, name)]
        return frozenset(column.affinity for column in found)
