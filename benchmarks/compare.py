"""Which faults of the example shop each tool reports: `python -m benchmarks.compare`.

The faults are sqlite-lint's findings, each proven by the shop's tests.  A tool counts as reporting a fault when it has
a finding on its row, whatever the finding says, so the counts flatter.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import measure, wheels

SHOP = Path(__file__).parents[1] / "examples" / "shop"
Place = tuple[str, int]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--directory", type=Path, default=wheels.DEFAULT_DIRECTORY, help="where sqlfluff is installed")
    arguments = parser.parse_args()
    print(measure.table(rows(wheels.sqlfluff(arguments.directory))))


def rows(sqlfluff: Path | None = None) -> list[list[object]]:
    """The table; without the line of sqlfluff where its program is not given."""
    with tempfile.TemporaryDirectory() as scratch:
        shop = Path(shutil.copytree(SHOP, Path(scratch) / "shop", ignore=shutil.ignore_patterns("__pycache__")))
        faults = _places([sys.executable, "-m", "sqlite_lint", "--no-cache", "--output-format", "json"], shop)
        ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--output-format", "json", "--select", "S608"]
        tools = {"sqlite-lint": faults, "ruff, rule S608": _places(ruff, shop)}
        if sqlfluff is not None:
            tools["sqlfluff, parse errors"] = _sqlfluff(sqlfluff, shop)
    table: list[list[object]] = [["tool", "findings", "faults on the same rows"]]
    for name, places in tools.items():
        seen = set(places)
        table.append([name, len(places), f"{sum(fault in seen for fault in faults)} of {len(faults)}"])
    return table


def _output(command: Sequence[str], cwd: Path) -> str:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout


def _places(command: Sequence[str], shop: Path) -> list[Place]:
    """The places in output of ruff's shape."""
    found = json.loads(_output([*command, "."], shop))
    return [(Path(each["filename"]).name, each["location"]["row"]) for each in found]


def _sqlfluff(program: Path, shop: Path) -> list[Place]:
    """Places that it cannot parse or lex; its other rules are about layout.  It reads .sql files only."""
    shown = _output([str(program), "lint", "--dialect", "sqlite", "--format", "json", "."], shop)
    return [
        (Path(file["filepath"]).name, each["start_line_no"])
        for file in json.loads(shown)
        for each in file["violations"]
        if each["code"] in {"PRS", "LXR"}
    ]


if __name__ == "__main__":
    main()
