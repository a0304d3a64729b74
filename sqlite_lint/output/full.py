"""``full``: each finding with its source, carets, the reason, the fix and the rule's page."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Final

from sqlite_lint.diagnostic import Diagnostic
from sqlite_lint.output.findings import Findings
from sqlite_lint.output.style import Style, fix_mark, visible, width
from sqlite_lint.regex import regex
from sqlite_lint.text import Applicability, LineIndex, apply_edits

CONTEXT: Final = 2
"""Rows shown before and after a finding."""

MAX_ROWS: Final = 12
"""A finding of more rows is shown by its first and its last ones."""

_LINE_ENDS: Final = regex("\r\n?|\n")

MAX_WIDTH: Final = 200
"""A longer row is cut around the finding."""


def render(findings: Findings) -> Iterator[str]:
    style = Style(findings.colour)
    for found in findings.diagnostics:
        yield from _one(found, findings, style)
        yield "\n"


def _one(found: Diagnostic, findings: Findings, style: Style) -> Iterator[str]:
    mark = style.good(fix_mark(found, findings.unsafe))
    yield f"{style.code(found)} {mark}{style.bold(visible(found.message))}\n"
    lines = findings.lines(found.path)
    margin = len(str(min(found.end.row + CONTEXT, max(lines.rows, 1))))
    arrow = style.frame(" " * margin + "-->")
    yield f"{arrow} {visible(findings.shown(found.path))}:{found.start.row}:{found.start.column}\n"
    if findings.text(found.path):
        yield from _snippet(found, lines, margin, style)
    yield from _notes(found, findings, margin, style)


def _snippet(found: Diagnostic, lines: LineIndex, margin: int, style: Style) -> Iterator[str]:
    bar = style.frame("|")
    gutter = " " * margin
    yield f"{gutter} {bar}\n"
    first, last = found.start.row, min(found.end.row, lines.rows)
    if last > first and found.end.column == 1:
        last -= 1  # the end is exclusive: nothing of that row belongs to the finding
    skipped = False
    for row in range(max(first - CONTEXT, 1), min(last + CONTEXT, lines.rows) + 1):
        if last - first >= MAX_ROWS and first + MAX_ROWS // 2 <= row <= last - MAX_ROWS // 2:
            if not skipped:
                yield f"{style.frame('...'.rjust(margin))} {bar}\n"
                skipped = True
            continue
        line = lines.line(row)
        start = found.start.column - 1 if row == first else len(line) - len(line.lstrip())
        end = found.end.column - 1 if row == found.end.row else len(line)
        inside = first <= row <= last
        text, start, end = _window(line, start, end) if inside else _window(line, 0, 0)
        yield f"{style.frame(str(row).rjust(margin))} {bar} {visible(text).expandtabs(4)}".rstrip() + "\n"
        if inside and text.strip():
            before = width(visible(text[:start]).expandtabs(4))
            carets = "^" * max(width(visible(text[:end]).expandtabs(4)) - before, 1)
            yield f"{gutter} {bar} {' ' * before}{style.pointer(carets, found)}\n"
    yield f"{gutter} {bar}\n"


def _window(line: str, start: int, end: int) -> tuple[str, int, int]:
    """A long line cut to the part around ``start`` to ``end``, and where they are in it."""
    if len(line) <= MAX_WIDTH:
        return line, start, end
    end = min(end, start + MAX_WIDTH - 20)
    left = max(0, min(start - 40, len(line) - MAX_WIDTH))
    right = left + MAX_WIDTH
    head, tail = ("..." if left else ""), ("..." if right < len(line) else "")
    shift = len(head) - left
    return head + line[left:right] + tail, start + shift, min(end, right) + shift


def _notes(found: Diagnostic, findings: Findings, margin: int, style: Style) -> Iterator[str]:
    equals = style.frame(" " * margin + " =")
    if found.help and found.help != found.message:
        yield f"{equals} {style.bold('why')}: {visible(found.help)}\n"
    if found.fix is not None:
        kinds = {Applicability.UNSAFE: " (unsafe)", Applicability.DISPLAY: " (to be done by hand)"}
        yield f"{equals} {style.bold('fix')}: {visible(found.fix.title)}{kinds.get(found.fix.applicability, '')}\n"
        yield from _change(found, findings, margin, style)
    elif found.fix_withheld:
        yield f"{equals} {style.bold('no fix')}: {visible(found.fix_withheld)}\n"
    if found.url:
        yield f"{equals} {style.bold('rule')}: {style.faint(found.url)}\n"


def _change(found: Diagnostic, findings: Findings, margin: int, style: Style) -> Iterator[str]:
    """The rows that the fix changes, before and after."""
    if found.fix is None:
        return
    lines = findings.lines(found.path)
    first = lines.position(min(edit.span.start for edit in found.fix.edits)).row
    last = lines.position(max(edit.span.end for edit in found.fix.edits)).row
    start = lines.line_start(first)
    end = lines.line_start(last) + len(lines.line(last))
    old = findings.text(found.path)[start:end]
    edits = [edit._replace(span=edit.span.shift(-start)) for edit in found.fix.edits]
    try:
        new = apply_edits(old, edits)
    except ValueError:
        return
    if max(len(old), len(new)) > 20 * MAX_WIDTH:
        return
    gutter = " " * margin
    for sign, line in _differences(_LINE_ENDS.split(old), _LINE_ENDS.split(new)):
        text = f"{sign} {visible(_window(line, 0, 0)[0]).expandtabs(4)}"
        yield f"{gutter} {style.frame('|')} {(style.removed if sign == '-' else style.added)(text)}\n"


def _differences(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    """The rows that only one side has, each with its sign."""
    for _, start, end, new_start, new_end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if old[start:end] != new[new_start:new_end]:
            yield from (("-", line) for line in old[start:end])
            yield from (("+", line) for line in new[new_start:new_end])
