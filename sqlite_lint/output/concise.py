"""``concise``: one line a finding, as editors and grep read it."""

from __future__ import annotations

from collections.abc import Iterator

from sqlite_lint.output.findings import Findings
from sqlite_lint.output.style import Style, fix_mark, visible


def render(findings: Findings) -> Iterator[str]:
    style = Style(findings.colour)
    for found in findings.diagnostics:
        place = f"{visible(findings.shown(found.path))}:{found.start.row}:{found.start.column}"
        mark = fix_mark(found, findings.unsafe)
        yield f"{style.bold(place)}: {style.code(found)} {style.good(mark)}{visible(found.message)}\n"
