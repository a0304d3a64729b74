"""``sqlite-lint rule CODE`` and ``sqlite-lint rules``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from sqlite_lint import catalog
from sqlite_lint.cli import FAILED, OK
from sqlite_lint.config_file import nearest

if TYPE_CHECKING:
    from sqlite_lint.rule import Rule


def explain(code: str, output_format: str) -> int:
    """Print a rule's page."""
    try:
        rule = catalog.page(code)
    except KeyError:
        known = [name for each in catalog.rules() for name in (each.code, each.name)]
        close = nearest(code.upper(), known) or nearest(code.lower(), known)
        print(f"sqlite-lint: unknown rule {code!r}{close}", file=sys.stderr)
        return FAILED
    if output_format == "json":
        import json

        print(json.dumps({**_as_object(rule), "explanation": rule.body.strip()}, indent=2))
    else:
        print(rule.body.strip())
    return OK


def table(output_format: str) -> int:
    """Print all rules."""
    rules = catalog.rules()
    if output_format == "json":
        import json

        print(json.dumps([_as_object(rule) for rule in rules], indent=2))
        return OK
    width = max((len(rule.name) for rule in rules), default=0)
    for rule in rules:
        opt_in = "" if rule.default else " (opt-in)"
        print(f"{rule.code}  {rule.name.ljust(width)}  {rule.summary}{opt_in}")
    return OK


def _as_object(rule: Rule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "name": rule.name,
        "summary": rule.summary,
        "message": rule.message,
        "severity": rule.severity.value,
        "origin": rule.origin or None,
        "default": rule.default,
        "since": rule.since,
        "url": rule.url,
    }
