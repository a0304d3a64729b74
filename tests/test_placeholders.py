"""Fixes and the placeholders that take their values by position."""

from __future__ import annotations

import pytest

from sqlite_lint import fix_text, lint_text
from sqlite_lint.placeholders import MOVED

SOURCE = '''\
import sqlite3


def find(connection: sqlite3.Connection, values: tuple[object, ...]) -> None:
    connection.execute("""{}""", values)
'''


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT position(? IN ?)",
        "SELECT starts_with(name, ?) FROM users",
        "SELECT trim(both ? from ?)",
        "SELECT id FROM users OFFSET ? LIMIT ?",
        "SELECT id FROM users WHERE age BETWEEN SYMMETRIC ? AND ?",
        "SELECT repeat(?, ?)",
        "UPDATE users JOIN teams ON teams.id = users.team AND teams.name = ? SET users.age = ?",
        "SELECT DISTINCT ON (team) team, age FROM users ORDER BY team, coalesce(age, ?)",
    ],
)
def test_fix_that_would_move_copy_or_drop_a_placeholder_is_withheld(sql: str) -> None:
    text = SOURCE.format(sql)
    assert any(d.fix_withheld == MOVED for d in lint_text(text, "app.py"))
    assert fix_text(text, "app.py", unsafe=True) == text


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT position('@' IN ?)", "SELECT instr(?, '@')"),
        ("SELECT position(:a IN :b)", "SELECT instr(:b, :a)"),
        ("SELECT strpos(?, ?), left(?, 3)", "SELECT instr(?, ?), substr(?, 1, 3)"),
        ("SELECT id FROM t LIMIT ? OFFSET ? ROWS", "SELECT id FROM t LIMIT ? OFFSET ?"),
        ("INSERT INTO t SET a = ?, b = ?", "INSERT INTO t (a, b) VALUES (?, ?)"),
        ("SELECT data ? 'size' FROM t", "SELECT json_type(data, '$.size') IS NOT NULL FROM t"),
        ("SELECT id FROM t WHERE a = %s AND b = %s", "SELECT id FROM t WHERE a = ? AND b = ?"),
    ],
)
def test_fix_that_leaves_placeholders_in_their_order_is_made(sql: str, expected: str) -> None:
    assert fix_text(SOURCE.format(sql), "app.py", unsafe=True) == SOURCE.format(expected)


DJANGO = "from django.db import connection\n\ncursor = connection.cursor()\n"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (
            "cursor.execute(\"SELECT EXTRACT(EPOCH FROM a) FROM t WHERE b %% 2 = %s\", [1])",
            "cursor.execute(\"SELECT CAST(strftime('%%s', a) AS INTEGER) FROM t WHERE b %% 2 = %s\", [1])",
        ),
        (
            "cursor.execute(\"SELECT position('x' IN %s)\", [1])",
            "cursor.execute(\"SELECT instr(%s, 'x')\", [1])",
        ),
        (
            "cursor.execute(\"SELECT EXTRACT(EPOCH FROM a) FROM t\")",
            "cursor.execute(\"SELECT CAST(strftime('%s', a) AS INTEGER) FROM t\")",
        ),
    ],
)  # fmt: skip
def test_percent_sign_of_a_fix_is_doubled_where_django_fills_in_values(call: str, expected: str) -> None:
    assert fix_text(DJANGO + call, "app.py", unsafe=True) == DJANGO + expected
