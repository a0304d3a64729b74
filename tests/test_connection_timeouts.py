"""SQL501 and SQL502: which connections wait for a lock, and where the wait is written in."""

from __future__ import annotations

import ast
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from sqlite_lint.checks import connections as checks
from sqlite_lint.config import Config
from sqlite_lint.diagnostic import Severity
from sqlite_lint.hosts.connection import find_connections
from sqlite_lint.hosts.model import Connection, HostResult
from sqlite_lint.hosts.module import Module
from sqlite_lint.project import Project
from sqlite_lint.rule import FileContext, SourceHit
from sqlite_lint.text import apply_edits

IMPORTS = "import sqlite3, aiosqlite, apsw, contextlib, functools, os\nfrom pathlib import Path\n"


def connections(source: str, path: str = "app/db.py") -> tuple[Connection, ...]:
    return find_connections(Module(source, path, ast.parse(source)), Project.empty())


def context(source: str, path: str = "app/db.py", busy_timeout: float = 5.0) -> FileContext:
    result = HostResult(connections=connections(source, path))
    return FileContext(Config(busy_timeout=busy_timeout), path, source, result, Project.empty())


def missing(source: str, path: str = "app/db.py", busy_timeout: float = 5.0) -> list[SourceHit]:
    around = context(source, path, busy_timeout)
    return [hit for connection in around.result.connections for hit in checks.missing(connection, around)]


def unusable(source: str, path: str = "app/db.py") -> list[SourceHit]:
    around = context(source, path)
    return list(checks.unusable(around.result, around))


def fixed(source: str, hits: list[SourceHit]) -> str:
    return apply_edits(source, [edit for hit in hits for edit in hit.edits])


def texts(source: str, hits: list[SourceHit]) -> Iterator[str]:
    return (source[hit.span.start : hit.span.end] for hit in hits)


