"""SQL531: foreign keys that nobody switches on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.model import Engine
from sqlite_lint.regex import regex
from sqlite_lint.rule import FileContext, SourceHit
from sqlite_lint.sql.statement import split

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import Connection, HostResult
    from sqlite_lint.sql.schema import Schema

_ENFORCED_BY_THE_LIBRARY: Final = frozenset({"django"})
_OPENED_ONE_BY_ONE: Final = frozenset({"sqlite3", "aiosqlite", "apsw"})  # whose pragmas are seen where they are opened
_WRITES: Final = regex(r"(?i)\b(?:insert\s+into|insert\s+or\s|replace\s+into|update\s+\S+\s+set|delete\s+from)\b")
_REFERENCES: Final = regex(r"(?i)\breferences\b")
_OFF: Final = frozenset({"0", "off", "no", "false"})


def switched_off(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """Report the first connection of a file that makes tables with foreign keys, and does not switch them on.

    The tables of other files may be in other databases, unless no other file opens one.
    """
    opened = [c for c in result.connections if c.area == "" and c.driver not in _ENFORCED_BY_THE_LIBRARY]
    opened = [c for c in opened if not (c.read_only or c.immutable)]
    if not opened or any(c.pragmas_open for c in result.connections):
        return
    enforcing = [c for c in result.connections if "foreign_keys" in c.pragmas]
    if enforcing:
        opened = [c for c in opened if _is_forgotten(c, enforcing, result, context)]
    elif _is_set_elsewhere(context) or _is_said_elsewhere(context):
        return
    child = _first_child(_own_schema(result, context)) or _first_of_all(context) if opened else None
    if child is not None:
        table, parent = child
        yield SourceHit(opened[0].span, {"table": table, "parent": parent})


def _is_set_elsewhere(context: FileContext) -> bool:
    return "foreign_keys" in context.text or any(name == "foreign_keys" for name, _ in context.project.pragmas)


def _is_said_elsewhere(context: FileContext) -> bool:
    """Tell whether another file of the project is the first that opens a database and makes tables with such keys."""
    files = context.project.files
    own = (name for name in context.project.openers if any(_REFERENCES.search(ddl) for ddl in files[name].ddl))
    return next(own, context.project.relative(context.path)) != context.project.relative(context.path)


def _is_forgotten(
    connection: Connection, enforcing: list[Connection], result: HostResult, context: FileContext
) -> bool:
    """Tell whether a connection writes to the file for which others switch foreign keys on, without doing so."""
    if connection in enforcing or connection.driver not in _OPENED_ONE_BY_ONE:
        return False
    path = _path(connection, context)
    others = [c for c in enforcing if path and c.driver == connection.driver and _path(c, context) == path]
    settings = [c.pragmas["foreign_keys"] for c in others]
    if not any(value.known and str(value.value).lower() not in _OFF for value in settings):
        return False
    module = result.module
    call = module.call_at(connection.call) if module is not None else None
    function = module.function_of(call) if module is not None and call is not None else None
    return module is not None and function is not None and _WRITES.search(module.source(function)) is not None


def _path(connection: Connection, context: FileContext) -> str:
    """How the source writes the name of the file, where that is the same for every function."""
    span = connection.path.span if connection.path is not None else None
    text = context.text[span.start : span.end] if span is not None else ""
    return text if text.isupper() or text.startswith(("self.", "'", '"')) else ""


def _first_child(schema: Schema) -> tuple[str, str] | None:
    """The first table with a foreign key, and the table that it refers to."""
    return next(((t.name, t.references[0]) for t in schema.tables.values() if t.references and not t.open), None)


def _first_of_all(context: FileContext) -> tuple[str, str] | None:
    """The first such table of a project in which this file alone opens databases, all of them SQLite's."""
    project = context.project
    if project.openers != (project.relative(context.path),) or project.engine()[0] is not Engine.SQLITE:
        return None
    return _first_child(project.schema)


def _own_schema(result: HostResult, context: FileContext) -> Schema:
    """The tables of a file, and those of the scripts that it names."""
    from sqlite_lint.sql.schema import Schema

    schema = Schema()
    texts = [use.text.text for use in result.uses if use.engine is not Engine.OTHER]
    texts += _scripts(context) if ".sql" in context.text else ()
    for text in texts:
        for statement in split(text) if _REFERENCES.search(text) else ():
            if statement.keyword == "CREATE":
                schema.learn(statement)
    return schema


def _scripts(context: FileContext) -> Iterator[str]:
    """What the scripts create whose names stand in a file, but for those of another engine's directory."""
    from sqlite_lint.hosts.places import path_engines

    for name, facts in context.project.files.items():
        if facts.ddl and name.endswith(".sql") and PurePosixPath(name).name in context.text:
            engines = path_engines(name)
            if not engines or "sqlite" in engines:
                yield from facts.ddl
