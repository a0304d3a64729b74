"""The verdict of SQLite itself on a statement."""

from __future__ import annotations

import enum
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.sql import place, stencil, versions
from sqlite_lint.sql.engine import LINKED, engine
from sqlite_lint.sql.features import Effect, Feature

if TYPE_CHECKING:
    from sqlite_lint.sql.statement import Statement
    from sqlite_lint.text import Span


class VerdictKind(enum.Enum):
    ACCEPTED = "accepted"
    REFUSED = "refused"  # a syntax error, or another fault that no table of the project can heal
    LACKS = "lacks"  # a name is missing: the syntax is right, ``Verdict.lack`` says what
    UNKNOWN = "unknown"  # ``Verdict.reason`` says why


class LackKind(enum.Enum):
    TABLE = "table"
    COLUMN = "column"
    FUNCTION = "function"
    ARGUMENTS = "arguments"  # the function is there, for another number of arguments
    INDEX = "index"
    VIEW = "view"
    TRIGGER = "trigger"
    MODULE = "module"
    DATABASE = "database"  # a name before a dot that no attached database has
    COLLATION = "collation"


class Lack(NamedTuple):
    """A name that SQLite does not know; ``name`` as the engine writes it, without quotes."""

    kind: LackKind
    name: str


class Verdict(NamedTuple):
    """What SQLite says to a statement at the target version.

    ``message`` is the engine's own, ``span`` the place that it points to, in offsets of the script.  ``partial`` marks
    a statement of which parts are known only at run time.
    """

    kind: VerdictKind
    message: str = ""
    span: Span | None = None
    partial: bool = False
    reason: str = ""
    lack: Lack | None = None

    @property
    def parses(self) -> bool:
        """Tell whether SQLite's grammar takes the statement, though it may lack a table or a function."""
        return self.kind in (VerdictKind.ACCEPTED, VerdictKind.LACKS)


_LACKS: Final = (
    (LackKind.TABLE, re.compile(r"no such table: (?P<name>.*)\Z", re.DOTALL)),
    (LackKind.COLUMN, re.compile(r"no such column: (?P<name>.*)\Z", re.DOTALL)),
    (LackKind.FUNCTION, re.compile(r"no such function: (?P<name>.*)\Z", re.DOTALL)),
    (LackKind.ARGUMENTS, re.compile(r"wrong number of arguments to function (?P<name>.*)\(\)\Z", re.DOTALL)),
    (LackKind.INDEX, re.compile(r"no such index: (?P<name>.*)\Z", re.DOTALL)),
    (LackKind.VIEW, re.compile(r"no such view: (?P<name>.*)\Z", re.DOTALL)),
    (LackKind.TRIGGER, re.compile(r"no such trigger: (?P<name>.*)\Z", re.DOTALL)),
    (LackKind.MODULE, re.compile(r"no such module: (?P<name>.*)\Z", re.DOTALL)),
    (LackKind.DATABASE, re.compile(r"unknown database:? (?P<name>.*)\Z", re.DOTALL)),
    (LackKind.COLLATION, re.compile(r"no such collation sequence: (?P<name>.*)\Z", re.DOTALL)),
    (LackKind.TABLE, re.compile(r"(?P<name>unable to identify the object to be reindexed)\Z")),
)  # fmt: skip

_SYNTAX: Final = re.compile(r'near "|unrecognized token: |incomplete input\Z|parser stack overflow\Z|Recursion limit\Z')
_INCOMPLETE: Final = "incomplete input"
_RUN_TIME: Final = "it depends on a value filled in at run time"
_LIMITS: Final = frozenset({"parser stack overflow", "Recursion limit"})
_NO_PARSER: Final = 2_400
"""Brackets this deep are refused by 3.54, whose parser's stack grows; 3.40's ends at about 100."""
_NO_ROOM: Final = "the nesting is deeper than some builds of SQLite can parse"


