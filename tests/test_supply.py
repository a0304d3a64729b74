"""How many values calls bind: what cannot be right is reported, what cannot be seen is not."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from sqlite_lint.config import Config
from sqlite_lint.fixer import fix_source
from sqlite_lint.linter import lint_source

HEAD = "import sqlite3\n\nTWO = 'SELECT ?, ?'\nCOLUMNS = ['a', 'b']\n\n\ndef f(cur, name: str, n: int, ids, *rest, **kw):\n    {}\n"
CONFIG = Config(select=("SQL804",))


def reported(call: str) -> list[str]:
    return [found.message for found in lint_source(HEAD.format(call), "app.py", CONFIG).diagnostics]


def fails(call: str) -> bool:
    """Tell whether Python's own driver refuses the call."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (a, b)")
        names = {"cur": connection, "TWO": "SELECT ?, ?", "name": "Anna", "n": 5, "ids": [1, 2], "kw": {}, "rest": ()}
        try:
            exec(call, names)
        except (sqlite3.ProgrammingError, ValueError):  # the latter before Python 3.11
            return True
        return False


WRONG = [
    'cur.execute("SELECT ?", ("hi"))',
    'cur.execute("SELECT ?", "hi")',
    'cur.execute("SELECT ?", name)',
    'cur.execute("SELECT ?", (name))',
    'cur.execute("SELECT ?", f"%{name}%")',
    'cur.execute("SELECT ?", "%" + name + "%")',
    'cur.execute("SELECT ?", str(n) + "0")',
    'cur.execute("SELECT ?", n)',
    'cur.execute("SELECT ?", (5))',
    'cur.execute("SELECT ?", (1, 2))',
    "cur.execute(TWO, (1,))",
    "cur.execute(TWO, [1, 2, 3])",
    "cur.execute(TWO + ', ?', (1, 2))",
    'cur.execute("SELECT ?, ?3", (1, 2))',
    'cur.execute("SELECT :a, @b, $c", {"a": 1, "b": 2})',
    'cur.execute("SELECT :a, :b, :a", (1,))',
    'cur.execute("SELECT ?", {"a": 1})',
    'cur.execute("SELECT 1", (1,))',
    'cur.execute("SELECT ?", ())',
    "values = (1, 2, 3); cur.execute(TWO, values)",
    'sql = "SELECT ?"; cur.execute(sql, (1, 2))',
    'cur.executemany("INSERT INTO t VALUES (?, ?)", [(1, 2), (3,)])',
    'cur.executemany("INSERT INTO t VALUES (?, ?)", [(each,) for each in ids])',
    'cur.executemany("INSERT INTO t VALUES (?, ?)", ((each, 1, 2) for each in ids))',
    'cur.executemany("INSERT INTO t VALUES (?, ?)", [1, 2])',
    'cur.executemany("INSERT INTO t (a) VALUES (?)", ["Ann", "Eve"])',
    'cur.executemany("INSERT INTO t VALUES (?, ?)", (1, 2))',
    'rows = [(1,), (2,)]; cur.executemany("INSERT INTO t VALUES (?, ?)", rows)',
]


@pytest.mark.parametrize("call", WRONG)
def test_what_python_refuses_is_reported(call: str) -> None:
    assert fails(call)
    assert len(reported(call)) >= 1


RIGHT = [
    'cur.execute("SELECT ?", "h")',
    'cur.execute("SELECT ?, ?", "hi")',
    'cur.execute("SELECT ?", ("hi",))',
    'cur.execute("SELECT ?", [name])',
    'cur.execute("SELECT ?1, ?1", (1,))',
    'cur.execute("SELECT :a", {"a": 1, "b": 2})',
    'cur.execute("SELECT 1", {"a": 1})',
    'cur.execute("SELECT 1", ())',
    """cur.execute("SELECT '?', \\"?\\" -- ?")""",
    'cur.execute("SELECT ?, ?", ids)',
    'cur.execute("SELECT ?, ?", [*ids])',
    "cur.execute(f\"SELECT {','.join('?' for _ in ids)}\", (1, 2))",
    'cur.execute("SELECT " + ",".join("?" * len(ids)), (1, 2))',
    'cur.execute("SELECT %s" % ",".join(["?"] * len(ids)), (1, 2))',
    'marks = ", ".join("?" for _ in ids); cur.execute(f"SELECT ?, {marks}", (0, 1, 2))',
    'marks = "?, ?"; cur.execute(f"SELECT {marks}", (1, 2))',
    'cur.executemany("INSERT INTO t VALUES (?, ?)", ["ab", "cd"])',
    'cur.executemany("INSERT INTO t VALUES (?, ?)", zip(ids, ids))',
    'cur.executemany("INSERT INTO t VALUES (?, ?)", [ids, ids])',
    'cur.execute("INSERT INTO t VALUES (" + "?," * 1 + "?)", (1, 2))',
]


@pytest.mark.parametrize("call", RIGHT)
def test_what_python_takes_is_left_alone(call: str) -> None:
    assert not fails(call)
    assert reported(call) == []


@pytest.mark.parametrize(
    "call",
    [
        "cur.execute(TWO, rest)",
        'cur.execute("SELECT :a", kw)',
        'cur.execute("SELECT :a", {**kw})',
        'cur.execute("SELECT ?", *rest)',
        'cur.execute("SELECT ?", (*rest, 1))',
        'cur.execute("SELECT ?", name, n)',
        'cur.execute("SELECT %s, %s", (name,))',
        'db.execute("SELECT ?", name)',
        'self.execute("SELECT ?", n)',
        "cur.execute(TWO if n else 'SELECT ?', (1, 2))",
        "sql = 'SELECT ?'\n    if n: sql += ', ?'\n    cur.execute(sql, (1, 2))",
        "values = (1,)\n    if n: values += (2,)\n    cur.execute(TWO, values)",
        "values = [1]\n    values.append(2)\n    cur.execute(TWO, values)",
        "with pytest.raises(sqlite3.ProgrammingError):\n        cur.execute(TWO, (1,))",
        'cur.execute(f\'INSERT INTO t ({", ".join(COLUMNS)}) VALUES ({", ".join("?" * 2)})\', (1, 2))',
    ],
)
def test_what_cannot_be_seen_is_left_alone(call: str) -> None:
    assert reported(call) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('cur.execute("SELECT ?", ("hi"))', 'cur.execute("SELECT ?", ("hi",))'),
        ('cur.execute("SELECT ?", "hi")', 'cur.execute("SELECT ?", ("hi",))'),
        ('cur.execute("SELECT ?", n)', 'cur.execute("SELECT ?", (n,))'),
        ('cur.execute("SELECT ?", (name)  # one\n    )', 'cur.execute("SELECT ?", (name,)  # one\n    )'),
        ("cur.execute(TWO, name)", "cur.execute(TWO, name)"),
    ],
)
def test_one_value_becomes_a_tuple(before: str, after: str) -> None:
    assert fix_source(HEAD.format(before), "app.py", CONFIG).text == HEAD.format(after)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ('cur.execute("SELECT ?", ("hi"))', "a text as the values: SQLite takes each of its 2 characters for a value"),
        ("cur.execute(TWO, (1,))", "1 value for 2 parameters"),
        ('cur.execute("SELECT 1", (1, 2))', "2 values for no parameters"),
        ('cur.execute("SELECT :a, :b, :c", {"b": 1})', "no value for the parameters a, c"),
    ],
)
def test_messages_say_what_is_wrong(call: str, message: str) -> None:
    assert reported(call) == [message]
