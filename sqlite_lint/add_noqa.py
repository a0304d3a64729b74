"""Writes the comments that silence the findings a project lives with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from sqlite_lint.comments import python_layout
from sqlite_lint.diagnostic import Diagnostic
from sqlite_lint.regex import regex
from sqlite_lint.text import Edit, LineIndex, Span, apply_edits

_NEVER: Final = frozenset({"SQL001", "SQL003"})
_CODES: Final = regex(r"(?:#|--)\s*noqa\s?:\s*[A-Za-z]+[0-9]+(?:[,\s]+[A-Za-z]+[0-9]+)*", re.IGNORECASE)


def with_noqa(text: str, path: str, diagnostics: Iterable[Diagnostic]) -> str:
    """The text with ``# noqa: CODE`` (in .sql files ``-- noqa: CODE``) behind each finding.

    A row that ends inside a string or a block comment of SQL cannot take a comment: it stays as it is.
    """
    lines = LineIndex(text)
    sql = path.lower().endswith(".sql")
    layout = None if sql else python_layout(text, lines)
    by_row: dict[int, set[str]] = {}
    for found in diagnostics:
        if found.code not in _NEVER:
            row = found.noqa_row if layout is None else layout.last_row(found.noqa_row)
            by_row.setdefault(row, set()).add(found.code)
    edits = [_edit(text, lines, row, codes, "--" if sql else "#") for row, codes in by_row.items()]
    inside = _spans_over_rows(text) if sql else []
    return apply_edits(text, [e for e in edits if not any(s.start < e.span.start < s.end for s in inside)])


def _edit(text: str, lines: LineIndex, row: int, codes: set[str], mark: str) -> Edit:
    start = lines.line_start(row)
    line = lines.line(row)
    known = _CODES.search(line)
    listed = ", ".join(sorted(codes))
    if known is not None:
        return Edit(Span(start + known.end(), start + known.end()), f", {listed}")
    end = start + len(line.rstrip())
    return Edit(Span(end, start + len(line)), f"  {mark} noqa: {listed}")


def _spans_over_rows(sql: str) -> list[Span]:
    from sqlite_lint.sql.tokens import tokenize

    return [Span(token.start, token.end) for token in tokenize(sql) if "\n" in token.text]
