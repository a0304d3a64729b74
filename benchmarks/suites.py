"""PostgreSQL's and SQLite's own test suites, linted: `python -m benchmarks.suites [--details FILE]`.

Debian's source packages are fetched with `apt-get source` and a sources list of their own, so the machine's is not
touched.  Each statement is linted by itself, so the engine is asked for PostgreSQL's in an empty database: what only
the tables of the suite decide counts as "lacks a name".  Statements that SQLite refuses should carry a named rule;
statements that it prepares, no grammar rule.  SQLite's own statements are prepared one after the other.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks import measure, sources, wheels
from benchmarks.engine import Answer, Engine
from sqlite_lint import catalog, fix_text, lint_text


class Case(NamedTuple):
    """One statement of a suite and what the engine says to it."""

    file: str
    sql: str
    answer: Answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--directory", type=Path, default=wheels.DEFAULT_DIRECTORY, help="where sources are kept")
    parser.add_argument("--details", type=Path, help="write statements that are judged wrongly to this file")
    parser.add_argument("--fixes", action="store_true", help="also fix, and compare with sqlglot.transpile (slow)")
    parser.add_argument("--every", type=int, default=1, help="take each N-th statement only")
    arguments = parser.parse_args()
    details: list[str] = []
    postgres = list(_judged_alone(sources.postgres_statements(arguments.directory)))[:: arguments.every]
    sqlite = list(_judged(sources.sqlite_statements(arguments.directory)))[:: arguments.every]
    _report_postgres(postgres, details)
    _report_sqlite(sqlite, details)
    if arguments.fixes:
        _report_fixes([case for case in postgres if case.answer is Answer.REFUSED])
    if arguments.details:
        arguments.details.write_text("\n".join(details) + "\n", encoding="utf-8")


def _judged(files: Iterator[tuple[str, list[str]]]) -> Iterator[Case]:
    for name, statements in files:
        with Engine() as engine:
            for sql in statements:
                yield Case(name, sql, engine.ask(sql))


def _judged_alone(files: Iterator[tuple[str, list[str]]]) -> Iterator[Case]:
    with Engine() as engine:
        for name, statements in files:
            for sql in statements:
                yield Case(name, sql, engine.ask(sql, learn=False))


def _report_postgres(cases: list[Case], details: list[str]) -> None:
    seen: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    seconds = 0.0
    for case in cases:
        start = time.process_time()
        codes = {d.code for d in lint_text(case.sql)}
        seconds += time.process_time() - start
        kind = _kind(codes)
        seen[f"{case.answer.value}: {kind}"] += 1
        if case.answer is Answer.REFUSED:
            rules.update(codes)
            if kind != "named rule":
                details.append(f"{case.file} {kind}: {case.sql}")
        elif case.answer is Answer.PREPARED and (codes & _grammar_codes()):
            details.append(f"{case.file} false {sorted(codes)}: {case.sql}")
    print(f"PostgreSQL's suite: {len(cases)} statements linted in {seconds:.1f} s of one core")
    _print_counts(seen, len(cases))
    print(measure.table([["rule", "refused statements"], *rules.most_common()]), "\n")


def _report_sqlite(cases: list[Case], details: list[str]) -> None:
    prepared = [case for case in cases if case.answer is Answer.PREPARED]
    false = 0
    for case in prepared:
        codes = {d.code for d in lint_text(case.sql)} & _grammar_codes()
        if codes:
            false += 1
            details.append(f"{case.file} false {sorted(codes)}: {case.sql}")
    print(f"SQLite's suite: {len(prepared)} prepared statements, {false} with a grammar finding\n")


def _report_fixes(refused: list[Case]) -> None:
    import sqlglot

    ours = theirs = 0
    for case in refused:
        with Engine() as engine:
            ours += engine.ask_all(fix_text(case.sql, unsafe=True)) is not Answer.REFUSED
            try:
                output = ";\n".join(sqlglot.transpile(case.sql, read="postgres", write="sqlite"))
            except Exception:  # its own errors, and what escapes it: re.error, RecursionError, ...
                continue
            theirs += bool(output) and engine.ask_all(output) is not Answer.REFUSED
    total = max(len(refused), 1)
    print(f"of {len(refused)} refused statements SQLite prepares, or lacks only a name of,")
    print(f"  after sqlite-lint --fix --unsafe-fixes  {ours:6} {100 * ours / total:.1f} %")
    print(f"  after sqlglot.transpile                 {theirs:6} {100 * theirs / total:.1f} % (meaning not compared)")


def _kind(codes: set[str]) -> str:
    if codes - {"SQL001", "SQL002"}:
        return "named rule"
    return "only SQL002" if codes else "silent"


def _grammar_codes() -> frozenset[str]:
    return frozenset(rule.code for rule in catalog.rules() if rule.grammar) | {"SQL002"}


def _print_counts(counts: Counter[str], total: int) -> None:
    rows = [[key, count, f"{100 * count / total:.1f} %"] for key, count in sorted(counts.items())]
    print(measure.table([["engine: linter", "statements", "share"], *rows]), "\n")


if __name__ == "__main__":
    sys.setrecursionlimit(10_000)
    main()
