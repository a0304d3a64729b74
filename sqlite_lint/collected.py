"""What the linter has to say of one file, while it is being collected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlite_lint.diagnostic import Diagnostic, Severity
from sqlite_lint.report import StatementReport
from sqlite_lint.text import Fix, LineIndex, Span

if TYPE_CHECKING:
    from sqlite_lint.sql.witness import Verdict


class Collected:
    """Findings by code and place, and the statements with their verdicts, in order.

    ``replacements`` are as in ``Analysis``.
    """

    def __init__(self, path: str, lines: LineIndex) -> None:
        self._path = path
        self._lines = lines
        self.found: dict[tuple[str, Span], Diagnostic] = {}
        self.statements: list[StatementReport] = []
        self.verdicts: list[Verdict | None] = []
        self.replacements: dict[tuple[str, Span], tuple[tuple[Span, str], ...]] = {}

    def list(
        self, sql: str, offset: int, sink: str, driver: str, state: str, reason: str, verdict: Verdict | None
    ) -> None:
        """Note a statement that begins at this character of the file, from 0."""
        row, column = self._lines.position(offset)
        self.statements.append(StatementReport(sql, row, column, sink, driver, state, reason))
        self.verdicts.append(verdict)

    def add(
        self,
        *,
        code: str,
        name: str,
        message: str,
        span: Span,
        noqa_row: int | None,
        severity: Severity,
        fix: Fix | None,
        fix_withheld: str | None,
        help: str,
        url: str,
    ) -> bool:
        """Add a finding; False where the same one is known already, and this one mends no more."""
        if not self._adds((code, span), fix):
            return False
        end = self._lines.position(span.end)
        self.found[code, span] = Diagnostic(
            code=code,
            name=name,
            message=message,
            path=self._path,
            span=span,
            start=self._lines.position(span.start),
            end=end,
            noqa_row=noqa_row or end.row,
            severity=severity,
            fix=fix,
            fix_withheld=fix_withheld,
            help=help,
            url=url,
        )
        return True

    def take_over(self, other: Collected) -> None:
        """Add what was collected of later uses of the same file, by the rule of ``add``."""
        for key, diagnostic in other.found.items():
            if self._adds(key, diagnostic.fix):
                self.found[key] = diagnostic
                if key in other.replacements:
                    self.replacements[key] = other.replacements[key]
        self.statements += other.statements
        self.verdicts += other.verdicts

    def _adds(self, key: tuple[str, Span], fix: Fix | None) -> bool:
        known = self.found.get(key)
        return known is None or (known.fix is None and fix is not None)

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_lines": None}  # whoever takes it over has the text
