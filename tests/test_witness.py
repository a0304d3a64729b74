"""The engine's verdict: against measured facts, with holes, at the right place, and unharmed by anything."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqlite_lint.sql.engine import engine
from sqlite_lint.sql.statement import split
from sqlite_lint.sql.tokens import HOLE
from sqlite_lint.sql.witness import LackKind, Verdict, VerdictKind, witness
from tests.facts import dialect_cases, setup_for_sqlite

DEFAULT = (3, 40)
NEWEST = (3, 54)
AT_RUN_TIME = re.compile(
    r"integer overflow|bad JSON path|json_\w+\(\) (?:needs|requires) an|ESCAPE expression must|non-constant default"
    r"|no transaction is active|within a transaction|'\w::\w+'|'\w+::\w+'"
)
"""Complaints that the engine, or the driver, makes only when a statement runs."""


def ask(sql: str, target: tuple[int, int] = DEFAULT, **options: bool) -> Verdict:
    (statement,) = split(sql)
    return witness(target).ask(statement, **options)


def place(sql: str, **options: bool) -> str:
    span = ask(sql, **options).span
    return "" if span is None else sql[slice(*span)]


@contextmanager
def tables(statements: list[str]) -> Iterator[None]:
    engine().script("SAVEPOINT given", *[sql for sql in statements if sql != "BEGIN"])
    try:
        yield
    finally:
        engine().script("ROLLBACK TO given", "RELEASE given")


def objections(case: dict[str, Any]) -> list[Verdict]:
    with tables(setup_for_sqlite(case)):
        verdicts = [witness(NEWEST).ask(statement, expand=False) for statement in split(case["sql"])]
    return [v for v in verdicts if v.kind in (VerdictKind.REFUSED, VerdictKind.LACKS)]


def test_every_measured_statement_gets_the_verdict_that_was_measured() -> None:
    wrong = []
    for case in dialect_cases():
        is_error = case["sqlite"] == "error"
        if is_error and (AT_RUN_TIME.search(case["sqlite_error"]) or _is_about_placeholders(case)):
            continue
        found = objections(case)
        if bool(found) != is_error:
            wrong.append((case["id"], case["sql"], case["sqlite_error"], found))
    assert wrong == []


def _is_about_placeholders(case: dict[str, Any]) -> bool:
    """``%s`` is a driver's, and fills in a value before SQLite sees the statement."""
    return case["sqlite_error"] == 'near "%": syntax error'


def test_percent_placeholders_are_taken_for_values() -> None:
    cases = [case for case in dialect_cases() if case["sqlite_error"] == 'near "%": syntax error']
    assert len(cases) > 10
    for case in cases:
        assert not [v for v in objections(case) if "%" in v.message or "?1" in v.message], case["sql"]


@pytest.mark.parametrize(
    ("sql", "message", "at"),
    [
        ("SELECT a FROM t WHERE b ILIKE 'x'", 'near "ILIKE": syntax error', "ILIKE"),
        ("SELECT 'ILIKE' AS x, \"ILIKE\" FROM t WHERE b ILIKE 'x' /* ILIKE */", 'near "ILIKE": syntax error', "ILIKE"),
        ("SELECT ':' || a::text", 'unrecognized token: ":"', ":"),
        ("SELECT ORDERED, ORDER FROM t", 'near "ORDER": syntax error', "ORDER"),
        ("SELECT 'abc", 'unrecognized token: "\'abc"', "'abc"),
        ("SELECT a FROM", "incomplete input", "FROM"),
        ("SELECT now()", "no such function: now", "now"),
        ("SELECT abs(1), abs(1, 2)", "wrong number of arguments to function abs()", "abs"),
        ("SELECT E'x'", "no such column: E", "E'x'"),
        ("SELECT x.y FROM (SELECT 1 AS y)", "no such column: x.y", "x.y"),
        ("SELECT 1 FROM main.nowhere", "no such table: main.nowhere", "main.nowhere"),
        ("CREATE TABLE t (a, b, a)", "duplicate column name: a", "a"),
    ],
)
def test_the_message_points_to_its_place(sql: str, message: str, at: str) -> None:
    verdict = ask(sql)
    assert verdict.message == message
    assert place(sql) == at


