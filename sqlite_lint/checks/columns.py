"""SQL301 to SQL308: types and attributes of columns that PostgreSQL or MySQL have and SQLite has not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.checks.cut import COMMENT_INSIDE, cut, has_comment, mark, mark_cut
from sqlite_lint.regex import regex
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.definition import ColumnDefinition, Definition, Part, definition
from sqlite_lint.sql.schema import Affinity, affinity_of
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.checks.cut import Edits
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_SERIAL: Final = frozenset({"SERIAL", "BIGSERIAL", "SMALLSERIAL", "SERIAL2", "SERIAL4", "SERIAL8"})
_ATTRIBUTES: Final = frozenset({"UNSIGNED", "SIGNED", "ZEROFILL"})
_NO_KEY: Final = "the column is not the primary key, and SQLite fills no other column by itself"
_REUSE: Final = "ids of deleted last rows are used again; AUTOINCREMENT prevents that"
_EMPTY_ARRAY: Final = regex(r"(?:'\{\s*\}'|ARRAY\s*\[\s*\])(?:\s*::\s*[\w ]+(?:\[\d*\])*)?", re.IGNORECASE)
_LENGTH: Final = regex(r"[+-]?\d+(?:\.\d+)?")


def columns_of(statement: Statement) -> Iterator[tuple[Definition, ColumnDefinition]]:
    table = definition(statement)
    if table is not None:
        for column in table.columns:
            yield table, column


def is_key(statement: Statement, table: Definition, column: ColumnDefinition) -> bool:
    """Tell whether the column is the table's whole primary key."""
    return column.part("PRIMARY") is not None or key_item(statement, table, column) is not None


def key_item(statement: Statement, table: Definition, column: ColumnDefinition) -> tuple[int, int] | None:
    """The column's place in a constraint PRIMARY KEY that names it alone."""
    name = statement.tokens[column.name].name
    for item in table.items:
        opening = item.word + 2
        if item.key == "PRIMARY" and statement.key(opening) == "(":
            listed = statement.arguments(opening)
            if len(listed) == 1 and statement.tokens[listed[0][0]].name == name:
                return listed[0]
    return None


def _integer(statement: Statement, column: ColumnDefinition) -> Edits:
    """Make the column's type, with UNSIGNED behind it, INTEGER: only so is a primary key the rowid."""
    first, end = column.name + 1, column.type_end
    while statement.key(end) in _ATTRIBUTES:
        end += 1
    text = statement.text_of(first, end)
    if text.upper() == "INTEGER":
        return ()
    span = statement.span_of(first, end - 1)
    return ((span, "integer" if text.islower() else "INTEGER"),)


def _as_rowid(statement: Statement, column: ColumnDefinition, part: Part, caveat: str) -> SqlFix | None:
    """INTEGER for the column's type, and without the part."""
    removed = cut(statement, part.start, part.end)
    if removed is None or column.type_end == column.name + 1:
        return None
    integer = _integer(statement, column)
    title = f"Write `INTEGER` as type and leave `{statement.key(part.start)}` out ({caveat})"
    return SqlFix(title, (*integer, *removed), Applicability.UNSAFE)


