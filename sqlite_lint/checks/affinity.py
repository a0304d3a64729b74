"""SQL430 to SQL439: types of columns that mean less to SQLite than they say.

SQLite reads an affinity out of a declared type and nothing else (https://sqlite.org/datatype3.html#type_affinity), and
takes only the very word INTEGER before PRIMARY KEY for the rowid (https://sqlite.org/lang_createtable.html#rowid).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.checks.columns import columns_of, is_key, key_item
from sqlite_lint.checks.cut import cut, mark
from sqlite_lint.diagnostic import Severity
from sqlite_lint.regex import regex
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.definition import ColumnDefinition, Definition, definition
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_STRINGS: Final = frozenset({"STRING", "STR"})
_UUIDS: Final = frozenset({"UUID", "GUID"})
_DECIMALS: Final = frozenset({"DECIMAL", "DEC", "NUMERIC", "MONEY", "SMALLMONEY"})
_SIZED_TEXT: Final = regex(r"\w*CHAR\w*(?:\s+VARYING)?\s*\(\s*\d+\s*\)", re.IGNORECASE)
_INTEGER: Final = regex(
    r"(?:INTEGER\s*\(\s*\d+\s*\)|(?:TINY|SMALL|MEDIUM|BIG)?INT[248]?(?:\s*\(\s*\d+\s*\))?)(?:\s+UNSIGNED)?|INTEGER\s+UNSIGNED",
    re.IGNORECASE,
)
_WIDE: Final = regex(r"BIG|INT8", re.IGNORECASE)
_FILLED: Final = frozenset({"AUTO_INCREMENT", "IDENTITY", "GENERATED", "DEFAULT", "AS"})
"""What fills a column, or would fill it on another engine: of that, other rules speak."""
_STRICT_SINCE: Final = (3, 37)

_NUMERIC_NAMES: Final = regex(r"BOOL(?:EAN)?|DATE|DATETIME|TIMESTAMP|TIME", re.IGNORECASE)
_BOOLEAN_NAME: Final = "{text} is NUMERIC to SQLite: it takes 1 and 0 for TRUE and FALSE, and any other number and text"
_TIME_NAME: Final = "{text} is NUMERIC to SQLite: it takes any text, and '20250601' becomes a number"
_NOT_ROWID: Final = "{text} PRIMARY KEY is not INTEGER PRIMARY KEY: without a value, {name} is NULL"
_DESCENDING: Final = "INTEGER PRIMARY KEY DESC is not the rowid: without a value, {name} is NULL"
_REFUSED: Final = "SQLite takes AUTOINCREMENT behind INTEGER PRIMARY KEY only, not behind {text}"


def string(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``code STRING``: a type of NUMERIC affinity."""
    yield from _typed(statement, _STRINGS)


