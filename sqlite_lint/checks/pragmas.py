"""Pragmas that give up durability, and foreign keys that nobody switches on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.areas import area_of
from sqlite_lint.hosts.model import Engine, Sink, Target
from sqlite_lint.rule import FileContext, SourceHit
from sqlite_lint.sql.statement import split

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import Connection, HostResult, SqlUse
    from sqlite_lint.sql.schema import Schema
    from sqlite_lint.sql.statement import Statement
    from sqlite_lint.text import Span

_RISKS: Final = {
    ("synchronous", "off"): "after a power loss or a crash of the system the database may be corrupt",
    ("synchronous", "0"): "after a power loss or a crash of the system the database may be corrupt",
    ("journal_mode", "off"): "a transaction can neither be rolled back nor survive a crash of the program",
    ("journal_mode", "memory"): "a crash of the program in a transaction corrupts the database",
}
"""By https://sqlite.org/pragma.html#pragma_synchronous and #pragma_journal_mode."""

_ENFORCED_BY_THE_LIBRARY: Final = frozenset({"django"})


def undurable(result: HostResult, context: FileContext) -> Iterable[SourceHit]:
    """Report pragmas after which a crash may cost the database."""
    if area_of(context.path, context.project) == "test":
        return
    if result.connections and all(c.target is Target.MEMORY for c in result.connections):
        return
    for use, statement, span in _pragmas(result):
        name, value = _name_and_value(statement)
        risk = _RISKS.get((name, value.lower()))
        if risk is not None and not (use.sink is Sink.NONE and use.engine is not Engine.SQLITE):
            place = _written(result, name, value) or span
            yield SourceHit(place, {"pragma": f"{name} = {value}", "risk": risk})


def _written(result: HostResult, name: str, value: str) -> Span | None:
    """Where the value is written that a loop over a table of pragmas sets; None where it stands in the statement."""
    settings = [c.pragmas[name] for c in result.connections if name in c.pragmas]
    return next((s.span for s in settings if s.known and str(s.value).lower() == value.lower()), None)


def no_foreign_keys(result: HostResult, context: FileContext) -> Iterable[SourceHit]:
    """Report the first connection of a file that makes tables with foreign keys, where nothing switches them on.

    The tables of other files may be in other databases.
    """
    opened = [c for c in result.connections if c.area == "" and c.driver not in _ENFORCED_BY_THE_LIBRARY]
    if not opened or any("foreign_keys" in c.pragmas or c.pragmas_open for c in result.connections):
        return
    if "foreign_keys" in context.text or any(name == "foreign_keys" for name, _ in context.project.pragmas):
        return
    child = _first_child(_own_schema(result))
    if child is not None:
        writable = [c for c in opened if not c.read_only and not c.immutable]
        yield from (_unenforced(c, *child) for c in writable[:1])


def _unenforced(connection: Connection, table: str, parent: str) -> SourceHit:
    return SourceHit(connection.span, {"table": table, "parent": parent})


def _first_child(schema: Schema) -> tuple[str, str] | None:
    """The first table with a foreign key, and the table that it refers to."""
    return next(((t.name, t.references[0]) for t in schema.tables.values() if t.references), None)


def _own_schema(result: HostResult) -> Schema:
    from sqlite_lint.sql.schema import Schema

    schema = Schema()
    for use in result.uses:
        if use.engine is not Engine.OTHER:
            for statement in split(use.text.text):
                if statement.keyword == "CREATE":
                    schema.learn(statement)
    return schema


def _pragmas(result: HostResult) -> Iterator[tuple[SqlUse, Statement, Span]]:
    for use in result.uses:
        if use.engine is Engine.OTHER or use.is_fragment or "pragma" not in use.text.text.lower():
            continue
        for statement in split(use.text.text):
            if statement.keyword == "PRAGMA":
                yield use, statement, use.text.locate(statement.span) or use.anchor


def _name_and_value(statement: Statement) -> tuple[str, str]:
    """The pragma's name, without a schema before it, and the value that is given to it; "" for none."""
    names = [i for i, token in enumerate(statement.tokens[1:4], 1) if token.key in {"=", "("}]
    at = names[0] if names else len(statement.tokens)
    value = statement.tokens[at + 1].text.strip("'\"") if at + 1 < len(statement.tokens) else ""
    return statement.tokens[at - 1].name, value
