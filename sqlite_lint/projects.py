"""The projects that the files of a run belong to, and the first look at many files, in several processes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlite_lint.directories import Directories
from sqlite_lint.facts import look
from sqlite_lint.facts.files import find_root, is_marked, looks

if TYPE_CHECKING:
    from sqlite_lint.config import Config
    from sqlite_lint.discover import Found
    from sqlite_lint.facts import Look
    from sqlite_lint.project import Project


class Projects:
    """The facts of each project that the files belong to, loaded when the first file needs them.

    ``named`` are the directories that the user named, ``unconcerned`` files that a scan has found to concern no rule.
    """

    def __init__(
        self, cache_dir: str | None = None, named: tuple[Path, ...] = (), directories: Directories | None = None
    ) -> None:
        self.cache_dir: Final = cache_dir
        self.named: Final = named
        self.directories: Final = directories or Directories()
        self.known: Final[dict[str | None, Project]] = {}
        self.roots: Final[dict[str, str | None]] = {}
        self.unconcerned: Final[set[str]] = set()

    def of(self, path: str, config: Config) -> Project:
        """The project of a file."""
        root = self._root(path)
        if root not in self.known:
            self.known[root] = self._load(root, config, _Scan(1))
        return self.known[root]

    def scan(self, files: Sequence[Found], jobs: int) -> None:
        """Look at all files once, for the facts of their projects and for what concerns no rule."""
        scan = _Scan(jobs)
        for found in files:
            root = self._root(found.path)
            if root not in self.known:
                self.known[root] = self._load(root, found.config, scan)
        python = [found.path for found in files if not found.path.lower().endswith(".sql")]
        for _ in scan.looks((path, path) for path in python if path not in scan.seen):
            pass
        self.unconcerned.update(path for path in python if scan.seen[path] is False)

    def _load(self, root: str | None, config: Config, scan: _Scan) -> Project:
        from sqlite_lint.project import load_project

        cache_dir = None if self.cache_dir is None else Path(self.cache_dir)
        return load_project(None if root is None else Path(root), config, cache_dir, scan.looks, self.directories)

    def _root(self, path: str) -> str | None:
        directory = os.path.dirname(path)
        if directory not in self.roots:
            parent = os.path.dirname(directory)
            above = self.roots.get(parent) if parent != os.path.expanduser("~") else None
            if above is None or is_marked(self.directories.names(directory)):
                root = find_root(Path(directory), self.named, self.directories)
                above = None if root is None else str(root)
            self.roots[directory] = above
        return self.roots[directory]


class _Scan:
    """Looks at files in ``jobs`` processes, and remembers by path whether each concerns a rule."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self.seen: dict[str, bool] = {}

    def looks(self, files: Iterable[tuple[str, str]]) -> Iterator[Look | None]:
        """As facts.files.looks."""
        named = list(files)
        for (_, path), found in zip(named, self._looks(named), strict=True):
            self.seen[path] = found is None or found.concerned
            yield found

    def _looks(self, named: list[tuple[str, str]]) -> Iterator[Look | None]:
        if self._jobs <= 1:
            return looks(named)
        from sqlite_lint.workers import spread

        look("sample.py", _SAMPLE.encode())  # loads what each process would load by itself
        return spread(looks, named, self._jobs, warm)


@lru_cache(maxsize=1)
def warm() -> None:
    """Load modules and rules, for the processes that are forked later."""
    from sqlite_lint.config import Config
    from sqlite_lint.linter import lint_source

    lint_source(_SAMPLE, "sample.py", Config())


_SAMPLE: Final = """\
import sqlite3

from django.db import models

URL = "sqlite:///shop.db"
ORDERS = "CREATE TABLE orders (id INTEGER PRIMARY KEY, total INT, doc TEXT)"


class Order(models.Model):
    total = models.IntegerField()


class Store:
    def __init__(self, path):
        self.connection = sqlite3.connect(path, timeout=5)

    def run(self, sql, values=()):
        with self.connection:
            return self.connection.execute(sql, values)

    def load(self, total, table):
        self.run(ORDERS)
        self.connection.execute("BEGIN")
        for row in self.run("SELECT json_extract(doc, '$.a') FROM orders WHERE total = ? AND doc = 'x'", (total,)):
            self.run(f"UPDATE {table} SET total = total + 1 WHERE id = %s" % row[0])
        self.connection.commit()
"""
