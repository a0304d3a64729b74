"""Steps over the tokens of a statement, shared by checks that read whole clauses."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

from sqlite_lint.sql.tokens import HOLE, Kind

if TYPE_CHECKING:
    from sqlite_lint.sql.statement import Statement

_NAMES = (Kind.WORD, Kind.QUOTED, Kind.HOLE)


class Target(NamedTuple):
    """A table with its alias: ``table`` and ``alias`` are token ranges, ``end`` is the index after them."""

    table: tuple[int, int]
    alias: int | None
    has_as: bool
    end: int


def seek(statement: Statement, keys: Collection[str], start: int, end: int | None = None) -> int | None:
    """Index of the first word or operator in ``keys`` on the level of brackets of ``start``; None before its end."""
    stop = len(statement.tokens) if end is None else end
    at = start
    while at < stop:
        token = statement.tokens[at]
        if token.kind in (Kind.WORD, Kind.OP):
            if token.key in keys:
                return at
            if token.key in {")", "]"} and at in statement.partner and at != start:
                return None
            at = max(statement.partner.get(at, at), at)
        at += 1
    return None


def level_end(statement: Statement, start: int) -> int:
    """Index of the bracket that closes the level of ``start``; the number of tokens outside of brackets."""
    around = statement.around[start]
    return len(statement.tokens) if around < 0 else statement.partner[around]


def is_inside_call(statement: Statement, index: int, names: Collection[str]) -> bool:
    """Tell whether the token stands among the arguments of a function of one of these names (upper case)."""
    opening = statement.around[index]
    while opening > 0:
        if statement.key(opening - 1) in names:
            return True
        opening = statement.around[opening]
    return False


def items(statement: Statement, start: int, end: int) -> list[tuple[int, int]]:
    """The ranges between the commas of ``start`` to ``end`` that stand on their level of brackets."""
    found = []
    at = start
    while (comma := seek(statement, {","}, at, end)) is not None:
        found.append((at, comma))
        at = comma + 1
    return [*found, (at, end)]


def path_end(statement: Statement, at: int) -> int | None:
    """Index after the dotted name that begins at ``at``; None where there is no name."""
    while at < len(statement.tokens) and statement.tokens[at].kind in _NAMES:
        if statement.key(at + 1) != ".":
            return at + 1
        at += 2
    return None


def target(statement: Statement, at: int, no_alias: Collection[str]) -> Target | None:
    """Read a table and its alias at ``at``; the words in ``no_alias`` begin what follows."""
    end = path_end(statement, at)
    if end is None:
        return None
    has_as = statement.key(end) == "AS"
    name = end + has_as
    named = name < len(statement.tokens) and statement.tokens[name].kind in _NAMES
    if named and (has_as or statement.tokens[name].kind is not Kind.WORD or statement.key(name) not in no_alias):
        return Target((at, end), name, has_as, name + 1)
    return None if has_as else Target((at, end), None, False, end)


def moves_hole(statement: Statement, *ranges: tuple[int, int]) -> bool:
    """Tell whether text that a fix would write elsewhere holds something that is filled in at run time."""
    return any(HOLE in statement.text_of(*at) for at in ranges)
