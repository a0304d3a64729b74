"""Database files, and the -wal and -shm files beside them, that are taken away while they may be in use."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.checks.databases import Databases
from sqlite_lint.checks.open_connections import OpenConnections
from sqlite_lint.hosts.deeds import deeds_of
from sqlite_lint.hosts.module import BindingKind
from sqlite_lint.hosts.removals import Change, FileChange, file_changes
from sqlite_lint.regex import regex
from sqlite_lint.rule import FileContext, SourceHit

if TYPE_CHECKING:
    from sqlite_lint.hosts.commands import Word
    from sqlite_lint.hosts.model import HostResult

_SIDE_FILE: Final = regex(r"-(?:wal|shm|journal)\Z")
_SIDE_FILES: Final = regex(r"-(?:wal|shm|journal)\b")
_ENDINGS: Final = ("-wal", "-shm", "-journal")
_EMPTIED: Final = regex(r"(?i)wal_checkpoint|journal_mode\s*=\s*(?:delete|truncate)")


def removed(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL702: a -wal, -shm or -journal file is taken away from its database; or a database that is open."""
    changes = _Changes(result, context)
    for change in changes.all:
        if changes.is_side_file(change.path):
            if change.change is not Change.REPLACE and changes.leaves_the_database(change):
                yield changes.hit(change, changes.side_file(change.path))
        elif change.change is Change.REMOVE and changes.is_open(change):
            yield changes.hit(change, "the file of a database that is open")


def replaced(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL703: the file of a database that is open is renamed, or another one put into its place."""
    changes = _Changes(result, context)
    for change in changes.all:
        if change.change is not Change.REMOVE and not changes.is_side_file(change.path) and changes.is_open(change):
            yield changes.hit(change, "")


class _Changes:
    """What one module takes away."""

    def __init__(self, result: HostResult, context: FileContext) -> None:
        self.all: list[FileChange] = []
        deeds = deeds_of(result)
        if deeds is None or not (deeds.opened or deeds.module.mentions(_ENDINGS)):
            return
        self.databases = Databases(deeds.module, result, context)
        if self.databases.area == "test":
            return  # what a test makes, it may take away
        self.module = deeds.module
        self.all = list(file_changes(deeds.module))
        self.open = OpenConnections(deeds, self.databases)

    def hit(self, change: FileChange, what: str) -> SourceHit:
        values = {"how": change.how, "change": change.change.value, "what": what}
        return SourceHit(self.module.span(change.call), values)

    def is_open(self, change: FileChange) -> bool:
        path = change.path
        if isinstance(path, str):
            path = ast.copy_location(ast.Constant(path), change.call)
        return self.open.holds(path, change.call)

    # -- the files beside a database

    def is_side_file(self, path: Word) -> bool:
        return bool(self.side_file(path))

    def side_file(self, path: Word) -> str:
        """``the -wal file`` and so on; "" where ``path`` names no such file, or others as well."""
        names = [path] if isinstance(path, str) else [*self.databases.file_names(path), *self._looped(path)]
        if not names or not all(_SIDE_FILE.search(name) for name in names):
            return ""
        kinds = list(dict.fromkeys(name.rpartition("-")[2] for name in names))
        return f"the {' and '.join(f'-{kind}' for kind in kinds)} file{'s' * (len(kinds) > 1)} of a database"

    def _looped(self, path: ast.expr) -> Iterator[str]:
        """The texts over which a loop runs whose variable is a part of ``path``."""
        for name in ast.walk(path):
            if not isinstance(name, ast.Name):
                continue
            for binding in self.databases.paths.values.bindings(name):
                if binding.kind is BindingKind.ITERATE and binding.value is not None:
                    yield from self._elements(binding.value)
                elif binding.kind is BindingKind.ASSIGN and binding.value is not None and name is not path:
                    continue
                elif binding.kind is BindingKind.ASSIGN and binding.value is not None:
                    yield from self._looped(binding.value)

    def _elements(self, node: ast.expr) -> Iterator[str]:
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            for element in node.elts:
                yield from list(self.databases.file_names(element)) or ["?"]
        elif isinstance(node, ast.BinOp) and isinstance(node.right, ast.Call | ast.List | ast.Tuple):
            for side in (node.left, node.right):  # glob(pattern) + glob(other)
                yield from self._elements(side)
        elif isinstance(node, ast.Call) and node.args:  # glob(pattern), sorted(...)
            yield from self._elements(node.args[-1])
        else:
            yield from self.databases.file_names(node)

    def _is_beside(self, path: Word) -> bool:
        """Tell whether a path is that of a file beside a database, or made of one: ``shop.db-wal.old``."""
        if isinstance(path, str):
            return _SIDE_FILES.search(path) is not None
        return self.is_side_file(path) or _SIDE_FILES.search(ast.unparse(path)) is not None

    def leaves_the_database(self, change: FileChange) -> bool:
        """Tell whether the function leaves the database itself in place, and does not know it to be closed."""
        function = self.module.function_of(change.call)
        for other in self.all:
            if self.module.function_of(other.call) is function and not self._is_beside(other.path):
                return False
        source = self.module.source(function) if function is not None else self.module.text
        return not (self.databases.is_closed_before(change.call) or _EMPTIED.search(source))
