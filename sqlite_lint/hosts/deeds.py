"""What one call does to a connection: opens, begins, reads, writes, commits, closes it; or keeps others waiting."""

from __future__ import annotations

import ast
import enum
from collections.abc import Iterable
from functools import cached_property
from typing import Final, NamedTuple

from sqlite_lint.hosts.acting import acting, in_order
from sqlite_lint.hosts.keys import Frame, Key, Keys
from sqlite_lint.hosts.model import Connection, HostResult
from sqlite_lint.hosts.module import Function, Module
from sqlite_lint.hosts.pauses import Pauses
from sqlite_lint.hosts.sinks import name_of_call
from sqlite_lint.hosts.values import Values
from sqlite_lint.regex import regex
from sqlite_lint.sql.effect import Effect, steps


class Deed(enum.Enum):
    OPEN = "open"
    BEGIN = "begin"
    BEGIN_NOW = "begin now"
    READ = "read"
    WRITE = "write"
    CHANGE = "change"
    COMMIT = "commit"
    ROLLBACK = "rollback"
    SCRIPT = "script"  # executescript, before its statements
    CLOSE = "close"
    SETTING = "setting"  # a pragma
    PAUSE = "pause"  # sleep, network, another program, the user; a generator's yield
    UNKNOWN = "unknown"  # anything may be done to the connection; to all of them if the key is None


LEAVES_TRANSACTION: Final = frozenset({Deed.SETTING, Deed.PAUSE})  # as it is
_OF_EFFECT: Final = {effect: Deed(effect.value) for effect in Effect if effect is not Effect.NONE}


class Event(NamedTuple):
    """A deed at a place of the source; ``text`` is the expression with the SQL, ``table`` what it writes or reads.

    ``at`` is the number of the statement in its text, ``value`` what a pragma is set to.  UNKNOWN with a text is one
    statement that cannot be read.
    """

    deed: Deed
    node: ast.AST
    key: Key | None = None
    text: ast.expr | None = None
    table: str = ""
    keyword: str = ""
    value: str = ""
    at: int = 0


_EXECUTING: Final = frozenset(
    [
        *("execute", "executemany", "execute_fetchall", "execute_insert", "exec_driver_sql", "execute_sql"),
        *("fetch_all", "fetch_one", "fetch_val", "execute_many"),  # of databases
    ]
)
_ENDING: Final = {
    "commit": Deed.COMMIT,
    "rollback": Deed.ROLLBACK,
    "close": Deed.CLOSE,
    "aclose": Deed.CLOSE,
    "begin": Deed.UNKNOWN,
}
_HARMLESS: Final = frozenset(
    [
        *("print", "len", "list", "dict", "tuple", "set", "next", "iter", "enumerate", "zip", "isinstance", "sorted"),
        *("map", "str", "repr", "id", "type", "bool", "any", "all", "sum", "min", "max", "closing", "aclosing", "Row"),
        *("range", "reversed", "filter", "int", "float", "super", "getattr", "hasattr", "aiter", "anext"),
    ]
)
_MAY_DO_ANYTHING: Final = regex(
    r"(?i)commit|rollback|begin|transact|lock|exec|write|insert|update|delete|save|flush|query|store|upsert"
)
_TEXTS: Final = frozenset({"text", "DDL", "TextClause"})
_SHORT: Final = 3  # statements of a function that may do no more than to hand out a connection
_ACTING: Final = _EXECUTING | {"executescript", "atomic", "transaction", "savepoint", "in_transaction"}


