"""Connections that a call opens: drivers, engines, ORMs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from sqlite_lint.hosts.connection_target import Place, common, is_other_url, place_of_file, texts_of, url_place
from sqlite_lint.hosts.insertion import Insertion, into_call, into_dict, into_url, quote_of
from sqlite_lint.hosts.model import Connection, Known, Target
from sqlite_lint.hosts.module import BindingKind, Module, imported_names
from sqlite_lint.hosts.openers import Opener, opener_of
from sqlite_lint.hosts.values import UNKNOWN, Value, Values
from sqlite_lint.sql.tokens import HOLE


class Opened(NamedTuple):
    """A connection, and the node whose value it is."""

    connection: Connection
    node: ast.expr


# Callables that call their first argument with the rest: position of the function, whether keywords are handed on.
_INDIRECT: Final = {"partial": (0, True), "to_thread": (0, True), "submit": (0, True), "run_in_executor": (1, False)}
_SHARED_CHECK: Final = "check_same_thread"
_STORED_ELSEWHERE: Final = frozenset({"timeout", "connect_args", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a call hands to the function that opens; ``open`` if ``*args`` or ``**kwargs`` may hold more."""

    call: ast.Call
    positional: tuple[ast.expr, ...]
    keywords: dict[str, ast.expr]
    open: bool
    takes_keywords: bool = True

    def get(self, name: str | None, position: int | None = None) -> ast.expr | None:
        if name is not None and name in self.keywords:
            return self.keywords[name]
        if position is not None and position < len(self.positional):
            return self.positional[position]
        return None


