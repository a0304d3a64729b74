"""Filters for literals: strings with prefixes, arrays, bytes.

Each takes the source text of one metavariable; see ``filters``.
"""

from __future__ import annotations

import re
from typing import Final

from sqlite_lint.regex import regex

_ESCAPES: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_ESCAPE: Final = regex(
    r"\\(?:(?P<octal>[0-7]{1,3})|x(?P<hex>[0-9A-Fa-f]{1,2})|u(?P<u4>[0-9A-Fa-f]{4})|U(?P<u8>[0-9A-Fa-f]{8})|(?P<one>.))",
    re.DOTALL,
)
_UNICODE: Final = regex(r"\\(?:(?P<u4>[0-9A-Fa-f]{4})|\+(?P<u6>[0-9A-Fa-f]{6})|(?P<one>\\))")


def literal(text: str) -> str:
    """``text`` as a string literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def content(text: str) -> str:
    """The value of a plain string literal."""
    return text[1:-1].replace("''", "'")


def unescape(text: str) -> str | None:
    """``E'it\\'s'`` as a plain literal.

    None where it holds a null character, which ends a text in SQLite, or a line end, for which there is no escape.
    """

    def one(found: re.Match[str]) -> str:
        if found["octal"]:
            return chr(int(found["octal"], 8))
        digits = found["hex"] or found["u4"] or found["u8"]
        if digits:
            return chr(int(digits, 16)) if int(digits, 16) < 0x110000 else "\0"
        return _ESCAPES.get(found["one"], found["one"])

    body = text[text.index("'") + 1 : -1]
    value = _ESCAPE.sub(one, body.replace("''", r"\'"))
    return _printable(value)


def unicode_escapes(text: str) -> str | None:
    """``U&'\\00e9'`` as a plain literal."""

    def one(found: re.Match[str]) -> str:
        digits = found["u4"] or found["u6"]
        return chr(int(digits, 16)) if digits and int(digits, 16) < 0x110000 else "\\"

    return _printable(_UNICODE.sub(one, content(text[text.index("'") :])))


def _printable(value: str) -> str | None:
    """The literal of ``value``, its control characters by ``char()``; None for what no text can hold."""
    if "\0" in value or any(0xD800 <= ord(c) < 0xE000 for c in value):
        return None
    if all(c.isprintable() for c in value):
        return literal(value)
    parts = [part for part in re.split(r"([^ -~\xa0-\U0010ffff]+)", value) if part]
    made = [literal(part) if part.isprintable() else f"char({', '.join(str(ord(c)) for c in part)})" for part in parts]
    return made[0] if len(made) == 1 else f"({' || '.join(made)})"


def unprefixed(text: str) -> str:
    """``N'abc'`` without its prefix."""
    return text[text.index("'") :]


def bits(text: str) -> str:
    """``B'1010'`` as a number."""
    return str(int(text[text.index("'") + 1 : -1] or "0", 2))


def undollared(text: str) -> str | None:
    """``$$it's$$`` as a plain literal."""
    tag = text[: text.index("$", 1) + 1]
    return _printable(text[len(tag) : -len(tag)])


def upper(text: str) -> str:
    return text.upper()


def array_items(text: str) -> str | None:
    """The items of PostgreSQL's array literal ``'{1,3,5}'``, as a list for IN."""
    body = content(text).strip()
    if not re.fullmatch(r"\{[^{}\"\\]*\}", body):
        return None
    items = [item.strip() for item in body[1:-1].split(",")]
    if items == [""]:
        return None
    return ", ".join(_item(item) for item in items)


def _item(item: str) -> str:
    if item.upper() == "NULL" or re.fullmatch(r"-?\d+(\.\d+)?", item):
        return item
    return literal(item)


def colon(text: str) -> str | None:
    """``%(name)s`` as ``:name``; None where the name is none for SQLite."""
    name = text[2 : text.index(")")]
    return f":{name}" if name.isidentifier() else None


def blob(text: str) -> str | None:
    """PostgreSQL's ``'\\xDEADBEEF'`` as ``X'DEADBEEF'``."""
    body = content(text)
    if not re.fullmatch(r"\\x(?:[0-9A-Fa-f]{2})*", body):
        return None
    return f"X'{body[2:]}'"


def less_one(text: str) -> str | None:
    """A place in a PostgreSQL array, from 1, as one in a JSON array, from 0."""
    return str(int(text) - 1) if text.isdigit() and int(text) else None
