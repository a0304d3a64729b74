"""Which part of a project a file is: the program itself, or tests, scripts and examples around it."""

from __future__ import annotations

import os
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from sqlite_lint.regex import regex

if TYPE_CHECKING:
    from sqlite_lint.project import Project

_TEST_DIRECTORIES: Final = frozenset({"test", "tests", "testing", "test_utils", "e2e", "fixtures"})
_TEST_FILE: Final = regex(r"(test_.*|.*_tests?|conftest|tests?|testing|.*test_settings|settings_test)\.\w+")
_SIDE_DIRECTORIES: Final = frozenset(
    {"example", "examples", "sample", "samples", "demo", "demos", "script", "scripts", "docs", "benchmarks"}
)


def area_of(path: str, project: Project | None = None) -> str:
    """ "test", "side" (scripts, examples, documentation) or "" for the program, by the name of a file and of the
    directories between it and the project's root."""
    pure = PurePath(path)
    root = project.root if project is not None else None
    if root is not None:
        absolute = PurePath(os.path.abspath(path))
        if absolute.is_relative_to(root):
            pure = absolute.relative_to(root)
    parents = pure.parts[:-1]
    if pure.is_absolute():
        parents = parents[-1:]  # without a root, directories above the project cannot be told from its own
    named_for_tests = any(part in _TEST_DIRECTORIES or part.startswith("test_") for part in parents)
    if _TEST_FILE.fullmatch(pure.name) or named_for_tests:
        return "test"
    return "" if _SIDE_DIRECTORIES.isdisjoint(parents) else "side"
