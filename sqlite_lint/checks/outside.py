"""Statements that work only where no transaction is open: SQLite ignores or refuses them inside one.

Measured on SQLite 3.40 and 3.54, in rollback and in WAL mode: ``tests/test_outside.py``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.checks.held import Open, inside, origin
from sqlite_lint.hosts.deeds import Deeds, Event, deeds_of
from sqlite_lint.hosts.model import Engine, Sink, Target
from sqlite_lint.hosts.sinks import name_of_call
from sqlite_lint.regex import regex
from sqlite_lint.rule import SourceHit
from sqlite_lint.sql.effect import Effect, step_of
from sqlite_lint.sql.statement import split

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import HostResult, SqlUse
    from sqlite_lint.hosts.module import Function, Module
    from sqlite_lint.rule import FileContext
    from sqlite_lint.text import Span

_COUNTS: Final = regex(r"(?i)in_transaction|depth|nest|(?<!isolation_)level|savepoint|in_tx")
_BEGINS: Final = ("begin", "insert", "update", "delete", "replace", "atomic", "transaction", "autocommit", "migrations",
                  "with")  # fmt: skip


def refusal(keyword: str, table: str, value: str, wrote: bool, in_memory: bool = False) -> str:
    """What SQLite does with a statement inside a transaction; "" if it runs it as well as outside."""
    if keyword == "VACUUM":
        return "SQLite refuses VACUUM inside a transaction"
    if keyword == "BEGIN":
        return "SQLite refuses to begin a transaction inside another"
    if keyword != "PRAGMA":
        return ""
    if table == "foreign_keys":
        return "PRAGMA foreign_keys does nothing inside a transaction"
    if table == "synchronous":
        return "SQLite refuses PRAGMA synchronous inside a transaction"
    if table == "journal_mode" and not in_memory:
        if wrote:
            return "PRAGMA journal_mode does nothing inside a transaction that has written"
        return "SQLite refuses to change to WAL inside a transaction" if value == "wal" else ""
    if table == "wal_checkpoint" and wrote:
        return "SQLite refuses a checkpoint inside a transaction that has written"
    return ""


def inside_transaction(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL508: statements inside a transaction that work only outside of one."""
    deeds = deeds_of(result)
    low = deeds.module.low if deeds is not None else context.text.lower()
    if not any(word in low for word in _BEGINS):
        return
    if deeds is None:
        for use in result.uses:
            if use.engine is not Engine.OTHER and use.sink is Sink.FILE and not use.assembled:
                yield from _in_script(use, context.text)
        return
    uses = {use.anchor: use for use in result.uses}

    def judge(state: Open, event: Event) -> str:
        connection = deeds.connection_of(state.key)
        in_memory = connection is not None and connection.target is Target.MEMORY
        return refusal(event.keyword, event.table, event.value, state.wrote, in_memory)

    for state, event, why in inside(deeds, judge, context.project):
        yield from _hit(deeds, uses, state.begin, event, why)
    if "migrations" in context.text:
        yield from _in_migrations(result, deeds.module)


def _hit(deeds: Deeds, uses: dict[Span, SqlUse], begin: Event, event: Event, why: str) -> Iterator[SourceHit]:
    in_parts = event.keyword == "BEGIN" and event.node is begin.node
    if event.text is None or in_parts or _may_be_guarded(deeds.module, event):
        return
    anchor = deeds.module.span(event.text)
    use = uses.get(anchor)
    span = anchor
    if use is not None:
        if use.engine is Engine.OTHER or use.expects_error:
            return
        statements = split(use.text.text)
        if event.at < len(statements):
            span = use.text.locate(statements[event.at].span) or anchor
    yield SourceHit(span, message=f"{why}: {origin(begin)}")


def _may_be_guarded(module: Module, event: Event) -> bool:
    """Tell whether the code around asks first whether a transaction is open, or counts how many are."""
    function = module.function_of(event.node) or module.tree
    tests = [node.test for node in module.ancestors(event.node) if isinstance(node, ast.If)]
    if event.keyword == "BEGIN":
        return bool(tests) or _COUNTS.search(module.source(function)) is not None
    return any(_COUNTS.search(module.source(test)) for test in tests)


# -- Django


def _in_migrations(result: HostResult, module: Module) -> Iterator[SourceHit]:
    """What a migration runs that Django begins a transaction for: all that do not say ``atomic = False``."""
    for cls in module.classes:
        if not any((module.dotted(base) or "").endswith("migrations.Migration") for base in cls.bases):
            continue
        if any(isinstance(node, ast.Assign) and _is_not_atomic(node) for node in cls.body):
            continue
        places = [module.span(call) for call in module.calls if name_of_call(call) == "RunSQL"]
        places += [module.span(function) for function in _run_by(module, cls)]
        for use in result.uses:
            if use.engine is not Engine.OTHER and any(p.start <= use.anchor.start < p.end for p in places):
                yield from _of_migration(use)


def _is_not_atomic(node: ast.Assign) -> bool:
    name = node.targets[0]
    return isinstance(name, ast.Name) and name.id == "atomic" and getattr(node.value, "value", None) is False


def _run_by(module: Module, cls: ast.ClassDef) -> Iterator[Function]:
    """The functions that ``RunPython`` runs in the migration's transaction."""
    for call in (node for node in ast.walk(cls) if isinstance(node, ast.Call)):
        if name_of_call(call) != "RunPython" or any(keyword.arg == "atomic" for keyword in call.keywords):
            continue
        names = {argument.id for argument in call.args if isinstance(argument, ast.Name)}
        yield from (function for function in module.functions if function.name in names)


def _of_migration(use: SqlUse) -> Iterator[SourceHit]:
    for statement in split(use.text.text):
        step = step_of(statement)
        why = refusal(step.keyword, step.table, step.value, wrote=False)
        if why and step.keyword != "BEGIN":
            span = use.text.locate(statement.span) or use.anchor
            yield SourceHit(span, message=f"{why}: Django begins one for each migration without `atomic = False`")


# -- scripts


def _in_script(use: SqlUse, text: str) -> Iterator[SourceHit]:
    begun, wrote = 0, False
    for statement in split(use.text.text):
        step = step_of(statement)
        span = use.text.locate(statement.span) or use.anchor
        why = refusal(step.keyword, step.table, step.value, wrote) if begun else ""
        if why and step.keyword != "BEGIN":  # a file of several parts may be run part by part
            yield SourceHit(span, message=f"{why}: it was begun in line {begun}")
        elif step.effect in (Effect.BEGIN, Effect.BEGIN_NOW):
            begun, wrote = text.count("\n", 0, span.start) + 1, False
        elif step.effect in (Effect.COMMIT, Effect.ROLLBACK, Effect.UNKNOWN):
            begun = 0
        wrote = wrote or step.effect in (Effect.WRITE, Effect.CHANGE)
