"""Reads .sql files: scripts of SQLite, of psql and mysql, and templates of Jinja, Go or Mustache.

What is no SQL becomes a hole or is left out; offsets hold, as the text keeps its map to the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.model import Engine, HostResult, ParamStyle, Sink, SqlUse
from sqlite_lint.hosts.sqltext import SqlText
from sqlite_lint.regex import regex
from sqlite_lint.text import Span

if TYPE_CHECKING:
    from sqlite_lint.config import Config
    from sqlite_lint.project import Project

# Literals and comments are passed over as they are, so that nothing inside them is taken for a tag or a command.
# No alternative looks further than the next opening of its kind, so that text without an end costs no more than text.
_PART: Final = regex(
    r"""
    (?P<tag>\{\{(?:[^{}]|\}(?!\})|\{(?!\{))*\}\} | \$\{[^{}\n]*\} | \$\([A-Za-z_]\w*\) | \$%[A-Za-z_]\w*%\$
    | <%=(?:[^%]|%(?!>))*%>)
  | (?P<control>\{%(?:[^%{]|%(?!\})|\{(?!%))*%\} | \{\#(?:[^\#{]|\#(?!\})|\{(?!\#))*\#\} | <%(?:[^%<]|%(?!>)|<(?!%))*%>)
  | (?P<copy>^[ \t]*COPY\b[^;]{0,500}?\bFROM\s+STDIN\b[^;]{0,200};[^\n]*\n(?:.*?^\\\.[ \t]*$|.*))
  | (?P<command>^[ \t]*DELIMITER[ \t]+\S+[ \t]*$ | ^[ \t]*\\[A-Za-z!?;][^\n]*$ | ^\.[A-Za-z][^\n;]*$)
  | (?P<variable>(?<![:\w]):(?:'[A-Za-z_]\w*'|"[A-Za-z_]\w*"))
  | (?P<batch>^[ \t]*GO[ \t]*\r?$)
  | (?P<literal>--[^\n]* | /\*(?:.*?\*/|.*) | '[^'{]*(?:(?:''|\{(?![{%\#]))[^'{]*)*' | "[^"{\n]*"
    | \$[A-Za-z_]\w*\$)
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
_INSTEAD: Final = {"control": " ", "command": "", "copy": "", "batch": ";"}
_OTHER_TOOLS: Final = (
    (regex(r"^-- PostgreSQL database dump", re.MULTILINE), "a dump of PostgreSQL"),
    (regex(r"^-- (?:MySQL|MariaDB) dump", re.MULTILINE), "a dump of MySQL"),
    (regex(r"^[ \t]*\\(?:connect|c|i|ir|set|echo|copy|gexec|timing|pset)\b", re.MULTILINE), "a script for psql"),
    (regex(r"^\\\.[ \t]*$", re.MULTILINE), "it loads data with psql's COPY"),
    (regex(r"^[ \t]*DELIMITER[ \t]+\S+[ \t]*$", re.MULTILINE | re.IGNORECASE), "a script for the mysql client"),
)
_SNAPSHOT: Final = regex(r"(?:^|/)(?:__snapshots__|tests?/(?:[^/]+/)*snapshots)/")


def read_sql_file(text: str, path: str, project: Project, config: Config) -> HostResult:
    """The one script that a .sql file is; ``assembled`` where tags of control decide what of it runs.

    A file that is written for another engine's client is that engine's.
    """
    whole = SqlText.verbatim(text)
    changes = list(_changes(text))
    if changes:
        whole = whole.substitute((span, instead) for _, span, instead in changes)
    engine, reason = _engine(text, path, project, config)
    use = SqlUse(
        text=whole,
        sink=Sink.FILE,
        anchor=Span(0, len(text)),
        engine=engine,
        reason=reason,
        paramstyle=ParamStyle.SQLITE if engine is Engine.SQLITE else ParamStyle.UNKNOWN,
        assembled=any(kind == "control" for kind, _, _ in changes),
    )
    return HostResult((use,)) if text.strip() else HostResult()


def _changes(text: str) -> Iterator[tuple[str, Span, SqlText]]:
    """What in the file is no SQL, in order: its kind, its place, and what stands for it."""
    for found in _PART.finditer(text):
        kind = found.lastgroup
        assert kind is not None  # each alternative has a name
        if kind == "literal":
            continue
        span = Span(*found.span())
        instead = _INSTEAD.get(kind)
        yield kind, span, SqlText.hole(span) if instead is None else SqlText.opaque(instead, span)


def _engine(text: str, path: str, project: Project, config: Config) -> tuple[Engine, str]:
    """Whose file it is: the configuration's word, then the client it is written for, then what else tells."""
    from sqlite_lint.hosts.file_evidence import file_evidence
    from sqlite_lint.hosts.places import configured_engine

    if configured_engine(path, config.root or project.root, config.dialects) is None:
        for pattern, reason in _OTHER_TOOLS:
            if pattern.search(text) is not None:
                return Engine.OTHER, reason
        if _SNAPSHOT.search(project.relative(path).replace("\\", "/")) is not None:
            return Engine.OTHER, "a snapshot of tests: what a program wrote, which no engine runs"
    evidence = file_evidence(text, path, project, config.dialects)
    return evidence.engine, evidence.reason
