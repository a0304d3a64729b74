"""SQL470 to SQL472, SQL475: what NULL does to comparisons, lists, texts and sorting.

NULL compared with anything is neither true nor false (https://sqlite.org/nulls.html).  Whether a column may hold NULL
is told by the project's schema; where it is not known, nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.checks.bound import Bound
from sqlite_lint.checks.cut import cut_item, mark
from sqlite_lint.checks.seek import is_inside_call, items, level_end, seek
from sqlite_lint.hosts.model import Sink, ValueType
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.comparison import EQUALITY, Comparison, Form, Range, comparisons
from sqlite_lint.sql.declared import columns_behind, compared_names, operations
from sqlite_lint.sql.primary import CONCAT, is_name
from sqlite_lint.sql.scope import scope_of
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.sql.value import Source, Value, value_of
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.schema import Column, Schema
    from sqlite_lint.sql.statement import Statement

_NEVER: Final = "nothing equals NULL and nothing differs from it: {text} is never true"
_NEVER_ROW: Final = "nothing equals NULL and nothing differs from it: rows with NULL never compare as equal"
_LISTED: Final = "NULL in the list finds no row: a NULL is not IN (NULL)"
_WHEN: Final = "WHEN NULL is never taken: nothing equals NULL"
_NOT_LISTED: Final = "NOT IN a list with NULL is never true"
_NOT_SELECTED: Final = "NOT IN is never true once {column} holds a NULL, which its declaration allows"

_CONDITIONS: Final = frozenset(
    {"WHERE", "ON", "HAVING", "CHECK", "SELECT", "JOIN", "ORDER BY", "GROUP BY", "RETURNING"}
)
_BEFORE_CONDITION: Final = frozenset({"WHERE", "AND", "OR", "NOT", "WHEN", "ON", "HAVING"})
_TAKES_CONDITION: Final = frozenset({"COUNT", "SUM", "TOTAL", "AVG", "MAX", "MIN", "IIF", "IF", "COALESCE", "IFNULL"})
_CHOOSING: Final = frozenset({"COALESCE", "IFNULL"})
_ENDS_WHERE: Final = frozenset({"GROUP", "ORDER", "LIMIT", "HAVING", "WINDOW"})
_ENDS_ORDER: Final = frozenset({"LIMIT", "ROWS", "RANGE", "GROUPS", "UNION", "EXCEPT", "INTERSECT", "FETCH", "OFFSET",
                                "FOR", "WINDOW"})  # fmt: skip


def compared(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``parent = NULL``: never true."""
    nulls = _Nulls(statement, context)
    if not nulls.any:
        return
    for comparison in comparisons(statement):
        if comparison.form is Form.IS or not _is_condition(statement, comparison):
            continue
        if comparison.form is Form.IN:
            if statement.key(comparison.anchor) != "NOT":
                yield from (mark(statement, *at)._replace(message=_LISTED) for at in nulls.literals(comparison.others))
        elif comparison.form is Form.CASE:
            yield from (mark(statement, *at)._replace(message=_WHEN) for at in nulls.literals(comparison.others))
        else:
            yield from nulls.never_true(comparison)


class _Nulls:
    """Finds the operands of one statement that are NULL."""

    def __init__(self, statement: Statement, context: SqlContext) -> None:
        params = context.use.params
        self.statement = statement
        self.bound = Bound(statement, params)
        # Of the rows of executemany() only the first is known.
        self.any_bound = context.use.sink is not Sink.EXECUTEMANY and (
            ValueType.NULL in (params.positional or ()) or ValueType.NULL in (params.named or {}).values()
        )
        if self.any_bound and any(statement.tokens[i - 1].kind is Kind.PARAM for i in statement.find("IS")):
            self.any_bound = False  # ? IS NULL OR x = ?

    @property
    def any(self) -> bool:
        return self.any_bound or "NULL" in self.statement.keys

    def is_null(self, value: Value) -> bool:
        if value.source is Source.PARAM:
            return self.any_bound and self.bound.type(value.at.first) is ValueType.NULL
        return value.source is Source.NULL

    def literals(self, operands: tuple[Range, ...]) -> Iterator[Range]:
        for operand in operands:
            value = value_of(self.statement, operand)
            if value.source is Source.NULL:
                yield value.at

    def never_true(self, comparison: Comparison) -> Iterator[Hit]:
        statement = self.statement
        subject = value_of(statement, comparison.subject)
        others = [value_of(statement, other) for other in comparison.others]
        null = next((value for value in others if self.is_null(value)), None)
        if null is None and self.is_null(subject):
            null = subject
        if null is None or _are_constant(subject, *others):
            return
        is_row = statement.key(comparison.anchor - 1) == ")" and comparison.subject.end < comparison.anchor
        first = min(comparison.subject.first, null.at.first)
        end = max(comparison.others[-1].end, comparison.subject.end)
        hit = mark(statement, *(null.at if is_row else (first, end)))
        if null.source is Source.PARAM:
            hit = hit._replace(values={"text": f"{hit.values['text']}, with None bound,"})
        fix = None if is_row else _is_fix(statement, comparison, null, subject)
        yield hit._replace(message=_NEVER_ROW if is_row else _NEVER, fix=fix)


