"""Connections that a call opens: drivers, engines, ORMs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from sqlite_lint.hosts.connection_arguments import ArgumentReader, Arguments, Opened
from sqlite_lint.hosts.connection_engines import EngineReader
from sqlite_lint.hosts.connection_target import (
    Place,
    at,
    common,
    is_other_url,
    place_of_file,
    texts_of,
    url_place,
)
from sqlite_lint.hosts.expressions import last_name
from sqlite_lint.hosts.handed import INDIRECT
from sqlite_lint.hosts.insertion import inserting, into_call, into_dict, quote_of
from sqlite_lint.hosts.model import Connection, Known, Target
from sqlite_lint.hosts.module import Module, imported_names, name_of
from sqlite_lint.hosts.openers import Opener, opener_of
from sqlite_lint.hosts.values import Value, Values

_REMOTE: Final = ("libsql:", "http:", "https:", "ws:", "wss:")
_WITHOUT_ARGUMENT: Final = {
    "sqlite_utils": "Database takes no timeout: open the file with sqlite3.connect and hand that connection over",
}


class CallReader:
    """Finds the calls of one module that open SQLite."""

    def __init__(self, module: Module, values: Values) -> None:
        self._module = module
        self._values = values
        self._arguments = ArgumentReader(module, values)
        self._engines = EngineReader(self._arguments)
        self._names = _meanings(module)
        self._deferred = dict(self._find_deferred()) if ".init(" in module.text else {}

    def read(self) -> Iterator[Opened]:
        for call in self._module.calls:
            found = self._opener(call)
            if found is not None and not self._in_template(call):
                connection = self._connection(*found)
                if connection is not None:
                    yield Opened(connection, call)

    def _in_template(self, call: ast.Call) -> bool:
        """Before Python 3.12 ast gives no true places inside f-strings."""
        return any(isinstance(parent, ast.JoinedStr) for parent in self._module.ancestors(call))

    # -- which function is called

    def _opener(self, call: ast.Call) -> tuple[Opener, Arguments, ast.expr] | None:
        opener = self._by_name(call.func)
        if opener is not None:
            return opener, self._arguments.read(call), call.func
        last = last_name(call.func)
        if last == "init" and isinstance(call.func, ast.Attribute):
            return self._opened_later(call, name_of(call.func.value))
        place, keywords = INDIRECT.get(last, (-1, False))
        if 0 <= place < len(call.args):
            opener = self._by_name(call.args[place])
            if opener is not None:
                arguments = self._arguments.read(call, place + 1)
                return opener, replace(arguments, takes_keywords=keywords), call.args[place]
        return self._completed(call)

    def _completed(self, call: ast.Call) -> tuple[Opener, Arguments, ast.expr] | None:
        """The call of ``connect = partial(sqlite3.connect, isolation_level=None)``, which is told the file."""
        if not isinstance(call.func, ast.Name) or "partial" not in self._module.called:
            return None
        found = self._module.scope_of(call.func).lookup(call.func.id)
        begun = found[1][0].value if found is not None and len(found[1]) == 1 else None
        if not isinstance(begun, ast.Call) or self._module.called_name(begun) != "partial" or not begun.args:
            return None
        opener = self._by_name(begun.args[0])
        first, second = self._arguments.read(begun, 1), self._arguments.read(call)
        if opener is None or first.get(opener.path, 0) is not None:
            return None
        return (
            opener,
            replace(second, keywords=first.keywords | second.keywords, open=first.open or second.open),
            call.func,
        )

    def _find_deferred(self) -> Iterator[tuple[str, tuple[Opener, Arguments]]]:
        """Names of peewee databases that a later ``init`` opens: ``db = SqliteDatabase(None)``."""
        for call in self._module.calls:
            parent = self._module.parents[call]
            if not isinstance(parent, ast.Assign) or not call.args or self._values.sole(call.args[0]) is not None:
                continue
            opener = self._by_name(call.func)
            if opener is not None and opener.driver == "peewee":
                for target in parent.targets:
                    name = name_of(target)
                    if name is not None:
                        yield name, (opener, self._arguments.read(call))

    def _opened_later(self, call: ast.Call, name: str | None) -> tuple[Opener, Arguments, ast.expr] | None:
        if name is None or name not in self._deferred:
            return None
        opener, first = self._deferred[name]
        arguments = self._arguments.read(call)
        # Of what the constructor was given only the pragmas last: ``init`` sets the timeout anew, to its own default.
        kept = {key: value for key, value in first.keywords.items() if key == opener.pragmas}
        return opener, replace(arguments, keywords=kept | arguments.keywords), call.func

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

    # -- what it opens

    def _connection(self, opener: Opener, arguments: Arguments, function: ast.expr) -> Connection | None:
        by_position = opener.timeout_position is not None  # the signature of sqlite3.connect
        known = self._arguments.known
        base = Connection(
            driver=opener.driver,
            opener=" ".join(self._module.source(function).split()),
            span=self._module.span(function),
            call=self._module.span(arguments.call),
            path=known(arguments.get(opener.path, 0)),
            default_timeout=opener.default,
            timeout_may_be_elsewhere=arguments.open,
            isolation=known(arguments.get("isolation_level", 3 if by_position else None)),
            autocommit=known(arguments.get("autocommit")),
            check_same_thread=known(arguments.get("check_same_thread", 4 if by_position else None)),
        )
        if opener.driver == "sqlalchemy":
            return self._engines.connection(base, arguments)
        if opener.url:
            return self._url_connection(base, opener, arguments)
        return self._file_connection(base, opener, arguments)

    def _file_connection(self, base: Connection, opener: Opener, arguments: Arguments) -> Connection | None:
        path = arguments.get(opener.path, 0)
        values = self._values.of(path)
        place = self._place(opener, arguments, values)
        if place is None:
            return None
        timeout = arguments.get(opener.timeout, opener.timeout_position)
        ignored = None
        if timeout is None and path is not None and "timeout" in place.query:
            ignored = Known(place.query["timeout"], span=self._module.span(path))
        connection = at(replace(base, timeout=self._arguments.known(timeout), ignored_timeout=ignored), place)
        if "factory" in arguments.keywords:
            connection = replace(connection, pragmas_open=self._factory_may_set(arguments.keywords["factory"]))
        if opener.pragmas is not None:
            connection = self._with_pragmas(connection, arguments.get(opener.pragmas, 1))
        return self._with_insertion(connection, opener, arguments)

    def _place(self, opener: Opener, arguments: Arguments, values: tuple[Value, ...]) -> Place | None:
        """The database that a file name stands for; None where no SQLite file is opened here."""
        if opener.driver == "sqlite_utils":
            if not values or {"memory", "memory_name"} & arguments.keywords.keys():
                return None if arguments.open else Place(Target.MEMORY)
            if not texts_of(values):
                return None  # the argument may just as well be a connection that is open already
        elif not values and not arguments.open:
            return None
        if values and all(value.value is None for value in values):
            return None  # peewee's SqliteDatabase(None) is opened by ``init``
        if "sync_url" in arguments.keywords or any(text.startswith(_REMOTE) for text in texts_of(values)):
            return None  # libsql's connections to a server
        place = place_of_file([value for value in values if value.value is not None])
        return _with_flags(place, arguments.get("flags", 1)) if opener.driver == "apsw" else place

    def _factory_may_set(self, factory: ast.expr) -> bool:
        name = self._module.dotted(factory) or ""
        own = [cls for cls in self._module.classes if cls.name == name]
        return not own or "busy_timeout" in self._module.source(own[0])

    def _url_connection(self, base: Connection, opener: Opener, arguments: Arguments) -> Connection | None:
        values = self._engines.url_values(arguments.get(opener.path, 0))
        texts = texts_of(values)
        places = [place for text in texts if (place := url_place(text)) is not None]
        if not places or any(is_other_url(text) for text in texts):
            return None
        place = common(places, certain=len(places) == len(values))
        timeout = self._arguments.known(arguments.get(opener.timeout))
        if opener.reads_query and "timeout" in place.query:
            base = replace(base, timeout_may_be_elsewhere=True)
        return self._with_insertion(at(replace(base, timeout=timeout), place), opener, arguments)

    def _with_pragmas(self, connection: Connection, node: ast.expr | None) -> Connection:
        """Read peewee's ``pragmas``: a dict, or a list of pairs."""
        if node is None:
            return connection
        pragmas: dict[str, Known] = {}
        is_open = self._arguments.added_entries(node) != {}
        for value in self._values.of(node):
            entries = self._pairs(value.value)
            if entries is None:
                is_open = True
            for key, item in (entries or {}).items():
                pragmas[key.lower()] = self._arguments.known(item) or Known(known=False)
        return replace(connection, pragmas=pragmas, pragmas_open=is_open)

    def _pairs(self, value: object) -> dict[str, ast.expr] | None:
        if isinstance(value, ast.List | ast.Tuple):
            pairs = [pair.elts for pair in value.elts if isinstance(pair, ast.Tuple | ast.List)]
            if len(pairs) != len(value.elts) or any(len(pair) != 2 for pair in pairs):
                return None
            keys = [self._values.sole(pair[0]) for pair in pairs]
            return {key: pair[1] for key, pair in zip(keys, pairs, strict=True) if isinstance(key, str)}
        return self._values.entries(value) if isinstance(value, ast.expr) else {} if value is None else None

    # -- where a timeout would go

    def _with_insertion(self, connection: Connection, opener: Opener, arguments: Arguments) -> Connection:
        if not opener.add:
            return replace(connection, insert_withheld=_WITHOUT_ARGUMENT.get(opener.driver, ""))
        if not arguments.takes_keywords:
            return replace(connection, insert_withheld="the call that opens it hands on no keyword arguments")
        pragmas = arguments.get(opener.pragmas, 1) if opener.add.startswith("pragmas=") else None
        if pragmas is None:
            place = into_call(self._module, arguments.call, opener.add)
        else:
            quote = quote_of(self._module, arguments.call)
            node = self._arguments.sole_node(pragmas)
            entry = f"{quote}busy_timeout{quote}: {{}}"
            place = into_dict(self._module, node, entry) if isinstance(node, ast.Dict) else None
        reason = "the call leaves no safe place for another argument"
        return inserting(connection, place, opener.add_unit, reason)


def _with_flags(place: Place, flags: ast.expr | None) -> Place:
    names = {n.attr for n in ast.walk(flags) if isinstance(n, ast.Attribute)} if flags is not None else set()
    if "SQLITE_OPEN_MEMORY" in names:
        return replace(place, target=Target.MEMORY)
    return replace(place, read_only=place.read_only or "SQLITE_OPEN_READONLY" in names)


def _meanings(module: Module) -> dict[str, list[str]]:
    """What each name of the module may stand for, as a dotted name: imports, several of them in
    ``try: import pysqlite3 as sqlite3``, and names given to those, as in ``connect = sqlite3.connect``."""
    found: dict[str, list[str]] = {}
    for node in module.of(ast.Import, ast.ImportFrom, ast.Assign):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for local, dotted in imported_names(node):
                found.setdefault(local, []).append(dotted)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Name | ast.Attribute):
            meant = module.dotted(node.value)
            for target in node.targets:
                if isinstance(target, ast.Name) and meant is not None and "." in meant:
                    found.setdefault(target.id, []).append(meant)
    return found
