"""Connections that an application opens before gunicorn forks its workers."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqlite_lint import lint_paths
from sqlite_lint.config import Config

APP = """\
import sqlite3

connection = sqlite3.connect("shop.db", timeout=5, check_same_thread=False)


def orders():
    return connection.execute("SELECT id FROM orders").fetchall()
"""
LATE = """\
import sqlite3


def orders():
    connection = sqlite3.connect("shop.db", timeout=5)
    return connection.execute("SELECT id FROM orders").fetchall()
"""


def _rows(root: Path, app: str, **files: str) -> list[int]:
    (root / "pyproject.toml").write_text("")
    (root / "app.py").write_text(app)
    for name, text in files.items():
        (root / name.replace("__", ".")).write_text(text)
    return [d.start.row for d in lint_paths([root], Config(select=("SQL554",)))]


@pytest.mark.parametrize(
    "files",
    [
        {"gunicorn__conf__py": "workers = 4\npreload_app = True\n"},
        {"Procfile": "web: gunicorn --preload --workers 4 app:app\n"},
        {"Dockerfile": 'CMD ["gunicorn", "--preload", "app:app"]\n'},
        {"compose__yml": "services:\n  web:\n    command: gunicorn --preload app:app\n"},
    ],
    ids=lambda files: next(iter(files)),
)
def test_connection_of_a_module_is_used_by_workers_that_are_forked_later(tmp_path: Path, files: dict[str, str]) -> None:
    assert _rows(tmp_path, APP, **files) == [7]


@pytest.mark.parametrize(
    ("app", "files"),
    [
        (APP, {"gunicorn__conf__py": "workers = 4\npreload_app = False\n"}),
        (APP, {"Procfile": "web: gunicorn --workers 4 app:app\n"}),
        (LATE, {"gunicorn__conf__py": "preload_app = True\n"}),
    ],
    ids=["not preloaded", "no option", "opened by the worker"],
)
def test_noop_connection_of_the_worker_itself(tmp_path: Path, app: str, files: dict[str, str]) -> None:
    assert _rows(tmp_path, app, **files) == []