def test_the_first_of_several_equal_tokens_is_not_taken_for_the_faulty_one() -> None:
    sql = "SELECT a AS end, (SELECT 1) FROM t WHERE CASE WHEN a THEN b END = 1 END"
    span = ask(sql).span
    assert span is not None and span.start == sql.rindex("END")


def offset_of_the_c_interface(sql: str) -> tuple[str, int]:
    """The newest engine's message and the offset in bytes that it gives; -1 for none."""
    try:
        apsw.Connection(":memory:").execute("EXPLAIN " + sql).close()
    except apsw.Error as error:
        return str(error), getattr(error, "error_offset", -1)
    return "", -1


def test_places_are_those_that_the_c_interface_gives() -> None:
    wrong, compared = [], 0
    for statement in (s for case in dialect_cases() for s in split(case["sql"])):
        message, offset = offset_of_the_c_interface(statement.sql)
        verdict = witness(NEWEST).ask(statement, expand=False)
        if offset < 0 or verdict.span is None or verdict.message != message:
            continue
        compared += 1
        before = "EXPLAIN " + statement.text[statement.span.start : verdict.span.start]
        if len(before.encode()) != offset:
            wrong.append((statement.sql, verdict))
    assert wrong == [] and compared > 400


def test_spans_are_offsets_of_the_whole_script() -> None:
    script = "SELECT 1; -- é\nSELECT a FROM t WHERE b ILIKE 'x';"
    verdict = witness(DEFAULT).ask(split(script)[1])
    assert verdict.span is not None and script[slice(*verdict.span)] == "ILIKE"


@pytest.mark.parametrize(
    ("sql", "kind", "name"),
    [
        ("SELECT a FROM t", LackKind.TABLE, "t"),
        ("SELECT a", LackKind.COLUMN, "a"),
        ("SELECT now()", LackKind.FUNCTION, "now"),
        ("SELECT abs()", LackKind.ARGUMENTS, "abs"),
        ("SELECT soundex('a')", LackKind.FUNCTION, "soundex"),
        ("DROP VIEW v", LackKind.VIEW, "v"),
        ("DROP INDEX i", LackKind.INDEX, "i"),
        ("CREATE INDEX i ON t (a)", LackKind.TABLE, "t"),
        ("CREATE TABLE other.t (a)", LackKind.DATABASE, "other"),
        ("SELECT string_agg(a, ',') FROM (SELECT 1 AS a)", LackKind.FUNCTION, "string_agg"),
    ],
)
def test_a_missing_name_is_no_refusal(sql: str, kind: LackKind, name: str) -> None:
    verdict = ask(sql)
    assert verdict.kind is VerdictKind.LACKS and verdict.parses
    assert verdict.lack is not None and (verdict.lack.kind, verdict.lack.name) == (kind, name)


@pytest.mark.parametrize(
    "sql",
    [
        "PRAGMA foreign_keys = ON",
        "ATTACH DATABASE 'x.db' AS x",
        "DETACH x",
        "VACUUM INTO 'x.db'",
        "BEGIN IMMEDIATE",
        "SAVEPOINT a",
        "EXPLAIN QUERY PLAN SELECT 1",
        "SELECT ?, ?2, :a, @b, $c",
        'SELECT "text in double quotes"',
        "CREATE VIRTUAL TABLE v USING csv(filename = '/etc/passwd')",
        "SELECT sqrt(2), string_agg(1, ',') OVER (), if(1, 2)",
    ],
)
def test_what_sqlite_takes_is_accepted(sql: str) -> None:
    assert ask(sql, NEWEST) == Verdict(VerdictKind.ACCEPTED)


