"""SQL801 and SQL802: tables and columns that the project's schema does not have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sqlite_lint.regex import regex
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.against import faults, is_shadow, names_of, written
from sqlite_lint.sql.nearest import Names, nearest
from sqlite_lint.sql.witness import LackKind, VerdictKind
from sqlite_lint.text import Applicability

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.against import Fault
    from sqlite_lint.sql.schema import Schema
    from sqlite_lint.sql.statement import Statement
    from sqlite_lint.text import Span

_BUILT_IN: Final = regex(r"sqlite_|pragma_|dbstat\Z|bytecode\Z|tables_used\Z|completion\Z|generate_series\Z", re.I)
_PLAIN: Final = regex(r"[A-Za-z_]\w*\Z", re.ASCII)
_CLOSING: Final = {"[": "]"}
_BEFORE_TABLE: Final = frozenset(
    {"FROM", "JOIN", "INTO", "UPDATE", "ON", "IGNORE", "REPLACE", "ROLLBACK", "ABORT", "FAIL"}
)


def unknown_table(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """Report tables that nothing creates; without a given schema only those named almost like a known one."""
    schema = context.names or context.schema
    for fault in _lacking(statement, context):
        if fault.kind is not LackKind.TABLE or _BUILT_IN.match(fault.name) or is_shadow(fault.name, schema):
            continue
        near = _spellings(schema, len(schema.tables)).near(fault.name)
        if schema.given or (near and not schema.partial and not _is_meant(fault.name.lower(), schema)):
            yield _hit(statement, fault.span, fault.name, near, {})


def _is_meant(name: str, schema: Schema) -> bool:
    """Tell whether DDL speaks of a table that nothing in sight creates: in a trigger, or as a foreign key's parent."""
    return name in schema.triggers or any(name in table.references for table in schema.tables.values())


def unknown_column(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """Report columns that no table in sight can have."""
    if context.use.assembled:
        return
    for fault in _lacking(statement, context):
        if fault.kind is not LackKind.COLUMN:
            continue
        near = nearest(fault.name, names_of(fault.tables))
        tables = [table.spelling or table.name for table in fault.tables]
        where = f"the table {tables[0]} has" if len(tables) == 1 else f"none of the tables {', '.join(tables)} has"
        yield _hit(statement, fault.span, fault.name, near, {"where": where})


def _lacking(statement: Statement, context: SqlContext) -> tuple[Fault, ...]:
    """What the statement lacks of the schema; nothing where there is none, or SQLite cannot say."""
    verdict = context.verdict
    schema = context.names or context.schema
    if not schema or context.use.is_fragment or context.use.probe:
        return ()
    lacks_table = verdict.kind is VerdictKind.LACKS and verdict.lack is not None and verdict.lack.kind is LackKind.TABLE
    if not (lacks_table or verdict.partial) or not (schema.given or _speaks_of(statement, schema, len(schema.tables))):
        return ()
    return faults(statement, schema)


@lru_cache(maxsize=4)
def _speaks_of(statement: Statement, schema: Schema, count: int) -> bool:
    """Tell whether a name where a table stands is that of a known table, or nearly so; of others nothing is said."""
    for i, token in enumerate(statement.tokens):
        if token.key in _BEFORE_TABLE or token.key == ",":
            last = i + 3 if statement.key(i + 2) == "." else i + 1
            name = statement.tokens[last].name if last < len(statement.tokens) else ""
            if name in schema.tables:
                return True
            if token.key != "," and _spellings(schema, count).near(name):
                return True
    return False


@lru_cache(maxsize=4)
def _spellings(schema: Schema, _count: int) -> Names:
    return Names(table.spelling or table.name for table in schema.tables.values())


def _hit(statement: Statement, span: Span, name: str, near: tuple[str, ...], values: dict[str, str]) -> Hit:
    place, token = written(statement, span)
    values = {**values, "name": name, "hint": ""}
    if near:
        values["hint"] = f"; did you mean {' or '.join(near[:3])}?"
    fix = None
    if len(near) == 1 and token:
        fix = SqlFix(f"Write `{near[0]}`", ((place, _in_style(near[0], token)),), Applicability.UNSAFE)
    return Hit(place, values, fix=fix)


def _in_style(name: str, token: str) -> str:
    """``name`` quoted as the name it replaces, or as need be."""
    quote = token[0] if token[0] in '"`[' else "" if _PLAIN.match(name) else '"'
    closing = _CLOSING.get(quote, quote)
    return f"{quote}{name.replace(closing, closing * 2) if closing else name}{closing}"
