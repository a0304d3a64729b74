"""Which SQLite a statement needs, against what builds from 3.24 to 3.54 accept."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks import function_data
from sqlite_lint.sql.calls import calls
from sqlite_lint.sql.feature import Effect
from sqlite_lint.sql.functions import (
    accepts,
    function_since,
    functions_at,
    mysql_functions,
    postgres_functions,
    rare_functions,
)
from sqlite_lint.sql.statement import Statement, split
from sqlite_lint.sql.versions import features, newer_than
from tests.facts import dialect_cases, function_facts, version

OLDEST = (3, 24)


def only(sql: str) -> Statement:
    (statement,) = split(sql)
    return statement


def names(sql: str, target: tuple[int, int]) -> list[str]:
    return [feature.name for statement in split(sql) for feature in newer_than(statement, target)]


def script(case: dict[str, Any]) -> str:
    return ";\n".join([case["sql"], *case.get("check", [])])


@pytest.mark.parametrize("field", ["sqlite_since", "sqlite_accepts_since"])
def test_every_measured_statement_needs_the_version_that_was_the_first_to_run_it(field: str) -> None:
    wrong = []
    for case in dialect_cases():
        since = version(case[field])
        text = script(case) if field == "sqlite_since" else case["sql"]
        if since is not None and since > OLDEST and not names(text, (3, since[1] - 1)):
            wrong.append((case["id"], since, text))
    assert wrong == []


def test_no_measured_statement_needs_more_than_the_version_that_runs_it() -> None:
    wrong = []
    for case in dialect_cases():
        since = version(case["sqlite_since"])
        if since is not None and names(case["sql"], since):
            wrong.append((case["id"], since, names(case["sql"], since)))
    assert wrong == []


def test_no_measured_statement_is_refused_by_more_than_the_version_that_accepts_it() -> None:
    wrong = []
    for case in dialect_cases():
        since = version(case["sqlite_accepts_since"])
        for statement in split(case["sql"]) if since is not None else ():
            refused = [f.name for f in newer_than(statement, since) if f.effect is not Effect.MEANING]
            wrong += [(case["id"], since, refused)] if refused else []
    assert wrong == []


FEATURES = [
    ("SELECT a FROM t WHERE x ->> '$.a' = 1", (3, 38), ["->>"]),
    ("SELECT sum(a) OVER w FROM t WINDOW w AS (ORDER BY b)", (3, 25), ["a window function", "WINDOW"]),
    ("SELECT sum(a) OVER (ORDER BY b RANGE BETWEEN 2 PRECEDING AND CURRENT ROW) FROM t", (3, 28),
     ["a RANGE frame with an offset"]),
    ("SELECT sum(a) OVER (ORDER BY b GROUPS UNBOUNDED PRECEDING EXCLUDE TIES) FROM t", (3, 28),
     ["a GROUPS frame", "EXCLUDE in a window frame"]),
    ("SELECT a FROM t ORDER BY a NULLS LAST", (3, 30), ["NULLS LAST"]),
    ("SELECT count(*) FILTER (WHERE a > 1) FROM t", (3, 30), ["FILTER"]),
    ("CREATE TABLE t (a, b AS (a + 1) STORED)", (3, 31), ["a generated column"]),
    ("CREATE TABLE t (a, b INT GENERATED ALWAYS AS (a + 1))", (3, 31), ["a generated column"]),
    ("CREATE TABLE t (a, b INT AS (a + 1), c)", (3, 31), ["a generated column"]),
    ("ALTER TABLE t ADD COLUMN b AS (a + 1)", (3, 31), ["a generated column"]),
    ("SELECT iif(a, b, c) FROM t", (3, 32), ["iif()"]),
    ("UPDATE t SET a = u.b FROM u WHERE u.id = t.id", (3, 33), ["UPDATE ... FROM"]),
    ("SELECT name FROM sqlite_schema", (3, 33), ["the name sqlite_schema"]),
    ("ALTER TABLE t DROP COLUMN a", (3, 35), ["ALTER TABLE ... DROP COLUMN"]),
    ("ALTER TABLE t RENAME COLUMN a TO b", (3, 25), ["ALTER TABLE ... RENAME COLUMN"]),
    ("INSERT INTO t VALUES (1) RETURNING id", (3, 35), ["RETURNING"]),
    ("WITH c AS NOT MATERIALIZED (SELECT 1) SELECT * FROM c", (3, 35), ["MATERIALIZED"]),
    ("INSERT INTO t VALUES (1) ON CONFLICT DO UPDATE SET a = 1", (3, 35), ["DO UPDATE without a conflict target"]),
    ("INSERT INTO t VALUES (1) ON CONFLICT (a) DO NOTHING ON CONFLICT (b) DO NOTHING", (3, 35),
     ["a second ON CONFLICT"]),
    ("CREATE TABLE t (a TEXT) STRICT", (3, 37), ["a STRICT table"]),
    ("SELECT * FROM a RIGHT OUTER JOIN b ON a.x = b.x", (3, 39), ["RIGHT JOIN"]),
    ("SELECT * FROM a WHERE x IS NOT DISTINCT FROM y", (3, 39), ["IS DISTINCT FROM"]),
    ("SELECT count(*) FROM t HAVING count(*) > 1", (3, 39), ["HAVING without GROUP BY"]),
    ("SELECT unhex('41')", (3, 41), ["unhex()"]),
    ("SELECT group_concat(a, ',' ORDER BY b) FROM t", (3, 44), ["ORDER BY in an aggregate function"]),
    ("SELECT 1_000", (3, 46), ["a digit separator"]),
    ("SELECT iif(a, b) FROM t", (3, 48), ["iif() with 2 arguments"]),
    ("SELECT datetime('now', 'subsec')", (3, 42), ["the modifier 'subsec'"]),
    ("SELECT strftime('%F %T', 'now')", (3, 44), ["%F in strftime()", "%T in strftime()"]),
    ("PRAGMA main.table_list", (3, 37), ["PRAGMA table_list"]),
    ("VACUUM INTO 'backup.db'", (3, 27), ["VACUUM INTO"]),
    ("SELECT value FROM jsonb_each('[]')", (3, 51), ["jsonb_each()"]),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "since", "expected"), FEATURES)
def test_a_construct_needs_the_version_that_brought_it(sql: str, since: tuple[int, int], expected: list[str]) -> None:
    assert names(sql, (3, since[1] - 1)) == expected
    assert names(sql, since) == []


@pytest.mark.parametrize(
    "sql",
    [
        'SELECT strict, "returning", filter, groups FROM t',
        "SELECT t.window, t.over, t.nulls FROM t",
        "SELECT 'a -> b', 'RETURNING', '1_000', a_1_000 FROM t -- RIGHT JOIN x RETURNING",
        "SELECT date(a), replace(b, 'x', 'y') FROM t",
        "INSERT INTO iif (a, b, c) VALUES (1, 2, 3)",
        "CREATE TABLE concat (string_agg TEXT, format VARCHAR(10))",
        "CREATE INDEX i ON format (a)",
        "CREATE TABLE t AS SELECT a FROM (SELECT 1 AS a) AS b",
        "WITH concat (a) AS (SELECT 1) SELECT * FROM concat",
        "SELECT a FROM t WHERE a > (SELECT max(b) FROM u) GROUP BY a HAVING count(*) > 1",
        "SELECT (SELECT a FROM t ORDER BY a) FROM t",
        "SELECT sum(a) FROM t WHERE b IN (SELECT b FROM u ORDER BY b)",
        "UPDATE t SET a = (SELECT b FROM u LIMIT 1) WHERE a IN (SELECT c FROM v ORDER BY c)",
        "DELETE FROM t WHERE id IN (SELECT id FROM t ORDER BY id LIMIT 1)",
        "SELECT * FROM a WHERE (a, b) IN (SELECT 1, 2)",
        "CREATE TRIGGER r AFTER UPDATE ON t BEGIN SELECT a FROM t ORDER BY a LIMIT 1; END",
        "CREATE TRIGGER r AFTER DELETE ON t BEGIN UPDATE t SET a = 1; SELECT 1 FROM t LIMIT 1; END",
    ],
)
def test_noop_for_names_strings_and_older_constructs(sql: str) -> None:
    assert names(sql, OLDEST) == []


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("DELETE FROM t LIMIT 1", "DELETE ... LIMIT"),
        ("DELETE FROM t WHERE a IN (1, 2) LIMIT 1", "DELETE ... LIMIT"),
        ("UPDATE t SET a = 1 WHERE b ORDER BY c LIMIT 1", "UPDATE ... ORDER BY"),
        ("WITH c AS (SELECT 1) DELETE FROM t WHERE a IN c LIMIT 2", "DELETE ... LIMIT"),
    ],
)
def test_what_only_some_builds_have_is_newer_than_every_version(sql: str, name: str) -> None:
    assert names(sql, (3, 99)) == [name]


def test_a_feature_says_where_it_stands_and_what_it_needs() -> None:
    sql = "SELECT 1; SELECT a FROM t ORDER BY a NULLS LAST"
    (feature,) = newer_than(split(sql)[1], (3, 24))
    assert sql[slice(*feature.span)] == "NULLS LAST"
    assert feature.complaint((3, 24)) == "NULLS LAST needs SQLite 3.30; the target is 3.24"


def test_functions_are_those_that_each_build_lists() -> None:
    for build, listed in function_facts()["sqlite"].items():
        if not build.startswith("3.") or isinstance(listed, dict) or build == "3.30.1":
            continue
        known = functions_at(version(build) or OLDEST)
        missing = [
            (name, arity)
            for name, arity in listed
            if name not in rare_functions()
            and not name.startswith(("current_", "-"))
            and not accepts_listed(known, name, arity)
        ]
        assert missing == [], build


def accepts_listed(known: Any, name: str, arity: int) -> bool:
    arities = known.get(name, frozenset())
    return arity in arities or -1 in arities or any(a < -2 for a in arities) or accepts(arities, arity)


def test_the_table_of_functions_is_the_one_that_the_facts_give() -> None:
    assert function_data.OUTPUT.read_text(encoding="utf-8") == function_data.generate()
    assert function_data.INTERNALS.read_text(encoding="utf-8") == function_data.generate_internals()


def test_functions_of_later_builds_are_not_known_earlier() -> None:
    assert "string_agg" not in functions_at((3, 43)) and "string_agg" in functions_at((3, 44))
    assert functions_at((3, 47))["iif"] == {3} and functions_at((3, 48))["iif"] == {2, 3}
    assert accepts(functions_at((3, 49))["iif"], 7) and not accepts(functions_at((3, 49))["iif"], 1)
    assert function_since("now", None) is None and function_since("LOWER", 1) == (3, 0)


def test_functions_of_the_other_engines_are_known_with_their_arguments() -> None:
    assert accepts(postgres_functions()["now"], 0) and accepts(postgres_functions()["concat"], 5)
    assert accepts(mysql_functions()["date_format"], 2) and not accepts(mysql_functions()["date_format"], 1)
    assert "soundex" in rare_functions() and "soundex" not in functions_at((3, 54))


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT now(), count(*), \"lower\"(b) FROM t", [("now", 0), ("count", 0), ("lower", 1)]),
        ("SELECT f(g(a, b), (SELECT 1, 2)) FROM t", [("f", 2), ("g", 2)]),
        ("SELECT string_agg(a, ',' ORDER BY b, c) FROM t", [("string_agg", 2)]),
        ("SELECT f(\ue000), g(1, \ue000)", [("f", None), ("g", None)]),
        ("SELECT CAST(a AS VARCHAR(10)), x IN (1, 2), a::numeric(1, 2), pg_catalog.f(1) FROM t", [("f", 1)]),
        ("INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET b = max(1, 2)", [("max", 2)]),
        ("CREATE TABLE t (a VARCHAR(10) DEFAULT (now()) CHECK (f(a) > 1), PRIMARY KEY (a))", [("now", 0), ("f", 1)]),
        ("CREATE UNIQUE INDEX i ON t (lower(a), b) WHERE abs(b) > 1", [("lower", 1), ("abs", 1)]),
        ("SELECT * FROM json_each('[]') AS j, g(1, 2) JOIN t ON f(a)", [("json_each", 1), ("g", 2), ("f", 1)]),
        ("PRAGMA table_info(t)", []),
        ("SELECT a FROM t JOIN u USING (a) WHERE EXISTS (SELECT 1) AND (a, b) IN (VALUES (1, 2))", []),
        ("SELECT left('a', 1), replace(a, 'b', 'c'), if(a, b, c)", [("left", 2), ("replace", 3), ("if", 3)]),
    ],
)  # fmt: skip
def test_calls_are_told_from_tables_types_and_keywords(sql: str, expected: list[tuple[str, int | None]]) -> None:
    assert [(call.name, call.arity) for call in calls(only(sql))] == expected


def test_table_valued_functions_are_marked() -> None:
    statement = only("SELECT f(1) FROM t, json_each(g(t.a), h(2)) WHERE k(3)")
    assert [call.name for call in calls(statement) if call.in_from] == ["json_each"]


def test_finding_features_of_a_long_statement_is_no_burden() -> None:
    statement = only("SELECT " + ", ".join(["iif(a, b, c)"] * 2_000) + " FROM t")
    assert len(features(statement)) == 2_000
