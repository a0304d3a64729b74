"""Time and memory of a command."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Cost(NamedTuple):
    """Wall clock and processor time in seconds, the largest process in MB, the exit status."""

    wall: float
    cpu: float
    peak: float
    status: int


def run(command: Sequence[str], cwd: Path | None = None, stdout: Path | None = None) -> Cost:
    """Run ``command`` once; its output goes to ``stdout`` or nowhere."""
    with open(stdout or os.devnull, "wb") as sink:
        start = time.perf_counter()
        process = subprocess.Popen(
            list(command), cwd=cwd, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)  # or Popen would wait for it again
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit, process.returncode)


def best(command: Sequence[str], runs: int, cwd: Path | None = None, stdout: Path | None = None) -> Cost:
    """The fastest of ``runs`` runs: the one that the machine disturbed least."""
    return min((run(command, cwd, stdout) for _ in range(runs)), key=lambda cost: cost.wall)


def table(rows: Sequence[Sequence[object]]) -> str:
    """Columns of equal width; all but the first are right-aligned."""
    cells = [[f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for first, *others in cells:
        padded = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *padded]).rstrip())
    return "\n".join(lines)
