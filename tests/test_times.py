"""Which bound values are told to be dates or times, and what a schema knows of DEFAULT and ON DELETE."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqlite_lint.config import Config
from sqlite_lint.hosts.model import Sink, SqlUse
from sqlite_lint.hosts.python import read_python
from sqlite_lint.hosts.sqltext import SqlText
from sqlite_lint.hosts.times import Time
from sqlite_lint.linter import lint_source
from sqlite_lint.project import Project, load_project
from sqlite_lint.sql.schema import Schema
from sqlite_lint.sql.statement import split
from sqlite_lint.text import Span

_HEAD = """\
import datetime as dt
import sqlite3
from datetime import UTC, date, datetime, timedelta

def stamp():
    return datetime.now(UTC).isoformat()

class Clock:
    def now(self):
        return datetime.now(UTC).isoformat()

def log(connection: sqlite3.Connection, at: datetime, day: date, other):
    soon = at + timedelta(days=1)
"""


def bound_time(value: str) -> Time | None:
    source = f"{_HEAD}    connection.execute('SELECT ?', ({value},))\n"
    (use,) = read_python(source, "app/a.py", Project.empty(), Config()).uses
    return use.params.times.get(0)


@pytest.mark.parametrize(
    "value",
    [
        "at.isoformat()",
        "soon.isoformat(timespec='seconds')",
        "datetime.now().isoformat() + 'Z'",
        "dt.datetime.utcnow().isoformat()",
        "(at - timedelta(hours=1)).isoformat()",
        "at.astimezone(UTC).isoformat().replace('+00:00', 'Z')",
        'f"{at.isoformat()}Z"',
        "at.isoformat() if other else None",
        "stamp()",
        "Clock().now()",
        "at.strftime('%Y-%m-%dT%H:%M:%SZ')",
    ],
)
def test_isoformat_of_a_datetime_is_text_with_a_t(value: str) -> None:
    assert bound_time(value) is Time.ISO


@pytest.mark.parametrize(
    ("helper", "expected"),
    [
        ("return datetime.now(timezone.utc).isoformat()", Time.ISO),
        ('"""Now."""\n    return dt.datetime.utcnow().replace(microsecond=0).isoformat() + "Z"', Time.ISO),
        ("return datetime.now().strftime('%Y-%m-%dT%H:%M')", Time.ISO),
        ("return datetime.now().isoformat(' ')", None),
        ("return date.today().isoformat()", None),
        ("if a:\n        return 1\n    return datetime.now().isoformat()", None),
    ],
)
def test_a_function_of_another_module_gives_a_time(helper: str, expected: Time | None, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "clock.py").write_text(f"def stamp() -> str:\n    {helper}\n")
    source = "from clock import stamp\n\ndef f(con):\n    con.execute('SELECT ?', (stamp(),))\n"
    (use,) = read_python(source, str(tmp_path / "app.py"), load_project(tmp_path), Config()).uses
    assert use.params.times.get(0) is expected


@pytest.mark.parametrize(
    "value",
    [
        "str(datetime.now())",
        "datetime.now().strftime('%Y-%m-%d %H:%M')",
        "(dt.datetime.today() - timedelta(days=1)).isoformat(' ')",
        "datetime.fromtimestamp(other).replace(microsecond=0).isoformat(sep=' ', timespec='seconds')",
    ],
)
def test_a_text_with_a_space_of_a_time_without_zone_is_local(value: str) -> None:
    assert bound_time(value) is Time.LOCAL


@pytest.mark.parametrize(
    "value",
    [
        "str(datetime.now(UTC))",
        "str(at)",
        "datetime.utcnow().isoformat(' ')",
        "datetime.now().astimezone(UTC).strftime('%Y-%m-%d %H:%M')",
        "datetime.now().replace(tzinfo=UTC).isoformat(' ')",
        "datetime.now().strftime('%d.%m.')",
        "datetime.fromtimestamp(other, UTC).isoformat(' ')",
    ],
)
def test_noop_times_whose_zone_is_utc_or_unknown(value: str) -> None:
    assert bound_time(value) is None


@pytest.mark.parametrize(
    "value",
    [
        "at.isoformat(' ')",
        "at.isoformat(sep=' ')",
        "day.isoformat()",
        "at.date().isoformat()",
        "other.isoformat()",
        "other",
        "str(at)",
        "(at - other)",
        "stamp",
    ],
)
def test_noop_what_may_be_no_time_with_a_t(value: str) -> None:
    assert bound_time(value) is None


@pytest.mark.parametrize(
    ("value", "time"), [("at", Time.DATETIME), ("soon", Time.DATETIME), ("date.today()", Time.DATE)]
)
def test_objects_are_told_by_their_class(value: str, time: Time) -> None:
    assert bound_time(value) is time


@pytest.mark.parametrize(
    ("column", "default"),
    [
        ("a TEXT DEFAULT CURRENT_TIMESTAMP NOT NULL", "CURRENT_TIMESTAMP"),
        ("a TEXT NOT NULL DEFAULT (datetime('now', '+1 day')) CHECK (a > '')", "(datetime('now', '+1 day'))"),
        ("a INTEGER DEFAULT 0", "0"),
        ("a TEXT CHECK (a IN ('default', 'x'))", ""),
        ("a TEXT", ""),
    ],
)
def test_a_column_knows_its_default(column: str, default: str) -> None:
    assert [c.default for c in _schema(f"CREATE TABLE t ({column})").column("t", "a")] == [default]


def test_a_table_follows_those_whose_deleted_rows_change_it() -> None:
    schema = _schema(
        "CREATE TABLE t (a REFERENCES x ON DELETE CASCADE, b REFERENCES y ON UPDATE CASCADE,"
        " c REFERENCES z (id) ON DELETE SET NULL, d, FOREIGN KEY (d) REFERENCES v ON DELETE RESTRICT)"
    )
    table = schema.table("t")
    assert table is not None
    assert table.follows == ("x", "z")
    assert table.references == ("x", "y", "z", "v")


def _schema(sql: str) -> Schema:
    schema = Schema()
    for statement in split(sql):
        schema.learn(statement)
    return schema


def codes(sql: str) -> list[str]:
    return [d.code for d in lint_source(sql, "a.sql", Config()).diagnostics]


_PARENT = "CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT UNIQUE, n INTEGER);\n"


def test_replacing_a_row_that_others_follow_is_reported() -> None:
    child = "CREATE TABLE c (p REFERENCES p ON DELETE CASCADE);\n"
    replaced = _PARENT + child + "REPLACE INTO p VALUES (1, 'a', 2);"
    assert codes("PRAGMA foreign_keys = ON;\n" + replaced) == ["SQL460"]
    assert "SQL460" not in codes(replaced)  # SQLite does not look at foreign keys unless it is told to


@pytest.mark.parametrize(
    "sql",
    [
        "REPLACE INTO p VALUES (1, 'a', 2);",  # nothing follows, nothing is left out
        "REPLACE INTO p (name, n) VALUES ('a', 2);",  # the id is left out, and fills itself
        "REPLACE INTO p (n) VALUES (2);",  # no key is given: no row is replaced
        "REPLACE INTO unknown (name) VALUES ('a');",
        "CREATE TABLE c (p REFERENCES p);\nREPLACE INTO p VALUES (1, 'a', 2);",  # the row is there again at the end
    ],
)
def test_noop_replace_that_loses_nothing(sql: str) -> None:
    assert "SQL460" not in codes(_PARENT + sql)


def test_a_test_meets_the_tables_that_it_makes(tmp_path: Path) -> None:
    (tmp_path / "schema.sql").write_text("CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT, height INTEGER);\n")
    made = 'con.execute("CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT)")\n'
    replaced = "con.execute(\"REPLACE INTO p (id, name) VALUES (1, 'a')\")\n"

    def found(source: str) -> list[str]:
        path = str(tmp_path / "tests" / "test_old.py")
        project = load_project(tmp_path)
        return [d.code for d in lint_source("import sqlite3\n" + source, path, Config(), project).diagnostics]

    assert found(replaced) == ["SQL460"]
    assert found(made + replaced) == []


def test_local_time_is_compared_with_a_default_in_utc() -> None:
    source = "SELECT 1 FROM v WHERE date(made) = date('now', 'localtime')"
    from sqlite_lint.checks.dates import local_time
    from sqlite_lint.rule import SqlContext

    (statement,) = split(source)
    for default, count in (("CURRENT_TIMESTAMP", 1), ("(datetime('now', 'localtime'))", 0), ("''", 0)):
        schema = _schema(f"CREATE TABLE v (made TEXT DEFAULT {default})")
        use = SqlUse(SqlText.verbatim(source), Sink.FILE, Span(0, len(source)))
        context = SqlContext(Config(), use, None, schema, (3, 40))  # type: ignore[arg-type]
        assert len(list(local_time(statement, context))) == count
