"""What the methods of strings do to a text whose places in the source are known."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Final

from sqlite_lint.hosts.alternative import Alternative
from sqlite_lint.hosts.sqltext import SqlText
from sqlite_lint.text import Span

STRIPS: Final = {"strip": (True, True), "lstrip": (True, False), "rstrip": (False, True)}


def number(bound: ast.expr | None) -> int | str | None:
    if bound is None:
        return None
    negative = isinstance(bound, ast.UnaryOp) and isinstance(bound.op, ast.USub)
    inner = bound.operand if isinstance(bound, ast.UnaryOp) and negative else bound
    if isinstance(inner, ast.Constant) and isinstance(inner.value, int):
        return -inner.value if negative else inner.value
    return "unknown"


def stripped(text: Alternative, method: str, call: ast.Call) -> Alternative:
    """The text without white space, or the given characters, at its ends."""
    characters: str | None = None
    if call.args:
        if not (isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)):
            return text
        characters = call.args[0].value
    whole = text.text
    left, right = STRIPS[method]
    start = len(whole.text) - len(whole.text.lstrip(characters)) if left else 0
    end = len(whole.text.rstrip(characters)) if right else len(whole.text)
    if (start, end) == (0, len(whole.text)):
        return text
    return text.mapped(whole.cut(Span(start, max(start, end))))


def replaced(text: Alternative, old: str, new: Alternative) -> Alternative:
    whole = text.text
    changes: list[tuple[Span, SqlText | None]] = []
    at = whole.text.find(old)
    while at >= 0:
        changes.append((Span(at, at + len(old)), new.text))
        at = whole.text.find(old, at + len(old))
    if not changes:
        return text
    origins = tuple(dict.fromkeys((*text.origins, *new.origins)))
    return replace(text.mapped(whole.substitute(changes)), origins=origins)
