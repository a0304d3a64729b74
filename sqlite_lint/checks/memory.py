"""Databases in memory of which each connection gets its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.hosts.deeds import Deeds, deeds_of
from sqlite_lint.hosts.imports import name_for
from sqlite_lint.hosts.insertion import into_call
from sqlite_lint.hosts.model import Connection, Engine, Target
from sqlite_lint.hosts.module import Function
from sqlite_lint.hosts.sinks import name_of_call
from sqlite_lint.regex import regex
from sqlite_lint.rule import SourceHit
from sqlite_lint.text import Applicability, Edit, Span

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import HostResult
    from sqlite_lint.rule import FileContext

_OPENED_EACH: Final = frozenset({"NullPool", "AsyncNullPool"})
_OPENS_SEVERAL: Final = frozenset({"QueuePool", "AsyncAdaptedQueuePool", "FallbackAsyncAdaptedQueuePool"})
_THREADS: Final = regex(
    r"\b(?:FastAPI|APIRouter|TestClient|Flask|test_client|starlette|Thread|ThreadPool\w*|to_thread|run_in_executor"
    r"|run_in_threadpool|Bottle|cherrypy|StreamlitApp)\b"
)
_POOLED: Final = regex(r"Pooled\w*Database$")
_NEEDS_MORE: Final = "other threads may use the one connection only with check_same_thread=False"
_CACHING: Final = regex(r"cache|singleton|fixture")


def apart(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL555: connections that are meant to share a database in memory."""
    deeds = deeds_of(result)
    if deeds is None or not result.connections:
        return
    for connection in result.connections:
        if connection.target is Target.MEMORY and not _is_shared(connection):
            if connection.driver == "sqlalchemy":
                yield from _of_engine(deeds, connection, context)
            elif connection.driver == "peewee" and _POOLED.search(connection.opener):
                yield SourceHit(
                    connection.span, {"why": "each connection of the pool gets an empty database of its own"}
                )
    yield from _of_functions(deeds, result)


def _is_shared(connection: Connection) -> bool:
    return connection.query.get("cache") == "shared" or connection.query.get("vfs") == "memdb"


# -- engines


def _of_engine(deeds: Deeds, connection: Connection, context: FileContext) -> Iterator[SourceHit]:
    if connection.timeout_may_be_elsewhere or (connection.pool is not None and not connection.pool.known):
        return  # a creator, or a pool out of sight
    pool = str(connection.pool.value) if connection.pool is not None else ""
    call = next((call for call in deeds.opened if deeds.module.span(call) == connection.call), None)
    if not isinstance(call, ast.Call):
        return  # Flask-SQLAlchemy sets a StaticPool by itself
    if pool in _OPENED_EACH:
        yield _hit(deeds, connection, call, f"{pool} opens a connection for each use, and each gets an empty database")
    elif pool in _OPENS_SEVERAL and not _has_one(call):
        yield _hit(deeds, connection, call, f"each connection of {pool} gets an empty database of its own")
    elif pool in ("", "SingletonThreadPool") and "async" not in connection.opener and _THREADS.search(context.text):
        given = connection.check_same_thread
        if pool or connection.area != "test" or (given is not None and given.value is False):
            yield _hit(deeds, connection, call, "each thread gets a connection with an empty database of its own")


def _has_one(call: ast.Call) -> bool:
    sizes = {k.arg: k.value.value for k in call.keywords if k.arg and isinstance(k.value, ast.Constant)}
    return sizes.get("pool_size") == 1 and sizes.get("max_overflow") == 0


def _hit(deeds: Deeds, connection: Connection, call: ast.Call, why: str) -> SourceHit:
    """With the fix: one connection for all.  Other threads may use it only where the check of threads is off."""
    module = deeds.module
    named = next((k.value for k in call.keywords if k.arg == "poolclass"), None)
    written = name_for(module, "sqlalchemy.pool", "StaticPool")
    shares = connection.check_same_thread is not None and connection.check_same_thread.value is False
    edits: tuple[Edit, ...] = ()
    if written is not None and named is None and shares:
        name, imports = written
        place = into_call(module, call, f"poolclass={name}")
        if place is not None:
            edits = (*imports, Edit(Span(place.offset, place.offset), place.text))
    return SourceHit(
        connection.span if named is None else module.span(named),
        {"why": why},
        fix_title="Share one connection: StaticPool",
        edits=edits,
        applicability=Applicability.UNSAFE,
        withheld=None if edits else "the pool is chosen here" if named is not None else _NEEDS_MORE,
    )


# -- functions that open a connection each


class _Opening(NamedTuple):
    """A function that works on a connection of its own, and what it does there."""

    connection: Connection
    function: Function
    made: frozenset[str]
    used: frozenset[str]


