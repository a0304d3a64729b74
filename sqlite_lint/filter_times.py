"""Filters for intervals, formats and fields of dates.

Each takes the source text of one metavariable; see ``filters``.
"""

from __future__ import annotations

import re
from typing import Final

from sqlite_lint.filter_literals import content, literal
from sqlite_lint.regex import regex

_UNIT: Final = {
    "second": "second", "sec": "second", "s": "second", "minute": "minute", "min": "minute", "m": "minute",
    "hour": "hour", "hr": "hour", "h": "hour", "day": "day", "d": "day", "week": "week", "w": "week",
    "month": "month", "mon": "month", "quarter": "quarter", "year": "year", "yr": "year", "y": "year",
    "decade": "decade",
}  # fmt: skip
_MULTIPLE: Final = {"week": (7, "day"), "quarter": (3, "month"), "decade": (10, "year")}
_QUANTITY: Final = regex(r"\s*(?P<number>[+-]?\d+(?:\.\d+)?)\s*(?P<unit>[A-Za-z]+?)s?(?=[\s\d+-]|\Z)")
_CLOCK: Final = regex(r"\s*(?P<sign>[+-]?)(?P<hours>\d{1,2}):(?P<minutes>\d\d)(?::(?P<seconds>\d\d(?:\.\d+)?))?\s*")
_ISO: Final = regex(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
QUOTE: Final = "'"
_SQL_INTERVAL: Final = regex(r"(?P<amount>'(?:[^']|'')*'|[0-9.]+|[?:@$%][\w()]*)(?:\s+(?P<unit>[A-Za-z]+))?", re.DOTALL)
_TO_CHAR: Final = (
    ("YYYY", "%Y"), ("MM", "%m"), ("DDD", "%j"), ("DD", "%d"), ("HH24", "%H"), ("MI", "%M"), ("SS", "%S"),
)  # fmt: skip
_MYSQL_FORMAT: Final = {
    "Y": "%Y", "m": "%m", "d": "%d", "H": "%H", "i": "%M", "s": "%S", "S": "%S", "j": "%j", "w": "%w", "T": "%H:%M:%S",
    "%": "%%",
}  # fmt: skip
_FIELDS: Final = {
    "year": "%Y", "month": "%m", "day": "%d", "hour": "%H", "minute": "%M", "dow": "%w", "doy": "%j", "epoch": "%s",
}  # fmt: skip


def plus(text: str) -> str | None:
    """An interval as modifiers of SQLite's date functions: ``'1 day 2 hours'``, ``7 DAY``, ``:n DAY``."""
    return _modifiers(text, 1)


def minus(text: str) -> str | None:
    return _modifiers(text, -1)


def units(text: str) -> str | None:
    """The unit of ``'1 day'`` behind a computed number: ``' days'``."""
    quantities = interval(content(text))
    if not quantities or len(quantities) > 1 or quantities[0][0] != 1:
        return None
    return f"' {quantities[0][1]}s'"


def _modifiers(text: str, sign: int) -> str | None:
    found = _SQL_INTERVAL.fullmatch(text)
    if found is None:
        return None
    amount, unit = found["amount"], found["unit"] or ""
    if amount[0] in "?:@$%":
        if _MULTIPLE.get(unit.lower()) or unit.lower() not in _UNIT:
            return None
        return f"'{'+' if sign > 0 else '-'}' || {amount} || ' {unit.lower()}s'"
    quantities = interval(f"{content(amount) if amount[0] == QUOTE else amount} {unit}".rstrip())
    if not quantities:
        return None
    modifiers = [f"{_signed(sign * number)} {name}{'' if abs(number) == 1 else 's'}" for number, name in quantities]
    return ", ".join(f"'{modifier}'" for modifier in modifiers)


def _signed(number: float) -> str:
    return f"{number:+g}" if abs(number) < 1e6 else f"{number:+.0f}"


def interval(text: str) -> list[tuple[float, str]] | None:
    """Read an interval (``1 day 02:00``, ``P7D``, ``2 weeks ago``) as numbers of SQLite's units; None if unclear."""
    iso = _ISO.fullmatch(text.strip())
    if iso and any(iso.groups()):
        units = ("year", "month", "week", "day", "hour", "minute", "second")
        return [_scaled(float(number), unit) for number, unit in zip(iso.groups(), units, strict=True) if number]
    text = text.strip().removeprefix("@").strip()
    sign = 1
    if text.lower().endswith(" ago"):
        sign, text = -1, text[:-4]
    quantities: list[tuple[float, str]] = []
    at = 0
    while at < len(text):
        clock = _CLOCK.match(text, at)
        found = clock or _QUANTITY.match(text, at)
        if found is None:
            return None
        if clock is not None:
            one = -1 if clock["sign"] == "-" else 1
            for part, unit in (("hours", "hour"), ("minutes", "minute"), ("seconds", "second")):
                if float(clock[part] or 0):
                    quantities.append((sign * one * float(clock[part]), unit))
        else:
            unit = _UNIT.get(found["unit"].lower(), "")
            if not unit:
                return None
            number, unit = _scaled(float(found["number"]), unit)
            quantities.append((sign * number, unit))
        at = found.end()
    return quantities


def _scaled(number: float, unit: str) -> tuple[float, str]:
    times, base = _MULTIPLE.get(unit, (1, unit))
    return number * times, base


def strftime(text: str) -> str | None:
    """A format of ``to_char`` as one of ``strftime``; only what every SQLite knows and spells alike."""
    out = []
    rest = content(text)
    while rest:
        for word, directive in _TO_CHAR:
            if rest.upper().startswith(word):
                out.append(directive)
                rest = rest[len(word) :]
                break
        else:
            if rest[0] == '"' and '"' in rest[1:]:
                quoted, _, rest = rest[1:].partition('"')
                out.append(quoted.replace("%", "%%"))
            elif rest[0].isalnum():
                return None
            else:
                out.append(rest[0].replace("%", "%%"))
                rest = rest[1:]
    return literal("".join(out))


def strftime_of_mysql(text: str) -> str | None:
    """A format of MySQL's ``DATE_FORMAT`` as one of ``strftime``."""
    out = []
    characters = iter(content(text))
    for character in characters:
        if character == "%":
            directive = _MYSQL_FORMAT.get(next(characters, ""))
            if directive is None:
                return None
            out.append(directive)
        else:
            out.append(character)
    return literal("".join(out))


def field(text: str) -> str | None:
    """A field of ``EXTRACT`` as a format of ``strftime`` that gives a whole number on every SQLite."""
    directive = _FIELDS.get(text.strip("'\"").lower())
    return literal(directive) if directive else None
