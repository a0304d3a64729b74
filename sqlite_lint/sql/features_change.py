"""Constructs that define or change something and that some SQLite version was the first to have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.sql.feature import Detectors, Effect, Feature, feature_at, is_word, nearest_after, nearest_before
from sqlite_lint.sql.tokens import Kind

if TYPE_CHECKING:
    from sqlite_lint.sql.statement import Statement

DETECTORS: Final = Detectors()


@DETECTORS.on("GENERATED")
def _generated(s: Statement, i: int) -> Iterator[Feature]:
    if s.keys_at(i, 4) == ("GENERATED", "ALWAYS", "AS", "("):
        yield feature_at(s, "a generated column", 31, i, i + 2)


@DETECTORS.on("AS")
def _computed(s: Statement, i: int) -> Iterator[Feature]:
    """``total INT AS (price * n)``; with GENERATED ALWAYS the words before it say so."""
    defines_columns = "TABLE" in s.keys_at(1, 3) and s.depth[i] == {"CREATE": 1, "ALTER": 0}.get(s.keyword)
    if defines_columns and s.key(i + 1) == "(" and s.key(i - 1) != "ALWAYS":
        yield feature_at(s, "a generated column", 31, i)


@DETECTORS.on("FROM")
def _update_from(s: Statement, i: int) -> Iterator[Feature]:
    if "SET" not in s.keys:
        return
    setting = nearest_before(s, i, "SET", "WHERE", "SELECT", "FROM", "DISTINCT")
    if setting is None or s.key(setting) != "SET" or s.key(i - 1) == "DISTINCT":
        return
    update = nearest_before(s, setting, "UPDATE", "ON")
    if update is not None and s.key(update) == "UPDATE" and s.key(update - 1) not in {"DO", "ON", "FOR"}:
        yield feature_at(s, "UPDATE ... FROM", 33, i)


@DETECTORS.on("SQLITE_SCHEMA", "SQLITE_TEMP_SCHEMA")
def _schema_table(s: Statement, i: int) -> Iterator[Feature]:
    yield feature_at(s, f"the name {s.tokens[i].text}", 33, i)


@DETECTORS.on("RENAME", "DROP", "ALTER", "ADD")
def _alter(s: Statement, i: int) -> Iterator[Feature]:
    if s.keyword != "ALTER" or i < 3 or s.depth[i]:
        return
    key, following = s.key(i), s.key(i + 1)
    if key == "RENAME" and following != "TO":
        yield feature_at(s, "ALTER TABLE ... RENAME COLUMN", 25, i, i + 1)
    elif key == "DROP" and following not in {"NOT", "DEFAULT", "IDENTITY", "EXPRESSION"} and s.key(1) == "TABLE":
        if following == "CONSTRAINT" and s.key(i + 2) == "IF":
            return
        if following == "CONSTRAINT":
            yield feature_at(s, "ALTER TABLE ... DROP CONSTRAINT", 53, i, i + 1)
        else:
            yield feature_at(s, "ALTER TABLE ... DROP COLUMN", 35, i, i + 1)
    elif key == "ALTER":
        column = i + 1 + (following == "COLUMN")
        if s.keys_at(column + 1, 3) in {("SET", "NOT", "NULL"), ("DROP", "NOT", "NULL")}:
            yield feature_at(s, "ALTER COLUMN ... NOT NULL", 53, i, column + 3)
    elif key == "ADD" and (following == "CHECK" or (following == "CONSTRAINT" and s.key(i + 3) == "CHECK")):
        yield feature_at(s, "ALTER TABLE ... ADD CONSTRAINT", 53, i, i + 1)
    elif key == "ADD" and "DEFAULT" not in s.keys and "AS" not in s.keys:
        at = next((k for k in s.find("NOT", i) if s.key(k + 1) == "NULL" and not s.depth[k]), None)
        if at is not None:
            yield feature_at(s, "ADD COLUMN with NOT NULL and without DEFAULT", 32, at, at + 1)


@DETECTORS.on("VACUUM")
def _vacuum_into(s: Statement, i: int) -> Iterator[Feature]:
    if i == 0 and (into := nearest_after(s, i, "INTO")) is not None:
        yield feature_at(s, "VACUUM INTO", 27, into)


@DETECTORS.on("RETURNING")
def _returning(s: Statement, i: int) -> Iterator[Feature]:
    if is_word(s, i) and nearest_before(s, i, "INSERT", "REPLACE", "UPDATE", "DELETE") is not None:
        yield feature_at(s, "RETURNING", 35, i)


@DETECTORS.on("CONFLICT")
def _upsert(s: Statement, i: int) -> Iterator[Feature]:
    do = nearest_after(s, i, "DO")
    if s.key(i - 1) != "ON" or do is None:
        return
    yield feature_at(s, "ON CONFLICT ... DO", 24, i - 1, i)
    if s.keys_at(do, 2) == ("DO", "UPDATE") and do == i + 1:
        yield feature_at(s, "DO UPDATE without a conflict target", 35, do, do + 1)
    if (other := nearest_before(s, i - 1, "CONFLICT")) is not None and s.key(other - 1) == "ON":
        yield feature_at(s, "a second ON CONFLICT", 35, i - 1, i)


@DETECTORS.on("STRICT", "ROWID")
def _table_options(s: Statement, i: int) -> Iterator[Feature]:
    if s.keyword != "CREATE" or s.depth[i] or "TABLE" not in s.keys_at(1, 3):
        return
    if s.key(i) == "ROWID":
        if s.key(i - 1) == "WITHOUT":
            yield feature_at(s, "WITHOUT ROWID", 8, i - 1, i)
    elif s.key(i - 1) in {")", ","}:
        yield feature_at(s, "a STRICT table", 37, i)


@DETECTORS.on("UPDATE", "DELETE")
def _limited_change(s: Statement, i: int) -> Iterator[Feature]:
    if s.keys.isdisjoint({"ORDER", "LIMIT"}) or not is_word(s, i):
        return
    if s.key(i - 1) in {"ON", "DO", "FOR", "AFTER", "BEFORE", "OF", "OR", ","}:
        return
    body = nearest_after(s, i, "SET") if s.key(i) == "UPDATE" else (i + 1 if s.key(i + 1) == "FROM" else None)
    if body is None:
        return
    end = nearest_after(s, body, "ORDER", "LIMIT")
    if end is not None:
        yield feature_at(s, f"{s.key(i)} ... {s.key(end).replace('ORDER', 'ORDER BY')}", None, end)


@DETECTORS.on("RAISE")
def _computed_message(s: Statement, i: int) -> Iterator[Feature]:
    items = s.arguments(i + 1) if s.key(i + 1) == "(" else []
    if len(items) == 2 and (
        items[1][1] - items[1][0] > 1 or s.tokens[items[1][0]].kind not in (Kind.STRING, Kind.QUOTED)
    ):
        yield feature_at(s, "RAISE with a computed message", 47, items[1][0], items[1][1] - 1)


_PRAGMAS: Final = {
    "LEGACY_ALTER_TABLE": 26, "TABLE_XINFO": 26, "HARD_HEAP_LIMIT": 31, "TRUSTED_SCHEMA": 31, "ANALYSIS_LIMIT": 32,
    "TABLE_LIST": 37,
}  # fmt: skip


@DETECTORS.on("PRAGMA")
def _pragma(s: Statement, i: int) -> Iterator[Feature]:
    """A pragma that an older SQLite does not know, and so passes over in silence."""
    name = i + 3 if s.key(i + 2) == "." else i + 1
    if i == 0 and (minor := _PRAGMAS.get(s.key(name))) is not None:
        yield feature_at(s, f"PRAGMA {s.tokens[name].text}", minor, name, effect=Effect.MEANING)
