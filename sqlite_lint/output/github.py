"""``github``: annotations of GitHub's workflow commands.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlite_lint.diagnostic import Severity
from sqlite_lint.output.findings import Findings

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.HINT: "notice"}


def render(findings: Findings) -> Iterator[str]:
    for found in findings.diagnostics:
        shown = findings.shown(found.path)
        (row, column), (end_row, end_column) = found.start, found.end
        places = f"line={row},col={column},endLine={end_row},endColumn={end_column}"
        title = _property(f"sqlite-lint ({found.code})")
        text = _data(f"{shown}:{row}:{column}: {found.code} {found.message}")
        yield f"::{_COMMANDS[found.severity]} title={title},file={_property(shown)},{places}::{text}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
