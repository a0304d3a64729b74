"""The parts of the benchmarks that could measure the wrong thing."""

from __future__ import annotations

import ast

import pytest

from benchmarks import measure, sources, speed
from benchmarks.engine import Answer, Engine, complete_statements


@pytest.mark.parametrize(
    ("script", "statements"),
    [
        ("SELECT 1; SELECT ';' ;", ["SELECT 1", "SELECT ';'"]),
        ("SELECT E'it\\'s; one'; SELECT 2;", ["SELECT E'it\\'s; one'", "SELECT 2"]),
        ("SELECT $$a;b$$; SELECT $x$;$$;$x$;", ["SELECT $$a;b$$", "SELECT $x$;$$;$x$"]),
        ("/* a /* b; */ c; */ SELECT 1; -- d;\nSELECT 2;", ["SELECT 1", "SELECT 2"]),
        ("\\set x 1\nSELECT 1;\n\\d t\nSELECT 2;", ["SELECT 1", "SELECT 2"]),
        ("SELECT 1 \\gset\nSELECT 2;", ["SELECT 1", "SELECT 2"]),
        ("COPY t FROM stdin;\n1;2\n\\.\nSELECT 1;", ["COPY t FROM stdin", "SELECT 1"]),
        ("SELECT :'var'; SELECT :n; SELECT a::int;", ["SELECT a::int"]),
        (
            "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3;",
            ["CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)", "SELECT 3"],
        ),
        (
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END; SELECT 3;",
            ["CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END", "SELECT 3"],
        ),
    ],
)
def test_psql_scripts_are_split_as_psql_does(script: str, statements: list[str]) -> None:
    assert sources.split_postgres(script) == statements


def test_sql_is_taken_from_tcl_where_tcl_changes_nothing() -> None:
    script = """
    do_execsql_test 1.0 { CREATE TABLE t(a); SELECT $x } {1}
    do_test 1.1 { execsql {SELECT 2} } {2}
    catchsql { SELECT "\\n" }
    execsql "SELECT $y"
    """
    assert list(sources.tcl_blocks(script)) == [" CREATE TABLE t(a); SELECT $x ", "SELECT 2"]


def test_scripts_are_split_where_sqlite_sees_an_end() -> None:
    trigger = "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; SELECT 2; END;"
    assert complete_statements(f"SELECT ';'; {trigger} SELECT 3 ;; ") == ["SELECT ';';", trigger, "SELECT 3 ;"]


@pytest.mark.parametrize(
    ("sql", "answer"),
    [
        ("SELECT ?, :a, $b", Answer.PREPARED),
        ("SELECT * FROM missing", Answer.LACKS_NAME),
        ("SELECT 1 ILIKE 2", Answer.REFUSED),
        ("SELECT left('a', 1)", Answer.REFUSED),
        ("SELECT 1::int", Answer.REFUSED),
        ("ATTACH 'x.db' AS x", Answer.LACKS_NAME),
    ],
)
def test_the_engine_judges(sql: str, answer: Answer) -> None:
    with Engine() as engine:
        assert engine.ask(sql) is answer


def test_the_engine_learns_tables() -> None:
    with Engine() as engine:
        assert engine.ask("CREATE TABLE t (a)") is Answer.PREPARED
        assert engine.ask("SELECT a FROM t") is Answer.PREPARED
        assert engine.ask_all("SELECT a FROM t; SELECT nothing ILIKE 1") is Answer.REFUSED


def test_generated_modules_hold_so_many_statements() -> None:
    calls = [node for node in ast.walk(ast.parse(speed.module_with(40))) if isinstance(node, ast.Call)]
    assert len({ast.unparse(call) for call in calls}) == 40


def test_tables_are_aligned() -> None:
    assert (
        measure.table([["name", "n"], ["a", 10], ["long name", 1.0]])
        == "name          n\na            10\nlong name  1.00"
    )
