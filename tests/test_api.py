"""The Python API: three functions."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import sqlite_lint
from sqlite_lint import fix_text, lint_paths, lint_text
from sqlite_lint.config import Config
from sqlite_lint.config_file import ConfigError

PYTHON = """\
import sqlite3

con = sqlite3.connect("a.db", timeout=5)
con.execute("SELECT a::text FROM t WHERE b ILIKE ?", (name,))
"""


def test_the_path_tells_the_kind_of_source() -> None:
    assert [d.code for d in lint_text("SELECT 1 ILIKE 2")] == ["SQL101"]
    assert [d.code for d in lint_text("SELECT a ILIKE b FROM t", "x.py")] == ["SQL001"]
    assert [d.code for d in lint_text(PYTHON, "src/x.py")] == ["SQL102", "SQL101"]
    assert [d.code for d in lint_text(PYTHON, "src/x.pyi")] == ["SQL102", "SQL101"]


def test_findings_carry_place_message_and_fix() -> None:
    found = lint_text("SELECT a::text FROM t")[0]
    assert (found.code, found.name, found.path) == ("SQL102", "double-colon-cast", "query.sql")
    assert (found.start.row, found.start.column, found.span) == (1, 9, (8, 14))
    assert found.fix is not None
    assert found.message
    assert found.url.endswith("SQL102-double-colon-cast.md")


def test_the_configuration_is_the_callers() -> None:
    assert lint_text("SELECT 1 ILIKE 2", config=Config(ignore=("SQL1",))) == []
    assert lint_text("SELECT 1 ILIKE 2", "pg/a.sql", Config(per_file_ignores={"pg/*": ("ALL",)})) == []


def test_fix_text_makes_safe_fixes_and_others_on_request() -> None:
    assert fix_text("SELECT a::text FROM t WHERE b ILIKE ?") == "SELECT CAST(a AS TEXT) FROM t WHERE b ILIKE ?"
    mended = fix_text(PYTHON, "a.py", unsafe=True)
    assert "SELECT CAST(a AS TEXT) FROM t WHERE LOWER(b) LIKE LOWER(?)" in mended
    assert fix_text(mended, "a.py", unsafe=True) == mended


def test_lint_paths_reads_files_and_their_configuration(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.py").write_text(PYTHON)
    (tmp_path / "b.sql").write_text("SELECT 1 ILIKE 2;")
    (tmp_path / "a" / "sqlite-lint.toml").write_text('ignore = ["SQL102"]')
    found = [(d.path, d.code) for d in lint_paths([tmp_path])]
    assert found == [(str(tmp_path / "a" / "x.py"), "SQL101"), (str(tmp_path / "b.sql"), "SQL101")]
    assert len(lint_paths([str(tmp_path)], Config())) == 3
    assert [d.code for d in lint_paths([tmp_path / "absent.py"])] == ["SQL001"]


def test_paths_may_be_path_objects_and_a_single_path_stands_for_itself(tmp_path: Path) -> None:
    (found,) = lint_text("SELECT 1 ILIKE 2", Path("a.sql"))
    assert found.path == "a.sql"
    assert fix_text("SELECT a::text", Path("a.sql")) == "SELECT CAST(a AS TEXT)"
    (tmp_path / "b.sql").write_text("SELECT 1 ILIKE 2;")
    assert lint_paths(tmp_path) == lint_paths(str(tmp_path)) == lint_paths([tmp_path])
    assert len(lint_paths(tmp_path)) == 1


def test_lint_paths_leaves_no_cache_behind(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text(PYTHON)
    lint_paths([tmp_path])
    assert [path.name for path in tmp_path.iterdir()] == ["x.py"]


def test_a_wrong_configuration_raises(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text(PYTHON)
    (tmp_path / "sqlite-lint.toml").write_text("selct = 1")
    with pytest.raises(ConfigError, match="selct"):
        lint_paths([tmp_path])


def test_the_package_is_typed_and_says_its_version() -> None:
    assert (Path(sqlite_lint.__file__).parent / "py.typed").exists()
    assert sqlite_lint.__version__.count(".") == 2


def test_importing_the_package_imports_nothing_dear() -> None:
    code = "import sys; before = set(sys.modules); import sqlite_lint; print(sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "sqlite_lint." not in done.stdout
    assert len(done.stdout.split(",")) < 10
