"""Findings at a range of tokens, and edits that take words or items of a list out and leave comments in place."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.sql.statement import Statement

Edits = tuple[tuple[Span, str], ...]

COMMENT_INSIDE: Final = "a comment stands inside the construct"
REMOVE: Final = "Remove it"


def mark(statement: Statement, first: int, end: int, fix: SqlFix | None = None, withheld: str | None = None) -> Hit:
    """A finding at the tokens ``first`` to ``end`` (excluded), whose text is the message's ``{text}``."""
    span = statement.span_of(first, end - 1)
    text = " ".join(statement.text[span.start : span.end].split())
    return Hit(span, {"text": text if len(text) <= 60 else text[:59] + "…"}, fix=fix, withheld=withheld)


def mark_cut(statement: Statement, first: int, end: int, *more: tuple[Span, str], caveat: str = "") -> Hit:
    """A finding whose fix removes it, and makes the edits ``more``; a caveat makes the fix unsafe."""
    edits = cut(statement, first, end)
    if edits is None:
        return mark(statement, first, end, withheld=COMMENT_INSIDE)
    applicability = Applicability.UNSAFE if caveat else Applicability.SAFE
    title = f"{REMOVE} ({caveat})" if caveat else REMOVE
    return mark(statement, first, end, SqlFix(title, (*edits, *more), applicability))


def has_comment(statement: Statement, start: int, end: int) -> bool:
    """Tell whether a comment stands between two offsets."""
    tokens = statement.all_tokens
    at = max(bisect_right(tokens, start, key=lambda t: t.start) - 1, 0)
    while at < len(tokens) and tokens[at].start < end:
        if tokens[at].kind is Kind.COMMENT and start < tokens[at].end:
            return True
        at += 1
    return False


def cut(statement: Statement, first: int, end: int) -> Edits | None:
    """Delete the tokens ``first`` to ``end`` (excluded) with the space on one side; None where a comment is inside."""
    tokens = statement.tokens
    start, stop = tokens[first].start, tokens[end - 1].end
    if has_comment(statement, start, stop):
        return None
    before = tokens[first - 1].end if first else start
    after = tokens[end].start if end < len(tokens) else stop
    if "\n" in statement.text[before:start] and after > stop and "\n" not in statement.text[stop:after]:
        return ((Span(start, stop if has_comment(statement, stop, after) else after), ""),)
    return ((Span(start if has_comment(statement, before, start) else before, stop), ""),)


def cut_item(statement: Statement, first: int, end: int) -> Edits | None:
    """Delete an item of a list together with a comma beside it."""
    tokens = statement.tokens
    if statement.key(first - 1) != ",":
        if statement.key(end) != ",":
            return None
        following = tokens[end + 1].start if end + 1 < len(tokens) else tokens[end].end
        if has_comment(statement, tokens[first].start, following):
            return None
        return ((Span(tokens[first].start, following), ""),)
    whole = cut(statement, first - 1, end)
    if whole is not None:
        return whole
    item = cut(statement, first, end)
    comma = tokens[first - 1]
    return None if item is None else ((Span(comma.start, comma.end), ""), *item)
