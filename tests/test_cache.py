"""Results of earlier runs: used when nothing changed that they depend on, and never otherwise."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sqlite_lint import linter
from sqlite_lint.cache import DIRECTORY
from sqlite_lint.cli import main
from sqlite_lint.config import Config
from sqlite_lint.discover import Found
from sqlite_lint.runner import Options, Outcome, run

SQL = "SELECT a::text FROM t WHERE b ILIKE ?; -- {}\n"


@pytest.fixture
def linted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were really linted, in order."""
    names: list[str] = []
    real = linter.lint_source

    def counting(text: str, path: str, *rest: object, **more: object) -> object:
        names.append(os.path.basename(path))
        return real(text, path, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(linter, "lint_source", counting)
    return names


class Tree:
    """A directory of .sql files, enough of them that their times are looked at first."""

    def __init__(self, root: Path, count: int) -> None:
        self.root = root
        self.paths = [root / f"q{number:02}.sql" for number in range(count)]
        for number, path in enumerate(self.paths):
            path.write_text(SQL.format(number))
            self.age(path)

    def age(self, path: Path) -> None:
        os.utime(path, (1_600_000_000, 1_600_000_000))

    def run(self, config: Config | None = None, **options: object) -> list[Outcome]:
        files = [Found(str(path), config or Config(root=str(self.root))) for path in self.paths]
        return run(files, Options(cache_dir=str(self.root / "cache"), **options))  # type: ignore[arg-type]


@pytest.fixture(params=[60, 2], ids=["many", "few"])
def tree(request: pytest.FixtureRequest, tmp_path: Path) -> Tree:
    return Tree(tmp_path, request.param)


def test_a_second_run_gives_the_same_and_lints_nothing(tree: Tree, linted: list[str]) -> None:
    first = tree.run()
    assert len(linted) == len(tree.paths)
    second = tree.run()
    assert len(linted) == len(tree.paths)
    assert second == [outcome._replace(after=None) for outcome in first]
    assert second[0].diagnostics[0].fix is not None


def test_changed_content_is_linted_again(tree: Tree, linted: list[str]) -> None:
    tree.run()
    linted.clear()
    tree.paths[1].write_text(SQL.format("x"))
    tree.run()
    tree.age(tree.paths[1])
    tree.run()
    assert linted == ["q01.sql"]


def test_a_change_of_equal_size_and_time_is_seen(tree: Tree, linted: list[str]) -> None:
    tree.run()
    linted.clear()
    tree.paths[0].write_text(SQL.format("#"))
    tree.age(tree.paths[0])
    tree.run()
    assert linted == ["q00.sql"]


def test_touched_files_are_not_linted_again(tree: Tree, linted: list[str]) -> None:
    tree.run()
    linted.clear()
    for path in tree.paths:
        os.utime(path)
    tree.run()
    assert linted == []


@pytest.mark.parametrize(
    "changed",
    [
        Config(target_version=(3, 44)),
        Config(ignore=("SQL102",)),
        Config(per_file_ignores={"x": ("SQL101",)}),
        Config(ilike_fix="like"),
    ],
)
def test_another_configuration_has_other_results(tmp_path: Path, linted: list[str], changed: Config) -> None:
    tree = Tree(tmp_path, 2)
    tree.run()
    tree.run(changed._replace(root=str(tmp_path)))
    assert len(linted) == 4


def test_other_facts_of_the_project_have_other_results(
    tmp_path: Path, linted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlite_lint.project import Project

    tree = Tree(tmp_path, 2)
    tree.run()
    monkeypatch.setattr(Project, "digest", "another")
    tree.run()
    assert len(linted) == 4


def garbage(path: Path) -> None:
    path.write_bytes(b"\x00\xff garbage")


def other_shape(path: Path) -> None:
    path.write_text("[1, 2]")


def wrong_entries(path: Path) -> None:
    loaded = json.loads(path.read_text())
    path.write_text(json.dumps({key: [*entry[:3], 7, None, {"a": 1}] for key, entry in loaded.items()}))


def wrong_findings(path: Path) -> None:
    path.write_text(path.read_text().replace('"SQL102"', "null").replace("[7,14]", '"x"'))


def a_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("damage", [garbage, other_shape, wrong_entries, wrong_findings, a_directory])
def test_a_damaged_index_is_no_cache(tree: Tree, linted: list[str], damage: Callable[[Path], None]) -> None:
    first = tree.run()
    for index in (tree.root / "cache").glob("*.json"):
        if not index.name.startswith("project"):
            damage(index)
    linted.clear()
    assert tree.run() == first
    assert len(linted) == len(tree.paths)


def test_a_directory_that_cannot_be_made_is_no_error(tmp_path: Path, linted: list[str]) -> None:
    tree = Tree(tmp_path, 2)
    (tmp_path / "cache").write_text("a file")
    tree.run()
    tree.run()
    assert len(linted) == 4


def test_fixes_are_made_although_the_findings_are_known(tree: Tree) -> None:
    tree.run()
    tree.run(mode="fix")
    assert tree.paths[0].read_text() == "SELECT CAST(a AS TEXT) FROM t WHERE b ILIKE ?; -- 0\n"
    assert {d.code for outcome in tree.run() for d in outcome.diagnostics} == {"SQL101"}


def test_files_without_sql_are_known_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = Tree(tmp_path, 60)
    tree.paths = [path.with_suffix(".py") for path in tree.paths]
    for path in tree.paths:
        path.write_text("x = 1\n")
        tree.age(path)
    monkeypatch.setattr("sqlite_lint.cache.RACY_NS", -(10**18))
    tree.run()
    monkeypatch.setattr("sqlite_lint.runner.read_bytes", None)
    assert [outcome.concerned for outcome in tree.run()] == [False] * 60


def test_the_directory_marks_itself_and_stays_out_of_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.sql").write_text(SQL)
    main(["-q"])
    cache = tmp_path / DIRECTORY
    assert (cache / ".gitignore").read_text().splitlines()[-1] == "*"
    assert (cache / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")
    assert main(["--show-files"]) == 0


def test_no_cache_leaves_no_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.sql").write_text(SQL)
    main(["-q", "--no-cache"])
    main(["-q", "--cache-dir", "elsewhere/deep"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.sql", "elsewhere"]
