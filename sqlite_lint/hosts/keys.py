"""Which connection the value of an expression is, and which function of the module a call runs.

A connection is told by its key: the call that opens it, the name or the attribute that holds it.  A cursor has the key
of its connection.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from sqlite_lint.hosts.model import Connection
from sqlite_lint.hosts.module import BindingKind, Function, Module
from sqlite_lint.hosts.sinks import name_of_call

Key: TypeAlias = tuple[object, ...]

DJANGO: Final[Key] = ("django",)  # the connection behind ``django.db.connection`` and ``transaction.atomic``
_SAME_CONNECTION: Final = frozenset(
    {"cursor", "execute", "executemany", "executescript", "closing", "aclosing", "__enter__", "__aenter__"}
)
_OF_ENGINE: Final = frozenset({"connect", "begin"})  # of SQLAlchemy: one key for all connections of an engine
_HANDING_ON: Final = frozenset({"closing", "aclosing", "enter_context", "enter_async_context", "cast"})


class Frame:
    """One run of a function: what its names hold, the texts last assigned to them, and what ``self`` is made of."""

    def __init__(self, node: ast.AST, outer: Frame | None = None, depth: int = 0) -> None:
        self.node = node
        self.outer = outer
        self.depth = depth
        self.keys: dict[str, Key] = {}
        self.texts: dict[str, tuple[ast.expr, Frame]] = {}
        self.result: Key | None = None
        self.made: Mapping[str, Key] = {}  # the attributes of ``self`` that its constructor was given, in a manager


class Keys:
    """Tells connections and functions of one module apart."""

    def __init__(self, module: Module, connections: Iterable[Connection]) -> None:
        self.module = module
        self.opened: dict[ast.AST, Connection] = {}
        spans = {connection.call: connection for connection in connections}
        for call in module.calls if spans else ():
            connection = spans.get(module.span(call))
            if connection is not None:
                self.opened[call] = connection
        self._methods: dict[str, list[Function]] = {}
        for function in module.functions:
            self._methods.setdefault(function.name, []).append(function)
        self._roots = _family_roots(module)
        self._held: dict[Key, Connection] | None = None
        self._cursors: dict[Key, Key] | None = None

    def key_of(self, node: ast.AST, frame: Frame) -> Key:
        """Which connection (or other thing) the value of ``node`` is, or comes from."""
        while isinstance(node, ast.Await | ast.NamedExpr | ast.Starred):
            node = node.value
        if isinstance(node, ast.Name):
            return self._key_of_name(node, frame)
        if isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
                if node.attr in frame.made:
                    return frame.made[node.attr]
                owner = self.module.class_of(node)
                key: Key = ("attribute", self._roots.get(owner.name, owner.name) if owner else "", node.attr)
                return self._connection_key(key)
            inner = self.key_of(node.value, frame)
            if inner[0] == "object":
                return self._of_object(inner, node.attr)
            return inner if node.attr in _SAME_CONNECTION else ("attribute", inner, node.attr)
        if isinstance(node, ast.Call):
            if node in self.opened:
                return ("opened", id(node))
            last = name_of_call(node)
            if last in _HANDING_ON and node.args:
                return self.key_of(node.args[-1], frame)
            if last in _SAME_CONNECTION and isinstance(node.func, ast.Attribute):
                return self.key_of(node.func.value, frame)
            if last in _OF_ENGINE and isinstance(node.func, ast.Attribute):
                engine = self.key_of(node.func.value, frame)
                connection = self.connection_of(engine)
                if connection is not None and connection.driver == "sqlalchemy":
                    return engine
        return ("node", id(node))

    def object_key(self, method: Function, made: Mapping[str, Key]) -> Key:
        """The key of the object that ``method`` belongs to, which holds what its constructor was ``made`` of."""
        owner = self.module.class_of(method)
        return ("object", self._roots.get(owner.name, owner.name) if owner else "", tuple(made.items()))

    def _of_object(self, key: Key, name: str) -> Key:
        held = next((value for attribute, value in key[2] if attribute == name), None)  # type: ignore[attr-defined]
        return held if held is not None else self._connection_key(("attribute", key[1], name))

    def _key_of_name(self, node: ast.Name, frame: Frame) -> Key:
        at: Frame | None = frame
        while at is not None:
            known = at.keys.get(node.id)
            if known is not None:
                return known
            at = at.outer
        found = self.module.scope_of(node).lookup(node.id)
        if found is not None and found[1][0].dotted == "django.db.connection":
            return DJANGO
        return self._connection_key(("name", id(found[0]) if found else 0, node.id))

    def _connection_key(self, key: Key) -> Key:
        """The key of the connection whose cursor a name or attribute holds: ``self.cur = self.conn.cursor()``."""
        if self._cursors is None:
            self._cursors = {}  # while they are looked for
            self._cursors = dict(self._find_cursors())
        return self._cursors.get(key, key)

    def _find_cursors(self) -> Iterator[tuple[Key, Key]]:
        found: dict[Key, set[Key]] = {}
        frame = Frame(self.module.tree)
        for call in self.module.calls:
            holder = self.module.parents[call]
            if name_of_call(call) == "cursor" and isinstance(holder, ast.Assign) and len(holder.targets) == 1:
                target = self.key_of(holder.targets[0], frame)
                if target[0] in ("name", "attribute"):
                    found.setdefault(target, set()).add(self.key_of(call, frame))
        for target, connections in found.items():
            if len(connections) == 1:
                yield target, connections.pop()

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
        """The keys of the names and attributes that are given what ``call`` opens."""
        return [self.key_of(target, Frame(self.module.tree)) for target in self.targets(call)]

    def targets(self, call: ast.AST) -> list[ast.expr]:
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
        return targets

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
