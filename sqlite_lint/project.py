"""What the project as a whole tells: gathered once from its root, so that one file gets the same findings as a tree."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from sqlite_lint.facts import MAX_BYTES, FileFacts, read_facts
from sqlite_lint.hosts.engines import vocabulary

if TYPE_CHECKING:
    from sqlite_lint.config import Config
    from sqlite_lint.hosts.model import Engine
    from sqlite_lint.hosts.modulefacts import Wrapper
    from sqlite_lint.sql.schema import Schema

_ROOT_MARKS: Final = (
    "pyproject.toml",
    ".git",
    ".hg",
    "setup.cfg",
    "setup.py",
    "sqlite-lint.toml",
    ".sqlite-lint.toml",
    "Pipfile",
)
_LESSER_MARKS: Final = ("manage.py", "requirements.txt", "alembic.ini", "tox.ini")
_SKIPPED: Final = vocabulary(
    ".git .hg .svn .bzr .venv venv .env env node_modules bower_components build dist site-packages __pycache__ "
    ".tox .nox .eggs .mypy_cache .ruff_cache .pytest_cache .hypothesis .sqlite_lint_cache .direnv .idea "
    ".vscode __pypackages__ _build .ipynb_checkpoints .pyenv .pants.d .github htmlcov"
)
_SETTINGS: Final = (".ini", ".toml", ".yml", ".yaml", ".cfg", ".env", ".txt", ".in")
_MOST_FILES: Final = 60_000
_TEST_PARTS: Final = frozenset({"tests", "test", "testing"})


def find_root(path: Path) -> Path | None:
    """The nearest directory at or above ``path`` that a project's marks show to be its root; None if none does."""
    start = Path(os.path.abspath(path))
    if not start.is_dir():
        start = start.parent
    home = Path(os.path.expanduser("~"))
    lesser = None
    for directory in (start, *start.parents):
        if directory.parent == directory or (directory == home and directory != start):
            break
        if any(os.path.lexists(directory / mark) for mark in _ROOT_MARKS):
            return directory
        if lesser is None and any(os.path.lexists(directory / mark) for mark in _LESSER_MARKS):
            lesser = directory
    return lesser


