"""What executescript does to a transaction that is open: it commits it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from sqlite_lint.hosts.deeds import LEAVES_TRANSACTION, Deed, Deeds, Event, deeds_of
from sqlite_lint.hosts.model import Engine
from sqlite_lint.hosts.walk import Walk
from sqlite_lint.rule import SourceHit

if TYPE_CHECKING:
    import ast

    from sqlite_lint.hosts.model import HostResult
    from sqlite_lint.rule import FileContext


class _Scripts:
    """Follows transactions begun by hand, and notes the scripts that end them."""

    def __init__(self, deeds: Deeds) -> None:
        self.deeds = deeds
        self.found: dict[ast.AST, tuple[Event, Event]] = {}

    def step(self, begun: Event | None, event: Event) -> Iterable[Event | None]:
        if event.deed in (Deed.BEGIN, Deed.BEGIN_NOW):
            return (event,)
        if begun is None or (event.key is not None and event.key != begun.key):
            return (begun,)
        if event.deed is Deed.SCRIPT and not self._has_autocommit(event):
            self.found.setdefault(event.node, (begun, event))
        open_still = event.deed in LEAVES_TRANSACTION or event.deed in (Deed.READ, Deed.WRITE, Deed.CHANGE)
        return (begun if open_still else None,)

    def _has_autocommit(self, event: Event) -> bool:
        """With ``autocommit=True`` (Python 3.12) the script runs within the transaction."""
        connection = self.deeds.connection_of(event.key)
        return connection is not None and connection.autocommit is not None


def commits(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL506: executescript within a transaction that was begun by hand."""
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