def serial(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``id SERIAL``: to SQLite the name of a type like any other."""
    for table, column in columns_of(statement):
        at = column.name + 1
        if at >= column.type_end or statement.key(at) not in _SERIAL:
            continue
        if table.added and column.part("PRIMARY"):
            continue  # no primary key can be added at all: another rule says so
        if not is_key(statement, table, column):
            yield mark(statement, at, column.type_end, withheld=_NO_KEY)
            continue
        title = f"Write `INTEGER`, which as primary key fills itself ({_REUSE})"
        fix = SqlFix(title, _integer(statement, column), Applicability.UNSAFE)
        yield mark(statement, at, column.type_end, fix)


def auto_increment(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``id INT AUTO_INCREMENT``."""
    for table, column in columns_of(statement):
        part = column.part("AUTO_INCREMENT")
        if part is None or (table.added and column.part("PRIMARY")):
            continue
        key = column.part("PRIMARY")
        if not is_key(statement, table, column):
            yield mark(statement, part.start, part.end, withheld=_NO_KEY)
        elif key is None:
            yield mark(statement, part.start, part.end, _as_rowid(statement, column, part, _REUSE))
        else:
            yield mark(statement, part.start, part.end, _autoincrement(statement, column, part, key))


def _autoincrement(statement: Statement, column: ColumnDefinition, part: Part, key: Part) -> SqlFix | None:
    """AUTOINCREMENT, which stands behind PRIMARY KEY and nowhere else."""
    if key.end == part.start:
        edits: Edits | None = ((statement.span_of(part.start, part.start), "AUTOINCREMENT"),)
    else:
        edits = cut(statement, part.start, part.end)
        after = statement.tokens[key.end - 1].end
        edits = None if edits is None else (*edits, (Span(after, after), " AUTOINCREMENT"))
    if edits is None:
        return None
    return SqlFix("Write `INTEGER PRIMARY KEY AUTOINCREMENT`", (*_integer(statement, column), *edits))


def identity(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``id INT GENERATED ALWAYS AS IDENTITY``, and SQL Server's ``IDENTITY(1, 1)``."""
    for table, column in columns_of(statement):
        part = column.part("GENERATED", "IDENTITY")
        if part is None or not (part.key == "IDENTITY" or _has_word(statement, part, "IDENTITY")):
            continue
        last = next(i for i in range(part.start, part.end) if statement.key(i) == "IDENTITY")
        if is_key(statement, table, column) and not table.added:
            caveat = f"{_REUSE}; explicit ids are taken" if "ALWAYS" in statement.keys else _REUSE
            if last + 1 < part.end:
                caveat += "; options such as START WITH are left out"
            yield mark(statement, part.start, last + 1, _as_rowid(statement, column, part, caveat))
        else:
            yield mark(statement, part.start, last + 1, withheld=_NO_KEY)


def _has_word(statement: Statement, part: Part, word: str) -> bool:
    return any(statement.key(i) == word for i in range(part.start, part.end))


def enumeration(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """MySQL's ``ENUM('a', 'b')`` and ``SET('a', 'b')`` as the type of a column."""
    for _, column in columns_of(statement):
        at = column.name + 1
        opening = at + 1
        if statement.key(at) not in {"ENUM", "SET"} or statement.key(opening) != "(" or opening >= column.type_end:
            continue
        closing = statement.partner.get(opening)
        if closing is None or statement.tokens[opening + 1].kind is not Kind.STRING:
            continue
        span = statement.span_of(at, at)
        name = statement.tokens[column.name].text
        end = statement.tokens[closing].end
        if statement.key(at) == "ENUM":
            edits: Edits = ((Span(span.start, statement.tokens[opening].start), f"TEXT CHECK ({name} IN "),)
            edits = (*edits, (Span(end, end), ")"))
            title = f"Write `TEXT CHECK ({name} IN (...))` (values are compared with their case, and sorted as text)"
        else:
            edits = ((Span(span.start, end), "TEXT"),)
            title = "Write `TEXT` (the values are not checked)"
        yield mark(statement, at, at + 1, SqlFix(title, edits, Applicability.UNSAFE))


def unsigned(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """UNSIGNED and its kin behind a size in brackets; elsewhere SQLite takes them for a part of the type's name."""
    for _, column in columns_of(statement):
        run = [part for part in column.parts if part.key in _ATTRIBUTES]
        if not run or column.part("AUTO_INCREMENT") or statement.key(run[0].start - 1) in {"", "UNSIGNED"}:
            continue
        first, end = run[0].start, run[0].end
        if first == column.type_end and statement.key(first - 1) != ")":
            continue
        while statement.key(end) in _ATTRIBUTES:
            end += 1
        if all(statement.key(i) != "UNSIGNED" for i in range(first, end)):
            yield mark_cut(statement, first, end)
            continue
        check = f"CHECK ({statement.tokens[column.name].text} >= 0)"
        yield mark(statement, first, end, SqlFix(f"Write `{check}`", ((statement.span_of(first, end - 1), check),)))


def array_type(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``tags TEXT[]`` and ``tags TEXT ARRAY[4]``."""
    for _, column in columns_of(statement):
        first, end = column.name + 1, column.type_end
        if statement.key(end) == "ARRAY":
            end += 1
            end = statement.partner.get(end, end) + 1 if statement.key(end) == "[" else end
        elif statement.key(end - 1) != "]" or end <= first:
            continue
        default = column.part("DEFAULT")
        if default is None and _holds_text(statement, first, end):
            continue
        span = statement.span_of(first, end - 1)
        if has_comment(statement, *span):
            yield mark(statement, first, end, withheld=COMMENT_INSIDE)
            continue
        edits: Edits = ((span, "text" if statement.text_of(first, end).islower() else "TEXT"),)
        if default is not None and _EMPTY_ARRAY.fullmatch(statement.text_of(default.start + 1, default.end)):
            edits = (*edits, (statement.span_of(default.start + 1, default.end - 1), "'[]'"))
        title = "Write `TEXT` (to hold a JSON array)"
        yield mark(statement, first, end, SqlFix(title, edits, Applicability.UNSAFE))


def _holds_text(statement: Statement, first: int, end: int) -> bool:
    """Tell whether SQLite parses the type and gives it the affinity TEXT: then JSON in it stays as it is."""
    sized = any(statement.key(i) == "(" for i in range(first, end))
    return not sized and affinity_of(statement.text_of(first, end)) is Affinity.TEXT


def type_words(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """Words and sizes of a type that SQLite's grammar has no place for: ``timestamp(6) without time zone``."""
    for _, column in columns_of(statement):
        first, end = column.name + 1, column.type_end
        opening = next((i for i in range(first, end) if statement.key(i) == "("), None)
        if opening is None or opening not in statement.partner:
            if statement.key(first) == "INTERVAL" and "TO" in (statement.key(i) for i in range(first, end)):
                yield mark_cut(statement, first + 1, end)
            continue
        closing = statement.partner[opening]
        if statement.key(first) not in {"ENUM", "SET"} and not _is_size(statement, opening):
            yield _unsized(statement, opening, closing)
        if closing + 1 < end and statement.key(closing + 1) != "[":
            yield mark_cut(statement, closing + 1, end)
        for part in column.parts:
            if part.start == end and part.key in {"CHARACTER", "CHARSET", "BINARY", "ASCII", "UNICODE"}:
                yield mark_cut(statement, part.start, part.end)


def _is_size(statement: Statement, opening: int) -> bool:
    """Tell whether the brackets hold one or two numbers, all that SQLite takes behind a type."""
    numbers = statement.arguments(opening)
    return len(numbers) in (1, 2) and all(
        _LENGTH.fullmatch(statement.text_of(start, end)) or any(t.has_hole for t in statement.tokens[start:end])
        for start, end in numbers
    )


def _unsized(statement: Statement, opening: int, closing: int) -> Hit:
    if statement.tokens[opening + 1].kind is Kind.NUMBER and statement.key(opening + 2) in {"CHAR", "BYTE"}:
        return mark_cut(statement, opening + 2, closing)
    return mark_cut(statement, opening, closing + 1)


_UNKNOWN: Final = frozenset(
    {"COMMENT", "STORAGE", "COMPRESSION", "COLUMN_FORMAT", "INVISIBLE", "VISIBLE", "FIRST", "AFTER", "ENGINE_ATTRIBUTE"}
)


def attribute(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``COMMENT 'the id'``, ``INVISIBLE``, ``AFTER name``, and the KEY of ``UNIQUE KEY``."""
    for _, column in columns_of(statement):
        for part in column.parts:
            if part.key in _UNKNOWN:
                yield mark_cut(statement, part.start, part.end)
            elif part.key == "UNIQUE" and statement.key(part.start + 1) == "KEY":
                yield mark_cut(statement, part.start + 1, part.start + 2)
