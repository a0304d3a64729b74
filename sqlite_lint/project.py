"""What the project as a whole tells: gathered once from its root, so that one file gets the same findings as a tree."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from sqlite_lint.facts import FileFacts
from sqlite_lint.facts.files import FactsCache, candidates, find_root, looks
from sqlite_lint.facts.modules import Modules

if TYPE_CHECKING:
    from sqlite_lint.config import Config
    from sqlite_lint.directories import Directories
    from sqlite_lint.facts import Look
    from sqlite_lint.facts.bases import CommonBases
    from sqlite_lint.hosts.model import Engine, SqlUse
    from sqlite_lint.hosts.modulefacts import Wrapper
    from sqlite_lint.schema_files import GivenSchema
    from sqlite_lint.sql.schema import Schema

__all__ = ["Project", "find_root", "load_project"]

_TEST_PARTS: Final = frozenset({"tests", "test", "testing"})


NO_FILES: Final[Mapping[str, FileFacts]] = {}


class Project:
    """The facts of all files below ``root``, by their paths relative to it, with slashes."""

    def __init__(
        self,
        root: str | None = None,
        files: Mapping[str, FileFacts] = NO_FILES,
        given: GivenSchema | None = None,
    ) -> None:
        self.root: Final = root
        self.files: Final = files
        self.given: Final = given

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Project):
            return NotImplemented
        return (self.root, self.files, self.given) == (other.root, other.files, other.given)

    @classmethod
    def empty(cls) -> Project:
        return cls()

    def with_given(self, given: GivenSchema | None) -> Project:
        """This project with the tables that the configuration names."""
        if given is self.given:
            return self
        if given not in self._with_given:
            self._with_given[given] = Project(self.root, self.files, given)
        return self._with_given[given]

    @cached_property
    def _with_given(self) -> dict[GivenSchema | None, Project]:
        return {}

    @cached_property
    def digest(self) -> str:
        """Changes whenever a fact does; part of the key under which results are cached."""
        import hashlib
        import json

        text = json.dumps([self.root, {name: facts.as_json() for name, facts in self.files.items()}], sort_keys=True)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def __getstate__(self) -> dict[str, object]:
        return {"root": self.root, "files": self.files, "given": None, "digest": self.digest}

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

    @cached_property
    def libraries(self) -> frozenset[str]:
        """The libraries that the project's own code, without its tests, hands SQL to."""
        found = (facts.libraries for name, facts in self.files.items() if not is_test_path(name))
        return frozenset(library for libraries in found for library in libraries) - {"pandas"}  # hands it on as it is

    def neighbours(self, path: str, imports: Iterable[str]) -> frozenset[str]:
        """The engines of the drivers that modules of the project import which ``path`` imports; the nearest decide."""
        here = self.relative(path)
        seen = {here}
        level = {found for dotted in imports for found in self.modules.imported_by(here, dotted)}
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
                for found in self.modules.imported_by(name, dotted)
            }
        return frozenset()

    def is_common_base(self, path: str) -> bool:
        """Tell whether ``path`` is the base of what stands beside it for one engine each (facts.bases)."""
        return self._bases.holds(self.relative(path))

    @cached_property
    def _bases(self) -> CommonBases:
        from sqlite_lint.facts.bases import CommonBases

        return CommonBases(self.files)

    # -- modules

    @cached_property
    def modules(self) -> Modules:
        return Modules(self.files)

    def find_constant(self, path: str, dotted: str) -> str | tuple[str, ...] | None:
        """The SQL of a dotted name as imported in ``path``: ``..queries.INSERT``, ``app.sql.Queries.INSERT``.

        HOLE stands for what is not known of it; several texts are given where the name holds several.
        """
        return self.modules.constant(self.relative(path), dotted)

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

    @cached_property
    def schema(self) -> Schema:
        """Tables and columns as the project's DDL gives them, without what is for another engine, and those given."""
        from sqlite_lint.facts.tables import learnt

        return learnt(self.files, None if self.given is None else self.given.schema)

    @cached_property
    def names(self) -> Schema:
        """All tables and columns that the project may have: those of its models, whose types are not known, as well."""
        from sqlite_lint.facts.tables import with_models

        return with_models(self.schema, self.files)

    @cached_property
    def _as_open(self) -> tuple[Schema, Schema]:
        return self.schema.as_open(), self.names.as_open()

    def seen_in(self, path: str, uses: Iterable[SqlUse]) -> tuple[Schema, Schema]:
        """Schema and names as a file sees them: of one that is not among the project's, its own DDL counts as well.

        A test makes databases of its own: no table lacks anything there.
        """
        from sqlite_lint.facts.tables import with_scripts
        from sqlite_lint.facts.texts import holds_ddl
        from sqlite_lint.hosts.model import Engine

        if is_test_path(self.relative(path)):
            return self._as_open
        own: list[str] = []
        if self.relative(path) not in self.files:
            own = [use.text.text for use in uses if use.engine is not Engine.OTHER and holds_ddl(use.text.text)]
        schema = with_scripts(self.schema, own)
        return schema, schema if self.names is self.schema else with_scripts(self.names, own)

    def rewriter(self, name: str, path: str, imports: Iterable[str] | None) -> int:
        """What the function ``name`` that ``path`` calls changes in SQL (hosts.rewriting.Rewriting).

        Only modules that ``path`` imports (None: any) count for a name such as ``execute``, which every driver has.
        """
        if name not in self._rewriters:
            return 0
        if imports is None or not name.startswith(("execute", "fetch", "query", "cursor")):
            return self._rewriters[name]
        here = self.relative(path)
        loaded = {found for dotted in imports for found in self.modules.imported_by(here, dotted)}
        return max((self.files[each].rewriters.get(name, 0) for each in loaded), default=0)

    @cached_property
    def _rewriters(self) -> Mapping[str, int]:
        found: dict[str, int] = {}
        for facts in self.files.values():
            for name, kind in facts.rewriters.items():
                found[name] = max(kind, found.get(name, 0))
        return found

    @cached_property
    def openers(self) -> tuple[str, ...]:
        """The program's own files that seem to open SQLite, in order; what concerns them all is said at the first."""
        from sqlite_lint.hosts.areas import area_of

        return tuple(name for name, facts in sorted(self.files.items()) if facts.opens and not area_of(name))

    @cached_property
    def imports(self) -> frozenset[str]:
        """The top-level modules that the program's files import which have to do with SQL."""
        found = (facts.imports for name, facts in self.files.items() if not is_test_path(name))
        return frozenset(dotted.partition(".")[0] for imports in found for dotted in imports)

    @cached_property
    def drives_by_hand(self) -> bool:
        """Tell whether the project says anywhere how transactions begin, other than by the default of sqlite3."""
        return any(facts.by_hand for facts in self.files.values())

    @cached_property
    def atomic_upgrade(self) -> tuple[str, int] | None:
        """The first block of Django's ``transaction.atomic`` that reads and then writes: file and line."""
        found = ((name, facts.atomic_upgrade) for name, facts in sorted(self.files.items()) if not is_test_path(name))
        return next(((name, row) for name, row in found if row), None)

    @cached_property
    def functions(self) -> frozenset[str]:
        """The SQL functions that the project registers on its connections, in lower case."""
        return frozenset(name for facts in self.files.values() for name in facts.functions)

    @cached_property
    def pragmas(self) -> frozenset[tuple[str, str]]:
        """Pragmas set anywhere in the project, with their values, in lower case."""
        return frozenset((name, value) for facts in self.files.values() for name, value in facts.pragmas)


