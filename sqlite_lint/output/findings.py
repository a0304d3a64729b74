"""What every form of output needs: the findings, and the texts in which they stand."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlite_lint.diagnostic import Diagnostic
from sqlite_lint.source import SourceError, read_source
from sqlite_lint.text import LineIndex, Position


class PlacedEdit(NamedTuple):
    """An edit in rows and columns, from 1."""

    content: str
    start: Position
    end: Position


class Findings:
    """Findings in order.

    ``texts`` holds the texts of files that are not to be read from disk (standard input, fixed ones); the others are
    read when a form shows the source.  ``unsafe`` tells that unsafe fixes are asked for; ``colour`` that the output is
    a terminal.
    """

    def __init__(
        self,
        diagnostics: Iterable[Diagnostic],
        texts: Mapping[str, str] | None = None,
        *,
        unsafe: bool = False,
        colour: bool = False,
    ) -> None:
        self.diagnostics = tuple(diagnostics)
        self.unsafe = unsafe
        self.colour = colour
        self._texts = dict(texts or {})
        self._lines: dict[str, LineIndex] = {}
        self._here = os.getcwd() + os.sep

    def text(self, path: str) -> str:
        """The text of a file; empty where it cannot be read."""
        known = self._texts.get(path)
        if known is None:
            try:
                known = read_source(path).text
            except SourceError:
                known = ""
            self._texts[path] = known
        return known

    def lines(self, path: str) -> LineIndex:
        known = self._lines.get(path)
        if known is None:
            known = self._lines[path] = LineIndex(self.text(path))
        return known

    def shown(self, path: str) -> str:
        """The path as people see it: from the current directory on, where it lies below."""
        return path[len(self._here) :] if path.startswith(self._here) else path

    def edits(self, found: Diagnostic) -> list[PlacedEdit]:
        """The edits of the finding's fix, in order."""
        if found.fix is None:
            return []
        lines = self.lines(found.path)
        return [
            PlacedEdit(text, lines.position(span.start), lines.position(span.end))
            for span, text in sorted(found.fix.edits)
        ]