MISSING = {
    "by module": "sqlite3.connect('a.db')",
    "by another name": "import sqlite3 as sq\nsq.connect(path)",
    "imported function": "from sqlite3 import connect\nconnect(path)",
    "imported function under another name": "from sqlite3 import connect as c\nc(path)",
    "dbapi2": "from sqlite3 import dbapi2 as sqlite\nsqlite.connect(path)",
    "the class itself": "sqlite3.Connection('a.db')",
    "a name for the function": "connect = sqlite3.connect\nconnect(path)",
    "fallback import": "try:\n    import pysqlite3 as db\nexcept ImportError:\n    import sqlite3 as db\ndb.connect(path)",
    "handed on by a module": "from app.compat import sqlite3\nsqlite3.connect(path)",
    "keyword": "sqlite3.connect(database=path, isolation_level=None)",
    "path object": "sqlite3.connect(Path('data') / 'a.db')",
    "f-string": "sqlite3.connect(f'{root}/a.db')",
    "uri": "sqlite3.connect('file:a.db', uri=True)",
    "uri with a timeout that SQLite ignores": "sqlite3.connect('file:a.db?timeout=9', uri=True)",
    "memory or file": "sqlite3.connect(':memory:' if fast else path)",
    "partial": "functools.partial(sqlite3.connect, path)",
    "to_thread": "async def f():\n    return await asyncio.to_thread(sqlite3.connect, path)",
    "with": "with sqlite3.connect(path) as con:\n    con.execute('PRAGMA journal_mode = WAL')",
    "closing": "with contextlib.closing(sqlite3.connect(path)) as con:\n    pass",
    "own keywords": "options = {'isolation_level': None}\nsqlite3.connect(path, **options)",
    "aiosqlite": "async def f():\n    async with aiosqlite.connect(path) as db:\n        pass",
    "aiosqlite, awaited": "async def f(self):\n    self.db = await aiosqlite.connect(self.path)",
    "apsw": "con = apsw.Connection(path)",
    "apsw, only read": "con = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READONLY)",
    "sqlcipher3": "import sqlcipher3\nsqlcipher3.connect(path)",
    "sqlean": "import sqlean as sqlite3\nsqlite3.connect(path)",
    "libsql": "import libsql\nlibsql.connect('a.db')",
    "engine": "from sqlalchemy import create_engine\ncreate_engine('sqlite:///a.db')",
    "engine, dotted": "import sqlalchemy as sa\nsa.create_engine('sqlite:///a.db', pool_timeout=30)",
    "engine, f-string": "from sqlalchemy import create_engine\ncreate_engine(f'sqlite:///{path}')",
    "engine, constant": "from sqlalchemy import create_engine\nURL = 'sqlite:///a.db'\ncreate_engine(URL)",
    "engine, URL.create": "from sqlalchemy import URL, create_engine\ncreate_engine(URL.create('sqlite', database=path))",
    "engine, make_url": "from sqlalchemy import create_engine\ncreate_engine(make_url('sqlite:///a.db'))",
    "async engine": "from sqlalchemy.ext.asyncio import create_async_engine as ce\nce('sqlite+aiosqlite:///a.db')",
    "sqlmodel": "from sqlmodel import create_engine\nargs = {'check_same_thread': False}\n"
    "create_engine('sqlite:///a.db', connect_args=args)",
    "engine known by its arguments": "from sqlalchemy import create_engine\n"
    "create_engine(settings.url, connect_args={'check_same_thread': False})",
    "engine from the environment": "from sqlalchemy import create_engine\n"
    "create_engine(os.environ.get('DATABASE_URL', 'sqlite:///a.db'))",
    "a listener without a busy timeout": "from sqlalchemy import create_engine, event\n"
    "engine = create_engine('sqlite:///a.db')\n@event.listens_for(engine, 'connect')\n"
    "def pragmas(con, record):\n    con.execute('PRAGMA foreign_keys = ON')",
    "flask": "app.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite:///a.db'",
    "flask, class": "class Config:\n    SQLALCHEMY_DATABASE_URI = 'sqlite:///a.db'",
    "django": "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': BASE_DIR / 'db.sqlite3'}}",
    "django, one database": "DATABASES['default'] = {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'a.db'}",
    "django, configure": "settings.configure(DATABASES={'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': p}})",
    "django, name": "DB = {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'a.db'}\nDATABASES = {'default': DB}",
    "django, per environment": "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'a.db'}} "
    "if DEBUG else {'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': 'a'}}",
    "peewee": "from peewee import SqliteDatabase\nSqliteDatabase('a.db', pragmas={'journal_mode': 'wal'})",
    "peewee, pool's own timeout": "from playhouse.pool import PooledSqliteDatabase\nPooledSqliteDatabase('a.db', timeout=30)",
    "databases": "from databases import Database\nDatabase('sqlite+aiosqlite:///a.db')",
    "tortoise": "from tortoise import Tortoise\nasync def f():\n    await Tortoise.init(db_url='sqlite://a.db', modules={})",
    "sqlite_utils": "import sqlite_utils\nsqlite_utils.Database('a.db')",
    "set on another connection": "a = sqlite3.connect(one, timeout=1)\nb = sqlite3.connect(two)\n"
    "a.execute('PRAGMA busy_timeout = 5000')",
    "helper that only reads": "def run(con):\n    con.execute('SELECT 1')\nrun(sqlite3.connect(path))",
    "parameter, used by a method": "class Store:\n    def __init__(self, path):\n        self.con = sqlite3.connect(path)\n"
    "    def get(self):\n        return self.con.execute('SELECT 1')",
}


@pytest.mark.parametrize("source", MISSING.values(), ids=MISSING)
def test_reports_connection_without_timeout(source: str) -> None:
    source = IMPORTS + source
    hits = missing(source)
    assert len(hits) == 1, connections(source)
    if hits[0].edits:
        changed = fixed(source, hits)
        ast.parse(changed)
        assert missing(changed) == []


