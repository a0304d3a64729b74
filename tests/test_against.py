"""Statements against the project's own tables: what they lack is found, what they have is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqlite_lint.config import Config
from sqlite_lint.linter import lint_source
from sqlite_lint.project import load_project
from sqlite_lint.sql.against import faults
from sqlite_lint.sql.nearest import nearest
from sqlite_lint.sql.schema import Schema
from sqlite_lint.sql.statement import split
from sqlite_lint.sql.tokens import HOLE

TABLES = """
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT UNIQUE, age AS (id + 1));
CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER, title TEXT);
CREATE TABLE partly (id INTEGER, {});
CREATE TABLE filled AS SELECT 1 AS a;
CREATE VIEW names AS SELECT name FROM users;
CREATE VIRTUAL TABLE notes USING fts5(body);
""".replace("{}", HOLE)


def schema(script: str = TABLES) -> Schema:
    learnt = Schema()
    for statement in split(script):
        learnt.learn(statement)
    return learnt


def lacking(query: str, known: Schema | None = None) -> list[str]:
    sql = query.replace("{}", HOLE)
    statement = split(sql)[0]
    return [f"{fault.kind.value} {fault.name}" for fault in faults(statement, known or schema())]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT nme FROM users", ["column nme"]),
        ("SELECT u.nme, titel FROM users u JOIN posts p ON p.userid = u.id", ["column nme", "column titel", "column userid"]),
        ("SELECT 1 FROM users WHERE EXISTS (SELECT 1 FROM posts WHERE posts.user_id = users.idd)", ["column idd"]),
        ("WITH c AS (SELECT id FROM users) SELECT nme FROM c", ["column nme"]),
        ("INSERT INTO users (name, emial) VALUES (?, ?)", ["column emial"]),
        ("INSERT INTO users VALUES (?, ?)", ["arguments users"]),
        ("INSERT INTO users (email) VALUES (1) ON CONFLICT (email) DO UPDATE SET nme = excluded.name", ["column nme"]),
        ("UPDATE users SET nme = 1 WHERE idd = 2 RETURNING id", ["column nme", "column idd"]),
        ("DELETE FROM users WHERE nme = 1", ["column nme"]),
        ("CREATE INDEX i ON users (emial)", ["column emial"]),
        ("SELECT own(nme) COLLATE own FROM users", ["column nme"]),
        ("SELECT nme FROM users WHERE id IN ({}) LIMIT {}", ["column nme"]),
        ("SELECT id FROM users WHERE {} AND nme = 1 ORDER BY {}", ["column nme"]),
        ("SELECT u.nme FROM users u, names", ["column nme"]),
        ("SELECT u.nme FROM users u {}", ["column nme"]),
        ("SELECT id FROM user", ["table user"]),
        ("SELECT id FROM users, {}", []),
    ],
)  # fmt: skip
def test_what_the_tables_lack_is_named(query: str, expected: list[str]) -> None:
    assert lacking(query) == expected


@pytest.mark.parametrize(
    "query",
    [
        "SELECT rowid, oid, ID, [name], users.email, main.users.name, age FROM users",
        "SELECT name AS n FROM users WHERE n = 1 ORDER BY n",
        "SELECT zip FROM partly",
        "SELECT p.zip, x FROM partly p, users",
        "SELECT b FROM filled",
        "SELECT zip FROM names",
        "SELECT rank, zip FROM notes, users WHERE notes MATCH 'x'",
        "SELECT nme FROM users {}",
        "SELECT nme FROM users {} WHERE id = 1",
        "SELECT {} FROM users ORDER BY total",
        "SELECT nme FROM {}",
        "SELECT {} FROM tbl_{} WHERE nme = 1",
        "{} SELECT nme FROM users",
        "SELECT aux.t.x FROM aux.t",
        "SELECT x FROM aux.users",
        "SELECT value, key FROM users, json_each(users.name)",
        "SELECT name FROM pragma_table_info('users') WHERE pk",
        "SELECT seq FROM sqlite_sequence",
        "SELECT tbl_name FROM sqlite_master",
        "INSERT INTO users VALUES (1, 2, 3)",
        "INSERT INTO users (id, name) VALUES ({})",
        "SELECT DISTINCT ON (nme) id FROM users",
        "CREATE TABLE other (nme)",
        "DROP TABLE user",
        "ALTER TABLE users RENAME COLUMN nme TO name",
        "SELECT (SELECT max(x.id) FROM posts x WHERE x.user_id = u.id) AS latest FROM users u ORDER BY latest",
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n, users",
        "INSERT INTO users (name) SELECT title FROM posts WHERE true ON CONFLICT (email) DO UPDATE SET name = excluded.name",
        "UPDATE users SET name = p.title FROM posts p WHERE p.user_id = users.id",
        "SELECT 'nme', \"nme\", :nme, $nme FROM users -- nme",
    ],
)
def test_what_they_have_or_may_have_is_left_alone(query: str) -> None:
    assert [fault for fault in lacking(query) if not fault.startswith("table")] == []


@pytest.mark.parametrize(
    "ddl",
    [
        f"ALTER TABLE {HOLE} ADD COLUMN nme TEXT",
        f"ALTER TABLE {HOLE} ADD COLUMN {HOLE}",
        f"ALTER TABLE {HOLE} RENAME COLUMN x TO nme",
        f"ALTER TABLE {HOLE} {HOLE}",
        "ALTER TABLE %s ADD nme TEXT",
        "ALTER TABLE {table} ADD COLUMN {column} TEXT",
        "ALTER TABLE users ADD COLUMN nme",
        f"ALTER TABLE users ADD COLUMN {HOLE} TEXT",
        "ALTER TABLE users ADD COLUMN ",
        "CREATE TABLE users (nme TEXT)",
        f"CREATE TABLE users (id INTEGER, {HOLE})",
        "CREATE TABLE users (id INTEGER, %s)",
        "CREATE TABLE users (id INTEGER, {columns})",
        "CREATE TABLE users (id INTEGER, ",
        "CREATE TABLE users AS SELECT 1",
        "ALTER TABLE users DROP COLUMN nme",
        "CREATE TABLE old.users (id INTEGER)",
    ],
)
def test_ddl_elsewhere_may_bring_the_column(ddl: str) -> None:
    assert lacking("SELECT nme FROM users", schema(TABLES)) == ["column nme"]
    assert lacking("SELECT nme FROM users", schema(TABLES + ddl)) == []


@pytest.mark.parametrize(
    ("ddl", "partial"),
    [(f"CREATE TABLE {HOLE} (a)", True), ("CREATE TABLE %s (a)", True), ("CREATE TABLE ", True), ("CREATE TABLE t (a)", False),
     ("ALTER TABLE users RENAME TO {new}", True), ("CREATE INDEX i ON t (a)", False), ("DROP TABLE users", False)],
)  # fmt: skip
def test_tables_that_are_named_at_run_time_leave_the_schema_open(ddl: str, partial: bool) -> None:
    assert schema(TABLES + ddl).partial is partial


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("nme", ["name", "email"], ["name"]),
        ("emial", ["name", "email"], ["email"]),
        ("username", ["user_name", "name"], ["user_name"]),
        ("user", ["users", "posts"], ["users"]),
        ("created", ["created_at", "name"], ["created_at"]),
        ("a", ["b", "c"], []),
        ("id", ["ix", "idx"], []),
        ("total", ["price"], []),
        ("hats", ["cats", "bats"], ["cats", "bats"]),
    ],
)
def test_nearest_names(name: str, known: list[str], expected: list[str]) -> None:
    assert list(nearest(name, known)) == expected


def found(directory: Path, files: dict[str, str]) -> list[str]:
    (directory / "pyproject.toml").write_text("")
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    project = load_project(directory)
    paths = [directory / name for name in files]
    reports = [lint_source(path.read_text(), str(path), Config(select=("SQL8",)), project) for path in paths]
    return [
        f"{d.code} {d.message.split('; did')[0].rsplit(' ', 1)[1]}" for report in reports for d in report.diagnostics
    ]


APP = """import sqlite3

