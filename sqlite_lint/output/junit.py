"""``junit``: a test suite for each file with findings, as CI servers read them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from sqlite_lint.output.findings import Findings
from sqlite_lint.regex import regex

_NOT_XML = regex("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(findings: Findings) -> Iterator[str]:
    total = len(findings.diagnostics)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites name="sqlite-lint" tests="{max(total, 1)}" failures="{total}" errors="0">\n'
    if not total:
        # Servers take a report without any test for a broken one.
        yield '  <testsuite name="sqlite-lint" tests="1" failures="0" errors="0">\n'
        yield '    <testcase name="no findings" classname="sqlite-lint"/>\n  </testsuite>\n'
    for path, group in groupby(findings.diagnostics, key=lambda found: found.path):
        several = list(group)
        shown = _attribute(findings.shown(path))
        count = len(several)
        yield f'  <testsuite name={shown} tests="{count}" failures="{count}" errors="0" package="sqlite-lint">\n'
        for found in several:
            row, column = found.start
            name = _attribute(f"{found.code} {found.name} ({row}:{column})")
            message = f"line {row}, column {column}: {found.message}"
            yield f'    <testcase name={name} classname={shown} line="{row}" column="{column}">\n'
            yield f"      <failure type={_attribute(found.severity.value)} message={_attribute(found.message)}>"
            yield f"{escape(_NOT_XML.sub('?', message))}</failure>\n    </testcase>\n"
        yield "  </testsuite>\n"
    yield "</testsuites>\n"


def _attribute(text: str) -> str:
    return quoteattr(_NOT_XML.sub("?", text))
