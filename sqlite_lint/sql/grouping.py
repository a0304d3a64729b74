"""Columns of grouped queries, by sqlglot's tree: which belongs to which SELECT, and which stands in an aggregate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.text import Span

if TYPE_CHECKING:
    from sqlglot.expressions import Column, Expr, Select

    from sqlite_lint.sql.schema import Schema
    from sqlite_lint.sql.statement import Statement

_IDENTIFIES_A_ROW: Final = ("id", "rowid", "oid", "uuid", "key", "pk")


def bare_columns(statement: Statement, schema: Schema) -> Iterator[tuple[str, Span]]:
    """Names and places of output columns that are neither grouped nor aggregated.

    https://sqlite.org/lang_select.html#bareagg
    """
    if statement.has_holes or statement.tree is None:
        return
    from sqlglot.expressions import Select

    for select in statement.tree.find_all(Select):
        for column in _bare(select, schema):
            place = column.this.meta
            yield column.name, Span(place["start"], place["end"] + 1).shift(statement.span.start)


def _bare(select: Select, schema: Schema) -> Iterator[Column]:
    aggregates = list(_own_aggregates(select))
    keys = _keys(select)
    if not (aggregates or keys) or any(_identifies(key, schema) for key in keys):
        return
    if sum(type(aggregate).__name__ in ("Max", "Min") for aggregate in aggregates) == 1:
        return  # SQLite then takes the other columns from the row of that value, as documented
    grouped = {_written(key) for key in keys} | {key.name.lower() for key in keys if key.name}
    for projection in select.expressions:
        plain = projection.unalias()
        if _written(plain) in grouped or (projection.alias and projection.alias.lower() in grouped):
            continue
        for column in _columns(plain, select):
            if column.name.lower() not in grouped and "start" in column.this.meta:
                yield column


def _written(expression: Expr) -> str:
    """An expression in one spelling, for comparison; what sqlglot cannot write is no matter to warn of."""
    from sqlglot import ErrorLevel

    return expression.sql(unsupported_level=ErrorLevel.IGNORE).lower()


def _keys(select: Select) -> list[Expr]:
    """What the query groups by; a number stands for the column of the result at that place."""
    group = select.args.get("group")
    keys = list(group.expressions) if group is not None else []
    at = [int(key.name) - 1 if key.is_int else None for key in keys]
    outputs = select.expressions
    return [
        outputs[place].unalias() if place is not None and 0 <= place < len(outputs) else key
        for key, place in zip(keys, at, strict=True)
    ]


def _own_aggregates(select: Select) -> Iterator[Expr]:
    from sqlglot.expressions import AggFunc, Window
    from sqlglot.expressions import Select as AnySelect

    for projection in select.expressions:
        for found in projection.find_all(AggFunc):
            if found.find_ancestor(AnySelect) is select and not isinstance(found.parent, Window):
                yield found


def _columns(projection: Expr, select: Select) -> Iterator[Column]:
    """The columns of ``select`` in one of its outputs, outside aggregates and window functions."""
    from sqlglot.expressions import AggFunc, Column, Star, Window
    from sqlglot.expressions import Select as AnySelect

    for column in projection.find_all(Column):
        if isinstance(column.this, Star) or column.find_ancestor(AnySelect) is not select:
            continue
        if column.find_ancestor(AggFunc, Window) is None and not column.this.args.get("quoted"):
            yield column


def _identifies(key: Expr, schema: Schema) -> bool:
    """Tell whether a key names single rows, so that the other columns follow from it."""
    name = key.name.lower()
    if name in _IDENTIFIES_A_ROW or name.endswith(("_id", "_key", "_uuid")):
        return True
    return any(name in table.primary_key for table in schema.tables.values())
