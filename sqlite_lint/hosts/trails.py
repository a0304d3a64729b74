"""Where a statement stands in its scope: the branches of compound statements that lead to it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Final

from sqlite_lint.hosts.module import Module

LOOPS: Final = (ast.For, ast.AsyncFor, ast.While)
TRIES: Final = (ast.Try, *((ast.TryStar,) if hasattr(ast, "TryStar") else ()))


@dataclass(frozen=True, slots=True)
class Step:
    """One level of the way from a scope down to a statement: the compound statement and its branch."""

    owner: ast.AST
    branch: str


class Trails:
    """Finds for a node the branches of compound statements that lead to it; remembers the fields of each owner."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._branches: dict[ast.AST, dict[ast.AST, str]] = {}
        self._chains: dict[ast.If, list[ast.If]] = {}
        self._heads: dict[ast.AST, tuple[ast.If, int]] = {}
        self._known: dict[tuple[ast.AST, ast.AST], tuple[Step, ...]] = {}
        self._tests: dict[ast.AST, tuple[str, bool]] = {}

    def trail(self, node: ast.AST, scope: ast.AST) -> tuple[Step, ...]:
        known = self._known.get((node, scope))
        if known is not None:
            return known
        steps: list[Step] = []
        child = node
        for parent in self._module.ancestors(node):
            if parent is scope:
                break
            owner, branch = self._branch(parent, child)
            if branch:
                steps.append(Step(owner, branch))
            child = parent
        found = self._known[node, scope] = tuple(reversed(steps))
        return found

    def _branch(self, owner: ast.AST, child: ast.AST) -> tuple[ast.AST, str]:
        if isinstance(owner, ast.If):
            return self._link(owner, child)
        if isinstance(owner, ast.ExceptHandler | ast.match_case):
            return owner, ""  # the try or match around it tells its branches apart
        if not isinstance(owner, (ast.Match, *LOOPS, *TRIES)):
            return owner, ""
        branches = self._branches.get(owner)
        if branches is None:
            branches = self._branches[owner] = _fields(owner)
        return owner, branches.get(child, "")

    def _link(self, owner: ast.If, child: ast.AST) -> tuple[ast.If, str]:
        """The head of the chain of ``if`` and ``elif`` that ``owner`` is part of, and which branch ``child`` is in."""
        head, number = self._place_in_chain(owner)
        if child is owner.test:
            return head, f"?{number}" if number else ""
        if child in self._heads and self._heads[child][0] is head:
            return head, ""  # an elif: its own branch has been noted
        branches = self._branches.get(owner)
        if branches is None:
            branches = self._branches[owner] = _fields(owner)
        return head, f"#{number}" if branches.get(child) == "body" else "orelse"

    def _place_in_chain(self, link: ast.If) -> tuple[ast.If, int]:
        if link not in self._heads:
            head = link
            while is_elif(head, parent := self._module.parents[head]) and isinstance(parent, ast.If):
                head = parent
            chain = elif_chain(head)
            self._chains[head] = chain
            for number, each in enumerate(chain):
                self._heads[each] = head, number
        return self._heads[link]

    def chain(self, head: ast.If) -> list[ast.If]:
        """The ``if`` and the ``elif`` that follow it: however many there are, they stand on one level."""
        return self._chains[head]

    def condition(self, owner: ast.If) -> tuple[str, bool]:
        """The test as a text, and whether the body runs where it holds; ``x is not None`` is ``x is None`` denied."""
        known = self._tests.get(owner)
        if known is None:
            known = self._tests[owner] = condition_of(owner.test)
        return known


_DENIED: Final = {ast.IsNot: ast.Is, ast.NotEq: ast.Eq, ast.NotIn: ast.In}


def condition_of(test: ast.expr) -> tuple[str, bool]:
    """A condition without its negation, and whether it is asked for as it stands."""
    positive = True
    while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test, positive = test.operand, not positive
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        affirmed = _DENIED.get(type(test.ops[0]))
        if affirmed is not None:
            return ast.dump(ast.Compare(test.left, [affirmed()], test.comparators)), not positive
    return ast.dump(test), positive


def is_elif(node: ast.stmt, parent: ast.AST) -> bool:
    return (
        isinstance(node, ast.If) and isinstance(parent, ast.If) and len(parent.orelse) == 1 and parent.orelse[0] is node
    )


def elif_chain(head: ast.If) -> list[ast.If]:
    """``head`` and the ``elif`` that follow it."""
    chain = [head]
    while len(after := chain[-1].orelse) == 1 and isinstance(after[0], ast.If):
        chain.append(after[0])
    return chain


def _fields(owner: ast.AST) -> dict[ast.AST, str]:
    found: dict[ast.AST, str] = {}
    for name in ("body", "orelse", "finalbody"):
        for statement in getattr(owner, name, ()):
            found[statement] = name
    for number, branch in enumerate([*getattr(owner, "handlers", ()), *getattr(owner, "cases", ())]):
        found[branch] = f"#{number}"
    return found
