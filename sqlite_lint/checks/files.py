"""Copies of a database file that SQLite may be writing."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from sqlite_lint.checks.databases import SIDE_FILE, Databases
from sqlite_lint.hosts.commands import Word
from sqlite_lint.hosts.files import FileCopy, file_copies
from sqlite_lint.rule import FileContext, SourceHit

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import HostResult
    from sqlite_lint.hosts.module import Module

_SERVES: Final = frozenset({"open", "read_bytes", "send_file", "FileResponse", "Path.copy"})


def copied(result: HostResult, context: FileContext) -> Iterable[SourceHit]:
    """Report copies of a file that the project opens as a database (https://sqlite.org/howtocorrupt.html, 1.2)."""
    module = result.module
    if module is None:
        return
    copies = list(file_copies(module))
    if not copies:
        return
    databases = Databases(module, result, context)
    for copy in copies:
        if any(_is_live(databases, source, copy) for source in copy.sources):
            yield SourceHit(copy.span, {"how": copy.how})


def _is_live(databases: Databases, source: Word, copy: FileCopy) -> bool:
    if isinstance(source, str):
        if databases.is_closed_before(copy.node) or repr(source) in databases.finished:
            return False
        return repr(source) in databases.opened or databases.holds_opened(source) or databases.is_named_database(source)
    if not databases.paths.all_of(source).isdisjoint(databases.finished) or databases.is_closed_before(copy.node):
        return False
    if databases.is_opened(source) or databases.holds_opened(source) or _runs_over_side_files(databases.module, copy):
        return True
    if copy.how in _SERVES:
        return False  # what is read or sent by its name alone may be a snapshot, or a file of another format
    return databases.is_side_file(source) or databases.is_named_database(source)


def _runs_over_side_files(module: Module, copy: FileCopy) -> bool:
    """Tell whether a loop around the copy runs over the names of -wal and -shm files."""
    return any(
        isinstance(around, ast.For)
        and any(
            isinstance(part, ast.Constant) and isinstance(part.value, str) and SIDE_FILE.search(part.value)
            for part in ast.walk(around.iter)
        )
        for around in module.ancestors(copy.node)
    )
