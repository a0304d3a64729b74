"""SQL510: which loops stand in place of a busy timeout."""

from __future__ import annotations

import pytest

from sqlite_lint.config import Config
from sqlite_lint.linter import lint_source

HEAD = "import asyncio, sqlite3, time\nfrom sqlite3 import OperationalError as Locked\nimport aiosqlite, apsw\n"
TRY = "try:\n {0}con.execute('UPDATE t SET a = 1')\n {0}return\n{0}except {1}:\n {0}{2}\n"


def retry(loop: str, error: str, handler: str, after: str = "") -> str:
    return f"def f(con):\n  {loop}:\n    " + TRY.format("    ", error, handler) + after


def rows(source: str, path: str = "app/db.py") -> int:
    return len(lint_source(HEAD + source, path, Config(select=("SQL510",))).diagnostics)


@pytest.mark.parametrize(
    "source",
    [
        retry("while True", "sqlite3.OperationalError", "time.sleep(0.05)"),
        retry("while 1", "Locked", "continue"),
        retry("while True", "apsw.BusyError", "pass"),
        retry("while True", "aiosqlite.OperationalError", "asyncio.sleep(DELAY)", "DELAY = 0.1\n"),
        retry("while True", "sqlite3.OperationalError as e", "print(e)"),
        retry("for n in range(5)", "sqlite3.OperationalError", "time.sleep(0.1)"),  # the write is lost in the end
        retry(
            "for n in range(5)", "sqlite3.Error", "time.sleep(0.1)", "  raise ValueError\nc = sqlite3.connect('x')\n"
        ),
    ],
)
def test_loops_in_place_of_a_timeout(source: str) -> None:
    assert rows(source) == 1


@pytest.mark.parametrize(
    "source",
    [
        retry("while True", "sqlite3.IntegrityError", "pass"),
        retry("while True", "ValueError", "time.sleep(0.1)"),
        retry("while True", "sqlite3.OperationalError", "raise"),
        retry("while True", "sqlite3.OperationalError", "time.sleep(delay())"),
        retry("while True", "sqlite3.OperationalError", "time.sleep(5)"),
        retry("while True", "sqlite3.OperationalError as e", "check(e)"),
        retry("while not stopped()", "sqlite3.OperationalError", "time.sleep(0.1)"),
        retry("for n in range(5)", "sqlite3.OperationalError", "time.sleep(0.1)", "  raise ValueError\n"),
        retry("for n in range(5)", "sqlite3.OperationalError", "time.sleep(0.1)", "  else:\n    raise ValueError\n"),
        retry(
            "for n in range(5)",
            "sqlite3.OperationalError",
            "time.sleep(0.1)",
            "  raise ValueError\nc = sqlite3.connect('x', timeout=5)\n",
        ),
        "def f(con):\n  while True:\n    try:\n      con.execute('UPDATE t SET a = 1')\n"
        "    except sqlite3.OperationalError:\n      time.sleep(0.1)\n",
    ],
)
def test_noop_for_other_loops(source: str) -> None:
    assert rows(source) == 0


def test_noop_in_tests() -> None:
    assert rows(retry("while True", "sqlite3.OperationalError", "pass"), "tests/test_a.py") == 0
