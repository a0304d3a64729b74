"""What one call does to a connection: opens, begins, reads, writes, commits, closes it; or keeps others waiting.

A connection is told by its key: the call that opens it, the name or the attribute that holds it.  A cursor has the key
of its connection.
"""

from __future__ import annotations

import ast
import enum
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from sqlite_lint.hosts.model import Connection, HostResult
from sqlite_lint.hosts.module import BindingKind, Function, Module
from sqlite_lint.hosts.sinks import name_of_call
from sqlite_lint.hosts.values import Values
from sqlite_lint.sql.effect import Effect, steps

Key: TypeAlias = tuple[object, ...]


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
    PAUSE = "pause"  # sleep, network, another program, the user
    UNKNOWN = "unknown"  # anything may be done to the connection; to all of them if the key is None


_OF_EFFECT: Final = {effect: Deed(effect.value) for effect in Effect if effect is not Effect.NONE}


@dataclass(frozen=True, slots=True)
class Event:
    """A deed at a place of the source; ``text`` is the expression with the SQL, ``table`` what it writes or reads."""

    deed: Deed
    node: ast.AST
    key: Key | None = None
    text: ast.expr | None = None
    table: str = ""
    keyword: str = ""


class Frame:
    """One run of a function: what its names hold, and the texts last assigned to them."""

    def __init__(self, node: ast.AST, outer: Frame | None = None, depth: int = 0) -> None:
        self.node = node
        self.outer = outer
        self.depth = depth
        self.keys: dict[str, Key] = {}
        self.texts: dict[str, tuple[ast.expr, Frame]] = {}
        self.result: Key | None = None


_EXECUTING: Final = frozenset(
    {"execute", "executemany", "execute_fetchall", "execute_insert", "exec_driver_sql", "execute_sql"}
)
_ENDING: Final = {
    "commit": Deed.COMMIT,
    "rollback": Deed.ROLLBACK,
    "close": Deed.CLOSE,
    "aclose": Deed.CLOSE,
    "begin": Deed.UNKNOWN,
}
_SAME_CONNECTION: Final = frozenset(
    {"cursor", "execute", "executemany", "executescript", "closing", "aclosing", "__enter__", "__aenter__"}
)
_HANDING_ON: Final = frozenset({"closing", "aclosing", "enter_context", "enter_async_context", "cast"})
_HARMLESS: Final = frozenset(
    [
        *("print", "len", "list", "dict", "tuple", "set", "next", "iter", "enumerate", "zip", "isinstance", "sorted"),
        *("map", "str", "repr", "id", "type", "bool", "any", "all", "sum", "min", "max", "closing", "aclosing", "Row"),
        *("range", "reversed", "filter", "int", "float", "super", "getattr", "hasattr", "aiter", "anext"),
    ]
)
_PAUSES: Final = re.compile(
    r"(?:time|asyncio|anyio|trio|gevent|eventlet)\.sleep"
    r"|(?:requests|httpx)\.(?:get|post|put|patch|delete|head|options|request)"
    r"|urllib\.request\.(?:urlopen|urlretrieve)|urllib3\.request"
    r"|subprocess\.(?:run|call|check_call|check_output)|os\.system|input"
    r"|smtplib\.SMTP(?:_SSL)?|socket\.create_connection"
)
_MAY_DO_ANYTHING: Final = re.compile(
    r"(?i)commit|rollback|begin|transact|lock|exec|write|insert|update|delete|save|flush|query|store|upsert"
)
_TEXTS: Final = frozenset({"text", "DDL", "TextClause"})