class CallReader:
    """Finds the calls of one module that open SQLite."""

    def __init__(self, module: Module, values: Values) -> None:
        self._module = module
        self._values = values
        self._stored_keys = _stored_keys(module)
        self._names = _meanings(module)

    def read(self) -> Iterator[Opened]:
        for call in self._module.calls:
            found = self._opener(call)
            if found is not None:
                connection = self._connection(*found)
                if connection is not None:
                    yield Opened(connection, call)

    # -- which function is called, with what

    def _opener(self, call: ast.Call) -> tuple[Opener, Arguments, ast.expr] | None:
        opener = self._by_name(call.func)
        if opener is not None:
            return opener, self._arguments(call, 0), call.func
        last = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        place, keywords = _INDIRECT.get(last, (-1, False))
        if 0 <= place < len(call.args):
            opener = self._by_name(call.args[place])
            if opener is not None:
                arguments = self._arguments(call, place + 1)
                return opener, replace(arguments, takes_keywords=keywords), call.args[place]
        return None

    def _by_name(self, function: ast.expr) -> Opener | None:
        rest = ""
        while isinstance(function, ast.Attribute):
            rest = f".{function.attr}{rest}"
            function = function.value
        if not isinstance(function, ast.Name):
            return None
        for dotted in self._names.get(function.id, (function.id,)):
            opener = opener_of(dotted + rest)
            if opener is not None:
                return opener
        return None

    def _arguments(self, call: ast.Call, skip: int) -> Arguments:
        positional = tuple(call.args[skip:])
        is_open = any(isinstance(argument, ast.Starred) for argument in positional)
        keywords: dict[str, ast.expr] = {}
        for keyword in call.keywords:
            if keyword.arg is not None:
                keywords[keyword.arg] = keyword.value
                continue
            inner = self._sole_entries(keyword.value)
            if inner is None:
                is_open = True
            else:
                keywords.update(inner)
        return Arguments(call, positional, keywords, is_open)

    def _sole_entries(self, node: ast.expr) -> dict[str, ast.expr] | None:
        """The entries of a dict that is written once and never changed afterwards."""
        values = self._values.of(node)
        if len(values) != 1 or not isinstance(values[0].value, ast.expr):
            return None
        if isinstance(node, ast.Name) and self._is_changed(node):
            return None
        return self._values.entries(values[0].value)

    def _is_changed(self, name: ast.Name) -> bool:
        """Tell whether entries may be added to the dict behind ``name``."""
        if self._stored_keys.get(name.id, frozenset()) & _STORED_ELSEWHERE or "*" in self._stored_keys.get(name.id, ()):
            return True
        return any(binding.kind is BindingKind.EXTEND for binding in self._values.bindings(name))

    # -- what the call opens

    def _connection(self, opener: Opener, arguments: Arguments, function: ast.expr) -> Connection | None:
        path = arguments.get(opener.path, 0)
        base = Connection(
            driver=opener.driver,
            opener=" ".join(self._module.source(function).split()),
            span=self._module.span(function),
            call=self._module.span(arguments.call),
            path=self.known(path),
            default_timeout=opener.default,
            timeout_may_be_elsewhere=arguments.open,
            isolation=self.known(arguments.get("isolation_level", 3 if opener.timeout_position else None)),
            autocommit=self.known(arguments.get("autocommit")),
            check_same_thread=self.known(arguments.get(_SHARED_CHECK, 4 if opener.timeout_position else None)),
        )
        if opener.driver == "sqlalchemy":
            return self._engine(base, opener, arguments, path)
        if opener.url:
            return self._url_connection(base, opener, arguments, path)
        return self._file_connection(base, opener, arguments, path)

    def _file_connection(
        self, base: Connection, opener: Opener, arguments: Arguments, path: ast.expr | None
    ) -> Connection | None:
        if path is None and not arguments.open:
            return None if opener.driver != "sqlite_utils" else replace(base, target=Target.MEMORY)
        values = self._values.of(path)
        if opener.driver == "sqlite_utils" and not texts_of(values):
            return None  # its argument may just as well be a connection that is open already
        if (values and all(value.value is None for value in values)) or _is_remote(values, arguments):
            return None  # peewee's SqliteDatabase(None) is opened by ``init``
        values = tuple(value for value in values if value.value is not None)
        place = place_of_file(values)
        if opener.driver == "sqlite_utils" and {"memory", "memory_name"} & arguments.keywords.keys():
            place = Place(Target.MEMORY)
        if opener.driver == "apsw":
            place = _with_flags(place, arguments.get("flags", 1))
        timeout = arguments.get(opener.timeout, opener.timeout_position)
        ignored = None
        if timeout is None and "timeout" in place.query:
            ignored = Known(place.query["timeout"], span=self._module.span(path) if path is not None else None)
        connection = _at(replace(base, timeout=self.known(timeout), ignored_timeout=ignored), place)
        if "factory" in arguments.keywords:
            connection = replace(connection, pragmas_open=self._factory_may_set(arguments.keywords["factory"]))
        if opener.pragmas is not None:
            pragmas = arguments.get(opener.pragmas, 1)
            connection = self._with_pragmas(connection, pragmas)
        return self._with_insertion(connection, opener, arguments)

    def _factory_may_set(self, factory: ast.expr) -> bool:
        name = self._module.dotted(factory) or ""
        own = [cls for cls in self._module.classes if cls.name == name]
        return not own or "busy_timeout" in self._module.source(own[0])

    def _url_connection(
        self, base: Connection, opener: Opener, arguments: Arguments, url: ast.expr | None
    ) -> Connection | None:
        values = self._url_values(url)
        places = [place for text in texts_of(values) if (place := url_place(text)) is not None]
        if not places or any(is_other_url(text) for text in texts_of(values)):
            return None
        connection = _at(base, common(places, len(places) == len(values)))
        timeout = self.known(arguments.get(opener.timeout))
        return self._with_insertion(replace(connection, timeout=timeout), opener, arguments)

    def _engine(
        self, base: Connection, opener: Opener, arguments: Arguments, url: ast.expr | None
    ) -> Connection | None:
        values = self._url_values(url)
        texts = texts_of(values)
        places = [place for text in texts if (place := url_place(text)) is not None]
        options = self._connect_args(arguments)
        only_sqlite = len(places) == len(values) or options.shows_sqlite
        if any(is_other_url(text) for text in texts) or not (places or options.shows_sqlite):
            return None
        place = common(places, len(places) == len(values))
        pool = self.known(arguments.get("poolclass"))
        pool_name = self._module.dotted(arguments.keywords["poolclass"]) if "poolclass" in arguments.keywords else None
        if pool is not None and pool_name is not None:
            pool = replace(pool, value=pool_name.rpartition(".")[2], known=True)
        if not places and pool is not None and pool.value == "StaticPool":
            place = Place(Target.MEMORY)
        timeout = options.timeout
        if timeout is None and "timeout" in place.query:
            timeout = Known(_number(place.query["timeout"]), span=self._module.span(url) if url is not None else None)
        elsewhere = (
            base.timeout_may_be_elsewhere
            or options.open
            or bool({"creator", "async_creator", "module", "pool"} & arguments.keywords.keys())
        )
        connection = _at(replace(base, timeout=timeout, pool=pool, timeout_may_be_elsewhere=elsewhere), place)
        return self._with_engine_insertion(connection, opener, arguments, options, values, only_sqlite)

    def _url_values(self, url: ast.expr | None) -> tuple[Value, ...]:
        """The texts of an engine URL, through ``make_url``, ``URL.create`` and ``str``."""
        found: list[Value] = []
        for value in self._values.of(url):
            node = value.node
            if value.known or not isinstance(node, ast.Call):
                found.append(value)
                continue
            name = (self._module.dotted(node.func) or "").rsplit(".", 2)
            if name[-1] in ("make_url", "DatabaseURL") and node.args:
                found += self._url_values(node.args[0])
            elif name[-2:] == ["URL", "create"] or name[-1] == "URL":
                found.append(Value(self._created_url(node), node, value.fallback))
            else:
                found.append(value)
        return tuple(found)

    def _created_url(self, node: ast.Call) -> object:
        arguments = self._arguments(node, 0)
        scheme = self._values.sole(arguments.get("drivername", 0))
        database = self._values.of(arguments.get("database", 5))
        if not isinstance(scheme, str) or arguments.open or "query" in arguments.keywords:
            return UNKNOWN
        texts = texts_of(database)
        if not database:
            return f"{scheme}://"
        return f"{scheme}:///{texts[0] if len(texts) == len(database) == 1 else HOLE}"

    # -- connect_args

    def _connect_args(self, arguments: Arguments) -> EngineOptions:
        node = arguments.get("connect_args")
        if node is None:
            return EngineOptions()
        dicts: list[ast.expr] = []
        entries: dict[str, ast.expr] = {}
        is_open = isinstance(node, ast.Name) and self._is_changed(node)
        for value in self._values.of(node):
            if not isinstance(value.value, ast.expr):
                is_open = is_open or value.known
                is_open = True
                continue
            inner = self._values.entries(value.value)
            if inner is None:
                is_open = True
                continue
            dicts.append(value.value)
            entries.update(inner)
        own = [node for node in dicts if _SHARED_CHECK in (self._values.entries(node) or {})]
        return EngineOptions(
            present=True,
            open=is_open,
            shows_sqlite=_SHARED_CHECK in entries,
            timeout=self.known(entries.get("timeout")),
            place=own[0] if own else dicts[0] if len(dicts) == 1 else None,
        )

    # -- where a timeout would go

    def _with_insertion(self, connection: Connection, opener: Opener, arguments: Arguments) -> Connection:
        item = opener.add
        if not item:
            return replace(connection, insert_withheld=_WITHOUT_ARGUMENT.get(opener.driver, ""))
        if not arguments.takes_keywords:
            return replace(connection, insert_withheld="the call that opens it hands on no keyword arguments")
        if item.startswith("pragmas=") and arguments.get("pragmas", 1) is not None:
            node = self._sole_node(arguments.get("pragmas", 1))
            quote = quote_of(self._module, arguments.call)
            item = f"{quote}busy_timeout{quote}: {{}}"
            place = into_dict(self._module, node, item) if isinstance(node, ast.Dict) else None
        else:
            place = into_call(self._module, arguments.call, item)
        return _inserting(connection, place, opener.add_unit, "the call leaves no safe place for another argument")

    def _with_engine_insertion(
        self,
        connection: Connection,
        opener: Opener,
        arguments: Arguments,
        options: EngineOptions,
        values: tuple[Value, ...],
        only_sqlite: bool,
    ) -> Connection:
        if not only_sqlite:
            written = [v for v in values if isinstance(v.value, str)]
            place = None
            if len(written) == 1 and isinstance(written[0].value, str):
                place = into_url(self._module, written[0].node, "timeout={}", "?" in written[0].value)
            return _inserting(connection, place, "s", "the URL may also be another engine's")
        quote = quote_of(self._module, arguments.call)
        if not options.present:
            item = opener.add.replace('"', quote)
            place = into_call(self._module, arguments.call, item) if arguments.takes_keywords else None
        elif isinstance(options.place, ast.Dict):
            place = into_dict(self._module, options.place, f"{quote}timeout{quote}: {{}}")
        elif isinstance(options.place, ast.Call):
            place = into_call(self._module, options.place, "timeout={}")
        else:
            place = None
        return _inserting(connection, place, "s", "`connect_args` is put together elsewhere")

    def _sole_node(self, node: ast.expr | None) -> ast.expr | None:
        values = self._values.of(node)
        return values[0].value if len(values) == 1 and isinstance(values[0].value, ast.expr) else None

    # -- values

    def known(self, node: ast.expr | None) -> Known | None:
        """What is known of an argument; None if it is not given."""
        return known(self._module, self._values, node)

    def _with_pragmas(self, connection: Connection, node: ast.expr | None) -> Connection:
        """Read peewee's ``pragmas``: a dict, or a list of pairs."""
        if node is None:
            return connection
        pragmas: dict[str, Known] = {}
        is_open = isinstance(node, ast.Name) and self._is_changed(node)
        for value in self._values.of(node):
            entries = self._pairs(value.value)
            if entries is None:
                is_open = True
            for key, item in (entries or {}).items():
                pragmas[key.lower()] = self.known(item) or Known(known=False)
        return replace(connection, pragmas=pragmas, pragmas_open=is_open)

    def _pairs(self, value: object) -> dict[str, ast.expr] | None:
        if isinstance(value, ast.List | ast.Tuple):
            pairs = [pair.elts for pair in value.elts if isinstance(pair, ast.Tuple | ast.List)]
            if len(pairs) != len(value.elts) or any(len(pair) != 2 for pair in pairs):
                return None
            keys = [self._values.sole(pair[0]) for pair in pairs]
            return {key: pair[1] for key, pair in zip(keys, pairs, strict=True) if isinstance(key, str)}
        return self._values.entries(value) if isinstance(value, ast.expr) else {} if value is None else None


