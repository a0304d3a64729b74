"""What executescript does to a transaction that is open: it commits it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.checks.lifetime import begins_itself, isolation_is_set
from sqlite_lint.hosts.deeds import LEAVES_TRANSACTION, Deed, Deeds, Event, deeds_of
from sqlite_lint.hosts.model import Engine
from sqlite_lint.hosts.sinks import name_of_call
from sqlite_lint.hosts.walk import Walk
from sqlite_lint.rule import SourceHit

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import HostResult
    from sqlite_lint.rule import FileContext


_BEGINNING: Final = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE"})


class _Scripts:
    """Follows transactions begun by hand, or by a write that is meant to be undone; notes the scripts that end them."""

    def __init__(self, deeds: Deeds) -> None:
        self.deeds = deeds
        self.found: dict[ast.AST, tuple[Event, Event]] = {}

    def step(self, begun: Event | None, event: Event) -> Iterable[Event | None]:
        if event.deed in (Deed.BEGIN, Deed.BEGIN_NOW):
            return (event,)
        if begun is None and event.deed is Deed.WRITE and self._begins(event):
            return (event,)
        if begun is None or (event.key is not None and event.key != begun.key):
            return (begun,)
        is_open = begun.deed is not Deed.WRITE or _is_undone(self.deeds, event.node)
        if event.deed is Deed.SCRIPT and is_open and not self._has_autocommit(event):
            self.found.setdefault(event.node, (begun, event))
        open_still = event.deed in LEAVES_TRANSACTION or event.deed in (Deed.READ, Deed.WRITE, Deed.CHANGE)
        return (begun if open_still else None,)

    def _begins(self, event: Event) -> bool:
        """Tell whether sqlite3 begins a transaction before a statement by itself."""
        connection = self.deeds.connection_of(event.key)
        begins = connection is None or begins_itself(connection)
        return begins and event.keyword in _BEGINNING and not isolation_is_set(self.deeds.module)

    def _has_autocommit(self, event: Event) -> bool:
        """With ``autocommit=True`` (Python 3.12) the script runs within the transaction."""
        connection = self.deeds.connection_of(event.key)
        return connection is not None and connection.autocommit is not None


def _is_undone(deeds: Deeds, node: ast.AST) -> bool:
    """Tell whether what fails is to be rolled back: ``except: con.rollback()``, or a block of the connection."""
    child = node
    receiver = (
        ast.unparse(node.func.value) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
    )
    for parent in deeds.module.ancestors(node):
        if isinstance(parent, ast.Try) and child in parent.body:
            calls = [n for h in parent.handlers for n in ast.walk(h) if isinstance(n, ast.Call)]
            if any(name_of_call(call) == "rollback" for call in calls):
                return True
        elif isinstance(parent, ast.With | ast.AsyncWith) and child in parent.body:
            if any(ast.unparse(item.context_expr) == receiver for item in parent.items):
                return True
        elif isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
            return False
        child = parent
    return False


def commits(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL506: executescript within a transaction that was begun by hand, or that is rolled back where it fails."""
    deeds = deeds_of(result)
    if deeds is None or "autocommit" in context.text:
        return
    rule = _Scripts(deeds)
    walk = Walk(deeds, rule.step)
    for node in deeds.acting:
        walk.run(node, {None})
    others = {use.anchor for use in result.uses if use.engine is Engine.OTHER}
    for begun, script in rule.found.values():
        function = getattr(script.node, "func", script.node)
        if begun.text is None or deeds.module.span(begun.text) in others:
            continue
        yield SourceHit(deeds.module.span(function), {"row": str(getattr(begun.node, "lineno", 0))})
