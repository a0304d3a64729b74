"""SQL401 behind names: columns of views, generated columns, aliases, elements of json_each; and what -> is compared with."""

from __future__ import annotations

import sqlite3

import pytest

from sqlite_lint.checks.json_compare import check
from sqlite_lint.config import Config
from sqlite_lint.hosts.model import Params, Sink, SqlUse, ValueType
from sqlite_lint.hosts.sqltext import SqlText
from sqlite_lint.rule import Hit, SqlContext
from sqlite_lint.sql.schema import Schema
from sqlite_lint.sql.statement import split
from sqlite_lint.text import Edit, Span, apply_edits

DDL = """
CREATE TABLE device (
    id INTEGER PRIMARY KEY, data TEXT, name TEXT, typed TEXT AS (data ->> 'port'), port AS (data ->> 'port'),
    size GENERATED ALWAYS AS (json_extract(data, '$.size')) STORED
);
CREATE VIEW ports AS SELECT id, data ->> 'port' AS port, CAST(data ->> 'port' AS TEXT) AS text FROM device;
CREATE VIEW IF NOT EXISTS renamed (key, number) AS SELECT id, json_extract(data, '$.port') FROM device;
CREATE INDEX by_port ON device (json_extract(data, '$.port') DESC);
"""
ROWS = """
INSERT INTO device (data, name) VALUES ('{"port": 80, "size": 1, "tags": [80]}', 'web'), ('{"port": "80", "size": 2, "tags": ["80"]}', 'x');
"""


def schema() -> Schema:
    found = Schema()
    for statement in split(DDL):
        found.learn(statement)
    return found


def hits(sql: str, params: Params | None = None, known: Schema | None = None) -> list[Hit]:
    use = SqlUse(SqlText.verbatim(sql), Sink.FILE, Span(0, len(sql)), params=params or Params())
    context = SqlContext(Config(), use, None, schema() if known is None else known, (3, 40))  # type: ignore[arg-type]
    return [hit for statement in split(sql) for hit in check(statement, context)]


def fixed(sql: str) -> str:
    return apply_edits(sql, [Edit(*edit) for hit in hits(sql) if hit.fix for edit in hit.fix.edits])


def rows(sql: str) -> list[tuple[object, ...]]:
    database = sqlite3.connect(":memory:")
    database.executescript(DDL + ROWS)
    found = database.execute(sql).fetchall()
    database.close()
    return found


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM ports WHERE port = '80'",
        "SELECT p.id FROM ports AS p JOIN device AS d ON d.id = p.id WHERE p.port IN ('80', '81')",
        "SELECT key FROM renamed WHERE '80' = number",
        "SELECT id FROM device WHERE port = '80'",
        "SELECT id FROM device AS d WHERE d.size = '1'",
        "SELECT data ->> 'port' AS p, id FROM device WHERE p = '80'",
        "SELECT data ->> 'port' AS p, count(*) FROM device GROUP BY 1 HAVING p = '80'",
        "SELECT device.id FROM device, json_each(device.data, '$.tags') WHERE value = '80'",
        "SELECT d.id FROM device AS d JOIN json_tree(d.data) AS j WHERE j.atom = '80'",
        "SELECT id FROM device WHERE EXISTS (SELECT 1 FROM json_each(data, '$.tags') WHERE json_each.value = '80')",
        "SELECT '80' IN (SELECT value FROM json_each('[80]'))",
        "WITH q (p, i) AS (SELECT data ->> 'port', id FROM device) SELECT i FROM q WHERE p = '80'",
    ],
)
def test_a_json_value_is_known_behind_its_name(sql: str) -> None:
    assert len(hits(sql)) == 1
    assert hits(fixed(sql)) == []
    assert rows(fixed(sql)) != rows(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM ports WHERE text = '80'",
        "SELECT id FROM device WHERE typed = '80'",
        "SELECT id FROM ports WHERE port = 80",
        "SELECT id FROM other WHERE port = '80'",
        "SELECT port FROM other, device AS d WHERE other.port = '80'",
        "SELECT data ->> 'port' AS name FROM device WHERE name = '80'",
        "SELECT data ->> 'port' AS data FROM device WHERE data = '80'",
        "SELECT data ->> 'port' AS p FROM unknown WHERE p = '80'",
        "SELECT id FROM device, json_each(data) WHERE key = '80'",
        "SELECT id FROM device, json_each(data) AS j WHERE name = '80' AND j.value = 80",
        "SELECT id FROM settings WHERE value = '80'",
        "SELECT id FROM device WHERE name IN (SELECT data ->> 'port' FROM device)",
        "SELECT id FROM device WHERE (id, '80') IN (SELECT id, data ->> 'port' FROM device)",
    ],
)
def test_noop_names_that_stand_for_something_else(sql: str) -> None:
    assert hits(sql) == []


