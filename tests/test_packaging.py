"""The wheel that users install."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from sqlite_lint import catalog

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("wheel")
    source = directory / "source"  # building leaves files behind
    for name in ("sqlite_lint", "rules"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(directory), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = directory.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(directory / "site")
    return directory / "site"


def run(installed: Path, code: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(installed), "PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=environment, cwd=installed, capture_output=True, text=True, check=True).stdout


def test_a_wheel_brings_all_rules_parsed(installed: Path) -> None:
    code = (
        "import sys, sqlite_lint; from sqlite_lint import catalog; "
        "print(sqlite_lint.__file__, *(rule.code for rule in catalog.rules()), 'tomllib' in sys.modules)"
    )
    where, *codes, parsed = run(installed, code).split()
    assert where.startswith(str(installed))
    assert codes == [rule.code for rule in catalog.rules()]
    assert parsed == "False"


def test_an_installed_linter_finds_what_the_checkout_finds(installed: Path) -> None:
    code = "import sqlite_lint; print([f.code for f in sqlite_lint.lint_text('SELECT a::text FROM t WHERE b ILIKE c')])"
    assert run(installed, code) == "['SQL102', 'SQL101']\n"
