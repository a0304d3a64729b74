"""Busy timeouts of connections: SQL501 where none is given, SQL502 where the one given does not serve.

A busy timeout lets SQLite wait for another connection's lock (https://www.sqlite.org/c3ref/busy_timeout.html).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.diagnostic import Severity
from sqlite_lint.hosts.areas import area_of
from sqlite_lint.hosts.model import Engine, Target
from sqlite_lint.hosts.private_files import is_private
from sqlite_lint.regex import regex
from sqlite_lint.rule import SourceHit
from sqlite_lint.text import Applicability, Edit, Span

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import Connection, HostResult, Known, SqlUse
    from sqlite_lint.rule import FileContext

_PRAGMA: Final = regex(r"(?i)\bpragma\s+(?:\w+\s*\.\s*)?busy_timeout\s*[=(]\s*(-?\d+(?:\.\d*)?)")
_NUMBER: Final = regex(r"-?[\d_]+(\.[\d_]*)?([eE][-+]?\d+)?")
_MILLISECONDS: Final = regex(r"(?i)(?:^|[._])(?:ms|msec|msecs|millis|milliseconds)$")

MAX_SECONDS: Final = 2147483  # one more, in milliseconds, overflows SQLite's int: measured, PRAGMA busy_timeout gives 0
PLAINLY_MILLISECONDS: Final = range(1000, 600_001)
PLAINLY_SECONDS: Final = 60


def missing(connection: Connection, context: FileContext) -> Iterator[SourceHit]:
    """SQL501: a connection to a file for which no busy timeout is given."""
    if not _waits_for_locks(connection) or connection.timeout is not None or connection.ignored_timeout is not None:
        return
    if _may_be_set_otherwise(connection):
        return
    none_at_all = connection.default_timeout <= 0
    # A reader waits only while a writer commits: the driver's seconds are plenty for that, no time at all is not.
    if connection.read_only and not none_at_all:
        return
    if context.result.module is not None and is_private(connection, context.result.module):
        return
    if none_at_all:
        consequence = "it fails at once where another connection holds a lock"
    else:
        consequence = f"how long it waits for a lock is left to the default of {_plain(connection.default_timeout)} s"
    yield SourceHit(
        connection.span,
        {"opener": connection.opener, "consequence": consequence},
        fix_title=_waiting(context),
        edits=_insertion(connection, context),
        withheld=connection.insert_withheld or None,
        severity=Severity.ERROR if none_at_all else None,
    )


def _may_be_set_otherwise(connection: Connection) -> bool:
    """Tell whether a busy timeout is, or may be, set by other means than the call that opens the connection."""
    return connection.timeout_may_be_elsewhere or connection.pragmas_open or "busy_timeout" in connection.pragmas


def _waiting(context: FileContext) -> str:
    return f"Wait up to {_plain(context.config.busy_timeout)} s for a lock"


def _insertion(connection: Connection, context: FileContext) -> tuple[Edit, ...]:
    if connection.insert_timeout is None:
        return ()
    offset, template = connection.insert_timeout
    number = _plain(context.config.busy_timeout * _factor(connection.insert_unit))
    return (Edit(Span(offset, offset), template.replace("{}", number)),)


def unusable(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL502: a busy timeout that is none, too short, or in the wrong unit."""
    for connection in result.connections:
        if _waits_for_locks(connection):
            yield from _unusable_argument(connection, context)
            yield from _ignored_argument(connection, context)
    if area_of(context.path, context.project):
        return
    for use in result.uses:
        if use.engine is not Engine.OTHER and "busy_timeout" in use.text.text.lower():
            yield from _unusable_pragmas(use, context)


def _waits_for_locks(connection: Connection) -> bool:
    """Only a file that others may lock has anyone to wait for."""
    private = connection.target is Target.MEMORY or connection.immutable or connection.no_lock
    return not (private or connection.area)