def _are_constant(*values: Value) -> bool:
    """Tell whether only literals meet: ``SELECT NULL = NULL`` shows what NULL does."""
    return all(value.source in (Source.NULL, Source.TEXT, Source.NUMBER, Source.BLOB) for value in values)


def _is_fix(statement: Statement, comparison: Comparison, null: Value, subject: Value) -> SqlFix | None:
    anchor = statement.tokens[comparison.anchor]
    if comparison.form is not Form.OPERATOR or anchor.key not in EQUALITY or null is subject:
        return None
    word = "IS" if anchor.key in {"=", "=="} else "IS NOT"
    before = "" if statement.text[anchor.start - 1].isspace() else " "
    after = "" if statement.text[anchor.end].isspace() else " "
    shown = "NULL" if null.source is Source.NULL else statement.text_of(*null.at)
    edits = ((Span(anchor.start, anchor.end), before + word + after),)
    return SqlFix(f"Write `{word} {shown}`", edits, Applicability.UNSAFE)


def _is_condition(statement: Statement, comparison: Comparison) -> bool:
    """Tell a comparison from ``SET a = NULL`` and from arguments by name, whole or in pieces."""
    first = comparison.subject.first
    before = statement.key(first - 1)
    if before in _BEFORE_CONDITION or comparison.form is Form.CASE:
        return True
    if statement.clause[comparison.anchor] not in _CONDITIONS:
        return False
    opening = statement.around[first]
    if opening < 1 or not is_name(statement, opening - 1) or statement.key(opening - 1) in _TAKES_CONDITION:
        return first > 0 and not statement.tokens[first - 1].has_hole
    return False