SILENT = {
    "keyword": "sqlite3.connect(path, timeout=10)",
    "position": "sqlite3.connect(path, 10)",
    "variable": "sqlite3.connect(path, timeout=self.timeout)",
    "keywords from elsewhere": "sqlite3.connect(path, **options)",
    "arguments from elsewhere": "sqlite3.connect(*args)",
    "own keywords": "options = {'timeout': 30}\nsqlite3.connect(path, **options)",
    "own keywords, added": "options = {}\noptions['timeout'] = 30\nsqlite3.connect(path, **options)",
    "own keywords, updated": "options = {}\noptions.update(more)\nsqlite3.connect(path, **options)",
    "memory": "sqlite3.connect(':memory:')",
    "memory by default": "def f(path=':memory:'):\n    return sqlite3.connect(path)",
    "memory constant": "DB = ':memory:'\nsqlite3.connect(DB)",
    "temporary": "sqlite3.connect('')",
    "shared memory": "sqlite3.connect('file:x?mode=memory&cache=shared', uri=True)",
    "shared memory, named": "sqlite3.connect(f'file:{name}?mode=memory&cache=shared', uri=True)",
    "memory uri": "sqlite3.connect('file::memory:?cache=shared', uri=True)",
    "immutable": "sqlite3.connect(f'file:{path}?immutable=1', uri=True)",
    "immutable, as_uri": "sqlite3.connect(path.as_uri() + '?mode=ro&immutable=1', uri=True)",
    "read only": "sqlite3.connect(f'file:{path}?mode=ro', uri=True)",
    "pragma": "con = sqlite3.connect(path)\ncon.execute('PRAGMA busy_timeout = 5000')",
    "pragma by cursor": "con = sqlite3.connect(path)\ncur = con.cursor()\ncur.execute('pragma busy_timeout(5000)')",
    "pragma in a script": "con = sqlite3.connect(path)\ncon.executescript('''\nPRAGMA foreign_keys=ON;\nPRAGMA busy_timeout=9000;\n''')",
    "pragma in a constant": "P = 'PRAGMA busy_timeout = 5000'\ncon = sqlite3.connect(path)\ncon.execute(P)",
    "pragma f-string": "con = sqlite3.connect(path)\ncon.execute(f'PRAGMA busy_timeout = {ms}')",
    "pragma % format": "con = sqlite3.connect(path)\ncon.execute('PRAGMA busy_timeout = %d' % ms)",
    "pragma loop": "P = ['PRAGMA foreign_keys=1', 'PRAGMA busy_timeout=5000']\ncon = sqlite3.connect(path)\n"
    "for p in P:\n    con.execute(p)",
    "pragma loop over names": "P = {'busy_timeout': 5000}\ncon = sqlite3.connect(path)\n"
    "for k, v in P.items():\n    con.execute(f'PRAGMA {k} = {v}')",
    "pragma of unknown names": "con = sqlite3.connect(path)\nfor k, v in pragmas:\n    con.execute(f'PRAGMA {k} = {v}')",
    "pragma in a helper": "def tune(c):\n    c.execute('PRAGMA busy_timeout = 5000')\ncon = sqlite3.connect(path)\ntune(con)",
    "pragma in a helper of a helper": "def one(c):\n    c.execute('PRAGMA busy_timeout = 5000')\n"
    "def two(c):\n    one(c)\ntwo(sqlite3.connect(path))",
    "pragma through a helper that takes it": "def run(c, sql):\n    c.execute(sql)\n"
    "con = sqlite3.connect(path)\nrun(con, 'PRAGMA busy_timeout = 5000')",
    "pragma in another method": "class S:\n    def open(self):\n        self.con = sqlite3.connect(path)\n        self.setup()\n"
    "    def setup(self):\n        self.con.execute('PRAGMA busy_timeout = 5000')",
    "pragma in a base class": "class B:\n    def setup(self):\n        self.con.execute('PRAGMA busy_timeout = 5000')\n"
    "class S(B):\n    def open(self):\n        self.con = sqlite3.connect(path)",
    "pragma by the caller": "def connect():\n    return sqlite3.connect(path)\ndef main():\n    con = connect()\n"
    "    con.execute('PRAGMA busy_timeout = 5000')",
    "pragma by the user of a context manager": "@contextlib.contextmanager\ndef connect():\n    con = sqlite3.connect(path)\n"
    "    yield con\ndef main():\n    with connect() as c:\n        c.execute('PRAGMA busy_timeout = 5000')",
    "pragma on a thread's connection": "class S:\n    def con(self):\n        self._local.con = con = sqlite3.connect(path)\n"
    "        self._local.con.execute('PRAGMA busy_timeout = 5000')",
    "pragma in a with": "with sqlite3.connect(path) as c:\n    c.execute('PRAGMA busy_timeout = 5000')",
    "pragma on the spot": "sqlite3.connect(path).execute('PRAGMA busy_timeout = 5000')",
    "imported helper that configures": "from app.pragmas import apply_pragmas\ncon = sqlite3.connect(path)\napply_pragmas(con)",
    "aiosqlite": "async def f():\n    async with aiosqlite.connect(path, timeout=30) as db:\n        pass",
    "aiosqlite, pragma": "async def f():\n    db = await aiosqlite.connect(path)\n    await db.execute('PRAGMA busy_timeout=5000')",
    "apsw": "con = apsw.Connection(path)\ncon.set_busy_timeout(5000)",
    "apsw, old name": "con = apsw.Connection(path)\ncon.setbusytimeout(5000)",
    "apsw, handler": "con = apsw.Connection(path)\ncon.set_busy_handler(wait)",
    "apsw, pragma": "con = apsw.Connection(path)\ncon.pragma('busy_timeout', 5000)",
    "apsw, hooks": "apsw.connection_hooks.append(prepare)\ncon = apsw.Connection(path)",
    "apsw, memory": "apsw.Connection(':memory:')",
    "apsw, best practice": "import apsw.bestpractice\napsw.bestpractice.apply(apsw.bestpractice.recommended)\n"
    "con = apsw.Connection(path)",
    "libsql server": "import libsql\nlibsql.connect('libsql://host', auth_token=token)",
    "libsql replica": "import libsql\nlibsql.connect('a.db', sync_url=url)",
    "engine of unknown URL": "from sqlalchemy import create_engine\ncreate_engine(url)",
    "engine of unknown URL in a pool": "from sqlalchemy import create_engine\n"
    "create_engine(url, connect_args={'check_same_thread': False}, poolclass=StaticPool)",
    "engine of another engine": "from sqlalchemy import create_engine\ncreate_engine('postgresql://h/d')",
    "engine of one or the other": "from sqlalchemy import create_engine\n"
    "create_engine('sqlite:///a.db' if debug else 'postgresql://h/d')",
    "engine in memory": "from sqlalchemy import create_engine\ncreate_engine('sqlite://')",
    "engine in memory, long": "from sqlalchemy import create_engine\ncreate_engine('sqlite:///:memory:')",
    "engine with timeout": "from sqlalchemy import create_engine\ncreate_engine('sqlite:///a.db', connect_args={'timeout': 9})",
    "engine with dict()": "from sqlalchemy import create_engine\ncreate_engine('sqlite:///a.db', connect_args=dict(timeout=9))",
    "engine with timeout in URL": "from sqlalchemy import create_engine\ncreate_engine('sqlite:///a.db?timeout=9')",
    "engine with creator": "from sqlalchemy import create_engine\ncreate_engine('sqlite:///a.db', creator=make)",
    "engine with unknown arguments": "from sqlalchemy import create_engine\ncreate_engine('sqlite:///a.db', connect_args=args)",
    "engine with arguments added": "from sqlalchemy import create_engine\nargs = {}\nargs['timeout'] = 9\n"
    "create_engine('sqlite:///a.db', connect_args=args)",
    "engine with keywords": "from sqlalchemy import create_engine\ncreate_engine('sqlite:///a.db', **options)",
    "listener": "from sqlalchemy import create_engine, event\nengine = create_engine('sqlite:///a.db')\n"
    "@event.listens_for(engine, 'connect')\ndef pragmas(con, record):\n    cur = con.cursor()\n"
    "    cur.execute('PRAGMA busy_timeout = 5000')",
    "listener of all engines": "from sqlalchemy import create_engine, event\nfrom sqlalchemy.engine import Engine\n"
    "engine = create_engine('sqlite:///a.db')\n@event.listens_for(Engine, 'connect')\n"
    "def pragmas(con, record):\n    con.execute('PRAGMA busy_timeout = 5000')",
    "listener of an async engine": "from sqlalchemy.ext.asyncio import create_async_engine\nfrom sqlalchemy import event\n"
    "engine = create_async_engine('sqlite+aiosqlite:///a.db')\n@event.listens_for(engine.sync_engine, 'connect')\n"
    "def pragmas(con, record):\n    con.execute('PRAGMA busy_timeout = 5000')",
    "listener by call": "from sqlalchemy import create_engine, event\ndef pragmas(con, record):\n"
    "    con.execute('PRAGMA busy_timeout = 5000')\nengine = create_engine('sqlite:///a.db')\n"
    "event.listen(engine, 'connect', pragmas)",
    "listener imported": "from sqlalchemy import create_engine, event\nfrom app.listeners import pragmas\n"
    "engine = create_engine('sqlite:///a.db')\nevent.listen(engine, 'connect', pragmas)",
    "flask with options": "app.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite:///a.db'\n"
    "app.config['SQLALCHEMY_ENGINE_OPTIONS'] = {'connect_args': {'timeout': 9}}",
    "flask with timeout in the URL": "app.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite:///a.db?timeout=9'",
    "flask in memory": "app.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite://'",
    "flask in the test settings": "class TestConfig:\n    SQLALCHEMY_DATABASE_URI = 'sqlite:///test.db'",
    "django with timeout": "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': n, 'OPTIONS': {'timeout': 9}}}",
    "django with a pragma": "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': n,\n"
    "  'OPTIONS': {'init_command': 'PRAGMA busy_timeout = 5000;'}}}",
    "django, unknown": "DATABASES = {'default': dj_database_url.config(default='sqlite:///db.sqlite3')}",
    "django, merged": "DATABASES = {'default': {**base, 'ENGINE': 'django.db.backends.sqlite3'}}",
    "django, environment": "DATABASES = {'default': {'ENGINE': os.environ.get('E', 'django.db.backends.sqlite3'), 'NAME': n}}",
    "django, other": "DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': n}}",
    "django, memory": "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'}}",
    "django, set later": "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': n}}\n"
    "DATABASES['default']['OPTIONS'] = {'timeout': 20}",
    "peewee": "from peewee import SqliteDatabase\nSqliteDatabase('a.db', timeout=9)",
    "peewee, pragmas": "from peewee import SqliteDatabase\nSqliteDatabase('a.db', pragmas=(('busy_timeout', 5000),))",
    "peewee, deferred": "from peewee import SqliteDatabase\nSqliteDatabase(None)",
    "peewee, memory": "from peewee import SqliteDatabase\nSqliteDatabase(':memory:')",
    "databases": "from databases import Database\nDatabase('sqlite:///a.db', timeout=9)",
    "databases, other": "from databases import Database\nDatabase(url)",
    "tortoise": "from tortoise import Tortoise\nasync def f():\n    await Tortoise.init(db_url='sqlite://a.db?busy_timeout=9000')",
    "sqlite_utils on a connection": "import sqlite_utils\nsqlite_utils.Database(con)",
    "sqlite_utils in memory": "import sqlite_utils\nsqlite_utils.Database(memory=True)",
    "another connect": "import requests\nrequests.connect('a.db')\nself.connect(path)",
    "factory that sets it": "class C(sqlite3.Connection):\n    def __init__(self, *a):\n        super().__init__(*a)\n"
    "        self.execute('PRAGMA busy_timeout = 5000')\nsqlite3.connect(path, factory=C)",
}


