"""``--show-sql``: every statement found, and what became of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from sqlite_lint import summary
from sqlite_lint.output.findings import Findings
from sqlite_lint.output.style import visible
from sqlite_lint.runner import Outcome
from sqlite_lint.sql.tokens import HOLE

_STATES = {"checked": "checked", "partly": "partly checked", "other": "not for SQLite"}


def show_sql(outcomes: Sequence[Outcome], output_format: str) -> None:
    """Print the statements, and the calls of which none could be read, in the order of the files."""
    if output_format in ("json", "json-lines"):
        _print_json(outcomes, lines=output_format == "json-lines")
        return
    findings = Findings(())
    for outcome in outcomes:
        for line in _lines(outcome, findings.shown(outcome.path)):
            print(line)
    print(summary.last_line(outcomes))


def _lines(outcome: Outcome, shown: str) -> Iterator[str]:
    rows: list[tuple[int, int, str]] = []
    for each in outcome.statements:
        state = _STATES.get(each.state, each.state) + (f" ({each.reason})" if each.reason else "")
        way = " ".join(filter(None, (each.sink, each.driver)))
        rows.append((each.row, each.column, f"{way}: {state}: {' '.join(each.sql.split())}"))
    rows += [(call.row, call.column, f"{call.sink}: not reached ({call.reason})") for call in outcome.unreached]
    for row, column, text in sorted(rows):
        yield visible(f"{shown}:{row}:{column}: {text.replace(HOLE, '{...}')}")


def _print_json(outcomes: Sequence[Outcome], *, lines: bool) -> None:
    import json

    objects = [
        {
            "filename": outcome.path,
            "location": {"row": each.row, "column": each.column},
            "sink": each.sink,
            "driver": each.driver or None,
            "state": each.state,
            "reason": each.reason or None,
            "sql": each.sql.replace(HOLE, "{...}"),
        }
        for outcome in outcomes
        for each in outcome.statements
    ]
    objects += [
        {
            "filename": outcome.path,
            "location": {"row": each.row, "column": each.column},
            "sink": each.sink,
            "driver": None,
            "state": "unreached",
            "reason": each.reason,
            "sql": None,
        }
        for outcome in outcomes
        for each in outcome.unreached
    ]
    if lines:
        sys.stdout.writelines(json.dumps(each) + "\n" for each in objects)
    else:
        print(json.dumps(objects, indent=2))
