"""With which engines the code gets past statements: early returns, asserts, skips, values that a branch replaces."""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final

from sqlite_lint.hosts.conditions import Conditions
from sqlite_lint.hosts.engines import ANY, NONE, Engines
from sqlite_lint.hosts.expressions import blocks, is_exit, is_plain_with
from sqlite_lint.hosts.lookup import Lookup
from sqlite_lint.hosts.module import Module
from sqlite_lint.hosts.patterns import pattern_truth
from sqlite_lint.hosts.trails import elif_chain

_FOLLOWING: Final = 30  # statements after a default in which it may be replaced


class Exits:
    """Reads the statements of one module; each block once."""

    def __init__(self, module: Module, lookup: Lookup, conditions: Conditions) -> None:
        self._module = module
        self._lookup = lookup
        self._conditions = conditions
        self._starts: dict[int, list[int]] = {}
        self._passed: dict[ast.AST, Engines] = {}
        self._lists: dict[int, tuple[list[int], list[Engines]]] = {}

    def before(self, child: ast.stmt, parent: ast.AST) -> Engines:
        """What the statements before ``child`` in its block let pass: early returns, asserts, skips."""
        for block in blocks(parent):
            if len(block) > 1 and self._lookup.holds(block, child):
                rows, states = self._states(block)
                at = bisect_right(rows, child.lineno - 1) - 1
                return states[at] if at >= 0 else ANY
        return ANY

    def _states(self, block: list[ast.stmt]) -> tuple[list[int], list[Engines]]:
        known = self._lists.get(id(block))
        if known is None:
            rows: list[int] = []
            states: list[Engines] = []
            state = ANY
            for statement in block:
                if isinstance(statement, ast.If | ast.Assert | ast.Match | ast.With | ast.AsyncWith | ast.Try):
                    passed = narrow(state, self._passes(statement))
                    if passed != state:
                        state = passed
                        rows.append(statement.end_lineno or statement.lineno)
                        states.append(state)
            known = self._lists[id(block)] = rows, states
        return known

    def _passes(self, statement: ast.stmt) -> Engines:
        """The engines with which the code after ``statement`` is reached."""
        if statement not in self._passed:
            chain = elif_chain(statement) if isinstance(statement, ast.If) else [statement]
            for link in reversed(chain):  # however long it is, without recursion
                self._passed[link] = self._read_statement(link)
        return self._passed[statement]

    def _read_statement(self, statement: ast.stmt) -> Engines:
        if isinstance(statement, ast.Return | ast.Raise | ast.Continue | ast.Break):
            return NONE
        if isinstance(statement, ast.Expr):
            return NONE if is_exit(statement.value) else ANY
        if isinstance(statement, ast.Assert):
            return self._conditions.truth(statement.test).true
        if isinstance(statement, ast.If):
            truth = self._conditions.truth(statement.test)
            if truth == (ANY, ANY):
                return NONE if self._ends(statement.body) and self._ends(statement.orelse) else ANY
            return (truth.true & self.block(statement.body)) | (truth.false & self.block(statement.orelse))
        if isinstance(statement, ast.With | ast.AsyncWith):
            return self.block(statement.body) if is_plain_with(statement) else ANY
        if isinstance(statement, ast.Try):
            handled = all(self._ends(handler.body) for handler in statement.handlers)
            return self.block([*statement.body, *statement.orelse]) if handled else ANY
        if isinstance(statement, ast.Match):
            found, rest = NONE, ANY
            for case in statement.cases:
                truth = pattern_truth(case.pattern, self._conditions)
                found |= truth.true & self.block(case.body)
                rest &= truth.false if case.guard is None else ANY
            return found | rest
        return ANY

    def block(self, block: Iterable[ast.stmt]) -> Engines:
        found = ANY
        for statement in block:
            found = found & self._passes(statement)
            if found == NONE:
                break
        return found

    def _ends(self, block: Sequence[ast.stmt]) -> bool:
        return bool(block) and self.block(block) == NONE

    def demanded(self, block: Iterable[ast.stmt]) -> Engines:
        """What a constructor asks for, else it raises: no object of the class exists with other engines."""
        found = ANY
        for statement in block:
            if isinstance(statement, ast.Assert):
                found &= self._conditions.truth(statement.test).true
            elif isinstance(statement, ast.If) and isinstance(statement.body[-1], ast.Raise):
                found &= self._conditions.truth(statement.test).false
        return found

    def surviving(self, assign: ast.Assign, name: str) -> Engines:
        """The engines with which the value is still there after the branches that follow.

        ``like = "ILIKE"``, then ``if dialect == "sqlite": like = "LIKE"``: the first is for the others.
        """
        module = self._module
        order, last = module.order, module.last
        block = next((each for each in blocks(module.parents[assign]) if self._lookup.holds(each, assign)), [])
        starts = self._starts.get(id(block))
        if starts is None:
            starts = self._starts[id(block)] = [order[each] for each in block]
        at = bisect_right(starts, order[assign])
        found = ANY
        for statement in block[at : at + _FOLLOWING]:
            if isinstance(statement, ast.If):
                kept = self._kept(statement, name)
                if kept != ANY:
                    found = narrow(found, kept)
                    continue
            if self._lookup.reads_between(name, order[statement], last[statement]):
                break
        return found

    def _kept(self, statement: ast.If, name: str) -> Engines:
        """The engines with which ``statement`` leaves the name as it is."""
        chain = elif_chain(statement)
        kept = NONE if _assigns(chain[-1].orelse, name) else ANY
        for link in reversed(chain):
            truth = self._conditions.truth(link.test)
            body = NONE if _assigns(link.body, name) else ANY
            kept = ANY if truth == (ANY, ANY) else (truth.true & body) | (truth.false & kept)
        return kept


def _assigns(block: Sequence[ast.stmt], name: str) -> bool:
    """Tell whether a block gives the name another value, whatever happens in it."""
    targets = [target for each in block if isinstance(each, ast.Assign) for target in each.targets]
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


def narrow(outer: Engines, inner: Engines) -> Engines:
    """Both hold; where they contradict each other the inner one is believed."""
    both = outer & inner
    return inner if both == NONE and inner != NONE else both
