"""Options and forms of CREATE TABLE that PostgreSQL or MySQL have and SQLite has not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.checks.cut import COMMENT_INSIDE, cut, mark, mark_cut
from sqlite_lint.checks.names import append, bare_name
from sqlite_lint.checks.seek import items, moves_hole, seek
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.definition import ColumnDefinition, Definition, definition, table_name, table_word
from sqlite_lint.sql.tokens import HOLE, Kind
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_AFTER_OPTIONS: Final = frozenset({"PARTITION", "INHERITS", "AS", "SELECT", "IGNORE", "REPLACE"})


def on_update(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``at TIMESTAMP ... ON UPDATE CURRENT_TIMESTAMP``."""
    table = definition(statement)
    for column in () if table is None else table.columns:
        part = column.part("ON")
        if part is None or statement.key(part.start + 1) != "UPDATE":
            continue
        edits = cut(statement, part.start, part.end)
        trigger = _touching(statement, table, column) if context.use.is_script and table is not None else None
        if edits is None:
            yield mark(statement, part.start, part.end, withheld=COMMENT_INSIDE)
        elif trigger is not None:
            fix = SqlFix("Write a trigger", (*edits, append(statement, trigger)), Applicability.UNSAFE, script=True)
            yield mark(statement, part.start, part.end, fix)
        else:
            yield mark_cut(statement, part.start, part.end, caveat="the column is not updated without a trigger")


def _touching(statement: Statement, table: Definition, column: ColumnDefinition) -> str | None:
    name = statement.text_of(*table.table)
    field = statement.tokens[column.name].text
    if HOLE in name or HOLE in field or table.added:
        return None
    trigger = f"{bare_name(statement, table.table)}_{re.sub(r'[^0-9A-Za-z_]', '', field)}"
    change = f"UPDATE {name} SET {field} = CURRENT_TIMESTAMP WHERE rowid = NEW.rowid;"
    return f"CREATE TRIGGER {trigger} AFTER UPDATE ON {name} BEGIN {change} END"


