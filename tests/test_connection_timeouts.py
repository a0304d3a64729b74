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
from sqlite_lint.hosts.areas import area_of
from sqlite_lint.hosts.connection import find_connections
from sqlite_lint.hosts.model import Connection, HostResult, Target
from sqlite_lint.hosts.module import Module
from sqlite_lint.project import Project
from sqlite_lint.rule import FileContext, SourceHit
from sqlite_lint.text import apply_edits

DATA = Path(__file__).parent / "data" / "connections"


def cases(name: str) -> dict[str, str]:
    """The programs of a file, each below a line ``#: what it shows``."""
    text = (DATA / f"{name}.txt").read_text(encoding="utf-8")
    found = {}
    for block in ("\n" + text).split("\n#: ")[1:]:
        title, _, source = block.partition("\n")
        found[title] = source.rstrip("\n") + "\n"
    return found


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


MISSING = cases("missing")
SILENT = cases("silent")
FIXES = cases("fixes")


@pytest.mark.parametrize("source", MISSING.values(), ids=MISSING)
def test_reports_connection_without_timeout(source: str) -> None:
    hits = missing(source)
    assert len(hits) == 1, connections(source)
    if hits[0].edits:
        changed = fixed(source, hits)
        ast.parse(changed)
        assert missing(changed) == []


@pytest.mark.parametrize("source", SILENT.values(), ids=SILENT)
def test_noop_where_a_timeout_is_given_or_not_needed(source: str) -> None:
    assert missing(source) == []


@pytest.mark.parametrize(
    "path",
    ["tests/helpers.py", "test_db.py", "app/db_test.py", "app/tests/db.py", "conftest.py", "settings/test.py"],
)
def test_noop_in_tests_by_path(path: str) -> None:
    assert missing("import sqlite3\nsqlite3.connect('a.db')\n", path) == []


@pytest.mark.parametrize("path", ["scripts/load.py", "docs/examples/db.py", "benchmarks/run.py"])
def test_noop_in_scripts_and_examples(path: str) -> None:
    assert missing("import sqlite3\nsqlite3.connect('a.db')\n", path) == []
    assert unusable("import sqlite3\nsqlite3.connect('a.db', timeout=0)\n", path) == []


def test_noop_in_tests_by_name() -> None:
    assert missing("import sqlite3\ndef test_it(tmp_path):\n    sqlite3.connect(tmp_path / 'a.db')\n") == []


def test_directories_above_the_project_make_no_test() -> None:
    assert missing("import sqlite3\nsqlite3.connect('a.db')\n", "/home/tests/project/app/db.py")


def test_only_directories_below_the_root_count(tmp_path: Path) -> None:
    root = tmp_path / "tests" / "examples" / "shop"
    project = Project(root=str(root))
    assert area_of(str(root / "shop" / "db.py"), project) == ""
    assert area_of(str(root / "tests" / "db.py"), project) == "test"
    assert area_of(str(root / "test_plugin" / "db.py"), project) == "test"
    assert area_of(str(root / "scripts" / "db.py"), project) == "side"
    assert area_of("/srv/tests/shop/app.py") == ""
    assert area_of("/srv/shop/tests/app.py") == "test"


@pytest.mark.parametrize("case", FIXES.values(), ids=FIXES)
def test_fix_writes_the_timeout_in_or_says_why_not(case: str) -> None:
    source, _, expected = case.partition("#=\n")
    hits = missing(source)
    assert len(hits) == 1
    if expected:
        assert fixed(source, hits) == expected
        assert missing(expected) == []
    else:
        assert not hits[0].edits
        assert hits[0].withheld


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
    source = "import sqlite3\ndef connect():\n    return sqlite3.connect(path)\na = connect()\nb = connect()\n"
    assert list(texts(source, missing(source))) == ["sqlite3.connect"]


IMPORTS = "import sqlite3, apsw\nfrom sqlalchemy import create_engine\nfrom peewee import SqliteDatabase\n"
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
        "create_engine('sqlite:///a.db', connect_args={'timeout': 30000})",
        "30000",
        "30",
    ),
    "url": ("create_engine('sqlite:///a.db?timeout=30000')", "30000", "30"),
    "django": (
        "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': n, 'OPTIONS': {'timeout': 20000}}}",
        "20000",
        "20",
    ),
    "apsw in seconds": ("con = apsw.Connection(path)\ncon.set_busy_timeout(5)", "5", "5000"),
    "apsw, none": ("con = apsw.Connection(path)\ncon.setbusytimeout(0)", "0", "5000"),
    "apsw, pragma method": ("con = apsw.Connection(path)\ncon.pragma('busy_timeout', 10)", "10", "10000"),
    "peewee": ("SqliteDatabase('a.db', timeout=5000)", "5000", "5"),
    "peewee pragmas": (
        "SqliteDatabase('a.db', pragmas={'busy_timeout': 5})",
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


def test_model_says_what_the_call_says() -> None:
    (plain,) = connections("import sqlite3\ndef f():\n    sqlite3.connect('a.db', 5, 0, 'IMMEDIATE', False)\n")
    assert (plain.driver, plain.opener, plain.target, plain.scope) == ("sqlite3", "sqlite3.connect", Target.FILE, "f")
    assert plain.timeout is not None
    assert plain.isolation is not None
    assert plain.check_same_thread is not None
    assert (plain.timeout.value, plain.isolation.value, plain.check_same_thread.value) == (5, "IMMEDIATE", False)
    (engine,) = connections(
        "from sqlalchemy import create_engine\nfrom sqlalchemy.pool import NullPool\n"
        "create_engine('sqlite:///a.db', poolclass=NullPool, connect_args={'isolation_level': None})\n"
    )
    assert engine.pool is not None
    assert engine.isolation is not None
    assert (engine.pool.value, engine.isolation.value) == ("NullPool", None)
    (django,) = connections(
        "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'a.db', 'OPTIONS': {\n"
        "    'transaction_mode': 'IMMEDIATE', 'init_command': 'PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL'}}}\n"
    )
    assert django.transaction_mode is not None
    assert django.transaction_mode.value == "IMMEDIATE"
    assert {name: pragma.value for name, pragma in django.pragmas.items()} == {
        "journal_mode": "WAL",
        "synchronous": "NORMAL",
    }


def test_noop_on_code_without_connections() -> None:
    assert connections("print('no database here')\n") == ()
    assert connections("# sqlite only in a comment\nx = 1\n") == ()
