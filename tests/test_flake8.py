"""The plugin in a real flake8: the command line's findings, at the same places."""

from __future__ import annotations

import json
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from sqlite_lint.flake8 import Plugin, _opted_in

FIRST = '''\
import sqlite3

con = sqlite3.connect("a.db", timeout=5)
con.execute(
    """
    SELECT "é", a::text
    FROM t
    WHERE b ILIKE ?
    """
)
con.execute("SELECT a::text" " FROM t WHERE b ILIKE ?")
'''

Place = tuple[str, int, int, str]


def flake8(root: Path, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flake8", "--select", "SQL", *arguments],
        cwd=root, input=stdin, capture_output=True, text=True, check=False,
    )  # fmt: skip


def by_flake8(root: Path, *arguments: str, stdin: str | None = None) -> list[Place]:
    form = "--format=%(path)s|%(row)d|%(col)d|%(code)s %(text)s"
    done = flake8(root, form, *arguments, stdin=stdin)
    assert done.stderr == ""
    rows = [line.split("|", 3) for line in done.stdout.splitlines()]
    return sorted((path.removeprefix("./"), int(row), int(column), text) for path, row, column, text in rows)


def by_command_line(root: Path, *arguments: str) -> list[Place]:
    done = subprocess.run(
        [sys.executable, "-m", "sqlite_lint", "--no-cache", "--output-format", "json", *arguments],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return sorted(
        (
            str(Path(found["filename"]).relative_to(root.resolve())),
            found["location"]["row"],
            found["location"]["column"],
            f"{found['code']} {found['message']}",
        )
        for found in json.loads(done.stdout)
    )


def test_findings_and_places_are_those_of_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(FIRST, encoding="utf-8")
    (tmp_path / "b.py").write_text("\ufeff" + FIRST.replace("\n", "\r\n"), encoding="utf-8")
    (tmp_path / "c.py").write_bytes(b"# coding: latin-1\n" + FIRST.encode("latin-1"))
    found = by_flake8(tmp_path, ".")
    assert len(found) == 12
    assert found == by_command_line(tmp_path, ".")
    assert by_flake8(tmp_path, "--jobs=2", ".") == found
    assert by_flake8(tmp_path, "--jobs=1", ".") == found


@pytest.mark.parametrize("row", [6, 9, 11])
def test_noqa_is_read_alike(tmp_path: Path, row: int) -> None:
    lines = FIRST.splitlines()
    lines[row - 1] += "  -- noqa: SQL102" if row == 6 else "  # noqa: SQL102"
    (tmp_path / "a.py").write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = by_flake8(tmp_path, "a.py")
    assert len(found) == 3
    assert found == by_command_line(tmp_path, "a.py")


def test_disable_noqa_shows_everything(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(FIRST.replace("ILIKE ?\n", "ILIKE ? -- noqa\n"), encoding="utf-8")
    assert len(by_flake8(tmp_path, "a.py")) == 3
    assert len(by_flake8(tmp_path, "--disable-noqa", "a.py")) == 4


def test_standard_input_has_the_name_it_is_given(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.sqlite-lint]\nper-file-ignores = { "x/*" = ["SQL102"] }\n')
    plain = by_flake8(tmp_path, "-", stdin=FIRST)
    named = by_flake8(tmp_path, "--stdin-display-name", "x/y.py", "-", stdin=FIRST)
    assert [(path, text[:6]) for path, _, _, text in plain] == [("stdin", f"SQL10{n}") for n in (2, 1, 2, 1)]
    assert [(path, text[:6]) for path, _, _, text in named] == [("x/y.py", "SQL101")] * 2


def test_the_projects_configuration_is_read(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.sqlite-lint]\nignore = ["SQL101"]\n')
    (tmp_path / "a.py").write_text(FIRST, encoding="utf-8")
    assert {text[:6] for *_, text in by_flake8(tmp_path, ".")} == {"SQL102"}
    assert {text[:6] for *_, text in by_flake8(tmp_path, "--sqlite-isolated", ".")} == {"SQL101", "SQL102"}


def test_files_that_the_projects_configuration_excludes_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.sqlite-lint]\nextend-exclude = ["made", "old/*.py"]\n')
    for name in ("a.py", "made/b.py", "old/c.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(FIRST, encoding="utf-8")
    found = by_flake8(tmp_path, ".")
    assert {path for path, *_ in found} == {"a.py"}
    assert found == by_command_line(tmp_path, ".")
    assert by_flake8(tmp_path, "--stdin-display-name", "made/b.py", "-", stdin=FIRST) == []


def test_options_stand_in_flake8s_own_configuration_too(tmp_path: Path) -> None:
    text = 'import sqlite3\n\ncon = sqlite3.connect("a.db", timeout=5)\ncon.execute("SELECT string_agg(a, 1) FROM t")\n'
    (tmp_path / "a.py").write_text(text, encoding="utf-8")
    assert len(by_flake8(tmp_path, "a.py")) == 1
    assert by_flake8(tmp_path, "--sqlite-target-version=3.44", "a.py") == []
    (tmp_path / ".flake8").write_text("[flake8]\nsqlite-target-version = 3.44\n", encoding="utf-8")
    assert by_flake8(tmp_path, "a.py") == []


@pytest.mark.parametrize(
    ("argument", "words"),
    [("--sqlite-target-version=9", "sqlite-target-version: '9' is no version"), ("--sqlite-config=no.toml", "no.toml")],
)
def test_a_wrong_option_is_a_message(tmp_path: Path, argument: str, words: str) -> None:
    (tmp_path / "a.py").write_text(FIRST, encoding="utf-8")
    done = flake8(tmp_path, argument, "a.py")
    assert done.returncode == 1
    assert words in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_file_that_no_rule_concerns_costs_no_dear_import(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import os\n\n\ndef f(select):\n    return os.getcwd(), select\n")
    code = (
        "import sys; from flake8.main.cli import main; main(['--select=SQL', '--jobs=1', 'a.py']);"
        "print('sqlite_lint.flake8' in sys.modules,"
        " sorted({'sqlglot', 'libcst', 'sqlite3', 'sqlite_lint.linter', 'sqlite_lint.catalog'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "True []\n"


def test_an_internal_error_is_a_finding_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(FIRST, encoding="utf-8")
    code = (
        "import sqlite_lint.linter as linter; linter.analyse = None;"
        "from flake8.main.cli import main; main(['--select=SQL', '--jobs=1', 'a.py'])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("a.py:1:1: SQL001 internal error: TypeError: ")
    assert done.stderr == ""


def test_a_file_that_does_not_parse_is_left_to_flake8(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('def f(:\n    con.execute("SELECT 1 ILIKE 2")\n')
    done = flake8(tmp_path, "--extend-select=E9", "a.py")
    assert "E999" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


class OptionNames(list[str]):
    """Stands in for flake8's option manager and keeps the names of the options."""

    def add_option(self, name: str, **_: object) -> None:
        self.append(name)


def test_every_option_is_documented() -> None:
    names = OptionNames()
    Plugin.add_options(names)
    page = (Path(__file__).parent.parent / "docs" / "editors-and-ci.md").read_text("utf-8")
    assert len(names) > 4
    assert [name for name in names if f"`{name}`" not in page] == []


@pytest.mark.parametrize("option", ["select", "extend_select"])
def test_a_rule_that_is_off_by_default_is_on_when_flake8_is_told_to_select_it(option: str) -> None:
    given = {"select": None, "extend_select": None, option: ["E", "SQL", "SQL999"]}
    assert _opted_in(Namespace(**given)) == ("SQL999",)
