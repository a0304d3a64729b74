"""Patterns: SQL with metavariables, found on the tokens of a statement.

``$x ILIKE $y`` is a literal word between two operands; what a metavariable stands for follows from its name:

=================  ====================================================================================
``$x $y $z``       an operand, as far as the precedence of the operator beside it reaches
``$s``             a string literal
``$n``             a number
``$v``             one value: string, number, parameter, NULL, TRUE or FALSE
``$param``         a parameter
``$prefixed``      a string with a prefix: ``E'..'``, ``B'..'``, ``U&'..'``
``$dollar``        a dollar-quoted string
``$name``          a name, quoted or not
``$path``          names with dots between them
``$word``          a word
``$type``          the name of a type, with its size and brackets
``$args``          all that stands between two brackets, perhaps nothing
``$interval``      what follows the word INTERVAL: ``'7 days'``, ``7 DAY``, ``'1' YEAR TO MONTH``
``$any``           everything up to the next literal of the pattern, at least one token
=================  ====================================================================================

A number may follow the name (``$name2``).  ``{FOR UPDATE|FOR SHARE}`` is a choice, ``{TABLE|}`` may be missing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from sqlite_lint.regex import regex
from sqlite_lint.sql import operand, primary
from sqlite_lint.sql.statement import Statement
from sqlite_lint.sql.tokens import Kind, tokenize

_VARIABLE: Final = regex(r"\$([a-z]+)\d*\Z")
_CHOICE: Final = regex(r"\{([^{}]*)\}")
_OPERANDS: Final = frozenset({"x", "y", "z"})
_SINGLE: Final = {
    "s": (Kind.STRING,),
    "n": (Kind.NUMBER,),
    "v": (Kind.STRING, Kind.NUMBER, Kind.PARAM),
    "param": (Kind.PARAM,),
    "prefixed": (Kind.PREFIXED,),
    "dollar": (Kind.DOLLAR,),
    "word": (Kind.WORD,),
}
_NAMES: Final = (Kind.WORD, Kind.QUOTED, Kind.HOLE)
_FIRST_KINDS: Final = {
    **_SINGLE,
    "v": (*_SINGLE["v"], Kind.WORD),
    "name": _NAMES,
    "path": _NAMES,
    "type": _NAMES,
}
_VALUE_WORDS: Final = frozenset({"NULL", "TRUE", "FALSE"})
_KINDS: Final = frozenset({*_OPERANDS, *_SINGLE, "name", "path", "type", "interval", "args", "any"})
_BOUNDED: Final = frozenset({*_SINGLE, "name", "path", "type", "interval"})  # shown with the literals beside them

_COMMON: Final = frozenset({"(", "[", ")", ",", "="})  # too frequent to be looked for

Anchor = tuple[str, str, tuple[int, ...], tuple[str, ...], str, tuple[int, ...]]
"""A pattern without choices, the key of the token to look for, or else its kinds, and the keys of all its literals;
then the key of the token after it, or else its kinds, none of either where it may be any.
"""

Range = tuple[int, int]  # indexes of tokens, the end excluded


class PatternError(ValueError):
    """A pattern that cannot be read."""


class Part(NamedTuple):
    """A literal (``kind`` is "literal", ``text`` the key) or a metavariable (``text`` is its name without ``$``)."""

    kind: str
    text: str


class Found(NamedTuple):
    """Where a pattern was found: ``claims`` are the tokens of its literals, ``shown`` those to point at.

    ``captures`` hold the metavariables by name, and each argument of ``$args`` by its number, from "1".
    """

    start: int
    end: int
    claims: tuple[int, ...]
    shown: Range
    captures: Mapping[str, Range]


class Pattern:
    """One pattern without choices."""

    def __init__(self, text: str) -> None:
        self.text: Final = text
        self.parts: Final = _parse(text)
        names = [part.text for part in self.parts if part.kind != "literal"]
        if len(set(names)) != len(names):
            raise PatternError(f"{text}: a metavariable stands twice")
        self.needed: Final = frozenset(p.text for p in self.parts if p.kind == "literal" and p.text[0] != "'")
        self._first = 0
        self.anchor: Final = self._find_anchor()

    @property
    def key(self) -> str | None:
        """The key of the token that a statement must hold; None where the kind of a token decides."""
        part = self.parts[self.anchor]
        return part.text if part.kind == "literal" else None

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of the first token where no literal can be looked for."""
        return _SINGLE.get(self.parts[self.anchor].kind, ())

    @property
    def following(self) -> tuple[str, tuple[Kind, ...]]:
        """The key of the token after that of the anchor, or else its kinds; ("", ()) where it may be any."""
        if self.anchor + 1 == len(self.parts):
            return "", ()
        part = self.parts[self.anchor + 1]
        if part.kind == "literal":
            return ("", (Kind.STRING,)) if part.text[0] == "'" else (part.text, ())
        return "", _FIRST_KINDS.get(part.kind, ())

    def _find_anchor(self) -> int:
        """The part whose token is looked for: the first literal, but rather a word than a bracket before it."""
        literals = [i for i, part in enumerate(self.parts) if part.kind == "literal"]
        if not literals:
            anchor = next((i for i, part in enumerate(self.parts) if part.kind in _SINGLE), -1)
        else:
            anchor = literals[0]
            while self.parts[anchor].text in _COMMON and anchor + 1 in literals:
                anchor += 1
        if anchor < 0 or any(p.kind not in _BOUNDED | _OPERANDS | {"literal"} for p in self.parts[:1]):
            raise PatternError(f"{self.text}: it must begin with a literal, an operand or a value")
        first = next((i for i in range(anchor + 1) if self.parts[i].kind == "literal"), anchor)
        if first > 1 or any(part.kind != "literal" for part in self.parts[first:anchor]):
            raise PatternError(f"{self.text}: one operand or value may stand before the first literal")
        self._first = first
        return anchor

    def match(self, statement: Statement, index: int) -> Found | None:
        """Match with the anchor at token ``index``."""
        captures: dict[str, Range] = {}
        claims: list[int] = []
        at = begin = index - (self.anchor - self._first)
        if begin < 0:
            return None
        for number in range(self._first, len(self.parts)):
            after = self._step(statement, number, at, captures)
            if after is None:
                return None
            if self.parts[number].kind == "literal":
                claims.append(at)
            at = after
        start = begin
        if self._first:
            before = self._before(statement, begin)
            if before is None:
                return None
            captures[self.parts[0].text] = (before, begin)
            start = before
        if "args" in captures:
            items = statement.arguments(captures["args"][0] - 1)
            captures.update((str(number), item) for number, item in enumerate(items, 1))
        return Found(start, at, tuple(claims or [begin]), self._shown(statement, begin, captures), captures)

    def _before(self, statement: Statement, index: int) -> int | None:
        part = self.parts[0]
        if part.kind in _OPERANDS:
            return operand.left_operand(statement, index, self._level(1))
        return index - 1 if index and self._single(statement, part, index - 1) else None

    def _step(self, statement: Statement, number: int, at: int, captures: dict[str, Range]) -> int | None:
        part = self.parts[number]
        if part.kind == "literal":
            return at + 1 if is_literal(statement, at, part.text) else None
        if part.kind == "args":
            closing = statement.partner.get(at - 1)
            after = closing if closing is not None and closing >= at else None
        elif part.kind in _OPERANDS:
            after = operand.right_operand(statement, at, max(self._level(number - 1), self._level(number + 1)))
        elif part.kind == "any":
            after = self._any_end(statement, number, at)
        elif part.kind == "type":
            after = primary.type_end(statement, at) if self._single(statement, Part("name", ""), at) else None
        elif part.kind == "path":
            after = _path_end(statement, at)
        elif part.kind == "interval":
            after = _interval_end(statement, at)
        else:
            after = at + 1 if self._single(statement, part, at) else None
        if after is not None:
            captures[part.text] = (at, after)
        return after

    def _any_end(self, statement: Statement, number: int, at: int) -> int | None:
        """Index of the next literal on the same level of brackets, or of the end of that level."""
        if number + 1 == len(self.parts):
            end = _level_end(statement, at)
            return end if end > at else None
        wanted = self.parts[number + 1].text
        i = at
        while i < len(statement.tokens):
            if i > at and is_literal(statement, i, wanted):
                return i
            token = statement.tokens[i]
            if token.kind is Kind.OP and token.key in {")", "]"}:
                break
            i = statement.partner.get(i, i) + 1
        return None

    def _level(self, last: int) -> int:
        """The level of the operator whose literals end (to the left) or begin (to the right) at part ``last``."""
        if last >= len(self.parts):
            return 0
        first = last
        while first > 0 and self.parts[first - 1].kind == "literal":
            first -= 1
        while last + 1 < len(self.parts) and self.parts[last + 1].kind == "literal":
            last += 1
        keys = [part.text for part in self.parts[first : last + 1] if part.kind == "literal"]
        if keys == ["AND"] and Part("literal", "BETWEEN") in self.parts[:first]:
            return primary.LIKE
        levels = [level for key in keys if (level := primary.level_of(key)) is not None and key != "NOT"]
        if levels:
            return levels[-1]
        return primary.NOT if "NOT" in keys else 0

    @staticmethod
    def _single(statement: Statement, part: Part, at: int) -> bool:
        if not 0 <= at < len(statement.tokens):
            return False
        token = statement.tokens[at]
        if part.kind in ("name", "path"):
            return token.kind in _NAMES
        return token.kind in _SINGLE[part.kind] or (part.kind == "v" and token.key in _VALUE_WORDS)

    def _shown(self, statement: Statement, index: int, captures: Mapping[str, Range]) -> Range:
        """The literals and single values from the anchor on, without an operator that leads to something longer."""
        end = index
        for part in self.parts[self._first :]:
            if part.kind == "literal":
                end += 1
                continue
            first, after = captures[part.text]
            if part.kind not in _BOUNDED and first != after:
                while end > index + 1 and statement.tokens[end - 1].kind is Kind.OP:
                    end -= 1
                break
            end = after
        while end > index + 1 and statement.key(end - 1) == "(":
            end -= 1
        return index, end


