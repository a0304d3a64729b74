"""``json-lines``: the objects of ``json``, one a line."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlite_lint.output.findings import Findings
from sqlite_lint.output.json_format import as_object


def render(findings: Findings) -> Iterator[str]:
    for found in findings.diagnostics:
        yield json.dumps(as_object(found, findings), separators=(",", ":")) + "\n"
