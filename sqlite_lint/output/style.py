"""Colours, marks, and text that is safe to print."""

from __future__ import annotations

import unicodedata
from typing import Final

from sqlite_lint.diagnostic import Diagnostic, Severity
from sqlite_lint.text import Applicability

_COLOURS: Final = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.HINT: "1;36"}


class Style:
    """Wraps text in colours of a terminal, or leaves it plain."""

    __slots__ = ("_on",)

    def __init__(self, on: bool) -> None:
        self._on = on

    def _paint(self, text: str, how: str) -> str:
        return f"\x1b[{how}m{text}\x1b[0m" if self._on and text else text

    def bold(self, text: str) -> str:
        return self._paint(text, "1")

    def frame(self, text: str) -> str:
        return self._paint(text, "1;34")

    def good(self, text: str) -> str:
        return self._paint(text, "36")

    def added(self, text: str) -> str:
        return self._paint(text, "32")

    def removed(self, text: str) -> str:
        return self._paint(text, "31")

    def faint(self, text: str) -> str:
        return self._paint(text, "2")

    def code(self, found: Diagnostic) -> str:
        return self._paint(found.code, _COLOURS[found.severity])

    def pointer(self, text: str, found: Diagnostic) -> str:
        return self._paint(text, _COLOURS[found.severity])


def fix_mark(found: Diagnostic, unsafe: bool) -> str:
    """``[*] `` before the message of a finding that this run's --fix would mend."""
    return "[*] " if is_fixable(found, unsafe) else ""


def is_fixable(found: Diagnostic, unsafe: bool) -> bool:
    least = Applicability.UNSAFE if unsafe else Applicability.SAFE
    return found.fix is not None and found.fix.applicability >= least


def visible(text: str) -> str:
    """The text with control characters spelt out: source must not steer the terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\t" else c.encode("unicode_escape").decode("ascii") for c in text)


def width(text: str) -> int:
    """How many cells of a terminal the text fills."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