@pytest.mark.parametrize("source", SILENT.values(), ids=SILENT)
def test_noop_where_a_timeout_is_given_or_not_needed(source: str) -> None:
    assert missing(IMPORTS + source) == []


@pytest.mark.parametrize(
    "path",
    ["tests/helpers.py", "test_db.py", "app/db_test.py", "app/tests/db.py", "conftest.py", "settings/test.py"],
)
def test_noop_in_tests_by_path(path: str) -> None:
    assert missing("import sqlite3\nsqlite3.connect('a.db')\n", path) == []


def test_noop_in_tests_by_name() -> None:
    assert missing("import sqlite3\ndef test_it(tmp_path):\n    sqlite3.connect(tmp_path / 'a.db')\n") == []


def test_directories_above_the_project_make_no_test() -> None:
    assert missing("import sqlite3\nsqlite3.connect('a.db')\n", "/home/tests/project/app/db.py")


def test_directories_below_the_root_make_a_test(tmp_path: Path) -> None:
    from sqlite_lint.hosts.connection import is_test_path

    assert not is_test_path("/srv/tests/shop/app.py")
    assert is_test_path("/srv/shop/tests/app.py")


FIXES = {
    "no arguments but one": ("sqlite3.connect(path)", "sqlite3.connect(path, timeout=5)"),
    "trailing comma on one line": ("sqlite3.connect(path,)", "sqlite3.connect(path, timeout=5)"),
    "trailing comma and space": ("sqlite3.connect(path, )", "sqlite3.connect(path, timeout=5 )"),
    "bracketed argument": ("sqlite3.connect((path))", "sqlite3.connect((path), timeout=5)"),
    "several lines": (
        "sqlite3.connect(\n    path,\n    uri=True,\n)",
        "sqlite3.connect(\n    path,\n    uri=True,\n    timeout=5,\n)",
    ),
    "several lines, no comma": (
        "sqlite3.connect(\n    path,\n    uri=True  # (why)\n)",
        "sqlite3.connect(\n    path,\n    uri=True, timeout=5  # (why)\n)",
    ),
    "several lines, comment": (
        "sqlite3.connect(\n    path,  # a, b\n)",
        "sqlite3.connect(\n    path,  # a, b\n    timeout=5,\n)",
    ),
    "several on a line": (
        "sqlite3.connect(\n    path, uri=True,\n)",
        "sqlite3.connect(\n    path, uri=True, timeout=5,\n)",
    ),
    "keywords that are known": (
        "options = {}\nsqlite3.connect(path, **options)",
        "options = {}\nsqlite3.connect(path, **options, timeout=5)",
    ),
    "non-ASCII before": ("x = 'né'; sqlite3.connect('ü.db')", "x = 'né'; sqlite3.connect('ü.db', timeout=5)"),
    "apsw attribute": (
        "class S:\n    def __init__(self):\n        self.con = apsw.Connection(path)  # open\n        self.x = 1\n",
        "class S:\n    def __init__(self):\n        self.con = apsw.Connection(path)  # open\n"
        "        self.con.set_busy_timeout(5000)\n        self.x = 1\n",
    ),
    "apsw with": (
        "with apsw.Connection(path) as con:\n    con.execute(sql)\n",
        "with apsw.Connection(path) as con:\n    con.set_busy_timeout(5000)\n    con.execute(sql)\n",
    ),
    "engine arguments": (
        "from sqlalchemy import create_engine\ncreate_engine('sqlite:///a.db', echo=True)",
        "from sqlalchemy import create_engine\ncreate_engine('sqlite:///a.db', echo=True, connect_args={'timeout': 5})",
    ),
    "engine arguments elsewhere": (
        "from sqlalchemy import create_engine\nargs = {\n    'check_same_thread': False,\n}\n"
        "create_engine('sqlite:///a.db', connect_args=args)",
        "from sqlalchemy import create_engine\nargs = {\n    'check_same_thread': False,\n    'timeout': 5,\n}\n"
        "create_engine('sqlite:///a.db', connect_args=args)",
    ),
    "engine arguments, chosen": (
        "from sqlalchemy import create_engine\n"
        "create_engine(url, connect_args={'check_same_thread': False} if url.startswith('sqlite') else {})",
        "from sqlalchemy import create_engine\n"
        "create_engine(url, connect_args={'check_same_thread': False, 'timeout': 5} if url.startswith('sqlite') else {})",
    ),
    "engine from the environment": (
        "from sqlalchemy import create_engine\nURL = os.getenv('URL', 'sqlite:///a.db')\ncreate_engine(URL)",
        "from sqlalchemy import create_engine\nURL = os.getenv('URL', 'sqlite:///a.db?timeout=5')\ncreate_engine(URL)",
    ),
    "flask": (
        "app.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite:///' + os.path.join(base, 'a.db')",
        None,
    ),
    "flask, literal": (
        "app.config['SQLALCHEMY_DATABASE_URI'] = f'sqlite:///{base}/a.db?x=1'",
        "app.config['SQLALCHEMY_DATABASE_URI'] = f'sqlite:///{base}/a.db?x=1&timeout=5'",
    ),
    "django options": (
        "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': n, 'OPTIONS': {}}}",
        "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': n, 'OPTIONS': {'timeout': 5}}}",
    ),
    "django dict()": (
        "DATABASES = dict(default=dict(ENGINE='django.db.backends.sqlite3', NAME=n))",
        "DATABASES = dict(default=dict(ENGINE='django.db.backends.sqlite3', NAME=n, OPTIONS={'timeout': 5}))",
    ),
    "pool's pragmas": (
        "from playhouse.pool import PooledSqliteDatabase\nPooledSqliteDatabase('a.db', pragmas={'journal_mode': 'wal'})",
        "from playhouse.pool import PooledSqliteDatabase\n"
        "PooledSqliteDatabase('a.db', pragmas={'journal_mode': 'wal', 'busy_timeout': 5000})",
    ),
    "tortoise": (
        "from tortoise import Tortoise\nTortoise.init(db_url='sqlite://a.db')",
        "from tortoise import Tortoise\nTortoise.init(db_url='sqlite://a.db?busy_timeout=5000')",
    ),
    "returned by apsw": ("def f():\n    return apsw.Connection(path)", None),
    "run_in_executor": ("loop.run_in_executor(None, sqlite3.connect, path)", None),
    "sqlite_utils": ("import sqlite_utils\nsqlite_utils.Database('a.db')", None),
}