def _titles(engines: Iterable[str]) -> str:
    from sqlite_lint.hosts.engines import title

    return " and ".join(sorted(map(title, engines)))


def is_test_path(name: str) -> bool:
    parts = PurePosixPath(name).parts
    last = parts[-1] if parts else ""
    return (
        bool(_TEST_PARTS.intersection(parts[:-1]))
        or last.startswith(("test_", "conftest"))
        or last.endswith("_test.py")
    )


def load_project(
    root: Path | None,
    config: Config | None = None,
    cache_dir: Path | None = None,
    read: Callable[[Iterable[tuple[str, str]]], Iterable[Look | None]] = looks,
    directories: Directories | None = None,
) -> Project:
    """Gather the facts below ``root``; those of unchanged files come from ``cache_dir``, where one is given.

    ``read`` looks at the other files, given by name and path.  Never raises: what cannot be read tells nothing.
    """
    if root is None or root.parent == root:
        return Project.empty()
    top = os.path.abspath(root)
    cache = FactsCache(top, cache_dir)
    unknown = [(name, entry.path) for name, entry in candidates(top, directories) if not cache.knows(name, entry)]
    for (name, _), look in zip(unknown, read(unknown), strict=True):
        if look is not None and look.facts is not None:
            cache.learn(name, look.facts)
    cache.save()
    return Project(top, cache.files())
