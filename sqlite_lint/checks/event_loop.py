"""Statements that run on an event loop, and keep all its other tasks waiting."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.deeds import Deeds, deeds_of
from sqlite_lint.hosts.keys import Frame
from sqlite_lint.hosts.model import Connection, Target
from sqlite_lint.hosts.module import SCOPES, Function
from sqlite_lint.hosts.sinks import name_of_call
from sqlite_lint.regex import regex
from sqlite_lint.rule import SourceHit

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import HostResult
    from sqlite_lint.rule import FileContext

_BLOCKING: Final = frozenset({"sqlite3", "pysqlite3", "sqlean", "sqlcipher3", "apsw"})
_CONCERNED: Final = ("async def", *_BLOCKING)
_RUNS: Final = frozenset({"execute", "executemany"})
# What a program does once, before other tasks run: making tables, setting up.
_ONCE: Final = regex(r"(?i)lifespan|start_?up|shut_?down|^_*(?:init|setup|set_up|migrate|main|open|connect|close)")
_SETS_UP: Final = regex(r"(?i)\s*(?:CREATE|PRAGMA|ALTER|DROP|ATTACH|VACUUM|ANALYZE)\b")
_TYPES: Final = regex(r"(?:^|\.)(?:sqlite3|pysqlite3|apsw)\.(?:Connection|Cursor)$")
_MAX_DEPTH: Final = 3


def blocking(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL556: an ``async def`` runs statements on a connection that knows no ``await``."""
    deeds = deeds_of(result)
    if deeds is None or deeds.module.called.isdisjoint(_RUNS) or not deeds.module.mentions(_CONCERNED):
        return
    handles = _Handles(deeds)
    for function in deeds.module.functions:
        if isinstance(function, ast.AsyncFunctionDef) and not _ONCE.search(function.name):
            yield from _first(handles, function)


def _first(handles: _Handles, function: ast.AsyncFunctionDef) -> Iterator[SourceHit]:
    """The first statement that a coroutine runs itself, or by a plain function of this module."""
    module = handles.deeds.module
    for call in handles.calls_of(function):
        if isinstance(module.parents[call], ast.Await):
            continue
        connection = handles.run_by(call)
        if connection is not None and _waits(connection):
            how = " ".join(module.source(call.func).split())
            yield SourceHit(module.span(call.func), {"name": function.name, "how": how})
            return


def _waits(connection: Connection) -> bool:
    return connection.target is not Target.MEMORY and not connection.area


class _Handles:
    """Tells which calls of a module run statements, and on which connection."""

    def __init__(self, deeds: Deeds) -> None:
        self.deeds = deeds
        self.frame = Frame(deeds.module.tree)
        self._calls: dict[Function, list[ast.Call]] = {}
        for call in deeds.module.calls:
            scope = next((parent for parent in deeds.module.ancestors(call) if isinstance(parent, SCOPES)), None)
            if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
                self._calls.setdefault(scope, []).append(call)
        self._running: dict[Function, Connection | None] = {}

    def calls_of(self, function: Function) -> list[ast.Call]:
        """The calls of a function's own code, in the order of the source."""
        return sorted(self._calls.get(function, ()), key=self.deeds.module.span)

    def run_by(self, call: ast.Call, depth: int = _MAX_DEPTH) -> Connection | None:
        """The connection on which a call runs a statement, itself or by functions of this module."""
        if name_of_call(call) in _RUNS and isinstance(call.func, ast.Attribute):
            return None if self._only_sets_up(call) else self.connection(call.func.value)
        function = self.deeds.function_called(call)
        if not isinstance(function, ast.FunctionDef) or not depth or _is_generator(function):
            return None
        if function not in self._running:
            self._running[function] = None
            found = (self.run_by(inner, depth - 1) for inner in self.calls_of(function))
            self._running[function] = next((connection for connection in found if connection is not None), None)
        return self._running[function]

    def _only_sets_up(self, call: ast.Call) -> bool:
        texts = self.deeds.texts(call.args[0], self.frame) if call.args else []
        return bool(texts) and all(text is not None and _SETS_UP.match(text) for text in texts)

    def connection(self, node: ast.expr, depth: int = 5) -> Connection | None:
        """The connection of a blocking driver that the value of ``node`` is, or comes from."""
        if not depth:
            return None
        found = self.deeds.connection_of(self.deeds.key_of(node, self.frame))
        if found is not None:
            return found if found.driver in _BLOCKING else None
        if isinstance(node, ast.Call):
            function = self.deeds.function_called(node)
            if function is not None:
                return self._handed_out(function, depth - 1)
            inner = node.args[0] if name_of_call(node) == "closing" and node.args else None
            if inner is None and isinstance(node.func, ast.Attribute):
                inner = node.func.value
            return self.connection(inner, depth - 1) if inner is not None else None
        for binding in self.deeds.values.bindings(node):
            if binding.annotation is not None and _TYPES.search(self.deeds.module.dotted(binding.annotation) or ""):
                return Connection("sqlite3", self.deeds.module.span(binding.annotation), self.deeds.module.span(node))
            if binding.value is not None and not binding.path and not isinstance(binding.value, ast.Await):
                known = self.connection(binding.value, depth - 1)
                if known is not None:
                    return known
        return None

    def _handed_out(self, function: Function, depth: int) -> Connection | None:
        """The connection that a plain function of this module returns or yields."""
        if isinstance(function, ast.AsyncFunctionDef):
            return None
        for node in ast.walk(function):
            if isinstance(node, ast.Return | ast.Yield) and node.value is not None:
                found = self.connection(node.value, depth)
                if found is not None:
                    return found
        return None


def _is_generator(function: Function) -> bool:
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(function))
