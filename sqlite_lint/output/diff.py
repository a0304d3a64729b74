"""``--diff``: what --fix would change, as a unified diff that ``patch`` and ``git apply`` take."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from sqlite_lint.output.findings import Findings
from sqlite_lint.output.style import Style
from sqlite_lint.runner import Outcome


def unified(outcome: Outcome, findings: Findings) -> Iterator[str]:
    """The lines of the diff of one file."""
    style = Style(findings.colour)
    shown = findings.shown(outcome.path)
    before = _lines(outcome.before or "")
    after = _lines(outcome.after or "")
    for line in difflib.unified_diff(before, after, shown, shown):
        paint = {"+": style.added, "-": style.removed, "@": style.frame}.get(line[:1], str)
        text, end = (line[:-1], "\n") if line.endswith("\n") else (line, "\n\\ No newline at end of file\n")
        yield paint(text) + end


def _lines(text: str) -> list[str]:
    """Lines as patch sees them: only a line feed ends one."""
    return [line + "\n" for line in text.split("\n")[:-1]] + ([tail] if (tail := text.rpartition("\n")[2]) else [])
