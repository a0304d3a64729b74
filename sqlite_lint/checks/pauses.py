"""Transactions that hold the write lock while the program waits for something else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.checks.held import Open, inside, origin
from sqlite_lint.hosts.areas import area_of
from sqlite_lint.hosts.deeds import Deed, Event, deeds_of
from sqlite_lint.hosts.model import Engine, Target
from sqlite_lint.hosts.module import Module
from sqlite_lint.rule import SourceHit

if TYPE_CHECKING:
    from sqlite_lint.hosts.deeds import Deeds
    from sqlite_lint.hosts.model import HostResult
    from sqlite_lint.rule import FileContext

_LOOPS: Final = (ast.For, ast.AsyncFor, ast.While)


def pauses(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL509: the write lock is held across a pause."""
    deeds = deeds_of(result)
    if deeds is None or area_of(context.path, context.project):
        return
    others = {use.anchor for use in result.uses if use.engine is Engine.OTHER or use.expects_error}
    module = deeds.module

    def judge(state: Open, event: Event) -> str:
        if event.deed is not Deed.PAUSE or not _locks(state) or _is_private(deeds, state):
            return ""
        if isinstance(event.node, ast.Yield):
            return "a yield to the caller" if _yields_rows(module, event.node) else ""
        assert isinstance(event.node, ast.Call)
        return f"`{module.source(event.node.func)}`"

    for state, event, what in inside(deeds, judge, context.project):
        if state.begin.text is None or module.span(state.begin.text) not in others:
            node = event.node.func if isinstance(event.node, ast.Call) else event.node
            yield SourceHit(module.span(node), {"what": what, "origin": origin(state.begin)})


def _locks(state: Open) -> bool:
    return state.wrote or state.begin.deed is Deed.BEGIN_NOW


def _is_private(deeds: Deeds, state: Open) -> bool:
    connection = deeds.connection_of(state.key)
    return connection is not None and (connection.target is Target.MEMORY or bool(connection.area))


def _yields_rows(module: Module, node: ast.Yield) -> bool:
    """Tell a generator that yields again and again from one that hands out a connection and cleans up after it."""
    function = module.function_of(node)
    if function is None or function.decorator_list:
        return False
    around = [parent for parent in module.ancestors(node) if isinstance(parent, _LOOPS)]
    return any(module.function_of(loop) is function for loop in around)
