"""SQL701: copies of a database that another module of the project opens."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqlite_lint.config import Config
from sqlite_lint.linter import lint_source
from sqlite_lint.project import load_project

OPENER = "import sqlite3\n\n\ndef get_connection(path):\n    return sqlite3.connect(path, timeout=5)\n"
COPY = "import shutil  # sqlite\n\nfrom db import get_connection\n\n\ndef f(place, target):\n    shutil.copy2(place, target)\n"


def found(root: Path, source: str, opener: str = OPENER, name: str = "app.py") -> list[str]:
    (root / "pyproject.toml").write_text("")
    (root / "db.py").write_text(opener)
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text(source)
    config = Config(select=("SQL701",))
    return [d.code for d in lint_source(source, str(root / name), config, load_project(root)).diagnostics]


def test_what_an_imported_opener_is_given_is_a_database(tmp_path: Path) -> None:
    assert found(tmp_path, COPY) == []
    assert found(tmp_path, COPY + "    return get_connection(place)\n") == ["SQL701"]
    assert found(tmp_path, COPY + "    return connected(place)\n") == []


@pytest.mark.parametrize("path", ["db_path", "settings.DB_PATH", "self.database_file", "sqlite_path", "main_db_path"])
def test_a_path_that_is_named_so_is_a_database(path: str, tmp_path: Path) -> None:
    source = f"import shutil\n\n\ndef f(self, settings, target):\n    shutil.copy2({path}, target)\n"
    assert found(tmp_path, source) == ["SQL701"]
    assert found(tmp_path, source, "import sqlite3, psycopg2\nsqlite3.connect('a.db')\n") == []
    assert found(tmp_path, source, "import sqlite3\n") == []  # nothing opens a file
    assert found(tmp_path, source, name="tests/test_app.py") == []


@pytest.mark.parametrize("path", ["backup_db_path", "tmp_db_path", "path", "dbt_path", "src"])
def test_noop_other_paths(path: str, tmp_path: Path) -> None:
    assert found(tmp_path, COPY.replace("place", path)) == []


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("backup_db", ["SQL701"]),
        ("create_backup_database", ["SQL701"]),
        ("db_backup", ["SQL701"]),
        ("copy_sqlite", ["SQL701"]),
        ("backup_sqlite_config", []),
        ("backup", []),
        ("restore_db", []),
    ],
)
def test_what_a_function_that_backs_up_a_database_is_given_is_one(
    function: str, expected: list[str], tmp_path: Path
) -> None:
    source = f"import shutil  # sqlite\n\n\ndef {function}(source, target):\n    shutil.copy2(source, target)\n"
    assert found(tmp_path, source) == expected
    assert found(tmp_path, source.replace("copy2(source", "copy2(__file__")) == []
    assert found(tmp_path, source.replace("source", "backup")) == []


@pytest.mark.parametrize(
    "path",
    ["uri.replace('sqlite:///', '')", "app.config['URI'].split('sqlite:///')[1]", "uri.removeprefix('sqlite:///')"],
)
def test_what_is_cut_out_of_an_engine_url_is_a_database(path: str, tmp_path: Path) -> None:
    source = f"import shutil\n\n\ndef f(app, uri, target):\n    path = {path}\n    shutil.copy2(path, target)\n"
    assert found(tmp_path, source) == ["SQL701"]
    assert found(tmp_path, source.replace("sqlite:", "file:")) == []
