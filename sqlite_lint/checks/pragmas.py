"""SQL530: pragmas that give up durability."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.areas import area_of
from sqlite_lint.hosts.model import Engine, Sink, Target
from sqlite_lint.hosts.module import BindingKind
from sqlite_lint.hosts.private_files import is_private
from sqlite_lint.rule import FileContext, SourceHit
from sqlite_lint.sql.statement import split

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import Connection, HostResult, SqlUse
    from sqlite_lint.hosts.module import Module
    from sqlite_lint.sql.statement import Statement
    from sqlite_lint.text import Span

_RISKS: Final = {
    ("synchronous", "off"): "after a power loss or a crash of the system the database may be corrupt",
    ("synchronous", "false"): "after a power loss or a crash of the system the database may be corrupt",
    ("synchronous", "0"): "after a power loss or a crash of the system the database may be corrupt",
    ("journal_mode", "off"): "a transaction can neither be rolled back nor survive a crash of the program",
    ("journal_mode", "memory"): "a crash of the program in a transaction corrupts the database",
}
"""By https://sqlite.org/pragma.html#pragma_synchronous and #pragma_journal_mode."""


def undurable(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """Report pragmas after which a crash may cost the database."""
    if area_of(context.path, context.project) == "test":
        return
    files = [c for c in result.connections if not _may_be_lost(c, result)]
    if result.connections and not files:
        return
    reported: set[Span] = set()
    for name, value, span in (*_by_settings(files), *_by_statements(result)):
        risk = _RISKS.get((name, value.lower()))
        if risk is not None and span not in reported:
            reported.add(span)
            yield SourceHit(span, {"pragma": f"{name} = {value}", "risk": risk})


def _may_be_lost(connection: Connection, result: HostResult) -> bool:
    return (
        connection.target is Target.MEMORY
        or connection.area == "test"
        or (result.module is not None and is_private(connection, result.module))
    )


def _by_settings(connections: list[Connection]) -> Iterator[tuple[str, str, Span]]:
    """Pragmas whose value stands in a dict, a table or an argument: name, value, and where the value is written."""
    for connection in connections:
        for name, value in connection.pragmas.items():
            if value.known and value.span is not None:
                yield name, str(value.value), value.span


def _by_statements(result: HostResult) -> Iterator[tuple[str, str, Span]]:
    found = [(use, *_name_and_value(statement), span) for use, statement, span in _pragmas(result)]
    for use, name, value, span in found:
        chosen = any(u.anchor == use.anchor and n == name and (n, v.lower()) not in _RISKS for u, n, v, _ in found)
        if chosen or (use.sink is Sink.NONE and use.engine is not Engine.SQLITE):
            continue
        if (name, value.lower()) in _RISKS and _is_asked_for(result, use):
            continue
        yield name, value, _written(result, name, value) or span


def _is_asked_for(result: HostResult, use: SqlUse) -> bool:
    """Tell whether the code does it only where an option says so: ``if self.fast_save:``."""
    module = result.module
    call = (
        None
        if module is None
        else next((c for c in module.calls if c.args and module.span(c.args[0]) == use.anchor), None)
    )
    child: ast.AST | None = call
    for around in () if module is None or call is None else module.ancestors(call):
        if isinstance(around, ast.If) and child in around.body and _is_option(around.test, module):
            return True
        child = around
    return False


def _is_option(test: ast.expr, module: Module | None) -> bool:
    """A parameter of the function, or an attribute of the object, as it stands."""
    if isinstance(test, ast.Attribute):
        return isinstance(test.value, ast.Name) and test.value.id == "self"
    if not isinstance(test, ast.Name) or module is None:
        return False
    found = module.scope_of(test).lookup(test.id)
    return found is not None and found[1][0].kind is BindingKind.PARAM


def _written(result: HostResult, name: str, value: str) -> Span | None:
    """Where the value is written that a loop over a table of pragmas sets; None where it stands in the statement."""
    settings = [c.pragmas[name] for c in result.connections if name in c.pragmas]
    return next((s.span for s in settings if s.known and str(s.value).lower() == value.lower()), None)


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
