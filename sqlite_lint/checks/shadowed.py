"""SQL476: an alias with the name of a column, where SQLite takes the column.

In ORDER BY a lone name is the alias; in GROUP BY, in HAVING and inside any expression the column comes first
(https://sqlite.org/lang_select.html#resultset).  That there is such a column shows in the alias's own expression.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.checks.cut import mark
from sqlite_lint.checks.seek import is_inside_call
from sqlite_lint.diagnostic import Severity
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.comparison import Range
from sqlite_lint.sql.scope import scope_of
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.sql.value import Source, value_of
from sqlite_lint.text import Applicability

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_AGGREGATES: Final = frozenset({"SUM", "COUNT", "AVG", "TOTAL", "GROUP_CONCAT", "STRING_AGG"})
"""Without MAX and MIN: beside a lone one of them, a bare column is that of the row with the value."""
_ANY_AGGREGATE: Final = _AGGREGATES | {"MAX", "MIN", "JSON_GROUP_ARRAY", "JSON_GROUP_OBJECT", "COUNT"}
_LOSSY: Final = frozenset(
    {"DATE", "STRFTIME", "SUBSTR", "SUBSTRING", "LOWER", "UPPER", "TRIM", "LTRIM", "RTRIM", "ROUND", "FLOOR", "CEIL"}
)
"""Functions that give one value for several."""
_AROUND_ITEM: Final = frozenset({"BY", ",", ")", "", ";", "HAVING", "ORDER", "LIMIT", "ASC", "DESC", "COLLATE", "NULLS",
                                 "WINDOW", "UNION", "EXCEPT", "INTERSECT"})  # fmt: skip
_CLAUSES: Final = frozenset({"HAVING", "GROUP BY", "ORDER BY"})
_BARE: Final = "{text} is the column here, of an arbitrary row of the group, not the alias for {meant}"
_UNGROUPED: Final = "{text} is the column here, not the alias: rows with the same {meant} are not brought together"


def check(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``sum(total) AS total ... HAVING total > 10``, ``date(at) AS at ... GROUP BY at``."""
    if not {"HAVING", "GROUP", "ORDER"} & statement.keys or "AS" not in statement.keys:
        return
    used: dict[str, list[int]] = {}
    for i, token in enumerate(statement.tokens):
        if statement.clause[i] in _CLAUSES and _is_column(statement, i, token.name) and statement.key(i - 1) != ".":
            used.setdefault(token.name, []).append(i)
    for number, query in enumerate(scope_of(statement).queries):
        for name in query.aliased & used.keys():
            expression = query.outputs.get(name)
            places = [i for i in used[name] if scope_of(statement).query_around(i) == number]
            if places and expression is not None and _names_itself(statement, expression, name):
                yield from _uses(statement, places, expression)


def _names_itself(statement: Statement, expression: Range, name: str) -> bool:
    """Tell whether a column of this name stands in the expression, itself more than that column."""
    scope = scope_of(statement)
    query = scope.query_around(expression.first)
    is_more = value_of(statement, expression).source is not Source.COLUMN
    return is_more and any(
        _is_column(statement, i, name) and scope.query_around(i) == query for i in range(*expression)
    )


def _is_column(statement: Statement, index: int, name: str) -> bool:
    token = statement.tokens[index]
    if token.kind not in (Kind.WORD, Kind.QUOTED) or token.name != name:
        return False
    return statement.key(index + 1) not in {"(", "."} and statement.key(index - 1) != "AS"


def _uses(statement: Statement, places: list[int], expression: Range) -> Iterator[Hit]:
    is_sum = any(
        statement.key(i) in _AGGREGATES and statement.key(i + 1) == "(" and not _has_window(statement, i)
        for i in range(*expression)
    )
    grouped = [i for i in places if statement.clause[i] == "GROUP BY" and _is_item(statement, i)]
    if is_sum and not grouped:
        for i in places:
            is_lone = statement.clause[i] == "ORDER BY" and _is_item(statement, i)
            if statement.clause[i] != "GROUP BY" and not is_lone and not is_inside_call(statement, i, _ANY_AGGREGATE):
                yield _hit(statement, i, expression, _BARE, Severity.ERROR)
    elif not is_sum and _is_lossy(statement, expression):
        for i in grouped:
            yield _hit(statement, i, expression, _UNGROUPED, Severity.WARNING)


def _has_window(statement: Statement, call: int) -> bool:
    end = statement.partner.get(call + 1, call) + 1
    if statement.key(end) == "FILTER":
        end = statement.partner.get(end + 1, end) + 1
    return statement.key(end) == "OVER"


def _is_item(statement: Statement, index: int) -> bool:
    """Tell whether the name is a whole item of a list."""
    return statement.key(index - 1) in {"BY", ","} and statement.key(index + 1) in _AROUND_ITEM


def _is_lossy(statement: Statement, expression: Range) -> bool:
    opening = expression.first + 1
    is_call = statement.key(opening) == "(" and statement.partner.get(opening) == expression.end - 1
    if is_call and statement.key(expression.first) in _LOSSY:
        return True
    return value_of(statement, expression).source in (Source.JSON, Source.JSON_TEXT)


def _hit(statement: Statement, index: int, expression: Range, message: str, severity: Severity) -> Hit:
    meant = " ".join(statement.text_of(*expression).split())
    has_hole = any(token.has_hole for token in statement.tokens[expression.first : expression.end])
    edits = ((statement.span_of(index, index), statement.text_of(*expression)),)
    fix = None if has_hole or len(meant) > 80 else SqlFix(f"Write `{meant}`", edits, Applicability.UNSAFE)
    values = {"text": statement.tokens[index].text, "meant": meant if len(meant) <= 40 else meant[:39] + "…"}
    return mark(statement, index, index + 1, fix)._replace(values=values, message=message, severity=severity)
