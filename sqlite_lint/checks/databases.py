"""Which files of a module are databases that may be open."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.areas import area_of
from sqlite_lint.hosts.model import Engine, Target
from sqlite_lint.hosts.module import BindingKind
from sqlite_lint.hosts.paths import Paths
from sqlite_lint.hosts.sinks import name_of_call
from sqlite_lint.regex import regex

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import HostResult
    from sqlite_lint.hosts.module import Function, Module
    from sqlite_lint.rule import FileContext

DATABASE_NAME: Final = regex(r"(?:^|[/\\])[^/\\]*\.(?:db|sqlite|sqlite3|db3|s3db|sl3)(?:-wal|-shm|-journal)?\Z", re.I)
SIDE_FILE: Final = regex(r"-(?:wal|shm)\Z")
# A snapshot is no live database, whatever its ending.
_SNAPSHOT: Final = regex(r"(?i)backup|back_?ups?\b|\bbak\b|snapshot|\bcopy\b|dump|export|archive|te?mp\b|template")
_INTO: Final = regex(r"(?i)\bINTO\s+'([^']+)'")
_BACKED_UP: Final = regex(r"(?i)(?:\.(?:backup|save|clone)|\bvacuum\s+into)\s+['\"]?([^'\";\s]+)")
_SETTING: Final = regex(r"(?:DATABASES\[.+\]|settings_dict)\[.NAME.\]\Z")


class Databases:
    """Tells which expressions of one module name a database file."""

    def __init__(self, module: Module, result: HostResult, context: FileContext) -> None:
        self.module = module
        self.result = result
        self.context = context
        self.paths = Paths(module)
        self.connections = [c for c in result.connections if c.target is not Target.MEMORY]

    @cached_property
    def is_sqlite(self) -> bool:
        engine, _ = self.context.project.engine()
        return bool(self.result.connections) or engine is Engine.SQLITE or "sqlite" in self.context.text.lower()

    @cached_property
    def area(self) -> str:
        return area_of(self.module.path, self.context.project)

    # -- by what is opened

    def is_opened(self, node: ast.expr) -> bool:
        """Tell whether this module opens the file as a database, and does not write it as a snapshot."""
        found = self.paths.all_of(node)
        if not found.isdisjoint(self.finished):
            return False
        if not found.isdisjoint(self.opened):
            return True
        function = self.function_of(node)
        in_test = function is not None and "test" in function.name  # Django's clone_test_db()
        return not in_test and any(_SETTING.search(identity) for identity in found)

    def holds_opened(self, node: ast.expr | str) -> bool:
        """Tell whether a directory holds a file that this module opens."""
        identity = repr(node.rstrip("/")) if isinstance(node, str) else self.paths.identity(node)
        return identity in self._directories

    @cached_property
    def opened(self) -> set[str]:
        """Identities of the paths that the module opens."""
        return {identity for path in self.opened_paths for identity in self.paths.all_of(path)}

    @cached_property
    def _directories(self) -> set[str]:
        return {directory for path in self.opened_paths for directory in self.paths.directories(path)}

    @cached_property
    def finished(self) -> set[str]:
        """Identities of the files that ``Connection.backup`` and ``VACUUM INTO`` write: no live databases."""
        found: set[str] = set()
        for path in self._snapshots():
            found |= self.paths.all_of(path)
        for use in self.result.uses:
            found |= {repr(name) for name in _INTO.findall(use.text.text)}
        if ".backup" in self.context.text or "into" in self.context.text.lower():
            found |= {repr(name) for name in _BACKED_UP.findall(self.context.text)}
        return found

    def _snapshots(self) -> Iterator[ast.expr]:
        targets: set[str] = set()
        intos = [use.anchor for use in self.result.uses if "vacuum" in use.text.text.lower()]
        for call in self.module.calls:
            if name_of_call(call) == "backup" and call.args and isinstance(call.func, ast.Attribute):
                targets.add(ast.unparse(call.args[0]))
                yield from _opened_by(call.args[0])
            elif intos and call.args and self.module.span(call.args[0]) in intos:
                yield from (node for node in ast.walk(call) if isinstance(node, ast.Name | ast.Attribute))
        for node in self.module.of(ast.Assign, ast.withitem) if targets else ():
            if isinstance(node, ast.Assign) and any(ast.unparse(target) in targets for target in node.targets):
                yield from _opened_by(node.value)
            elif isinstance(node, ast.withitem) and _text_of(node.optional_vars) in targets:
                yield from _opened_by(node.context_expr)

    @cached_property
    def opened_paths(self) -> tuple[ast.expr, ...]:
        return tuple(self._opened_paths())

    def _opened_paths(self) -> Iterator[ast.expr]:
        spans = {c.path.span for c in self.connections if c.path is not None and c.path.span is not None}
        calls = {c.call for c in self.connections}
        for call in self.module.calls:
            if call.args and (self.module.span(call.args[0]) in spans or self.module.span(call) in calls):
                yield from self._of_url(call.args[0])
            for keyword in call.keywords:
                if keyword.arg in ("database", "filename", "url") and self.module.span(keyword.value) in spans:
                    yield from self._of_url(keyword.value)
        if self.context.project.openers:
            yield from (call.args[0] for call in self.module.calls if call.args and self._opens_elsewhere(call))

    def _opens_elsewhere(self, call: ast.Call) -> bool:
        """Tell whether a function of another module is named as one that opens a database: ``get_connection(path)``."""
        name = name_of_call(call)
        return isinstance(call.func, ast.Name) and name in self.module.imports and _OPENER.match(name) is not None

    def _of_url(self, node: ast.expr) -> Iterator[ast.expr]:
        """A path, and the one inside ``f"sqlite:///{path}"``."""
        yield node
        written = next((b.value for b in self.paths.values.bindings(node) if b.value is not None), node)
        if isinstance(written, ast.JoinedStr) and len(written.values) == 2:
            head, last = written.values
            if isinstance(head, ast.Constant) and isinstance(last, ast.FormattedValue):
                yield last.value
        elif isinstance(written, ast.BinOp) and isinstance(written.left, ast.Constant):
            yield written.right

    # -- by name

    def is_named_database(self, node: ast.expr | str) -> bool:
        """Tell by its name alone whether a file is a database of the program."""
        names = [node] if isinstance(node, str) else list(self.file_names(node))
        named = [name for name in names if DATABASE_NAME.search(name)] or self._is_path_by_name(node)
        if not named or not self.is_sqlite or self.area == "test":
            return False
        source = "" if isinstance(node, str) else ast.unparse(node)
        return not any(_SNAPSHOT.search(text) for text in (*names, source))

    def _is_path_by_name(self, node: ast.expr | str) -> bool:
        """Tell whether a name says so, in a program that opens SQLite and nothing else.

        ``settings.db_path``, what ``backup_db(path)`` is given, and what is cut out of an engine URL.
        """
        if isinstance(node, str) or not self.context.project.openers:
            return False
        name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        bindings = self.paths.values.bindings(node)
        function = self.function_of(node)
        is_given = len(bindings) == 1 and bindings[0].kind is BindingKind.PARAM
        of_backup = is_given and function is not None and _BACKS_UP.match(function.name) is not None
        from_url = any(each.value is not None and _URL_CUT.search(ast.unparse(each.value)) for each in bindings)
        if not (of_backup or from_url or _PATH.match(name)):
            return False
        return self.context.project.engine()[0] is Engine.SQLITE

    def is_side_file(self, node: ast.expr | str) -> bool:
        names = [node] if isinstance(node, str) else list(self.file_names(node))
        return any(SIDE_FILE.search(name) for name in names)

    def file_names(self, node: ast.expr, depth: int = 8) -> Iterator[str]:
        """The ends of a path, as far as they are written out: ``folder / "shop.db"``."""
        if isinstance(node, ast.Constant):
            yield str(node.value)
        elif not depth:
            return
        elif isinstance(node, ast.BinOp):
            yield from self.file_names(node.right, depth - 1)
        elif isinstance(node, ast.JoinedStr) and node.values:
            yield from self.file_names(node.values[-1], depth - 1)
        elif isinstance(node, ast.Call):
            if node.args:
                yield from self.file_names(node.args[-1], depth - 1)
            elif isinstance(node.func, ast.Attribute):
                yield from self.file_names(node.func.value, depth - 1)
        else:
            for binding in self.paths.values.bindings(node):
                if binding.value is not None and not binding.path:
                    yield from self.file_names(binding.value, depth - 1)

    # -- what goes before

    def is_closed_before(self, node: ast.AST) -> bool:
        """Tell whether the function closes a connection before ``node``: the last to close empties the -wal file."""
        function = self.function_of(node)
        start = self.module.span(node).start
        return function is not None and any(
            self.module.span(ending).end < start and self.function_of(ending) is function for ending in self._endings
        )

    @cached_property
    def _endings(self) -> list[ast.AST]:
        """The calls that close something, and the blocks at whose end ``closing`` does."""
        found: list[ast.AST] = []
        for call in self.module.calls:
            name = name_of_call(call)
            item = self.module.parents[call]
            if _CLOSING.search(name):
                found.append(call)
            elif name in ("closing", "aclosing") and isinstance(item, ast.withitem):
                found.append(self.module.parents[item])
        return found

    def function_of(self, node: ast.AST) -> Function | None:
        return self.module.function_of(node)


_OPENER: Final = regex(
    r"_*(?:(?:get|open|create|make|new)_)?(?:(?:sqlite3?|db|database)_)?(?:connect|connection|conn)\Z"
    r"|_*(?:get|open)_(?:sqlite3?|db|database)\Z"
)
_BACKS_UP: Final = regex(
    r"(?i)_*(?:create_|make_|do_|run_)?(?:back_?up|copy|save)_?(?:the_)?(?:sqlite3?|db|database)\Z"
    r"|_*(?:sqlite3?|db|database)_?(?:back_?up|copy)\Z"
)
_URL_CUT: Final = regex(r"""(?:replace|split|removeprefix|partition)\(['"]sqlite:///""")
_PATH: Final = regex(
    r"(?i)_*(?:(?:app|live|main|current|sqlite3?)_)?(?:db|database|sqlite3?)_?(?:path|file|filename)\Z"
)
_CLOSING: Final = regex(r"(?i)^_*(?:close|dispose|disconnect|shut_?down)(?!d)")


def _text_of(node: ast.expr | None) -> str:
    return "" if node is None else ast.unparse(node)


def _opened_by(node: ast.expr) -> Iterator[ast.expr]:
    """The path within ``connect(path)``, ``closing(connect(path))``."""
    while isinstance(node, ast.Await):
        node = node.value
    if isinstance(node, ast.Call) and node.args:
        if isinstance(node.args[0], ast.Call) and name_of_call(node) in ("closing", "enter_context", "aclosing"):
            yield from _opened_by(node.args[0])
        else:
            yield node.args[0]
