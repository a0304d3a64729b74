"""``--schema`` and ``schema = [...]``: scripts and databases that tell which tables there are."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sqlite_lint.cli import main
from sqlite_lint.config import Config
from sqlite_lint.schema_files import SchemaError, given_schema

TABLES = """
CREATE TABLE Users (id INTEGER PRIMARY KEY, Name TEXT, born DATE, age AS (2026 - born));
CREATE VIEW adults AS SELECT id AS user_id, Name FROM Users WHERE age > 17;
"""
QUERY = 'import sqlite3\n\nconnection = sqlite3.connect("app.db", timeout=5)\nconnection.execute("{}")\n'


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    yield tmp_path


def database(name: str, *, wal: bool = False) -> None:
    with closing(sqlite3.connect(name)) as connection:
        if wal:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(TABLES)


def columns(*paths: str) -> dict[str, list[str]]:
    given = given_schema(Config(schema=paths))
    assert given is not None
    return {t.spelling or t.name: [column.spelling for column in t.columns] for t in given.schema.tables.values()}


def codes(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    main(["--isolated", "--no-cache", "--output-format", "concise", "-q", *arguments])
    out, err = capsys.readouterr()
    assert err == ""
    return [line.split(": ")[1].split()[0] for line in out.splitlines()]


EXPECTED = {"Users": ["id", "Name", "born", "age"], "adults": ["user_id", "Name"]}


def test_a_script_and_a_database_say_the_same() -> None:
    Path("schema.sql").write_text(TABLES)
    database("app.db")
    assert columns("schema.sql") == columns("app.db") == EXPECTED


def test_what_a_script_does_to_its_tables_counts() -> None:
    Path("schema.sql").write_text(
        TABLES + "ALTER TABLE Users RENAME COLUMN born TO birth; CREATE TABLE old (a); DROP TABLE old;"
        "CREATE TABLE made AS SELECT * FROM Users; CREATE TABLE mine (id BIGINT AUTO_INCREMENT, a text) ENGINE=InnoDB;"
    )
    given = given_schema(Config(schema=("schema.sql",)))
    assert given is not None
    tables = given.schema.tables
    assert "old" not in tables
    assert tables["made"].open
    assert [column.name for column in tables["users"].columns][2] == "birth"
    assert [column.name for column in tables["mine"].columns] == ["id", "a"]


def test_a_query_in_a_script_is_not_run() -> None:
    endless = "CREATE TABLE t AS WITH RECURSIVE n AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT * FROM n;"
    Path("schema.sql").write_text(endless + "INSERT INTO t SELECT 1; ATTACH 'other.db' AS other;")
    assert columns("schema.sql") == {"t": []}
    assert os.listdir() == ["schema.sql"]


@pytest.mark.parametrize("wal", [False, True])
def test_nothing_is_left_beside_a_database(wal: bool) -> None:
    database("app.db", wal=wal)
    before = Path("app.db").read_bytes()
    assert columns("app.db") == EXPECTED
    assert os.listdir() == ["app.db"]
    assert Path("app.db").read_bytes() == before


def test_a_table_that_is_only_in_the_log_of_an_open_database_is_found() -> None:
    with closing(sqlite3.connect("app.db")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(TABLES)
        assert os.path.getsize("app.db-wal") > 0
        assert columns("app.db") == EXPECTED


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are others there")
def test_a_database_that_may_not_be_written_is_read() -> None:
    database("app.db", wal=True)
    os.chmod("app.db", stat.S_IREAD)
    os.chmod(".", stat.S_IREAD | stat.S_IEXEC)
    try:
        assert columns("app.db") == EXPECTED
    finally:
        os.chmod(".", stat.S_IRWXU)


def test_all_files_count_together_and_are_read_again_when_they_change() -> None:
    Path("one.sql").write_text("CREATE TABLE a (x);")
    Path("two.sql").write_text("CREATE TABLE b (y);")
    assert columns("one.sql", "two.sql") == {"a": ["x"], "b": ["y"]}
    Path("two.sql").write_text("CREATE TABLE b (y, z);")
    assert columns("one.sql", "two.sql") == {"a": ["x"], "b": ["y", "z"]}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "no such file or directory"),
        (b"", "no table is created in it"),
        (b"SELECT 1;", "no table is created in it"),
        (b"SQLite format 3\0" + bytes(100), "SQLite cannot read it: "),
        (bytes(range(256)) * 8, "is neither a SQLite database nor a SQL script; it may be encrypted"),
        (b"CREATE TABLE t (a); -- \xff\xfe", "is neither a SQLite database nor a SQL script in UTF-8"),
    ],
)
def test_a_file_that_is_no_schema_ends_the_run_with_a_message(
    content: bytes | None, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        Path("app.db").write_bytes(content)
    assert main(["--isolated", "--schema", "app.db", "."]) == 2
    message = capsys.readouterr().err
    assert message.startswith("sqlite-lint: error: schema: ") and "app.db: " + reason in message
    with pytest.raises(SchemaError):
        given_schema(Config(schema=("app.db",)))


def test_a_directory_is_no_schema(capsys: pytest.CaptureFixture[str]) -> None:
    Path("app.db").mkdir()
    assert main(["--isolated", "--schema", "app.db", "."]) == 2
    assert "app.db: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT name FROM users", []),
        ("SELECT Nam FROM users", ["SQL802"]),
        ("SELECT user_id FROM adults", []),
        ("SELECT born FROM adults", ["SQL802"]),
        ("SELECT 1 FROM elsewhere", ["SQL801"]),
        ("SELECT name FROM sqlite_master", []),
    ],
)
def test_statements_are_checked_against_it(query: str, expected: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    database("app.db")
    Path("app.py").write_text(QUERY.format(query))
    assert codes(capsys, "--schema", "app.db", "app.py") == expected
    assert codes(capsys, "app.py") == []


def test_the_project_may_create_more_and_other_tables(capsys: pytest.CaptureFixture[str]) -> None:
    database("app.db")
    Path("app.py").write_text(
        QUERY.format("CREATE TABLE logs (a)")
        + 'connection.execute("SELECT a FROM logs")\nconnection.execute("SELECT b FROM logs")\n'
        + 'connection.execute("CREATE TABLE users (id, nick)")\nconnection.execute("SELECT nick, name FROM users")\n'
    )
    assert codes(capsys, "--schema", "app.db", "app.py") == ["SQL802"]


def test_a_named_schema_overrules_what_is_put_together_at_run_time(capsys: pytest.CaptureFixture[str]) -> None:
    database("app.db")
    Path("app.py").write_text(
        QUERY.format("SELECT nam FROM users") + 'connection.execute(f"ALTER TABLE users ADD COLUMN {name} TEXT")\n'
        'connection.execute(f"CREATE TABLE {name} (a)")\n'
    )
    assert codes(capsys, "--schema", "app.db", "app.py") == ["SQL802"]


def test_the_configuration_names_it_relative_to_itself(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("pyproject.toml").write_text('[tool.sqlite-lint]\nschema = ["db/schema.sql"]\n')
    Path("db").mkdir()
    Path("db/schema.sql").write_text(TABLES)
    Path("src").mkdir()
    Path("src/app.py").write_text(QUERY.format("SELECT 1 FROM elsewhere"))
    monkeypatch.chdir("src")
    assert main(["--no-cache", "-q", "--output-format", "concise", "app.py"]) == 1
    assert "SQL801" in capsys.readouterr().out
    Path("../db/schema.sql").unlink()
    assert main(["--no-cache", "app.py"]) == 2
    assert "schema.sql: no such file" in capsys.readouterr().err


def test_the_command_line_replaces_the_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    Path("pyproject.toml").write_text('[tool.sqlite-lint]\nschema = ["missing.sql"]\n')
    Path("other.sql").write_text("CREATE TABLE elsewhere (a);")
    Path("app.py").write_text(QUERY.format("SELECT a FROM elsewhere"))
    assert main(["--no-cache", "-q", "--schema", "other.sql", "app.py"]) == 0
    assert capsys.readouterr().err == ""


def test_kept_results_depend_on_it(capsys: pytest.CaptureFixture[str]) -> None:
    database("app.db")
    Path("app.py").write_text(QUERY.format("SELECT nick FROM users"))
    arguments = ["--isolated", "--cache-dir=kept", "-q", "--output-format=concise", "--schema", "app.db", "app.py"]
    for _ in range(2):
        assert main(arguments) == 1
        assert "SQL802" in capsys.readouterr().out
    with closing(sqlite3.connect("app.db")) as connection:
        connection.execute("ALTER TABLE users ADD COLUMN nick TEXT")
    assert main(arguments) == 0
    shutil.rmtree("kept")
