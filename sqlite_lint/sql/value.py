"""What kind of value an operand is to SQLite's comparisons: a JSON value, a literal, a parameter, a column, a cast.

Only what decides a comparison is told apart (https://sqlite.org/datatype3.html#affinity); whatever the tokens do not
show is OTHER, of which nothing is concluded.
"""

from __future__ import annotations

import enum
from functools import lru_cache
from typing import Final, NamedTuple

from sqlite_lint.sql.comparison import Range
from sqlite_lint.sql.operand import DOT, is_name, level
from sqlite_lint.sql.primary import primary_end
from sqlite_lint.sql.scope import scope_of
from sqlite_lint.sql.statement import Statement
from sqlite_lint.sql.tokens import Kind, Token


class Source(enum.Enum):
    JSON = "json"  # ->>, json_extract: the element's own type, number, text or NULL, without affinity
    JSON_TEXT = "json text"  # ->: a JSON document, strings in their quotes
    ELEMENT = "element"  # the column value of json_each: as JSON
    TEXT = "text"  # a string literal
    NUMBER = "number"
    BLOB = "blob"
    NULL = "null"
    PARAM = "param"
    CAST = "cast"
    COLUMN = "column"
    OTHER = "other"


class Value(NamedTuple):
    """One operand; ``at`` are its tokens without brackets around it.

    ``parts`` are, for JSON, the expressions that give the JSON values: several where COALESCE chooses among them.
    ``operator`` is the index of the ``->`` or ``->>`` that gives the value, if one does.
    """

    source: Source
    at: Range
    parts: tuple[Range, ...] = ()
    operator: int | None = None


JSON: Final = frozenset({Source.JSON, Source.JSON_TEXT, Source.ELEMENT})

_EXTRACTS: Final = frozenset({"JSON_EXTRACT", "JSONB_EXTRACT"})
_CHOOSING: Final = {"COALESCE": slice(None), "IFNULL": slice(None), "IIF": slice(1, None), "NULLIF": slice(1)}
"""Functions that give one of these arguments as it is."""
_EXTREMES: Final = frozenset({"MAX", "MIN"})
_ELEMENTS: Final = {"json_each": frozenset({"value", "atom"}), "json_tree": frozenset({"value", "atom"})}
_CHOSEN: Final = frozenset({Source.JSON, Source.TEXT, Source.NULL, Source.NUMBER, Source.COLUMN})
_DEEPEST: Final = 20
_BOOLEANS: Final = frozenset({"TRUE", "FALSE"})
_LITERALS: Final = {Kind.STRING: Source.TEXT, Kind.NUMBER: Source.NUMBER, Kind.BLOB: Source.BLOB}


@lru_cache(maxsize=64)
def value_of(statement: Statement, operand: Range, depth: int = 0) -> Value:
    """Tell what the operand is; never raises.  ``depth`` counts the expressions around it."""
    at = _bare(statement, operand)
    tokens = statement.tokens
    if at.first >= at.end or depth > _DEEPEST:
        return Value(Source.OTHER, operand)
    if at.end - at.first == 1:
        source = _source_of_token(statement, at.first)
        return _column(statement, at, depth) if source is Source.COLUMN else Value(source, at)
    if tokens[at.first].key in {"-", "+"} and tokens[at.first].kind is Kind.OP:
        return _signed(statement, at, depth)
    if tokens[at.first].key == "CASE" and primary_end(statement, at.first) == at.end:
        return _chosen(statement, at, _branches(statement, at), depth)
    operator = _last_operator(statement, at)
    if operator is not None:
        return _operation(statement, at, operator)
    return _primary(statement, at, depth)


def _bare(statement: Statement, operand: Range) -> Range:
    """The operand without the brackets around it and without COLLATE, neither of which changes what it is."""
    first, end = operand
    while end - first > 1:
        if statement.key(end - 2) == "COLLATE" and end - first > 2:
            end -= 2
        elif statement.key(first) == "(" and statement.partner.get(first) == end - 1:
            if statement.key(first + 1) in {"SELECT", "WITH", "VALUES"} or len(statement.arguments(first)) > 1:
                break
            first, end = first + 1, end - 1
        else:
            break
    return Range(first, end)


def _source_of_token(statement: Statement, index: int) -> Source:
    token = statement.tokens[index]
    if token.kind in _LITERALS:
        return _LITERALS[token.kind]
    if token.kind is Kind.PARAM:
        return Source.PARAM
    if token.kind is Kind.WORD and token.key in _BOOLEANS:
        return Source.NUMBER
    if token.kind is Kind.WORD and token.key == "NULL":
        return Source.NULL
    return Source.COLUMN if is_name(statement, index) and not token.has_hole else Source.OTHER


def _signed(statement: Statement, at: Range, depth: int) -> Value:
    inner = value_of(statement, Range(at.first + 1, at.end), depth + 1)
    if inner.source is Source.NUMBER:
        return Value(Source.NUMBER, at)
    if statement.key(at.first) == "+" and inner.source in (Source.JSON, Source.TEXT):
        return inner  # unary + changes nothing but a column's affinity
    return Value(Source.OTHER, at)


