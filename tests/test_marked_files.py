"""Rules on whole files in tests/data/marked: each line with a fault carries its code, and no other line may be found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sqlite_lint.config import Config
from sqlite_lint.linter import lint_source

FILES = sorted(Path(__file__).parent.joinpath("data", "marked").glob("*.py"))
CODES = re.compile(r"SQL(?:52\d|54\d|55[3-9]|70\d)")
MARK = re.compile(r"# (SQL\d{3}(?:, SQL\d{3})*)$")


def marks(text: str) -> set[tuple[int, str]]:
    found = set()
    for row, line in enumerate(text.splitlines(), 1):
        mark = MARK.search(line)
        found |= {(row, code) for code in mark[1].split(", ")} if mark else set()
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_exactly_the_marked_lines_are_found(path: Path) -> None:
    text = path.read_text("utf-8")
    codes = ("SQL52", "SQL54", "SQL553", "SQL554", "SQL555", "SQL556", "SQL70")
    report = lint_source(text, f"app/{path.name}", Config(select=codes), noqa=False)
    found = {(d.start.row, d.code) for d in report.diagnostics if CODES.match(d.code)}
    assert found == marks(text)
