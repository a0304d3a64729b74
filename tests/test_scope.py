"""The queries of a statement, their sources and what names in them stand for."""

from __future__ import annotations

import pytest

from sqlite_lint.sql.columns import visible_columns
from sqlite_lint.sql.schema import Schema
from sqlite_lint.sql.scope import Scope
from sqlite_lint.sql.statement import split


def scope(sql: str) -> Scope:
    return Scope(split(sql)[0])


@pytest.mark.parametrize(
    "sql, tables",
    [
        ("SELECT * FROM a", ("a",)),
        ("SELECT * FROM a, main.b AS c JOIN \"D\" USING (x) LEFT JOIN e ON e.x = c.x, f", ("a", "b", "d", "e", "f")),
        ("SELECT * FROM a WHERE EXISTS (SELECT 1 FROM b WHERE x IS NOT DISTINCT FROM y)", ("a", "b")),
        ("SELECT * FROM (a JOIN b) JOIN (SELECT * FROM c)", ("a", "b", "c")),
        ("UPDATE OR IGNORE t SET x = (SELECT y FROM u) FROM v WHERE z", ("t", "v", "u")),
        ("DELETE FROM t WHERE x", ("t",)),
        ("INSERT INTO t (a, b) SELECT a, b FROM u", ("t", "u")),
        ("REPLACE INTO main.t VALUES (replace(a, b, c))", ("t",)),
        ("WITH q AS (SELECT * FROM a), r (x) AS (SELECT 1 FROM b) SELECT * FROM q, r, c", ("a", "b", "c")),
        ("SELECT substr(a, 1) FROM t INDEXED BY i WHERE x UNION ALL SELECT b FROM u", ("t", "u")),
        ("CREATE TRIGGER g AFTER UPDATE ON a BEGIN DELETE FROM b WHERE x; UPDATE c SET y = 1; END", ("b", "c")),
        ("SELECT * FROM json_each(x), generate_series(1, 2)", ()),
    ],
)  # fmt: skip
def test_all_tables_are_found(sql: str, tables: tuple[str, ...]) -> None:
    assert scope(sql).tables == tables


@pytest.mark.parametrize(
    "sql, complete",
    [
        ("SELECT * FROM a JOIN b", True),
        ("UPDATE t SET x = 1", True),
        ("SELECT 1", False),
        ("SELECT * FROM a, json_each(a.x)", False),
        ("SELECT * FROM (SELECT * FROM a)", False),
        ("WITH q AS (SELECT 1) SELECT * FROM q", False),
        ("SELECT * FROM \ue000", False),
        ("SELECT * FROM tbl_\ue000", False),
    ],
)
def test_complete_only_where_all_columns_come_from_tables(sql: str, complete: bool) -> None:
    assert scope(sql).complete is complete


@pytest.mark.parametrize(
    "sql",
    ["SELECT FROM", "SELECT (", "UPDATE", "WITH AS (", "FROM a SELECT", "INSERT INTO", "SELECT * FROM (a,", ") FROM )"],
)
def test_broken_statements_are_read_without_error(sql: str) -> None:
    assert isinstance(scope(sql).tables, tuple)


def test_columns_are_known_from_the_schema_only_if_all_tables_are() -> None:
    schema = Schema()
    for statement in split("CREATE TABLE a (x, Y TEXT); CREATE VIEW v AS SELECT 1; CREATE TABLE b (z)"):
        schema.learn(statement)

    def visible(sql: str) -> frozenset[str] | None:
        return visible_columns(split(sql)[0], schema)

    assert visible("SELECT * FROM a JOIN b") == {"x", "y", "z", "rowid", "oid", "_rowid_"}
    assert visible("SELECT * FROM a JOIN v") is None
    assert visible("SELECT * FROM a JOIN c") is None
    assert "tbl_name" in (visible("SELECT * FROM sqlite_schema") or ())
    assert "k" in (visible("CREATE TABLE n (k INT CHECK (k > 0), l)") or ())


def test_deep_nesting_costs_no_more_than_its_length() -> None:
    deep = "SELECT * FROM (" * 2000 + "SELECT 1 AS x FROM t" + ")" * 2000
    assert len(scope(deep).queries) == 2001


def test_deep_brackets_around_a_table_are_given_up() -> None:
    assert scope("SELECT * FROM " + "(" * 3000 + "t" + ")" * 3000).complete is False
