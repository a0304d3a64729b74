"""Function calls of a statement, told by their tokens from tables, types and keywords before a bracket."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.sql.tokens import Kind
from sqlite_lint.text import Span

if TYPE_CHECKING:
    from sqlite_lint.sql.statement import Statement


class Call(NamedTuple):
    """``name(...)``: ``at`` and ``opening`` are the indexes of the name's token and of the bracket's.

    ``arity`` is the number of arguments (0 for ``*``), None where it is known only at run time.  ``in_from`` marks a
    table-valued function.
    """

    name: str  # lower case
    at: int
    opening: int
    arity: int | None
    in_from: bool
    span: Span


_NO_NAMES: Final = frozenset(
    {
        "ADD", "ALL", "AND", "ANY", "ARRAY", "AS", "ASC", "BEGIN", "BETWEEN", "BY", "CASE", "CAST", "CHECK", "COLUMN",
        "COLLATE", "CONFLICT", "CONSTRAINT", "CROSS", "CUBE", "DEFAULT", "DEFERRABLE", "DELETE", "DESC", "DISTINCT",
        "DO", "ELSE", "END", "ESCAPE", "EXCEPT", "EXISTS", "EXPLAIN", "FILTER", "FROM", "FULL", "GROUP", "HAVING",
        "ILIKE", "IN", "INCLUDE", "INDEX", "INNER", "INTERSECT", "INTO", "IS", "JOIN", "KEY", "LATERAL", "LIMIT",
        "LISTS", "MATERIALIZED", "NATURAL", "NOT", "NULL", "OF", "OFFSET", "ON", "ONLY", "OR", "ORDER", "OUTER", "OVER",
        "PARTITION", "PRIMARY", "RAISE", "RECURSIVE", "REFERENCES", "RETURNING", "ROLLUP", "ROW", "SELECT", "SET",
        "SETS", "SIMILAR", "SOME", "TABLE", "THEN", "TO", "UNION", "UNIQUE", "UPDATE", "USING", "VALUES", "VIEW",
        "WHEN", "WHERE", "WINDOW", "WITH", "WITHIN", "RANGE", "LIST",
    }
)  # fmt: skip
"""Words that no function is called by, though a bracket may follow."""

_OPERATORS: Final = frozenset(
    {
        "AND", "OR", "NOT", "BETWEEN", "LIKE", "ILIKE", "GLOB", "REGEXP", "MATCH", "IN", "IS", "CASE", "WHEN", "THEN",
        "ELSE", "SELECT", "DISTINCT", "ALL", "WHERE", "HAVING", "BY", "ON", "SET", "LIMIT", "OFFSET", "RETURNING",
        "FROM", "JOIN", "LATERAL", "ESCAPE", "VALUES", "DEFAULT", "SIMILAR", "TO", "RETURN", "USING", "PRECEDING",
        "DO", "UNION", "EXCEPT", "INTERSECT", "EXPLAIN", "CALL", "EXECUTE", "PERFORM", "CHECK", "CONFLICT", "DIV",
        "MOD", "XOR", "RLIKE", "UPDATE", "FILTER", "OVER", "OF",
    }
)  # fmt: skip
"""Words after which a name before a bracket is a call; after other words it is a table, a type or an alias."""

_CATALOGS: Final = frozenset({"pg_catalog", "information_schema", "public", "sys", "mysql"})
_TABLES: Final = frozenset({"FROM", "JOIN", "LATERAL"})
_NAMES: Final = (Kind.WORD, Kind.QUOTED)


@lru_cache(maxsize=4)
def calls(statement: Statement) -> tuple[Call, ...]:
    """The calls in ``statement``, in the order of their names."""
    if statement.keyword == "PRAGMA":
        return ()
    tokens = statement.tokens
    return tuple(
        _call(statement, i)
        for i in range(len(tokens) - 1)
        if tokens[i + 1].key == "(" and tokens[i].kind in _NAMES and is_called(statement, i)
    )


def is_called(statement: Statement, index: int) -> bool:
    """Tell whether the name at ``index``, which has a bracket behind it, is called: no table, type or keyword."""
    token = statement.tokens[index]
    if token.kind is Kind.WORD and token.key in _NO_NAMES:
        return False
    if index == 0:
        return True  # a fragment: server_default=text("now()")
    previous = statement.tokens[index - 1]
    if previous.kind is Kind.OP:
        if previous.key == ".":
            return _is_qualified(statement, index)
        if previous.key in {"::", ")"}:
            return False
        return not _names_a_common_table(statement, index)
    if previous.kind is not Kind.WORD or previous.key not in _OPERATORS:
        return False
    if previous.key == "ON":
        return not _in_index(statement, index)
    return previous.key != "USING"


def _is_qualified(statement: Statement, index: int) -> bool:
    """``pg_catalog.now()``; behind any other name the dot says nothing."""
    if index < 2 or statement.tokens[index - 2].name not in _CATALOGS:
        return False
    return index == 2 or statement.tokens[index - 3].kind is Kind.OP or statement.key(index - 3) in _OPERATORS


def _names_a_common_table(statement: Statement, index: int) -> bool:
    """``WITH a AS (...), b(x) AS (...)``: the name of a table, not a call."""
    closing = statement.partner.get(index + 1)
    if closing is None or statement.key(closing + 1) != "AS":
        return False
    after = statement.keys_at(closing + 2, 3)
    return "WITH" in statement.keys and (after[0] == "(" or "MATERIALIZED" in after[:2])


def _in_index(statement: Statement, index: int) -> bool:
    """Tell whether this is the table of ``CREATE INDEX i ON t (...)`` or of a trigger."""
    return statement.keyword == "CREATE" and statement.depth[index] == 0 and "JOIN" not in statement.keys


def _call(statement: Statement, index: int) -> Call:
    token = statement.tokens[index]
    before = statement.key(index - 1)
    in_from = before in _TABLES or (
        before == "," and statement.clause[index] == "FROM" and _beside_tables(statement, index)
    )
    count = _count(statement, index + 1)
    return Call(token.name, index, index + 1, count, in_from, Span(token.start, token.end))


def _beside_tables(statement: Statement, index: int) -> bool:
    """Tell a table in ``FROM a, f(x)`` from an argument in ``FROM g(a, f(x))``."""
    depth = statement.depth[index]
    for i in range(index - 1, -1, -1):
        if statement.depth[i] < depth:
            return False
        if statement.depth[i] == depth and statement.key(i) in _TABLES:
            return True
    return False


def _count(statement: Statement, opening: int) -> int | None:
    closing = statement.partner.get(opening)
    if closing is None:
        return None
    count = 0
    for first, end in statement.arguments(opening):
        if statement.has_holes and any(statement.tokens[i].has_hole for i in range(first, end)):
            return None
        count += not (end - first == 1 and statement.key(first) == "*")
        if "ORDER" in statement.keys and any(
            statement.key(i) == "ORDER" and statement.depth[i] == statement.depth[first] for i in range(first, end)
        ):
            break
    return count
