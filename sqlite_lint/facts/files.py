"""Which files of a project may tell something, and a cache of what they told."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from sqlite_lint.cache_files import RACY_NS, write_atomically
from sqlite_lint.directories import Directories, is_directory
from sqlite_lint.facts import MAX_BYTES, FileFacts, Look, look
from sqlite_lint.hosts.engines import vocabulary

_ROOT_MARKS: Final = vocabulary("pyproject.toml .git .hg setup.cfg setup.py sqlite-lint.toml .sqlite-lint.toml Pipfile")
_LESSER_MARKS: Final = vocabulary(
    "manage.py requirements.txt alembic.ini tox.ini package.json go.mod Cargo.toml Gemfile"
)
_SKIPPED: Final = vocabulary(
    ".git .hg .svn .bzr .venv venv node_modules bower_components build dist site-packages __pycache__ "
    ".tox .nox .eggs .mypy_cache .ruff_cache .pytest_cache .hypothesis .sqlite_lint_cache .direnv .idea "
    ".vscode __pypackages__ _build .ipynb_checkpoints .pyenv .pants.d .github htmlcov"
)
_SETTINGS: Final = (".ini", ".toml", ".yml", ".yaml", ".cfg", ".env", ".txt", ".in")
_NAMED_FILES: Final = vocabulary(
    "pipfile .flaskenv .sqlfluff package.json gemfile go.mod composer.json procfile dockerfile"
)
_MOST_FILES: Final = 60_000


def is_marked(names: Collection[str]) -> bool:
    """Tell whether a directory with these entries has a mark of a project's root."""
    return not (_ROOT_MARKS.isdisjoint(names) and _LESSER_MARKS.isdisjoint(names))


def find_root(path: Path, named: Iterable[Path] = (), directories: Directories | None = None) -> Path | None:
    """The nearest directory at or above ``path`` that a project's marks show to be its root.

    Without any mark it is the working directory or else one of the directories ``named`` by the user, if ``path`` lies
    in it and it is no place where unrelated files meet; else None.
    """
    directories = directories or Directories()
    start = os.path.abspath(path)
    if not os.path.isdir(start):
        start = os.path.dirname(start)
    home = os.path.expanduser("~")
    lesser = None
    directory = start
    while (parent := os.path.dirname(directory)) != directory and not (directory == home and directory != start):
        names = directories.names(directory)
        if not _ROOT_MARKS.isdisjoint(names):
            return Path(directory)
        if lesser is None and not _LESSER_MARKS.isdisjoint(names):
            lesser = Path(directory)
        directory = parent
    return lesser or _unmarked_root(Path(start), Path(home), named)


def _unmarked_root(start: Path, home: Path, named: Iterable[Path]) -> Path | None:
    shared = {home, Path(start.anchor), Path(os.environ.get("TMPDIR", "/tmp"))}
    around = (directory for directory in (*_working_directory(), *named) if directory not in shared)
    return next((directory for directory in around if directory == start or directory in start.parents), None)


def _working_directory() -> list[Path]:
    try:
        return [Path.cwd()]
    except OSError:
        return []


def candidates(top: str, directories: Directories | None = None) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Files that may tell something, with their paths relative to ``top``, with slashes.  Links are not followed."""
    directories = directories or Directories()
    stack = [(top, "")]
    count = 0
    while stack:
        directory, prefix = stack.pop()
        if "pyvenv.cfg" in directories.names(directory):
            continue
        for entry in directories.entries(directory):
            name = prefix + entry.name
            if is_directory(entry):
                if entry.name not in _SKIPPED and not entry.name.endswith(".egg-info"):
                    stack.append((entry.path, name + "/"))
            elif _may_tell(entry.name, prefix):
                count += 1
                if count > _MOST_FILES:
                    return
                yield name, entry


def _may_tell(name: str, prefix: str) -> bool:
    lower = name.lower()
    if lower.endswith((".py", ".sql", ".pyi")):
        return True
    if lower.startswith(".env") or lower in _NAMED_FILES:
        return True
    return lower.endswith(_SETTINGS) and prefix.count("/") <= 3 and "lock" not in lower


class FactsCache:
    """The facts of files as last read, in one JSON file, by size and times of change."""

    def __init__(self, root: str, directory: Path | None) -> None:
        self._path = self._file(root, directory)
        self._settled = time.time_ns() - RACY_NS
        self._old = self._load() if self._path is not None else {}
        self._new: dict[str, list[object]] = {}
        self._learnt: dict[str, FileFacts] = {}

    @staticmethod
    def _file(root: str, directory: Path | None) -> Path | None:
        if directory is None:
            return None
        import hashlib

        from sqlite_lint import __version__

        made_by = f"{__version__}\0{sys.version_info[:2]}\0{_own_stamp()}"
        key = hashlib.sha256(f"{made_by}\0{root}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
        return directory / f"project-{key}.json"

    def _load(self) -> dict[str, list[object]]:
        import json

        assert self._path is not None
        try:
            data = json.loads(self._path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        return data if isinstance(data, dict) else {}

    def knows(self, name: str, entry: os.DirEntry[str]) -> bool:
        """Tell whether nothing is to be read at ``entry``: its facts are known, or it is no regular file."""
        try:
            if not entry.is_file(follow_symlinks=False):
                return True
            status = None if self._path is None else entry.stat(follow_symlinks=False)
        except OSError:
            return True
        stamp = [] if status is None else [status.st_size, status.st_mtime_ns, status.st_ctime_ns]
        old = self._old.get(name)
        known = isinstance(old, list) and old[:3] == stamp
        fresh: list[object] = [*stamp] if stamp and max(stamp[1:]) < self._settled else [None, None, None]
        self._new[name] = old if known and old is not None else fresh
        return known

    def learn(self, name: str, facts: FileFacts) -> None:
        """Take over what a file tells that was not known."""
        self._learnt[name] = facts
        self._new[name].append(facts.as_json())

    def files(self) -> dict[str, FileFacts]:
        """All files that tell something, in the order in which they were asked for."""
        found: dict[str, FileFacts] = {}
        for name, entry in self._new.items():
            facts = self._learnt.get(name) or (FileFacts.from_json(entry[3]) if len(entry) == 4 else None)
            if facts is not None:
                found[name] = facts
        return found

    def save(self) -> None:
        """Write what has changed; a directory that cannot be written to is no error."""
        if self._path is None or self._new == self._old:
            return
        import json

        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(str(self._path), json.dumps(self._new, separators=(",", ":")))


def looks(files: Iterable[tuple[str, str]]) -> Iterator[Look | None]:
    """What a first look at each file (name, path) shows; None where it cannot be read."""
    for name, path in files:
        try:
            with open(path, "rb", buffering=0) as file:
                size = os.fstat(file.fileno()).st_size
                yield look(name, file.read(min(size, MAX_BYTES) + 1))
        except OSError:
            yield None


def _own_stamp() -> str:
    """Changes with the code that reads facts, so that a development version does not believe its own older answers."""
    facts = Path(__file__).resolve().parent
    hosts = facts.parent / "hosts"
    names = [facts / f"{name}.py" for name in ("__init__", "files", "models", "python", "settings", "texts")]
    names += [hosts / f"{name}.py" for name in ("atomic", "modulefacts", "libraries", "prefilter")]
    try:
        return ",".join(str(os.stat(name).st_mtime_ns) for name in names)
    except OSError:
        return ""
