"""Settings of a run: frozen, and independent of everything else in the package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

DEFAULT_TARGET = (3, 40)
DEFAULT_EXCLUDE = (
    ".bzr", ".direnv", ".eggs", ".git", ".hg", ".ipynb_checkpoints", ".mypy_cache", ".nox", ".pants.d", ".pyenv",
    ".pytest_cache", ".pytype", ".ruff_cache", ".sqlite_lint_cache", ".svn", ".tox", ".venv", ".vscode", "__pycache__",
    "__pypackages__", "_build", "buck-out", "dist", "node_modules", "site-packages", "venv",
)  # fmt: skip
"""Directories that hold others' code, builds or caches."""


class Config(NamedTuple):
    """All settings, as read from ``[tool.sqlite-lint]`` and the command line.

    ``target_version`` is the oldest SQLite the code must run on.  ``busy_timeout`` is in seconds.  ``root`` is the
    directory that path patterns are relative to, or None.
    """

    target_version: tuple[int, int] = DEFAULT_TARGET
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = {}
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    extend_exclude: tuple[str, ...] = ()
    busy_timeout: float = 5.0
    ilike_fix: str = "lower"  # "lower": LOWER(x) LIKE LOWER(y); "like": plain LIKE
    wrappers: tuple[str, ...] = ()
    dialects: Mapping[str, str] = {}
    functions: tuple[str, ...] = ()
    schema: tuple[str, ...] = ()
    ignore_noqa: bool = False  # report what comments silence, too
    root: str | None = None