def is_literal(statement: Statement, index: int, key: str) -> bool:
    """Tell whether a token is the word or operator ``key``, or a string literal of that text."""
    if not 0 <= index < len(statement.tokens):
        return False
    token = statement.tokens[index]
    if token.key == key:
        return token.kind in (Kind.WORD, Kind.OP, Kind.STRING, Kind.NUMBER, Kind.PARAM)
    return token.kind is Kind.STRING and key[:1] == "'" and token.text.lower() == key.lower()


def expand(text: str) -> Iterator[Pattern]:
    """The patterns that ``text`` stands for, each choice made in every way; raises PatternError."""
    pieces = _CHOICE.split(text)
    choices = [[piece] if i % 2 == 0 else piece.split("|") for i, piece in enumerate(pieces)]
    if any(brace in piece for piece in pieces for brace in "{}"):
        raise PatternError(f"{text}: choices cannot be nested")
    for choice in itertools.product(*choices):
        yield Pattern(" ".join("".join(choice).split()))


def anchors(text: str) -> list[Anchor]:
    """What to look for: each pattern that ``text`` stands for, with its anchor and its literals."""
    return [_anchor(pattern) for pattern in expand(text)]


def _anchor(pattern: Pattern) -> Anchor:
    next_key, next_kinds = pattern.following
    kinds, needed = tuple(map(int, pattern.kinds)), tuple(sorted(pattern.needed))
    return pattern.text, pattern.key or "", kinds, needed, next_key, tuple(map(int, next_kinds))


