"""Which files a run takes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from sqlite_lint.config import Config
from sqlite_lint.config_file import Resolver
from sqlite_lint.discover import discover


def tree(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n", encoding="utf-8")


def names(root: Path, *paths: str, config: Config | None = None, force_exclude: bool = False) -> list[str]:
    resolver = Resolver() if config is None else Resolver.fixed(config)
    found = discover([str(root / path) for path in paths or ("",)], resolver, force_exclude=force_exclude)
    return [os.path.relpath(each.path, root).replace(os.sep, "/") for each in found]


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True)


def test_python_stubs_and_sql_are_taken_in_order(tmp_path: Path) -> None:
    tree(tmp_path, "b.py", "a/z.sql", "a/y.pyi", "a/x.txt", "a.py", "README.md", "c.SQL")
    assert names(tmp_path) == ["a/y.pyi", "a/z.sql", "a.py", "b.py", "c.SQL"]


def test_others_directories_are_left_out(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", ".venv/b.py", "node_modules/c.py", "x/__pycache__/d.py", "dist/e.py", ".git/f.py")
    assert names(tmp_path) == ["a.py"]


def test_a_left_out_directory_is_read_when_it_is_named(tmp_path: Path) -> None:
    tree(tmp_path, ".venv/b.py")
    assert names(tmp_path, ".venv") == [".venv/b.py"]


def test_a_named_file_is_always_taken(tmp_path: Path) -> None:
    tree(tmp_path, ".venv/b.py", "script")
    assert names(tmp_path, ".venv/b.py", "script", "absent.py") == [".venv/b.py", "absent.py", "script"]


def test_force_exclude_leaves_out_named_files(tmp_path: Path) -> None:
    tree(tmp_path, "legacy/b.py", "a.py")
    config = Config(extend_exclude=("legacy",), root=str(tmp_path))
    assert names(tmp_path, "legacy/b.py", "a.py", config=config, force_exclude=True) == ["a.py"]


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("legacy", ["src/a.py", "src/b_pb2.py"]),
        ("legacy/", ["src/a.py", "src/b_pb2.py"]),
        ("src/legacy", ["src/a.py", "src/b_pb2.py"]),
        ("*_pb2.py", ["src/a.py", "src/legacy/c.py"]),
        ("src/*.py", []),
        ("**/legacy/**", ["src/a.py", "src/b_pb2.py"]),
        ("./src/legacy/*", ["src/a.py", "src/b_pb2.py"]),
        ("src/[ab]*", ["src/legacy/c.py"]),
        ("src/{a,b_pb2}.py", ["src/legacy/c.py"]),
        ("other", ["src/a.py", "src/b_pb2.py", "src/legacy/c.py"]),
    ],
)
def test_patterns_leave_out_files(tmp_path: Path, pattern: str, left: list[str]) -> None:
    tree(tmp_path, "src/a.py", "src/b_pb2.py", "src/legacy/c.py")
    assert names(tmp_path, config=Config(extend_exclude=(pattern,), root=str(tmp_path))) == left


def test_exclude_replaces_the_built_in_names(tmp_path: Path) -> None:
    tree(tmp_path, "dist/a.py", "b.py")
    assert names(tmp_path, config=Config(exclude=("b.py",), root=str(tmp_path))) == ["dist/a.py"]


def test_each_directory_has_its_own_configuration(tmp_path: Path) -> None:
    tree(tmp_path, "a/x.py", "a/gen.py", "b/gen.py")
    (tmp_path / "a" / "sqlite-lint.toml").write_text('extend-exclude = ["gen.py"]', encoding="utf-8")
    assert names(tmp_path) == ["a/x.py", "b/gen.py"]


def test_files_that_git_ignores_are_left_out(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "out/b.py", "sub/c.py", "sub/d.sql")
    (tmp_path / ".gitignore").write_text("out/\n", encoding="utf-8")
    (tmp_path / "sub" / ".gitignore").write_text("*.sql\n", encoding="utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "a.py")
    assert names(tmp_path) == ["a.py", "sub/c.py"]
    assert names(tmp_path, "sub") == ["sub/c.py"]


def test_a_directory_that_git_ignores_is_read_when_it_is_named(tmp_path: Path) -> None:
    tree(tmp_path, "out/b.py")
    (tmp_path / ".gitignore").write_text("out/\n", encoding="utf-8")
    git(tmp_path, "init", "-q")
    assert names(tmp_path, "out") == ["out/b.py"]


def test_a_repository_within_the_repository_is_read(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "inner/b.py", "inner/c.txt")
    git(tmp_path, "init", "-q")
    git(tmp_path / "inner", "init", "-q")
    assert names(tmp_path) == ["a.py", "inner/b.py"]


def test_noop_files_that_git_lists_but_are_gone(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "b.py")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    (tmp_path / "b.py").unlink()
    assert names(tmp_path) == ["a.py"]


def test_a_hooks_environment_does_not_mislead_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "repo/a.py", "elsewhere/b.py")
    git(tmp_path / "repo", "init", "-q")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere" / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", "no-such-index")
    assert names(tmp_path / "repo") == ["a.py"]


def test_a_program_named_by_the_checked_repository_is_not_run(tmp_path: Path) -> None:
    tree(tmp_path, "a.py")
    git(tmp_path, "init", "-q")
    program = tmp_path / "monitor.sh"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n", encoding="utf-8")
    program.chmod(0o755)
    git(tmp_path, "config", "core.fsmonitor", str(program))
    assert names(tmp_path) == ["a.py"]
    assert not (tmp_path / "ran").exists()


def test_without_git_the_directory_is_read_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "a.py")
    git(tmp_path, "init", "-q")
    monkeypatch.setenv("PATH", "")
    assert names(tmp_path) == ["a.py"]


@pytest.mark.parametrize("in_git", [False, True])
def test_links_are_taken_once_and_loops_are_not_followed(tmp_path: Path, in_git: bool) -> None:
    root = tmp_path / "root"
    tree(root, "a/x.py")
    tree(tmp_path, "outside.py")
    (root / "loop").symlink_to(root)
    (root / "again.py").symlink_to(root / "a" / "x.py")
    (root / "linked.py").symlink_to(tmp_path / "outside.py")
    (root / "script").write_text("")
    (root / "script.py").symlink_to(root / "script")
    (root / "broken.py").symlink_to(root / "absent")
    (root / ".#a.py").symlink_to("someone@host.1")
    if in_git:
        git(root, "init", "-q")
    assert names(root) == ["a/x.py", "broken.py", "linked.py", "script.py"]


@pytest.mark.parametrize("in_git", [False, True])
def test_a_directory_named_like_a_file_is_a_directory(tmp_path: Path, in_git: bool) -> None:
    tree(tmp_path, "x.py/y.py")
    if in_git:
        git(tmp_path, "init", "-q")
    assert names(tmp_path) == ["x.py/y.py"]
    assert names(tmp_path, "x.py") == ["x.py/y.py"]


def test_a_file_named_twice_is_taken_once(tmp_path: Path) -> None:
    tree(tmp_path, "a.py")
    assert names(tmp_path, "a.py", "", "./a.py") == ["a.py"]


@pytest.mark.parametrize("name", ["plain", "my.lib"])
def test_files_of_a_submodule_are_taken(tmp_path: Path, name: str) -> None:
    tree(tmp_path, "lib/a.py", "project/b.py")
    author = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always")
    git(tmp_path / "lib", "init", "-q")
    git(tmp_path / "lib", "add", ".")
    git(tmp_path / "lib", *author, "commit", "-q", "-m", "a")
    git(tmp_path / "project", "init", "-q")
    git(tmp_path / "project", *author, "submodule", "add", "-q", str(tmp_path / "lib"), f"vendor/{name}")
    assert names(tmp_path / "project") == ["b.py", f"vendor/{name}/a.py"]
