"""CREATE VIEW and CREATE TRIGGER as PostgreSQL and MySQL have them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.checks.cut import has_comment, mark, mark_cut
from sqlite_lint.checks.seek import moves_hole, path_end, seek
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_REPLACED: Final = frozenset({"VIEW", "TRIGGER"})
_TEMPORARY: Final = frozenset({"TEMP", "TEMPORARY"})
_VIEW_WORDS: Final = frozenset({"ALGORITHM", "DEFINER", "SQL", "RECURSIVE"})
_EVENTS: Final = frozenset({"INSERT", "UPDATE", "DELETE", "TRUNCATE"})
_BODIES: Final = frozenset({"EXECUTE", "SET", "INSERT", "UPDATE", "DELETE", "IF", "CALL", "SIGNAL"})


def or_replace(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``CREATE OR REPLACE VIEW v``: DROP VIEW IF EXISTS and CREATE VIEW, in a script."""
    if statement.keys_at(0, 3) != ("CREATE", "OR", "REPLACE"):
        return
    kind = next((i for i in range(3, min(8, len(statement.tokens))) if statement.key(i) in _REPLACED), None)
    if kind is None:
        return
    fix = None
    name = path_end(statement, kind + 1)
    if name is not None and not moves_hole(statement, (0, name)) and not has_comment(statement, *_words(statement)):
        text = f"DROP {statement.key(kind)} IF EXISTS {statement.text_of(kind + 1, name)};\nCREATE"
        edits = ((_words(statement), text),)
        fix = SqlFix(f"Write `{text.splitlines()[0]}` before it", edits, Applicability.SAFE, script=True)
    yield mark(statement, 1, 3, fix)


def _words(statement: Statement) -> Span:
    return statement.span_of(0, 2)


def _kind(statement: Statement, wanted: str) -> int | None:
    """The index of the word that says what a CREATE statement creates."""
    if statement.keyword != "CREATE":
        return None
    at = seek(statement, {wanted, "TABLE", "AS", "(", "ON", "FUNCTION", "PROCEDURE"}, 1)
    return at if at is not None and statement.key(at) == wanted else None


def view_clause(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """ALGORITHM=, DEFINER=, SQL SECURITY and RECURSIVE before VIEW, WITH (...) and WITH CHECK OPTION behind."""
    kind = _kind(statement, "VIEW")
    if kind is None or statement.key(kind - 1) == "MATERIALIZED":
        return
    first = seek(statement, _VIEW_WORDS, 1, kind)
    if first is not None:
        recursive = statement.key(kind - 1) == "RECURSIVE" and first == kind - 1
        yield mark(statement, first, kind) if recursive else mark_cut(statement, first, kind)
    name = path_end(statement, kind + 1)
    start = len(statement.tokens) if name is None else name
    if statement.key(start) == "(":
        start = statement.partner.get(start, start) + 1
    if statement.keys_at(start, 2) == ("WITH", "("):
        yield mark_cut(statement, start, statement.partner.get(start + 1, start + 1) + 1)
    last = len(statement.tokens)
    if statement.keys_at(last - 2, 2) == ("CHECK", "OPTION"):
        begin = last - 3 if statement.key(last - 3) == "WITH" else last - 4
        if statement.key(begin) == "WITH":
            yield mark_cut(statement, begin, last)


def trigger_form(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """EXECUTE FUNCTION, several events, FOR EACH STATEMENT, REFERENCING, and a body without BEGIN and END."""
    kind = _kind(statement, "TRIGGER")
    if kind is None or statement.key(kind - 1) == "EVENT":
        return
    first = seek(statement, {"CONSTRAINT", "DEFINER"}, 1, kind)
    if first is not None:
        yield mark_cut(
            statement, first, kind, caveat="it is not deferred" if statement.key(first) == "CONSTRAINT" else ""
        )
    begin = seek(statement, {"BEGIN"}, kind)
    head = len(statement.tokens) if begin is None else begin
    on = seek(statement, {"ON"}, kind, head)
    if on is not None:
        event = seek(statement, {"OR"}, kind, on)
        if event is not None and statement.key(event + 1) in _EVENTS:
            yield mark(statement, event, event + 2)
        elif (truncate := seek(statement, {"TRUNCATE"}, kind, on)) is not None:
            yield mark(statement, truncate, truncate + 1)
    referencing = seek(statement, {"REFERENCING"}, kind, head)
    if referencing is not None:
        yield mark(statement, referencing, referencing + 1)
    each = seek(statement, {"EACH"}, kind, head)
    if each is not None and statement.key(each + 1) == "STATEMENT":
        yield mark(statement, each - 1, each + 2)
    elif (plain := seek(statement, {"FOR"}, kind, head)) is not None and statement.key(plain + 1) in {
        "ROW",
        "STATEMENT",
    }:
        yield mark(statement, plain, plain + 2)
    if begin is None:
        yield from _body(statement, kind, on)


def _body(statement: Statement, kind: int, on: int | None) -> Iterator[Hit]:
    at = None if on is None else seek(statement, _BODIES, on)
    if at is None:
        return
    if statement.key(at) == "EXECUTE":
        yield mark(statement, at, at + 2)
    elif statement.key(at) in {"INSERT", "UPDATE", "DELETE"} and not moves_hole(statement, (at, at + 1)):
        start, end = statement.tokens[at].start, statement.tokens[-1].end
        fix = SqlFix("Put it between BEGIN and END", ((Span(start, start), "BEGIN "), (Span(end, end), "; END")))
        yield mark(statement, at, at + 1, fix)
    else:
        yield mark(statement, at, at + 1)
