"""SQL299: functions of PostgreSQL and MySQL of which no other page speaks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

from sqlite_lint.provided import is_provided
from sqlite_lint.rule import Hit
from sqlite_lint.sql.calls import calls
from sqlite_lint.sql.functions import (
    is_sqlite_function,
    mysql_functions,
    postgres_functions,
    rare_functions,
    table_function_since,
)

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_TELLING: Final = frozenset(
    {"daterange", "datemultirange", "int4range", "int8range", "int4multirange", "int8multirange", "numrange", "tsrange",
     "tstzrange", "nummultirange", "isempty", "hostmask", "masklen", "netmask", "macaddr8", "xmlelement", "xmlcomment",
     "xmlexists", "xmlvalidate", "xpath", "extractvalue", "updatexml", "coercibility", "collation", "geomfromtext"}
)  # fmt: skip
"""Names that belong to an engine beyond doubt though they are one word; others may be anybody's."""


def check(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """Report calls of functions that only PostgreSQL or MySQL has."""
    for call in calls(statement):
        if call.name in _foreign() and not is_provided(call.name, context):
            engine = "PostgreSQL" if call.name in postgres_functions() else "MySQL"
            yield Hit(call.span, {"name": call.name, "engine": engine})


@cache
def _foreign() -> frozenset[str]:
    known = postgres_functions().keys() | mysql_functions().keys()
    telling = {name for name in known if "_" in name or name in _TELLING}
    sqlites = {name for name in telling if is_sqlite_function(name) or table_function_since(name) is not None}
    return frozenset(telling - sqlites - rare_functions())
