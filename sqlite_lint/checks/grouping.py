"""Columns of a grouped query that are neither grouped nor aggregated."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlite_lint.rule import Hit, SqlContext
from sqlite_lint.sql.grouping import bare_columns

if TYPE_CHECKING:
    from sqlite_lint.sql.statement import Statement


def check(statement: Statement, context: SqlContext) -> Iterable[Hit]:
    """Report bare columns."""
    for column, span in bare_columns(statement, context.schema):
        yield Hit(span, {"column": column})
