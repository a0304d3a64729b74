"""Which value of the call a parameter of its statement takes."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from sqlite_lint.hosts.model import ValueType
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.sql.value import parameter_numbers

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import Params
    from sqlite_lint.hosts.times import Time
    from sqlite_lint.sql.statement import Statement


class Bound:
    """The values bound to the parameters of one statement; parameters are given by their tokens' indexes."""

    def __init__(self, statement: Statement, params: Params) -> None:
        self.statement = statement
        self.params = params

    @cached_property
    def _numbers(self) -> dict[int, int]:
        return parameter_numbers(self.statement)

    def key(self, index: int) -> int | str:
        """The number, from 0, or the name of the value; -1 if it is not known."""
        token = self.statement.tokens[index]
        if token.kind is not Kind.PARAM:
            return -1
        if token.text[0] == "?" or token.text == "%s":
            return self._numbers.get(index, -1)
        return token.text[2:-2] if token.text.startswith("%(") else token.text[1:]

    def type(self, index: int) -> ValueType:
        key = self.key(index)
        if isinstance(key, str):
            return (self.params.named or {}).get(key, ValueType.UNKNOWN)
        positional = self.params.positional
        if positional is None:
            return self.params.each if self.statement.tokens[index].kind is Kind.PARAM else ValueType.UNKNOWN
        return positional[key] if 0 <= key < len(positional) else ValueType.UNKNOWN

    def time(self, index: int) -> Time | None:
        return self.params.times.get(self.key(index)) if self.params.times else None