@pytest.mark.parametrize(("source", "expected"), FIXES.values(), ids=FIXES)
def test_fix_writes_the_timeout_in_or_says_why_not(source: str, expected: str | None) -> None:
    source = IMPORTS + source
    hits = missing(source)
    assert len(hits) == 1
    if expected is None:
        assert not hits[0].edits
        assert hits[0].withheld
    else:
        assert fixed(source, hits) == IMPORTS + expected
        assert missing(IMPORTS + expected) == []


def test_fix_keeps_line_ends() -> None:
    source = "import apsw\r\ncon = apsw.Connection(p)\r\ncon.execute(s)\r\n"
    assert fixed(source, missing(source)) == (
        "import apsw\r\ncon = apsw.Connection(p)\r\ncon.set_busy_timeout(5000)\r\ncon.execute(s)\r\n"
    )


def test_fix_takes_the_configured_timeout() -> None:
    source = "import sqlite3\nsqlite3.connect(p)\n"
    assert fixed(source, missing(source, busy_timeout=2.5)).endswith("sqlite3.connect(p, timeout=2.5)\n")


def test_no_wait_at_all_is_an_error() -> None:
    assert missing("import apsw\nc = apsw.Connection(p)\n")[0].severity is Severity.ERROR
    assert missing("import sqlite3\nc = sqlite3.connect(p)\n")[0].severity is None


