"""One file shared out among processes."""

from __future__ import annotations

import os

import pytest

from sqlite_lint.config import Config
from sqlite_lint.forks import can_fork, forked
from sqlite_lint.linter import analyse

pytestmark = pytest.mark.skipif(not can_fork(), reason="a process begins anew on this system")

MANY = "import sqlite3\n\n\ndef load(connection: sqlite3.Connection) -> None:\n" + "".join(
    f'    connection.execute("SELECT id::text, {number} FROM t{number % 7} WHERE name ILIKE ?")\n'
    for number in range(450)
)


def test_parts_come_back_in_order() -> None:
    assert forked(lambda part: [os.getpid(), part], "abc")[0] == [os.getpid(), "a"]
    assert forked(str.upper, "abc") == ["A", "B", "C"]
    assert forked(str.upper, "") == []


def test_what_a_process_that_died_leaves_undone_is_done_here() -> None:
    parent = os.getpid()

    def work(part: str) -> str:
        if part == "b" and os.getpid() != parent:
            os._exit(1)
        return part.upper()

    assert forked(work, "abc") == ["A", "B", "C"]


def test_what_cannot_be_sent_back_is_made_here() -> None:
    assert [made() for made in forked(lambda part: lambda: part, "ab")] == ["a", "b"]


def test_an_error_leaves_no_process_behind() -> None:
    with pytest.raises(ZeroDivisionError):
        forked(lambda part: 1 // part, [0, 1])
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_findings_of_a_shared_file_are_those_of_one_process() -> None:
    alone, shared = (analyse(MANY, "many.py", Config(), jobs=jobs) for jobs in (1, 2))
    assert len(alone.report.diagnostics) == 900
    assert shared.report == alone.report
    assert shared.verdicts == alone.verdicts
    assert shared.replacements == alone.replacements


def test_each_statement_is_counted_once_however_many_processes_share_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqlite_lint.linter._WORTH_A_PROCESS", 20)
    alone, shared = (analyse(MANY, "many.py", Config(), jobs=jobs).report for jobs in (1, 22))
    assert len(alone.statements) == 450
    assert shared == alone
