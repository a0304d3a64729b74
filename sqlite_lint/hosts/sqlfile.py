"""Reads .sql files: scripts of SQLite, of psql and mysql, and templates of Jinja, Go or Mustache.

What is no SQL becomes a hole or is left out; offsets hold, as the text keeps its map to the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.hosts.model import Engine, HostResult, ParamStyle, Sink, SqlUse
from sqlite_lint.hosts.sqltext import SqlText
from sqlite_lint.text import Span

if TYPE_CHECKING:
    from sqlite_lint.config import Config
    from sqlite_lint.project import Project

# Literals and comments are passed over as they are, so that nothing inside them is taken for a tag or a command.
_PART: Final = re.compile(
    r"""
    (?P<tag>\{\{.*?\}\})
  | (?P<control>\{%.*?%\} | \{\#.*?\#\})
  | (?P<copy>^[ \t]*COPY\b[^;]*?\bFROM\s+STDIN\b[^;]*;[^\n]*\n.*?^\\\.[ \t]*$)
  | (?P<delimiter>^[ \t]*DELIMITER[ \t]+(?P<mark>\S+)[ \t]*$)
  | (?P<meta>^[ \t]*\\[A-Za-z!?;][^\n]*$)
  | (?P<dot>^\.[A-Za-z]+[^\n;]*$)
  | (?P<variable>(?<![:\w]):(?:'[A-Za-z_]\w*'|"[A-Za-z_]\w*"))
  | (?P<batch>^[ \t]*GO[ \t]*$)
  | (?P<literal>--[^\n]* | /\*.*?\*/ | '[^'{]*(?:(?:''|\{(?![{%\#]))[^'{]*)*' | "[^"{\n]*")
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
_OTHER_TOOLS: Final = (
    (re.compile(r"^-- PostgreSQL database dump", re.MULTILINE), "a dump of PostgreSQL"),
    (re.compile(r"^-- (?:MySQL|MariaDB) dump", re.MULTILINE), "a dump of MySQL"),
    (re.compile(r"^[ \t]*\\(?:connect|c|i|ir|set|echo|copy|gexec|timing|pset)\b", re.MULTILINE), "a script for psql"),
    (re.compile(r"^COPY\b[^;]*\bFROM\s+STDIN\b", re.MULTILINE | re.IGNORECASE), "it loads data with psql's COPY"),
    (re.compile(r"^[ \t]*DELIMITER[ \t]+\S+[ \t]*$", re.MULTILINE | re.IGNORECASE), "a script for the mysql client"),
)


class _Change(NamedTuple):
    span: Span
    hole: bool


def read_sql_file(text: str, path: str, project: Project, config: Config) -> HostResult:
    """The one script that a .sql file is; ``assembled`` where tags of control decide what of it runs.

    A file that is written for another engine's client is that engine's.
    """
    changes = list(_changes(text))
    whole = SqlText.verbatim(text)
    if changes:
        whole = whole.substitute(
            (change.span, SqlText.hole(change.span) if change.hole else None) for change in changes
        )
    engine, reason = _engine(text, path, project, config)
    templated = "{%" in text and any(not change.hole for change in changes)
    use = SqlUse(
        text=whole,
        sink=Sink.FILE,
        anchor=Span(0, len(text)),
        engine=engine,
        reason=reason,
        paramstyle=ParamStyle.SQLITE if engine is Engine.SQLITE else ParamStyle.UNKNOWN,
        assembled=templated,
    )
    return HostResult((use,)) if text.strip() else HostResult()


def _changes(text: str) -> Iterator[_Change]:
    """What in the file is no SQL, in order."""
    for found in _PART.finditer(text):
        kind = found.lastgroup
        span = Span(*found.span())
        if kind == "literal":
            continue
        if kind in ("tag", "variable"):
            yield _Change(span, hole=True)
        elif kind == "mark" or kind == "delimiter":
            yield _Change(span, hole=False)
        else:
            yield _Change(span, hole=False)


def _engine(text: str, path: str, project: Project, config: Config) -> tuple[Engine, str]:
    """Whose file it is: the configuration's word, then the client it is written for, then what else tells."""
    from sqlite_lint.hosts.evidence import file_evidence
    from sqlite_lint.hosts.places import configured_engine

    if configured_engine(path, config.root or project.root, config.dialects) is None:
        for pattern, reason in _OTHER_TOOLS:
            if pattern.search(text) is not None:
                return Engine.OTHER, reason
    evidence = file_evidence(text, path, project, config.dialects)
    return evidence.engine, evidence.reason
