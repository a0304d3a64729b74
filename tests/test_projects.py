"""The first look at many files: in one process or several, it tells the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from sqlite_lint.config import Config
from sqlite_lint.discover import Found
from sqlite_lint.projects import Projects
from sqlite_lint.workers import spread

PARENT = os.getpid()


def _found(root: Path) -> list[Found]:
    return [Found(str(path), Config()) for path in sorted(root.rglob("*.py"))]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("")
    for number in range(450):
        (tmp_path / f"plain_{number}.py").write_text("import os\n")
    (tmp_path / "db.py").write_text("import sqlite3\nTABLE = 'CREATE TABLE t (a)'\n")
    (tmp_path / "latin.py").write_bytes(b"name = 'caf\xe9'\n")
    (tmp_path / "null.py").write_bytes(b"x = 1\0\n")
    (tmp_path / "marked.py").write_bytes(b"\xef\xbb\xbfx = 1\n")
    (tmp_path / "declared.py").write_bytes(b"# coding: nonsense\nx = 1\n")
    return tmp_path


@pytest.mark.parametrize("jobs", [1, 3])
def test_scan_tells_facts_and_files_that_concern_no_rule(tree: Path, jobs: int) -> None:
    projects = Projects()
    files = _found(tree)
    projects.scan(files, jobs)
    assert len(projects.unconcerned) == 450
    assert all("plain_" in path for path in projects.unconcerned)
    assert list(projects.of(files[0].path, files[0].config).files) == ["db.py"]


def test_scan_reads_files_outside_of_any_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqlite_lint.projects.find_root", lambda *_: None)
    (tmp_path / "a.py").write_text("import sqlite3\n")
    (tmp_path / "b.py").write_text("import os\n")
    (tmp_path / "c.sql").write_text("SELECT 1;\n")
    projects = Projects()
    projects.scan([*_found(tmp_path), Found(str(tmp_path / "c.sql"), Config())], 1)
    assert projects.unconcerned == {str(tmp_path / "b.py")}


def test_scan_leaves_a_file_that_vanished_to_the_reader(tmp_path: Path) -> None:
    projects = Projects()
    projects.scan([Found(str(tmp_path / "gone.py"), Config())], 1)
    assert projects.unconcerned == set()


def _doubles_unless_apart(numbers: list[int]) -> Iterable[int]:
    if 500 in numbers and os.getpid() != PARENT:
        os._exit(1)
    return [2 * number for number in numbers]


def test_processes_end_with_the_one_that_started_them() -> None:
    code = (
        "import os, signal; from sqlite_lint.workers import spread;"
        "list(spread(sorted, range(200), 2, lambda: os.kill(os.getpid(), signal.SIGKILL)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL


def test_work_of_a_process_that_died_is_done_again() -> None:
    assert list(spread(_doubles_unless_apart, range(1000), 2, lambda: None)) == [2 * n for n in range(1000)]


def test_unmarked_directory_that_is_named_is_checked_as_a_project(tmp_path: Path) -> None:
    from sqlite_lint import lint_paths

    app = tmp_path / "app"
    app.mkdir()
    (app / "queries.py").write_text("NOW = 'SELECT now()'\n")
    (app / "db.py").write_text("import psycopg2\nfrom queries import NOW\npsycopg2.connect().cursor().execute(NOW)\n")
    assert lint_paths([app / "queries.py"], Config()) != []
    assert lint_paths([app], Config()) == []


def test_looks_are_taken_in_one_process_where_none_can_be_forked(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlite_lint import runner

    monkeypatch.setattr("sqlite_lint.runner.MANY_FILES", 1)
    monkeypatch.setattr("sqlite_lint.forks.sys.platform", "win32")
    monkeypatch.setattr("sqlite_lint.workers.spread", None)
    outcomes = runner.run(_found(tree), runner.Options(jobs=None))
    assert sum(outcome.concerned for outcome in outcomes) == 4  # the marked one is read to its end


def test_invalid_escapes_of_linted_code_are_not_warned_of(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    from sqlite_lint import lint_paths

    code = "from django.db import transaction\nX = '\\d'\ndef f(x):\n    with transaction.atomic():\n        x.save()\n"
    (tmp_path / "a.py").write_text(code + "import sqlite3\n")
    lint_paths([tmp_path], Config())
    assert [str(warning.message) for warning in recwarn] == []


def test_roots_of_all_directories_are_those_that_each_has_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlite_lint.project import find_root

    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "..")
    names = ["home", "home/x", "home/app", "home/app/a/b", "home/app/sub", "home/app/sub/c", "other", "other/d"]
    for name in names:
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
    for mark in ("home/.git", "home/app/setup.py", "home/app/sub/manage.py", "other/requirements.txt"):
        (tmp_path / mark).touch()
    projects = Projects()
    for name in names:
        alone = find_root(tmp_path / name)
        assert projects._root(str(tmp_path / name / "a.py")) == (None if alone is None else str(alone)), name