_WITHOUT_ARGUMENT: Final = {
    "sqlite_utils": "Database takes no timeout: open the file with sqlite3.connect and hand that connection over",
}


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """SQLAlchemy's ``connect_args``; ``place`` is the dict that an entry can be added to."""

    present: bool = False
    open: bool = False
    shows_sqlite: bool = False  # check_same_thread: no other driver takes it
    timeout: Known | None = None
    place: ast.expr | None = None


def known(module: Module, values: Values, node: ast.expr | None) -> Known | None:
    """What is known of the value of ``node``; None if there is no node."""
    if node is None:
        return None
    found = values.of(node)
    span = module.span(node) if hasattr(node, "lineno") else None
    if len(found) == 1 and not found[0].fallback and _is_simple(found[0]):
        return Known(found[0].value, True, span)
    fallbacks = [value.value for value in found if value.fallback and _is_simple(value)]
    return Known(None, False, span, fallbacks[0] if len(fallbacks) == 1 else None)


def _is_simple(value: Value) -> bool:
    return value.known and not isinstance(value.value, ast.AST)


def _inserting(connection: Connection, place: Insertion | None, unit: str, reason: str) -> Connection:
    if place is None:
        return replace(connection, insert_withheld=reason)
    return replace(connection, insert_timeout=(place.offset, place.text), insert_unit=unit)


