"""Which tables a statement reads or writes, and which names in it can only be names of columns, tables or aliases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from sqlite_lint.sql.primary import is_name
from sqlite_lint.sql.statement import Statement
from sqlite_lint.sql.tokens import Kind

_BEFORE_TABLE: Final = frozenset({"FROM", "JOIN", "INTO", "UPDATE", "TABLE"})
_SYSTEM_COLUMNS: Final = ("type", "name", "tbl_name", "rootpage", "sql")

SYSTEM_TABLES: Final = dict.fromkeys(
    ("sqlite_master", "sqlite_schema", "sqlite_temp_master", "sqlite_temp_schema"), _SYSTEM_COLUMNS
)
"""Tables that every database has, with their columns: https://sqlite.org/schematab.html."""

ROWID_NAMES: Final = frozenset({"rowid", "oid", "_rowid_"})


class Tables(NamedTuple):
    """The tables that a statement names, in lower case and without their database.

    ``complete`` tells that its columns come from these tables alone: no subquery, function or hole in FROM.
    """

    names: tuple[str, ...]
    complete: bool


def tables(statement: Statement) -> Tables:
    """All tables of the statement and of its subqueries."""
    names: list[str] = []
    complete = not statement.has_holes and statement.keyword != "WITH"
    for at in _table_places(statement):
        name = _table_at(statement, at)
        if name is None:
            complete = False
        else:
            names.append(name)
    return Tables(tuple(dict.fromkeys(names)), complete)


def _table_places(statement: Statement) -> Iterator[int]:
    clause = statement.clause
    around = enclosing(statement)
    for i, token in enumerate(statement.tokens):
        if token.kind is Kind.WORD and token.key in _BEFORE_TABLE and not _is_other_use(statement, i):
            yield i + (3 if statement.keys_at(i, 2) == ("UPDATE", "OR") else 1)
        elif (
            token.key == ","
            and token.kind is Kind.OP
            and clause[i] in {"FROM", "JOIN"}
            and _separates_tables(statement, around[i])
        ):
            yield i + 1


def _is_other_use(statement: Statement, index: int) -> bool:
    """``IS DISTINCT FROM``, ``DO UPDATE SET``, ``ON UPDATE CASCADE``, ``substring(x FROM 2)``."""
    before, key = statement.key(index - 1), statement.key(index)
    if key == "FROM":
        return before == "DISTINCT" and statement.key(index - 2) in {"IS", "NOT"}
    return key == "UPDATE" and before in {"DO", "ON", "FOR", "KEY", "AFTER", "BEFORE", "OF"}


def _separates_tables(statement: Statement, opening: int) -> bool:
    """Tell whether a comma in FROM, in the bracket at ``opening`` (-1: in none), stands between two tables."""
    if opening < 0 or statement.key(opening + 1) in {"SELECT", "WITH"}:
        return True
    return not is_name(statement, opening - 1)


def enclosing(statement: Statement) -> list[int]:
    """For each token the index of the bracket that opens around it; -1 outside of brackets."""
    around = []
    stack = [-1]
    for i, token in enumerate(statement.tokens):
        if token.kind is Kind.OP and i in statement.partner:
            if statement.partner[i] < i:
                stack.pop()
                around.append(stack[-1])
                continue
            around.append(stack[-1])
            stack.append(i)
        else:
            around.append(stack[-1])
    return around


def _table_at(statement: Statement, index: int) -> str | None:
    while statement.key(index) in {"IF", "NOT", "EXISTS", "ONLY", "LATERAL"}:
        index += 1
    if not is_name(statement, index):
        return None
    while statement.key(index + 1) == "." and is_name(statement, index + 2):
        index += 2
    token = statement.tokens[index]
    if token.has_hole or (statement.key(index + 1) == "(" and statement.clause[index] in {"FROM", "JOIN"}):
        return None
    return token.name


def declared_columns(statement: Statement) -> frozenset[str] | None:
    """The columns that a CREATE TABLE declares, in lower case; None for other statements, AS SELECT and holes."""
    if statement.keyword != "CREATE" or "TABLE" not in [t.key for t in statement.tokens[:3]] or statement.has_holes:
        return None
    opening = next(statement.find("("), None)
    if opening is None or "AS" in [t.key for t in statement.tokens[:opening]]:
        return None
    names = [statement.tokens[first].name for first, end in statement.arguments(opening) if first < end]
    return frozenset(names)
