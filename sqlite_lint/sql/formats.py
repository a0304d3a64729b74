"""Format letters, modifiers and paths inside the string arguments of functions that came with a later SQLite."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.regex import regex
from sqlite_lint.sql.feature import Effect, Feature
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.text import Span

if TYPE_CHECKING:
    from sqlite_lint.sql.calls import Call
    from sqlite_lint.sql.statement import Statement

_DATE: Final = frozenset({"date", "time", "datetime", "julianday", "strftime", "unixepoch"})
_PRINTF: Final = frozenset({"printf", "format"})
TRIGGERS: Final = frozenset(name.upper() for name in _DATE | _PRINTF)

_MODIFIERS: Final = {"auto": 38, "julianday": 38, "subsec": 42, "subsecond": 42, "ceiling": 46, "floor": 46}
_LETTER: Final = regex(r"%(.)", re.DOTALL)
_LETTERS: Final = {**dict.fromkeys("eFIklpPRTu", 44), **dict.fromkeys("GgUV", 46)}
_SHIFT: Final = regex(r"[+-]\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d(?:\.\d+)?)?)?\Z")
_GROUPED_FLOAT: Final = regex(r"%[-+ 0#!]*,[-+ 0#!,]*\d*(?:\.\d+)?[feEgG]")


def features(statement: Statement, call: Call) -> Iterator[Feature]:
    """What the string literals among the arguments of ``call`` need; older versions give NULL or other text."""
    if call.name in _DATE:
        items = statement.arguments(call.opening)
        for number, (first, end) in enumerate(items):
            if end - first == 1 and statement.tokens[first].kind is Kind.STRING:
                yield from _of_date(statement, first, is_format=call.name == "strftime" and number == 0)
    elif call.name in _PRINTF:
        for first, end in statement.arguments(call.opening)[:1]:
            token = statement.tokens[first]
            if end - first == 1 and token.kind is Kind.STRING and _GROUPED_FLOAT.search(token.value):
                yield _meaning("the ',' flag for %f", 42, Span(token.start, token.end))


def _of_date(statement: Statement, index: int, *, is_format: bool) -> Iterator[Feature]:
    token = statement.tokens[index]
    span = Span(token.start, token.end)
    if is_format:
        for letter in dict.fromkeys(_LETTER.findall(token.value)):
            if letter in _LETTERS:
                yield _meaning(f"%{letter} in strftime()", _LETTERS[letter], span)
    elif (minor := _MODIFIERS.get(token.value.strip().lower())) is not None:
        yield _meaning(f"the modifier {token.text}", minor, span)
    elif _SHIFT.match(token.value):
        yield _meaning("a modifier of years, months and days", 43, span)


def _meaning(name: str, minor: int, span: Span) -> Feature:
    return Feature(name, (3, minor), span, Effect.MEANING)
