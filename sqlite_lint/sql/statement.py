"""A script split into statements, each with its tokens."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Final

from sqlite_lint.regex import regex
from sqlite_lint.sql.tokens import HOLE, Kind, Token, tokenize
from sqlite_lint.text import Span

if TYPE_CHECKING:
    from sqlglot.expressions import Expr

_SEMICOLON: Final = regex(r"(?:\s*;[ \t]*)?")
_OPENING: Final = {"(": ")", "[": "]"}
_CLOSING: Final = frozenset(_OPENING.values())
_BRACKETS: Final = _CLOSING.union(_OPENING)
_WITH_BODY: Final = frozenset({"TRIGGER", "PROCEDURE", "FUNCTION", "EVENT"})
_QUERY: Final = frozenset({"SELECT", "WITH", "VALUES", "INSERT", "UPDATE", "DELETE", "REPLACE"})
_CLAUSES: Final = frozenset(
    {
        "SELECT", "FROM", "WHERE", "HAVING", "LIMIT", "OFFSET", "SET", "VALUES", "ON", "USING", "RETURNING", "INTO",
        "UPDATE", "DELETE", "INSERT", "REPLACE", "TABLE", "INDEX", "VIEW", "TRIGGER", "JOIN", "WINDOW", "WITH",
        "DEFAULT", "CHECK", "PRAGMA", "FETCH", "FOR", "GENERATED",
    }
)  # fmt: skip


class Statement:
    """One statement of a script.

    All offsets count characters of the whole script ``text``, from 0; indexes count ``tokens``, which hold no comments.
    The final semicolon belongs to no statement.
    """

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self.text: Final = text
        self.all_tokens: Final = tokens
        self.tokens: Final = [t for t in tokens if t.kind is not Kind.COMMENT]
        self.span: Final = Span(self.tokens[0].start, self.tokens[-1].end)
        self.cast_operands: Final[dict[int, int | None]] = {}  # see operand.left_operand
        self.level_ends: Final[dict[int, tuple[int, int]]] = {}  # see pattern.Pattern
        self.left_operands: Final[dict[tuple[int, int], int]] = {}

    def __repr__(self) -> str:
        return f"Statement({self.sql[:60]!r})"

    @property
    def sql(self) -> str:
        return self.text[self.span.start : self.span.end]

    @cached_property
    def comments(self) -> list[Token]:
        return [t for t in self.all_tokens if t.kind is Kind.COMMENT]

    @property
    def keyword(self) -> str:
        """The first word, in upper case: SELECT, CREATE, ..."""
        return self.tokens[0].key

    @cached_property
    def keys(self) -> frozenset[str]:
        """The keys of all tokens: the cheap test whether a rule can concern this statement."""
        return frozenset([t.key for t in self.tokens])

    @cached_property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of all tokens: as cheap a test, for rules on literals."""
        return frozenset([t.kind for t in self.tokens])

    @cached_property
    def has_holes(self) -> bool:
        return HOLE in self.text and any(t.has_hole for t in self.tokens)

    @cached_property
    def _brackets(self) -> list[int]:
        """The indexes of all brackets."""
        return [i for i, token in enumerate(self.tokens) if token.key in _BRACKETS and token.kind is Kind.OP]

    @cached_property
    def partner(self) -> dict[int, int]:
        """The index of each bracket's counterpart; brackets without one are missing."""
        partner: dict[int, int] = {}
        stack: list[tuple[int, str]] = []
        for i in self._brackets:
            key = self.tokens[i].key
            if key in _OPENING:
                stack.append((i, _OPENING[key]))
            else:
                while stack and stack[-1][1] != key:
                    stack.pop()
                if stack:
                    opening, _ = stack.pop()
                    partner[opening], partner[i] = i, opening
        return partner

    @cached_property
    def depth(self) -> list[int]:
        """How many brackets are open around each token; a bracket itself counts as outside."""
        depths: list[int] = []
        depth = 0
        for i in self._brackets:
            counterpart = self.partner.get(i)
            if counterpart is not None:
                depths += [depth] * (i - len(depths))
                if counterpart < i:
                    depth -= 1
                depths.append(depth)
                if counterpart > i:
                    depth += 1
        return depths + [depth] * (len(self.tokens) - len(depths))

    @cached_property
    def around(self) -> list[int]:
        """For each token the index of the bracket that opens around it; -1 outside of brackets."""
        around: list[int] = []
        stack = [-1]
        for i in self._brackets:
            counterpart = self.partner.get(i)
            if counterpart is None:
                continue
            around += [stack[-1]] * (i - len(around))
            if counterpart < i:
                stack.pop()
            around.append(stack[-1])
            if counterpart > i:
                stack.append(i)
        return around + [stack[-1]] * (len(self.tokens) - len(around))

    @cached_property
    def clause(self) -> list[str]:
        """The keyword of the clause in which each token stands: SELECT, FROM, WHERE, ORDER BY, GROUP BY, SET, ...

        Brackets around a subquery open clauses of their own; other brackets continue the clause around them.
        """
        clauses: list[str] = []
        stack: list[str] = []
        current = ""
        tokens, partner = self.tokens, self.partner
        for i, token in enumerate(tokens):
            key = token.key
            if key in _CLAUSES or key == "BY":
                if token.kind is Kind.WORD:
                    current = self._clause_at(i, current)
            elif key in _CLOSING and i in partner and stack:
                current = stack.pop()
            clauses.append(current)
            if key in _OPENING and i in partner:
                stack.append(current)
                if self.key(i + 1) in _QUERY:
                    current = ""
        return clauses

    def _clause_at(self, index: int, current: str) -> str:
        """The clause that a word of a clause begins, if it does so here."""
        key, previous = self.tokens[index].key, self.key(index - 1)
        if key == "BY":
            return f"{previous} BY" if previous in {"ORDER", "GROUP", "PARTITION"} else current
        begins_none = (
            previous == "."
            or (key == "REPLACE" and self.key(index + 1) == "(")
            or (key == "ON" and previous == "DISTINCT")
        )
        return current if begins_none else key

    @property
    def whole(self) -> Span:
        """The span with its semicolon, and with the line that would be empty without it."""
        text = self.text
        end = _SEMICOLON.match(text, self.span.end).end()  # type: ignore[union-attr]
        start = self.span.start
        if (start == 0 or text[start - 1] == "\n") and text[end : end + 1] == "\n":
            end += 1
        return Span(start, end)

    def key(self, index: int) -> str:
        """The key of a token; "" outside the statement."""
        return self.tokens[index].key if 0 <= index < len(self.tokens) else ""

    def keys_at(self, index: int, count: int) -> tuple[str, ...]:
        return tuple(self.key(i) for i in range(index, index + count))

    def span_of(self, first: int, last: int) -> Span:
        """The span of the tokens ``first`` to ``last``, both included."""
        return Span(self.tokens[first].start, self.tokens[last].end)

    def text_of(self, first: int, end: int) -> str:
        """The source text of the tokens from ``first`` up to ``end``, the latter excluded."""
        return self.text[self.tokens[first].start : self.tokens[end - 1].end] if end > first else ""

    def find(self, key: str, start: int = 0) -> Iterator[int]:
        """Indexes of the words and operators with this key."""
        for i in range(start, len(self.tokens)):
            token = self.tokens[i]
            if token.key == key and token.kind in (Kind.WORD, Kind.OP):
                yield i

    def arguments(self, opening: int) -> list[tuple[int, int]]:
        """Index ranges (end excluded) of the comma-separated items inside the bracket at ``opening``."""
        closing = self.partner.get(opening)
        if closing is None or closing == opening + 1:
            return []
        items = []
        start = i = opening + 1
        while i < closing:
            if self.tokens[i].key == "," and self.tokens[i].kind is Kind.OP:
                items.append((start, i))
                start = i + 1
            elif self.tokens[i].kind is Kind.OP and self.tokens[i].key in _OPENING:
                i = self.partner.get(i, i)
            i += 1
        items.append((start, closing))
        return items

    @cached_property
    def tree(self) -> Expr | None:
        """sqlglot's tree, as a guide to structure; None where it cannot read the statement.

        It is no judge: it takes much that SQLite refuses, and the other way round.
        """
        import logging

        from sqlglot import parse_one

        logger = logging.getLogger("sqlglot")  # it warns of statements that it does not know
        was_disabled, logger.disabled = logger.disabled, True
        try:
            for dialect in ("sqlite", "postgres", "mysql"):
                with suppress(Exception):  # its own errors, and those that it makes: date_add(a) is an AttributeError
                    return parse_one(self.sql, read=dialect)
        finally:
            logger.disabled = was_disabled
        return None


