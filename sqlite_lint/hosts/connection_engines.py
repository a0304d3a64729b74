"""SQLAlchemy's engines: their URL, ``connect_args`` and where a timeout would be written."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Final, NamedTuple

from sqlite_lint.hosts.connection_arguments import ArgumentReader, Arguments
from sqlite_lint.hosts.connection_target import Place, at, common, is_other_url, texts_of, url_place
from sqlite_lint.hosts.insertion import inserting, into_call, into_dict, into_url, quote_of
from sqlite_lint.hosts.model import Connection, Known, Target
from sqlite_lint.hosts.values import UNKNOWN, Value
from sqlite_lint.sql.tokens import HOLE

# The one argument that no driver but sqlite3 and its likes takes: where it is given, the engine is SQLite's.
_SHOWS_SQLITE: Final = "check_same_thread"
_OPENS_OTHERWISE: Final = frozenset({"creator", "async_creator", "module", "pool"})


class _Options(NamedTuple):
    """``connect_args``; ``place`` is the dict that an entry can be added to, ``open`` if there may be more entries."""

    present: bool = False
    open: bool = False
    shows_sqlite: bool = False
    timeout: Known | None = None
    check_same_thread: Known | None = None
    isolation: Known | None = None
    autocommit: Known | None = None
    place: ast.expr | None = None


class EngineReader:
    """Reads the engines of one module."""

    def __init__(self, arguments: ArgumentReader) -> None:
        self._arguments = arguments
        self._module = arguments.module
        self._values = arguments.values

    def connection(self, base: Connection, arguments: Arguments) -> Connection | None:
        """Complete ``base`` by what ``create_engine(...)`` says; None where the engine is not SQLite's for sure."""
        url = arguments.get("url", 0)
        values = self.url_values(url)
        texts = texts_of(values)
        places = [place for text in texts if (place := url_place(text)) is not None]
        options = self._options(arguments.get("connect_args"))
        if any(is_other_url(text) for text in texts) or not (places or options.shows_sqlite):
            return None
        is_sqlite = len(places) == len(values)
        place = common(places, certain=is_sqlite)
        pool = self._pool(arguments.get("poolclass"))
        if places and all(each.target is Target.MEMORY for each in places):
            place = replace(place, target=Target.MEMORY)
        elif not places and pool is not None and pool.value == "StaticPool":
            place = Place(Target.MEMORY)
        timeout = options.timeout
        if timeout is None and "timeout" in place.query:
            timeout = Known(_number(place.query["timeout"]), span=self._module.span(url) if url is not None else None)
        elsewhere = arguments.open or options.open or not _OPENS_OTHERWISE.isdisjoint(arguments.keywords)
        connection = replace(
            at(base, place),
            timeout=timeout,
            timeout_may_be_elsewhere=elsewhere,
            pool=pool,
            check_same_thread=options.check_same_thread,
            isolation=options.isolation or base.isolation,
            autocommit=options.autocommit,
        )
        if not (is_sqlite or options.shows_sqlite):
            return self._inserting_into_url(connection, values)
        return self._inserting_into_arguments(connection, arguments, options)

    def url_values(self, url: ast.expr | None, depth: int = 2) -> tuple[Value, ...]:
        """The texts of an engine URL, through ``make_url`` and ``URL.create``."""
        found: list[Value] = []
        for value in self._values.of(url):
            node = value.node
            if value.known or not isinstance(node, ast.Call):
                found.append(value)
                continue
            name = (self._module.dotted(node.func) or "").rsplit(".", 2)
            if name[-1] in ("make_url", "DatabaseURL") and node.args and depth:
                found += self.url_values(node.args[0], depth - 1)
            elif name[-2:] == ["URL", "create"] or name[-1] == "URL":
                found.append(Value(self._created_url(node), node, value.fallback))
            else:
                found.append(value)
        return tuple(found)

    def _created_url(self, node: ast.Call) -> object:
        arguments = self._arguments.read(node)
        scheme = self._values.sole(arguments.get("drivername", 0))
        if not isinstance(scheme, str) or arguments.open or "query" in arguments.keywords:
            return UNKNOWN
        database = self._values.of(arguments.get("database", 5))
        if not database:
            return f"{scheme}://"
        texts = texts_of(database)
        return f"{scheme}:///{texts[0] if len(texts) == len(database) == 1 else HOLE}"

    def _pool(self, node: ast.expr | None) -> Known | None:
        name = self._module.dotted(node) if node is not None else None
        return Known(name.rpartition(".")[2]) if name else self._arguments.known(node)

    def _options(self, node: ast.expr | None) -> _Options:
        if node is None:
            return _Options()
        dicts: list[tuple[ast.expr, dict[str, ast.expr]]] = []
        added = self._arguments.added_entries(node)
        is_open = added is None
        for value in self._values.of(node):
            entries = self._values.entries(value.value) if isinstance(value.value, ast.expr) else None
            if entries is None:
                is_open = True
            else:
                dicts.append((value.value, entries))  # type: ignore[arg-type]
        own = [written for written, entries in dicts if _SHOWS_SQLITE in entries]
        given: dict[str, ast.expr] = {}
        for entries in (added or {}, *(entries for _, entries in dicts)):
            given.update(entries)
        known = self._arguments.known
        return _Options(
            present=True,
            open=is_open,
            shows_sqlite=_SHOWS_SQLITE in given,
            timeout=known(given.get("timeout")),
            check_same_thread=known(given.get(_SHOWS_SQLITE)),
            isolation=known(given.get("isolation_level")),
            autocommit=known(given.get("autocommit")),
            place=own[0] if own else dicts[0][0] if len(dicts) == 1 else None,
        )

    def _inserting_into_url(self, connection: Connection, values: tuple[Value, ...]) -> Connection:
        """Where the engine may be another one as well, only the URL is SQLite's own."""
        written = [value for value in values if isinstance(value.value, str)]
        place = None
        if len(written) == 1:
            place = into_url(self._module, written[0].node, "timeout={}", "?" in str(written[0].value))
        return inserting(connection, place, "s", "the URL may also be another engine's")

    def _inserting_into_arguments(self, connection: Connection, arguments: Arguments, options: _Options) -> Connection:
        quote = quote_of(self._module, arguments.call)
        place = None
        if not options.present and arguments.takes_keywords:
            place = into_call(self._module, arguments.call, f"connect_args={{{quote}timeout{quote}: {{}}}}")
        elif isinstance(options.place, ast.Dict):
            place = into_dict(self._module, options.place, f"{quote}timeout{quote}: {{}}")
        elif isinstance(options.place, ast.Call):
            place = into_call(self._module, options.place, "timeout={}")
        return inserting(connection, place, "s", "`connect_args` is put together elsewhere")


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return UNKNOWN
