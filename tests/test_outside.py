"""SQL508: what SQLite does with certain statements inside a transaction, and how the transaction is seen."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from sqlite_lint.checks.outside import refusal
from sqlite_lint.config import Config
from sqlite_lint.facts import FileFacts
from sqlite_lint.linter import lint_source
from sqlite_lint.project import Project
from sqlite_lint.sql.effect import steps

STATEMENTS = [
    "PRAGMA foreign_keys = ON",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA journal_mode = WAL",
    "PRAGMA journal_mode = MEMORY",
    "PRAGMA wal_checkpoint(TRUNCATE)",
    "VACUUM",
    "BEGIN IMMEDIATE",
    "PRAGMA defer_foreign_keys = ON",
    "PRAGMA cache_size = -2000",
    "PRAGMA user_version = 3",
    "PRAGMA case_sensitive_like = ON",
    "ANALYZE",
    "REINDEX",
]


def works(path: Path, statement: str, before: tuple[str, ...]) -> bool:
    """Tell whether SQLite runs a statement after others, and a pragma has the value that it is given."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("CREATE TABLE t (a)")
        for text in before:
            connection.execute(text)
        connection.execute(statement).fetchall()
        name, _, value = statement.removeprefix("PRAGMA ").partition(" = ")
        if not value:
            return True
        set_to = str(connection.execute(f"PRAGMA {name}").fetchone()[0]).lower() if "like" not in name else "on"
        return set_to in (value.lower(), {"ON": "1", "NORMAL": "1"}.get(value))
    except sqlite3.OperationalError:
        return False
    finally:
        connection.close()


@pytest.mark.parametrize("statement", STATEMENTS)
@pytest.mark.parametrize("wrote", [False, True], ids=["begun", "written"])
def test_refused_is_what_sqlite_refuses_or_ignores(tmp_path: Path, statement: str, wrote: bool) -> None:
    assert works(tmp_path / "outside.db", statement, ())
    before = ("BEGIN", "INSERT INTO t VALUES (1)") if wrote else ("BEGIN",)
    inside = works(tmp_path / "inside.db", statement, before)
    (step,) = steps(statement)
    assert bool(refusal(step.keyword, step.table, step.value, wrote)) == (not inside)


HEAD = "import sqlite3\nimport aiosqlite\nimport apsw\nfrom peewee import SqliteDatabase\n"


def rows(source: str, path: str = "app/db.py") -> list[int]:
    text = HEAD + source if path.endswith(".py") else source
    found = lint_source(text, path, Config(select=("SQL508",))).diagnostics
    return [diagnostic.start.row - (HEAD.count("\n") if path.endswith(".py") else 0) for diagnostic in found]


@pytest.mark.parametrize(
    "source",
    [
        "con = sqlite3.connect(p)\ncon.execute('UPDATE t SET a = 1')\ncon.execute('PRAGMA foreign_keys=OFF')\n",
        "con = sqlite3.connect(p)\ncon.executemany('REPLACE INTO t VALUES (?)', rows)\ncon.execute('VACUUM')\n",
        "con = sqlite3.connect(p, isolation_level='IMMEDIATE')\nwith con:\n    con.execute('DELETE FROM t'); "
        "con.execute('PRAGMA synchronous=1')\n".replace("; ", "\n    "),
        "con = sqlite3.connect(p, autocommit=False)\ncon.commit()\ncon.execute('PRAGMA journal_mode=wal')\n",
        "def f(c):\n    c.execute('begin exclusive')\n    c.execute('pragma main.foreign_keys(0)')\n",
        "async def f(p):\n  async with aiosqlite.connect(p) as db:\n    await db.execute('DELETE FROM t'); "
        "await db.execute('VACUUM')\n".replace("; ", "\n    "),
        "def f(con, x):\n    if x:\n        con.execute('BEGIN')\n    con.execute('PRAGMA foreign_keys=ON')\n",
        "con = apsw.Connection(p)\nwith con:\n    con.execute('PRAGMA foreign_keys=ON')\n",
        "db = SqliteDatabase('x.db')\nwith db.atomic():\n    db.execute_sql('PRAGMA foreign_keys=ON')\n",
        "db = SqliteDatabase('x.db')\nwith db.transaction('EXCLUSIVE'):\n    db.execute_sql('VACUUM')\n",
        "class A:\n  def __init__(self):\n    self.c = sqlite3.connect(p); self.cur = self.c.cursor()\n  def f(self):\n"
        "    self.cur.execute('DELETE FROM t'); self.c.execute('VACUUM')\n".replace("; ", "\n    "),
    ],
)
def test_finds_the_last_statement_inside_a_transaction(source: str) -> None:
    assert rows(source) == [source.count("\n")]


