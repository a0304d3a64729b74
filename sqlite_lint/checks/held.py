"""Transactions that are open for sure, and what a rule has to say of what happens inside of them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from sqlite_lint.checks.lifetime import begins_itself, isolation_is_set
from sqlite_lint.hosts.deeds import LEAVES_TRANSACTION, Deed, Deeds, Event
from sqlite_lint.hosts.keys import Key
from sqlite_lint.hosts.model import Connection, Target
from sqlite_lint.hosts.module import Module
from sqlite_lint.hosts.sinks import name_of_call
from sqlite_lint.hosts.walk import Walk
from sqlite_lint.regex import regex

if TYPE_CHECKING:
    from sqlite_lint.project import Project

_BEGINNING: Final = frozenset({"sqlite3", "aiosqlite", "pysqlite3", "sqlcipher3", "sqlean"})
_OTHERS: Final = frozenset(
    ["apsw", "sqlalchemy", "django", "peewee", "databases", "psycopg", "psycopg2", "asyncpg", "pymysql", "MySQLdb"]
)
_MAY_BEGIN: Final = ("begin", "atomic", "transaction", "autocommit")
_SET_OTHERWISE: Final = regex(r"isolation_level|autocommit|[\"']begin[\"']")


class Open(NamedTuple):
    """A transaction: what began it, and whether it has written."""

    key: Key | None
    begin: Event
    wrote: bool = False


Ended = Literal["ended"]  # or not to be told
ENDED: Final[Ended] = "ended"
State = Open | Ended | None  # None: none was begun yet
Finding = tuple[Open, Event, str]
Judge = Callable[[Open, Event], str]  # what is wrong with an event inside a transaction; "" if nothing


class _Inside:
    """Follows transactions, and notes what stands inside of them, and what comes after their end as well."""

    def __init__(self, deeds: Deeds, judge: Judge, legacy: bool) -> None:
        self.deeds = deeds
        self.legacy = legacy
        self.judge = judge
        self.inside: dict[tuple[ast.AST, int], Finding] = {}
        self.outside: set[tuple[ast.AST, int]] = set()
        self._implicit = not isolation_is_set(deeds.module)

    def step(self, state: State, event: Event) -> Iterable[State]:
        if isinstance(state, Open):
            if event.key not in (state.key, None):
                return (state,)
            why = self.judge(state, event)
            if why and not _after_failure(self.deeds.module, state, event):
                self.inside.setdefault((event.node, event.at), (state, event, why))
        elif state is ENDED:
            self.outside.add((event.node, event.at))
        return (self._after(state, event),)

    def _after(self, state: State, event: Event) -> State:
        deed = event.deed
        if deed is Deed.OPEN:
            opened = self.deeds.opened.get(event.node)
            return Open(event.key, event) if opened is not None and self._always_open(opened) else state
        if deed in (Deed.BEGIN, Deed.BEGIN_NOW):
            return state if isinstance(state, Open) else Open(event.key, event)
        if not isinstance(state, Open):
            begins = deed is Deed.WRITE and not _is_script(event) and self._begins_itself(event.key)
            return Open(event.key, event, True) if begins else state
        if deed in (Deed.COMMIT, Deed.ROLLBACK, Deed.SCRIPT) and state.begin.deed is Deed.OPEN:
            return state._replace(wrote=False)  # autocommit=False: the next transaction begins at once
        if deed in (Deed.WRITE, Deed.CHANGE):
            return state._replace(wrote=True)
        unread = deed is Deed.UNKNOWN and event.text is not None
        return state if deed in LEAVES_TRANSACTION or deed is Deed.READ or unread else ENDED

    def _always_open(self, connection: Connection) -> bool:
        autocommit = connection.autocommit
        return self._implicit and autocommit is not None and autocommit.known and autocommit.value is False

    def _begins_itself(self, key: Key | None) -> bool:
        connection = self.deeds.connection_of(key)
        if connection is None:
            return self.legacy and key is not None and key[0] in ("name", "attribute")
        if not self._implicit:
            return False
        if connection.driver == "sqlalchemy":
            return connection.target is not Target.MEMORY and not _is_set_otherwise(self.deeds.module)
        return begins_itself(connection)


def _is_script(event: Event) -> bool:
    """Tell whether ``executescript`` runs it, which begins no transaction."""
    return isinstance(event.node, ast.Call) and name_of_call(event.node) == "executescript"


def _after_failure(module: Module, state: Open, event: Event) -> bool:
    """Tell whether an event stands in the handler of the block that begins the transaction: it may have failed."""
    for parent in module.ancestors(event.node):
        if isinstance(parent, ast.ExceptHandler):
            block = module.parents[parent]
            return module.order[block] <= module.order[state.begin.node] < module.order[parent]
    return False


@lru_cache(maxsize=1)
def _is_set_otherwise(module: Module) -> bool:
    return _SET_OTHERWISE.search(module.text) is not None


def _uses_the_default(module: Module, project: Project) -> bool:
    """Tell whether a connection from elsewhere can only be one that the project opens, with the default of sqlite3."""
    libraries = {dotted.partition(".")[0] for dotted in module.imports.values()}
    if not libraries & _BEGINNING or libraries & _OTHERS or _is_set_otherwise(module):
        return False
    return bool(project.openers) and not project.drives_by_hand


def inside(deeds: Deeds, judge: Judge, project: Project) -> Iterator[Finding]:
    """What ``judge`` finds in open transactions, at places that no path reaches after the end of one."""
    found: set[tuple[ast.AST, int]] = set()
    legacy = _uses_the_default(deeds.module, project)
    if not (legacy or deeds.opened or deeds.module.mentions(_MAY_BEGIN)):
        return
    for node in deeds.acting:
        rule = _Inside(deeds, judge, legacy)
        Walk(deeds, rule.step).run(node, {None})
        for place, finding in rule.inside.items():
            if place not in rule.outside and place not in found:
                found.add(place)
                yield finding


def origin(begin: Event) -> str:
    """How a transaction came to be open, for a message."""
    row = getattr(begin.node, "lineno", 0)
    if begin.deed is Deed.OPEN:
        return f"with autocommit=False one is open at all times (line {row})"
    if begin.deed is Deed.WRITE:
        return f"sqlite3 began one by itself before the {begin.keyword} of line {row}, and nothing has committed it yet"
    return f"it was begun in line {row}"
