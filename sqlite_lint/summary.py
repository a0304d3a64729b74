"""The closing words of a run: counts, and why nothing was reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from sqlite_lint.output.style import is_fixable
from sqlite_lint.runner import Outcome


def last_line(outcomes: Sequence[Outcome]) -> str:
    """One line: findings, fixable ones, statements checked, partly checked, not for SQLite, and calls not read."""
    found = [diagnostic for outcome in outcomes for diagnostic in outcome.diagnostics]
    fixed = sum(len(outcome.fixed) for outcome in outcomes)
    safe = sum(is_fixable(diagnostic, unsafe=False) for diagnostic in found)
    unsafe = sum(is_fixable(diagnostic, unsafe=True) for diagnostic in found) - safe
    head = f"Found {count(len(found), 'finding')}" if found else "No findings"
    if fixed:
        head += f" left, {fixed} fixed"
    if safe:
        head += f", {safe} fixable with --fix"
        head += f" ({unsafe} more with --unsafe-fixes)" if unsafe else ""
    elif unsafe:
        head += f", {unsafe} fixable with --fix --unsafe-fixes"
    elif found:
        head += ", 0 fixable"
    checked = sum(outcome.checked for outcome in outcomes)
    partly = sum(outcome.partly for outcome in outcomes)
    other = sum(outcome.other for outcome in outcomes)
    unread = sum(outcome.unreached_count for outcome in outcomes)
    tail = f"{count(checked, 'statement')} checked, {partly} only partly checked"
    tail += f", {other} not for SQLite" if other else ""
    tail += f", {count(unread, 'call')} without readable SQL" if unread else ""
    return f"{head}. {tail}."


def other_engine_note(outcomes: Sequence[Outcome]) -> str:
    """Says that and why all SQL was left alone; the empty string where some was checked or something found."""
    other = sum(outcome.other for outcome in outcomes)
    if not other or any(outcome.checked or outcome.partly or outcome.diagnostics for outcome in outcomes):
        return ""
    reasons = Counter(reason for outcome in outcomes for reason in outcome.other_reasons)
    why = f": {reasons.most_common(1)[0][0]}" if reasons else ""
    return f"Nothing was checked: the SQL found here is not for SQLite{why}."


def fixed_lines(outcomes: Sequence[Outcome], shown: Callable[[str], str]) -> list[str]:
    """What ``--show-fixes`` prints: the rules mended in each file, and how often."""
    lines = []
    for outcome in outcomes:
        if outcome.fixed:
            lines.append(f"- {shown(outcome.path)}:")
            counts = Counter((diagnostic.code, diagnostic.name) for diagnostic in outcome.fixed)
            lines += [f"    {times} × {code} ({name})" for (code, name), times in sorted(counts.items())]
    return lines


def statistics(outcomes: Sequence[Outcome], unsafe: bool) -> list[tuple[int, str, str, bool]]:
    """Count, code, name, and whether a fix is to be had, of each rule that found something; most frequent first."""
    counts: Counter[tuple[str, str]] = Counter()
    fixable: set[str] = set()
    for outcome in outcomes:
        for diagnostic in outcome.diagnostics:
            counts[diagnostic.code, diagnostic.name] += 1
            if is_fixable(diagnostic, unsafe):
                fixable.add(diagnostic.code)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [(times, code, name, code in fixable) for (code, name), times in ordered]


def count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