def test_pragmas_and_attached_files_have_no_effect(tmp_path: Path) -> None:
    ask("PRAGMA foreign_keys = ON")
    ask("PRAGMA foreign_keys(1)")
    ask("EXPLAIN PRAGMA foreign_keys = ON")
    ask(f"ATTACH '{tmp_path}/x.db' AS x")
    ask(f"VACUUM INTO '{tmp_path}/y.db'")
    with tables(["CREATE TABLE t (id INTEGER PRIMARY KEY, u REFERENCES t)"]):
        assert engine().script("INSERT INTO t VALUES (1, 2)") is None  # foreign keys are off, as they were
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        (f"SELECT a FROM {HOLE} WHERE b = 1", VerdictKind.ACCEPTED),
        (f"SELECT a FROM t_{HOLE} WHERE b = 1", VerdictKind.ACCEPTED),
        (f"SELECT 1 LIMIT {HOLE} OFFSET {HOLE}", VerdictKind.ACCEPTED),
        (f"SELECT 1 WHERE 1 = 1 {HOLE} ORDER BY 1", VerdictKind.ACCEPTED),
        (f"SELECT 1 {HOLE} {HOLE} {HOLE} LIMIT 3", VerdictKind.ACCEPTED),
        (f"SELECT 1 WHERE 1 IN ({HOLE})", VerdictKind.ACCEPTED),
        (f"SELECT 1 WHERE 1 {HOLE} 2", VerdictKind.ACCEPTED),
        ("SELECT 1 FROM {table} WHERE 1", VerdictKind.ACCEPTED),
        ("SELECT 1 {% if x %} WHERE 1 {% endif %}", VerdictKind.ACCEPTED),
        ("SELECT 1 LIMIT %d", VerdictKind.ACCEPTED),
        (f"SELECT {HOLE} ILIKE 'x'", VerdictKind.UNKNOWN),
        (f"SELECT 1 WHERE {HOLE} SELECT", VerdictKind.UNKNOWN),
        (f"CREATE TABLE t ({HOLE}, {HOLE})", VerdictKind.UNKNOWN),
        (f"CREATE TABLE t (a DEFAULT ({HOLE})) {HOLE}", VerdictKind.UNKNOWN),
        (f"SELECT a {HOLE}", VerdictKind.UNKNOWN),
        (f"SELECT abs(1, 2 {HOLE})", VerdictKind.UNKNOWN),
        (f"SELECT 1 {HOLE} UNION SELECT 1, 2", VerdictKind.UNKNOWN),
        (f"SELECT now(), {HOLE}", VerdictKind.LACKS),
        (f"SELECT 1 WHERE a ILIKE 'x' AND {HOLE}", VerdictKind.REFUSED),
        (f"SELECT 'like {HOLE}' ILIKE 2 ILIKE 3", VerdictKind.REFUSED),
    ],
)
def test_a_hole_is_blamed_only_for_what_it_may_cause(sql: str, kind: VerdictKind) -> None:
    verdict = ask(sql)
    assert (verdict.kind, verdict.partial) == (kind, True)


@pytest.mark.parametrize("sql", ["SELECT %s, %(name)s", "SELECT 1 WHERE 1 IN %s", "SELECT 1 WHERE 1 IN :ids"])
def test_placeholders_that_a_driver_fills_in_are_values(sql: str) -> None:
    assert ask(sql) == Verdict(VerdictKind.ACCEPTED)


@pytest.mark.parametrize("sql", ["DELETE FROM sqlite_master", "CREATE TABLE sqlite_stat1 (tbl)"])
def test_what_a_setting_may_allow_is_not_refused(sql: str) -> None:
    assert ask(sql).kind is VerdictKind.UNKNOWN


def test_a_list_parameter_is_expanded_only_where_the_driver_does_it() -> None:
    assert ask("SELECT 1 WHERE 1 IN :ids", expand=False).message == 'near ":ids": syntax error'


def test_a_placeholder_does_not_swallow_a_cast() -> None:
    assert place("SELECT %(a)s::text") == ":"


def test_an_escaped_colon_is_a_colon() -> None:
    assert place(r"SELECT 1 \:\: text") == ":"