def _last_operator(statement: Statement, at: Range) -> int | None:
    """Index of the operator that is applied last: of those that bind loosest the one on the right."""
    found: int | None = None
    lowest = DOT
    i = at.first
    while i < at.end:
        token = statement.tokens[i]
        if token.kind is Kind.OP and token.key in {"(", "["}:
            i = statement.partner.get(i, i)
        elif (binds := _level_at(statement, i, at)) is not None and binds <= lowest:
            found, lowest = i, binds
        i += 1
    return None if lowest == DOT else found


def _level_at(statement: Statement, index: int, at: Range) -> int | None:
    token = statement.tokens[index]
    if token.kind is Kind.WORD and (index == at.first or is_name(statement, index)):
        return None
    return level(token)


def _operation(statement: Statement, at: Range, operator: int) -> Value:
    key = statement.key(operator)
    if key == "->>":
        return Value(Source.JSON, at, (at,), operator)
    if key == "->":
        return Value(Source.JSON_TEXT, at, (at,), operator)
    return Value(Source.CAST if key == "::" else Source.OTHER, at)


def _primary(statement: Statement, at: Range, depth: int) -> Value:
    tokens = statement.tokens
    name: Token = tokens[at.first]
    if name.key == "(" and statement.partner.get(at.first) == at.end - 1:
        return _subquery(statement, at, depth)
    opening = at.first + 1
    if statement.key(opening) == "(" and statement.partner.get(opening) == at.end - 1:
        if name.key == "CAST":
            return Value(Source.CAST, at)
        arguments = [Range(a, b) for a, b in statement.arguments(opening)]
        if name.key in _EXTRACTS and len(arguments) == 2:
            return Value(Source.JSON, at, (at,))
        if name.key in _CHOOSING:
            return _chosen(statement, at, arguments[_CHOOSING[name.key]], depth)
        if name.key in _EXTREMES and len(arguments) == 1:
            return _chosen(statement, at, arguments, depth)
        return Value(Source.OTHER, at)
    is_path = all(t.kind in (Kind.WORD, Kind.QUOTED) or t.key == "." for t in tokens[at.first : at.end])
    if is_path and statement.key(opening) == "." and not any(t.has_hole for t in tokens[at.first : at.end]):
        return _column(statement, at, depth)
    return Value(Source.OTHER, at)


def _column(statement: Statement, at: Range, depth: int) -> Value:
    """A column of a subquery or of WITH is what its expression there is; all others are just columns."""
    scope = scope_of(statement)
    expression = scope.meaning(at)
    if expression is None:
        is_element = statement.tokens[at.end - 1].name in _ELEMENTS.get(scope.function_of(at), ())
        return Value(Source.ELEMENT, at, (at,)) if is_element else Value(Source.COLUMN, at)
    if expression not in scope.looked_up:
        scope.looked_up[expression] = value_of(statement, expression, depth + 1)
    return _as_seen(at, scope.looked_up[expression])


def _subquery(statement: Statement, at: Range, depth: int) -> Value:
    scope = scope_of(statement)
    query = scope.query_at(at.first) if statement.key(at.first + 1) == "SELECT" else None
    expression = None if query is None else scope.queries[query].first
    return Value(Source.OTHER, at) if expression is None else _as_seen(at, value_of(statement, expression, depth + 1))


def _as_seen(at: Range, value: Value) -> Value:
    """What the expression behind a name is, with the name itself as the place to mend."""
    is_json = value.source in JSON
    return Value(value.source if is_json else Source.COLUMN, at, (at,) if is_json else ())


def _chosen(statement: Statement, at: Range, choices: list[Range], depth: int) -> Value:
    """COALESCE, CASE and max() give one of these values as it is, and have no affinity of their own."""
    values = [value_of(statement, choice, depth + 1) for choice in choices]
    parts = tuple(part for value in values if value.source is Source.JSON for part in value.parts)
    plain = all(value.source in _CHOSEN for value in values)
    return Value(Source.JSON, at, parts) if parts and plain else Value(Source.OTHER, at)


def _branches(statement: Statement, at: Range) -> list[Range]:
    """What a CASE may give: the expressions behind THEN and ELSE."""
    found = []
    first: int | None = None
    nested = 0
    i = at.first + 1
    while i < at.end:
        token = statement.tokens[i]
        if token.kind is Kind.OP and token.key == "(":
            i = statement.partner.get(i, i)
        elif token.kind is Kind.WORD and token.key == "CASE":
            nested += 1
        elif token.kind is Kind.WORD and nested and token.key == "END":
            nested -= 1
        elif token.kind is Kind.WORD and not nested and token.key in {"WHEN", "THEN", "ELSE", "END"}:
            if first is not None:
                found.append(Range(first, i))
            first = i + 1 if token.key in {"THEN", "ELSE"} else None
        i += 1
    return found


def parameter_numbers(statement: Statement) -> dict[int, int]:
    """For the index of each parameter that is given by position, which of the values it takes, from 0.

    https://sqlite.org/lang_expr.html#varparam: a plain ``?`` takes the number after the largest one so far.  Behind a
    hole, which may hold parameters of its own, nothing is known.
    """
    numbers: dict[int, int] = {}
    largest = 0
    for i, token in enumerate(statement.tokens):
        if token.has_hole and token.kind is not Kind.STRING:
            break
        if token.kind is Kind.PARAM and (token.text[0] == "?" or token.text == "%s"):
            number = int(token.text[1:]) if token.text[1:].isdigit() else largest + 1
            largest = max(largest, number)
            numbers[i] = number - 1
    return numbers
