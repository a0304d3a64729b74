"""Positions in a text and edits of it.

All offsets count characters from 0; all rows and columns, which people read, count from 1.
"""

from __future__ import annotations

import enum
from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple


class Span(NamedTuple):
    """A half-open range of character offsets, from 0: ``text[start:end]``."""

    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        """Tell whether both share a character; two empty spans at one place share it as well."""
        if self == other:
            return True
        return self.start < other.end and other.start < self.end

    def shift(self, by: int) -> Span:
        return Span(self.start + by, self.end + by)


class Position(NamedTuple):
    """A place as editors show it: row and column, in characters, from 1."""

    row: int
    column: int


class Edit(NamedTuple):
    """Replace the text at ``span`` by ``text``; an empty span inserts."""

    span: Span
    text: str


class Applicability(enum.IntEnum):
    """How far a fix may be trusted, in ruff's words and order."""

    DISPLAY = 0
    UNSAFE = 1
    SAFE = 2


class Fix(NamedTuple):
    """One change that mends a finding: all of its edits are made, or none.

    ``script`` marks one that adds or removes whole statements of SQL, as only a script allows.
    """

    title: str
    edits: tuple[Edit, ...]
    applicability: Applicability
    script: bool = False


class LineIndex:
    """Translates character offsets of one text into rows and columns.

    Lines end at ``\\n``, ``\\r\\n`` and a lone ``\\r``, as Python's and SQLite's readers see them.
    """

    __slots__ = ("_starts", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        starts = [0]
        if "\r" in text:
            at = 0
            for line in text.replace("\r\n", "\n\n").replace("\r", "\n").split("\n"):
                at += len(line) + 1
                starts.append(at)
            # "\r\n" became two line ends, so that offsets hold; the empty line between them is none.
            starts = [s for s in starts if not (0 < s < len(text) and text[s - 1] == "\r" and text[s] == "\n")]
            starts = [s for s in starts if s <= len(text)]
        else:
            find = text.find
            at = find("\n") + 1
            while at:
                starts.append(at)
                at = find("\n", at) + 1
        self._starts = starts

    def position(self, offset: int) -> Position:
        """Row and column, from 1, of the character at ``offset``."""
        row = bisect_right(self._starts, offset)
        return Position(row, offset - self._starts[row - 1] + 1)

    def offset(self, row: int, column: int = 1) -> int:
        """Offset of a row and column, both from 1."""
        return self._starts[row - 1] + column - 1

    def line_start(self, row: int) -> int:
        return self._starts[row - 1]

    def line(self, row: int) -> str:
        """The text of ``row`` (from 1) without its line end."""
        start = self._starts[row - 1]
        end = self._starts[row] if row < len(self._starts) else len(self._text)
        return self._text[start:end].rstrip("\r\n")

    @property
    def rows(self) -> int:
        """How many rows the text has; a final line end begins no new row."""
        rows = len(self._starts)
        return rows - 1 if rows > 1 and self._starts[-1] == len(self._text) else rows


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return ``text`` with all ``edits`` made; their spans are offsets into the original text.

    Raises ValueError where two of them overlap.
    """
    parts: list[str] = []
    at = 0
    for span, replacement in sorted(edits):
        if span.start < at:
            raise ValueError(f"edits overlap at offset {span.start}")
        parts += (text[at : span.start], replacement)
        at = span.end
    parts.append(text[at:])
    return "".join(parts)