class Deeds(Keys):
    """Reads the calls of one module."""

    def __init__(self, module: Module, connections: Iterable[Connection]) -> None:
        super().__init__(module, connections)
        self.values = Values(module)
        self._pauses = Pauses(module)
        self._class_values: dict[str, list[ast.expr]] | None = None
        self._openings: dict[ast.AST, Event] = {}

    @cached_property
    def acting(self) -> list[Function | ast.Module]:
        """The functions, and the module itself, from which a statement or a transaction's block is reached."""
        return in_order(self.module, acting(self.module, self._acts))

    @cached_property
    def calling(self) -> frozenset[ast.AST]:
        """The nodes that hold a call or a yield: nothing else does anything."""
        module = self.module
        found: set[ast.AST] = set()
        for node in (*module.calls, *module.of(ast.Yield, ast.YieldFrom)):
            at: ast.AST | None = node
            while at is not None and at not in found:
                found.add(at)
                at = module.parents.get(at)
        return frozenset(found)

    @cached_property
    def telling(self) -> frozenset[Function | ast.Module]:
        """The functions whose code a walk must see: those that act or wait, and short ones, for what they return."""
        short = (function for function in self.module.functions if len(function.body) <= _SHORT)
        return acting(self.module, lambda call: self._acts(call) or self._pauses.is_pause(call)).union(short)

    def _acts(self, call: ast.Call) -> bool:
        handed = (*call.args, *(keyword.value for keyword in call.keywords))
        return (
            name_of_call(call) in _ACTING
            or call in self.opened
            or any(isinstance(each, ast.Attribute) and each.attr in _EXECUTING for each in handed)
        )

    def opening(self, call: ast.AST) -> Event:
        """The event of opening a connection: the same at each request."""
        if call not in self._openings:
            self._openings[call] = Event(Deed.OPEN, call, ("opened", id(call)))
        return self._openings[call]

    def events(self, call: ast.Call, frame: Frame) -> list[Event] | None:
        """What a call does by itself; None where it does nothing to a connection that is known from its name."""
        if call in self.opened:
            return [self.opening(call)]
        function = call.func
        if not isinstance(function, ast.Attribute):
            return self._of_name(call, frame)
        name = function.attr
        if name in _EXECUTING and call.args:
            return self._executed(call, self.key_of(function.value, frame), frame)
        if name == "executescript":
            key = self.key_of(function.value, frame)
            return [Event(Deed.SCRIPT, call, key), *self._executed(call, key, frame)]
        deed = _ENDING.get(name)
        if deed is not None:
            return [Event(deed, call, self.key_of(function.value, frame))]
        return self._pause(call)

    def _of_name(self, call: ast.Call, frame: Frame) -> list[Event] | None:
        function = call.func
        if isinstance(function, ast.Name) and call.args:
            at = frame.texts.get(function.id)
            alias = at[0] if at is not None else None
            if isinstance(alias, ast.Attribute) and alias.attr in _EXECUTING and at is not None:
                return self._executed(call, self.key_of(alias.value, at[1]), frame)
        return self._pause(call)

    def _pause(self, call: ast.Call) -> list[Event] | None:
        return [Event(Deed.PAUSE, call)] if self._pauses.is_pause(call) else None

    def handed(self, call: ast.Call, frame: Frame) -> list[Event]:
        """What a call of a function out of sight may do: anything to the connections that it is handed."""
        name = name_of_call(call)
        if name in _HARMLESS or name.startswith("fetch"):
            return []
        function = call.func
        own = isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name | ast.Call)
        if own and isinstance(function, ast.Attribute) and _MAY_DO_ANYTHING.search(name):
            root = function.value
            if isinstance(root, ast.Call) or (isinstance(root, ast.Name) and root.id in ("self", "cls")):
                return [Event(Deed.UNKNOWN, call)]
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        return [
            Event(Deed.UNKNOWN, call, self.key_of(node, frame))
            for node in given
            if isinstance(node, ast.Name | ast.Attribute | ast.Starred)
        ]

    def _executed(self, call: ast.Call, key: Key, frame: Frame) -> list[Event]:
        node = call.args[0] if call.args else None
        if node is None:
            return [Event(Deed.UNKNOWN, call, key)]
        variants = [steps(text) if text is not None else None for text in self.texts(node, frame)]
        first = variants[0] if variants else None
        if first is None or any(
            other is None or [s.effect for s in other] != [s.effect for s in first] for other in variants
        ):
            known = [step for steps_of in variants if steps_of is not None for step in steps_of]
            if known and all(step.effect in (Effect.COMMIT, Effect.ROLLBACK) for step in known):
                return [Event(Deed.COMMIT, call, key)]  # the one or the other: the transaction ends
            return [Event(Deed.UNKNOWN, call, key, None if known else node)]
        return [
            Event(_OF_EFFECT[step.effect], call, key, node, step.table, step.keyword, step.value, at)
            for at, step in enumerate(first)
            if step.effect is not Effect.NONE
        ]

    def texts(self, node: ast.expr, frame: Frame) -> list[str | None]:
        """The SQL that an expression may be, None for what cannot be read."""
        seen = 0
        while seen < 8:
            seen += 1
            if isinstance(node, ast.Call) and name_of_call(node) in _TEXTS and node.args:
                node = node.args[0]
            elif isinstance(node, ast.Name) and node.id in frame.texts:
                node, frame = frame.texts[node.id]
            else:
                break
        nodes = self._set_by_classes(node.attr) if isinstance(node, ast.Attribute) else []
        return [
            value.value if isinstance(value.value, str) else None
            for each in (nodes if len(nodes) > 1 else [node])
            for value in self.values.of(each)
        ]

    def _set_by_classes(self, name: str) -> list[ast.expr]:
        """What the bodies of this module's classes assign to an attribute: a subclass may set it anew."""
        if self._class_values is None:
            self._class_values = {}
            for cls in self.module.classes:
                for statement in cls.body:
                    targets = statement.targets if isinstance(statement, ast.Assign) else []
                    for target in targets:
                        if isinstance(target, ast.Name) and isinstance(statement, ast.Assign):
                            self._class_values.setdefault(target.id, []).append(statement.value)
        return self._class_values.get(name, [])


class _Last:
    """The reader of the file looked at last: several rules ask for it one after the other."""

    pair: tuple[HostResult, Deeds] | None = None


def deeds_of(result: HostResult) -> Deeds | None:
    """The reader of a file's calls; None where there is no Python."""
    if result.module is None:
        return None
    last = _Last.pair
    if last is None or last[0] is not result:
        last = _Last.pair = (result, Deeds(result.module, result.connections))
    return last[1]