def _parse(text: str) -> tuple[Part, ...]:
    parts = []
    for token in tokenize(text):
        variable = _VARIABLE.match(token.text)
        if variable is None:
            parts.append(Part("literal", token.key))
        elif variable[1] in _KINDS:
            parts.append(Part(variable[1], token.text[1:]))
        else:
            raise PatternError(f"{text}: unknown metavariable {token.text}")
    if not parts:
        raise PatternError("a pattern is empty")
    return tuple(parts)


def _level_end(statement: Statement, at: int) -> int:
    """Index of the closing bracket that ends the level of ``at``, or the number of tokens."""
    if at >= len(statement.tokens):
        return at
    begun, end = statement.level_ends.get(statement.around[at], (0, 0))
    if begun <= at < end:
        return end
    end = at
    while end < len(statement.tokens):
        token = statement.tokens[end]
        if token.kind is Kind.OP and token.key in {")", "]"}:
            break
        end = statement.partner.get(end, end) + 1
    statement.level_ends[statement.around[at]] = (at, end)
    return end


def _path_end(statement: Statement, at: int) -> int | None:
    if not Pattern._single(statement, Part("name", ""), at):
        return None
    while statement.key(at + 1) == "." and at + 2 < len(statement.tokens):
        at += 2
    return at + 1


def _interval_end(statement: Statement, at: int) -> int | None:
    after = at + 1
    unit = statement.key(after) in primary.UNITS
    if Pattern._single(statement, Part("s", ""), at):
        after += unit
    elif unit and Pattern._single(statement, Part("v", ""), at):
        after += 1
    else:
        return None
    return after + 2 if unit and statement.key(after) == "TO" else after
