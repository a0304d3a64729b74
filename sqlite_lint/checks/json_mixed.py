"""SQL425, SQL426: JSON values where numbers and texts meet, and JSON functions on text that may be no JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.checks.cut import mark
from sqlite_lint.checks.json_values import json_value, may_hold_json
from sqlite_lint.checks.seek import items, level_end, seek
from sqlite_lint.rule import Hit
from sqlite_lint.sql.comparison import Range, comparisons
from sqlite_lint.sql.definition import definition
from sqlite_lint.sql.json_columns import checked_names, gives_json
from sqlite_lint.sql.operand import left_operand
from sqlite_lint.sql.primary import CONCAT
from sqlite_lint.sql.scope import scope_of
from sqlite_lint.sql.value import Source, Value, value_of

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_EXTRACTING: Final = frozenset({"->>", "JSON_EXTRACT", "JSONB_EXTRACT", "JSON_EACH", "JSON_TREE"})
_VALUES: Final = frozenset({Source.JSON, Source.ELEMENT})
_EXTREMES: Final = frozenset({"MAX", "MIN"})
_TEXT_CALLS: Final = frozenset(
    {"LOWER", "UPPER", "TRIM", "LTRIM", "RTRIM", "SUBSTR", "SUBSTRING", "REPLACE", "PRINTF", "FORMAT", "HEX", "QUOTE",
     "STRFTIME", "DATE", "TIME", "DATETIME", "GROUP_CONCAT", "CONCAT", "CONCAT_WS"}
)  # fmt: skip
_ENDS_ORDER: Final = frozenset({"LIMIT", "UNION", "EXCEPT", "INTERSECT", "WINDOW", "ROWS", "RANGE", "GROUPS"})
_READERS: Final = frozenset(
    {"JSON_EXTRACT", "JSON_TYPE", "JSON_ARRAY_LENGTH", "JSON_EACH", "JSON_TREE", "JSON_SET", "JSON_INSERT",
     "JSON_REPLACE", "JSON_REMOVE", "JSON_PATCH", "JSON", "JSONB", "JSONB_EXTRACT", "JSONB_SET", "JSONB_INSERT",
     "JSONB_REPLACE", "JSONB_REMOVE", "JSONB_PATCH"}
)  # fmt: skip

_SORTED: Final = "all JSON numbers sort before all JSON texts: 10 before '9'"
_EXTREME: Final = "to {call} any JSON text is greater than any JSON number"
_DISTINCT: Final = "the JSON number 10 and the JSON text '10' are two values"
_JOINED: Final = "the JSON number 10 never equals the JSON text '10'"
_TEXT: Final = "a JSON number never equals the text that {call} gives"
_COLUMN: Final = "{text} has no type: its values stay JSON numbers and texts, which never equal each other"


def check(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """Report uncast JSON values that are sorted, taken the largest of, or compared with each other."""
    if statement.keys.isdisjoint(_EXTRACTING) and not may_hold_json(statement, context.schema):
        return

    def value(operand: Range) -> Value:
        return json_value(statement, operand, context.schema)

    for at in statement.find("ORDER"):
        if statement.key(at + 1) == "BY" and at + 2 < len(statement.tokens):
            end = seek(statement, _ENDS_ORDER, at + 2, level_end(statement, at)) or level_end(statement, at)
            for first, stop in items(statement, at + 2, end):
                key = Range(first, seek(statement, {"ASC", "DESC", "NULLS"}, first, stop) or stop)
                if value(_behind_alias(statement, key)).source in _VALUES:
                    yield mark(statement, *key)._replace(message=_SORTED)
    for i, token in enumerate(statement.tokens):
        if statement.key(i + 1) == "(" and token.key in _EXTREMES and i + 1 in statement.partner:
            arguments = statement.arguments(i + 1)
            if len(arguments) == 1 and value(Range(*arguments[0])).source in _VALUES:
                hit = mark(statement, i, statement.partner[i + 1] + 1)
                yield hit._replace(values={"call": f"{token.text}()"}, message=_EXTREME)
        elif token.key == "DISTINCT" and statement.key(i - 1) == "SELECT":
            scope = scope_of(statement)
            for result in scope.queries[scope.query_around(i - 1)].results:
                if value(result).source in _VALUES:
                    yield mark(statement, *result)._replace(message=_DISTINCT)
    for comparison in comparisons(statement):
        for other in comparison.others:
            yield from _compared(statement, value(comparison.subject), value(other))
    yield from _untyped(statement)


def _behind_alias(statement: Statement, key: Range) -> Range:
    """What ORDER BY means by a name: the alias of a result, if there is one."""
    if key.end != key.first + 1:
        return key
    scope = scope_of(statement)
    query = scope.query_around(key.first)
    name = statement.tokens[key.first].name
    return scope.queries[query].outputs.get(name, key) if query >= 0 else key


def _compared(statement: Statement, one: Value, other: Value) -> Iterator[Hit]:
    if one.source in _VALUES and other.source in _VALUES:
        yield mark(statement, *one.at)._replace(message=_JOINED)
        return
    for json, text in ((one, other), (other, one)):
        call = statement.key(text.at.first)
        is_call = statement.key(text.at.first + 1) == "(" and text.source is Source.OTHER
        if json.source in _VALUES and is_call and call in _TEXT_CALLS:
            values = {"call": f"{statement.tokens[text.at.first].text}()"}
            yield mark(statement, *json.at)._replace(values=values, message=_TEXT)


def _untyped(statement: Statement) -> Iterator[Hit]:
    table = definition(statement) if statement.keyword in {"CREATE", "ALTER"} else None
    for column in () if table is None else table.columns:
        if gives_json(statement, column):
            yield mark(statement, column.name, column.name + 1)._replace(message=_COLUMN)


def unchecked(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``json_extract(data, ...)`` where nothing says that data is JSON."""
    valid = checked_names(statement)
    seen: set[str] = set()
    for document in _documents(statement):
        value = value_of(statement, document)
        if value.source is not Source.COLUMN:
            continue
        name = statement.tokens[value.at.end - 1].name
        if name not in valid | seen and not _is_checked(statement, value.at, name, context):
            seen.add(name)
            yield mark(statement, *value.at)


def _documents(statement: Statement) -> Iterator[Range]:
    if statement.keyword in {"CREATE", "ALTER"}:
        return
    for i, token in enumerate(statement.tokens):
        if token.key in _READERS and statement.key(i + 1) == "(":
            yield from (Range(*argument) for argument in statement.arguments(i + 1)[:1])
        elif token.key in {"->", "->>"} and (first := left_operand(statement, i, CONCAT)) is not None:
            yield Range(first, i)


def _is_checked(statement: Statement, column: Range, name: str, context: SqlContext) -> bool:
    scope = scope_of(statement)
    if name in {"value", "atom"} and scope.function_of(column):
        return True
    json = context.schema.json
    tables = scope.tables_of(column) or scope.tables
    return json is not None and any(name in json.checked.get(table, ()) for table in tables)
