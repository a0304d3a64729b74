"""Lists and dictionaries of expressions, as far as they are known."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from sqlite_lint.hosts.alternative import NOTHING, Assumptions, agreed

if TYPE_CHECKING:
    from sqlite_lint.hosts.frame import Frame

    Item: TypeAlias = tuple[ast.expr, Frame | None]


@dataclass(frozen=True, slots=True, eq=False)
class ListState:
    """One list that an expression may be: its items in order."""

    items: tuple[Item, ...]
    doubtful: bool = False  # what a generator yields under conditions, one after the other
    assumed: Assumptions = field(default_factory=dict)

    def assume(self, condition: str, outcome: object) -> ListState | None:
        assumed = agreed(self.assumed, {condition: outcome})
        return None if assumed is None else replace(self, assumed=assumed)

    def truth(self) -> bool | None:
        return bool(self.items)

    def plus(self, items: Iterable[Item], assumed: Assumptions = NOTHING) -> ListState | None:
        both = agreed(self.assumed, assumed)
        return None if both is None else ListState((*self.items, *items), self.doubtful, both)


@dataclass(frozen=True, slots=True, eq=False)
class NamedExpression:
    """One expression that a name may stand for."""

    item: Item
    assumed: Assumptions = field(default_factory=dict)

    def assume(self, condition: str, outcome: object) -> NamedExpression | None:
        assumed = agreed(self.assumed, {condition: outcome})
        return None if assumed is None else replace(self, assumed=assumed)

    def truth(self) -> bool | None:
        return None


class Table:
    """The entries of a dictionary display by their keys."""

    def __init__(self, display: ast.Dict) -> None:
        self.all: list[ast.expr] = []
        self.spread: list[ast.expr] = []
        self._constants: dict[object, list[ast.expr]] = {}
        self._names: dict[str, list[ast.expr]] = {}
        for key, value in zip(display.keys, display.values, strict=True):
            if key is None:
                self.spread.append(value)
                continue
            self.all.append(value)
            constant = constant_of(key)
            if constant is None:
                self._names.setdefault(ast.dump(key), []).append(value)
            else:
                self._constants.setdefault(constant, []).append(value)

    def values(self, constant: object, key: ast.expr) -> list[ast.expr]:
        """The entries for a key: those of the constant or name, else, where keys are not known, those that may be."""
        if constant is not None:
            return self._constants.get(constant) or [value for values in self._names.values() for value in values]
        return self._names.get(ast.dump(key)) or self.all


def constant_of(expr: ast.expr) -> object:
    if isinstance(expr, ast.Constant):
        return expr.value
    if isinstance(expr, ast.UnaryOp) and isinstance(expr.op, ast.USub) and isinstance(expr.operand, ast.Constant):
        value = expr.operand.value
        return -value if isinstance(value, int) else None
    return None


def longest(states: list[ListState]) -> tuple[Item, ...]:
    """The items of the list to which most was added."""
    return max((state.items for state in states), key=len, default=())
