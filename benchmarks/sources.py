"""The statements in PostgreSQL's regression suite and in SQLite's test suite, from Debian's source packages."""

from __future__ import annotations

import os
import re
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.engine import complete_statements

_SOURCES_LIST = "deb-src http://deb.debian.org/debian bookworm main\n"
_APT_CONF = """\
Dir::Etc::sourcelist "{0}/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "{0}/lists";
Dir::Cache "{0}/cache";
"""


def fetched(package: str, pattern: str, directory: Path) -> Path:
    """The upstream archive of a Debian source package; fetched the first time."""
    apt = directory / "apt"
    if not list(apt.glob(pattern)):
        (apt / "lists" / "partial").mkdir(parents=True, exist_ok=True)
        (apt / "cache").mkdir(exist_ok=True)
        (apt / "sources.list").write_text(_SOURCES_LIST, encoding="ascii")
        (apt / "apt.conf").write_text(_APT_CONF.format(apt), encoding="utf-8")
        environment = {**os.environ, "APT_CONFIG": str(apt / "apt.conf")}
        for command in (["update"], ["source", "--download-only", package]):
            subprocess.run(["apt-get", "--quiet=2", *command], cwd=apt, env=environment, check=True)
    return min(apt.glob(pattern))


def _members(archive: Path, wanted: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isfile() and wanted.search(member.name):
                file = tar.extractfile(member)
                assert file is not None
                yield member.name.rpartition("/")[2], file.read().decode("utf-8", "replace")


def postgres_statements(directory: Path) -> Iterator[tuple[str, list[str]]]:
    archive = fetched("postgresql-15", "postgresql-15_*.orig.tar.bz2", directory)
    for name, text in _members(archive, re.compile(r"/src/test/regress/sql/[^/]+\.sql$")):
        yield name, split_postgres(text)


def sqlite_statements(directory: Path) -> Iterator[tuple[str, list[str]]]:
    archive = fetched("sqlite3", "sqlite3_*.orig.tar.xz", directory)
    for name, text in _members(archive, re.compile(r"/test/[^/]+\.test$")):
        yield name, [sql for block in tcl_blocks(text) for sql in complete_statements(block)]


_POSTGRES_TOKEN = re.compile(
    r"""
    (?P<skip>--[^\n]*)
  | (?P<comment>/\*)
  | (?P<dollar>\$(?:[A-Za-z_]\w*)?\$)
  | (?P<escape>\b[eE]'(?:[^'\\]|\\.|'')*')
  | (?P<quoted>'(?:[^']|'')*'|"(?:[^"]|"")*")
  | (?P<meta>\\[^\n]*)
  | (?P<open>\() | (?P<close>\))
  | (?P<end>;)
  | (?P<word>[A-Za-z_]\w*)
    """,
    re.VERBOSE | re.DOTALL,
)


def split_postgres(text: str) -> list[str]:
    """The statements of a psql script: without psql's own commands, COPY's data and statements with its variables."""
    found: list[str] = []
    parts: list[str] = []
    at = depth = 0
    atomic = False
    while match := _POSTGRES_TOKEN.search(text, at):
        parts.append(text[at : match.start()])
        kind, token, at = match.lastgroup, match.group(), match.end()
        if kind == "comment":
            at = _comment_end(text, at)
        elif kind == "dollar":
            end = text.find(token, at)
            end = len(text) if end < 0 else end + len(token)
            parts.append(text[match.start() : end])
            at = end
        elif kind == "meta":
            if re.match(r"\\(g|gset|gexec|gx|gdesc|crosstabview|watch)\b", token):
                _finish(parts, found)
            elif not "".join(parts).strip():
                parts.clear()
        elif kind == "end" and depth <= 0 and not atomic:
            copies = re.match(r"\s*copy\b.*\bfrom\s+stdin\b", "".join(parts), re.IGNORECASE | re.DOTALL)
            _finish(parts, found)
            if copies and (end := text.find("\n\\.", at)) >= 0:
                at = end + 3
        elif kind != "skip":
            depth += (kind == "open") - (kind == "close")
            atomic = _in_atomic(atomic, token, "".join(parts[-3:]))
            parts.append(token)
        if kind == "end" and depth <= 0 and not atomic:
            depth = 0
    return found


def _in_atomic(atomic: bool, token: str, before: str) -> bool:
    """Whether a function's body in SQL, BEGIN ATOMIC ... END, is open after ``token``."""
    if atomic:
        return token.upper() != "END"
    return token.upper() == "ATOMIC" and before.upper().rstrip().endswith("BEGIN")


_PSQL_VARIABLE = re.compile(r"""(?<![:\w]):(?:'|"|[A-Za-z_])""")


def _finish(parts: list[str], found: list[str]) -> None:
    sql = "".join(parts).strip()
    parts.clear()
    if sql and not _PSQL_VARIABLE.search(re.sub(r"'(?:[^']|'')*'", "''", sql)):
        found.append(sql)


def _comment_end(text: str, at: int) -> int:
    depth = 1
    while depth and (match := re.compile(r"/\*|\*/").search(text, at)):
        depth += 1 if match.group() == "/*" else -1
        at = match.end()
    return len(text) if depth else at


_TCL_COMMAND = re.compile(
    r"\b(?:execsql|catchsql|db\s+eval|db\s+one|do_execsql_test(?:\s+-db\s+\w+)?\s+\S+|do_catchsql_test\s+\S+)\s*\{"
)


def tcl_blocks(text: str) -> Iterator[str]:
    """The braced arguments of Tcl commands that take SQL; those that Tcl would change first are left out."""
    for match in _TCL_COMMAND.finditer(text):
        depth, at = 1, match.end()
        while depth and at < len(text):
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            at += 2 if text[at] == "\\" else 1
        block = text[match.end() : at - 1]
        if "{" not in block and "\\" not in block:
            yield block
