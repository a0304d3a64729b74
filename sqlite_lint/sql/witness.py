"""The verdict of SQLite itself on a statement."""

from __future__ import annotations

import enum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.regex import regex
from sqlite_lint.sql import place, stencil, versions
from sqlite_lint.sql.engine import LINKED, engine
from sqlite_lint.sql.feature import Effect, Feature
from sqlite_lint.sql.functions import table_function_since

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


_LACKS: Final = {
    "no such table": LackKind.TABLE,
    "no such column": LackKind.COLUMN,
    "no such function": LackKind.FUNCTION,
    "no such index": LackKind.INDEX,
    "no such view": LackKind.VIEW,
    "no such trigger": LackKind.TRIGGER,
    "no such module": LackKind.MODULE,
    "no such collation sequence": LackKind.COLLATION,
    "unknown database": LackKind.DATABASE,
}
_ARGUMENTS: Final = "wrong number of arguments to function "
_DATABASE: Final = "unknown database "
_REINDEX: Final = "unable to identify the object to be reindexed"

_MAY_BE_FILLED_IN: Final = frozenset({LackKind.COLUMN, LackKind.ARGUMENTS})
"""A hole may hold the table that has the column, or several arguments."""

_SYNTAX: Final = regex(r'near "|unrecognized token: |incomplete input\Z|parser stack overflow\Z|Recursion limit\Z')
_WRITABLE_SCHEMA: Final = regex(r"table sqlite_\w+ may not be modified|object name reserved for internal use: ")
_NEWER: Final = f"is newer than the linked SQLite {LINKED[0]}.{LINKED[1]}"
_INCOMPLETE: Final = "incomplete input"
_RUN_TIME: Final = "it depends on a value filled in at run time"
_LIMITS: Final = frozenset({"parser stack overflow", "Recursion limit"})
_NO_PARSER: Final = 2_400
"""Brackets this deep are refused by 3.54, whose parser's stack grows; 3.40's ends at about 100."""
_TWO_STATEMENTS: Final = "You can only execute one statement at a time."
"""Said by Python's own module: it splits the text otherwise."""
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
        answer = _engine_answer(statement, expand)
        if answer.unsettled:
            return _unknown(_RUN_TIME, answer, place.locate(answer.message or "", statement, answer.sql))
        if (answer.message or "").startswith("no such table: ") and (resolve or _is_parsed_late(statement)):
            answer = _beyond_tables(statement, answer)
        return self._judge(statement, answer)

    def _judge(self, statement: Statement, answer: _Answer) -> Verdict:
        """Turn the engine's message into a verdict that does not depend on the linked version and build."""
        span = answer.span
        if answer.message is not None and span is None:
            span = place.locate(answer.message, statement, answer.sql)
        fault = span if _is_syntax_error(answer.message) else None
        for feature in versions.features(statement):
            if fault is not None and fault.end <= feature.span.start:
                break
            if feature.effect is not Effect.MEANING and not versions.has(self.target, feature.since):
                return _missing(feature, self.target, answer.partial)
            if fault is not None and versions.has_no_stand_in(feature, LINKED):
                return _unknown(f"{feature.name} {_NEWER}", answer, fault)
        if answer.message is None or span is None:
            return Verdict(VerdictKind.ACCEPTED, partial=answer.partial)
        return _believe(statement, answer, answer.message, span)


def _believe(statement: Statement, answer: _Answer, message: str, span: Span) -> Verdict:
    """The verdict that the engine's message makes, unless a setting, a limit or a hole may have drawn it."""
    partial = answer.partial
    if _WRITABLE_SCHEMA.search(message):
        return _unknown("it depends on PRAGMA writable_schema", answer, span)
    if message == _TWO_STATEMENTS:
        return _unknown("SQLite takes it for several statements", answer, span)
    if message in _LIMITS and _nesting(statement) <= _NO_PARSER:
        return _unknown(_NO_ROOM, answer, span)
    lack = _lack(message)
    if partial and lack is not None and stencil.is_stand_in(lack.name):
        return Verdict(VerdictKind.ACCEPTED, partial=True)
    if partial and not _is_syntax_error(message) and (lack is None or lack.kind in _MAY_BE_FILLED_IN):
        return _unknown(_RUN_TIME, answer, span)
    if lack is None:
        return Verdict(VerdictKind.REFUSED, message, span, partial)
    if lack.kind is LackKind.TABLE and table_function_since(lack.name) is not None:
        return _unknown(f"{lack.name}() {_NEWER}", answer, span)
    return Verdict(VerdictKind.LACKS, message, span, partial, lack=lack)