def _at(connection: Connection, place: Place) -> Connection:
    return replace(
        connection,
        target=place.target,
        read_only=place.read_only,
        immutable=place.immutable,
        no_lock=place.no_lock,
    )


def _is_remote(values: tuple[Value, ...], arguments: Arguments) -> bool:
    """libsql's connections to a server."""
    return "sync_url" in arguments.keywords or any(
        text.startswith(("libsql:", "http:", "https:", "ws:", "wss:")) for text in texts_of(values)
    )


def _with_flags(place: Place, flags: ast.expr | None) -> Place:
    names = {n.attr for n in ast.walk(flags) if isinstance(n, ast.Attribute)} if flags is not None else set()
    if "SQLITE_OPEN_MEMORY" in names:
        return replace(place, target=Target.MEMORY)
    return replace(place, read_only=place.read_only or "SQLITE_OPEN_READONLY" in names)


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return UNKNOWN


def _meanings(module: Module) -> dict[str, list[str]]:
    """What each name of the module may stand for, as a dotted name: imports, several of them in
    ``try: import pysqlite3 as sqlite3``, and names given to those, as in ``connect = sqlite3.connect``."""
    found: dict[str, list[str]] = {}
    for node in module.nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for local, dotted in imported_names(node):
                found.setdefault(local, []).append(dotted)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Name | ast.Attribute):
            meant = module.dotted(node.value)
            for target in node.targets:
                if isinstance(target, ast.Name) and meant is not None and "." in meant:
                    found.setdefault(target.id, []).append(meant)
    return found


def _stored_keys(module: Module) -> dict[str, set[str]]:
    """For each name the keys that ``name[key] = ...`` or ``name.setdefault(key, ...)`` gives it; "*" if computed."""
    found: dict[str, set[str]] = {}
    for node in module.nodes:
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            holder, key = node.value, node.slice
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("setdefault", "update")
        ):
            holder, key = node.func.value, (node.args[0] if node.args else None)  # type: ignore[assignment]
        else:
            continue
        while isinstance(holder, ast.Subscript):
            holder = holder.value
        if isinstance(holder, ast.Name):
            name = key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else "*"
            found.setdefault(holder.id, set()).add(name)
    return found