def _unusable_argument(connection: Connection, context: FileContext) -> Iterator[SourceHit]:
    """The value that counts: ``PRAGMA busy_timeout`` replaces the argument of the call."""
    pragma = connection.pragmas.get("busy_timeout")
    timeout, unit = (connection.timeout, connection.timeout_unit) if pragma is None else (pragma, "ms")
    if timeout is None or timeout.span is None:
        return  # a pragma within a text has no span here: it is found in the text itself
    fault = _fault_of(timeout, context.text, unit)
    if fault is None:
        return
    why, better = fault
    span = _number_in(timeout.span, context.text)
    source = context.text[span.start : span.end]
    number = _plain((context.config.busy_timeout if better is None else better) * _factor(unit))
    title = f"Write {number} {unit}"
    edits: tuple[Edit, ...] = (Edit(span, number),)
    withheld = None
    if _MILLISECONDS.search(source):
        title, edits = "Divide by 1000", (Edit(Span(span.end, span.end), " / 1000"),)
    elif not _NUMBER.fullmatch(source):
        edits, withheld = (), "the number is not written at this place"
    yield SourceHit(
        span, {"why": why}, fix_title=title, edits=edits, applicability=Applicability.UNSAFE, withheld=withheld
    )


def _ignored_argument(connection: Connection, context: FileContext) -> Iterator[SourceHit]:
    """A parameter of a ``file:`` URI: SQLite ignores those that it does not know."""
    ignored = connection.ignored_timeout
    if ignored is None or ignored.span is None or _may_be_set_otherwise(connection):
        return
    yield SourceHit(
        ignored.span,
        {"why": "SQLite ignores `timeout` in a file: URI"},
        fix_title=_waiting(context),
        edits=_insertion(connection, context),
        applicability=Applicability.UNSAFE,
        withheld=connection.insert_withheld or None,
    )


def _unusable_pragmas(use: SqlUse, context: FileContext) -> Iterator[SourceHit]:
    for match in _PRAGMA.finditer(use.text.text):
        fault = _fault(float(match[1]), "ms")
        if fault is None:
            continue
        why, better = fault
        span = Span(*match.span(1))
        number = _plain((context.config.busy_timeout if better is None else better) * 1000)
        edit = use.text.edit(span, number)
        yield SourceHit(
            use.text.locate(span) or use.anchor,
            {"why": why},
            fix_title=f"Write {number} ms",
            edits=(edit,) if isinstance(edit, Edit) else (),
            applicability=Applicability.UNSAFE,
            withheld=edit if isinstance(edit, str) else None,
        )


def _fault_of(timeout: Known, text: str, unit: str) -> tuple[str, float | None] | None:
    if timeout.known:
        return _fault(timeout.value, unit)
    assert timeout.span is not None
    source = text[timeout.span.start : timeout.span.end]
    if unit == "s" and _MILLISECONDS.search(source) and re.fullmatch(r"[\w.]+", source):
        return f"the unit is seconds, and `{source}` seems to count milliseconds", None
    if isinstance(timeout.fallback, int | float) and timeout.fallback:
        return _fault(timeout.fallback, unit, only_unit=True)
    return None


def _fault(value: object, unit: str, only_unit: bool = False) -> tuple[str, float | None] | None:
    """What is wrong with a timeout, and the seconds that were meant, None if that cannot be told."""
    if not isinstance(value, int | float) or math.isnan(value):
        return None
    if unit == "s" and value in PLAINLY_MILLISECONDS and value % 500 == 0 and value % 3600 != 0:
        return (
            f"the unit is seconds: {_plain(value)} s are {_spoken(value)}; milliseconds seem to be meant",
            value / 1000,
        )
    if unit == "ms" and 1 <= value <= PLAINLY_SECONDS:
        return f"the unit is milliseconds: {_plain(value)} ms are next to nothing; seconds seem to be meant", value
    if only_unit:
        return None
    seconds = value / _factor(unit)
    if seconds <= 0:
        return f"{_plain(value)} means not to wait at all: a locked database fails at once", None
    if seconds > MAX_SECONDS:
        return f"{_plain(value)} {unit} is more than SQLite can count: it does not wait at all", None
    if seconds < 1:
        return f"{_plain(value)} {unit} is under a second, shorter than many a write transaction", None
    return None


def _factor(unit: str) -> int:
    return 1000 if unit == "ms" else 1


def _spoken(seconds: float) -> str:
    return f"{seconds / 3600:.1f} hours" if seconds >= 7200 else f"{seconds / 60:.0f} minutes"


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else repr(number)


def _number_in(span: Span, text: str) -> Span:
    """The number of ``timeout=5000`` within a URL; any other expression as it is."""
    match = re.search(r"[?&]timeout=(-?\d+(?:\.\d+)?)", text[span.start : span.end])
    return Span(*match.span(1)).shift(span.start) if match else span
