"""Choose fixes, apply them, verify, and repeat until nothing changes."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlite_lint.linter import analyse
from sqlite_lint.report import Analysis, FileReport
from sqlite_lint.text import Applicability, Edit, Span, apply_edits

if TYPE_CHECKING:
    from sqlite_lint.config import Config
    from sqlite_lint.diagnostic import Diagnostic
    from sqlite_lint.hosts.model import SqlUse
    from sqlite_lint.project import Project
    from sqlite_lint.sql.witness import Verdict

MAX_ROUNDS: Final = 10
"""Fixes that uncover others are applied in rounds; a source that needs more is left where it stands."""


@dataclass(frozen=True, slots=True)
class FixResult:
    """A fixed text, the findings that were mended (in the coordinates of their round), and what is left."""

    text: str
    applied: tuple[Diagnostic, ...]
    remaining: FileReport


def fix_source(
    text: str, path: str, config: Config, project: Project | None = None, *, unsafe: bool = False
) -> FixResult:
    """Mend what can be mended in one source text.

    Every round's fixes are verified together; where the whole does not hold, each is tried alone, and what fails is
    withheld with the reason.  Nothing is raised: at worst the text comes back as it was.
    """
    least = Applicability.UNSAFE if unsafe else Applicability.SAFE
    state = _State(text, path, config, project, analyse(text, path, config, project))
    applied: list[Diagnostic] = []
    withheld: dict[tuple[str, str], str] = {}
    seen = {text}
    for _ in range(MAX_ROUNDS):
        wanted = [
            d
            for d in state.analysis.report.diagnostics
            if d.fix is not None and d.fix.applicability >= least and state.identity(d) not in withheld
        ]
        if not wanted:
            break
        after, mended, refused = state.apply(select(wanted))
        withheld.update({state.identity(d): reason for d, reason in refused})
        if after is not None:
            if after.text in seen:
                break
            applied += mended
            state = after
            seen.add(state.text)
    return FixResult(state.text, tuple(applied), _explained(state, withheld))


def select(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Choose findings whose edits do not touch each other, in the order of their first edit.

    What is left out waits for the next round, in which the text is linted again.
    """
    chosen: list[Diagnostic] = []
    taken: list[Span] = []
    for diagnostic in sorted(diagnostics, key=_first_edit):
        spans = [edit.span for edit in _edits(diagnostic)]
        if any(_touches(taken, span) for span in spans):
            continue
        chosen.append(diagnostic)
        for span in spans:
            insort(taken, span)
    return chosen


def _edits(diagnostic: Diagnostic) -> tuple[Edit, ...]:
    return diagnostic.fix.edits if diagnostic.fix is not None else ()


def _first_edit(diagnostic: Diagnostic) -> tuple[Edit, str]:
    return min(_edits(diagnostic)), diagnostic.code


def _touches(taken: list[Span], span: Span) -> bool:
    """Tell whether ``span`` shares a character or a border with one of the sorted, disjoint spans ``taken``."""
    at = bisect_left(taken, span)
    return any(other.start <= span.end and span.start <= other.end for other in taken[max(at - 1, 0) : at + 1])


def _explained(state: _State, withheld: dict[tuple[str, str], str]) -> FileReport:
    """The last report, in which fixes that failed are replaced by the reason."""
    report = state.analysis.report
    diagnostics = (
        d._replace(fix=None, fix_withheld=withheld[state.identity(d)]) if state.identity(d) in withheld else d
        for d in report.diagnostics
    )
    return report._replace(diagnostics=tuple(diagnostics))


@dataclass(frozen=True, slots=True)
class _State:
    """A text between two rounds."""

    text: str
    path: str
    config: Config
    project: Project | None
    analysis: Analysis

    def identity(self, diagnostic: Diagnostic) -> tuple[str, str]:
        """What tells a finding from others when offsets have moved: its code, text and surroundings."""
        start, end = diagnostic.span
        return diagnostic.code, self.text[max(start - 60, 0) : end + 60]

    def apply(self, chosen: list[Diagnostic]) -> tuple[_State | None, list[Diagnostic], list[tuple[Diagnostic, str]]]:
        """The state with those of the chosen findings mended that can be together, these, and why others cannot."""
        after, reason = self.attempt(chosen)
        if after is not None:
            return after, chosen, []
        if len(chosen) == 1:
            return None, [], [(chosen[0], reason)]
        middle = len(chosen) // 2
        left_state, left, refused_left = self.apply(chosen[:middle])
        right_state, right, refused_right = self.apply(chosen[middle:])
        refused = [*refused_left, *refused_right]
        if left_state is None or right_state is None:
            return left_state or right_state, left or right, refused
        both, _ = self.attempt([*left, *right])
        if both is None:
            return left_state, left, refused  # the others get their turn in the next round
        return both, [*left, *right], refused

    def attempt(self, chosen: list[Diagnostic]) -> tuple[_State | None, str]:
        """The state with these findings mended; None and the reason where it would not hold."""
        edits = [edit for diagnostic in chosen for edit in _edits(diagnostic)]
        text = apply_edits(self.text, edits)
        if not self.path.lower().endswith(".sql"):
            from sqlite_lint.verify import tree_damage

            if damage := tree_damage(self.text, text, edits):
                return None, damage
        after = _State(text, self.path, self.config, self.project, self._analyse(text))
        reason = self._difference(after, chosen)
        return (None, reason) if reason else (after, "")

    def _analyse(self, text: str) -> Analysis:
        return analyse(text, self.path, self.config, self.project)

    def _difference(self, after: _State, chosen: list[Diagnostic]) -> str:
        """Why the new state is not what the fixes intend; "" if it is."""
        replacements = [pair for d in chosen for pair in self.analysis.replacements.get((d.code, d.span), ())]
        intended = [_intended(use, replacements) for use in self.analysis.uses]
        if [use.text.text for use in after.analysis.uses] != intended:
            return "the SQL read back would not be the SQL intended"
        if any(d.fix.script for d in chosen if d.fix is not None):
            worse = _refused(after.analysis) > _refused(self.analysis)
        elif len(after.analysis.verdicts) != len(self.analysis.verdicts):
            return "it would change the number of SQL statements"
        else:
            worse = any(map(_worse, self.analysis.verdicts, after.analysis.verdicts))
        if worse:
            return "SQLite would refuse the result"
        before, later = _codes(self.analysis), _codes(after.analysis)
        if any(later[code] > before[code] - count for code, count in Counter(d.code for d in chosen).items()):
            return "the fault would still be there"
        return ""


def _intended(use: SqlUse, replacements: list[tuple[Span, str]]) -> str:
    """The text of SQL that is to be read once these spans of the source are replaced."""
    from sqlite_lint.hosts.sqltext import replaced

    pieces = use.text.pieces
    edits = {Edit(span, text) for source, text in replacements for span in replaced(pieces, source)}
    return apply_edits(use.text.text, edits)


def _worse(before: Verdict | None, after: Verdict | None) -> bool:
    """Tell whether SQLite refuses what it did not refuse before."""
    from sqlite_lint.sql.witness import VerdictKind

    if before is None or after is None:
        return False
    return after.kind is VerdictKind.REFUSED and before.kind is not VerdictKind.REFUSED


def _refused(analysis: Analysis) -> int:
    """How many statements SQLite refuses."""
    from sqlite_lint.sql.witness import VerdictKind

    return sum(verdict is not None and verdict.kind is VerdictKind.REFUSED for verdict in analysis.verdicts)


def _codes(analysis: Analysis) -> Counter[str]:
    return Counter(d.code for d in analysis.report.diagnostics)
