"""SQL178, SQL186 to SQL188: statements that SQLite lacks, and names that only a server knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint import catalog
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_NAMES: Final = (Kind.WORD, Kind.QUOTED)
_BEFORE_TABLE: Final = frozenset(
    {"FROM", "JOIN", "INTO", "UPDATE", "TABLE", "VIEW", "INDEX", "EXISTS", "ON", "REFERENCES", "TRIGGER", "ONLY",
     "USING", "TRUNCATE", "ANALYZE", "REINDEX"}
)  # fmt: skip
_CATALOGS: Final = frozenset({"information_schema", "pg_catalog"})
_SCHEMAS: Final = frozenset({"public", "dbo", "pg_catalog"})
_CONSTRAINTS: Final = frozenset(
    {"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "LIKE", "EXCLUDE", "KEY", "INDEX", "PERIOD"}
)


def unsupported(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """Statements that SQLite does not have at all, told by the words they begin with."""
    data = catalog.rule("SQL178").data
    if statement.tokens[0].kind is not Kind.WORD:
        return
    for words, advice in data["advice"]:
        wanted = words.split()
        if statement.keyword == wanted[0] and statement.keys_at(0, len(wanted)) == tuple(wanted):
            mended = data["fix"].get(words) if len(statement.tokens) == len(wanted) else None
            fix = mended and SqlFix(f"Write `{mended}`", ((statement.span, mended),), Applicability.UNSAFE)
            yield Hit(statement.span_of(0, len(wanted) - 1), {"text": words, "advice": advice}, fix=fix or None)
            return


def system_catalog(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """Tables of ``information_schema`` and ``pg_catalog`` where a table stands."""
    for at in range(1, len(statement.tokens)):
        name = statement.tokens[at]
        if name.kind not in _NAMES or not _is_table(statement, at):
            continue
        last = at + 2 if statement.key(at + 1) == "." and at + 2 < len(statement.tokens) else at
        table = statement.tokens[last].name
        known = table.startswith("pg_") and statement.key(last + 1) != "(" and context.schema.table(table) is None
        if name.name in _CATALOGS if last > at else known:
            span = statement.span_of(at, last)
            yield Hit(span, {"table": statement.text[span.start : span.end], "advice": _advice(table)})


def _is_table(statement: Statement, at: int) -> bool:
    """Tell whether a table's name begins at token ``at``: behind FROM, JOIN, INTO or a comma between tables."""
    before = statement.key(at - 1)
    if before == "," and statement.key(at - 2) != ")":
        return statement.clause[at] == "FROM" and statement.clause[at - 1] == "FROM" and _in_from_list(statement, at)
    return before in _BEFORE_TABLE and statement.tokens[at - 1].kind is Kind.WORD


def _in_from_list(statement: Statement, at: int) -> bool:
    """Tell a comma between tables from one between arguments."""
    around = statement.around[at]
    return around < 0 or statement.key(around + 1) in {"SELECT", "WITH"} or statement.key(around - 1) == "FROM"


def _advice(table: str) -> str:
    for prefix, advice in catalog.rule("SQL186").data["advice"]:
        if table.startswith(prefix):
            return str(advice)
    raise AssertionError("the last entry takes every name")


def schema_prefix(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``public.orders``, ``public.orders.id``, ``pg_catalog.lower('A')``."""
    tokens = statement.tokens
    for dot in statement.find("."):
        at = dot - 1
        if at < 0 or dot + 1 >= len(tokens) or tokens[at].kind not in _NAMES or statement.key(at - 1) == ".":
            continue
        schema = tokens[at].name
        if schema not in _SCHEMAS or _defines(statement, at):
            continue
        called = statement.key(dot + 2) == "(" and statement.key(at - 1) not in _BEFORE_TABLE
        qualifies = statement.key(dot + 2) == "." or (schema != "pg_catalog" and _is_table(statement, at)) or called
        if qualifies and statement.key(at - 1) not in {"::", "AS"}:
            prefix = Span(tokens[at].start, tokens[dot + 1].start)
            fix = SqlFix(f"Write `{tokens[dot + 1].text}`", ((prefix, ""),))
            yield Hit(statement.span_of(at, dot), {"schema": tokens[at].text}, fix=fix)


def _defines(statement: Statement, at: int) -> bool:
    """Tell whether ``at`` is the schema's own name, after CREATE SCHEMA or ATTACH ... AS."""
    return statement.key(at - 1) in {"SCHEMA", "DATABASE"} or statement.keyword == "ATTACH"


def numbered_parameter(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``$2`` that is not the second parameter: SQLite counts ``$n`` by first appearance."""
    if context.use.params.named is not None:
        return  # bound by name
    positions: dict[str, int] = {}
    found = [token for token in statement.tokens if token.kind is Kind.PARAM]
    if not all(token.text[0] == "$" and token.text[1:].isdigit() for token in found):
        return
    for token in found:
        positions.setdefault(token.text, len(positions) + 1)
    if all(position == int(text[1:]) for text, position in positions.items()):
        return
    if sorted(int(text[1:]) for text in positions) != list(range(1, len(positions) + 1)):
        return  # numbers are missing: the statement is a part of another one
    edits = tuple((Span(token.start, token.start + 1), "?") for token in found)
    fix: SqlFix | None = SqlFix("Write `?1`, `?2`, ...", edits)
    for token in found:
        position = positions[token.text]
        if position != int(token.text[1:]):
            values = {"text": token.text, "position": str(position)}
            yield Hit(Span(token.start, token.end), values, fix=fix)
            fix = None  # one edit mends them all


def duplicate_column(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """Two columns of a CREATE TABLE whose names differ in case only."""
    table = next(iter(statement.find("TABLE")), None)
    opening = None if statement.keyword != "CREATE" or table is None else next(iter(statement.find("(", table)), None)
    if opening is None or "AS" in {statement.key(opening - 1), statement.key(opening - 2)}:
        return
    seen: dict[str, str] = {}
    for start, end in statement.arguments(opening):
        token = statement.tokens[start]
        if token.kind not in _NAMES or token.key in _CONSTRAINTS or token.has_hole or end == start:
            continue
        if token.name in seen:
            yield Hit(statement.span_of(start, start), {"text": seen[token.name], "other": token.text})
        seen.setdefault(token.name, token.text)
