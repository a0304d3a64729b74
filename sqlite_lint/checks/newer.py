"""SQL108: constructs that the oldest SQLite the code must run on does not have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlite_lint.provided import is_provided
from sqlite_lint.rule import Hit
from sqlite_lint.sql.versions import newer_than

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement


def check(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """Report each construct that is newer than the target version; what no stock build has is for SQL158 to say."""
    if context.use.probe and statement.keyword == "SELECT" and "FROM" not in statement.keys:
        return  # it reads nothing: the code asks what this SQLite can do, and goes another way where it cannot
    for feature in newer_than(statement, context.target):
        if feature.since is None or (feature.function and is_provided(feature.function, context)):
            continue
        yield Hit(feature.span, {"complaint": feature.complaint(context.target)})