def split(sql: str) -> list[Statement]:
    """Split a script at its semicolons, those inside strings, comments and bodies (BEGIN ... END) excepted.

    Comments before a statement belong to it; comments after the last one belong to none.
    """
    tokens = tokenize(sql)
    ends = [i for i, token in enumerate(tokens) if token.key == ";" and token.kind is Kind.OP]
    ends.append(len(tokens))
    statements: list[Statement] = []
    start = 0
    while start < len(tokens):
        plain_end = ends[bisect_left(ends, start)]
        end = _end_of_body(tokens, start, plain_end) if _may_have_body(tokens, start, plain_end) else plain_end
        part = tokens[start:end]
        if part and (part[0].kind is not Kind.COMMENT or any(t.kind is not Kind.COMMENT for t in part)):
            statements.append(Statement(sql, part))
        start = end + 1
    return statements


def _may_have_body(tokens: list[Token], start: int, plain_end: int) -> bool:
    """Tell whether statements with semicolons of their own may stand inside: CREATE TRIGGER ... BEGIN ... END."""
    words = (t.key for t in tokens[start:plain_end] if t.kind is Kind.WORD)
    if next(words, "") != "CREATE" or _WITH_BODY.isdisjoint(islice(words, 5)):
        return False
    return any(t.key == "BEGIN" and t.kind is Kind.WORD for t in tokens[start:plain_end])


def _end_of_body(tokens: list[Token], start: int, plain_end: int) -> int:
    """Index of the semicolon behind the END of the body, or the number of tokens."""
    depth = 0
    for i in range(start, len(tokens)):
        token = tokens[i]
        if token.kind is Kind.WORD:
            if token.key in {"BEGIN", "CASE"} and not (depth and tokens[i - 1].key == "END"):
                depth += 1
            elif token.key == "END" and _key_after(tokens, i) not in {"IF", "LOOP", "WHILE", "REPEAT"}:
                depth -= 1
        elif _is_semicolon(token) and depth <= 0 and i >= plain_end:
            return i
    return plain_end if depth > 0 else len(tokens)


def _is_semicolon(token: Token) -> bool:
    return token.key == ";" and token.kind is Kind.OP


def _key_after(tokens: list[Token], index: int) -> str:
    return tokens[index + 1].key if index + 1 < len(tokens) else ""