@dataclass(frozen=True)
class Project:
    """The facts of all files below ``root``, by their paths relative to it, with slashes."""

    root: str | None = None
    files: Mapping[str, FileFacts] = field(default_factory=dict)

    @classmethod
    def empty(cls) -> Project:
        return cls()

    @cached_property
    def digest(self) -> str:
        """Changes whenever a fact does; part of the key under which results are cached."""
        import json

        text = json.dumps({name: facts.as_json() for name, facts in sorted(self.files.items())}, sort_keys=True)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def __getstate__(self) -> dict[str, object]:
        return {"root": self.root, "files": self.files, "digest": self.digest}

    def relative(self, path: str) -> str:
        """``path`` below the root, with slashes; outside of it, its name and directory only."""
        posix = path.replace("\\", "/")
        if self.root is not None:
            root = self.root.replace("\\", "/").rstrip("/") + "/"
            absolute = posix if os.path.isabs(path) else os.path.abspath(path).replace("\\", "/")
            if absolute.startswith(root):
                return absolute[len(root) :]
        if os.path.isabs(path):
            return "/".join(posix.split("/")[-2:])
        return posix.removeprefix("./")

    # -- the engine

    def engine(self, libraries: Collection[str] = ()) -> tuple[Engine, str]:
        """The project's engine as far as it can be told, and why; ``libraries`` are those behind the receiver."""
        from sqlite_lint.hosts.model import Engine

        for engines, what in self._evidence(frozenset(libraries)):
            if not engines:
                continue
            names = " and ".join(sorted(engines))
            if engines == {"sqlite"}:
                return Engine.SQLITE, f"{what} SQLite only"
            if "sqlite" not in engines:
                return Engine.OTHER, f"{what} {_titles(engines)} and no SQLite"
            return Engine.UNKNOWN, f"{what} {_titles(engines)}" if names else ""
        return Engine.UNKNOWN, "nothing shows which engine is used"

    def _evidence(self, libraries: frozenset[str]) -> Iterator[tuple[frozenset[str], str]]:
        if "django" in libraries:
            yield self._named("django"), "Django's settings name"
        if libraries & {"sqlalchemy", "alembic", "sqlmodel", "flask_sqlalchemy", "databases"}:
            yield self._named("urls"), "the project's engine URLs name"
        everything = self._named("drivers") | self._named("urls") | self._named("django") | self._named("dependencies")
        yield everything, "the project uses"

    def _named(self, kind: str) -> frozenset[str]:
        return self._by_kind.get(kind, frozenset())

    @cached_property
    def _by_kind(self) -> Mapping[str, frozenset[str]]:
        """Engines by kind of evidence.  In tests only SQLite counts: code that they run on it does reach it."""
        found: dict[str, set[str]] = {"drivers": set(), "urls": set(), "django": set(), "dependencies": set()}
        for name, facts in self.files.items():
            in_tests = is_test_path(name)
            for kind, engines in found.items():
                values = getattr(facts, kind)
                engines.update(value for value in values if value == "sqlite" or not in_tests)
        return {kind: frozenset(engines) for kind, engines in found.items()}

    def neighbours(self, path: str, imports: Iterable[str]) -> frozenset[str]:
        """The engines whose drivers the nearest of the project's modules import that ``path`` imports, directly or not."""
        here = self.relative(path)
        seen = {here}
        level = {found for dotted in imports for found in self._modules_of(here, dotted)}
        for _ in range(3):
            level -= seen
            if not level:
                break
            engines = frozenset(
                engine for name in level for engine in (*self.files[name].drivers, *self.files[name].urls)
            )
            if engines:
                return engines
            seen |= level
            level = {
                found
                for name in level
                for dotted in self.files[name].imports
                for found in self._modules_of(name, dotted)
            }
        return frozenset()

    # -- modules

    @cached_property
    def _by_module(self) -> Mapping[str, list[str]]:
        """Paths of modules by their dotted names, also without leading directories such as ``src``."""
        found: dict[str, list[str]] = {}
        for name in self.files:
            if name.endswith((".py", ".pyi")):
                parts = _dotted(name).split(".")
                for first in range(len(parts)):
                    found.setdefault(".".join(parts[first:]), []).append(name)
        return found

    def resolve(self, path: str, level: int, module: str | None) -> str:
        """The dotted name, from the root, of what ``from ..module import`` in ``path`` means."""
        if level == 0:
            return module or ""
        parts = _dotted(self.relative(path)).split(".")
        if not self.relative(path).endswith(("__init__.py", "__init__.pyi")):
            parts = parts[:-1]
        parts = parts[: len(parts) - (level - 1)] if level > 1 else parts
        return ".".join([*parts, *([module] if module else [])])

    def _absolute(self, path: str, dotted: str) -> str:
        plain = dotted.lstrip(".")
        return self.resolve(path, len(dotted) - len(plain), plain or None)

    def _modules_of(self, path: str, dotted: str) -> list[str]:
        """The project's files that an import in ``path`` (relative to the root) may load: module and package member."""
        absolute = self._absolute(path, dotted)
        for name in (absolute, absolute.rpartition(".")[0]):
            found = self._by_module.get(name) if name else None
            if found:
                return [_nearest(found, path)]
        return []

    def constant(self, module: str, name: str, path: str = "") -> str | tuple[str, ...] | None:
        """The SQL that ``module.name`` or ``module.Class.name`` holds; HOLE for what is not known of it."""
        return self._constant(module, name, path, 4)

    def find_constant(self, path: str, dotted: str) -> str | tuple[str, ...] | None:
        """The SQL of a dotted name as imported in ``path``: ``..queries.INSERT``, ``app.sql.Queries.INSERT``."""
        here = self.relative(path)
        absolute = self._absolute(here, dotted)
        parts = absolute.split(".")
        for cut in (1, 2):
            if len(parts) > cut:
                found = self.constant(".".join(parts[:-cut]), ".".join(parts[-cut:]), here)
                if found is not None:
                    return found
        return None

    def _constant(self, module: str, name: str, path: str, depth: int) -> str | tuple[str, ...] | None:
        paths = self._by_module.get(module)
        if not paths or not depth:
            return None
        here = _nearest(paths, path)
        facts = self.files[here]
        value = facts.constants.get(name)
        if value is not None:
            return tuple(value) if isinstance(value, list) else str(value)
        first = name.partition(".")[0]
        for dotted in facts.imports:
            if dotted.rpartition(".")[2] == first:
                origin = self._absolute(here, dotted).rpartition(".")[0]
                if origin != module:
                    return self._constant(origin, name, here, depth - 1)
        return None

    # -- wrappers, schema, pragmas

    @cached_property
    def wrappers(self) -> Mapping[str, tuple[Wrapper, ...]]:
        """The project's own functions that hand SQL on, by bare name."""
        from sqlite_lint.hosts.model import Sink
        from sqlite_lint.hosts.modulefacts import Wrapper

        found: dict[str, list[Wrapper]] = {}
        for facts in self.files.values():
            for name, owner, position, keyword, sink in facts.wrappers:
                wrapper = Wrapper(name, owner, position, keyword, Sink(sink))
                if wrapper not in found.setdefault(name, []):
                    found[name].append(wrapper)
        return {name: tuple(wrappers) for name, wrappers in found.items()}

    def wrapper(self, name: str, from_module: str) -> Wrapper | None:
        """The wrapper of this name that ``from_module`` (dotted) defines."""
        for path in self._by_module.get(from_module, ()):
            for wrapper in self.wrappers.get(name, ()):
                if any(row[0] == name for row in self.files[path].wrappers):
                    return wrapper
        return None

    @cached_property
    def schema(self) -> Schema:
        """Tables and columns as the project's DDL gives them, without what is for another engine."""
        from sqlite_lint.hosts.evidence import path_engines
        from sqlite_lint.sql.schema import Schema
        from sqlite_lint.sql.statement import split

        schema = Schema()
        for name, facts in sorted(self.files.items()):
            engines = path_engines(name) if facts.ddl else frozenset()
            if engines and "sqlite" not in engines:
                continue
            for text in facts.ddl:
                for statement in split(text):
                    schema.learn(statement)
        return schema

    @cached_property
    def pragmas(self) -> frozenset[tuple[str, str]]:
        """Pragmas set anywhere in the project, with their values, in lower case."""
        return frozenset((name, value) for facts in self.files.values() for name, value in facts.pragmas)