def table_option(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """What stands behind the columns: ENGINE=, CHARSET=, WITH (...), TABLESPACE, ON COMMIT."""
    at = _behind_columns(statement)
    if at is None:
        return
    if at < len(statement.tokens) and statement.tokens[at].kind is Kind.HOLE:
        return
    end = first = at
    while end < len(statement.tokens) and statement.key(end) not in _AFTER_OPTIONS and _is_foreign(statement, end):
        end = statement.partner.get(end, end) + 1
    if end == first:
        return
    text = statement.text_of(first, end).upper()
    caveat = ""
    if "COMMIT DROP" in text or "DELETE ROWS" in text:
        caveat = "drop or empty the table by hand"
    elif "AUTO_INCREMENT" in text:
        caveat = "ids begin at 1"
    yield mark_cut(statement, first, end, caveat=caveat)


def _behind_columns(statement: Statement) -> int | None:
    table = definition(statement)
    if table is not None and not table.added:
        return table.closing + 1
    word = table_word(statement)
    name = None if word is None else table_name(statement, word + 1)
    return None if name is None or statement.key(name[1]) in {"(", "LIKE", "OF", "."} else name[1]


def _is_foreign(statement: Statement, at: int) -> bool:
    """Tell an option that SQLite does not know from its own STRICT and WITHOUT ROWID."""
    if statement.key(at) == "WITHOUT":
        return statement.key(at + 1) != "ROWID"
    if statement.key(at) == "WITH" and statement.key(at + 1) in {"DATA", "NO"}:
        return False
    return statement.key(at) not in {"STRICT", "ROWID"}


def partition(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``PARTITION BY``, ``PARTITION OF`` and ``INHERITS``."""
    word = table_word(statement)
    if word is None:
        return
    at = seek(statement, {"PARTITION", "INHERITS"}, word)
    if at is None or statement.key(at - 1) == "TABLE":
        return
    if statement.keys_at(at, 2) == ("PARTITION", "BY"):
        end = seek(statement, {"AS", "SELECT", "WITH", "TABLESPACE"}, at) or len(statement.tokens)
        hit = mark_cut(statement, at, end, caveat="one table holds all rows")
        yield hit._replace(span=statement.span_of(at, at + 1), values={"text": statement.text_of(at, at + 2)})
    elif statement.key(at) == "INHERITS" or statement.key(at + 1) == "OF":
        yield mark(statement, at, at + 2 if statement.key(at) == "PARTITION" else at + 1)


def create_as(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``CREATE TABLE t SELECT``, ``CREATE TABLE t (a, b) AS SELECT`` and ``WITH NO DATA``."""
    word = table_word(statement)
    name = None if word is None else table_name(statement, word + 1)
    if name is None:
        return
    at = name[1]
    query = seek(statement, {"SELECT", "VALUES"}, at)
    if statement.key(at) == "SELECT":
        before = statement.tokens[at].start
        yield mark(statement, at, at + 1, SqlFix("Write `AS SELECT`", ((Span(before, before), "AS "),)))
    closing = statement.partner.get(at, at)
    if statement.key(at) == "(" and statement.key(closing + 1) == "AS" and query is not None:
        yield mark(statement, at, closing + 1, _with_aliases(statement, at, query))
    data = seek(statement, {"DATA"}, at)
    if data == len(statement.tokens) - 1 and "AS" in statement.keys:
        if statement.key(data - 1) == "WITH":
            yield mark_cut(statement, data - 1, data + 1)
        elif statement.keys_at(data - 2, 2) == ("WITH", "NO"):
            limited = query is not None and seek(statement, {"LIMIT", "UNION", "FETCH"}, query) is not None
            fix = SqlFix("Write `LIMIT 0`", ((statement.span_of(data - 2, data), "LIMIT 0"),))
            yield mark(statement, data - 2, data + 1, None if limited else fix)


def _with_aliases(statement: Statement, opening: int, query: int) -> SqlFix | None:
    """Move the names of a list of columns into the query, as aliases."""
    names = statement.arguments(opening)
    end = seek(statement, {"FROM", "WHERE", "UNION", "ORDER", "LIMIT", "GROUP", "WITH"}, query + 1)
    end = len(statement.tokens) if end is None else end
    values = items(statement, query + 1, end)
    if len(values) != len(names) or statement.key(query) != "SELECT":
        return None
    edits: list[tuple[Span, str]] = list(cut(statement, opening, statement.partner[opening] + 1) or ())
    for (name, after), (start, stop) in zip(names, values, strict=True):
        plain = stop == start + 1 or (statement.key(start + 1) == "(" and statement.partner.get(start + 1) == stop - 1)
        if after != name + 1 or not plain or statement.key(start) == "*" or statement.tokens[name].has_hole:
            return None
        offset = statement.tokens[stop - 1].end
        edits.append((Span(offset, offset), f" AS {statement.tokens[name].text}"))
    return SqlFix("Name the columns in the query", tuple(edits))


def table_like(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``CREATE TABLE t (LIKE memo)``, ``CREATE TABLE t LIKE memo`` and ``CREATE TABLE t OF type``."""
    word = table_word(statement)
    name = None if word is None else table_name(statement, word + 1)
    if name is None:
        return
    at = name[1]
    table = definition(statement)
    if statement.key(at) in {"LIKE", "OF"}:
        yield mark(statement, at, at + 1, _copied(statement, at, at, len(statement.tokens)))
    elif table is not None and not table.added:
        for item in table.items:
            if item.key == "LIKE":
                alone = len(table.items) == 1 and not table.columns and table.closing == len(statement.tokens) - 1
                fix = _copied(statement, item.word, table.opening, table.closing + 1) if alone else None
                yield mark(statement, item.word, item.end, fix)


def _copied(statement: Statement, like: int, start: int, end: int) -> SqlFix | None:
    other = table_name(statement, like + 1)
    if other is None or statement.key(like) != "LIKE" or moves_hole(statement, other):
        return None
    text = f"AS SELECT * FROM {statement.text_of(*other)} WHERE 0"
    title = f"Write `{text}` (keys, constraints and defaults are not copied)"
    return SqlFix(title, ((statement.span_of(start, end - 1), text),), Applicability.UNSAFE)


def no_columns(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``CREATE TABLE t ()``."""
    table = definition(statement)
    if table is not None and table.closing == table.opening + 1 and not statement.has_holes:
        yield mark(statement, table.opening, table.closing + 1)
