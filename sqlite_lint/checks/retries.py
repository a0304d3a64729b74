"""Loops that try again where a busy timeout would wait."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.areas import area_of
from sqlite_lint.hosts.deeds import Deed, Deeds, deeds_of
from sqlite_lint.hosts.keys import Frame
from sqlite_lint.hosts.sinks import name_of_call
from sqlite_lint.regex import regex
from sqlite_lint.rule import SourceHit

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import Connection, HostResult
    from sqlite_lint.rule import FileContext

_LOCKED: Final = regex(
    r"(?:sqlite3|aiosqlite|pysqlite3|sqlcipher3|dbapi2)\.(?:OperationalError|DatabaseError|Error)$|apsw\.(?:Busy|Locked)?Error$"
)
_REPORTING: Final = frozenset({"debug", "info", "warning", "warn", "error", "exception", "print", "rollback", "log"})
_LOOPS: Final = (ast.For, ast.AsyncFor, ast.While)
_SHORT: Final = 1.0


def without_back_off(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL510: a loop that tries again at once, or after the same short time, whatever the error was."""
    deeds = deeds_of(result)
    if deeds is None or area_of(context.path, context.project) == "test":
        return
    for node in deeds.module.of(ast.Try):
        if (handler := _trying_again(deeds, node)) is not None:
            loop = _loop(deeds, node)
            why = _fault(deeds, result, node, loop) if loop is not None else ""
            if why:
                assert handler.type is not None
                yield SourceHit(deeds.module.span(handler.type), {"why": why})


def _loop(deeds: Deeds, node: ast.Try) -> ast.For | ast.AsyncFor | ast.While | None:
    """The loop whose next round the handler goes on to: nothing follows the block in it."""
    parent = deeds.module.parents[node]
    while isinstance(parent, ast.With | ast.AsyncWith) and parent.body[-1] is node:
        parent = deeds.module.parents[parent]
    return parent if isinstance(parent, _LOOPS) else None


def _trying_again(deeds: Deeds, node: ast.Try) -> ast.ExceptHandler | None:
    """The handler of SQLite's errors that only waits, if what goes well leaves the loop."""
    if not any(_leaves(statement) for statement in (*node.body, *node.orelse)):
        return None
    for handler in node.handlers:
        dotted = deeds.module.dotted(handler.type) if handler.type is not None else None
        if dotted is not None and _LOCKED.search(dotted) and all(_only_waits(deeds, s) for s in handler.body):
            return handler
    return None


def _leaves(node: ast.stmt) -> bool:
    """Tell whether a statement may leave the loop around it."""
    if isinstance(node, ast.Return | ast.Break):
        return True
    if isinstance(node, (*_LOOPS, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return any(isinstance(inner, ast.Return) for inner in ast.walk(node)) and isinstance(node, _LOOPS)
    return any(_leaves(child) for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt))


def _only_waits(deeds: Deeds, node: ast.stmt) -> bool:
    if isinstance(node, ast.Pass | ast.Continue | ast.AugAssign):
        return True
    value = node.value if isinstance(node, ast.Expr) else None
    value = value.value if isinstance(value, ast.Await) else value
    if isinstance(value, ast.Constant):
        return True
    if not isinstance(value, ast.Call):
        return False
    name = name_of_call(value)
    if name == "sleep" and value.args:
        seconds = deeds.values.sole(value.args[0])
        return isinstance(seconds, int | float) and seconds < _SHORT
    return name in _REPORTING


def _fault(deeds: Deeds, result: HostResult, node: ast.Try, loop: ast.For | ast.AsyncFor | ast.While) -> str:
    if isinstance(loop, ast.While):
        endless = isinstance(loop.test, ast.Constant) and bool(loop.test.value)
        return "this loop never ends where the error is another one than a lock" if endless else ""
    if _tries_another(loop, node.body):
        return ""
    following = _following(deeds, loop)
    if not loop.orelse and not following and _writes(deeds, node.body):
        return "after the last attempt the write is lost, and nobody gets to know"
    if result.connections and all(_has_no_timeout(connection) for connection in result.connections):
        return "a busy timeout waits for the lock by itself, and gives it over in turn"
    return ""


def _tries_another(loop: ast.For | ast.AsyncFor, body: Iterable[ast.stmt]) -> bool:
    """Tell whether each round runs another statement: ``for module in ("fts5", "fts4"): ... USING {module}``."""
    names = {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
    calls = (call for statement in body for call in ast.walk(statement) if isinstance(call, ast.Call))
    texts = (call.args[0] for call in calls if name_of_call(call).startswith("execute") and call.args)
    return any(isinstance(node, ast.Name) and node.id in names for text in texts for node in ast.walk(text))


def _following(deeds: Deeds, loop: ast.stmt) -> bool:
    """Tell whether anything follows a loop in its block, or may follow in the blocks around it."""
    module = deeds.module
    node: ast.AST = loop
    while not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
        parent = module.parents[node]
        for name in ("body", "orelse", "finalbody"):
            block = getattr(parent, name, None)
            if isinstance(block, list) and node in block and block[-1] is not node:
                return True
        if isinstance(parent, (*_LOOPS, ast.Try)):
            return True
        node = parent
    return isinstance(node, ast.Module)


def _writes(deeds: Deeds, body: Iterable[ast.stmt]) -> bool:
    frame = Frame(deeds.module.tree)
    calls = (call for statement in body for call in ast.walk(statement) if isinstance(call, ast.Call))
    return any(event.deed is Deed.WRITE for call in calls for event in deeds.events(call, frame) or ())


def _has_no_timeout(connection: Connection) -> bool:
    if connection.timeout_may_be_elsewhere or connection.pragmas_open or "busy_timeout" in connection.pragmas:
        return False
    given = connection.timeout
    return given is None or (given.known and isinstance(given.value, int | float) and given.value < _SHORT)