def _titles(engines: Iterable[str]) -> str:
    from sqlite_lint.hosts.engines import title

    return " and ".join(sorted(map(title, engines)))


def _dotted(name: str) -> str:
    plain = name.rpartition(".")[0].replace("/", ".")
    return plain.removesuffix(".__init__") if plain != "__init__" else ""


def _nearest(paths: list[str], path: str) -> str:
    """Of several modules of one name, that which shares most directories with ``path``."""
    if len(paths) == 1:
        return paths[0]
    return max(paths, key=lambda each: (len(os.path.commonprefix([each.split("/"), path.split("/")])), -len(each)))


def is_test_path(name: str) -> bool:
    parts = PurePosixPath(name).parts
    last = parts[-1] if parts else ""
    return (
        bool(_TEST_PARTS.intersection(parts[:-1]))
        or last.startswith(("test_", "conftest"))
        or last.endswith("_test.py")
    )


# -- gathering


def load_project(root: Path | None, config: Config | None = None, cache_dir: Path | None = None) -> Project:
    """Gather the facts below ``root``; those of unchanged files come from ``cache_dir``, where one is given.

    Never raises: what cannot be read tells nothing.
    """
    if root is None or root.parent == root:
        return Project.empty()
    top = os.path.abspath(root)
    cache = FactsCache(top, cache_dir)
    files: dict[str, FileFacts] = {}
    for name, entry_path in _candidates(top):
        facts = cache.facts(name, entry_path)
        if facts:
            files[name] = facts
    cache.save()
    return Project(top, files)