def test_each_place_is_reported_once() -> None:
    source = IMPORTS + "def connect():\n    return sqlite3.connect(path)\na = connect()\nb = connect()\n"
    assert list(texts(source, missing(source))) == ["sqlite3.connect"]


UNUSABLE = {
    "milliseconds": ("sqlite3.connect(path, timeout=5000)", "5000", "5"),
    "milliseconds, product": ("sqlite3.connect(path, timeout=5 * 1000)", "5 * 1000", None),
    "milliseconds by position": ("sqlite3.connect(path, 30_000)", "30_000", "30"),
    "a float": ("sqlite3.connect(path, timeout=2500.0)", "2500.0", "2.5"),
    "zero": ("sqlite3.connect(path, timeout=0)", "0", "5"),
    "negative": ("sqlite3.connect(path, timeout=-1)", "-1", "5"),
    "under a second": ("sqlite3.connect(path, timeout=0.1)", "0.1", "5"),
    "more than an int": ("sqlite3.connect(path, timeout=3_000_001)", "3_000_001", "5"),
    "constant": ("BUSY = 5000\nsqlite3.connect(path, timeout=BUSY)", "BUSY", None),
    "named for its unit": (
        "sqlite3.connect(path, timeout=self.timeout_ms)",
        "self.timeout_ms",
        "self.timeout_ms / 1000",
    ),
    "default of a parameter": ("def f(timeout=5000):\n    sqlite3.connect(path, timeout=timeout)", "timeout", None),
    "engine": (
        "from sqlalchemy import create_engine\ncreate_engine('sqlite:///a.db', connect_args={'timeout': 30000})",
        "30000",
        "30",
    ),
    "url": ("from sqlalchemy import create_engine\ncreate_engine('sqlite:///a.db?timeout=30000')", "30000", "30"),
    "django": (
        "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': n, 'OPTIONS': {'timeout': 20000}}}",
        "20000",
        "20",
    ),
    "apsw in seconds": ("con = apsw.Connection(path)\ncon.set_busy_timeout(5)", "5", "5000"),
    "apsw, none": ("con = apsw.Connection(path)\ncon.setbusytimeout(0)", "0", "5000"),
    "apsw, pragma method": ("con = apsw.Connection(path)\ncon.pragma('busy_timeout', 10)", "10", "10000"),
    "peewee": ("from peewee import SqliteDatabase\nSqliteDatabase('a.db', timeout=5000)", "5000", "5"),
    "peewee pragmas": (
        "from peewee import SqliteDatabase\nSqliteDatabase('a.db', pragmas={'busy_timeout': 5})",
        "5",
        "5000",
    ),
}


