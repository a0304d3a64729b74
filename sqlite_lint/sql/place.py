"""Where in a statement a message of SQLite points to.

The engine's C interface knows the place only since 3.38 (sqlite3_error_offset), and Python's does not hand it on.  But
the parser reads one token at a time and decides on those read so far, so the shortest beginning of the statement that
draws the same message ends with the token at fault (https://sqlite.org/lemon.html).
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from sqlite_lint.regex import regex
from sqlite_lint.sql.engine import NULL_CHARACTER, engine
from sqlite_lint.sql.tokens import Kind, Token
from sqlite_lint.text import Span

if TYPE_CHECKING:
    from sqlite_lint.sql.statement import Statement

_NEAR: Final = regex(r'near "(?P<near>.*)": syntax error\Z|unrecognized token: "(?P<token>.*)"\Z', re.DOTALL)
_CALLED: Final = regex(
    r"no such function: (?P<after>.+)\Z|\bfunction (?P<named>\S+?)\(\)|(?P<first>\S+?)\(\) may not be used"
    r"|non-aggregate (?P<plain>\S+?)\(\)|arguments on (?P<table>\S+?)\(\)"
)
_NAMED: Final = regex(
    r"(?:column name: |no column named |unknown database |for column |using column |FROM clause: "
    r"|internal use: |join type: |on table |datatype for |hex literal too big: )(?P<plain>\S.*?)(?=: \"| - |\Z)"
    r'|table (?P<table>\S+) has|"(?P<quoted>[^"]+)"|\[(?P<bracketed>[^]]+)\]',
    re.DOTALL,
)
_WORD: Final = regex(r"[\w$]")


def locate(message: str, statement: Statement, sql: str) -> Span:
    """The span that the engine's ``message`` is about, in offsets of the script; the first word where nothing shows.

    ``sql`` is the text that drew the message: the statement's own, or one of the same length with stand-ins.
    """
    tokens = statement.tokens
    if message[0] in "nu" and (found := _NEAR.match(message)) is not None:
        span = _first_to_draw(message, sql, found["near"] or found["token"] or "")
        if span is not None:
            return span.shift(statement.span.start)
    if message == "incomplete input":
        return Span(tokens[-1].start, tokens[-1].end)
    if message == NULL_CHARACTER:
        at = statement.text.index("\0", statement.span.start)
        return Span(at, at + 1)
    return _named(message, tokens) or Span(tokens[0].start, tokens[0].end)


def _first_to_draw(message: str, sql: str, text: str) -> Span | None:
    """Search the place of ``text`` after which the beginning of ``sql`` first draws ``message``, by halving."""
    ends = _places(sql, text)
    low, high = 0, len(ends) - 1
    ask = engine().refusal
    while low < high:
        middle = (low + high) // 2
        if ask(sql[: ends[middle].end]) == message:
            high = middle
        else:
            low = middle + 1
    return ends[low] if ends else None


def _places(sql: str, text: str) -> list[Span]:
    """Where ``text`` stands in ``sql`` and is not part of a longer word."""
    places = []
    at = sql.find(text) if text else -1
    while at >= 0:
        end = at + len(text)
        if not (_joins(sql, at) or _joins(sql, end)):
            places.append(Span(at, end))
        at = sql.find(text, end)
    return places


def _joins(sql: str, at: int) -> bool:
    """Tell whether the characters on both sides of ``at`` belong to one word."""
    return 0 < at < len(sql) and _WORD.match(sql[at - 1]) is not None and _WORD.match(sql[at]) is not None


def _named(message: str, tokens: list[Token]) -> Span | None:
    prefix, _, name = message.partition(": ")
    if prefix.startswith("no such ") and prefix != "no such function":
        return _name_place(name.partition('" - ')[0], tokens)
    if (call := _CALLED.search(message)) is not None:
        name = next(group for group in call.groups() if group is not None)
        return _call_place(name.lower(), tokens) or _name_place(name, tokens)
    if message.startswith("AUTOINCREMENT "):
        return _name_place("autoincrement", tokens)
    if (found := _NAMED.search(message)) is not None:
        return _name_place(next(group for group in found.groups() if group is not None), tokens)
    return None


def _call_place(name: str, tokens: list[Token]) -> Span | None:
    for token, following in pairwise(tokens):
        if following.key == "(" and token.name == name:
            return Span(token.start, token.end)
    return None


def _name_place(name: str, tokens: list[Token]) -> Span | None:
    """The span of ``a.b.c`` among the tokens; that of its last name where it does not stand there as a whole."""
    path = [part.strip('"').lower() for part in name.split(".")]
    return (_path_place(path, tokens) if len(path) > 1 else None) or _path_place(path[-1:], tokens)


def _path_place(path: list[str], tokens: list[Token]) -> Span | None:
    last = 2 * len(path) - 2
    key = path[0].upper()
    for i, token in enumerate(tokens[: len(tokens) - last]):
        if (token.key == key or token.kind in (Kind.QUOTED, Kind.PREFIXED)) and all(
            _is(tokens[i + 2 * k], part) and (k == 0 or tokens[i + 2 * k - 1].key == ".") for k, part in enumerate(path)
        ):
            return Span(token.start, tokens[i + last].end)
    return None


def _is(token: Token, name: str) -> bool:
    if token.kind is Kind.PREFIXED:  # E'text' is the name E and its alias to SQLite
        return token.text.partition("'")[0].rstrip("&").lower() == name
    return token.kind in (Kind.WORD, Kind.QUOTED, Kind.HOLE) and token.name == name