def _candidates(top: str) -> Iterator[tuple[str, str]]:
    """Files that may tell something: (path relative to ``top`` with slashes, path to open).  Links are not followed."""
    stack = [(top, "")]
    count = 0
    while stack:
        directory, prefix = stack.pop()
        try:
            entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    if (
                        entry.name not in _SKIPPED
                        and not entry.name.endswith(".egg-info")
                        and not _is_environment(entry.path)
                    ):
                        stack.append((entry.path, prefix + entry.name + "/"))
                elif _may_tell(entry.name, prefix) and entry.is_file(follow_symlinks=False):
                    count += 1
                    if count > _MOST_FILES:
                        return
                    yield prefix + entry.name, entry.path
            except OSError:
                continue


def _is_environment(directory: str) -> bool:
    return os.path.lexists(os.path.join(directory, "pyvenv.cfg"))


def _may_tell(name: str, prefix: str) -> bool:
    lower = name.lower()
    if lower.endswith((".py", ".sql", ".pyi")):
        return True
    if lower.startswith(".env") or lower in {"pipfile", ".flaskenv"}:
        return True
    return lower.endswith(_SETTINGS) and prefix.count("/") <= 3 and "lock" not in lower


class FactsCache:
    """The facts of files as last read, in one JSON file, by size and time of change."""

    def __init__(self, root: str, directory: Path | None) -> None:
        self._path = self._file(root, directory)
        self._old = self._load() if self._path is not None else {}
        self._new: dict[str, list[object]] = {}
        self._changed = False

    @staticmethod
    def _file(root: str, directory: Path | None) -> Path | None:
        if directory is None:
            return None
        from sqlite_lint import __version__

        key = hashlib.sha256(f"{__version__}\0{_own_stamp()}\0{root}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
        return directory / f"project-{key}.json"

    def _load(self) -> dict[str, list[object]]:
        import json

        assert self._path is not None
        try:
            data = json.loads(self._path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        return data if isinstance(data, dict) else {}

    def facts(self, name: str, path: str) -> FileFacts | None:
        try:
            status = os.stat(path)
        except OSError:
            return None
        stamp = [status.st_size, status.st_mtime_ns]
        old = self._old.get(name)
        if isinstance(old, list) and old[:2] == stamp:
            self._new[name] = old
            return FileFacts.from_json(old[2]) if len(old) == 3 else None
        self._changed = True
        facts = _read(name, path) if status.st_size <= MAX_BYTES else None
        self._new[name] = [*stamp, facts.as_json()] if facts else [*stamp]
        return facts

    def save(self) -> None:
        """Write what has changed; a directory that cannot be written to is no error."""
        if self._path is None or not (self._changed or len(self._new) != len(self._old)):
            return
        import json
        import tempfile

        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                "w", dir=self._path.parent, suffix=".tmp", delete=False, encoding="utf-8"
            ) as file:
                json.dump(self._new, file, separators=(",", ":"))
            os.replace(file.name, self._path)
        except (OSError, ValueError):
            return


def _read(name: str, path: str) -> FileFacts | None:
    try:
        with open(path, "rb") as file:
            return read_facts(name, file.read(MAX_BYTES + 1)) or None
    except OSError:
        return None


def _own_stamp() -> str:
    """Changes with the code that reads facts, so that a development version does not believe its own older answers."""
    try:
        directory = os.path.dirname(os.path.abspath(__file__))
        names = [os.path.join(directory, "facts.py"), __file__, os.path.join(directory, "hosts", "modulefacts.py")]
        return ",".join(str(os.stat(each).st_mtime_ns) for each in names)
    except OSError:
        return ""
