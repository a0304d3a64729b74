"""The forms in which findings are given: one module each, imported when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlite_lint.output.findings import Findings

FORMATS: Final = {
    "full": "full",
    "concise": "concise",
    "json": "json_format",
    "json-lines": "json_lines",
    "github": "github",
    "gitlab": "gitlab",
    "sarif": "sarif",
    "junit": "junit",
}
"""Name on the command line to module here; each has ``render(findings) -> Iterable[str]``, pieces of text."""

FOR_PEOPLE: Final = frozenset({"full", "concise"})
"""Forms that end with the line of counts; the others are read by programs."""


def render(name: str, findings: Findings) -> Iterator[str]:
    """The pieces of text that give ``findings`` in the form ``name``."""
    pieces: Iterable[str] = import_module(f"sqlite_lint.output.{FORMATS[name]}").render(findings)
    yield from pieces
