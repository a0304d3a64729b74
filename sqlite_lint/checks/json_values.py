"""Which operands are JSON values: by their own words, or by the schema and the aliases that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlite_lint.sql.schema import Affinity
from sqlite_lint.sql.scope import scope_of
from sqlite_lint.sql.value import JSON, Source, Value, value_of

if TYPE_CHECKING:
    from sqlite_lint.sql.comparison import Range
    from sqlite_lint.sql.schema import Schema
    from sqlite_lint.sql.statement import Statement


def may_hold_json(statement: Statement, schema: Schema) -> bool:
    """The cheap test: tell whether a word of the statement is the name of a column that gives JSON values."""
    return schema.json is not None and not statement.keys.isdisjoint(schema.json.keys)


def json_value(statement: Statement, operand: Range, schema: Schema) -> Value:
    """As ``value_of``; columns of views, generated columns and aliases in WHERE and HAVING are looked into, too."""
    value = value_of(statement, operand)
    if value.source is not Source.COLUMN or value.at.first >= value.at.end:
        return value
    at = value.at
    scope = scope_of(statement)
    name = statement.tokens[at.end - 1].name
    tables = scope.tables_of(at)
    holders = [table for table in tables if schema.json is not None and schema.json.holds(table, name)]
    definitions = [column for table in tables for column in schema.column(table, name)]
    if len(holders) == 1 and all(column.affinity is Affinity.BLOB for column in definitions):
        return Value(Source.JSON, at, (at,))
    has_all = bool(tables) and all((known := schema.table(table)) is not None and not known.open for table in tables)
    expression = scope.alias(at) if has_all and not definitions else None  # a column of that name comes first
    if expression is None:
        return value
    meant = value_of(statement, expression)
    return Value(meant.source, at, (at,)) if meant.source in JSON else value
