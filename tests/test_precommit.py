"""The hooks, run by a real pre-commit in a repository made for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
CODE = """\
import sqlite3

con = sqlite3.connect("shop.db", timeout=5)
con.execute("SELECT a::text FROM t")
con.execute("SELECT a FROM t WHERE b ILIKE ?", ("x",))
"""


def command(*arguments: str, cwd: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(arguments, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_both_hooks_report_and_the_second_one_mends(tmp_path: Path) -> None:
    scratch = tmp_path / "shop"
    scratch.mkdir()
    # A hook that runs these tests must not lead git here, nor its settings there.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment |= {"PRE_COMMIT_HOME": str(tmp_path / "home"), "PRE_COMMIT_COLOR": "never"}
    (scratch / "app.py").write_text(CODE)
    (scratch / "query.sql").write_text("SELECT a ILIKE b FROM t;\n")
    (scratch / "excluded.sql").write_text("SELECT a ILIKE b FROM t;\n")
    (scratch / "notes.txt").write_text("SELECT a ILIKE b FROM t;\n")
    (scratch / "pyproject.toml").write_text('[tool.sqlite-lint]\nextend-exclude = ["excluded.sql"]\n')
    for arguments in (["init", "-q"], ["add", "."]):
        assert command("git", *arguments, cwd=scratch, environment=environment).returncode == 0

    done = command(
        sys.executable, "-m", "pre_commit", "try-repo", str(ROOT), "--all-files", "--verbose",
        cwd=scratch, environment=environment,
    )  # fmt: skip

    report, mended = done.stdout.split("sqlite-lint --fix", 1)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "app.py:4:" in report
    assert "query.sql:1:" in report
    assert "excluded.sql" not in done.stdout.partition("=" * 40)[2]
    assert "notes.txt" not in done.stdout
    assert "SQL101" in report
    assert "SQL102" in report
    assert "files were modified by this hook" in mended
    assert "SQL102" not in mended
    assert (scratch / "app.py").read_text() == CODE.replace("a::text", "CAST(a AS TEXT)")
