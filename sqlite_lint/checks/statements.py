"""SQL178, SQL186 to SQL188: statements that SQLite lacks, and names that only a server knows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sqlite_lint import catalog
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.sql.witness import VerdictKind
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
    if statement.tokens[0].kind is not Kind.WORD:
        return
    for words in _unsupported().get(statement.keyword, ()):
        text = " ".join(words)
        if statement.keys_at(0, len(words)) == words:
            data = catalog.rule("SQL178").data
            mended = data["fix"].get(text) if len(statement.tokens) == len(words) else None
            fix = mended and SqlFix(f"Write `{mended}`", ((statement.span, mended),), Applicability.UNSAFE)
            advice = dict(data["advice"])[text]
            yield Hit(statement.span_of(0, len(words) - 1), {"text": text, "advice": advice}, fix=fix or None)
            return


@lru_cache(maxsize=1)
def _unsupported() -> dict[str, list[tuple[str, ...]]]:
    """The words that statements begin with which SQLite lacks, by the first of them."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for text, _ in catalog.rule("SQL178").data["advice"]:
        words = tuple(text.split())
        found.setdefault(words[0], []).append(words)
    return found


def system_catalog(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """Tables of ``information_schema`` and ``pg_catalog`` where a table stands."""
    low = statement.text.lower()
    if "pg_" not in low and "information_schema" not in low:
        return
    for at, name in enumerate(statement.tokens):
        named = name.kind in _NAMES and (name.name in _CATALOGS or name.name.startswith("pg_"))
        if not (named and at and _is_table(statement, at)):
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
    """``public.orders``, ``public.orders.id``, ``pg_catalog.lower('A')``; any schema where SQLite takes none."""
    tokens = statement.tokens
    for dot in statement.find("."):
        at = dot - 1
        if at < 0 or dot + 1 >= len(tokens) or tokens[at].kind not in _NAMES or statement.key(at - 1) == ".":
            continue
        if _defines(statement, at) or statement.key(at - 1) in {"::", "AS"}:
            continue
        misplaced = _misplaced(statement, dot, context)
        if misplaced or _is_server_schema(statement, at):
            prefix = Span(tokens[at].start, tokens[dot + 1].start)
            fix = SqlFix(f"Write `{tokens[dot + 1].text}`", ((prefix, ""),))
            yield Hit(statement.span_of(at, dot), {"schema": tokens[at].text}, misplaced, fix=fix)


def _is_server_schema(statement: Statement, at: int) -> bool:
    schema, dot = statement.tokens[at].name, at + 1
    if schema not in _SCHEMAS:
        return False
    if statement.key(dot + 2) == "." or (schema != "pg_catalog" and _is_table(statement, at)):
        return True
    return statement.key(dot + 2) == "(" and statement.key(at - 1) not in _BEFORE_TABLE


def _misplaced(statement: Statement, dot: int, context: SqlContext) -> str | None:
    """What SQLite, which stumbles here, has against a name in front of this one."""
    place = context.verdict.span
    if context.verdict.kind is not VerdictKind.REFUSED or place is None:
        return None
    if statement.key(dot + 2) == "(" and place.start == statement.tokens[dot + 2].start:
        return "SQLite's functions belong to no schema such as {schema}"
    if statement.key(dot - 2) == "REFERENCES" and place.start == statement.tokens[dot].start:
        return "SQLite's foreign keys refer to tables of the same database: {schema} cannot be named"
    return None


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
