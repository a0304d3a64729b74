"""What the linter says of one place."""

from __future__ import annotations

import enum
from typing import NamedTuple

from sqlite_lint.text import Fix, Position, Span


class Severity(enum.Enum):
    """error: SQLite refuses it or rows are silently wrong; warning: it depends; hint: advice, opt-in."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


class Diagnostic(NamedTuple):
    """One finding, in the coordinates of the file in which it stands.

    ``span`` counts characters from 0, ``start`` and ``end`` rows and columns from 1 (``end`` is exclusive).
    ``noqa_row`` is the row, from 1, on which a ``# noqa`` comment silences it.  ``fix_withheld`` says why a rule that
    has a fix offers none here.
    """

    code: str
    name: str
    message: str
    path: str
    span: Span
    start: Position
    end: Position
    noqa_row: int
    severity: Severity = Severity.ERROR
    fix: Fix | None = None
    fix_withheld: str | None = None
    help: str = ""
    url: str = ""

    @property
    def sort_key(self) -> tuple[Span, str]:
        return self.span, self.code
