"""SQL127: strings one behind the other, which PostgreSQL and MySQL take for one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.sql.witness import VerdictKind
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_BEFORE: Final = frozenset({"->", "->>", "DEFAULT", "-", "+", "~"})
_BEHIND: Final = frozenset({"->", "->>", "COLLATE"})
"""Beside these || would take less than both strings, or needs brackets."""

_ALIAS: Final = "SQLite takes the second string for the name of the column"
_QUERY: Final = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "VALUES", "CREATE", "EXPLAIN"})


def adjacent(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``'a' 'b'`` where SQLite refuses it, and on two lines, as the SQL standard has it, also where it does not."""
    if statement.keyword not in _QUERY:
        return
    verdict = context.verdict
    refused = verdict.kind is VerdictKind.REFUSED and verdict.span is not None
    for second, (token, following) in enumerate(pairwise(statement.tokens), 1):
        if token.kind is not Kind.STRING or following.kind is not Kind.STRING:
            continue
        between = statement.text[token.end : following.start]
        stumbles = refused and verdict.span is not None and verdict.span.start in (following.start, following.end)
        if not stumbles and not (between.isspace() and "\n" in between):
            continue
        takes_both = statement.key(second - 2) not in _BEFORE and statement.key(second + 1) not in _BEHIND
        applicability = Applicability.SAFE if refused else Applicability.UNSAFE
        fix = SqlFix("Write `||` between them", ((Span(token.end, token.end), " ||"),), applicability)
        yield Hit(
            Span(following.start, following.end), {}, None if refused else _ALIAS, fix=fix if takes_both else None
        )
