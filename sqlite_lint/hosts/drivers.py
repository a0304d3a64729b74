"""Which library, and which engine, stands behind a connection, cursor, session or pool."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Final, NamedTuple

from sqlite_lint.hosts.engines import mention, named, text_engines, url_engines, vocabulary
from sqlite_lint.hosts.libraries import library
from sqlite_lint.hosts.lookup import FUNCTIONS, Lookup, is_self, returned
from sqlite_lint.hosts.module import Binding, BindingKind, Function, Module

ALIAS: Final = "another of Django's databases"  # than the default one: ``connections["warehouse"]``
_DEPTH: Final = 10
_MOST: Final = 12  # bindings of one name that are looked at


class Driver(NamedTuple):
    """A library and the engine that it talks to; each None where it cannot be told."""

    library: str | None
    engine: str | None


_URL_CALLS: Final = vocabulary(
    "create_engine create_async_engine engine_from_config create_pool make_url Database SqlStore connect "
    "SQLDatabase from_uri AsyncEngine get_engine"
)


class Drivers:
    """Finds the drivers behind the expressions of one module."""

    def __init__(self, module: Module, lookup: Lookup) -> None:
        self._module = module
        self._lookup = lookup
        self._known: dict[ast.AST, frozenset[Driver]] = {}
        self._named: dict[tuple[object, ...], frozenset[Driver]] = {}

    def of(self, node: ast.expr, depth: int = _DEPTH) -> frozenset[Driver]:
        """All drivers that ``node`` may speak to; empty where nothing shows."""
        known = self._known.get(node)
        if known is None:
            if depth <= 0:
                return frozenset()
            self._known[node] = frozenset()
            known = self._known[node] = frozenset(self._read(node, depth))
        return known

    def _read(self, node: ast.expr, depth: int) -> Iterable[Driver]:
        if isinstance(node, ast.Await | ast.Starred | ast.NamedExpr):
            return self.of(node.value, depth)
        if isinstance(node, ast.IfExp):
            return self.of(node.body, depth) | self.of(node.orelse, depth)
        if isinstance(node, ast.BoolOp):
            return frozenset().union(*(self.of(value, depth) for value in node.values))
        if isinstance(node, ast.Subscript):
            key = node.slice.value if isinstance(node.slice, ast.Constant) else None
            if isinstance(key, str) and key != "default" and self._module.dotted(node.value) == "django.db.connections":
                return _by_name(key) or {Driver("django", ALIAS)}
            return (_by_name(key) if isinstance(key, str) else ()) or self.of(node.value, depth)
        if isinstance(node, ast.Constant | ast.JoinedStr):
            return {Driver(None, each) for text in self._texts(node) for each in url_engines(text)}
        if isinstance(node, ast.Call):
            return self._call(node, depth)
        if isinstance(node, ast.Name):
            return self._name(node, depth)
        if isinstance(node, ast.Attribute):
            return self._attribute(node, depth)
        return ()

    # -- expressions

    def _call(self, node: ast.Call, depth: int) -> Iterable[Driver]:
        name = _last(node.func)
        if name in {"importorskip", "import_module", "__import__"} and node.args:
            return {driver for text in self._texts(node.args[0]) for driver in self._dotted(text)}
        by_url = self._by_url(node, name)
        if by_url:
            return by_url
        found = self.of(node.func, depth)
        if any(driver.engine for driver in found):
            return found
        arguments = [*node.args[:3], *(keyword.value for keyword in node.keywords if keyword.arg in _PASSED_ON)]
        if name in _WRAPPING or found:
            for argument in arguments:
                inner = self.of(argument, depth - 1)
                if any(driver.engine for driver in inner):
                    libraries = {driver.library for driver in found} or {driver.library for driver in inner}
                    return {Driver(lib, driver.engine) for lib in libraries for driver in inner}
        if name in _WRAPPING and not found:
            return frozenset().union(*(self.of(argument, depth - 1) for argument in arguments))
        return found

    def _by_url(self, node: ast.Call, name: str) -> Iterable[Driver]:
        """``create_engine("sqlite:///x.db")`` and its like."""
        if name not in _URL_CALLS and not name[:1].isupper():
            return ()
        given = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg in _URL_KEYWORDS)]
        lib = library(self._module.dotted(node.func) or "")
        for argument in given:
            if name in _URL_CALLS:
                names = _setting_engines(argument)
                if len(names) == 1:
                    return {Driver(lib.name if lib else None, each) for each in names}
            for text in self._texts(argument):
                names = url_engines(text) or (text_engines(text) if name == "create_pool" else frozenset())
                if names:
                    return {Driver(lib.name if lib else None, each) for each in names}
        return ()

    def _texts(self, node: ast.expr) -> list[str]:
        """The beginnings of the texts that an expression may be."""
        if isinstance(node, ast.Constant):
            return [node.value] if isinstance(node.value, str) else []
        if isinstance(node, ast.JoinedStr):
            return self._texts(node.values[0]) if node.values else []
        if isinstance(node, ast.BinOp):
            return self._texts(node.left)
        if isinstance(node, ast.Name):
            value = self._lookup.value(node)
            return self._texts(value) if value is not None and not isinstance(value, ast.Name) else []
        if isinstance(node, ast.Attribute):
            values = [each.value for each in self._lookup.attribute(node) if each.value is not None]
            return [text for value in values[:2] if isinstance(value, ast.Constant) for text in self._texts(value)]
        if isinstance(node, ast.Call) and _last(node.func) in {"format", "replace", "make_url", "URL", "create"}:
            inside = node.func.value if isinstance(node.func, ast.Attribute) else None
            return [*self._texts(inside), *_first(self._texts, node.args)] if inside else _first(self._texts, node.args)
        return []

    def _name(self, node: ast.Name, depth: int) -> frozenset[Driver]:
        bindings = self._lookup.name(node)
        scope = self._module.scope_of(node).node
        key = (node.id, scope, *map(id, bindings))
        found = self._named.get(key)
        if found is None:
            found = frozenset(self._of_bindings(node, bindings, scope, depth))
            if depth == _DEPTH:
                self._named[key] = found
        return found

    def _of_bindings(self, node: ast.Name, bindings: list[Binding], scope: ast.AST, depth: int) -> Iterable[Driver]:
        found = self._bound(bindings, depth)
        for annotation in self._lookup.annotations_of(node.id, bindings, scope):
            found |= self._annotation(annotation)
        if found:
            return found
        if node.id in self._module.imports and all(each.kind is BindingKind.IMPORT for each in bindings):
            return self._dotted(self._module.imports[node.id])
        own = self._own(self._lookup.function(node.id), depth)
        return own or _by_name(node.id) or self._given(node, bindings, depth)

    def _given(self, node: ast.Name, bindings: list[Binding], depth: int) -> frozenset[Driver]:
        """What the callers in this module hand over for a parameter."""
        if len(bindings) != 1 or bindings[0].kind is not BindingKind.PARAM or depth < 3:
            return frozenset()
        function = bindings[0].scope.node
        if not isinstance(function, FUNCTIONS) or len(self._lookup.functions[function.name]) != 1:
            return frozenset()
        found: frozenset[Driver] = frozenset()
        for call in self._lookup.calls_of(function.name)[:_MOST]:
            argument = self._lookup.argument(function, call, node.id)
            given = self.of(argument, depth - 2) if argument is not None else frozenset()
            if not given:
                return frozenset()
            found |= given
        return found

    def _attribute(self, node: ast.Attribute, depth: int) -> Iterable[Driver]:
        dotted = self._module.dotted(node)
        root = _root(node)
        if dotted is not None and root in self._module.imports and not self._rebound(node):
            found = self._dotted(dotted)
            if found:
                return found
        bindings = self._lookup.attribute(node)
        found = self._bound(bindings, depth)
        for annotation in self._lookup.annotations(node):
            found |= self._annotation(annotation)
        method = self._lookup.method(node)
        found |= self._own(method, depth)
        if found:
            return found
        below = frozenset() if is_self(node.value) else self.of(node.value, depth - 1)
        return below or _by_name(node.attr)

    def _bound(self, bindings: list[Binding], depth: int) -> frozenset[Driver]:
        found: frozenset[Driver] = frozenset()
        for binding in bindings[:_MOST]:
            if binding.kind is BindingKind.IMPORT:
                found |= frozenset(self._dotted(binding.dotted))
            elif binding.value is not None and binding.kind is not BindingKind.AUGMENT:
                found |= self.of(binding.value, depth - 1)
        return found

    def _own(self, function: Function | None, depth: int) -> frozenset[Driver]:
        """What a function of this module returns or yields."""
        if function is None or not isinstance(function, FUNCTIONS):
            return frozenset()
        found = self._annotation(function.returns) if function.returns is not None else frozenset()
        if any(driver.engine for driver in found):
            return found
        for value in returned(function)[:_MOST]:
            found |= self.of(value, depth - 1)
        return found

    def _annotation(self, annotation: ast.expr) -> frozenset[Driver]:
        """``sqlite3.Connection``, ``Optional["asyncpg.Pool"]``, ``AsyncIterator[Session]``."""
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            try:
                annotation = ast.parse(annotation.value, mode="eval").body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return frozenset()
        found: set[Driver] = set()
        for part in ast.walk(annotation):
            if isinstance(part, ast.Name | ast.Attribute):
                dotted = self._module.dotted(part)
                root = _root(part)
                if dotted and root in self._module.imports:
                    found.update(self._dotted(dotted))
                elif isinstance(part, ast.Name) and part.id[:1].isupper():
                    found.update(_by_name(part.id))
        return frozenset(found)

    def _dotted(self, dotted: str) -> frozenset[Driver]:
        """The driver of an imported name: its library's, or that which the name itself speaks of."""
        lib = library(dotted)
        if lib is not None and lib.engine is not None:
            return frozenset({Driver(lib.name, lib.engine)})
        names = frozenset[str]()
        for part in dotted.split("."):
            names = named(part) or names
        if len(names) == 1 and not dotted.startswith("sqlalchemy.dialects"):
            return frozenset(Driver(lib.name if lib else None, each) for each in names)
        return frozenset({Driver(lib.name, None)}) if lib is not None else frozenset()

    def _rebound(self, node: ast.Attribute) -> bool:
        """A local name may hide an import of the same name."""
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            inner = inner.value
        if not isinstance(inner, ast.Name):
            return True
        return any(binding.kind is not BindingKind.IMPORT for binding in self._lookup.name(inner))


