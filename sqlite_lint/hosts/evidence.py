"""Whose SQL is it?  Weighs what the receiver, the guards, the names, the module and the project say of the engine.

A driver that is certainly another engine's, or a guard that shuts SQLite out, decides at once.  Then count, in this
order: the receiver's own driver, guards for SQLite, what the code around is named for, where the file lies, what the
module and its neighbours import, and the project.  Where nothing shows, the user who runs sqlite-lint is believed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.hosts.drivers import ALIAS, Driver, Drivers, receiver
from sqlite_lint.hosts.engines import (
    ANY,
    SQLITE,
    Engines,
    engines,
    named,
    title,
    vocabulary,
)
from sqlite_lint.hosts.expectations import chosen_by_type, expects_error, min_version
from sqlite_lint.hosts.expressions import called, last_name
from sqlite_lint.hosts.guards import Guards
from sqlite_lint.hosts.libraries import imported_engines, imported_libraries
from sqlite_lint.hosts.lookup import Lookup
from sqlite_lint.hosts.model import Engine, ParamStyle
from sqlite_lint.hosts.module import Module
from sqlite_lint.hosts.places import configured_engine, docstring_engines, header_engines, path_engines
from sqlite_lint.hosts.rewriting import Rewriting, rewriting
from sqlite_lint.hosts.sinks import is_service

if TYPE_CHECKING:
    from sqlite_lint.project import Project


class Evidence(NamedTuple):
    """Which engine a text is for, and why.

    ``min_version`` is the SQLite version that a guard around the text asks for (``sqlite_version_info >= (3, 35)``).
    ``chosen_by_type`` tells that the code writes another text for each type of a value.
    """

    engine: Engine = Engine.UNKNOWN
    reason: str = ""
    driver: str | None = None
    paramstyle: ParamStyle = ParamStyle.UNKNOWN
    expects_error: bool = False
    min_version: tuple[int, int] | None = None
    chosen_by_type: bool = False


class EvidenceFinder:
    """Answers for the places of one module."""

    def __init__(self, module: Module, project: Project, dialects: Mapping[str, str] | None = None) -> None:
        self._module = module
        self._project = project
        self._dialects = dialects or {}
        self._lookup = Lookup(module)
        self._guards = Guards(module, self._lookup)
        self._drivers = Drivers(module, self._lookup)
        self._rewriters: dict[str, Rewriting] = {}
        self._documented: dict[ast.AST, frozenset[str]] = {}

    def evidence(self, call: ast.AST | None, origins: Sequence[ast.AST] = ()) -> Evidence:
        """Weigh the evidence for a text that is written at ``origins`` and handed over by ``call``."""
        places = list(origins)
        if call is not None and not any(self._module.is_inside(origin, call) for origin in origins):
            places.append(call)  # what is around an origin inside of the call is around the call, too
        taker = call or self._taker(places)
        executions = self._executions(call)
        if len(executions) == 1:
            places += executions
        rewritten = self._rewritten(taker)
        drivers = frozenset().union(*(self._driver(each) for each in executions)) or self._driver(call)
        if call is None and isinstance(taker, ast.Call) and (called(taker) or "")[:1].isupper():
            drivers = self._drivers.of(taker)  # PostgresOperator(sql="...")
        engine, reason = self._engine(drivers, places)
        if rewritten is Rewriting.ANYTHING and engine is not Engine.OTHER:
            engine, reason = Engine.OTHER, "the function that takes it rewrites it before it runs"
        libraries = frozenset(driver.library for driver in drivers if driver.library)
        if not libraries and call is not None and engine is not Engine.OTHER:
            libraries = self._only_libraries
        driver = min(libraries) if len(libraries) == 1 else None
        return Evidence(
            engine,
            reason,
            driver,
            ParamStyle.FORMAT if rewritten else self._paramstyle(libraries, call, [*places, call] if call else places),
            any(expects_error(self._module, place) for place in places),
            min_version(self._module, places) if self._asks_for_versions else None,
            any(chosen_by_type(self._module, place) for place in places),
        )

    def receiver_library(self, call: ast.AST) -> str | None:
        """The library of what the call speaks to, where its own source shows it; not that of the module around."""
        libraries = {driver.library for driver in self._driver(call)}
        return libraries.pop() if len(libraries) == 1 else None

    # -- the engine

    def _engine(self, drivers: frozenset[Driver], places: Sequence[ast.AST]) -> tuple[Engine, str]:
        if self._by_config is not None:
            return self._by_config
        own = frozenset(engine for driver in drivers if (engine := self._of_alias(driver.engine)))
        if own and SQLITE not in own:
            return Engine.OTHER, f"the receiver speaks to {names_of(own)}"
        guarded = ANY
        for place in places:
            guarded = guarded & self._guards.at(place)
        guarded = guarded & self._guards.module_marks
        said = self._by_comment(places)
        if said and SQLITE not in said:
            return Engine.OTHER, f"its first comment names {names_of(said)}"
        if guarded.excludes_sqlite:
            return Engine.OTHER, f"guarded: this code is for {guarded}"
        if own == {SQLITE}:
            library = next((driver.library for driver in drivers if driver.library), None)
            return Engine.SQLITE, f"the receiver is {library or 'SQLite'}'s"
        if guarded.only_sqlite:
            return Engine.SQLITE, "guarded: this code is for SQLite"
        if not guarded.complement:
            return Engine.UNKNOWN, f"guarded: this code is for {guarded}"
        return (
            self._by_names(places) or self._by_place or self._by_docstrings(places) or self._by_module(drivers, guarded)
        )

    def _of_alias(self, engine: str | None) -> str | None:
        """The engine of a receiver; that of another of Django's databases is told where all of them have the same."""
        if engine != ALIAS:
            return engine
        every = {each for facts in self._project.files.values() for each in facts.django}
        return next(iter(every), None) if len(every) < 2 else ALIAS

    def _rewritten(self, call: ast.AST | None) -> Rewriting:
        """What the project's own function that ``call`` calls changes in the text before it hands it on."""
        name = called(call)
        if not name or any(driver.library for driver in self._driver(call)):
            return Rewriting.NOTHING
        kind = self._rewriters.get(name)
        if kind is None:
            functions = self._lookup.functions.get(name, ())
            changes = [rewriting(function, self._module, self._guards) for function in functions]
            if not functions:
                imports = list(self._module.imports.values())
                # fetch() is the project's own where no driver is imported; execute() may be a driver's all the same.
                any_module = name.startswith(("fetch", "query")) and not imported_engines(imports)
                found = self._project.rewriter(name, self._module.path, None if any_module else imports)
                changes = [Rewriting(found)]
            kind = self._rewriters[name] = max(changes)
        return kind

    def _taker(self, places: Sequence[ast.AST]) -> ast.AST | None:
        """The call that takes a text as its argument, where no sink is in sight."""
        parent = self._module.parents.get(places[0]) if places else None
        if isinstance(parent, ast.keyword):
            parent = self._module.parents[parent]
        return parent if isinstance(parent, ast.Call) else None

    def _driver(self, call: ast.AST | None) -> frozenset[Driver]:
        if is_service(call):
            return frozenset({Driver("boto3", "aws")})
        node = receiver(call)
        return self._drivers.of(node) if node is not None else frozenset()

    def _executions(self, call: ast.AST | None) -> list[ast.Call]:
        """The calls that execute what ``text("...")`` makes: around it, or those that its variable is given to."""
        if called(call) not in _MAKERS or call is None:
            return []
        made: list[ast.AST] = [call]
        parent = self._module.parents.get(call)
        while isinstance(parent, ast.Attribute | ast.Call) and called(parent) not in _EXECUTORS:
            made = [parent]  # text("...").bindparams(...)
            parent = self._module.parents.get(parent)
        if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name):
            name = parent.targets[0].id
            scope = self._module.scope_of(parent)
            first = self._module.order[parent]
            uses = self._lookup.reads_between(name, first, first + _FOLLOWING_NODES)[:_MOST_USES]
            made = [use for use in uses if self._module.scope_of(use) is scope]
        found = (self._module.parents.get(each) for each in made)
        return [each for each in found if isinstance(each, ast.Call) and called(each) in _EXECUTORS]

    def _by_comment(self, places: Sequence[ast.AST]) -> frozenset[str]:
        """The engines that a comment at the head of the SQL itself names: ``-- dialect: postgresql``."""
        for place in places:
            if isinstance(place, ast.Constant) and isinstance(place.value, str):
                head = place.value[:300].lstrip()
                if head.startswith(("--", "/*")):
                    return header_engines(head)[1]
        return frozenset()

    def _by_names(self, places: Sequence[ast.AST]) -> tuple[Engine, str] | None:
        sqlite = False
        for place in places:
            for kind, name in self._lookup.names_around(place):
                found = engines(named(name))
                if not found.names:
                    continue
                if SQLITE in found.names:
                    sqlite = sqlite or found.only_sqlite
                elif "class" in kind or self._imported != {SQLITE}:
                    return Engine.OTHER, f"the {kind} {name} is named for {found}"
                break
        return (Engine.SQLITE, "the code around it is named for SQLite") if sqlite else None

    @cached_property
    def _by_place(self) -> tuple[Engine, str] | None:
        found = path_engines(self._project.relative(self._module.path))
        if not found:
            common = self._project.is_common_base(self._module.path)
            return (Engine.OTHER, "the common base of modules for one engine each") if common else None
        if SQLITE in found:
            return (Engine.SQLITE, "the file's path names SQLite") if found == {SQLITE} else None
        if self._imported == {SQLITE}:
            return None
        return Engine.OTHER, f"the file's path names {names_of(found)}"

    def _by_docstrings(self, places: Sequence[ast.AST]) -> tuple[Engine, str] | None:
        """``\"\"\"PostgreSQL admission shared by every replica.\"\"\"``."""
        around = {each for place in places for each in self._module.ancestors(place) if isinstance(each, _DOCUMENTED)}
        for node in sorted(around, key=self._module.order.__getitem__, reverse=True):
            found = self._documented.get(node)
            if found is None:
                docstring = ast.get_docstring(node, clean=False) or ""
                found = self._documented[node] = docstring_engines(docstring, self._speaks_of_sqlite)
            if found:
                return Engine.OTHER, f"its docstring speaks of {names_of(found)}"
        return None

    def _by_module(self, drivers: frozenset[Driver], guarded: Engines) -> tuple[Engine, str]:
        """What the module and the project use; the driver of an engine that a guard shuts out says nothing."""
        libraries = {driver.library for driver in drivers if driver.library}
        for found, where in (
            (self._imported and self._imported | (self._urls & {SQLITE}), "the module imports only the driver of"),
            (self._urls, "the module's engine URL is for"),
            (self._neighbours, "the modules it imports use only"),
        ):
            if found == {SQLITE}:
                return Engine.SQLITE, f"{where} SQLite"
            found -= guarded.names
            if found and SQLITE not in found and (not libraries or found <= _BEHIND_LIBRARIES):
                return Engine.OTHER, f"{where} {names_of(found)}"
        return self._project.engine(libraries)

    @cached_property
    def _neighbours(self) -> frozenset[str]:
        return self._project.neighbours(self._module.path, self._module.imports.values())

    @cached_property
    def _by_config(self) -> tuple[Engine, str] | None:
        return configured_engine(self._module.path, self._project.root, self._dialects)

    @cached_property
    def _speaks_of_sqlite(self) -> bool:
        return "sqlite" in self._module.text.lower()

    @cached_property
    def _asks_for_versions(self) -> bool:
        return "sqlite_version" in self._module.text

    @cached_property
    def _only_libraries(self) -> frozenset[str]:
        """SQLite's own drivers, where this module or else the whole project uses nothing but them."""
        for libraries in (imported_libraries(self._imported_modules), self._project.libraries):
            if libraries:
                return libraries if libraries <= _SQLITE_STYLE else frozenset()
        return frozenset()

    @cached_property
    def _imported(self) -> frozenset[str]:
        """The engines whose drivers this module imports."""
        return imported_engines(self._imported_modules)

    @cached_property
    def _imported_modules(self) -> set[str]:
        found = set(self._module.imports.values())
        for node in self._module.of(ast.Import):
            found.update(alias.name for alias in node.names)
        return found

    @cached_property
    def _urls(self) -> frozenset[str]:
        """The engines of the engine URLs that this module opens; none where one of them is not known."""
        found: set[str] = set()
        for call in self._module.calls:
            name = last_name(call.func)
            if name in {"create_engine", "create_async_engine"}:
                engines = {driver.engine for driver in self._drivers.of(call) if driver.engine}
                if not engines:
                    return frozenset()
                found |= engines
        return frozenset(found)

    # -- the rest

    def _paramstyle(self, libraries: frozenset[str], call: ast.AST | None, places: Sequence[ast.AST]) -> ParamStyle:
        if libraries and libraries <= _SQLITE_STYLE:
            return ParamStyle.SQLITE
        name = called(call)
        if name == "exec_driver_sql":
            return ParamStyle.SQLITE
        if any(called(place) in {"text", "TextClause"} for place in [*places, *self._parents(places)]):
            return ParamStyle.COLON
        if libraries == {"django"}:
            return ParamStyle.FORMAT
        if libraries <= {"alembic", "databases"} and libraries:
            return ParamStyle.COLON
        return ParamStyle.UNKNOWN

    def _parents(self, places: Iterable[ast.AST]) -> list[ast.AST]:
        return [self._module.parents[place] for place in places if place in self._module.parents]


_SQLITE_STYLE: Final = vocabulary(
    "sqlite3 aiosqlite apsw pysqlite2 pysqlite3 sqlean sqlcipher3 pysqlcipher3 sqlite_utils libsql "
    "libsql_experimental aiosqlitepool asqlite peewee"
)
_DOCUMENTED: Final = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_MAKERS: Final = vocabulary("text TextClause sql_text SQL")
_EXECUTORS: Final = vocabulary(
    "execute scalar scalars stream exec first all one fetch_all fetch_one fetch_val iterate read_sql read_sql_query"
)
_MOST_USES: Final = 12
_FOLLOWING_NODES: Final = 4000
# What SQLAlchemy, Django and their like commonly speak to; a module that also imports duckdb need not hand it to them.
_BEHIND_LIBRARIES: Final = vocabulary("postgresql mysql oracle mssql")


def names_of(found: Iterable[str]) -> str:
    """The engines as a person would name them."""
    return " and ".join(sorted(map(title, found)))