def _of_functions(deeds: Deeds, result: HostResult) -> Iterator[SourceHit]:
    opened = {call: c for call, c in deeds.opened.items() if _is_private(c)}
    if not opened or "create" not in deeds.module.text.lower():
        return
    openings = list(_openings(deeds, result, opened))
    reported = set()
    for opening in openings:
        for table in sorted(opening.used - opening.made):
            maker = next((o for o in openings if table in o.made and o.function is not opening.function), None)
            if maker is not None and opening.connection.span not in reported:
                reported.add(opening.connection.span)
                what = ":memory:" if opening.connection.target is Target.MEMORY else ":memory:, the default here,"
                row = maker.function.lineno
                why = (
                    f"each connection to {what} is a database of its own: `{table}` is made on another one (line {row})"
                )
                yield SourceHit(opening.connection.span, {"why": why})


def _is_private(connection: Connection) -> bool:
    if connection.driver in ("sqlalchemy", "django", "peewee", "tortoise", "databases") or _is_shared(connection):
        return False
    default = connection.path.fallback if connection.path is not None else None
    return connection.target is Target.MEMORY or default == ":memory:"


def _openings(deeds: Deeds, result: HostResult, opened: dict[ast.AST, Connection]) -> Iterator[_Opening]:
    module = deeds.module
    helpers = {function: c for call, c in opened.items() if (function := _handed_out_by(deeds, call)) is not None}
    others = {module.function_of(call) for call in deeds.opened if call not in opened}
    for call in module.calls:
        helper = deeds.function_called(call)
        connection = opened.get(call) or (helpers.get(helper) if helper is not None else None)
        function = module.function_of(call)
        if connection is None or function is None or function in helpers or function in others:
            continue
        name = _local_name(deeds, call)
        if name is None or _is_handed_on(deeds, function, name) or "attach" in module.source(function).lower():
            continue
        made, used = _tables(deeds, result, function)
        yield _Opening(connection, function, made, used)


def _handed_out_by(deeds: Deeds, call: ast.AST) -> Function | None:
    """The function that does nothing but open a connection anew and return it."""
    module = deeds.module
    function = module.function_of(call)
    if function is None or any(_CACHING.search(ast.unparse(d)) for d in function.decorator_list):
        return None
    name = _local_name(deeds, call)
    returned = any(
        isinstance(node, ast.Return | ast.Yield)
        and node.value is not None
        and (call in ast.walk(node.value) or (isinstance(node.value, ast.Name) and node.value.id == name))
        for node in ast.walk(function)
    )
    kept = any(isinstance(node, ast.Global | ast.Nonlocal | ast.If) for node in ast.walk(function))
    unclear = "create" in module.source(function).lower() or (name and _is_handed_on(deeds, function, name))
    return function if returned and not kept and not unclear else None


def _local_name(deeds: Deeds, call: ast.AST) -> str | None:
    """The local name of a connection; "" where it is used at once; None where it is kept by something else."""
    holder = deeds.module.parents[call]
    if isinstance(holder, ast.Await) or (isinstance(holder, ast.Call) and name_of_call(holder) == "closing"):
        holder = deeds.module.parents[holder]
    target: ast.expr | None = None
    if isinstance(holder, ast.Assign) and len(holder.targets) == 1:
        target = holder.targets[0]
    elif isinstance(holder, ast.withitem):
        target = holder.optional_vars
    elif isinstance(holder, ast.Attribute | ast.Return):
        return ""
    return target.id if isinstance(target, ast.Name) else None


def _is_handed_on(deeds: Deeds, function: Function, name: str) -> bool:
    """Tell whether a connection is given to another function, or kept by an object."""
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
            parent = deeds.module.parents[node]
            if isinstance(parent, ast.Call | ast.keyword | ast.Assign | ast.Tuple | ast.Dict | ast.List):
                return True
    return False


def _tables(deeds: Deeds, result: HostResult, function: Function) -> tuple[frozenset[str], frozenset[str]]:
    """The tables that a function makes, and those that it reads or writes."""
    from sqlite_lint.sql.effect import Effect, step_of
    from sqlite_lint.sql.schema import Schema
    from sqlite_lint.sql.statement import split

    span = deeds.module.span(function)
    schema, used = Schema(), set()
    for use in result.uses:
        if use.engine is Engine.OTHER or not (span.start <= use.anchor.start and use.anchor.end <= span.end):
            continue
        for statement in split(use.text.text):
            if statement.keyword == "CREATE":
                schema.learn(statement)
            step = step_of(statement)
            if step.effect in (Effect.READ, Effect.WRITE) and step.table.isidentifier():
                used.add(step.table.lower())
    return frozenset(schema.tables), frozenset(used) - {"sqlite_master", "sqlite_schema"}
