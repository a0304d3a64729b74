"""Copies of a database file that SQLite may be writing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.files import CONCERNED, FileCopy, file_copies
from sqlite_lint.rule import FileContext, SourceHit

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import HostResult
    from sqlite_lint.hosts.module import Function, Module

_DATABASE_NAME: Final = re.compile(
    r"(?:^|[/\\])[^/\\]*\.(?:db|sqlite|sqlite3|db3|s3db|sl3)(?:-wal|-shm|-journal)?\Z", re.I
)
_SIDE_FILE: Final = re.compile(r"-(?:wal|shm)\Z")
_SAME_FILE: Final = frozenset({"str", "Path", "fspath", "abspath", "expanduser", "resolve", "realpath", "absolute"})


def copied(result: HostResult, context: FileContext) -> Iterable[SourceHit]:
    """Report copies of a file that the project opens as a database (https://sqlite.org/howtocorrupt.html, 1.2)."""
    module = result.module
    if module is None or not CONCERNED.search(context.text):
        return
    copies = list(file_copies(module))
    if not copies:
        return
    databases = _Databases(module, result, context)
    for copy in copies:
        if any(databases.is_live(source, copy) for source in copy.sources):
            yield SourceHit(copy.span, {"how": copy.how})


class _Databases:
    """Which expressions of a module name a database file that may be open."""

    def __init__(self, module: Module, result: HostResult, context: FileContext) -> None:
        from sqlite_lint.hosts.model import Engine, Target
        from sqlite_lint.hosts.values import Values

        self.module = module
        self.context = context
        self.values = Values(module)
        self.connections = [c for c in result.connections if c.target is not Target.MEMORY]
        engine, _ = context.project.engine()
        self.is_sqlite = bool(result.connections) or engine is Engine.SQLITE or "sqlite" in context.text.lower()

    def is_live(self, source: ast.expr | str, copy: FileCopy) -> bool:
        if isinstance(source, str):
            return self.is_sqlite and bool(_DATABASE_NAME.search(source))
        identity = self.identity(source)
        if identity in self.finished or self._is_closed_before(copy):
            return False
        if identity in self.opened or self._runs_over_side_files(copy):
            return True
        names = [name for name in self._file_names(source) if _DATABASE_NAME.search(name)]
        if any(_SIDE_FILE.search(name) for name in names):
            return True
        return bool(names) and self.is_sqlite and self._area() != "test"

    @cached_property
    def opened(self) -> set[str]:
        """Identities of the paths that the module opens."""
        return {self.identity(path) for path in self._opened_paths()}

    @cached_property
    def finished(self) -> set[str]:
        """Identities of the paths that ``Connection.backup`` writes: snapshots, no live databases."""
        targets = {
            ast.unparse(call.args[0])
            for call in self.module.calls
            if isinstance(call.func, ast.Attribute) and call.func.attr == "backup" and call.args
        }
        found = set()
        for node in self.module.nodes:
            if isinstance(node, ast.Assign) and any(ast.unparse(t) in targets for t in node.targets):
                value = node.value
                if isinstance(value, ast.Call) and value.args:
                    found.add(self.identity(value.args[0]))
        return found

    def _opened_paths(self) -> Iterator[ast.expr]:
        spans = {c.path.span for c in self.connections if c.path is not None and c.path.span is not None}
        calls = {c.call for c in self.connections}
        for call in self.module.calls:
            if call.args and (self.module.span(call.args[0]) in spans or self.module.span(call) in calls):
                yield call.args[0]

    def identity(self, node: ast.expr, depth: int = 6) -> str:
        """A text that is the same for expressions that name the same file as far as the module shows."""
        if isinstance(node, ast.Call) and depth:
            last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if last in _SAME_FILE:
                if len(node.args) == 1:
                    return self.identity(node.args[0], depth - 1)
                if not node.args and isinstance(node.func, ast.Attribute):
                    return self.identity(node.func.value, depth - 1)
        bindings = self.values.bindings(node)
        value = bindings[0].value if len(bindings) == 1 and depth else None
        if isinstance(value, ast.Name | ast.Attribute | ast.Call):
            return self.identity(value, depth - 1)
        if isinstance(node, ast.Name) and bindings:
            return f"{node.id}@{self.module.span(bindings[0].scope.node).start if bindings[0].scope.parent else 0}"
        return ast.unparse(node)

    def _file_names(self, node: ast.expr, depth: int = 8) -> Iterator[str]:
        """The ends of a path, as far as they are written out: ``folder / "shop.db"``."""
        if isinstance(node, ast.Constant):
            yield str(node.value)
        elif not depth:
            return
        elif isinstance(node, ast.BinOp):
            yield from self._file_names(node.right, depth - 1)
        elif isinstance(node, ast.JoinedStr) and node.values:
            yield from self._file_names(node.values[-1], depth - 1)
        elif isinstance(node, ast.Call):
            if node.args:
                yield from self._file_names(node.args[-1], depth - 1)
            elif isinstance(node.func, ast.Attribute):
                yield from self._file_names(node.func.value, depth - 1)
        else:
            for binding in self.values.bindings(node):
                if binding.value is not None and not binding.path:
                    yield from self._file_names(binding.value, depth - 1)

    def _runs_over_side_files(self, copy: FileCopy) -> bool:
        """Tell whether a loop around the copy runs over the names of -wal and -shm files."""
        around = self.module.parents.get(copy.call)
        while around is not None:
            if isinstance(around, ast.For) and any(
                isinstance(part, ast.Constant) and isinstance(part.value, str) and _SIDE_FILE.search(part.value)
                for part in ast.walk(around.iter)
            ):
                return True
            around = self.module.parents.get(around)
        return False

    def _area(self) -> str:
        from sqlite_lint.hosts.areas import area_of

        return area_of(self.module.path, self.context.project)

    def _is_closed_before(self, copy: FileCopy) -> bool:
        """Tell whether the function closes a connection before it copies: the last to close empties the -wal file."""
        function = self._function(copy.call)
        return function is not None and any(
            isinstance(call.func, ast.Attribute)
            and call.func.attr == "close"
            and not call.args
            and self.module.span(call).end < copy.span.start
            and self._function(call) is function
            for call in self.module.calls
        )

    def _function(self, node: ast.AST) -> Function | None:
        around: ast.AST | None = node
        while around is not None and not isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef):
            around = self.module.parents.get(around)
        return around
