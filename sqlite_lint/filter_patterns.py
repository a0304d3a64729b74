"""Filters for patterns of text and for paths and elements of JSON.

Each takes the source text of one metavariable; see ``filters``.
"""

from __future__ import annotations

import re
from typing import Final

from sqlite_lint.filter_literals import content, literal
from sqlite_lint.regex import regex

_PLAIN: Final = r"[\w @/,:;#&!=<>~-]+"  # characters without a meaning in any kind of pattern
_EXPRESSION: Final = regex(rf"'(?P<start>\^?)(?P<text>{_PLAIN})(?P<end>\$?)'")
_CLASS: Final = regex(r"'\^\[(?P<negated>\^?)(?P<class>[\w-]+)\]\+\$'")


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
