"""Filters of fix templates: ``$s:minus`` is what the filter ``minus`` makes of the text that ``$s`` stands for.

Each takes the source text of one metavariable and gives the text for the fix, or None where it cannot say it: then the
pattern is tried with the next entry of the rule's page.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_ESCAPES: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_ESCAPE: Final = re.compile(
    r"\\(?:(?P<octal>[0-7]{1,3})|x(?P<hex>[0-9A-Fa-f]{1,2})|u(?P<u4>[0-9A-Fa-f]{4})|U(?P<u8>[0-9A-Fa-f]{8})|(?P<one>.))",
    re.DOTALL,
)
_UNICODE: Final = re.compile(r"\\(?:(?P<u4>[0-9A-Fa-f]{4})|\+(?P<u6>[0-9A-Fa-f]{6})|(?P<one>\\))")
_UNIT: Final = {
    "second": "second", "sec": "second", "s": "second", "minute": "minute", "min": "minute", "m": "minute",
    "hour": "hour", "hr": "hour", "h": "hour", "day": "day", "d": "day", "week": "week", "w": "week",
    "month": "month", "mon": "month", "quarter": "quarter", "year": "year", "yr": "year", "y": "year",
    "decade": "decade",
}  # fmt: skip
_MULTIPLE: Final = {"week": (7, "day"), "quarter": (3, "month"), "decade": (10, "year")}
_QUANTITY: Final = re.compile(r"\s*(?P<number>[+-]?\d+(?:\.\d+)?)\s*(?P<unit>[A-Za-z]+?)s?(?=[\s\d+-]|\Z)")
_CLOCK: Final = re.compile(
    r"\s*(?P<sign>[+-]?)(?P<hours>\d{1,2}):(?P<minutes>\d\d)(?::(?P<seconds>\d\d(?:\.\d+)?))?\s*"
)
_ISO: Final = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
QUOTE: Final = "'"
_SQL_INTERVAL: Final = re.compile(
    r"(?P<amount>'(?:[^']|'')*'|[0-9.]+|[?:@$%][\w()]*)(?:\s+(?P<unit>[A-Za-z]+))?", re.DOTALL
)
_TO_CHAR: Final = (
    ("YYYY", "%Y"), ("MM", "%m"), ("DDD", "%j"), ("DD", "%d"), ("HH24", "%H"), ("MI", "%M"), ("SS", "%S"),
)  # fmt: skip
_MYSQL_FORMAT: Final = {
    "Y": "%Y", "m": "%m", "d": "%d", "H": "%H", "i": "%M", "s": "%S", "S": "%S", "j": "%j", "w": "%w", "T": "%H:%M:%S",
    "%": "%%",
}  # fmt: skip


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


def colon(text: str) -> str | None:
    """``%(name)s`` as ``:name``; None where the name is none for SQLite."""
    name = text[2 : text.index(")")]
    return f":{name}" if name.isidentifier() else None


_FIELDS: Final = {
    "year": "%Y", "month": "%m", "day": "%d", "hour": "%H", "minute": "%M", "dow": "%w", "doy": "%j", "epoch": "%s",
}  # fmt: skip


def field(text: str) -> str | None:
    """A field of ``EXTRACT`` as a format of ``strftime`` that gives a whole number on every SQLite."""
    directive = _FIELDS.get(text.strip("'\"").lower())
    return literal(directive) if directive else None


def json_path(text: str) -> str | None:
    """PostgreSQL's path ``'{items,0,sku}'`` as SQLite's ``'$.items[0].sku'``."""
    body = content(text)
    if not re.fullmatch(r"\{[\w ,-]+\}", body):
        return None
    return literal("$" + "".join(_step(step.strip()) for step in body[1:-1].split(",")))


def key(text: str) -> str | None:
    """A key of a JSON object as a step of a path, for use inside a literal: ``.dims``."""
    if not re.fullmatch(r"'[\w -]+'", text):
        return None
    return _step(content(text))


def _step(name: str) -> str:
    if name.isdigit():
        return f"[{name}]"
    return f".{name}" if re.fullmatch(r"[A-Za-z_]\w*", name) else f'."{name}"'


_PLAIN: Final = r"[\w @/,:;#&!=<>~-]+"  # characters without a meaning in any kind of pattern
_EXPRESSION: Final = re.compile(rf"'(?P<start>\^?)(?P<text>{_PLAIN})(?P<end>\$?)'")
_CLASS: Final = re.compile(r"'\^\[(?P<negated>\^?)(?P<class>[\w-]+)\]\+\$'")


def glob(text: str) -> str | None:
    """A regular expression without operators as a pattern of GLOB: ``'^SKU-'`` as ``'SKU-*'``."""
    found = _EXPRESSION.fullmatch(text)
    if found is None:
        return None
    return f"'{'' if found['start'] else '*'}{found['text']}{'' if found['end'] else '*'}'"


def like(text: str) -> str | None:
    """A regular expression without operators as a pattern of LIKE."""
    found = _EXPRESSION.fullmatch(text)
    if found is None or "_" in text or not text.isascii():
        return None
    return f"'{'' if found['start'] else '%'}{found['text']}{'' if found['end'] else '%'}'"


def outside(text: str) -> str | None:
    """``'^[0-9]+$'`` as the pattern of GLOB for what holds another character: ``'*[^0-9]*'``."""
    found = _CLASS.fullmatch(text)
    if found is None:
        return None
    return f"'*[{'' if found['negated'] else '^'}{found['class']}]*'"


def similar(text: str) -> str | None:
    """A pattern of SIMILAR TO that has no operators but ``%`` and ``_`` as one of GLOB."""
    if not re.fullmatch(r"'[\w @/,:;#&!=<>~%-]*'", text):
        return None
    return text.replace("%", "*").replace("_", "?")


def less_one(text: str) -> str | None:
    """A place in a PostgreSQL array, from 1, as one in a JSON array, from 0."""
    return str(int(text) - 1) if text.isdigit() and int(text) else None


def contained(text: str) -> str | None:
    """``'{"color": "red"}'``, looked for by ``@>``, as the comparison of one element: ``->> 'color' = 'red'``."""
    import json

    try:
        value = json.loads(content(text))
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or len(value) != 1:
        return None
    name, element = next(iter(value.items()))
    if not re.fullmatch(r"\w+", name) or name.isdigit():
        return None
    if isinstance(element, str):
        return f"->> '{name}' = {literal(element)}"
    if isinstance(element, (bool, int)):
        return f"-> '{name}' = '{json.dumps(element)}'"
    return None


def blob(text: str) -> str | None:
    """PostgreSQL's ``'\\xDEADBEEF'`` as ``X'DEADBEEF'``."""
    body = content(text)
    if not re.fullmatch(r"\\x(?:[0-9A-Fa-f]{2})*", body):
        return None
    return f"X'{body[2:]}'"


FILTERS: Final[dict[str, Callable[[str], str | None]]] = {
    function.__name__: function
    for function in (
        unescape, unicode_escapes, unprefixed, bits, undollared, upper, array_items, plus, minus, units, strftime,
        strftime_of_mysql, blob, colon, field, json_path, key, glob, like, outside, similar, less_one,
        contained,
    )
}  # fmt: skip
