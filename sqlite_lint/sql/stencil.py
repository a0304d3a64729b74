"""Stand-ins for what is known only at run time, so that SQLite can be asked about the rest.

A stand-in has the length of what it stands for, so offsets into the statement hold.  ``tokens.HOLE`` is a letter to
SQLite, so a hole is a good name as it is, also inside a word; where a name cannot stand, other things are tried.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlite_lint.regex import regex
from sqlite_lint.sql.tokens import HOLE, Kind, Token
from sqlite_lint.text import Span

if TYPE_CHECKING:
    from sqlite_lint.sql.statement import Statement

# Bounded, so that a text full of marks that nothing closes is read in linear time.
_TEMPLATE: Final = regex(r"\$?\{\{.{0,500}?\}\}|\$?\{[^{}'\";]{0,80}\}")
_BLOCK: Final = regex(r"\{%.{0,500}?%\}|\{#.{0,2000}?#\}", re.DOTALL)
_PRINTF: Final = regex(r"%[-+0-9.]*[diufgexr](?!\w)")
_BEFORE_VALUE: Final = frozenset(
    {
        "LIMIT", "OFFSET", "FROM", "JOIN", "INTO", "TABLE", "UPDATE", "BY", "SELECT", "WHERE", "AND", "OR", "NOT", "IN",
        "BETWEEN", "LIKE", "VALUES", "WHEN", "THEN", "ELSE", "SET", "ON", "DISTINCT", "EXISTS", "INDEX", "VIEW",
    }
)  # fmt: skip
_COUNTS: Final = frozenset({"LIMIT", "OFFSET"})
_ALTERNATIVES: Final = (" ", "1", ",", "=", "*", "(")
_MOST_GUESSES: Final = 40


def is_stand_in(name: str) -> bool:
    """Tell whether a name in the engine's message is made up, at least in part."""
    return HOLE in name


@dataclass(frozen=True, slots=True)
class Filled:
    """A statement's text with stand-ins; all offsets are into ``sql``.

    ``holes`` may hold any SQL; ``values`` are placeholders whose place a value takes (``%s``).
    """

    sql: str
    holes: tuple[Span, ...]
    values: tuple[Span, ...]

    @property
    def partial(self) -> bool:
        return bool(self.holes)

    def may_cause(self, fault: Span, at_end: bool) -> bool:
        """Tell whether a fault that the engine sees at ``fault`` may go when the holes are filled otherwise."""
        if self.holes and (at_end or fault.end > self.holes[0].start):
            return True
        return any(value.overlaps(fault) for value in self.values)

    def settle(self, refusal_at: Callable[[str], Span | None]) -> str | None:
        """Try other stand-ins until the engine takes the text; None where no try helps.

        ``refusal_at`` gives the place of the syntax error in a text, or None if there is none.
        """
        return _settle(self.sql, [hole for hole in self.holes if hole.end - hole.start == 1], refusal_at)


def fill(statement: Statement, sql: str, expand: bool) -> Filled | None:
    """``sql``, which is the statement or as long, with stand-ins; None where it holds nothing of the kind."""
    if not statement.has_holes and not _PLACEHOLDER.search(statement.text, *statement.span):
        return None
    edits = list(_stand_ins(statement, expand))
    start = statement.span.start
    parts: list[str] = []
    at = 0
    for span, text, _ in edits:
        parts += (sql[at : span.start - start], text)
        at = span.end - start
    parts.append(sql[at:])
    holes = tuple(span.shift(-start) for span, _, role in edits if role == _HOLE)
    values = tuple(span.shift(-start) for span, _, role in edits if role == _VALUE)
    if not edits:
        return None
    return Filled("".join(parts), holes, values)


_PLACEHOLDER: Final = regex(r"[%{\\]|\bIN\s*:", re.IGNORECASE)
_HOLE, _VALUE, _NEITHER = 0, 1, 2


def _stand_ins(statement: Statement, expand: bool) -> Iterator[tuple[Span, str, int]]:
    """What to write where: (span in the script, text of its length, role)."""
    after = 0
    previous: Token | None = None
    for i, token in enumerate(statement.tokens):
        if token.start < after:
            continue
        found = _stand_in(statement, i, token, previous, expand)
        previous = token
        if found is None:
            continue
        span, text, role = found
        after = span.end
        yield span, text, role


def _stand_in(
    statement: Statement, index: int, token: Token, previous: Token | None, expand: bool
) -> tuple[Span, str, int] | None:
    span = Span(token.start, token.end)
    length = token.end - token.start
    before = previous.key if previous is not None else ""
    if token.kind is Kind.HOLE:
        return span, "1" if statement.clause[index] in _COUNTS else HOLE, _HOLE
    if token.kind is Kind.WORD:
        return (span, token.text, _HOLE) if token.has_hole else None
    if token.kind is Kind.BLOB and token.has_hole:
        return span, "''".ljust(length), _NEITHER  # x'...' with hexadecimal digits to come
    if token.kind is Kind.PARAM:
        if before == "IN" and (token.text[0] == "%" or (expand and token.text[0] == ":")):
            return span, "(" + " " * (length - 2) + ")", _VALUE
        if token.text[0] == "%":
            return span, "?1".ljust(length), _VALUE
        return None
    if token.kind is Kind.OP:
        return _template(statement.text, token, previous)
    return None


def _template(text: str, token: Token, previous: Token | None) -> tuple[Span, str, int] | None:
    if token.key == "\\" and text.startswith(":", token.end):
        return Span(token.start, token.end), " ", _NEITHER
    if token.key in "{$":
        if (found := _BLOCK.match(text, token.start)) is not None:
            return Span(*found.span()), " " * len(found[0]), _HOLE
        if (found := _TEMPLATE.match(text, token.start)) is not None:
            return Span(*found.span()), HOLE * len(found[0]), _HOLE
        return None
    if token.key != "%" or (previous is not None and _ends_operand(previous)):
        return None
    if (found := _PRINTF.match(text, token.start)) is not None:
        return Span(*found.span()), "1".ljust(len(found[0])), _HOLE
    return None


def _ends_operand(token: Token) -> bool:
    if token.kind is Kind.OP:
        return token.key in ")]"
    return token.kind is not Kind.WORD or token.key not in _BEFORE_VALUE


def _settle(sql: str, holes: list[Span], refusal_at: Callable[[str], Span | None]) -> str | None:
    fault = refusal_at(sql)
    guesses = 0
    while holes and guesses < _MOST_GUESSES:
        if fault is None:
            return sql
        hole = next((h for h in reversed(holes) if h.start < fault.end), None)
        if hole is None:
            return None
        holes.remove(hole)
        farthest = fault.end
        for text in _ALTERNATIVES:
            guesses += 1
            other = sql[: hole.start] + text + sql[hole.end :]
            next_fault = refusal_at(other)
            if next_fault is None:
                return other
            if next_fault.end > farthest:
                farthest, sql, fault = next_fault.end, other, next_fault
    return sql if fault is None else None
