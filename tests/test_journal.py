"""SQL531, SQL534 and SQL535: what concerns a whole database file, and how often it is said."""

from __future__ import annotations

import os
from pathlib import Path

import apsw
import pytest

from sqlite_lint.config import Config
from sqlite_lint.linter import lint_source
from sqlite_lint.project import load_project

CODES = ("SQL531", "SQL534", "SQL535")
SERVER = "import sqlite3\nfrom flask import Flask\n\n\ndef connect():\n    return sqlite3.connect('x.db', timeout=5)\n"
PLAIN = "import sqlite3\n\n\ndef connect():\n    return sqlite3.connect('x.db', timeout=5)\n"
KEYS = "SCHEMA = 'CREATE TABLE a (b INTEGER REFERENCES c (d))'\n"


def found(root: Path, files: dict[str, str]) -> list[str]:
    """Findings as "path: code", of a whole project."""
    (root / "pyproject.toml").write_text("")
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    project = load_project(root)
    return [
        f"{name}: {diagnostic.code}"
        for name, text in files.items()
        for diagnostic in lint_source(text, str(root / name), Config(select=CODES), project).diagnostics
    ]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"app/db.py": SERVER}, ["app/db.py: SQL534"]),
        ({"app/a.py": SERVER, "app/b.py": SERVER}, ["app/a.py: SQL534"]),
        ({"app/db.py": PLAIN, "app/web.py": "import fastapi\nimport sqlite3\n"}, ["app/db.py: SQL534"]),
        ({"tests/a.py": SERVER, "scripts/b.py": SERVER}, []),
        ({"app/db.py": PLAIN}, []),
        ({"app/a.py": SERVER, "app/b.py": "SETUP = 'PRAGMA journal_mode=WAL'\nimport sqlite3\n"}, []),
        ({"app/a.py": SERVER, "app/b.py": "import peewee\nd = f(pragmas={'journal_mode': 'wal'})  # sqlite\n"}, []),
        ({"app/a.py": SERVER, "setup.sql": "PRAGMA journal_mode = WAL;\n"}, []),
        ({"app/a.py": PLAIN, "app/b.py": KEYS + PLAIN}, ["app/b.py: SQL531"]),
        ({"app/a.py": KEYS + PLAIN, "app/b.py": "p = [('foreign_keys', 1)]  # pragmas of sqlite3\n"}, []),
        ({"app/a.py": PLAIN, "app/b.py": KEYS}, ["app/a.py: SQL531"]),
        ({"app/a.py": PLAIN, "schema.sql": KEYS[10:-2] + ";\n"}, ["app/a.py: SQL531"]),
        ({"app/a.py": PLAIN, "app/b.py": KEYS, "app/c.py": PLAIN}, []),  # the keys may be in another one's database
        ({"app/a.py": PLAIN, "app/b.py": KEYS, "requirements.txt": "psycopg2\n"}, []),
        ({"app/a.py": PLAIN, "tests/test_b.py": KEYS}, []),
        (
            {"app/a.py": "import celery, sqlite3\nsqlite3.connect('a').execute('PRAGMA locking_mode(exclusive)')\n"},
            ["app/a.py: SQL534", "app/a.py: SQL535"],
        ),
        ({"app/a.py": "import sqlite3\nsqlite3.connect('a').execute('PRAGMA locking_mode = EXCLUSIVE')\n"}, []),
        (
            {"app/a.py": "import celery, sqlite3\nsqlite3.connect('a').execute('PRAGMA locking_mode')\n"},
            ["app/a.py: SQL534"],
        ),
    ],
)
def test_findings_of_a_project(tmp_path: Path, files: dict[str, str], expected: list[str]) -> None:
    assert found(tmp_path, files) == expected


class CountingFile(apsw.VFSFile):
    syncs = 0

    def xSync(self, flags: int) -> None:
        CountingFile.syncs += 1
        super().xSync(flags)


class CountingVFS(apsw.VFS):
    def __init__(self) -> None:
        super().__init__("counting", "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:
        return CountingFile("", name, flags)


@pytest.mark.parametrize(
    ("journal", "synchronous", "syncs"),
    [("DELETE", "FULL", 300), ("DELETE", "NORMAL", 200), ("WAL", "FULL", 100), ("WAL", "NORMAL", 0), ("WAL", "OFF", 0)],
)
def test_syncs_of_a_hundred_commits(tmp_path: Path, journal: str, synchronous: str, syncs: int) -> None:
    vfs = CountingVFS()
    connection = apsw.Connection(os.fspath(tmp_path / "x.db"), vfs="counting")
    connection.execute(f"PRAGMA journal_mode = {journal}").fetchall()
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    connection.execute("CREATE TABLE t (a)")
    CountingFile.syncs = 0
    for _ in range(100):
        connection.execute("INSERT INTO t VALUES (1)")
    assert CountingFile.syncs == syncs
    connection.close()
    del vfs
