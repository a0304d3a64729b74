"""Settings of the whole database file, beside how many connections use it: WAL, and exclusive locking."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.areas import area_of
from sqlite_lint.hosts.model import Engine, Target
from sqlite_lint.regex import regex
from sqlite_lint.rule import SourceHit
from sqlite_lint.sql.effect import Effect, step_of
from sqlite_lint.sql.statement import split

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import Connection, HostResult
    from sqlite_lint.rule import FileContext

# What a program imports that serves several requests at a time, or runs in several processes.
_PROCESSES: Final = frozenset({"multiprocessing", "celery", "gunicorn", "dramatiq", "rq", "joblib"})
_SERVERS: Final = _PROCESSES | frozenset(
    [
        *("flask", "fastapi", "starlette", "litestar", "aiohttp", "sanic", "quart", "tornado", "falcon", "bottle"),
        *("uvicorn", "hypercorn", "waitress", "cherrypy", "huey", "apscheduler", "django", "flask_sqlalchemy"),
    ]
)
_SET_FROM_AFAR: Final = regex(r"journal_mode|journal_size_limit|bestpractice|connection_hooks")


def no_wal(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL534: the first connection of a server's program, where nothing sets a journal mode."""
    project = context.project
    if not result.connections or any(name == "journal_mode" for name, _ in project.pragmas):
        return
    if _SET_FROM_AFAR.search(context.text) or not _imports(result, context) & _SERVERS:
        return
    if project.openers and project.openers[0] != project.relative(context.path):
        return
    for connection in [c for c in result.connections if _shared(c)][:1]:
        server = min(_imports(result, context) & _SERVERS)
        yield SourceHit(connection.span, {"opener": connection.opener, "server": server})


def _imports(result: HostResult, context: FileContext) -> frozenset[str]:
    own = result.module.imports.values() if result.module is not None else ()
    return context.project.imports | {dotted.partition(".")[0] for dotted in own}


def _shared(connection: Connection) -> bool:
    private = connection.target is Target.MEMORY or connection.immutable or connection.read_only or connection.no_lock
    return not private and not connection.area


def exclusive(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL535: ``PRAGMA locking_mode = EXCLUSIVE`` in a program of several processes."""
    if area_of(context.path, context.project):
        return
    if result.connections and all(c.target is Target.MEMORY for c in result.connections):
        return
    others = _imports(result, context) & _PROCESSES
    for use in result.uses if others else ():
        if use.engine is Engine.OTHER or use.is_fragment:
            continue
        for statement in split(use.text.text):
            step = step_of(statement)
            if step.effect is Effect.SETTING and (step.table, step.value) == ("locking_mode", "exclusive"):
                yield SourceHit(use.text.locate(statement.span) or use.anchor, {"other": min(others)})
