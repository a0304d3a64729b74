"""What the text is that a metavariable of a pattern stands for."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING, Final

from sqlite_lint.sql.primary import LIKE, OR, level
from sqlite_lint.sql.tokens import Kind

if TYPE_CHECKING:
    from sqlite_lint.pattern import Range
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.schema import Column
    from sqlite_lint.sql.statement import Statement

_KINDS_OF_ONE: Final = {
    Kind.STRING: "string",
    Kind.NUMBER: "number",
    Kind.PARAM: "param",
    Kind.HOLE: "hole",
    Kind.PREFIXED: "prefixed",
    Kind.DOLLAR: "dollar",
    Kind.BLOB: "blob",
    Kind.QUOTED: "name",
}

_INTEGER_CALLS: Final = frozenset(
    {"COUNT", "LENGTH", "CHAR_LENGTH", "CHARACTER_LENGTH", "OCTET_LENGTH", "INSTR", "STRPOS", "ROW_NUMBER", "RANK",
     "DENSE_RANK", "NTILE", "ASCII", "UNICODE", "ARRAY_LENGTH", "CARDINALITY", "JSON_ARRAY_LENGTH"}
)  # fmt: skip

_JSON: Final = frozenset({"->>", "JSON_EXTRACT", "JSONB_EXTRACT"})

KINDS: Final = frozenset(
    {*_KINDS_OF_ONE.values(), "null", "word", "path", "call", "cast", "array", "subquery", "row", "brackets",
     "expression", "empty", "integer", "json", "truth"}
)  # fmt: skip


def is_one_of(kinds: Container[str], statement: Statement, at: Range, context: SqlContext) -> bool:
    """Tell whether a capture is of one of ``kinds``; "integer", "json" and "truth" are those that are surely one."""
    kind = kind_of(statement, at)
    return (
        kind in kinds
        or ("integer" in kinds and _is_integer(statement, at, kind, context))
        or ("truth" in kinds and _is_truth(statement, at, kind, context))
        or ("json" in kinds and _is_json(statement, at))
    )


def _is_integer(statement: Statement, at: Range, kind: str, context: SqlContext) -> bool:
    from sqlite_lint.sql.schema import Affinity

    token = statement.tokens[at[0]]
    if kind == "number":
        return token.text.isdigit()
    if kind == "call":
        return token.key in _INTEGER_CALLS
    columns = _columns(statement, at, kind, context)
    return bool(columns) and all(column.affinity is Affinity.INTEGER for column in columns)


def _is_truth(statement: Statement, at: Range, kind: str, context: SqlContext) -> bool:
    if statement.tokens[at[0]].key in ("TRUE", "FALSE") or (kind == "brackets" and _compares(statement, *at)):
        return True
    columns = _columns(statement, at, kind, context)
    return bool(columns) and all(column.declared.lower().startswith("bool") for column in columns)


def _columns(statement: Statement, at: Range, kind: str, context: SqlContext) -> tuple[Column, ...]:
    """The definitions of the column that a capture names."""
    from sqlite_lint.sql.comparison import Range as Operand
    from sqlite_lint.sql.declared import columns_behind

    if kind not in ("word", "path", "name") or not context.schema:
        return ()
    return columns_behind(statement, Operand(*at), context.schema)


def _is_json(statement: Statement, at: Range) -> bool:
    from sqlite_lint.sql.comparison import Range as Operand
    from sqlite_lint.sql.value import Source, value_of

    start, end = at
    may_be = end > start + 1 and not statement.keys.isdisjoint(_JSON)
    return may_be and value_of(statement, Operand(start, end)).source is Source.JSON


def _compares(statement: Statement, opening: int, end: int) -> bool:
    """Tell whether what stands between two brackets is a condition, whose value is true, false or NULL."""
    inside = statement.depth[opening] + 1
    tokens = [statement.tokens[i] for i in range(opening + 1, end - 1) if statement.depth[i] == inside]
    if any(token.key == "CASE" for token in tokens):
        return False  # what it gives may be anything
    levels = map(level, tokens)
    return any(found is not None and OR <= found <= LIKE for found in levels)


def kind_of(statement: Statement, at: Range) -> str:
    """What the tokens of a capture are, as one of ``KINDS``."""
    start, end = at
    if end <= start:
        return "empty"
    token = statement.tokens[start]
    if end == start + 1:
        if token.kind is Kind.WORD:
            return "null" if token.key == "NULL" else "word"
        return _KINDS_OF_ONE.get(token.kind, "expression")
    if token.key == "(" and statement.partner.get(start) == end - 1:
        if statement.key(start + 1) in {"SELECT", "WITH", "VALUES"}:
            return "subquery"
        return "row" if len(statement.arguments(start)) > 1 else "brackets"
    if token.key == "ARRAY" and statement.partner.get(start + 1) == end - 1:
        return "array"
    if any(statement.key(i) == "::" and statement.depth[i] == statement.depth[start] for i in range(start, end)):
        return "cast"
    if all(statement.key(i) == "." for i in range(start + 1, end, 2)):
        return "path"
    if statement.key(end - 1) == ")" and statement.partner.get(end - 1) == start + 1:
        return "cast" if token.key == "CAST" else "call"
    return "expression"
