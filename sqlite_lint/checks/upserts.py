"""SQL151, SQL161, SQL162: what follows the values of an INSERT."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.checks.seek import seek, target
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_WITHOUT_TARGET: Final = (3, 35)  # https://sqlite.org/changes.html: ON CONFLICT DO UPDATE without columns
_NO_ALIAS: Final = frozenset(
    {"SET", "VALUES", "SELECT", "DEFAULT", "WHERE", "WITH", "RETURNING", "ON", "USING", "VALUE"}
)
_AFTER_FROM: Final = frozenset({"WHERE", "GROUP", "HAVING", "WINDOW", "ORDER", "LIMIT"})
_SET_OPERATORS: Final = frozenset({"UNION", "EXCEPT", "INTERSECT"})


def on_duplicate_key(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """MySQL's ON DUPLICATE KEY UPDATE."""
    for at in statement.find("DUPLICATE"):
        if statement.keys_at(at - 1, 4) == ("ON", "DUPLICATE", "KEY", "UPDATE"):
            fix = _on_conflict(statement, at - 1) if context.target >= _WITHOUT_TARGET else None
            yield Hit(statement.span_of(at - 1, at + 2), fix=fix)


def _on_conflict(statement: Statement, at: int) -> SqlFix:
    edits = [(statement.span_of(at, at + 3), "ON CONFLICT DO UPDATE SET")]
    tokens = statement.tokens
    row = ""
    if statement.key(at - 2) == "AS":  # INSERT ... VALUES (...) AS new
        row = tokens[at - 1].name
        edits.append((Span(tokens[at - 3].end, tokens[at - 1].end), ""))
    for i in range(at + 4, len(tokens)):
        if statement.keys_at(i, 2) == ("VALUES", "(") and statement.key(i + 3) == ")":
            edits.append((Span(tokens[i].start, tokens[i + 1].end), "excluded."))
            edits.append((statement.span_of(i + 3, i + 3), ""))
        elif row and statement.key(i + 1) == "." and tokens[i].name == row:
            edits.append((statement.span_of(i, i), "excluded"))
    return SqlFix("Write `ON CONFLICT DO UPDATE SET`", tuple(sorted(edits)), Applicability.UNSAFE)


def after_select(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``INSERT ... SELECT ... FROM t ON CONFLICT``: SQLite reads ON as the condition of a join."""
    into = next(iter(statement.find("INTO")), None)
    select = None if into is None else seek(statement, {"SELECT"}, into)
    if select is None or seek(statement, {"VALUES"}, into or 0, select) is not None:
        return
    for at in statement.find("CONFLICT", select):
        if statement.key(at - 1) != "ON" or statement.keys_at(at + 1, 2) == ("ON", "CONSTRAINT"):
            continue
        while (following := seek(statement, _SET_OPERATORS, select + 1, at)) is not None:
            select = following
        comes_from = seek(statement, {"FROM"}, select, at)
        if comes_from is not None and seek(statement, _AFTER_FROM, comes_from, at) is None:
            place = statement.tokens[at - 1].start
            fix = SqlFix("Add `WHERE true`", ((Span(place, place), "WHERE true "),))
            yield Hit(statement.span_of(at - 1, at), fix=fix)
        return


def returning(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """Names in RETURNING that only PostgreSQL knows: another table's columns, an alias, ``t.*``, ``xmax = 0``."""
    at = seek(statement, {"RETURNING"}, 0)
    verb = seek(statement, {"INTO", "UPDATE", "FROM"}, 0)
    if at is None or verb is None or statement.keys & {"CREATE"}:
        return
    if statement.key(verb) == "UPDATE" and statement.key(verb + 1) == "OR":
        verb += 2
    table = target(statement, verb + 1, _NO_ALIAS)
    if table is None:
        return
    tokens = statement.tokens
    name = tokens[table.table[1] - 1].name
    alias = "" if table.alias is None else tokens[table.alias].name
    for i in range(at + 1, len(tokens)):
        hit = _in_returning(statement, i, name, alias)
        if hit is not None and not _in_subquery(statement, i, at):
            yield hit


def _in_returning(statement: Statement, i: int, name: str, alias: str) -> Hit | None:
    if statement.key(i) == "XMAX" and statement.keys_at(i + 1, 2) == ("=", "0"):
        return Hit(statement.span_of(i, i + 2), {"complaint": "cannot tell a new row from a changed one"})
    qualified = statement.key(i + 1) == "." and statement.key(i - 1) != "."
    if not qualified or statement.tokens[i].kind not in (Kind.WORD, Kind.QUOTED):
        return None
    return _qualified(statement, i, name, alias)


def _in_subquery(statement: Statement, index: int, outer: int) -> bool:
    """Tell whether a SELECT opens between the level of ``outer`` and ``index``."""
    around = statement.around[index]
    while around > outer:
        if statement.key(around + 1) in {"SELECT", "WITH", "VALUES"}:
            return True
        around = statement.around[around]
    return False


def _qualified(statement: Statement, i: int, name: str, alias: str) -> Hit | None:
    tokens = statement.tokens
    qualifier = tokens[i].name
    span = statement.span_of(i, min(i + 2, len(tokens) - 1))
    prefix = Span(tokens[i].start, tokens[i + 2].start) if i + 2 < len(tokens) else span
    if statement.key(i + 2) == "*" and qualifier in {name, alias}:
        star = SqlFix("Write `*`", ((prefix, ""),))
        return Hit(span, {"complaint": f"knows no {tokens[i].text}.*"}, fix=star)
    if qualifier == alias and alias != name:
        fix = SqlFix(f"Write `{tokens[i + 2].text}`", ((prefix, ""),)) if i + 2 < len(tokens) else None
        return Hit(span, {"complaint": f"does not know the alias {tokens[i].text}"}, fix=fix)
    if qualifier in {name, "old", "new", "main", "temp"} or tokens[i].has_hole:
        return None
    return Hit(span, {"complaint": f"does not see the table {tokens[i].text}"})
