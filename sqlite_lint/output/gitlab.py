"""``gitlab``: a report of GitLab's code quality.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256

from sqlite_lint.diagnostic import Severity
from sqlite_lint.output.findings import Findings

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.HINT: "info"}


def render(findings: Findings) -> Iterator[str]:
    seen: Counter[tuple[str, str, str]] = Counter()
    issues = []
    for found in findings.diagnostics:
        shown = findings.shown(found.path)
        # Not the row: a finding that moves because of lines above it stays the same finding.
        identity = (shown, found.code, found.message)
        seen[identity] += 1
        fingerprint = sha256("\0".join((*identity, str(seen[identity]))).encode("utf-8", "surrogateescape"))
        issues.append(
            {
                "check_name": found.code,
                "description": f"{found.code}: {found.message}",
                "severity": _SEVERITIES[found.severity],
                "fingerprint": fingerprint.hexdigest()[:32],
                "location": {
                    "path": shown,
                    "positions": {
                        "begin": {"line": found.start.row, "column": found.start.column},
                        "end": {"line": found.end.row, "column": found.end.column},
                    },
                },
            }
        )
    yield json.dumps(issues, indent=2) + "\n"
