"""What is kept of the rules' pages between two runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sqlite_lint import rule_cache
from sqlite_lint.rule_cache import Pages

PAGES = Pages({"SQL999-a.md": {"code": "SQL999", "list": [1, True, "é"]}}, {"A $x": [("A $x", "A", ())]})


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    (tmp_path / "SQL999-a.md").write_text("page")
    return tmp_path


def stamp(directory: Path) -> tuple[object, ...]:
    return rule_cache.stamp(directory, ["SQL999-a.md"])


def test_pages_come_back_as_they_were_kept(directory: Path) -> None:
    rule_cache.save(directory, stamp(directory), PAGES)
    assert rule_cache.load(directory, stamp(directory)) == PAGES
    assert [path.name for path in directory.iterdir()].count("__pycache__") == 1


def test_changed_page_makes_the_cache_worthless(directory: Path) -> None:
    rule_cache.save(directory, stamp(directory), PAGES)
    (directory / "SQL999-a.md").write_text("another page")
    assert rule_cache.load(directory, stamp(directory)) is None


def test_no_cache_and_a_damaged_one_are_done_without(directory: Path) -> None:
    assert rule_cache.load(directory, stamp(directory)) is None
    rule_cache.save(directory, stamp(directory), PAGES)
    (kept,) = (directory / "__pycache__").iterdir()
    for damage in (b"", b"\x00\xff", kept.read_bytes()[:50]):
        kept.write_bytes(damage)
        assert rule_cache.load(directory, stamp(directory)) is None


def test_noop_where_the_cache_cannot_be_written(directory: Path) -> None:
    (directory / "__pycache__").write_text("a file in its place")
    rule_cache.save(directory, stamp(directory), PAGES)
    assert rule_cache.load(directory, stamp(directory)) is None


def test_nothing_is_written_where_python_writes_no_bytecode(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    rule_cache.save(directory, stamp(directory), PAGES)
    assert os.listdir(directory) == ["SQL999-a.md"]
