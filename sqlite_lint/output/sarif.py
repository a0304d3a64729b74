"""``sarif``: SARIF 2.1.0, as code scanning reads it.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from sqlite_lint import __version__
from sqlite_lint.diagnostic import Diagnostic, Severity
from sqlite_lint.output.findings import Findings
from sqlite_lint.text import Position

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.HINT: "note"}
_HOME = "https://github.com/sqlite-lint/sqlite-lint"


def render(findings: Findings) -> Iterator[str]:
    codes = sorted({found.code for found in findings.diagnostics})
    index = {code: at for at, code in enumerate(codes)}
    driver = {
        "name": "sqlite-lint",
        "version": __version__,
        "informationUri": _HOME,
        "rules": [_rule(code) for code in codes],
    }
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(found, index[found.code], findings) for found in findings.diagnostics],
            }
        ],
    }
    yield json.dumps(log, indent=2) + "\n"


def _rule(code: str) -> dict[str, Any]:
    from sqlite_lint import catalog

    rule = catalog.page(code)
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "help": {"text": rule.body.strip() or rule.summary, "markdown": rule.body.strip() or rule.summary},
        "helpUri": rule.url,
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(found: Diagnostic, index: int, findings: Findings) -> dict[str, Any]:
    place = {"uri": _uri(found.path)}
    result: dict[str, Any] = {
        "ruleId": found.code,
        "ruleIndex": index,
        "level": _LEVELS[found.severity],
        "message": {"text": found.message},
        "locations": [{"physicalLocation": {"artifactLocation": place, "region": _region(found.start, found.end)}}],
    }
    if found.fix is not None:
        replacements = [
            {"deletedRegion": _region(edit.start, edit.end), "insertedContent": {"text": edit.content}}
            for edit in findings.edits(found)
        ]
        result["fixes"] = [
            {
                "description": {"text": found.fix.title},
                "artifactChanges": [{"artifactLocation": place, "replacements": replacements}],
            }
        ]
    return result


def _region(start: Position, end: Position) -> dict[str, int]:
    return {"startLine": start.row, "startColumn": start.column, "endLine": end.row, "endColumn": end.column}


def _uri(path: str) -> str:
    absolute = os.path.abspath(path).replace(os.sep, "/")
    return "file://" + quote(os.fsencode(absolute if absolute.startswith("/") else "/" + absolute))
