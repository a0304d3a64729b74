"""What is said of one file: findings, statements, and calls whose SQL could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from sqlite_lint.diagnostic import Diagnostic
from sqlite_lint.text import Span

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import SqlUse
    from sqlite_lint.sql.witness import Verdict


class StatementReport(NamedTuple):
    """One statement, as ``--show-sql`` lists it; ``row`` and ``column`` from 1."""

    sql: str
    row: int
    column: int
    sink: str
    driver: str
    state: str  # "checked", "partly" or "other" (another engine's)
    reason: str = ""


class UnreachedReport(NamedTuple):
    """A call that takes SQL of which no text could be read; ``row`` and ``column`` from 1."""

    row: int
    column: int
    sink: str
    reason: str


class FileReport(NamedTuple):
    """All that is to be said of one file."""

    path: str
    diagnostics: tuple[Diagnostic, ...] = ()
    statements: tuple[StatementReport, ...] = ()
    unreached: tuple[UnreachedReport, ...] = ()
    calls: int = 0  # calls that hand SQL to an engine, of which a text could be read


class Analysis(NamedTuple):
    """A report together with what the fixer must know to verify its work.

    ``uses`` are the texts of SQL found, in order; ``verdicts`` belong to ``report.statements``.  ``replacements`` give
    for each finding (code and span) with a fix the source spans of its edits and the SQL that is to stand there.
    """

    report: FileReport
    uses: tuple[SqlUse, ...] = ()
    verdicts: tuple[Verdict | None, ...] = ()
    replacements: Mapping[tuple[str, Span], tuple[tuple[Span, str], ...]] = {}