def test_noop_modulo_is_no_placeholder() -> None:
    assert ask("SELECT 7 %d FROM (SELECT 2 AS d)") == Verdict(VerdictKind.ACCEPTED)


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT now() FROM t", "no such function: now"),
        ("SELECT a.x, now() FROM ta a JOIN tb b ON a.id = b.id", "no such function: now"),
        ("INSERT INTO t VALUES (now(), 1)", "no such function: now"),
        ("INSERT INTO t (a) SELECT now() FROM u", "no such function: now"),
        ("UPDATE t SET a = now() WHERE b = 1", "no such function: now"),
        ("SELECT abs(a, b) FROM t", "wrong number of arguments to function abs()"),
        ("SELECT a FROM t WHERE sum(b) > 1", "misuse of aggregate function sum()"),
        ("SELECT a, b.c FROM t, u b WHERE a = b.d", "no such table: t"),
        ("SELECT id FROM t WHERE (SELECT max(a) FROM u) = 1", "no such table: t"),
        ("SELECT a FROM t NATURAL JOIN u", "no such table: t"),
        ("SELECT * FROM t INTERSECT VALUES (1, 2, 3)", "no such table: t"),
        ("SELECT * FROM other.t", "no such table: other.t"),
    ],
)
def test_faults_behind_a_missing_table_are_found_when_asked_for(sql: str, message: str) -> None:
    assert ask(sql).message.startswith("no such table: ")
    assert ask(sql, resolve=True).message == message
    assert ask("SELECT * FROM t").message == "no such table: t"  # nothing is left of the made-up tables


@pytest.mark.parametrize(
    ("sql", "at"),
    [
        ("ALTER TABLE t ADD COLUMN a INT, ADD COLUMN b INT", ","),
        ("CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET a = 'ILIKE' WHERE b ILIKE c; END", "ILIKE"),
        ("CREATE INDEX i ON t (a) INCLUDE (b)", "INCLUDE"),
        ("CREATE INDEX i ON t (lower(a), now())", "now"),
    ],
)
def test_statements_that_sqlite_stops_reading_at_a_missing_table_are_read_to_the_end(sql: str, at: str) -> None:
    assert place(sql) == at


@pytest.mark.parametrize(
    ("sql", "target", "message", "at"),
    [
        ("SELECT 1_000", (3, 40), "a digit separator needs SQLite 3.46; the target is 3.40", "1_000"),
        (
            "INSERT INTO t VALUES (1) RETURNING a",
            (3, 34),
            "RETURNING needs SQLite 3.35; the target is 3.34",
            "RETURNING",
        ),
        ("SELECT * FROM a FULL JOIN b", (3, 38), "FULL JOIN needs SQLite 3.39; the target is 3.38", "FULL JOIN"),
        ("DELETE FROM t LIMIT 1", (3, 54), "DELETE ... LIMIT is not in stock builds of SQLite", "LIMIT"),
    ],
)
def test_the_target_decides_not_the_linked_library(sql: str, target: tuple[int, int], message: str, at: str) -> None:
    verdict = ask(sql, target)
    assert (verdict.kind, verdict.message) == (VerdictKind.REFUSED, message)
    assert verdict.span is not None and sql[slice(*verdict.span)] == at


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1_000 + 0x1_f",
        "SELECT string_agg(a, ',' ORDER BY a DESC) FROM (SELECT 1 AS a)",
        "SELECT * FROM (SELECT 1 AS a) RIGHT JOIN (SELECT 2 AS b) ON a = b",
        "SELECT unistr('a'), concat_ws(',', 1, 2), iif(1, 2, 3, 4, 5)",
    ],
)
def test_what_is_newer_than_the_linked_library_is_accepted_at_a_newer_target(sql: str) -> None:
    assert ask(sql, NEWEST).kind is VerdictKind.ACCEPTED


