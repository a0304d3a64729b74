"""SQL401 on tokens: which comparisons of a JSON value are reported, and that each report is a fact of the engine."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from sqlite_lint import lint_text
from sqlite_lint.checks.json_compare import check
from sqlite_lint.config import Config
from sqlite_lint.diagnostic import Severity
from sqlite_lint.hosts.model import Params, Sink, SqlUse, ValueType
from sqlite_lint.hosts.sqltext import SqlText
from sqlite_lint.rule import Hit, SqlContext
from sqlite_lint.sql.schema import Schema
from sqlite_lint.sql.statement import split
from sqlite_lint.text import Applicability, Edit, Span, apply_edits

FACTS = json.loads((Path(__file__).parent / "data/facts/affinity.json").read_text())["by_version"]
DOCUMENTS = ('{"n":10}', '{"n":"10"}', '{"n":true}', '{"n":"true"}', '{"n":10.5}', '{"n":1}', '{"n":"007"}',
             '{"n":null}', '{"n":"active"}', '{"n":[1]}', "{}")  # fmt: skip


def hits(sql: str, params: Params | None = None) -> list[Hit]:
    use = SqlUse(SqlText.verbatim(sql), Sink.FILE, Span(0, len(sql)), params=params or Params())
    context = SqlContext(Config(), use, None, Schema(), (3, 40))  # type: ignore[arg-type]
    return [hit for statement in split(sql) for hit in check(statement, context)]


def fixed(sql: str, params: Params | None = None) -> str:
    edits = [Edit(*edit) for hit in hits(sql, params) if hit.fix for edit in hit.fix.edits]
    return apply_edits(sql, edits)


def flagged(condition: str, params: Params | None = None) -> list[str]:
    sql = f"SELECT * FROM e WHERE {condition}"
    return [sql[hit.span.start : hit.span.end] for hit in hits(sql, params)]


def rows(sql: str, *values: object) -> list[Any]:
    database = sqlite3.connect(":memory:")
    try:
        database.execute("CREATE TABLE e (id INTEGER PRIMARY KEY, d TEXT, name TEXT)")
        database.executemany("INSERT INTO e (d) VALUES (?)", [(d,) for d in DOCUMENTS])
        return database.execute(sql, values).fetchall()
    finally:
        database.close()


J = "json_extract(d, '$.n')"


@pytest.mark.parametrize(
    "condition",
    [
        "{j} = '10'",
        "{j} == '10'",
        "{j} <> '10'",
        "{j} != '10'",
        "{j} IS '10'",
        "{j} IS NOT '10'",
        "{j} IS NOT DISTINCT FROM '10'",
        "'10' = {j}",
        "({j}) = ('10')",
        "{j} COLLATE NOCASE = '10'",
        "+{j} = '10'",
        "NOT {j} = '10'",
        "id > 0 AND {j} = '10' OR id < 0",
        "{j} IN ('10', '9')",
        "{j} NOT IN ('10')",
        "'10' IN ({j}, 'x')",
        "CASE {j} WHEN '9' THEN 0 WHEN '10' THEN 1 END",
        "CASE '10' WHEN {j} THEN 1 END",
        "({j}, id) = ('10', 1)",
        "(id, {j}) IN (VALUES (1, '10'), (2, 'x'))",
        "coalesce({j}, '') = '10'",
        "ifnull({j}, 'none') IN ('10', 'none')",
        "coalesce({j}, name) = '10'",
        "CASE WHEN id > 0 THEN {j} END = '10'",
        "CASE id WHEN 0 THEN '' ELSE CASE WHEN id > 0 THEN {j} END END = '10'",
        "iif(id > 0, {j}, name) = '10'",
        "nullif({j}, '') = '10'",
        "(SELECT max({j}) FROM e AS f WHERE f.id = e.id) = '10'",
        "'10' IN (SELECT {j} AS v FROM e AS f WHERE f.id = e.id)",
        "{j} = '1'",
        "{j} = '10.5'",
    ],
)
@pytest.mark.parametrize("j", [J, "d->>'n'", "d ->> '$.n'", "JSON_EXTRACT(d,'$.n')"])
def test_an_equality_with_text_that_a_number_may_have_is_reported_and_its_cast_matters(condition: str, j: str) -> None:
    sql = "SELECT id FROM e WHERE " + condition.format(j=j)
    (hit,) = hits(sql)
    assert j in sql[hit.span.start : hit.span.end]

    after = fixed(sql)
    assert rows(after) != rows(sql)
    assert hits(after) == []
    assert all(h.fix and h.fix.applicability is Applicability.SAFE for h in hits(sql))


@pytest.mark.parametrize(
    "text", ["active", "007", "", "2024-01-01", "1e5", "+10", " 10", "10 ", ".5", "en", "1_0", "True"]
)
@pytest.mark.parametrize("condition", ["{j} = {t}", "{j} <> {t}", "{j} IN ({t})", "{t} = {j}", "{j} IS NOT {t}"])
def test_noop_text_that_no_number_has_because_the_cast_changes_no_row(text: str, condition: str) -> None:
    plain = "SELECT id FROM e WHERE " + condition.format(j=J, t=f"'{text}'")
    assert hits(plain) == []
    assert rows(plain) == rows(plain.replace(J, f"CAST({J} AS TEXT)"))


@pytest.mark.parametrize(
    "condition",
    [
        "{j} = 10",
        "{j} = -1",
        "{j} = 10.5",
        "{j} = TRUE",
        "{j} IS NULL",
        "{j} IS NOT NULL",
        "{j} = NULL",
        "{j} > 9",
        "{j} BETWEEN 1 AND 20",
        "{j} IN (1, 2)",
        "{j} IN (10, '10')",
        "{j} IN (1, 'true')",
        "{j} IN (SELECT name FROM t)",
        "{j} = (SELECT name FROM t)",
        "{j} = name",
        "{j} = t.name",
        '{j} = t."name"',
        "t.name = {j}",
        "{j} = CAST(10 AS TEXT)",
        "CAST({j} AS TEXT) = '10'",
        "CAST({j} AS INTEGER) = '10'",
        "{j} || '' = '10'",
        "'n' || ({j}) = '10'",
        "{j} + 0 = '10'",
        "-{j} = '10'",
        "lower({j}) = '10'",
        "{j} = lower('10')",
        "{j} LIKE '1%'",
        "{j} GLOB '1*'",
        "{j} = {j}",
        "json_extract(d, '$.a', '$.b') = '10'",
        "json_type(d, '$.n') = 'true'",
        "length({j}) = '10'",
        "{j} > '2024-01-01'",
        "id = '10' AND {j}",
        "({j})::text = '10'",
    ],
)
@pytest.mark.parametrize("j", [J, "d->>'n'"])
def test_noop_what_sqlite_compares_as_meant(condition: str, j: str) -> None:
    assert flagged(condition.format(j=j)) == []


def test_noop_assignment_of_a_json_value() -> None:
    assert hits(f"UPDATE e SET d = {J}, v = '10' WHERE id = 1") == []
    assert hits(f"INSERT INTO e VALUES (1, {J}, '10') ON CONFLICT DO UPDATE SET v = {J}") == []


def test_a_comparison_inside_an_assigned_value_is_reported() -> None:
    sql = f"UPDATE e SET v = ({J} = '10'), w = CASE WHEN {J} = '1' THEN 2 END"
    assert len(hits(sql)) == 2


@pytest.mark.parametrize("condition", [f"{J} > '5'", f"{J} BETWEEN '1' AND '2'", f"'5' < {J}", f"{J} <= '5'"])
def test_an_ordering_against_text_is_cast_only_on_request(condition: str) -> None:
    (hit,) = hits("SELECT id FROM e WHERE " + condition)
    assert hit.fix is not None and hit.fix.applicability is Applicability.UNSAFE
    assert "sorts before" in (hit.message or "")


def test_every_number_sorts_before_text() -> None:
    assert rows(f"SELECT id FROM e WHERE {J} > '5'") == [(4,), (9,), (10,)]
    assert rows(f"SELECT id FROM e WHERE {J} < ''") == [(1,), (3,), (5,), (6,)]


@pytest.mark.parametrize("word, number", [("true", "1"), ("false", "0")])
def test_a_boolean_word_is_compared_with_its_number_as_well(word: str, number: str) -> None:
    sql = f"SELECT id FROM e WHERE {J} = '{word}'"
    (hit,) = hits(sql)
    assert hit.fix is not None and hit.fix.applicability is Applicability.UNSAFE
    assert fixed(sql) == f"SELECT id FROM e WHERE {J} IN ({number}, '{word}')"
    assert hits(fixed(sql)) == []


@pytest.mark.parametrize(
    "before, after",
    [
        ("d->>'n'='true'", "d->>'n' IN (1, 'true')"),
        ("d->>'n' <> 'true'", "d->>'n' NOT IN (1, 'true')"),
        ("d->>'n' IN ('true', 'yes')", "d->>'n' IN (1, 'true', 'yes')"),
        ("d->>'n' /* a */ = /* b */ 'true'", "d->>'n' /* a */ IN /* b */ (1, 'true')"),
    ],
)
def test_the_boolean_fix_keeps_layout_and_runs(before: str, after: str) -> None:
    assert fixed("SELECT id FROM e WHERE " + before) == "SELECT id FROM e WHERE " + after
    assert (3,) in rows("SELECT id FROM e WHERE " + after) or "NOT" in after


@pytest.mark.parametrize("condition", ["'true' = d->>'n'", "d->>'n' IS 'true'", "d->>'n' IN ('true', 'false')"])
def test_a_boolean_word_without_a_plain_place_for_the_number_gets_no_fix(condition: str) -> None:
    (hit,) = hits("SELECT id FROM e WHERE " + condition)
    assert hit.fix is None
    assert hit.withheld is not None


@pytest.mark.parametrize("placeholder", ["?", "?1", ":n", "@n", "$n"])
@pytest.mark.parametrize(
    "bound, severity, applicability",
    [
        (ValueType.TEXT, Severity.WARNING, Applicability.SAFE),
        (ValueType.UNKNOWN, Severity.WARNING, Applicability.UNSAFE),
        (ValueType.BLOB, Severity.ERROR, None),
    ],
)
def test_a_parameter_is_judged_by_the_type_of_its_value(
    placeholder: str, bound: ValueType, severity: Severity, applicability: Applicability | None
) -> None:
    params = Params(positional=(bound,)) if placeholder[0] == "?" else Params(named={"n": bound})
    (hit,) = hits(f"SELECT id FROM e WHERE {J} = {placeholder}", params)
    assert hit.severity is severity
    assert (hit.fix.applicability if hit.fix else None) is applicability


@pytest.mark.parametrize("bound", [ValueType.NUMBER, ValueType.NULL])
@pytest.mark.parametrize("placeholder", ["?", ":n", "%s", "%(n)s"])
def test_noop_parameter_known_to_be_no_text(placeholder: str, bound: ValueType) -> None:
    params = Params((bound,), {"n": bound})
    assert flagged(f"{J} = {placeholder}", params) == []


@pytest.mark.parametrize("text, found", [("10", [J]), ("active", []), ("007", []), ("true", [])])
def test_a_bound_text_that_stands_in_the_source_is_judged_like_a_literal(text: str, found: list[str]) -> None:
    assert flagged(f"{J} = ?", Params((ValueType.TEXT,), texts={0: text})) == found
    assert flagged(f"{J} = :n", Params(named={"n": ValueType.TEXT}, texts={"n": text})) == found


def test_parameters_are_numbered_as_sqlite_does() -> None:
    types = (ValueType.NUMBER, ValueType.TEXT, ValueType.NUMBER)
    assert flagged(f"id = ? AND {J} = ? AND d->>'m' = ?", Params(types)) == [J]
    assert flagged(f"d->>'m' = ?3 AND {J} = ?2 AND id = ?", Params(types)) == [J]


def test_behind_a_hole_the_number_of_a_parameter_is_unknown() -> None:
    (hit,) = hits(f"SELECT id FROM e WHERE id IN (\ue000) AND {J} = ?", Params((ValueType.NUMBER,) * 3))
    assert hit.fix is not None and hit.fix.applicability is Applicability.UNSAFE


def test_noop_ordering_against_a_value_of_unknown_type() -> None:
    assert flagged(f"{J} > ?") == []
    assert flagged(f"{J} BETWEEN :low AND :high") == []


def test_a_blob_never_equals_a_json_value() -> None:
    assert rows(f"SELECT id FROM e WHERE {J} = ?", b"active") == []
    assert rows(f"SELECT id FROM e WHERE {J} = ?", "active") == [(9,)]


def test_a_literal_filled_in_at_run_time_may_be_a_number() -> None:
    assert flagged(f"{J} = '\ue000'") == [J]
    assert flagged(f"{J} = 'id-\ue000'") == []


def test_arrow_gives_json_text_that_never_equals_a_bare_word() -> None:
    sql = "SELECT id FROM e WHERE d->'n' = 'active'"
    assert rows(sql) == []
    assert fixed(sql) == "SELECT id FROM e WHERE d->>'n' = 'active'"
    assert rows(fixed(sql)) == [(9,)]
    assert hits(fixed(sql)) == []


@pytest.mark.parametrize("text", ['"active"', "10", "true", "null", "[1]", '{"a":1}', "\ue000"])
def test_noop_arrow_against_json_text(text: str) -> None:
    assert flagged(f"d->'n' = '{text}'") == []


def test_the_last_arrow_decides() -> None:
    assert flagged("d->'a'->>'n' = '10'") == ["d->'a'->>'n'"]
    assert flagged("d->>'a'->'n' = '10'") == []


@pytest.mark.parametrize(
    "sql, places",
    [
        ("SELECT * FROM (SELECT {j} AS v, id FROM e) WHERE v = '10'", ["v"]),
        ("SELECT * FROM (SELECT {j} v FROM e) AS q WHERE q.v IN ('10')", ["q.v"]),
        ("WITH q AS (SELECT id, {j} AS v FROM e) SELECT id FROM q WHERE '10' = v", ["v"]),
        ("WITH q AS (SELECT {j} AS v FROM e), r AS (SELECT v AS w FROM q) SELECT 1 FROM r WHERE w = '10'", ["w"]),
        ("SELECT 1 FROM e JOIN (SELECT {j} AS v, id FROM e) AS q ON q.id = e.id AND q.v = '10'", ["q.v"]),
        ("SELECT (SELECT {j} FROM e) = '10'", ["(SELECT {j} FROM e)"]),
        ("SELECT 1 FROM (SELECT {j} AS v FROM e) q WHERE EXISTS (SELECT 1 FROM e AS f WHERE q.v = '10')", ["q.v"]),
    ],
)
def test_a_json_value_is_followed_through_subqueries_and_with(sql: str, places: list[str]) -> None:
    sql = sql.replace("{j}", J)
    assert [sql[h.span.start : h.span.end] for h in hits(sql)] == [place.replace("{j}", J) for place in places]
    assert hits(fixed(sql)) == []
    assert rows(fixed(sql)) != rows(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT {j} AS v FROM e WHERE v = '10'",
        "SELECT * FROM (SELECT {j} AS v FROM e), t WHERE v = '10'",
        "SELECT * FROM (SELECT {j} AS v FROM e) WHERE w = '10'",
        "SELECT * FROM (SELECT {j} AS v FROM e UNION SELECT name FROM t) WHERE v = '10'",
        "SELECT * FROM (SELECT CAST({j} AS TEXT) AS v FROM e) WHERE v = '10'",
        "SELECT * FROM (SELECT id AS v, {j} AS w FROM e) WHERE v = '10'",
        "WITH q (w, v) AS (SELECT {j} AS v, id FROM e) SELECT * FROM q WHERE v = '10'",
        "WITH q AS (SELECT {j} AS v FROM e) SELECT * FROM main.q WHERE v = '10'",
        "WITH RECURSIVE q AS (SELECT q.v AS v FROM q) SELECT {j} FROM q WHERE v = '10'",
    ],
)
def test_noop_names_that_may_stand_for_something_else(sql: str) -> None:
    assert hits(sql.replace("{j}", J)) == []


def test_joins_subqueries_checks_and_triggers_are_read() -> None:
    assert len(hits(f"SELECT * FROM a JOIN b ON {J} = '10'")) == 1
    assert len(hits(f"SELECT (SELECT 1 WHERE {J} = '10') FROM e")) == 1
    assert len(hits(f"CREATE TABLE e (d TEXT CHECK ({J} IN ('1', '2')))")) == 1
    assert (
        len(hits("CREATE TRIGGER g AFTER INSERT ON e WHEN json_extract(new.d, '$.n') = '1' BEGIN SELECT 1; END")) == 1
    )


@pytest.mark.parametrize("version", sorted(FACTS))
@pytest.mark.parametrize("left", ["d->>'n'", "json_extract(d,'$.n')", "CAST(d->>'n' AS TEXT)", "d->>'n' || ''"])
@pytest.mark.parametrize("right", ["'10'", "10", "10.0", "IN ('10')", "IN (10)", "CAST('10' AS TEXT)", "> 9", "> '1'"])
def test_reported_is_what_the_measured_table_says_is_missed(version: str, left: str, right: str) -> None:
    found = FACTS[version][left][right]
    condition = f"{left} {right}" if right[0] in "I>" else f"{left} = {right}"
    assert bool(flagged(condition)) == (found == "string only" and "||" not in left)


@pytest.mark.parametrize("text, found", [("a", []), ("1", [J])])
def test_each_of_nested_cases_is_compared_with_its_own_values(text: str, found: list[str]) -> None:
    inner = "CASE id WHEN '10' THEN 1 END WHEN CASE WHEN id THEN 2 END THEN '1' ELSE '2'"
    assert flagged(f"CASE {J} WHEN '{text}' THEN {inner} END") == found


def test_a_deeply_nested_statement_is_read() -> None:
    deep = "(" * 3000 + J + ")" * 3000
    assert len(hits(f"SELECT 1 WHERE {deep} = '10'")) == 1
    assert hits("SELECT " + "coalesce(" * 3000 + J + ")" * 3000 + " = '10'") is not None


def test_names_behind_names_are_looked_up_once() -> None:
    tables = [f"q0 AS (SELECT {J} AS v FROM e)"]
    tables += [f"q{i} AS (SELECT coalesce({', '.join(['v'] * 30)}) AS v FROM q{i - 1})" for i in range(1, 9)]
    assert len(hits(f"WITH {', '.join(tables)} SELECT 1 FROM q8 WHERE v = '10'")) == 1


@pytest.mark.parametrize("bound, found", [(Params(), 0), (Params(positional=(ValueType.UNKNOWN,)), 1)])
def test_a_fragment_without_its_values_is_left_to_the_code_that_binds_them(bound: Params, found: int) -> None:
    sql = f"AND {J} = ?"
    use = SqlUse(SqlText.verbatim(sql), Sink.TEXT, Span(0, len(sql)), params=bound, is_fragment=True)
    context = SqlContext(Config(), use, None, Schema(), (3, 40))  # type: ignore[arg-type]
    assert len([hit for statement in split(sql) for hit in check(statement, context)]) == found


@pytest.mark.parametrize(("other", "found"), [("elif isinstance(value, int)", 0), ("elif value", 1)])
def test_text_that_is_chosen_by_the_type_of_the_value_is_left_alone(other: str, found: int) -> None:
    query = "db.execute(\"SELECT 1 FROM t WHERE json_extract(data, '$.a') = ?\", (value,))"
    lines = [
        "import sqlite3",
        "def find(db: sqlite3.Connection, value):",
        "    if isinstance(value, list):",
        "        pass",
    ]
    text = "\n".join([*lines, f"    {other}:", f"        {query}", ""])
    assert [d.code for d in lint_text(text, "a.py")] == ["SQL401"] * found
