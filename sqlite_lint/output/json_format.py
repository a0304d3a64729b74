"""``json``: one array, in the shape of ruff's JSON output."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

from sqlite_lint.diagnostic import Diagnostic
from sqlite_lint.output.findings import Findings
from sqlite_lint.text import Position


def render(findings: Findings) -> Iterator[str]:
    if not findings.diagnostics:
        yield "[]\n"
        return
    yield json.dumps([as_object(found, findings) for found in findings.diagnostics], indent=2) + "\n"


def as_object(found: Diagnostic, findings: Findings) -> dict[str, Any]:
    """A finding as ruff gives it: rows and columns from 1, columns in characters."""
    fix = None
    if found.fix is not None:
        fix = {
            "applicability": found.fix.applicability.name.lower(),
            "message": found.fix.title,
            "edits": [
                {"content": edit.content, "location": _place(edit.start), "end_location": _place(edit.end)}
                for edit in findings.edits(found)
            ],
        }
    return {
        "code": found.code,
        "name": found.name,
        "message": found.message,
        "filename": os.path.abspath(found.path),
        "location": _place(found.start),
        "end_location": _place(found.end),
        "fix": fix,
        "noqa_row": found.noqa_row,
        "severity": found.severity.value,
        "url": found.url or None,
    }


def _place(position: Position) -> dict[str, int]:
    return {"row": position.row, "column": position.column}
