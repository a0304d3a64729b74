"""What a rule is."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from sqlite_lint.diagnostic import Severity
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.text import Applicability, Edit, Span

if TYPE_CHECKING:
    from sqlite_lint.config import Config
    from sqlite_lint.hosts.model import HostResult, SqlUse
    from sqlite_lint.project import Project
    from sqlite_lint.sql.schema import Schema
    from sqlite_lint.sql.witness import Verdict


Check: TypeAlias = Callable[..., Iterable[Any]]
"""The function of a rule that a pattern cannot say; ``Scope`` tells what it is called with."""


class SqlFix(NamedTuple):
    """A fix in the coordinates of the SQL text; ``edits`` are (span, replacement).

    ``script`` marks one that adds or removes statements: it is withheld where the text is handed to a call that runs
    one statement only.
    """

    title: str
    edits: tuple[tuple[Span, str], ...]
    applicability: Applicability = Applicability.SAFE
    script: bool = False


class Hit(NamedTuple):
    """What a check found in a statement, in the coordinates of the SQL text.

    ``message`` replaces the rule's own; ``values`` fill its ``{fields}``.  ``withheld`` says why there is no fix.
    """

    span: Span
    values: Mapping[str, str] = {}
    message: str | None = None
    fix: SqlFix | None = None
    withheld: str | None = None
    severity: Severity | None = None  # other than the rule's own


class SourceHit(NamedTuple):
    """What a check found outside SQL, in the coordinates of the source; ``edits`` as in ``Fix``."""

    span: Span
    values: Mapping[str, str] = {}
    message: str | None = None
    fix_title: str = ""
    edits: tuple[Edit, ...] = ()
    applicability: Applicability = Applicability.SAFE
    withheld: str | None = None
    severity: Severity | None = None  # other than the rule's own


class Scope(enum.Enum):
    """What a rule's check is called with."""

    STATEMENT = "statement"  # check(statement: Statement, context: SqlContext) -> Iterable[Hit]
    CONNECTION = "connection"  # check(connection: Connection, context: FileContext) -> Iterable[SourceHit]
    FILE = "file"  # check(result: HostResult, context: FileContext) -> Iterable[SourceHit]
    TOOL = "tool"  # raised by the linter itself: SQL001, SQL002, SQL003


@dataclass(frozen=True, slots=True)
class SqlContext:
    """What a check of a statement may know beside the statement."""

    config: Config
    use: SqlUse
    verdict: Verdict
    schema: Schema
    target: tuple[int, int]
    functions: frozenset[str] = frozenset()  # that the project registers on its connections, in lower case
    names: Schema | None = None  # all tables and columns there may be; None for those of the schema


class FileContext(NamedTuple):
    """What a check of a connection or a whole file may know beside it."""

    config: Config
    path: str
    text: str
    result: HostResult
    project: Project


class Detect(NamedTuple):
    """One pattern of a rule, as its file gives it; ``match.py`` says what the fields mean."""

    pattern: str
    fix: str | None = None
    title: str = ""  # default: what the template gives
    caveat: str = ""  # why the fix is not safe; shown with its title
    applicability: Applicability = Applicability.SAFE
    message: str | None = None
    where: Mapping[str, Any] = {}
    since: tuple[int, int] | None = None  # the version from which SQLite has the construct
    needs: tuple[int, int] | None = None  # the version from which SQLite runs the fix
    remove: bool = False  # the fix takes the whole statement out of its script
    show: str = ""  # a metavariable to point at, or "all"; default: the literals from the first one on
    call: bool = False  # the pattern is the call of a function: not a table's or type's name before a bracket


class Example(NamedTuple):
    """A fenced example of a rule's page: what it shows, in which language, with the set-up before it."""

    kind: str  # bad, good, instead, ok, rows
    language: str  # sql, python, json
    code: str
    setup: str = ""
    options: Mapping[str, str] = {}
    line: int = 0


class Rule(NamedTuple):
    """One rule: all of it is read from its Markdown file in ``rules/``."""

    code: str
    name: str
    summary: str
    message: str
    severity: Severity = Severity.ERROR
    origin: str = ""  # "postgres", "mysql", "both" or "" where the fault is SQLite's own matter
    since: str = ""  # the release of sqlite-lint that brought the rule
    default: bool = True  # False: opt-in by --select or --extend-select
    scope: Scope = Scope.STATEMENT
    grammar: bool = False  # SQLite refuses what this rule finds, so no accepted statement carries it
    # Keys of tokens of a statement, or lower-case words of a file, one of which it must hold for a call of ``check``.
    tokens: tuple[str, ...] = ()
    kinds: frozenset[Kind] = frozenset()  # kinds of tokens, one of which it must hold as well
    detects: tuple[Detect, ...] = ()
    check: str = ""  # "module:function" below sqlite_lint.checks
    data: Mapping[str, Any] = {}  # the front matter's own tables, for the check
    body: str = ""  # the page's Markdown after the front matter
    examples: tuple[Example, ...] = ()
    path: str = ""

    @property
    def url(self) -> str:
        return f"https://github.com/sqlite-lint/sqlite-lint/blob/main/rules/{self.code}-{self.name}.md"

    def load_check(self) -> Check:
        """Import the check's module; rules without one raise ValueError."""
        return _check(self.code, self.check)


@cache
def _check(code: str, path: str) -> Check:
    from importlib import import_module

    module, _, function = path.partition(":")
    if not function:
        raise ValueError(f"{code}: no check")
    return getattr(import_module(f"sqlite_lint.checks.{module}"), function)  # type: ignore[no-any-return]
