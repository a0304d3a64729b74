"""SQL507: errors of a locked database that are passed over."""

from __future__ import annotations

import pytest

from sqlite_lint.config import Config
from sqlite_lint.linter import lint_source

HEAD = "import sqlite3, aiosqlite\nfrom sqlite3 import OperationalError, Error as DbError\n"
BLOCK = "def f(con, rows):\n    try:\n        {}\n    except {}:\n        {}\n"
INSERT = "con.execute('INSERT INTO t VALUES (1)')"


def rows(body: str, error: str = "sqlite3.OperationalError", handler: str = "pass", path: str = "app/db.py") -> int:
    source = HEAD + BLOCK.format(body, error, handler)
    return len(lint_source(source, path, Config(select=("SQL507",))).diagnostics)


@pytest.mark.parametrize(
    "error", ["OperationalError", "DbError", "sqlite3.DatabaseError", "aiosqlite.OperationalError"]
)
def test_names_of_the_error(error: str) -> None:
    assert rows(INSERT, error) == 1


@pytest.mark.parametrize("handler", ["...", "'somebody else writes'"])
def test_ways_of_doing_nothing(handler: str) -> None:
    assert rows(INSERT, handler=handler) == 1


@pytest.mark.parametrize(
    "body",
    [
        "con.executemany('REPLACE INTO t VALUES (?)', rows)",
        "cur = con.cursor(); cur.execute('UPDATE t SET a = 1'); con.commit()",
        "with con:\n            con.execute('INSERT INTO t VALUES (1)')",
        "for row in rows:\n            con.execute('INSERT INTO t VALUES (?)', row)",
    ],
)
def test_writes(body: str) -> None:
    assert rows(body) == 1


@pytest.mark.parametrize(
    ("body", "error", "handler"),
    [
        (INSERT, "sqlite3.IntegrityError", "pass"),
        (INSERT, "ValueError", "pass"),
        (INSERT, "sqlite3.OperationalError", "raise"),
        (INSERT, "sqlite3.OperationalError", "log(rows)"),
        ("con.execute('ALTER TABLE t ADD COLUMN b')", "sqlite3.OperationalError", "pass"),
        ("con.execute('SELECT a FROM t')", "sqlite3.OperationalError", "pass"),
    ],
)
def test_noop_for_other_blocks(body: str, error: str, handler: str) -> None:
    assert rows(body, error, handler) == 0


def test_noop_in_tests() -> None:
    assert rows(INSERT, path="tests/test_db.py") == 0
