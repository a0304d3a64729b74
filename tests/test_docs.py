"""What the documentation says is so: console blocks are run, settings and options are the real ones."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from benchmarks import compare
from sqlite_lint import catalog
from sqlite_lint.config_file import READERS

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]+)(#[^)\s]*)?\)")


class Block(NamedTuple):
    page: Path
    line: int
    info: str
    text: str


def _blocks(page: Path, language: str) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    found = re.finditer(rf"^```{language}\b([^\n]*)\n(.*?)^```$", text, re.M | re.S)
    return [Block(page, text.count("\n", 0, m.start()) + 1, m.group(1).strip(), m.group(2)) for m in found]


CONSOLE = [block for page in PAGES for block in _blocks(page, "console")]
TOML = [block for page in PAGES for block in _blocks(page, "toml")]
PYTHON = [block for page in PAGES for block in _blocks(page, "python") if block.info == "run"]


def _where(block: Block) -> str:
    return f"{block.page.name}:{block.line}"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the examples, beside a directory with the commands of this environment."""
    shutil.copytree(ROOT / "examples", tmp_path / "project" / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, module in (("sqlite-lint", "sqlite_lint"), ("flake8", "flake8"), ("python", "")):
        script = programs / name
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" {"-m " + module if module else ""} "$@"\n')
        script.chmod(script.stat().st_mode | stat.S_IEXEC)
    return tmp_path / "project"


def _commands(text: str) -> list[tuple[str, str]]:
    """Pairs of a command and what it prints."""
    parts = re.split(r"^\$ (.*)\n", text, flags=re.M)
    assert parts[0] == "", "a console block begins with a command"
    return list(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("block", CONSOLE, ids=_where)
def test_console_blocks_are_what_the_commands_print(block: Block, project: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key not in {"FORCE_COLOR", "NO_COLOR"}}
    environment |= {"PATH": f"{project.parent / 'bin'}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    for command, expected in _commands(block.text):
        shown = subprocess.run(
            command, shell=True, cwd=project, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=120,
        ).stdout  # fmt: skip
        assert _shows(expected).fullmatch(shown), f"$ {command}\n{shown}"


def _shows(expected: str) -> re.Pattern[str]:
    """Matches what a block shows; a line of "..." stands for any number of lines."""
    lines = (r"(?:.*\n)*?" if line == "...\n" else re.escape(line) for line in expected.splitlines(keepends=True))
    return re.compile("".join(lines))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    targets = [match.group(1) for match in LINK.finditer(page.read_text(encoding="utf-8"))]
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("block", TOML, ids=_where)
def test_settings_shown_are_accepted(block: Block, tmp_path: Path) -> None:
    name = "pyproject.toml" if "[tool.sqlite-lint" in block.text else "sqlite-lint.toml"
    (tmp_path / name).write_text(block.text, encoding="utf-8")
    (tmp_path / "x.sql").write_text("SELECT 1;\n", encoding="utf-8")
    shown = subprocess.run(
        [sys.executable, "-m", "sqlite_lint", "--no-cache", "x.sql"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
    )  # fmt: skip
    assert (shown.returncode, shown.stderr) == (0, "")


@pytest.mark.parametrize("block", PYTHON, ids=_where)
def test_python_examples_run(block: Block) -> None:
    shown = subprocess.run([sys.executable, "-c", block.text], cwd=ROOT, capture_output=True, text=True)
    expected = [line.partition("# prints ")[2] for line in block.text.splitlines() if "# prints " in line]
    assert shown.stderr == ""
    assert shown.stdout.splitlines() == expected


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert sorted(name for name in READERS if f"`{name}`" not in page) == []


def test_every_option_is_documented() -> None:
    shown = subprocess.run([sys.executable, "-m", "sqlite_lint", "--help"], cwd=ROOT, capture_output=True, text=True)
    options = set(re.findall(r"--[a-z][a-z-]+", shown.stdout)) - {"--help"}
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert options
    assert sorted(option for option in options if f"`{option}" not in page) == []


_ONLY_THIS_PAGE = """
import pathlib, sys
from sqlite_lint import catalog, fix_text, lint_text, spec
directory = pathlib.Path(sys.argv[1])
catalog.directory = lambda: directory
page = next(directory.glob("SQL199-*"))
examples = {each.kind: each.code for each in spec.examples(page.read_text(), page.name)}
bad, marker = examples["bad"].splitlines()
[finding] = lint_text(bad)
assert (finding.code, finding.span.start) == ("SQL199", marker.index("^")), finding
assert finding.span.end == marker.rindex("^") + 1, finding
assert fix_text(bad + "\\n", unsafe=True) == examples["good"]
assert fix_text(bad) == bad
assert lint_text(examples["good"]) == lint_text(examples["ok"]) == []
"""


def test_the_rule_of_the_walk_through_does_what_its_page_says(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "adding-a-rule.md").read_text(encoding="utf-8")
    page = re.search(r"^`````markdown\n(.*?)^`````$", text, re.M | re.S)
    assert page is not None
    for tool_rule in (ROOT / "rules").glob("SQL00*.md"):
        shutil.copy(tool_rule, tmp_path)
    (tmp_path / "SQL199-div-operator.md").write_text(page.group(1), encoding="utf-8")
    command = [sys.executable, "-c", _ONLY_THIS_PAGE, str(tmp_path)]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr


def test_the_comparison_in_the_readme_is_what_the_tools_report() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for row in compare.rows():
        assert f"| {' | '.join(map(str, row))} |" in readme


def test_the_readme_names_every_family_of_rules() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    families = {rule.code[:4] for rule in catalog.rules()}
    assert sorted(family for family in families if f"| {family} |" not in readme) == []
