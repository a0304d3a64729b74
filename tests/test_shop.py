"""The demonstration: the shop's tests fail on SQLite, and pass once sqlite-lint has mended a copy of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHOP = ROOT / "examples" / "shop"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHOP, tmp_path / "shop", ignore=shutil.ignore_patterns("__pycache__")))


def _python(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=cwd, capture_output=True, text=True, timeout=120)


def _lint(shop: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return _python("-m", "sqlite_lint", "--no-cache", *arguments, ".", cwd=shop)


def _failed_tests(shop: Path) -> set[str]:
    """The names of the shop's tests that fail or raise."""
    shown = _python("-m", "unittest", cwd=shop).stderr
    assert "Ran 18 tests" in shown
    marks = ("ERROR: ", "FAIL: ")
    return {line.split()[1] for line in shown.splitlines() if line.startswith(marks)}


def _sources(shop: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in shop.rglob("*") if path.suffix in {".py", ".sql"}}


def test_the_shop_fails_on_sqlite(shop: Path) -> None:
    assert len(_failed_tests(shop)) == 18


def test_fixing_mends_the_shop(shop: Path) -> None:
    fixed = _lint(shop, "--fix", "--unsafe-fixes")
    assert fixed.returncode == 0, fixed.stdout + fixed.stderr
    assert _failed_tests(shop) == set()


def test_the_mended_shop_has_no_findings_and_stays_as_it_is(shop: Path) -> None:
    _lint(shop, "--fix", "--unsafe-fixes")
    mended = _sources(shop)
    assert _lint(shop).returncode == 0
    _lint(shop, "--fix", "--unsafe-fixes")
    assert _sources(shop) == mended


def test_fixing_leaves_the_shop_s_own_tests_alone(shop: Path) -> None:
    before = (shop / "tests" / "test_shop.py").read_bytes()
    _lint(shop, "--fix", "--unsafe-fixes")
    assert (shop / "tests" / "test_shop.py").read_bytes() == before


def test_json_comparisons_are_silent_faults(shop: Path) -> None:
    _lint(shop, "--fix", "--unsafe-fixes", "--ignore", "SQL401")
    assert _failed_tests(shop) == {
        "test_postcode_is_found_as_number_and_as_text",
        "test_size_is_found_as_number_and_as_text",
    }


def test_comments_and_layout_survive(shop: Path) -> None:
    _lint(shop, "--fix", "--unsafe-fixes")
    assert "-- the customer sees this line" in _sources(shop)["orders.py"]
    assert "-- The start page asks for open orders" in _sources(shop)["schema.sql"]
    before, after = _sources(SHOP), _sources(shop)
    assert {name: text.count("\n") for name, text in after.items()} == {
        name: text.count("\n") for name, text in before.items()
    }