def _unknown(reason: str, answer: _Answer, span: Span) -> Verdict:
    return Verdict(VerdictKind.UNKNOWN, answer.message or "", span, answer.partial, reason)


def _nesting(statement: Statement) -> int:
    """How many brackets are open at most, those counted that are never closed."""
    deepest = depth = 0
    for token in statement.tokens:
        depth += (token.key == "(") - (token.key == ")")
        deepest = max(deepest, depth)
    return deepest


def _missing(feature: Feature, target: tuple[int, int], partial: bool) -> Verdict:
    message = feature.complaint(target)
    if feature.effect is Effect.SYNTAX:
        return Verdict(VerdictKind.REFUSED, message, feature.span, partial)
    lack = Lack(LackKind.FUNCTION, feature.name.partition("(")[0])
    return Verdict(VerdictKind.LACKS, message, feature.span, partial, lack=lack)


def _lack(message: str) -> Lack | None:
    prefix, _, name = message.partition(": ")
    kind = _LACKS.get(prefix)
    if kind is not None:
        return Lack(kind, name.partition('" - should')[0].strip('"').removeprefix("main."))
    if message.startswith(_ARGUMENTS):
        return Lack(LackKind.ARGUMENTS, message[len(_ARGUMENTS) :].removesuffix("()"))
    if message.startswith(_DATABASE):
        return Lack(LackKind.DATABASE, message[len(_DATABASE) :])
    return Lack(LackKind.INDEX, "") if message == _REINDEX else None


class _Answer(NamedTuple):
    """What the engine said to ``sql``: the statement, or as long a text with stand-ins.

    ``unsettled`` marks a refusal for which what is filled in at run time may be the cause.  ``span`` is the place in
    the script that the message is about, where it is known already.
    """

    sql: str
    message: str | None
    partial: bool
    unsettled: bool = False
    span: Span | None = None


def _engine_answer(statement: Statement, expand: bool) -> _Answer:
    """Ask the engine; where it finds a syntax error, ask again with stand-ins for what may have caused it."""
    sql = statement.sql
    message = _ask(sql)
    partial = statement.has_holes
    if not _is_syntax_error(message):
        return _Answer(sql, message, partial)
    if (older := versions.for_older(statement, sql, LINKED)) is not None:
        sql, message = older, _ask(older)
    filled = stencil.fill(statement, sql, expand)
    if filled is None:
        return _Answer(sql, message, partial)
    sql, message, partial = filled.sql, _ask(filled.sql), filled.partial
    span = _syntax_error(statement, sql, message)
    if span is None or not filled.may_cause(span, at_end=message == _INCOMPLETE):
        return _Answer(sql, message, partial)
    settled = filled.settle(lambda text: _syntax_error(statement, text, _ask(text)))
    if settled is None:
        return _Answer(sql, message, partial=True, unsettled=True)
    return _Answer(settled, _ask(settled), partial=True)


def as_compiled(statement: Statement) -> str | None:
    """The statement with such stand-ins for its holes that SQLite can parse it; None where there are none."""
    if not statement.has_holes and "{" not in statement.sql and "%" not in statement.sql:
        return statement.sql
    filled = stencil.fill(statement, statement.sql, expand=True)
    if statement.has_holes and filled is not None and not _is_syntax_error(_ask(filled.sql)):
        return filled.sql
    answer = _engine_answer(statement, expand=True)
    templates = answer.partial and not statement.has_holes
    return None if templates or answer.unsettled or _is_syntax_error(answer.message) else answer.sql


def _ask(sql: str) -> str | None:
    return engine().refusal(sql)


def _is_syntax_error(message: str | None) -> bool:
    return message is not None and _SYNTAX.match(message) is not None


def _syntax_error(statement: Statement, sql: str, message: str | None) -> Span | None:
    """Where in ``sql`` the syntax error lies that ``message`` tells of; None where it tells of none."""
    if message is None or not _is_syntax_error(message):
        return None
    return place.locate(message, statement, sql).shift(-statement.span.start)


def _is_parsed_late(statement: Statement) -> bool:
    """Tell whether SQLite looks for the table before it has parsed the statement to its end."""
    return statement.keyword in {"ALTER", "CREATE"}


def _beyond_tables(statement: Statement, answer: _Answer) -> _Answer:
    """The complaint that hides behind a missing table, if there is one that no table can heal."""
    from sqlite_lint.sql import rehearsal

    found = rehearsal.complaint_beyond(statement, answer.sql, answer.message or "")
    return answer if found is None else answer._replace(message=found[0], span=found[1])


@lru_cache(maxsize=8)
def witness(target: tuple[int, int]) -> Witness:
    """The witness for a target version."""
    return Witness(target)
