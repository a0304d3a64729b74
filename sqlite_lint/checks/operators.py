"""SQL113: operators that no page lists, as PostgreSQL lets its users make them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.rule import Hit
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.sql.witness import VerdictKind

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_CHARACTERS: Final = frozenset("+-*/<>=~!@#%^&|?")
_OF_SQLITE: Final = frozenset(
    {"+", "-", "*", "/", "%", "=", "==", "<", ">", "<=", ">=", "<>", "!=", "||", "|", "&", "<<", ">>", "->", "->>", "~"}
)


def unknown(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """The run of operator characters over which SQLite stumbles: ``<<<``, ``~<=~``, ``|&>``, ``?-|``."""
    verdict = context.verdict
    if verdict.kind is not VerdictKind.REFUSED or verdict.span is None:
        return
    tokens = statement.tokens
    at = next((i for i, token in enumerate(tokens) if token.start <= verdict.span.start < token.end), None)
    if at is None or not _is_operator(statement, at) or statement.key(at - 1) == ".":
        return
    first = last = at
    while first and tokens[first - 1].end == tokens[first].start and _is_operator(statement, first - 1):
        first -= 1
    while last + 1 < len(tokens) and tokens[last].end == tokens[last + 1].start and _is_operator(statement, last + 1):
        last += 1
    span = statement.span_of(first, last)
    text = statement.text[span.start : span.end]
    if len(text) > 1 and text not in _OF_SQLITE and set(text) - {"*", "?"}:
        yield Hit(span, {"text": text})


def _is_operator(statement: Statement, index: int) -> bool:
    """Tell whether a token is made of the characters of operators; ``?`` is a parameter to SQLite's lexer."""
    token = statement.tokens[index]
    return token.kind in (Kind.OP, Kind.PARAM) and _CHARACTERS.issuperset(token.text)