class Deeds:
    """Reads the calls of one module."""

    def __init__(self, module: Module, connections: Iterable[Connection]) -> None:
        self.module = module
        self.values = Values(module)
        self.opened: dict[ast.AST, Connection] = {}
        spans = {connection.call: connection for connection in connections}
        if spans:
            for call in module.calls:
                connection = spans.get(module.span(call))
                if connection is not None:
                    self.opened[call] = connection
        self._methods: dict[str, list[Function]] = {}
        for function in module.functions:
            self._methods.setdefault(function.name, []).append(function)
        self._roots = _family_roots(module)
        self._held: dict[Key, Connection] | None = None
        self._class_values: dict[str, list[ast.expr]] | None = None
        self._openings: dict[ast.AST, Event] = {}

    # -- keys

    def key_of(self, node: ast.AST, frame: Frame) -> Key:
        """Which connection (or other thing) the value of ``node`` is, or comes from."""
        while isinstance(node, ast.Await | ast.NamedExpr | ast.Starred):
            node = node.value
        if isinstance(node, ast.Name):
            return self._key_of_name(node, frame)
        if isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
                owner = self.module.class_of(node)
                return ("attribute", self._roots.get(owner.name, owner.name) if owner else "", node.attr)
            inner = self.key_of(node.value, frame)
            return inner if node.attr in _SAME_CONNECTION else ("attribute", inner, node.attr)
        if isinstance(node, ast.Call):
            if node in self.opened:
                return ("opened", id(node))
            last = name_of_call(node)
            if last in _HANDING_ON and node.args:
                return self.key_of(node.args[-1], frame)
            if last in _SAME_CONNECTION and isinstance(node.func, ast.Attribute):
                return self.key_of(node.func.value, frame)
        return ("node", id(node))

    def _key_of_name(self, node: ast.Name, frame: Frame) -> Key:
        at: Frame | None = frame
        while at is not None:
            known = at.keys.get(node.id)
            if known is not None:
                return known
            at = at.outer
        found = self.module.scope_of(node).lookup(node.id)
        return ("name", id(found[0]) if found else 0, node.id)

    def connection_of(self, key: Key | None) -> Connection | None:
        """The connection behind a key, where its opening is seen in this module."""
        if key is None:
            return None
        if self._held is None:
            self._held = dict(self._find_held())
        return self._held.get(key)

    def _find_held(self) -> Iterable[tuple[Key, Connection]]:
        for call, connection in self.opened.items():
            yield ("opened", id(call)), connection
            for key in self.holders(call):
                yield key, connection

    def holders(self, call: ast.AST) -> list[Key]:
        """The names and attributes that are given what ``call`` opens."""
        holder: ast.AST | None = self.module.parents.get(call)
        while isinstance(holder, ast.Await):
            holder = self.module.parents.get(holder)
        targets: list[ast.expr] = []
        if isinstance(holder, ast.Assign):
            targets = holder.targets
        elif isinstance(holder, ast.AnnAssign):
            targets = [holder.target]
        elif isinstance(holder, ast.withitem) and holder.optional_vars is not None:
            targets = [holder.optional_vars]
        return [self.key_of(target, Frame(self.module.tree)) for target in targets]

    def opening(self, call: ast.AST) -> Event:
        """The event of opening a connection: the same at each request."""
        if call not in self._openings:
            self._openings[call] = Event(Deed.OPEN, call, ("opened", id(call)))
        return self._openings[call]

    # -- functions of the module

    def function_called(self, call: ast.Call, any_object: bool = False) -> Function | None:
        """The function of this module that a call runs, if there is one only; with ``any_object`` also the only
        method of that name, whatever the object."""
        return self.function_named(call.func, call, any_object)

    def function_named(self, function: ast.expr, at: ast.AST, any_object: bool = False) -> Function | None:
        """The function of this module that an expression at the node ``at`` names."""
        if isinstance(function, ast.Name):
            found = self.module.scope_of(at).lookup(function.id)
            if found is not None and len(found[1]) == 1 and found[1][0].kind is BindingKind.DEF:
                node = found[1][0].node
                return node if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else None
            return None
        if not isinstance(function, ast.Attribute):
            return None
        named = self._methods.get(function.attr, [])
        if isinstance(function.value, ast.Name) and function.value.id in ("self", "cls"):
            owner = self.module.class_of(at)
            own = [f for f in named if owner is not None and self.module.parents[f] is owner]
            related = own or [f for f in named if self._related(f, owner)]
            return related[0] if len(related) == 1 else None
        return named[0] if any_object and len(named) == 1 else None

    def constructor(self, call: ast.Call) -> Function | None:
        """The ``__init__`` that a call of one of this module's classes runs."""
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        inits = self._methods.get("__init__", ())
        for cls in self.module.classes if name else ():
            if cls.name == name:
                return next((function for function in inits if self.module.parents[function] is cls), None)
        return None

    def _related(self, function: Function, owner: ast.ClassDef | None) -> bool:
        parent = self.module.parents[function]
        if owner is None or not isinstance(parent, ast.ClassDef):
            return False
        return self._roots.get(parent.name) == self._roots.get(owner.name)

    # -- calls

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
        dotted = self.module.dotted(call.func)
        return [Event(Deed.PAUSE, call)] if dotted is not None and _PAUSES.fullmatch(dotted) else None

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
            return [Event(Deed.UNKNOWN, call, key)]
        return [
            Event(_OF_EFFECT[step.effect], call, key, node, step.table, step.keyword)
            for step in first
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


def _family_roots(module: Module) -> Mapping[str, str]:
    """For each class the one that it inherits from in the end, as far as this module shows: they share attributes."""
    bases = {cls.name: [b.id for b in cls.bases if isinstance(b, ast.Name)] for cls in module.classes}
    roots = {}
    for name in bases:
        root, seen = name, {name}
        while True:
            following = next((base for base in bases[root] if base in bases and base not in seen), None)
            if following is None:
                break
            root = following
            seen.add(root)
        roots[name] = root
    return roots


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