connection = sqlite3.connect("app.db", timeout=5)
connection.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)")
"""


def test_the_tables_of_the_whole_project_count(tmp_path: Path) -> None:
    query = 'def f(connection):\n    connection.execute("SELECT nme FROM users")\n    connection.execute("SELECT 1 FROM user")\n'
    files = {"app.py": APP, "query.py": query}
    assert found(tmp_path, files) == ["SQL802 nme", "SQL801 user"]
    files["migrations/2.sql"] = "ALTER TABLE users ADD COLUMN nme TEXT;\n"
    assert found(tmp_path, files) == ["SQL801 user"]


@pytest.mark.parametrize(
    "more",
    [
        'connection.execute(f"CREATE TABLE {name} (a)")\n',
        'frame.to_sql("user", connection)\n',
        "frame.to_sql(name, connection)\n",
        "import peewee\n",
        'connection.execute("CREATE TEMP TABLE user AS SELECT 1")\n',
        'connection.execute("CREATE TRIGGER t AFTER INSERT ON user BEGIN SELECT 1; END")\n',
        'connection.execute("CREATE TABLE post (author INTEGER REFERENCES user (id))")\n',
    ],
)
def test_a_table_that_something_else_may_make_is_left_alone(more: str, tmp_path: Path) -> None:
    assert found(tmp_path, {"app.py": APP + 'connection.execute("SELECT 1 FROM user")\n'}) == ["SQL801 user"]
    assert found(tmp_path, {"app.py": APP + 'connection.execute("SELECT 1 FROM user")\n' + more}) == []


@pytest.mark.parametrize(
    "probe",
    [
        'try:\n    {}\nexcept sqlite3.OperationalError:\n    old = False\n',
        'try:\n    {}\nexcept Exception:\n    connection.execute("DELETE FROM users")\n',
        'try:\n    {}\nexcept sqlite3.Error:\n    pass\n',
        'with contextlib.suppress(sqlite3.Error):\n    {}\n',
        'with pytest.raises(sqlite3.Error):\n    {}\n',
    ],
)  # fmt: skip
def test_a_question_asked_by_trying_is_left_alone(probe: str, tmp_path: Path) -> None:
    query = 'connection.execute("SELECT nme FROM users")'
    assert found(tmp_path, {"app.py": APP + probe.format(query)}) == []
    reported = f"try:\n    {query}\nexcept sqlite3.OperationalError as error:\n    raise Failed() from error\n"
    assert found(tmp_path, {"app.py": APP + reported}) == ["SQL802 nme"]


@pytest.mark.parametrize("pragma", ["PRAGMA table_info(users)", "SELECT name FROM pragma_table_xinfo('users')"])
def test_a_function_that_asks_for_the_columns_knows_them(pragma: str, tmp_path: Path) -> None:
    query = f'def f(connection):\n    columns = {{row[1] for row in connection.execute("{pragma}")}}\n'
    query += '    if "nme" in columns:\n        connection.execute("SELECT nme FROM users")\n'
    assert found(tmp_path, {"app.py": APP, "query.py": query}) == []
    assert found(tmp_path, {"app.py": APP, "query.py": query.replace(pragma, "SELECT 1")}) == ["SQL802 nme"]


def test_attributes_that_subclasses_set_are_not_mixed(tmp_path: Path) -> None:
    store = """
class Store:
    table = None
    key = "key"

    def get(self, connection, value):
        return connection.execute(f"SELECT 1 FROM {self.table} WHERE {self.key} = ?", (value,))


class Users(Store):
    table = "users"
    key = "name"
"""
    assert found(tmp_path, {"app.py": APP, "store.py": store}) == []
    alone = store.replace('    key = "name"\n', "")
    assert found(tmp_path, {"app.py": APP, "store.py": alone}) == ["SQL802 key"]