@pytest.mark.parametrize(("source", "marked", "replacement"), UNUSABLE.values(), ids=UNUSABLE)
def test_reports_timeout_that_does_not_serve(source: str, marked: str, replacement: str | None) -> None:
    source = IMPORTS + source
    hits = unusable(source)
    assert list(texts(source, hits)) == [marked]
    if replacement is None:
        assert hits[0].withheld
    else:
        start, end = hits[0].span
        changed = source[:start] + replacement + source[end:]
        assert fixed(source, hits) == changed
        assert unusable(changed) == []


USABLE = {
    "seconds": "sqlite3.connect(path, timeout=30)",
    "one second": "sqlite3.connect(path, timeout=1)",
    "an hour": "sqlite3.connect(path, timeout=60 * 60)",
    "half an hour": "sqlite3.connect(path, timeout=1800)",
    "unknown": "sqlite3.connect(path, timeout=timeout)",
    "divided": "sqlite3.connect(path, timeout=timeout_ms / 1000)",
    "memory": "sqlite3.connect(':memory:', timeout=0)",
    "replaced": "con = sqlite3.connect(path, timeout=0)\ncon.execute('PRAGMA busy_timeout = 5000')",
    "apsw": "con = apsw.Connection(path)\ncon.set_busy_timeout(10_000)",
    "zero by default of a parameter": "def f(timeout=0):\n    sqlite3.connect(path, timeout=timeout)",
    "pool's wait for a connection": "from playhouse.pool import PooledSqliteDatabase\n"
    "PooledSqliteDatabase('a.db', timeout=0, pragmas={'busy_timeout': 5000})",
}