def uuid(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``id UUID``: a type of NUMERIC affinity, which takes a rare UUID without hyphens for a number."""
    yield from _typed(statement, _UUIDS)


def _typed(statement: Statement, words: frozenset[str]) -> Iterator[Hit]:
    if _is_strict(statement):
        return  # refused there as an unknown type
    for _, column in columns_of(statement):
        at = column.name + 1
        if at < column.type_end and statement.key(at) in words and statement.key(at + 1) != "[":
            span = statement.span_of(at, at)
            text = "text" if statement.tokens[at].text.islower() else "TEXT"
            yield mark(statement, at, column.type_end, SqlFix(f"Write `{text}`", ((span, text),), Applicability.UNSAFE))


def integer_key(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``id INT PRIMARY KEY``: neither the rowid nor NOT NULL."""
    table = definition(statement)
    if table is None or table.added:
        return
    fills_itself = not (_is_strict(statement) or _is_without_rowid(statement, table))
    for column in table.columns:
        if not is_key(statement, table, column) or column.part(*_FILLED) is not None:
            continue
        first, end = column.name + 1, column.type_end
        declared = statement.text_of(first, end)
        counted = _counted(statement, column)
        if _INTEGER.fullmatch(declared) and counted is not None:
            hit = _as_integer(statement, column, _REFUSED, Applicability.SAFE)
            yield hit._replace(span=statement.span_of(first, counted), severity=Severity.ERROR)
        elif not fills_itself or column.part("NOT") is not None:
            continue
        elif _INTEGER.fullmatch(declared) and _is_meant_as_rowid(statement, column, declared):
            yield _as_integer(statement, column, _NOT_ROWID, Applicability.UNSAFE)
        elif declared.upper() == "INTEGER" and (found := _descending(statement, column)) is not None:
            yield found


def _is_meant_as_rowid(statement: Statement, column: ColumnDefinition, declared: str) -> bool:
    """A BIGINT key by another name than ``id`` often holds ids from elsewhere, which are always given."""
    return _WIDE.match(declared) is None or statement.tokens[column.name].name == "id"


def _counted(statement: Statement, column: ColumnDefinition) -> int | None:
    places = (i for part in column.parts for i in range(part.start, part.end))
    return next((i for i in places if statement.key(i) == "AUTOINCREMENT"), None)


def _as_integer(statement: Statement, column: ColumnDefinition, message: str, applicability: Applicability) -> Hit:
    first, end = column.name + 1, column.type_end
    span = statement.span_of(first, end - 1)
    declared = statement.text_of(first, end)
    integer = "integer" if declared.islower() else "INTEGER"
    fix = SqlFix(f"Write `{integer}`", ((span, integer),), applicability)
    values = {"text": " ".join(declared.split()).upper(), "name": statement.tokens[column.name].text}
    return Hit(span, values, message, fix)


def _descending(statement: Statement, column: ColumnDefinition) -> Hit | None:
    part = column.part("PRIMARY")
    if part is None or statement.key(part.end - 1) != "DESC":
        return None
    edits = cut(statement, part.end - 1, part.end)
    fix = None if edits is None else SqlFix("Leave `DESC` out", edits, Applicability.UNSAFE)
    values = {"name": statement.tokens[column.name].text}
    return Hit(statement.span_of(part.end - 1, part.end - 1), values, _DESCENDING, fix)


def null_key(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``code TEXT PRIMARY KEY``: takes NULLs, any number of them."""
    table = definition(statement)
    if table is None or table.added or _is_strict(statement) or _is_without_rowid(statement, table):
        return
    for column in table.columns:
        declared = statement.text_of(column.name + 1, column.type_end).upper()
        if "INT" in declared or column.part("NOT", *_FILLED) is not None or not is_key(statement, table, column):
            continue
        end = column.type_end
        place = statement.tokens[end - 1].end
        fix = SqlFix("Add `NOT NULL`", ((Span(place, place), " NOT NULL"),), Applicability.UNSAFE)
        part = column.part("PRIMARY")
        listed = key_item(statement, table, column)
        at = (part.start, part.end) if part is not None else listed
        if at is not None:
            yield mark(statement, *at, fix)._replace(values={"name": statement.tokens[column.name].text})


def not_strict(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """A table that takes text where its columns say INTEGER."""
    table = definition(statement)
    if table is None or table.added or context.target < _STRICT_SINCE or _is_strict(statement):
        return
    if not statement.has_holes and any(column.type_end > column.name + 1 for column in table.columns):
        yield mark(statement, *table.table)


def decimal(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``price DECIMAL(10,2)``: stored as floating point, neither rounded nor limited."""
    for _, column in columns_of(statement):
        at = column.name + 1
        if at < column.type_end and statement.key(at) in _DECIMALS:
            yield mark(statement, at, column.type_end)


def numeric_name(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``day DATE``, ``active BOOLEAN``: names to which SQLite gives NUMERIC affinity."""
    if _is_strict(statement):
        return  # refused there as an unknown type
    for _, column in columns_of(statement):
        declared = statement.text_of(column.name + 1, column.type_end)
        if _NUMERIC_NAMES.fullmatch(declared):
            is_boolean = declared.upper().startswith("BOOL")
            hit = mark(statement, column.name + 1, column.type_end)
            yield hit._replace(message=_BOOLEAN_NAME if is_boolean else _TIME_NAME)


def length(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``name VARCHAR(20)``: takes text of any length."""
    calls = (i for i in statement.find("LENGTH") if statement.key(i + 1) == "(" and statement.key(i + 2))
    lengths = {statement.tokens[i + 2].name for i in calls}
    for _, column in columns_of(statement):
        declared = statement.text_of(column.name + 1, column.type_end)
        if _SIZED_TEXT.fullmatch(declared) and statement.tokens[column.name].name not in lengths:
            yield mark(statement, column.name + 1, column.type_end)


def _options(statement: Statement) -> list[str]:
    table = definition(statement)
    if table is None or table.added:
        return []
    return [t.key for t in statement.tokens[table.closing + 1 :] if t.kind is Kind.WORD]


def _is_strict(statement: Statement) -> bool:
    return "STRICT" in _options(statement)


def _is_without_rowid(statement: Statement, table: Definition) -> bool:
    return "WITHOUT" in _options(statement)
