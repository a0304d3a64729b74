"""CREATE INDEX as PostgreSQL and MySQL have it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.checks.cut import COMMENT_INSIDE, has_comment, mark, mark_cut
from sqlite_lint.checks.names import index_name
from sqlite_lint.checks.seek import moves_hole, seek
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.definition import definition, table_name
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_KINDS: Final = frozenset({"UNIQUE", "FULLTEXT", "SPATIAL", "CLUSTERED", "NONCLUSTERED", "BITMAP"})
_SCHEMAS: Final = frozenset({"public", "dbo", "pg_catalog"})  # other rules name these wherever they stand
_STATEMENTS: Final = frozenset({"CREATE", "ALTER", "DROP", "INSERT", "UPDATE", "DELETE", "SELECT", "BEGIN", "COMMIT"})
_ORDERED: Final = frozenset({"btree", "hash", "brin"})
_BEHIND_COLUMN: Final = frozenset({"ASC", "DESC", "NULLS", "COLLATE", "FIRST", "LAST", "(", ".", "WITH"})


class Index(NamedTuple):
    """A CREATE INDEX: token indexes of its words; ``name`` and ``table`` are ranges, ``name`` None without one."""

    kind: int | None
    word: int
    name: tuple[int, int] | None
    on: int
    table: tuple[int, int]
    opening: int
    closing: int


def _index(statement: Statement) -> Index | None:
    if statement.keyword != "CREATE":
        return None
    at = 1
    kind = None
    while statement.key(at) in _KINDS:
        kind = at if statement.key(at) != "UNIQUE" else kind
        at += 1
    if statement.key(at) != "INDEX":
        return None
    word = at
    on = seek(statement, {"ON"}, word)
    if on is None:
        return None
    first = word + 1 + (statement.key(word + 1) == "CONCURRENTLY")
    name = None if statement.key(first) == "ON" else table_name(statement, first)
    if name is not None and name[0] >= on:
        name = None
    table = table_name(statement, on + 1)
    opening = None if table is None else seek(statement, {"("}, table[1])
    closing = None if opening is None else statement.partner.get(opening)
    if table is None or opening is None or closing is None:
        return None
    return Index(kind, word, name, on, table, opening, closing)


def method(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``USING gin``, FULLTEXT, and operator classes such as ``text_pattern_ops``."""
    index = _index(statement)
    if index is None:
        return
    if index.kind is not None:
        yield mark(statement, index.kind, index.kind + 1)
    using = seek(statement, {"USING"}, index.word, len(statement.tokens))
    other = False
    if using is not None and (using < index.opening or using == index.closing + 1):
        other = statement.tokens[using + 1].name not in _ORDERED if using + 1 < len(statement.tokens) else True
        caveat = "an index on JSON, text or ranges of values of this kind does not exist" if other else ""
        yield mark(statement, using, using + 2) if caveat else mark_cut(statement, using, using + 2)
    for start, end in [] if other else statement.arguments(index.opening):
        yield from _operator_class(statement, start, end)


def _operator_class(statement: Statement, start: int, end: int) -> Iterator[Hit]:
    """A second word behind a column or an expression in brackets."""
    at = statement.partner.get(start, start) + 1
    if statement.key(at) == "(" and at == start + 1:
        at = statement.partner.get(at, at) + 1
    if statement.key(at) == "COLLATE":
        at += 2
    if at < end and statement.tokens[at].kind is Kind.WORD and statement.key(at) not in _BEHIND_COLUMN:
        after = statement.partner.get(at + 1, at) + 1 if statement.key(at + 1) == "(" else at + 1
        if statement.key(at).lower().endswith("_ops"):
            yield mark_cut(statement, at, after)


def include(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``INCLUDE (amount)``: columns that the index carries with it."""
    index = _index(statement)
    if index is None or statement.keys_at(index.closing + 1, 2) != ("INCLUDE", "("):
        return
    first = index.closing + 1
    last = statement.partner.get(first + 1)
    if last is None:
        return
    if statement.key(index.word - 1) == "UNIQUE":
        yield mark_cut(statement, first, last + 1)
        return
    span = Span(statement.tokens[index.closing].start, statement.tokens[first + 1].end)
    fix = SqlFix("Add the columns to the index", ((span, ", "),))
    if has_comment(statement, *span):
        yield mark(statement, first, last + 1, withheld=COMMENT_INSIDE)
    else:
        yield mark(statement, first, last + 1, fix)


def option(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """What stands behind the columns: WITH (...), TABLESPACE, COMMENT; and NULLS FIRST among them, ON ONLY before."""
    index = _index(statement)
    if index is None:
        return
    if statement.key(index.on + 1) == "ONLY" and index.table[0] == index.on + 2:
        yield mark_cut(statement, index.on + 1, index.on + 2)
    first, end = index.table
    foreign = end > first + 1 and statement.tokens[first].name not in _SCHEMAS
    if foreign and not moves_hole(statement, index.table):
        span = Span(statement.tokens[first].start, statement.tokens[end - 1].start)
        title = "Remove it (the index's own name says in which database it lies)"
        yield mark(statement, first, end - 1, SqlFix(title, ((span, ""),), Applicability.UNSAFE))
    for start, end in statement.arguments(index.opening):
        if statement.key(end - 2) == "NULLS" and end - 2 > start:
            yield mark_cut(statement, end - 2, end)
    at = index.closing + 1
    if statement.key(at) == "USING":
        at += 2
    if statement.key(at) == "INCLUDE":
        at = statement.partner.get(at + 1, at + 1) + 1
    if statement.key(at) == "NULLS":
        length = 3 if statement.key(at + 1) == "NOT" else 2
        yield mark(statement, at, at + length) if length == 3 else mark_cut(statement, at, at + length)
        at += length
    where = seek(statement, {"WHERE"}, at)
    end = len(statement.tokens) if where is None else where
    if at < end and statement.key(at) not in _STATEMENTS:
        yield mark_cut(statement, at, end)


def prefix(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``(name(10))``: the first ten characters, to MySQL; to SQLite a function."""
    index = _index(statement)
    lists = [] if index is None else [index.opening]
    table = definition(statement)
    for item in () if table is None else table.items:
        opening = seek(statement, {"("}, item.word, item.end)
        if item.key in {"PRIMARY", "UNIQUE"} and opening is not None:
            lists.append(opening)
    for opening in lists:
        for start, _ in statement.arguments(opening):
            closing = statement.partner.get(start + 1)
            number = closing == start + 3 and statement.tokens[start + 2].kind is Kind.NUMBER
            if statement.key(start + 1) == "(" and number and statement.tokens[start].kind in (Kind.WORD, Kind.QUOTED):
                yield mark_cut(statement, start + 1, start + 4)


def unnamed(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``CREATE INDEX ON t (n)``."""
    index = _index(statement)
    if index is None or index.name is not None:
        return
    fix = None
    if not moves_hole(statement, index.table, (index.opening, index.closing)):
        name = index_name(statement, index.table, index.opening)
        before = statement.tokens[index.on].start
        fix = SqlFix(f"Name it `{name}`", ((Span(before, before), f"{name} "),), Applicability.SAFE)
    yield mark(statement, index.on, index.on + 1, fix)
