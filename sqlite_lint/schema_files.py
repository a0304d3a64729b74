"""The schema that ``--schema`` and ``schema = [...]`` name: scripts, and databases that are only read.

A database is opened read-only.  One in WAL mode that nobody has open is also opened as immutable, for SQLite would else
leave a -wal and a -shm file beside it (https://sqlite.org/wal.html#readonly).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3

    from sqlite_lint.config import Config
    from sqlite_lint.sql.schema import Schema

_MAGIC: Final = b"SQLite format 3\0"
_VERSIONS: Final = slice(18, 20)  # of the file format, to write and to read: 2 is WAL
_WAL: Final = b"\x02\x02"
_EXECUTED: Final = frozenset({"CREATE", "ALTER", "DROP"})
_LISTED: Final = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"


class SchemaError(Exception):
    """A schema that cannot be used; the message names the file and says why."""


@dataclass(frozen=True, eq=False)
class GivenSchema:
    """What the named files say together; ``digest`` changes with their content."""

    schema: Schema
    digest: str


def given_schema(config: Config) -> GivenSchema | None:
    """The schema that the configuration names, read again when a file has changed; raises SchemaError."""
    if not config.schema:
        return None
    base = config.root or os.getcwd()
    paths = tuple(os.path.join(base, path) for path in config.schema)
    return _load(paths, tuple(map(_stamp, paths)))


def _stamp(path: str) -> tuple[int, ...]:
    """Size and times of a file, and of the log that holds what is not yet in a database's own file."""
    found: list[int] = []
    for name in (path, path + "-wal"):
        try:
            info = os.stat(name)
        except OSError as error:
            if name == path:
                raise SchemaError(f"schema: {path}: {_reason(error)}") from None
            continue
        found += (info.st_size, info.st_mtime_ns)
    return tuple(found)


@lru_cache(maxsize=8)
def _load(paths: tuple[str, ...], _stamps: tuple[tuple[int, ...], ...]) -> GivenSchema:
    from sqlite_lint.sql.schema import Schema

    schema = Schema(given=True)
    for path in paths:
        found = _read(path)
        if not found.tables:
            raise SchemaError(f"schema: {path}: no table is created in it")
        for name, table in found.tables.items():
            found.tables[name] = replace(table, given=True)
        schema.merge(found)
    state = repr((sorted(schema.tables.items()), sorted((name, sorted(on)) for name, on in schema.triggers.items())))
    return GivenSchema(schema, hashlib.sha256(state.encode("utf-8", "surrogatepass")).hexdigest())


def _read(path: str) -> Schema:
    import sqlite3

    try:
        with open(path, "rb") as file:
            head = file.read(100)
            is_database = head.startswith(_MAGIC)
            text = b"" if is_database else head + file.read()
        if is_database:
            return _of_database(path, in_wal_mode=head[_VERSIONS] == _WAL)
    except OSError as error:
        raise SchemaError(f"schema: {path}: {_reason(error)}") from None
    except sqlite3.Error as error:
        raise SchemaError(f"schema: {path}: SQLite cannot read it: {error}") from None
    if b"\0" in text:
        raise SchemaError(f"schema: {path}: is neither a SQLite database nor a SQL script; it may be encrypted")
    try:
        return _of_script(text.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise SchemaError(
            f"schema: {path}: is neither a SQLite database nor a SQL script in UTF-8; it may be encrypted"
        ) from None


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _of_database(path: str, *, in_wal_mode: bool) -> Schema:
    import sqlite3
    from contextlib import closing

    uri = Path(path).absolute().as_uri() + "?mode=ro"
    if in_wal_mode and not _has_content(path + "-wal"):
        uri += "&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        return _of_connection(connection, connection.execute(_LISTED).fetchall())


def _has_content(path: str) -> bool:
    try:
        return os.path.getsize(path) > 0
    except OSError:
        return False


def _of_script(text: str) -> Schema:
    """What a script leaves behind: its DDL is run on an empty database in memory, and what SQLite refuses only read."""
    import sqlite3
    from contextlib import closing

    from sqlite_lint.sql.schema import Schema
    from sqlite_lint.sql.statement import split

    read = Schema()
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for statement in split(text):
            if statement.keyword not in _EXECUTED:
                continue
            try:
                if "VIRTUAL" in statement.keys_at(1, 1) or _is_filled(statement.keys_at(0, 12)):
                    read.learn(statement)  # another module's, or a query's: neither is run
                else:
                    connection.execute(statement.sql)
            except (sqlite3.Error, sqlite3.Warning, ValueError):
                read.learn(statement)
        made = _of_connection(connection, connection.execute(_LISTED).fetchall())
    made.merge(read)
    return made


def _is_filled(keys: Iterable[str]) -> bool:
    """Tell ``CREATE TABLE t AS SELECT`` from other statements by its first words."""
    words = list(keys)
    end = words.index("(") if "(" in words else len(words)
    return "TABLE" in words[:end] and "AS" in words[:end]


def _of_connection(connection: sqlite3.Connection, listed: Iterable[tuple[str, str, str]]) -> Schema:
    from sqlite_lint.sql.schema import Schema
    from sqlite_lint.sql.statement import split

    schema = Schema()
    views = []
    for kind, name, sql in listed:
        if kind == "view":
            views.append(name)
        elif not name.startswith("sqlite_"):
            for statement in split(sql):
                schema.learn(statement)
    for name in views:
        _add_view(schema, name, list(_columns(connection, name)))
    schema.partial = schema.blurred = False
    return schema


def _columns(connection: sqlite3.Connection, view: str) -> Iterator[tuple[str, str]]:
    import sqlite3

    try:
        yield from connection.execute("SELECT name, type FROM pragma_table_xinfo(?)", (view,)).fetchall()
    except sqlite3.Error:  # it names what is not there
        return


def _add_view(schema: Schema, name: str, columns: list[tuple[str, str]]) -> None:
    from sqlite_lint.sql.schema import Column, Table, TableKind, affinity_of

    made = tuple(Column(each.lower(), kind, affinity_of(kind), spelling=each) for each, kind in columns)
    schema.add(Table(name.lower(), TableKind.VIEW, made, open=not made, spelling=name))
