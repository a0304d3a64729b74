"""Statements of PostgreSQL, MySQL and SQL Server that SQLite refuses: each is named by a rule of its own.

``data/dialects/refused.sql`` holds one on each line.  They are unlike the measured facts.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sqlite_lint import lint_text
from sqlite_lint.sql.statement import split
from sqlite_lint.sql.witness import LackKind, VerdictKind, witness

STATEMENTS = (Path(__file__).parent / "data" / "dialects" / "refused.sql").read_text(encoding="utf-8").splitlines()
GENERIC = {"SQL001", "SQL002", "SQL298"}


@pytest.mark.parametrize("sql", STATEMENTS)
def test_what_sqlite_refuses_is_named(sql: str) -> None:
    (statement,) = split(sql)
    verdict = witness((3, 40)).ask(statement, resolve=True)
    lacks = verdict.lack is not None and verdict.lack.kind not in (LackKind.TABLE, LackKind.COLUMN)
    assert verdict.kind is VerdictKind.REFUSED or lacks
    found = lint_text(sql)
    assert {d.code for d in found} - GENERIC
    assert all(0 <= d.span.start < d.span.end <= len(sql) for d in found)


def test_a_template_that_nobody_is_seen_to_run_is_not_refused() -> None:
    source = "import sqlite3\nTABS = {'sel': 'SELECT $1 FROM $2 WHERE $0'}\n"
    assert lint_text(source, "editor.py") == []
    run = source + "sqlite3.connect(':memory:').execute(TABS['sel'])\n"
    assert [d.code for d in lint_text(run, "editor.py")] == ["SQL002"]
