"""What sqlite-lint says of real packages: `python -m benchmarks.realcode [--findings FILE] [NAME...]`.

Prints a table per package.  With --findings every finding is written to a file, to be read one by one: each must be
right, and each that is not becomes a test case.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks import measure, wheels

HEAD = ["package", "files", "survive", "found", "checked", "partly", "other", "reached %", "findings", "s", "MB"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="*", help="names from benchmarks/wheels.py; all where none is given")
    parser.add_argument("--path", type=Path, action="append", default=[], help="a directory of one's own instead")
    parser.add_argument("--directory", type=Path, default=wheels.DEFAULT_DIRECTORY, help="where wheels are kept")
    parser.add_argument("--findings", type=Path, help="write every finding to this file")
    parser.add_argument("--unreached", type=Path, help="write every call whose SQL could not be read to this file")
    parser.add_argument("--statements", type=Path, help="write every statement to this file")
    arguments = parser.parse_args()
    if unknown := set(arguments.packages) - set(wheels.PACKAGES):
        parser.error(f"unknown package: {', '.join(sorted(unknown))}")
    roots = {path.name: path for path in arguments.path}
    if not roots or arguments.packages:
        for name in arguments.packages or wheels.PACKAGES:
            roots[name] = wheels.unpacked(name, wheels.PACKAGES[name], arguments.directory)

    logs: dict[str, list[str]] = {"findings": [], "unreached": [], "statements": []}
    rows: list[list[object]] = [list(HEAD)]
    rules: dict[str, Counter[str]] = {}
    for name, root in roots.items():
        facts, cost = _examine(root)
        calls = facts["calls"] + facts["unreached_calls"]
        share = f"{100 * facts['calls'] / calls:.0f} of {calls}" if calls else "-"
        states = [facts["states"].get(state, 0) for state in ("checked", "partly", "other")]
        rows.append(
            [
                name,
                facts["files"],
                facts["survivors"],
                sum(states),
                *states,
                share,
                facts["total"],
                cost.wall,
                cost.peak,
            ]
        )
        rules[name] = Counter(facts["rules"])
        for key, lines in logs.items():
            lines += facts[key]
    print(measure.table(rows), "\n")
    print(measure.table(_by_rule(rules)))
    for key, lines in logs.items():
        if (path := getattr(arguments, key)) is not None:
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
            print(f"\n{key}: {len(lines)} entries in {path}")


def _by_rule(rules: dict[str, Counter[str]]) -> list[list[object]]:
    codes = sorted(set().union(*rules.values()))
    rows: list[list[object]] = [["rule", *rules]]
    return rows + [[code, *(counts[code] or "" for counts in rules.values())] for code in codes]


def _examine(root: Path) -> tuple[dict[str, Any], measure.Cost]:
    """Count through the library in a process of its own; measure the command as users run it."""
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        subprocess.run([sys.executable, "-m", "benchmarks.collect", str(root), out.name], check=True)
        facts = json.loads(Path(out.name).read_text(encoding="utf-8"))
    cost = measure.run([sys.executable, "-m", "sqlite_lint", "--no-cache", "--isolated", str(root)])
    if cost.status not in (0, 1):
        print(f"{root}: sqlite-lint ended with status {cost.status}", file=sys.stderr)
    return facts, cost


if __name__ == "__main__":
    main()
