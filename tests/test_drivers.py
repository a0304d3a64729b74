"""The one model of a connection: every driver and framework, and helpers around them."""

from __future__ import annotations

import ast

import pytest

from sqlite_lint.config import Config
from sqlite_lint.hosts.connection import find_connections
from sqlite_lint.hosts.model import Connection, Target
from sqlite_lint.hosts.module import Module
from sqlite_lint.linter import lint_source
from sqlite_lint.project import Project

OPENED = [
    ("import sqlite3\nc = sqlite3.connect('x.db')\n", "sqlite3"),
    ("from sqlite3 import dbapi2 as db\nc = db.connect('x.db', autocommit=True)\n", "sqlite3"),
    ("from pysqlite2 import dbapi2\nc = dbapi2.connect('x.db')\n", "sqlite3"),
    ("import pysqlite3\nc = pysqlite3.connect('x.db')\n", "pysqlite3"),
    ("import pysqlite3.dbapi2 as sqlite3\nc = sqlite3.Connection('x.db')\n", "pysqlite3"),
    ("from sqlcipher3 import dbapi2 as sqlite\nc = sqlite.connect('x.db')\n", "sqlcipher3"),
    ("import sqlean as sqlite3\nc = sqlite3.connect('x.db')\n", "sqlean"),
    ("import libsql\nc = libsql.connect('x.db')\n", "libsql"),
    ("import aiosqlite\nasync def f():\n    async with aiosqlite.connect('x.db') as c:\n        pass\n", "aiosqlite"),
    ("import apsw\nc = apsw.Connection('x.db')\n", "apsw"),
    ("import sqlite_utils\nc = sqlite_utils.Database('x.db')\n", "sqlite_utils"),
    ("from sqlalchemy import create_engine\ne = create_engine('sqlite:///x.db')\n", "sqlalchemy"),
    (
        "from sqlalchemy.ext.asyncio import create_async_engine\ne = create_async_engine('sqlite+aiosqlite:///x.db')\n",
        "sqlalchemy",
    ),
    ("from sqlmodel import create_engine\ne = create_engine('sqlite:///x.db')\n", "sqlalchemy"),
    ("app.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite:///x.db'\n", "sqlalchemy"),
    ("DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'x.db'}}\n", "django"),
    ("from peewee import SqliteDatabase\nd = SqliteDatabase('x.db')\n", "peewee"),
    ("from playhouse.sqlite_ext import SqliteExtDatabase\nd = SqliteExtDatabase('x.db')\n", "peewee"),
    ("from playhouse.pool import PooledSqliteDatabase\nd = PooledSqliteDatabase('x.db')\n", "peewee"),
    ("from playhouse.apsw_ext import APSWDatabase\nd = APSWDatabase('x.db')\n", "peewee"),
    ("from playhouse.db_url import connect\nd = connect('sqlite:///x.db')\n", "peewee"),
    ("from databases import Database\nd = Database('sqlite+aiosqlite:///x.db')\n", "databases"),
    ("from tortoise import Tortoise\nTortoise.init(db_url='sqlite://x.db', modules={})\n", "tortoise"),
]
UNKNOWN = [
    "import dj_database_url\n# sqlite3\nDATABASES = {'default': dj_database_url.config()}\n",
    "import environ\nenv = environ.Env()\n# sqlite3\nDATABASES = {'default': env.db()}\n",
    "from sqlalchemy import create_engine\nimport sqlite3\ne = create_engine(url)\n",
    "import libsql\nc = libsql.connect('libsql://shop.turso.io', auth_token=t)\n",
]


def connections(source: str) -> tuple[Connection, ...]:
    return find_connections(Module(source, "app/db.py", ast.parse(source)), Project.empty())


@pytest.mark.parametrize(("source", "driver"), OPENED)
def test_every_driver_opens_one_connection_to_a_file(source: str, driver: str) -> None:
    (connection,) = connections(source)
    assert (connection.driver, connection.target) == (driver, Target.FILE)
    assert connection.timeout is None


@pytest.mark.parametrize("source", UNKNOWN)
def test_what_may_be_any_database_is_none(source: str) -> None:
    assert connections(source) == ()


HELPERS = [
    # opened by a helper, used twice: one connection, where it stands
    "def connect():\n    return sqlite3.connect('x.db')\na = connect()\nb = connect()\n",
    "class Store:\n    def open(self):\n        self.c = sqlite3.connect('x.db')\n        return self.c\n",
]
CONFIGURED = [
    "def setup(c):\n    c.execute('PRAGMA busy_timeout = 5000')\nc = sqlite3.connect('x.db')\nsetup(c)\n",
    "def setup(c):\n    cur = c.cursor()\n    cur.execute('PRAGMA busy_timeout = 5000')\n"
    "def connect():\n    c = sqlite3.connect('x.db')\n    setup(c)\n    return c\n",
    "def connect():\n    return sqlite3.connect('x.db')\n"
    "def ready():\n    c = connect()\n    c.execute('PRAGMA busy_timeout = 5000')\n    return c\n",
    "class Store:\n    def __init__(self):\n        self.c = sqlite3.connect('x.db')\n        self._setup()\n"
    "    def _setup(self):\n        self.c.executescript('PRAGMA journal_mode=WAL; PRAGMA busy_timeout = 5000')\n",
    "PRAGMAS = {'busy_timeout': 5000}\nc = sqlite3.connect('x.db')\nfor name, value in PRAGMAS.items():\n"
    "    c.execute(f'PRAGMA {name} = {value}')\n",
]


@pytest.mark.parametrize("source", HELPERS)
def test_a_helper_counts_where_it_stands_and_once(source: str) -> None:
    found = lint_source("import sqlite3\n" + source, "app/db.py", Config(select=("SQL501",))).diagnostics
    assert len(found) == 1


@pytest.mark.parametrize("source", CONFIGURED)
def test_pragmas_that_a_helper_sets_count(source: str) -> None:
    (connection,) = connections("import sqlite3\n" + source)
    assert connection.pragmas["busy_timeout"].value in ("5000", 5000)