def not_in(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``id NOT IN (SELECT parent ...)`` where parent may be NULL, ``NOT IN (1, NULL)``."""
    nulls = _Nulls(statement, context)
    if nulls.any:
        for comparison in comparisons(statement):
            if comparison.form is Form.IN and statement.key(comparison.anchor) == "NOT":
                yield from _listed(statement, nulls, comparison)
    for at in statement.find("IN"):
        if statement.key(at - 1) == "NOT" and statement.key(at + 1) == "(":
            yield from _selected(statement, at, context.schema)


def _listed(statement: Statement, nulls: _Nulls, comparison: Comparison) -> Iterator[Hit]:
    for other in comparison.others:
        value = value_of(statement, other)
        if nulls.is_null(value):
            edits = cut_item(statement, *other) if value.source is Source.NULL and len(comparison.others) > 1 else None
            fix = SqlFix("Leave NULL out", edits, Applicability.UNSAFE) if edits else None
            yield mark(statement, *value.at, fix)._replace(message=_NOT_LISTED)
            return


def _selected(statement: Statement, at: int, schema: Schema) -> Iterator[Hit]:
    scope = scope_of(statement)
    index = scope.query_at(at + 1)
    column = None if index is None else scope.queries[index].first
    if index is None or column is None or not schema:
        return
    query = scope.queries[index]
    value = value_of(statement, column)
    definitions = _own_column(statement, value.at, schema) if value.source is Source.COLUMN else ()
    if not _may_be_null(definitions) or query.at.end != statement.partner[at + 1]:
        return
    name = statement.tokens[value.at.end - 1].name
    if any(t.name == name for t in statement.tokens[column.end : query.at.end] if t.kind in (Kind.WORD, Kind.QUOTED)):
        return  # tested, joined on or grouped by: whoever wrote that may have seen to the NULLs
    fix = _not_null_fix(statement, Range(column.end, query.at.end), statement.text_of(*value.at))
    hit = mark(statement, at - 1, at + 1, fix, None if fix else "leave the NULLs out in the subquery")
    yield hit._replace(values={"column": statement.text_of(*value.at)}, message=_NOT_SELECTED)


def _own_column(statement: Statement, at: Range, schema: Schema) -> tuple[Column, ...]:
    """The definitions of a column of the query's own tables; none where that is not beyond doubt."""
    tables = scope_of(statement).tables_of(at)
    if any(schema.table(table) is None for table in tables):
        return ()
    name = statement.tokens[at.end - 1].name
    holders = [found for table in tables if (found := schema.column(table, name))]
    return holders[0] if len(holders) == 1 else ()


def _may_be_null(definitions: tuple[Column, ...]) -> bool:
    """Tell whether the schema allows NULLs in a column and nothing speaks against them."""
    return bool(definitions) and not any(
        column.not_null or column.primary_key or column.generated or column.default.upper() not in ("", "NULL")
        for column in definitions
    )


def _not_null_fix(statement: Statement, rest: Range, column: str) -> SqlFix | None:
    """Add ``column IS NOT NULL`` to the conditions of the subquery whose FROM begins at ``rest``."""
    end = seek(statement, _ENDS_WHERE, rest.first, rest.end)
    stop = rest.end if end is None else end
    where = seek(statement, {"WHERE"}, rest.first, stop)
    if seek(statement, {"GROUP"}, rest.first, rest.end) is not None:
        return None
    if where is not None and seek(statement, {"OR"}, where, stop) is not None:
        return None
    place = statement.tokens[stop - 1].end
    text = f" {'WHERE' if where is None else 'AND'} {column} IS NOT NULL"
    return SqlFix("Leave the NULLs out", ((Span(place, place), text),), Applicability.UNSAFE)


def concatenated(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``first || ' ' || last`` where one may be NULL."""
    if not context.schema:
        return
    seen: set[Range] = set()
    tested = compared_names(statement)
    for operator, *operands in operations(statement, frozenset({"||"}), CONCAT):
        if is_inside_call(statement, operator, _CHOOSING):
            continue
        for operand in operands:
            if operand in seen or statement.tokens[operand.end - 1].name in tested:
                continue
            seen.add(operand)
            if _may_be_null(columns_behind(statement, operand, context.schema)):
                span = statement.span_of(operand.first, operand.end - 1)
                edits = ((Span(span.start, span.start), "coalesce("), (Span(span.end, span.end), ", '')"))
                fix = SqlFix("Take NULL for an empty text", edits, Applicability.UNSAFE)
                yield mark(statement, *operand, fix)


def sorted_first(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``ORDER BY due`` where due may be NULL."""
    if not context.schema:
        return
    tested = compared_names(statement)
    for at in statement.find("ORDER"):
        if statement.key(at + 1) != "BY" or at + 2 >= len(statement.tokens):
            continue
        end = seek(statement, _ENDS_ORDER, at + 2, level_end(statement, at)) or level_end(statement, at)
        for first, stop in items(statement, at + 2, end):
            words = [statement.key(i) for i in range(first, stop)]
            column = Range(first, stop - 1 if words[-1:] in (["ASC"], ["DESC"]) else stop)
            if first >= stop or "NULLS" in words or statement.tokens[column.end - 1].name in tested:
                continue
            if _may_be_null(columns_behind(statement, column, context.schema)):
                order = "NULLS FIRST" if words[-1] == "DESC" else "NULLS LAST"
                place = statement.tokens[stop - 1].end
                fix = SqlFix(f"Add `{order}`", ((Span(place, place), f" {order}"),), Applicability.UNSAFE)
                ends = "last" if words[-1] == "DESC" else "first"
                hit = mark(statement, first, stop, fix)
                yield hit._replace(values={"text": statement.text_of(*column), "ends": ends})
