"""Queries as projects on PostgreSQL write them, unlike the measured facts: the server's rows, and SQLite's after --fix.

``data/postgres/queries.sql`` holds one query on each line.  Unsafe fixes are made as well, for the data keep to their
caveats.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from sqlite_lint.config import Config
from sqlite_lint.facts import read_facts
from sqlite_lint.fixer import fix_source
from sqlite_lint.project import Project
from tests.rows import same_rows
from tests.test_postgres import postgres  # noqa: F401  a fixture

DATA = Path(__file__).parent / "data" / "postgres"
QUERIES = (DATA / "queries.sql").read_text(encoding="utf-8").splitlines()
SETUP = (DATA / "setup_sqlite.sql").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def filled(postgres: Any) -> Any:  # noqa: F811
    postgres.execute((DATA / "setup_postgres.sql").read_text(encoding="utf-8"))
    yield postgres
    postgres.rollback()


@pytest.fixture(scope="module")
def project() -> Project:
    return Project(files={"setup.sql": read_facts("setup.sql", SETUP.encode())})


@pytest.mark.parametrize("sql", QUERIES)
def test_the_fixed_query_gives_the_rows_of_postgres(filled: Any, project: Project, sql: str) -> None:
    import apsw

    fixed = fix_source(sql, "query.sql", Config(), project, unsafe=True).text
    assert fixed != sql
    wanted = [list(row) for row in filled.execute(sql).fetchall()]
    for connect in (sqlite3.connect, apsw.Connection):
        connection = connect(":memory:")
        for statement in SETUP.split(";"):
            connection.execute(statement)
        got = [list(row) for row in connection.execute(fixed).fetchall()]
        connection.close()
        # Where NULLs are sorted differs: only the rows are compared.
        assert same_rows(wanted, got, False), fixed
