"""Count what sqlite-lint finds below a directory: `python -m benchmarks.collect DIRECTORY OUT.json`."""

from __future__ import annotations

import json
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.wheels import source_files
from sqlite_lint.config import Config
from sqlite_lint.hosts.prefilter import may_concern
from sqlite_lint.linter import lint_source
from sqlite_lint.project import load_project
from sqlite_lint.report import FileReport


def reports(root: Path) -> Iterator[tuple[Path, str, FileReport]]:
    """Path, text and report of each file that survives the prefilter."""
    config = Config(root=str(root))
    project = load_project(root, config)
    for path in source_files(root):
        text = _read(path)
        if text is not None and (path.suffix == ".sql" or may_concern(text.encode())):
            yield path, text, lint_source(text, str(path), config, project)


def statements(root: Path) -> Iterator[str]:
    """The statements below ``root`` that are checked whole."""
    for _, _, report in reports(root):
        yield from (statement.sql for statement in report.statements if statement.state == "checked")


def collect(root: Path) -> dict[str, Any]:
    """Everything that the tables of realcode.py show, and the lines of its logs."""
    facts = Counter(files=len(source_files(root)), survivors=0, calls=0, unreached_calls=0, total=0)
    states: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    logs: dict[str, list[str]] = {"findings": [], "unreached": [], "statements": []}
    for path, text, report in reports(root):
        facts["survivors"] += 1
        facts["calls"] += report.calls
        facts["unreached_calls"] += len(report.unreached)
        facts["total"] += len(report.diagnostics)
        states.update(statement.state for statement in report.statements)
        rules.update(diagnostic.code for diagnostic in report.diagnostics)
        _log(report, text.splitlines(), path.relative_to(root.parent), logs)
    return {**facts, "states": states, "rules": rules, **logs}


def _log(report: FileReport, lines: list[str], path: Path, logs: dict[str, list[str]]) -> None:
    for d in report.diagnostics:
        source = "\n".join(f"    {line}" for line in lines[d.start.row - 1 : min(d.end.row, d.start.row + 8)])
        fix = "" if d.fix is None else f" [{d.fix.applicability.name.lower()} fix]"
        logs["findings"].append(f"{path}:{d.start.row}:{d.start.column} {d.code} {d.message}{fix}\n{source}")
    for u in report.unreached:
        logs["unreached"].append(f"{path}:{u.row}:{u.column} {u.sink}: {u.reason} | {lines[u.row - 1].strip()}")
    for s in report.statements:
        sql = " ".join(s.sql.split())
        logs["statements"].append(f"{path}:{s.row}:{s.column} {s.sink} {s.driver or '-'} {s.state} {s.reason} | {sql}")


def _read(path: Path) -> str | None:
    try:
        with tokenize.open(path) as file:
            return file.read()
    except (OSError, SyntaxError, UnicodeDecodeError):
        return None


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(collect(Path(sys.argv[1]).resolve())), encoding="utf-8")
