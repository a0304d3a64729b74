"""Placeholders that take their values by position: a fix must leave their number and their order as they are.

The values stand in the call and are not touched, so that ``position(? IN ?)`` may not become ``instr(?, ?)``.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from sqlite_lint.sql.tokens import Kind, tokenize

if TYPE_CHECKING:
    from sqlite_lint.rule import Hit
    from sqlite_lint.sql.statement import Statement
    from sqlite_lint.text import Span

MOVED: Final = "it would change the number or the order of the placeholders"

_BY_POSITION: Final = frozenset({"?", "%s"})


def are_in(statement: Statement) -> bool:
    return not statement.keys.isdisjoint(_BY_POSITION)


def between(statement: Statement, start: int, end: int) -> list[int]:
    """The indexes of those among the tokens from ``start`` up to ``end``."""
    tokens = statement.tokens
    return [i for i in range(start, end) if tokens[i].kind is Kind.PARAM and tokens[i].key in _BY_POSITION]


def guarded(statement: Statement, hit: Hit) -> Hit:
    """``hit``, without its fix where one of the edits brings placeholders or takes some away."""
    if hit.fix is None or not are_in(statement):
        return hit
    kept = all(_count(text) == _count_at(statement, span) for span, text in hit.fix.edits)
    return hit if kept else hit._replace(fix=None, withheld=MOVED)


def _count(text: str) -> int:
    if "?" not in text and "%s" not in text:
        return 0
    return sum(token.kind is Kind.PARAM and token.key in _BY_POSITION for token in tokenize(text))


def _count_at(statement: Statement, span: Span) -> int:
    first = bisect_left(statement.tokens, span.start, key=lambda token: token.start)
    end = bisect_left(statement.tokens, span.end, key=lambda token: token.start)
    return len(between(statement, first, end))