@pytest.mark.parametrize(
    "condition, after",
    [
        ("data -> 'port' = 80", "data ->> 'port' = 80"),
        ("data -> 'port' IN (80, 81)", "data ->> 'port' IN (80, 81)"),
        ("data -> 'port' BETWEEN 1 AND 70", "data ->> 'port' BETWEEN 1 AND 70"),
        ("data -> 'port' > 100", "data ->> 'port' > 100"),
        ("data -> 'name' >= 'a'", "data ->> 'name' >= 'a'"),
        ("data -> 'name' LIKE 'web%'", "data ->> 'name' LIKE 'web%'"),
        ("data -> 'name' NOT LIKE 'web%'", "data ->> 'name' NOT LIKE 'web%'"),
        ("data -> 'name' = name", "data ->> 'name' = name"),
    ],
)
def test_json_text_is_no_value(condition: str, after: str) -> None:
    assert fixed(f"SELECT id FROM device WHERE {condition}") == f"SELECT id FROM device WHERE {after}"


@pytest.mark.parametrize(
    "condition",
    [
        "data -> 'name' LIKE '\"web%'",
        "data -> 'name' LIKE '%web%'",
        "data -> 'tags' LIKE '[%'",
        "data -> 'name' = data",
        "data -> 'name' = data -> 'port'",
        "data -> 'tags' = '[80]'",
        "data -> 'port' = '80'",
        "data -> 'tags' > '[1'",
        "data -> 'name' = ?",
        "name = data ->> 'name'",
    ],
)
def test_noop_json_text_where_json_text_is_meant(condition: str) -> None:
    assert hits(f"SELECT id FROM device WHERE {condition}") == []


def test_values_bound_to_json_text_count() -> None:
    sql = "SELECT id FROM device WHERE data -> 'name' = ?"
    assert hits(sql, Params((ValueType.NUMBER,)))
    assert hits(sql, Params((ValueType.TEXT,), texts={0: "web"}))
    assert not hits(sql, Params((ValueType.TEXT,), texts={0: '"web"'}))
    assert not hits(sql, Params((ValueType.TEXT,)))


def test_json_null_is_no_text() -> None:
    (hit,) = hits("SELECT id FROM device WHERE data ->> 'gone' <> 'null'")
    assert hit.fix is None and hit.withheld
    assert not hits("SELECT id FROM device WHERE data -> 'gone' = 'null'")


def test_the_fix_names_the_index_that_it_puts_out_of_use() -> None:
    (known,) = hits("SELECT id FROM device AS d WHERE JSON_EXTRACT(d.data,'$.port') = '80'")
    (other,) = hits("SELECT id FROM device WHERE json_extract(data, '$.other') = '80'")
    assert known.fix and "the index by_port is then not used" in known.fix.title
    assert other.fix and "index" not in other.fix.title
    database = sqlite3.connect(":memory:")
    database.executescript(DDL)
    plans = [
        str(database.execute(f"EXPLAIN QUERY PLAN SELECT id FROM device WHERE {left} = '80'").fetchall())
        for left in ("json_extract(data, '$.port')", "CAST(json_extract(data, '$.port') AS TEXT)")
    ]
    assert ["by_port" in plan for plan in plans] == [True, False]
    database.close()


def test_without_a_schema_nothing_is_assumed() -> None:
    assert hits("SELECT id FROM ports WHERE port = '80'", known=Schema()) == []
