"""Follows a connection through one module: names, attributes, helpers, cursors; and finds the pragmas set on it.

The flow is a graph of places that may hold a connection.  It rather links too much than too little: what it serves
is the claim that nobody sets a pragma.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from sqlite_lint.hosts.connection_arguments import known
from sqlite_lint.hosts.engines import vocabulary
from sqlite_lint.hosts.expressions import last_name
from sqlite_lint.hosts.model import Known
from sqlite_lint.hosts.module import Function, Module
from sqlite_lint.hosts.pragma_texts import PragmaTexts
from sqlite_lint.hosts.values import Values
from sqlite_lint.regex import regex

# A place that may hold a connection: a name in a scope, an attribute of a class, what a function returns, a call.
Place = tuple[str, int, str]
MAX_NAMESAKES: Final = 12  # functions of one name that a call may mean: with more, it tells nothing
ANY_ENGINE: Final[Place] = ("engine", 0, "")

_HANDING_ON: Final = vocabulary(
    "closing aclosing cast enter_context enter_async_context next anext iter wait_for shield"
)
_STORING: Final = frozenset({"append", "appendleft", "put", "put_nowait", "add", "insert", "setdefault"})
_INNER: Final = vocabulary(
    "conn connection db engine _conn _connection _db raw_connection driver_connection dbapi_connection sync_engine"
)
_LINKING: Final = (
    *(ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.With, ast.AsyncWith, ast.Return, ast.Yield, ast.YieldFrom),
    *(ast.Call, ast.FunctionDef, ast.AsyncFunctionDef),
)
_BUSY_METHODS: Final = frozenset({"set_busy_timeout", "setbusytimeout", "set_busy_handler", "setbusyhandler"})
_RUNS_SQL: Final = regex(r"(?i)exec|pragma|query|script|fetch|\brun|sql|text")
_SETS_UP: Final = regex(r"(?i)pragma|config|set_?up|prepare|initial|tune|tuning|optimi|timeout|wal\b")
_CONNECT_EVENTS: Final = frozenset({"connect", "first_connect", "do_connect", "engine_connect", "checkout"})


@dataclass(slots=True)
class Setting:
    """Pragmas that one call sets on what its places hold; ``open`` if it may set others, not to be read."""

    places: tuple[Place, ...]
    pragmas: dict[str, Known] = field(default_factory=dict)
    open: bool = False
    in_listener: bool = False


class ConnectionFlow:
    """The graph of one module; ``origins`` are the nodes whose value is a connection."""

    def __init__(self, module: Module, values: Values, origins: Iterable[ast.AST]) -> None:
        self._module = module
        self._values = values
        self._texts = PragmaTexts(module, values)
        self._origins = {id(node) for node in origins}
        self._edges: dict[Place, set[Place]] = {}
        self._own_classes = {cls.name: cls for cls in module.classes}
        self._classes = _families(module)
        self._functions: dict[str, list[Function]] = {}
        self._methods: dict[tuple[int, str], list[Function]] = {}
        for function in module.functions:
            self._functions.setdefault(function.name, []).append(function)
            owner = module.parents[function]
            if isinstance(owner, ast.ClassDef):
                self._methods.setdefault((self._classes[owner.name], function.name), []).append(function)
        self._listeners: set[int] = set()
        self._build()
        self._settings: dict[Place, list[Setting]] = {}
        self.unlinked = self._note_settings()

    def settings_of(self, origin: ast.AST, is_engine: bool) -> list[Setting]:
        """What is set on the connection that ``origin`` opens."""
        origins: list[Place] = [("call", id(origin), "")]
        reached = self._reachable([*origins, ANY_ENGINE] if is_engine else origins)
        return [setting for place in reached for setting in self._settings.get(place, ())]

    def _note_settings(self) -> list[Setting]:
        """Note what is set where; give what is set on something that no connection of this module reaches."""
        reached = self._reachable([ANY_ENGINE, *(("call", origin, "") for origin in self._origins)])
        unlinked = []
        for setting in self._find_settings():
            for place in setting.places:
                self._settings.setdefault(place, []).append(setting)
            if setting.pragmas and reached.isdisjoint(setting.places):
                unlinked.append(setting)
        return unlinked

    def _reachable(self, starts: Iterable[Place]) -> set[Place]:
        reached = set(starts)
        queue = deque(reached)
        while queue:
            for place in self._edges.get(queue.popleft(), ()):
                if place not in reached:
                    reached.add(place)
                    queue.append(place)
        return reached

    # -- the graph

    def _link(self, sources: Iterable[Place], targets: Iterable[Place]) -> None:
        ends = tuple(targets)
        for source in sources:
            self._edges.setdefault(source, set()).update(ends)

    def _build(self) -> None:
        for node in self._module.of(*_LINKING):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self._assign(target, node.value)
            elif isinstance(node, ast.AnnAssign | ast.NamedExpr):
                if node.value is not None:
                    self._assign(node.target, node.value)
            elif isinstance(node, ast.With | ast.AsyncWith):
                for item in node.items:
                    if item.optional_vars is not None:
                        self._assign(item.optional_vars, item.context_expr)
            elif isinstance(node, ast.Return | ast.Yield | ast.YieldFrom):
                function = self._module.function_of(node)
                if function is not None and node.value is not None:
                    self._link(self.places(node.value), [("result", id(function), "")])
            elif isinstance(node, ast.Call):
                self._pass_arguments(node)
                self._note_listener_call(node)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self._note_listener(node)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts):
                for one, other in zip(target.elts, value.elts, strict=True):
                    self._assign(one, other)
            return
        self._link(self.places(value), self._held_by(target, stored=True))

    def _pass_arguments(self, call: ast.Call) -> None:
        if isinstance(call.func, ast.Attribute) and call.func.attr in _STORING:
            for argument in call.args:
                self._link(self.places(argument), self._held_by(call.func.value, stored=True))
        for function, positional, keywords in self._called(call):
            parameters = _parameters(function)
            scope = id(self._module.scopes[function])
            pairs = [*zip(parameters, positional, strict=False)]
            pairs += [(keyword.arg, keyword.value) for keyword in keywords if keyword.arg in parameters]
            for name, argument in pairs:
                self._link(self.places(argument), [("name", scope, name)])
                self._texts.note_argument(function, name, argument)

    def _called(self, call: ast.Call) -> Iterator[tuple[Function, list[ast.expr], list[ast.keyword]]]:
        """Functions of this module that a call runs, directly or handed over: ``to_thread(setup, conn)``."""
        for function in self._named(call.func):
            yield function, call.args, call.keywords
        for place, argument in enumerate(call.args):
            if isinstance(argument, ast.Name | ast.Attribute):
                for function in self._named(argument):
                    yield function, call.args[place + 1 :], call.keywords

    def _named(self, function: ast.expr) -> list[Function]:
        """The functions of this module that a call of ``function`` may run."""
        if isinstance(function, ast.Name):
            own = self._own_classes.get(function.id)
            if own is not None:
                return [f for f in own.body if isinstance(f, ast.FunctionDef) and f.name == "__init__"]
            found = self._functions.get(function.id, [])
        elif isinstance(function, ast.Attribute):
            found = self._functions.get(function.attr, [])
            if found and isinstance(function.value, ast.Name) and function.value.id in ("self", "cls"):
                owner = self._module.class_of(function)
                family = self._classes.get(owner.name, 0) if owner else 0
                found = self._methods.get((family, function.attr), found)
        else:
            return []
        return found if len(found) <= MAX_NAMESAKES else []

    # -- listeners of SQLAlchemy's events

    def _note_listener(self, function: Function) -> None:
        for decorator in function.decorator_list:
            if isinstance(decorator, ast.Call) and _is_connect_event(decorator, "listens_for"):
                self._listen(decorator.args[0], function)

    def _note_listener_call(self, call: ast.Call) -> None:
        if _is_connect_event(call, "listen") and len(call.args) > 2:
            for function in self._named(call.args[2]):
                self._listen(call.args[0], function)

    def _listen(self, target: ast.expr, function: Function) -> None:
        parameters = _parameters(function)
        self._listeners.add(id(function))
        if parameters:
            sources = self.places(target)
            unbound = isinstance(target, ast.Name) and self._module.dotted(target) != target.id
            if unbound or not sources:
                sources = [*sources, ANY_ENGINE]
            self._link(sources, [("name", id(self._module.scopes[function]), parameters[0])])

    # -- places

    def places(self, node: ast.expr, depth: int = 8) -> list[Place]:
        """The places whose content the value of ``node`` may be, or come from (a cursor of a connection)."""
        if depth <= 0:
            return []
        if isinstance(node, ast.Name):
            return self._held_by(node)
        if isinstance(node, ast.Attribute):
            inner = self.places(node.value, depth - 1) if node.attr in _INNER else []
            return [*self._held_by(node), *inner, *self._property_results(node)]
        if isinstance(node, ast.Call):
            return self._call_places(node, depth - 1)
        if isinstance(node, ast.Await | ast.NamedExpr | ast.Starred | ast.Subscript):
            return self.places(node.value, depth - 1)
        if isinstance(node, ast.IfExp):
            return [*self.places(node.body, depth - 1), *self.places(node.orelse, depth - 1)]
        if isinstance(node, ast.BoolOp):
            return [place for operand in node.values for place in self.places(operand, depth - 1)]
        if isinstance(node, ast.Tuple | ast.List):
            return [place for element in node.elts for place in self.places(element, depth - 1)]
        return []

    def _call_places(self, node: ast.Call, depth: int) -> list[Place]:
        found: list[Place] = [("call", id(node), "")] if id(node) in self._origins else []
        last = last_name(node.func)
        found += [("result", id(function), "") for function in self._named(node.func)]
        if last in _HANDING_ON:
            found += [place for argument in node.args for place in self.places(argument, depth)]
        elif isinstance(node.func, ast.Name) and last in self._own_classes:
            # An object of a class of this module: what it is given, it may hold.
            found += [place for argument in node.args for place in self.places(argument, depth)]
        if isinstance(node.func, ast.Attribute):
            found += self.places(node.func.value, depth)
        return found

    def _property_results(self, node: ast.Attribute) -> list[Place]:
        return [
            ("result", id(function), "")
            for function in self._functions.get(node.attr, ())[:MAX_NAMESAKES]
            if any("property" in ast.unparse(decorator) for decorator in function.decorator_list)
        ]

    def _held_by(self, target: ast.expr, stored: bool = False) -> list[Place]:
        """The place that a name, attribute or element of a container is; ``stored`` if something is put there.

        ``self.con`` is an attribute of its class.  ``store.con`` may be one of any class: what is read there may come
        from each of them, what is stored there may go to each.
        """
        while isinstance(target, ast.Subscript | ast.Starred):
            target = target.value
        if isinstance(target, ast.Name):
            found = self._module.scope_of(target).lookup(target.id)
            return [("name", id(found[0]) if found else 0, target.id)]
        chain: list[str] = []
        while isinstance(target, ast.Attribute | ast.Subscript):
            if isinstance(target, ast.Attribute):
                chain.append(target.attr)
            target = target.value
        if not isinstance(target, ast.Name):
            return []
        name = ".".join(reversed(chain))
        read, written = ("read", 0, name), ("written", 0, name)
        if target.id in ("self", "cls"):
            owner = self._module.class_of(target)
            place: Place = ("attribute", self._classes.get(owner.name, 0) if owner else 0, name)
            self._link([place], [read])
            self._link([written], [place])
            return [place]
        root = self._module.scope_of(target).lookup(target.id)
        return [("name", id(root[0]) if root else 0, f"{target.id}.{name}"), written if stored else read]

    # -- settings

    def _find_settings(self) -> Iterator[Setting]:
        for call in self._module.calls:
            function = call.func
            last = last_name(function)
            if last in _BUSY_METHODS and isinstance(function, ast.Attribute):
                value = known(self._module, self._values, call.args[0] if call.args else None)
                places = tuple(self.places(function.value))
                yield Setting(places, {"busy_timeout": value or Known(known=False)}, in_listener=self._listens(call))
            elif _RUNS_SQL.search(last):
                yield from self._executed(call, last)
            elif _SETS_UP.search(last) and not self._named(function):
                yield Setting(tuple(place for argument in call.args for place in self.places(argument)), open=True)
            if _is_connect_event(call, "listen") and len(call.args) > 2 and not self._named(call.args[2]):
                yield Setting(tuple(self.places(call.args[0])), open=True)

    def _executed(self, call: ast.Call, last: str) -> Iterator[Setting]:
        pragmas, is_open = self._texts.set_by(call, last)
        if not self._named(call.func) and _SETS_UP.search(last) and last != "pragma" and not pragmas:
            is_open = True
        if pragmas or is_open:
            places = [place for argument in call.args for place in self.places(argument)]
            if isinstance(call.func, ast.Attribute):
                places += self.places(call.func.value)
            yield Setting(tuple(places), pragmas, is_open, self._listens(call))

    def _listens(self, call: ast.Call) -> bool:
        return any(id(parent) in self._listeners for parent in self._module.ancestors(call))


def _is_connect_event(call: ast.Call, name: str) -> bool:
    last = last_name(call.func)
    if last != name or len(call.args) < 2:
        return False
    event = call.args[1]
    return isinstance(event, ast.Constant) and event.value in _CONNECT_EVENTS


def _parameters(function: Function) -> list[str]:
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def _families(module: Module) -> dict[str, int]:
    """A number for each class; classes that inherit from each other share it, as they share their attributes."""
    number = {cls.name: place for place, cls in enumerate(module.classes, 1)}
    for cls in module.classes:
        for base in cls.bases:
            name = base.id if isinstance(base, ast.Name) else ""
            if name in number and number[name] != number[cls.name]:
                old, new = number[cls.name], number[name]
                number = {key: new if value == old else value for key, value in number.items()}
    return number