@pytest.mark.parametrize(
    "source",
    [
        "con = sqlite3.connect(p)\ncon.execute('UPDATE t SET a = 1')\ncon.commit()\ncon.execute('VACUUM')\n",
        "con = sqlite3.connect(p)\nwith con:\n    con.execute('DELETE FROM t')\ncon.execute('VACUUM')\n",
        "con = sqlite3.connect(p, isolation_level=None)\ncon.execute('DELETE FROM t')\ncon.execute('VACUUM')\n",
        "con = sqlite3.connect(p)\ncon.execute('DELETE FROM t')\ncon.executescript('VACUUM')\n",
        "con = sqlite3.connect(p)\ncon.execute('DELETE FROM t')\nsave(con)\ncon.execute('VACUUM')\n",
        "con = sqlite3.connect(p)\ncon.isolation_level = None\ncon.execute('DELETE FROM t')\ncon.execute('VACUUM')\n",
        "con = sqlite3.connect(':memory:', autocommit=False)\ncon.execute('PRAGMA journal_mode=WAL')\n",
        "con = sqlite3.connect(p)\nother = sqlite3.connect(q)\ncon.execute('DELETE FROM t')\nother.execute('VACUUM')\n",
        "def f(con):\n    con.execute('DELETE FROM t')\n    con.execute('VACUUM')\n",  # apsw's connections begin none
        "def f(con, x):\n    con.execute('BEGIN')\n    if x:\n        con.execute('END')\n    con.execute('VACUUM')\n",
        "def f(con):\n    try:\n        con.execute('BEGIN')\n    except E:\n        con.execute('VACUUM')\n",
        "def f(con):\n    con.execute('BEGIN')\n    con.execute('PRAGMA foreign_keys')\n    con.execute('END')\n",
        "def f(con):\n    con.execute('BEGIN')\n    if not con.in_transaction:\n        con.execute('BEGIN')\n",
        "def f(con):\n    con.execute('BEGIN')\n    con.execute('PRAGMA journal_mode = PERSIST')\n",
        "def f(con, e):\n    con.execute('BEGIN')\n    con.execute('ROLLBACK' if e else 'COMMIT')\n"
        "    con.execute('VACUUM')\n",
    ],
)
def test_noop_where_no_transaction_is_open_for_sure(source: str) -> None:
    assert rows(source) == []


OPENED_ELSEWHERE = (
    "import sqlite3\ndef f(con: sqlite3.Connection):\n    con.execute('DELETE FROM t')\n    con.execute('VACUUM')\n"
)


def test_a_connection_from_elsewhere_begins_by_itself_unless_the_project_says_otherwise() -> None:
    config = Config(select=("SQL508",))
    default = Project(files={"app/db.py": FileFacts(opens=True)})
    by_hand = Project(files={"app/db.py": FileFacts(opens=True, by_hand=True)})
    assert len(lint_source(OPENED_ELSEWHERE, "app/clean.py", config, default).diagnostics) == 1
    assert lint_source(OPENED_ELSEWHERE, "app/clean.py", config, by_hand).diagnostics == ()
    assert lint_source(f"import apsw\n{OPENED_ELSEWHERE}", "app/clean.py", config, default).diagnostics == ()
    assert lint_source(OPENED_ELSEWHERE, "app/clean.py", config).diagnostics == ()  # nothing opens one


MIGRATION = """
from django.db import migrations

def forwards(apps, schema_editor):
    schema_editor.execute("PRAGMA foreign_keys = OFF")

class Migration(migrations.Migration):
    {}
    operations = [migrations.RunSQL("PRAGMA foreign_keys = OFF"), migrations.RunPython(forwards)]
"""


@pytest.mark.parametrize(("line", "expected"), [("", [5, 9]), ("atomic = False", [])])
def test_django_begins_a_transaction_for_a_migration(line: str, expected: list[int]) -> None:
    found = lint_source(MIGRATION.format(line), "shop/migrations/0002.py", Config(select=("SQL508",))).diagnostics
    assert [diagnostic.start.row for diagnostic in found] == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("BEGIN;\nPRAGMA foreign_keys=OFF;\nCOMMIT;\n", [2]),
        ("BEGIN TRANSACTION;\nDROP TABLE t;\nVACUUM;\nEND;\n", [3]),
        ("begin immediate;\npragma journal_mode = wal;\ncommit;\n", [2]),
        ("PRAGMA foreign_keys=OFF;\nBEGIN;\nCREATE TABLE t (a);\nCOMMIT;\nVACUUM;\n", []),
        ("CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM u; END;\nPRAGMA foreign_keys=ON;\n", []),
    ],
)
def test_scripts(script: str, expected: list[int]) -> None:
    assert rows(script, "migrations/1.sql") == expected
