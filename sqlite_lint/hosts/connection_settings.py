"""Connections that settings describe: Django's DATABASES, Flask-SQLAlchemy's URI, Tortoise's configuration."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from sqlite_lint.hosts.connection_arguments import Opened, known, stored_entries
from sqlite_lint.hosts.connection_target import Place, at, common, is_other_url, place_of_file, texts_of, url_place
from sqlite_lint.hosts.insertion import Insertion, inserting, into_call, into_dict, into_url, quote_of
from sqlite_lint.hosts.model import Connection, Known
from sqlite_lint.hosts.module import Module
from sqlite_lint.hosts.pragma_texts import read_pragmas
from sqlite_lint.hosts.values import Value, Values

_FLASK: Final = "SQLALCHEMY_DATABASE_URI"
_FLASK_OPTIONS: Final = ("SQLALCHEMY_ENGINE_OPTIONS", "engine_options")
# Who reads the setting and opens an engine by itself: that engine is looked at where it is made.
_OTHER_READERS: Final = ("create_engine", "create_async_engine", "pydantic", "engine_from_config")
_TORTOISE_CALLS: Final = frozenset({"init", "register_tortoise", "RegisterTortoise", "init_db"})


class SettingsReader:
    """Finds the settings of one module that make a framework open SQLite."""

    def __init__(self, module: Module, values: Values) -> None:
        self._module = module
        self._values = values

    def read(self) -> Iterator[Opened]:
        text = self._module.text
        if "DATABASES" in text:
            for node in self._named("DATABASES"):
                yield from self._django(node)
        if _FLASK in text:
            yield from self._flask()
        if "ortoise" in text:
            yield from self._tortoise()

    # -- where a setting's value stands

    def _named(self, name: str) -> Iterator[ast.expr]:
        """Values given to a setting: ``NAME = value``, ``config["NAME"] = value``, ``configure(NAME=value)``, and in
        a dict under that key."""
        for node in self._module.of(ast.Assign, ast.AnnAssign, ast.keyword, ast.Dict):
            if isinstance(node, ast.Assign):
                if any(_setting_name(target) == name for target in node.targets):
                    yield node.value
            elif isinstance(node, ast.AnnAssign):
                if node.value is not None and _setting_name(node.target) == name:
                    yield node.value
            elif isinstance(node, ast.keyword) and node.arg == name:
                yield node.value
            elif isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == name:
                        yield value

    def _written(self, node: ast.expr) -> Iterator[ast.expr]:
        """The dicts that an expression may be, where they are written."""
        for value in self._values.of(node):
            if isinstance(value.value, ast.expr):
                yield value.value

    # -- Django

    def _django(self, node: ast.expr) -> Iterator[Opened]:
        """Each database of a ``DATABASES`` dict, or the one that ``DATABASES["default"] = {...}`` sets."""
        for written in self._written(node):
            entries = _items(written)
            is_database = any(key == "ENGINE" for key, _ in entries)
            databases = [written] if is_database else [inner for _, value in entries for inner in self._written(value)]
            for database in databases:
                connection = self._database(database)
                if connection is not None:
                    yield Opened(connection, database)

    def _database(self, node: ast.expr) -> Connection | None:
        entries = dict(_items(node))
        engine, name, options = entries.get("ENGINE"), entries.get("NAME"), entries.get("OPTIONS")
        backend = self._values.sole(engine)
        if engine is None or not isinstance(backend, str) or not backend.endswith((".sqlite3", ".spatialite")):
            return None
        given = self._values.entries(options) if options is not None else {}
        may_be_added = any(key in ("OPTIONS", "timeout") for _, key, _ in stored_entries(self._module))
        connection = Connection(
            driver="django",
            opener="DATABASES",
            span=self._module.span(engine),
            call=self._module.span(node),
            path=self._known(name),
            timeout=self._known((given or {}).get("timeout")),
            timeout_may_be_elsewhere=given is None or may_be_added or "" in entries,
            transaction_mode=self._known((given or {}).get("transaction_mode")),
            pragmas=self._init_pragmas((given or {}).get("init_command")),
        )
        place = self._django_insertion(node, options)
        connection = inserting(connection, place, "s", "OPTIONS is put together elsewhere")
        return at(connection, place_of_file(self._values.of(name)))

    def _known(self, node: ast.expr | None) -> Known | None:
        return known(self._module, self._values, node)

    def _init_pragmas(self, node: ast.expr | None) -> dict[str, Known]:
        pragmas: dict[str, Known] = {}
        for text in texts_of(self._values.of(node)):
            pragmas.update(read_pragmas(text))
        return pragmas

    def _django_insertion(self, node: ast.expr, options: ast.expr | None) -> Insertion | None:
        quote = quote_of(self._module, node)
        entry = f"{quote}timeout{quote}: {{}}"
        if isinstance(options, ast.Dict):
            return into_dict(self._module, options, entry)
        if isinstance(options, ast.Call):
            return into_call(self._module, options, "timeout={}")
        if options is not None:
            return None
        if isinstance(node, ast.Dict):
            return into_dict(self._module, node, f"{quote}OPTIONS{quote}: {{{entry}}}")
        return into_call(self._module, node, f"OPTIONS={{{entry}}}") if isinstance(node, ast.Call) else None

    # -- Flask-SQLAlchemy

    def _flask(self) -> Iterator[Opened]:
        options = [node for name in _FLASK_OPTIONS for node in self._named(name)]
        mentioned = any(name in self._module.text for name in _FLASK_OPTIONS)
        may_be_elsewhere = mentioned and (not options or any(map(self._may_time, options)))
        for node in self._named(_FLASK):
            values = self._values.of(node)
            if self._is_flask(node) and not any(map(is_other_url, texts_of(values))):
                yield from self._url_setting(node, values, _FLASK, may_be_elsewhere)

    def _may_time(self, node: ast.expr) -> bool:
        options = self._values.entries(node)
        if options is None:
            return True
        arguments = options.get("connect_args")
        given = self._values.entries(arguments) if arguments is not None else {}
        return given is None or "timeout" in given

    def _is_flask(self, node: ast.expr) -> bool:
        """The name alone is used by others too, who hand it to ``create_engine`` themselves."""
        parent = self._module.parents[node]
        if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Subscript):
            return True
        return not any(name in self._module.text for name in _OTHER_READERS)

    # -- Tortoise

    def _tortoise(self) -> Iterator[Opened]:
        """``Tortoise.init(db_url=...)`` and ``{"connections": {"default": "sqlite://..."}}``; each parameter of the URL
        becomes a pragma."""
        for node in self._module.of(ast.Call, ast.Dict):
            urls: list[ast.expr] = []
            if isinstance(node, ast.Call):
                name = (self._module.dotted(node.func) or "").rpartition(".")[2]
                if name in _TORTOISE_CALLS:
                    urls = [keyword.value for keyword in node.keywords if keyword.arg == "db_url"]
            elif isinstance(node, ast.Dict):
                urls = [url for key, value in _items(node) if key == "connections" for _, url in _items(value)]
            for url in urls:
                yield from self._url_setting(url, self._values.of(url), "Tortoise", False)

    # -- settings that are a URL

    def _url_setting(
        self, node: ast.expr, values: tuple[Value, ...], opener: str, may_be_elsewhere: bool
    ) -> Iterator[Opened]:
        written = [value for value in values if isinstance(value.value, str)]
        places: list[Place] = [p for value in written if (p := url_place(str(value.value))) is not None]
        if not places:
            return
        place = common(places, certain=len(places) == len(values))
        parameter, unit = ("busy_timeout", "ms") if opener == "Tortoise" else ("timeout", "s")
        span = self._module.span(node)
        connection = Connection(
            driver="tortoise" if opener == "Tortoise" else "sqlalchemy",
            opener=opener,
            span=span,
            call=span,
            timeout_may_be_elsewhere=may_be_elsewhere or parameter in place.query,
        )
        insertion = None
        if len(written) == 1:
            insertion = into_url(self._module, written[0].node, f"{parameter}={{}}", "?" in str(written[0].value))
        connection = inserting(connection, insertion, unit, "the URL's end is not written here")
        yield Opened(at(connection, place), node)


def _items(node: ast.expr) -> list[tuple[str, ast.expr]]:
    """Entries of a dict literal or ``dict(...)`` with constant keys; "" stands for what ``**`` merges in."""
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return [
            ("" if key is None else key.value if isinstance(key.value, str) else "?", value)
            for key, value in pairs
            if key is None or isinstance(key, ast.Constant)
        ]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        return [(keyword.arg or "", keyword.value) for keyword in node.keywords]
    return []


def _setting_name(target: ast.expr) -> str | None:
    """The setting that an assignment's target names; ``DATABASES["default"]`` counts for DATABASES."""
    if isinstance(target, ast.Name):
        return target.id
    if isinstance(target, ast.Attribute):
        return target.attr
    if isinstance(target, ast.Subscript):
        if isinstance(target.slice, ast.Constant) and isinstance(target.slice.value, str):
            key = target.slice.value
            return key if key.isupper() else _setting_name(target.value)
        return _setting_name(target.value)
    return None
