"""Every measured case of another engine's SQL: what SQLite refuses is named, what it runs is left alone.

``tests/data/facts/README.md`` says how the cases were measured.  ``tests/fact_exceptions.py`` lists the few that are
not found, each with its reason; a test fails when one of them is found after all.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from sqlite_lint.config import Config
from sqlite_lint.diagnostic import Diagnostic
from sqlite_lint.facts import read_facts
from sqlite_lint.linter import lint_source
from sqlite_lint.project import Project
from tests.fact_exceptions import ERRORS, NOT_IN_FILES, REPORTED_THOUGH_SAME, SILENT_DIFFERENCES
from tests.facts import checks, dialect_cases, setup_for_sqlite, version

TARGET = (3, 40)
Case = dict[str, Any]

_HOST = "import sqlite3\n\n\ndef run(connection: sqlite3.Connection) -> None:\n    connection.execute({})\n"


class Hosted(NamedTuple):
    """A case's SQL in a source file; ``offset`` is where the SQL begins, None where escapes shift it."""

    path: str
    source: str
    offset: int | None


def in_file(case: Case) -> Hosted:
    return Hosted("query.sql", case["sql"] + ";\n", 0)


def with_check(case: Case) -> Hosted:
    """The case together with the statements that were run after it."""
    return Hosted("query.sql", ";\n".join([case["sql"], *checks(case, "sqlite")]) + ";\n", 0)


def in_python(case: Case) -> Hosted:
    sql = case["sql"]
    literal = f'r"""{sql} """' if '"""' not in sql else repr(sql)
    source = _HOST.format(literal)
    return Hosted("app/db.py", source, source.index(sql) if '"""' not in sql else None)


def found(case: Case, host: Hosted, target: tuple[int, int] = TARGET) -> list[Diagnostic]:
    setup = ";\n".join(setup_for_sqlite(case)) + ";\n"
    project = Project(files={"setup.sql": read_facts("setup.sql", setup.encode())})
    config = Config(target_version=target, extend_select=("ALL",) if case["sqlite"] == "different" else ())
    return [d for d in lint_source(host.source, host.path, config, project).diagnostics if d.code != "SQL501"]


def named(case: Case, host: Hosted) -> list[Diagnostic]:
    """The findings of rules that know the construct, at the place of the fault."""
    hint = case["token_hint"]
    findings = [d for d in found(case, host) if d.code not in {"SQL001", "SQL002"}]
    if host.offset is None:
        return findings
    start = host.offset + case["sql"].index(hint)
    end = start + len(hint)
    if case["sqlite"] == "different":
        # of a comparison the rules underline the side to mend: it stands beside an operator that is the hint
        start, end = start - 2, end + 2
    return [d for d in findings if d.span.start < end and start < max(d.span.end, d.span.start + 1)]


def cases_of(verdict: str) -> list[Any]:
    return [pytest.param(case, id=case["id"]) for case in dialect_cases() if case["sqlite"] == verdict]


def reported(case: Case) -> bool:
    """Tell whether a case is named in a .sql file and in Python alike, as far as both can hold it."""
    file = case["id"] in NOT_IN_FILES or bool(named(case, in_file(case)))
    return file and bool(named(case, in_python(case)))


@pytest.mark.parametrize("case", cases_of("error"))
def test_what_sqlite_refuses_is_named_at_its_place_in_files_and_in_python(case: Case) -> None:
    assert reported(case) is (case["id"] not in ERRORS), case["sql"]


@pytest.mark.parametrize("case", cases_of("different"))
def test_what_sqlite_runs_with_another_meaning_is_found_where_it_shows(case: Case) -> None:
    assert reported(case) is (case["id"] not in SILENT_DIFFERENCES), case["sql"]


@pytest.mark.parametrize("case", cases_of("same"))
def test_what_sqlite_runs_is_left_alone_from_the_version_on_that_runs_it(case: Case) -> None:
    if case["id"] in REPORTED_THOUGH_SAME:
        return
    since = version(case["sqlite_since"])
    targets = [(3, 54)] if since is None else [max(since, (3, 24)), (3, 54)]
    for target in targets:
        for host in (in_file(case), in_python(case)):
            assert [(d.code, d.message) for d in found(case, host, target)] == [], case["sql"]


@pytest.mark.parametrize("case", cases_of("same"))
def test_what_an_older_sqlite_lacks_is_named_with_the_version_it_needs(case: Case) -> None:
    since = version(case["sqlite_since"])
    if since is None or since <= (3, 24):
        return
    messages = [d.message for d in found(case, with_check(case), (3, since[1] - 1))]
    assert any(f"needs SQLite 3.{since[1]}" in message for message in messages), messages


def test_exceptions_name_cases() -> None:
    known = {case["id"] for case in dialect_cases()}
    assert {*ERRORS, *SILENT_DIFFERENCES, *NOT_IN_FILES, *REPORTED_THOUGH_SAME} <= known
