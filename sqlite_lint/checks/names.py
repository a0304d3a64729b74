"""What a fix does with whole statements: names for new ones, their place, and how one goes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlite_lint.rule import SqlFix
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.sql.statement import Statement


def bare_name(statement: Statement, table: tuple[int, int]) -> str:
    """The name of a table without quotes and without a schema, to make other names of."""
    token = statement.tokens[table[1] - 1]
    return re.sub(r"\W", "_", token.name)


def append(statement: Statement, text: str) -> tuple[Span, str]:
    """The edit that adds a statement behind this one."""
    end = statement.tokens[-1].end
    return Span(end, end), f";\n{text}"


def index_name(statement: Statement, table: tuple[int, int], opening: int, suffix: str = "idx") -> str:
    """PostgreSQL's name for an index without one: table, columns and a suffix."""
    columns = [statement.tokens[start].name for start, _ in statement.arguments(opening)]
    return "_".join([bare_name(statement, table), *(re.sub(r"\W", "_", column) for column in columns), suffix])


def without(statement: Statement) -> SqlFix:
    """Take the statement out of its script."""
    return SqlFix("Remove the statement", ((statement.whole, ""),), Applicability.UNSAFE, script=True)
