"""Which columns a statement can see, as far as the statement itself and the project's schema tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlite_lint.sql.scope import scope_of

if TYPE_CHECKING:
    from sqlite_lint.sql.schema import Schema
    from sqlite_lint.sql.statement import Statement

ROWID_NAMES: Final = frozenset({"rowid", "oid", "_rowid_"})
_SYSTEM_COLUMNS: Final = ("type", "name", "tbl_name", "rootpage", "sql")
_SYSTEM_TABLES: Final = frozenset({"sqlite_master", "sqlite_schema", "sqlite_temp_master", "sqlite_temp_schema"})
"""Tables that every database has: https://sqlite.org/schematab.html."""


def visible_columns(statement: Statement, schema: Schema) -> frozenset[str] | None:
    """The names of all columns that the statement can see, in lower case; None where they may be more."""
    declared = declared_columns(statement)
    if declared is not None:
        return declared | ROWID_NAMES
    scope = scope_of(statement)
    if not scope.complete:
        return None
    columns = set(ROWID_NAMES)
    for table in scope.tables:
        known = _columns_of(table, schema)
        if known is None:
            return None
        columns.update(known)
    return frozenset(columns)


def declared_columns(statement: Statement) -> frozenset[str] | None:
    """The columns that a CREATE TABLE declares, in lower case; None for other statements, AS SELECT and holes."""
    if statement.keyword != "CREATE" or "TABLE" not in [t.key for t in statement.tokens[:3]] or statement.has_holes:
        return None
    opening = next(statement.find("("), None)
    if opening is None or "AS" in [t.key for t in statement.tokens[:opening]]:
        return None
    return frozenset(statement.tokens[first].name for first, end in statement.arguments(opening) if first < end)


def _columns_of(table: str, schema: Schema) -> tuple[str, ...] | None:
    if table in _SYSTEM_TABLES:
        return _SYSTEM_COLUMNS
    known = schema.table(table)
    if known is None or known.open:
        return None
    return tuple(column.name for column in known.columns)
