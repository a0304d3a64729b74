"""SQL509: which waits stand inside a transaction that holds the write lock."""

from __future__ import annotations

import pytest

from sqlite_lint.config import Config
from sqlite_lint.linter import lint_source

HEAD = "import asyncio, sqlite3, subprocess, time\nimport aiohttp, aiosqlite, apsw, httpx\nimport requests as r\n"
CON = "con = sqlite3.connect('x.db')\n"
WRITE = "con.execute('UPDATE t SET a = 1')\n"


def rows(source: str, path: str = "app/db.py") -> list[int]:
    found = lint_source(HEAD + source, path, Config(select=("SQL509",))).diagnostics
    return [diagnostic.start.row - HEAD.count("\n") for diagnostic in found]


@pytest.mark.parametrize(
    ("source", "row"),
    [
        (f"{CON}{WRITE}time.sleep(1)\n", 3),
        (f"{CON}with con:\n    {WRITE}    subprocess.run(['convert'])\n", 4),
        (f"{CON}http = httpx.Client()\n{WRITE}http.post(u)\n", 4),
        (f"{CON}with r.Session() as s:\n    {WRITE}    s.get(u)\n", 4),
        (f"def tell():\n    r.post(u)\n{CON}{WRITE}tell()\ncon.commit()\n", 2),
        (f"{CON}for u in us:\n    con.execute('INSERT INTO t VALUES (?)', (r.get(u).text,))\ncon.commit()\n", 3),
        ("def f(c):\n    c.execute('BEGIN EXCLUSIVE')\n    input()\n", 3),
        ("con = apsw.Connection('x.db')\nwith con:\n    con.execute('DELETE FROM t')\n    time.sleep(1)\n", 4),
        (f"def f():\n    {CON}    for x in y:\n        {WRITE}        yield x\n", 5),
        (
            "async def f(p):\n    async with aiohttp.ClientSession() as s, aiosqlite.connect(p) as db:\n"
            "        await db.execute('DELETE FROM t')\n        async with s.get(u) as answer:\n            pass\n",
            4,
        ),
        (
            "from sqlalchemy import create_engine, text\nengine = create_engine('sqlite:///x.db')\n"
            "with engine.begin() as c:\n    c.execute(text('DELETE FROM t'))\n    r.post(u)\n",
            5,
        ),
    ],
)
def test_waits_that_hold_the_lock(source: str, row: int) -> None:
    assert rows(source) == [row]


@pytest.mark.parametrize(
    "source",
    [
        f"{CON}{WRITE}con.commit()\ntime.sleep(1)\n",
        f"{CON}with con:\n    {WRITE}time.sleep(1)\n",
        f"{CON}con.execute('SELECT a FROM t')\ntime.sleep(1)\n",
        f"{CON}{WRITE}await_(asyncio.sleep(0))\n",
        f"{CON}{WRITE}save(con)\ntime.sleep(1)\n",
        f"{CON}while True:\n    try:\n        {WRITE}        con.commit()\n        break\n"
        "    except sqlite3.OperationalError:\n        time.sleep(1)\n",
        f"con = sqlite3.connect('x.db', isolation_level=None)\n{WRITE}time.sleep(1)\n",
        f"con = sqlite3.connect(':memory:')\n{WRITE}time.sleep(1)\n",
        f"def f(con):\n    {WRITE}    time.sleep(1)\n",  # how it was opened is not known
        "def f(con):\n    con.execute('BEGIN IMMEDIATE')\n    yield con\n    con.execute('COMMIT')\n",
        "async def f(p):\n    async with aiosqlite.connect(p) as db:\n        await db.execute('DELETE FROM t')\n"
        "        await db.execute('DELETE FROM u')\n        await db.commit()\n",
    ],
)
def test_noop_where_no_lock_is_held(source: str) -> None:
    assert rows(source) == []


def test_noop_in_tests_and_scripts() -> None:
    source = f"{CON}{WRITE}time.sleep(1)\n"
    assert rows(source, "tests/test_db.py") == rows(source, "scripts/load.py") == []
