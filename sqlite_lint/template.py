"""Fix templates: SQL with the metavariables of a pattern, made into the smallest edits of the statement.

What a metavariable stands for is never written anew: its text stays where it is, with its layout and comments, and
only the tokens around it are replaced.  Only where the template changes the order of two operands, or names one twice,
is the whole construct written anew, and then only if no comment is lost.

``$args`` stands for all arguments of a call, ``$1``, ``$2``, ... for one; ``$s:minus`` for what a filter makes of it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from sqlite_lint import placeholders
from sqlite_lint.pattern import Found, Range
from sqlite_lint.regex import regex
from sqlite_lint.sql.comparison import EQUALITY, ORDERING
from sqlite_lint.sql.statement import Statement
from sqlite_lint.sql.tokens import HOLE, Token, tokenize
from sqlite_lint.text import Span

_VARIABLE: Final = regex(r"\$([a-z]+\d*|\d+)(:[a-z_]+)?")
_LIKE: Final = frozenset({"LIKE", "GLOB", "REGEXP"})
_COMPARING: Final = EQUALITY | ORDERING | {"IS"}
_WORD: Final = regex(r"\w")
_COMMENT_INSIDE: Final = "a comment stands inside the construct"

Edits = tuple[tuple[Span, str], ...]


class _Gap(NamedTuple):
    """The source between two kept operands, and what the template has there instead.

    ``left`` is where the operand before it ends, ``right`` where the one after it begins; None at the borders.
    """

    left: int | None
    right: int | None
    tokens: list[Token]
    text: str


class Template:
    """The right-hand side of a fix."""

    def __init__(self, text: str) -> None:
        self.text: Final = text
        pieces = _VARIABLE.split(text)
        self._literals: Final = pieces[::3]
        self._variables: Final = pieces[1::3]
        self._filters: Final = [_filter(name[1:]) if name else None for name in pieces[2::3]]
        self._is_like: Final = _is_like(text)

    def bind(self, statement: Statement, found: Found) -> Bound | None:
        """Put in what the filters make of this match; None where one of them cannot, or an argument is missing."""
        captures = found.captures
        literals = [self._literals[0]]
        variables = []
        for name, use, literal in zip(self._variables, self._filters, self._literals[1:], strict=True):
            if name not in captures:
                return None
            if use is None:
                variables.append(name)
                literals.append(literal)
                continue
            start, end = captures[name]
            text = statement.text_of(*captures[name])
            made = use(text) if end > start and HOLE not in text else None
            if made is None:
                return None
            literals[-1] += made + literal
        if self._needs_brackets(statement, found, literals):
            literals[0] = "(" + literals[0]
            literals[-1] += ")"
        return Bound(literals, variables, captures, self._variables if "?" not in self.text else None)

    def _needs_brackets(self, statement: Statement, found: Found, literals: list[str]) -> bool:
        """Tell whether the replacement would come apart where it stands.

        An expression as DEFAULT stands in brackets (https://sqlite.org/lang_createtable.html).  LIKE binds as loosely
        as ``=`` on SQLite, and more loosely than ``<`` (https://sqlite.org/lang_expr.html); elsewhere more tightly.
        """
        before, behind = statement.key(found.start - 1), statement.key(found.end)
        if before == "DEFAULT":
            return any("(" in literal for literal in literals)
        return self._is_like and (before in _COMPARING or behind in ORDERING)


def _is_like(text: str) -> bool:
    """Tell whether the operator that a template applies last is LIKE or one of its kind."""
    depth = 0
    for token in tokenize(text):
        depth += (token.key == "(") - (token.key == ")")
        if not depth and token.key in _LIKE:
            return True
    return False


def _filter(name: str) -> Callable[[str], str | None]:
    from sqlite_lint.filters import FILTERS  # few templates need one, and their expressions take time to compile

    return FILTERS[name]


class Bound:
    """A template for one match: literals and, between them, the operands that are kept.

    ``order`` names all metavariables, those given to a filter among them; None where the template has a ``?`` itself.
    """

    def __init__(
        self, literals: list[str], variables: list[str], captures: Mapping[str, Range], order: list[str] | None
    ) -> None:
        self._literals: Final = literals
        self._variables: Final = variables
        self._captures: Final = captures
        self._order: Final = order

    def edits(self, statement: Statement, found: Found) -> Edits | str:
        """The edits that make ``found`` into this template, or why there are none."""
        if placeholders.are_in(statement) and not self._keeps_placeholders(statement, found):
            return placeholders.MOVED
        return self._minimal(statement, found) if self._keeps_order() else self._anew(statement, found)

    def _keeps_placeholders(self, statement: Statement, found: Found) -> bool:
        if self._order is None:
            return True
        old = [i for i in placeholders.between(statement, found.start, found.end) if i not in found.claims]
        return old == [i for name in self._order for i in placeholders.between(statement, *self._captures[name])]

    def _keeps_order(self) -> bool:
        at = -1
        for name in self._variables:
            start, end = self._captures[name]
            if start < at:
                return False
            at = max(end, start + 1)
        return True

    def _minimal(self, statement: Statement, found: Found) -> Edits | str:
        edits: list[tuple[Span, str]] = []
        for gap in self._gaps(statement, found):
            made = _gap_edits(statement, gap)
            if isinstance(made, str):
                return made
            edits += made
        return tuple(edits)

    def _gaps(self, statement: Statement, found: Found) -> list[_Gap]:
        tokens, captures = statement.tokens, self._captures
        gaps = []
        at, left = found.start, None
        text = self._literals[0]
        for name, literal in zip(self._variables, self._literals[1:], strict=True):
            start, end = captures[name]
            if start == end:  # nothing between the brackets
                text += literal
                continue
            gaps.append(_Gap(left, tokens[start].start, tokens[at:start], text))
            at, left, text = end, tokens[end - 1].end, literal
        gaps.append(_Gap(left, None, tokens[at : found.end], text))
        return gaps

    def _anew(self, statement: Statement, found: Found) -> Edits | str:
        span = statement.span_of(found.start, found.end - 1)
        if _has_comment(statement, span):
            return _COMMENT_INSIDE
        return ((span, self.text(statement)),)

    def text(self, statement: Statement) -> str:
        """The whole replacement."""
        text = self._literals[0]
        for name, literal in zip(self._variables, self._literals[1:], strict=True):
            text += statement.text_of(*self._captures[name]) + literal
        return text


def _gap_edits(statement: Statement, gap: _Gap) -> list[tuple[Span, str]] | str:
    gap = _trimmed(gap)
    tokens, text = gap.tokens, gap.text
    if not tokens:
        return _insertion(statement, gap) if text.strip() else []
    start, end = tokens[0].start, tokens[-1].end
    if _has_comment(statement, Span(start, end)):
        return _COMMENT_INSIDE
    left, middle, right = _attached(gap)
    if not middle and bool(left) != bool(right):
        return [_touching(statement, gap, left, right)]
    edits = []
    if left and gap.left is not None:
        edits.append((Span(gap.left, gap.left), left))
    if middle:
        before = " " if gap.left == start and (left or text[0].isspace()) else ""
        after = " " if gap.right == end and (right or text[-1].isspace()) else ""
        edits.append((Span(start, end), _apart(statement.text, start, end, before + middle + after)))
    else:
        edits.append(_deletion(statement, gap, wants_space=bool(text)))
    if right and gap.right is not None:
        edits.append((Span(gap.right, gap.right), right))
    return edits


def _touching(statement: Statement, gap: _Gap, left: str, right: str) -> tuple[Span, str]:
    """The edit where the template's text touches one operand: the space before that operand goes, too."""
    start, end = gap.tokens[0].start, gap.tokens[-1].end
    if left and gap.left is not None and not _has_comment(statement, Span(gap.left, start)):
        start = gap.left
    if right and gap.right is not None and not _has_comment(statement, Span(end, gap.right)):
        end = gap.right
    before = " " if right and gap.text[0].isspace() and start == gap.left else ""
    after = " " if left and gap.text[-1].isspace() and end == gap.right else ""
    new = before + (left or right) + after
    return Span(start, end), _apart(statement.text, start, end, new)


def _apart(text: str, start: int, end: int, new: str) -> str:
    """``new`` with a space where it would run together with a word beside it: ``z=ANY(..)`` to ``z IN (..)``."""
    if start and _WORD.match(text[start - 1]) and _WORD.match(new[0]):
        new = " " + new
    return new + " " if end < len(text) and _WORD.match(text[end]) and _WORD.match(new[-1]) else new


@lru_cache(maxsize=256)
def _tokens(template: str) -> tuple[Token, ...]:
    return tuple(tokenize(template))


def _trimmed(gap: _Gap) -> _Gap:
    """Leave out the tokens that source and template have in common at both ends."""
    wanted = _tokens(gap.text)
    left, right, tokens, text = gap
    first = 0
    while first < min(len(wanted), len(tokens)) and wanted[first].key == tokens[first].key:
        first += 1
    last = 0
    while last < min(len(wanted), len(tokens)) - first and wanted[-1 - last].key == tokens[-1 - last].key:
        last += 1
    begin = wanted[first - 1].end if first else 0
    stop = wanted[-last].start if last else len(text)
    return _Gap(
        tokens[first - 1].end if first else left,
        tokens[-last].start if last else right,
        tokens[first : len(tokens) - last],
        text[begin:stop],
    )


def _attached(gap: _Gap) -> tuple[str, str, str]:
    """The template's text in three parts: without a space at the operand before, free, and at the operand after."""
    text = gap.text
    tokens = _tokens(text)
    first, last = 0, len(tokens)
    if tokens and gap.left is not None and not text[0].isspace():
        first = 1
        while first < last and tokens[first].start == tokens[first - 1].end:
            first += 1
    if gap.right is not None and first < last and not text[-1].isspace():
        last -= 1
        while last > first and tokens[last].start == tokens[last - 1].end:
            last -= 1
    start = tokens[first - 1].end if first else 0
    stop = tokens[last].start if last < len(tokens) else len(text)
    return text[:start], text[start:stop].strip(), text[stop:]


def _insertion(statement: Statement, gap: _Gap) -> list[tuple[Span, str]]:
    if gap.left is None or gap.right is None or gap.left == gap.right:
        at = gap.right if gap.left is None else gap.left
        assert at is not None
        return [(Span(at, at), gap.text)]
    if not any(c.isspace() for c in gap.text) and statement.text[gap.left : gap.right].strip(" ") == "":
        return [(Span(gap.left, gap.right), gap.text)]
    left, middle, right = _attached(gap)
    edits = [(Span(gap.left, gap.left), left)] if left else []
    after = " ".join(part for part in (middle, right) if part)
    if after:
        edits.append((Span(gap.right, gap.right), after + (" " if gap.text[-1].isspace() and middle else "")))
    return edits


def _deletion(statement: Statement, gap: _Gap, wants_space: bool) -> tuple[Span, str]:
    """Delete the tokens of a gap together with the space around them, of which one side stays if space is wanted."""
    text = statement.text
    first, last = gap.tokens[0].start, gap.tokens[-1].end
    start, end = first, last
    if gap.left is not None or gap.right is None:
        while start > 0 and text[start - 1].isspace() and not _ends_comment(statement, start - 1):
            start -= 1
    if gap.right is not None:
        while end < gap.right and text[end].isspace():
            end += 1
    if not wants_space:
        joins = start > 0 and end < len(text) and _WORD.match(text[start - 1]) and _WORD.match(text[end])
        return Span(start, end), " " if joins else ""
    if start < first:
        return Span(first, end), ""
    return (Span(start, last), "") if last < end else (Span(start, end), " ")


def _has_comment(statement: Statement, span: Span) -> bool:
    comments = statement.comments
    at = bisect_right(comments, span.start, key=_end)
    return at < len(comments) and comments[at].start < span.end


def _ends_comment(statement: Statement, offset: int) -> bool:
    """Tell whether the line end at ``offset`` ends a comment, so that what follows must stay on another line."""
    comments = statement.comments
    at = bisect_left(comments, offset, key=_end)
    return at < len(comments) and comments[at].end == offset


def _end(token: Token) -> int:
    return token.end
