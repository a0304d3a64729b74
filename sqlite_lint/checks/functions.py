"""SQL299: functions of PostgreSQL and MySQL of which no other page speaks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from sqlite_lint import catalog
from sqlite_lint.provided import is_provided
from sqlite_lint.rule import Hit
from sqlite_lint.sql.calls import calls
from sqlite_lint.sql.functions import (
    internal_functions,
    is_sqlite_function,
    mysql_functions,
    postgres_functions,
    rare_functions,
    table_function_since,
)
from sqlite_lint.sql.tokens import Kind

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement


def check(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """Report calls of functions that only PostgreSQL or MySQL has."""
    for call in calls(statement):
        quoted = statement.tokens[call.at].kind is Kind.QUOTED  # patterns look for words
        if call.name in (_quoted() if quoted else _foreign()) and not is_provided(call.name, context):
            is_mysql = call.name in mysql_functions() and call.name not in postgres_functions()
            yield Hit(call.span, {"name": call.name, "engine": "MySQL" if is_mysql else "PostgreSQL"})


@cache
def _foreign() -> frozenset[str]:
    known = postgres_functions().keys() | mysql_functions().keys()
    telling = {*catalog.rule("SQL299").data["telling"]} | internal_functions() | {name for name in known if "_" in name}
    sqlites = {name for name in telling if is_sqlite_function(name) or table_function_since(name) is not None}
    return frozenset(telling - sqlites - rare_functions() - _described())


@cache
def _quoted() -> frozenset[str]:
    known = postgres_functions().keys() | mysql_functions().keys()
    others = {name for name in _described() & known if not is_sqlite_function(name)}
    return _foreign() | others - rare_functions()


def _described() -> set[str]:
    """The functions that other pages speak of, selected or not."""
    return {
        detect.pattern.partition("(")[0].lower() for rule in catalog.rules() for detect in rule.detects if detect.call
    }