_PASSED_ON: Final = vocabulary("bind engine con conn connection db database pool url uri dsn")
_URL_KEYWORDS: Final = vocabulary("url uri dsn database_url db_url connection_string conninfo")
_WRAPPING: Final = vocabulary(
    "closing nullcontext Session AsyncSession sessionmaker async_sessionmaker scoped_session "
    "async_scoped_session Depends contextmanager enter_context enter_async_context inspect"
)


def _by_name(identifier: str) -> frozenset[Driver]:
    """``pg_conn``, ``self.postgres``: a variable named for an engine."""
    found = mention(identifier)
    names = named(identifier) if found.names else frozenset()
    return frozenset({Driver(None, each) for each in names}) if len(names) == 1 else frozenset()


def _setting_engines(node: ast.expr) -> frozenset[str]:
    """The engine that a setting with an address is named for: ``settings.POSTGRES_URL``, ``os.environ["PG_DSN"]``."""
    if isinstance(node, ast.Call) and node.args:
        node = node.args[0]
    if isinstance(node, ast.Subscript):
        node = node.slice
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
        return named(node.value) if node.value.isupper() else frozenset()
    if isinstance(node, ast.Name | ast.Attribute):
        return named(_last(node))
    return frozenset()


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _first(texts: object, arguments: list[ast.expr]) -> list[str]:
    return texts(arguments[0]) if arguments and callable(texts) else []


def receiver(call: ast.AST | None) -> ast.expr | None:
    """The expression that a sink's call speaks to: ``conn`` of ``conn.execute(...)`` and of ``read_sql(sql, conn)``."""
    if not isinstance(call, ast.Call):
        return None
    name = _last(call.func)
    if name.startswith("read_sql") or name in {"to_sql", "read_database", "read_database_uri"}:
        for keyword in call.keywords:
            if keyword.arg in {"con", "conn", "connection", "uri"}:
                return keyword.value
        return call.args[1] if len(call.args) > 1 else None
    if isinstance(call.func, ast.Attribute):
        return call.func.value
    return call.func