def test_a_fault_before_a_newer_construct_is_still_found() -> None:
    verdict = ask("SELECT a FROM t WHERE b ILIKE 'x' AND c = 1_000", (3, 40))
    assert verdict.message == 'near "ILIKE": syntax error'


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("SELECT '\0'", VerdictKind.REFUSED),
        ("SELECT '\ud800', a ILIKE b, c", VerdictKind.REFUSED),
        ("SELECT '\udcff'", VerdictKind.ACCEPTED),
        ("SELECT " + "(" * 10_000 + "1" + ")" * 10_000, VerdictKind.REFUSED),
        ("SELECT " + "(" * 10_000, VerdictKind.REFUSED),
        ("SELECT " + "(" * 150 + "1" + ")" * 150, VerdictKind.UNKNOWN),
        ("SELECT '" + "x" * 1_000_000 + "'", VerdictKind.ACCEPTED),
        ("SELECT '" + "x" * 1_000_000, VerdictKind.REFUSED),
        ("SELECT " + "a ILIKE b, " * 30_000 + "c", VerdictKind.REFUSED),
        ("SELECT 1 WHERE 1 IN (" + "1, " * 50_000 + "1)", VerdictKind.ACCEPTED),
        ("SELECT 1" + " ++" * 50_000, VerdictKind.UNKNOWN),
        (f"SELECT {HOLE}, " + f"{HOLE} {HOLE} = " * 3_000, VerdictKind.UNKNOWN),
        ("SELECT \u00e9\u4e2d\U0001f600 ILIKE b c", VerdictKind.REFUSED),
        ("\\x", VerdictKind.REFUSED),
        (")", VerdictKind.REFUSED),
        ("QUERY PLAN SELECT 1", VerdictKind.REFUSED),
        ("EXPLAIN EXPLAIN SELECT 1", VerdictKind.REFUSED),
    ],
    ids=range(17),
)
def test_bad_input_gets_a_verdict(sql: str, kind: VerdictKind) -> None:
    assert ask(sql, resolve=True).kind is kind


_PARTS = st.sampled_from(
    ["SELECT", "FROM", "t", "a", "(", ")", ",", "'x'", "'", '"', "[", "1", "1_0", "::", "%s", "%(a)s", "{x}", "{%",
     "\\", ":", ":ids", "IN", HOLE, "ILIKE", "CASE", "END", "BEGIN", "CREATE", "TABLE", "TRIGGER", "ALTER", "ADD",
     "->>", "UPDATE", "SET", "DELETE", "LIMIT", "--", "/*", "\n", "\0", "\ud800", "now()", "iif(", "OVER", "HAVING",
     "DROP", "ORDER", "BY"],
)  # fmt: skip


@given(st.lists(_PARTS, max_size=12), st.booleans(), st.sampled_from([(3, 24), (3, 40), (3, 54)]))
def test_any_text_gets_a_verdict_within_its_bounds(parts: list[str], resolve: bool, target: tuple[int, int]) -> None:
    for statement in split(" ".join(parts)):
        verdict = witness(target).ask(statement, resolve=resolve)
        if verdict.span is not None:
            assert statement.span.start <= verdict.span.start <= verdict.span.end <= statement.span.end
        assert (verdict.kind is VerdictKind.LACKS) == (verdict.lack is not None)
        assert (verdict.kind is VerdictKind.UNKNOWN) == bool(verdict.reason)


def test_threads_ask_each_their_own_engine() -> None:
    engines, verdicts = [], []

    def work() -> None:
        engines.append(engine())
        verdicts.extend(ask(f"SELECT a FROM t{i} WHERE b ILIKE c").message for i in range(200))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, engines))) == 4
    assert set(verdicts) == {'near "ILIKE": syntax error'}


def test_an_unclosed_engine_leaves_no_warning() -> None:
    code = (
        "from sqlite_lint.sql.statement import split\n"
        "from sqlite_lint.sql.witness import witness\n"
        "print(witness((3, 40)).ask(split('SELECT 1')[0]).kind.value)"
    )
    run = subprocess.run([sys.executable, "-X", "dev", "-c", code], capture_output=True, text=True, check=True)
    assert (run.stdout.strip(), run.stderr) == ("accepted", "")


def test_the_column_that_alter_adds_does_not_hide_a_fault_behind_it() -> None:
    (statement,) = split("ALTER TABLE hosts ADD COLUMN IF NOT EXISTS icon TEXT")
    verdict = witness((3, 40)).ask(statement)
    assert (verdict.kind, verdict.message) == (VerdictKind.REFUSED, 'near "EXISTS": syntax error')


def test_what_is_split_otherwise_is_not_judged() -> None:
    verdict = ask("CREATE TABLE t ([a'b] INT); SELECT 1")
    assert verdict.kind is VerdictKind.UNKNOWN