@pytest.mark.parametrize("source", USABLE.values(), ids=USABLE)
def test_noop_for_usable_timeout(source: str) -> None:
    assert unusable(IMPORTS + source) == []


@pytest.mark.parametrize(
    ("seconds", "milliseconds"), [(5, 5000), (0, 0), (-1, 0), (0.5, 500), (5000, 5_000_000), (2147484, 0)]
)
def test_engine_takes_the_timeout_as_the_page_says(seconds: float, milliseconds: int) -> None:
    connection = sqlite3.connect(":memory:", timeout=seconds)
    assert connection.execute("PRAGMA busy_timeout").fetchone() == (milliseconds,)
    connection.close()


def test_engine_ignores_a_timeout_in_a_uri(tmp_path: Path) -> None:
    connection = sqlite3.connect(f"file:{tmp_path}/a.db?timeout=9", uri=True)
    assert connection.execute("PRAGMA busy_timeout").fetchone() == (5000,)
    connection.close()


def test_drivers_wait_by_default_as_the_table_says() -> None:
    from sqlite_lint.hosts.openers import OPENERS

    standard = sqlite3.connect(":memory:")
    assert standard.execute("PRAGMA busy_timeout").fetchone() == (OPENERS["sqlite3.connect"].default * 1000,)
    standard.close()
    other = apsw.Connection(":memory:")
    assert other.execute("PRAGMA busy_timeout").fetchall() == [(OPENERS["apsw.Connection"].default * 1000,)]
    other.close()


def test_reader_of_a_read_only_file_meets_locks(tmp_path: Path) -> None:
    """Why ``mode=ro`` is not the same as ``immutable=1``."""
    path = tmp_path / "a.db"
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("CREATE TABLE t (x)")
    writer.execute("BEGIN EXCLUSIVE")
    reader = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=0)
    with pytest.raises(sqlite3.OperationalError, match="database is locked"):
        reader.execute("SELECT * FROM t")
    unlocked = sqlite3.connect(f"file:{path}?immutable=1", uri=True, timeout=0)
    assert unlocked.execute("SELECT * FROM t").fetchall() == []
    for connection in (writer, reader, unlocked):
        connection.close()


def test_noop_on_code_without_connections() -> None:
    assert connections("print('no database here')\n") == ()
    assert connections("# sqlite only in a comment\nx = 1\n") == ()