class Witness:
    """Asks the linked SQLite on behalf of SQLite ``target`` (major, minor), the oldest that the code must run on."""

    __slots__ = ("target",)

    def __init__(self, target: tuple[int, int]) -> None:
        self.target = target

    def no_answer(self, reason: str) -> Verdict:
        """The verdict on what cannot be asked."""
        return Verdict(VerdictKind.UNKNOWN, reason=reason, partial=True)

    def ask(self, statement: Statement, *, resolve: bool = False, expand: bool = True) -> Verdict:
        """Give SQLite's verdict on one statement, which is compiled and never run.

        ``resolve`` goes on behind a missing table, for a missing function say, by making up the tables the statement
        names.  ``expand`` takes ``IN :ids`` for a parameter that the driver expands to a list.  Never raises.
        """
        sql = statement.sql
        message = engine().refusal(sql)
        partial = statement.has_holes
        if message is not None and _SYNTAX.match(message):
            filled = stencil.fill(statement, expand)
            if filled is not None:
                partial = filled.partial
                sql, message = filled.sql, engine().refusal(filled.sql)
                if message is not None and _SYNTAX.match(message):
                    span = place.locate(message, statement, sql)
                    if filled.may_cause(span.shift(-statement.span.start), message == _INCOMPLETE):
                        settled = filled.settle(lambda text: _fault(statement, text))
                        if settled is None:
                            return Verdict(VerdictKind.UNKNOWN, message, span, True, _RUN_TIME)
                        sql, message = settled, engine().refusal(settled)
        if resolve and message is not None and message.startswith("no such table: "):
            message = _beyond_tables(statement, sql, message)
        return self._judge(statement, sql, message, partial)

    def _judge(self, statement: Statement, sql: str, message: str | None, partial: bool) -> Verdict:
        """Turn the engine's message into a verdict that does not depend on the linked version and build."""
        span = None if message is None else place.locate(message, statement, sql)
        refused = message is not None and _SYNTAX.match(message) is not None
        for feature in versions.features(statement):
            if refused and span is not None and span.end <= feature.span.start:
                break
            if feature.effect is not Effect.MEANING and not versions.has(self.target, feature.since):
                return _missing(feature, self.target, partial)
            if refused and feature.effect is Effect.SYNTAX and feature.since is not None and feature.since > LINKED:
                reason = f"{feature.name} is newer than the linked SQLite {LINKED[0]}.{LINKED[1]}"
                return Verdict(VerdictKind.UNKNOWN, message or "", span, partial, reason)
        if message is None:
            return Verdict(VerdictKind.ACCEPTED, partial=partial)
        assert span is not None
        if message in _LIMITS:
            if max(statement.depth) > _NO_PARSER:
                return Verdict(VerdictKind.REFUSED, message, span, partial)
            return Verdict(VerdictKind.UNKNOWN, message, span, True, _NO_ROOM)
        lack = _lack(message)
        if lack is None:
            return Verdict(VerdictKind.REFUSED, message, span, partial)
        if partial and stencil.is_stand_in(lack.name):
            return Verdict(VerdictKind.ACCEPTED, partial=True)
        return Verdict(VerdictKind.LACKS, message, span, partial, lack=lack)


def _missing(feature: Feature, target: tuple[int, int], partial: bool) -> Verdict:
    message = feature.complaint(target)
    if feature.effect is Effect.SYNTAX:
        return Verdict(VerdictKind.REFUSED, message, feature.span, partial)
    lack = Lack(LackKind.FUNCTION, feature.name.partition("(")[0])
    return Verdict(VerdictKind.LACKS, message, feature.span, partial, lack=lack)


def _lack(message: str) -> Lack | None:
    for kind, pattern in _LACKS:
        if (found := pattern.match(message)) is not None:
            return Lack(kind, found["name"].strip('"').partition('" - should')[0])
    return None


def _fault(statement: Statement, sql: str) -> Span | None:
    """Where the syntax error of ``sql`` lies, in its own offsets; None where it has none."""
    message = engine().refusal(sql)
    if message is None or not _SYNTAX.match(message):
        return None
    return place.locate(message, statement, sql).shift(-statement.span.start)


def _beyond_tables(statement: Statement, sql: str, message: str) -> str:
    """The complaint that hides behind a missing table, if there is one that no table can heal."""
    from sqlite_lint.sql import rehearsal

    return rehearsal.complaint_beyond(statement, sql, message) or message


@lru_cache(maxsize=8)
def witness(target: tuple[int, int]) -> Witness:
    """The witness for a target version."""
    return Witness(target)
