"""SQL152 to SQL158: forms of INSERT, UPDATE and DELETE that need another structure on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.checks.seek import Target, items, level_end, moves_hole, path_end, seek, target
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_MOVES_HOLE: Final = "it would move a value that is filled in at run time"
_JOINS: Final = frozenset({",", "JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "NATURAL", "STRAIGHT_JOIN"})
_AFTER_DELETE: Final = frozenset({"USING", "WHERE", "RETURNING", "ORDER", "LIMIT", "SET", "FROM"}) | _JOINS
_MODIFIERS: Final = frozenset({"LOW_PRIORITY", "QUICK", "IGNORE"})
_UPDATE_FROM: Final = (3, 33)


def insert_set(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``INSERT INTO t SET a = 1, b = 2``."""
    if statement.keyword not in {"INSERT", "REPLACE"}:
        return
    at = seek(statement, {"SET", "(", "VALUES", "SELECT", "CONFLICT"}, 0)
    if at is None or statement.key(at) != "SET":
        return
    end = seek(statement, {"ON", "RETURNING", "AS"}, at) or len(statement.tokens)
    assignments = items(statement, at + 1, end)
    span = statement.span_of(at, at)
    if any(statement.key(start + 1) != "=" or stop < start + 3 for start, stop in assignments):
        yield Hit(span, {"text": "INSERT ... SET"})
        return
    tokens = statement.tokens
    names = ", ".join(tokens[start].text for start, _ in assignments)
    edits = [(Span(tokens[at].start, tokens[assignments[0][0] + 2].start), f"({names}) VALUES (")]
    edits += [(Span(tokens[start].start, tokens[start + 2].start), "") for start, _ in assignments[1:]]
    edits.append((Span(tokens[end - 1].end, tokens[end - 1].end), ")"))
    fix = SqlFix(f"Write `({names}) VALUES (...)`", tuple(edits))
    yield Hit(span, {"text": "INSERT ... SET"}, fix=fix)


def default_as_value(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``VALUES (1, DEFAULT)`` and ``SET a = DEFAULT``."""
    if statement.keyword not in {"INSERT", "REPLACE", "UPDATE", "WITH", "MERGE", "EXPLAIN"}:
        return
    fix = _without_defaulted(statement)
    for at in statement.find("DEFAULT"):
        before, after = statement.key(at - 1), statement.key(at + 1)
        around = statement.around[at]
        in_values = (
            before in {"(", ","} and after in {")", ","} and around >= 0 and statement.clause[around] == "VALUES"
        )
        if in_values or (before == "=" and "SET" in statement.keys):
            yield Hit(statement.span_of(at, at), fix=fix if in_values else None)
            if in_values:
                fix = None  # one edit mends them all


def _without_defaulted(statement: Statement) -> SqlFix | None:
    """Take the columns out that have DEFAULT in every row of VALUES; None where some has it in some rows only."""
    values = seek(statement, {"VALUES"}, 0)
    if values is None or statement.key(values - 1) != ")":
        return None
    columns = statement.arguments(statement.partner.get(values - 1, values))
    rows = []
    at = values + 1
    while statement.key(at) == "(" and at in statement.partner:
        rows.append(statement.arguments(at))
        at = statement.partner[at] + 1
        at += statement.key(at) == ","
    if any(len(row) != len(columns) for row in rows):
        return None
    table = [[statement.key(start) == "DEFAULT" and end == start + 1 for start, end in row] for row in rows]
    omitted = {number for number in range(len(columns)) if any(row[number] for row in table)}
    if not omitted or len(omitted) == len(columns) or not all(row[number] for row in table for number in omitted):
        return None
    edits = [edit for row in [columns, *rows] for edit in _omitting(statement, row, omitted)]
    names = ", ".join(statement.text_of(*columns[number]) for number in sorted(omitted))
    return SqlFix(f"Leave out {names}", tuple(edits))


def _omitting(statement: Statement, row: list[tuple[int, int]], omitted: set[int]) -> Iterator[tuple[Span, str]]:
    """Delete items of a list with one comma each."""
    tokens = statement.tokens
    first_kept = min(set(range(len(row))) - omitted)
    for number in omitted:
        start, end = row[number]
        if number < first_kept:
            yield Span(tokens[start].start, tokens[end + 1].start), ""
        else:
            yield Span(tokens[start - 2].end, tokens[end - 1].end), ""


def delete_from_join(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``DELETE FROM a USING b`` and ``DELETE a FROM a JOIN b``."""
    start = next(iter(statement.find("DELETE")), None)
    if start is None or statement.around[start] >= 0 or statement.key(start - 1) not in {"", ")", "ANALYZE", "EXPLAIN"}:
        return
    at = start + 1
    while statement.key(at) in _MODIFIERS:
        at += 1
    if statement.key(at) == "FROM":
        using = seek(statement, {"USING", "WHERE", "JOIN"}, at)
        if using is not None and statement.key(using) == "USING":
            yield from _delete_using(statement, at, using)
    elif (comes_from := seek(statement, {"FROM"}, at)) is not None and comes_from > at:
        span = statement.span_of(start, comes_from)
        doomed = target(statement, at, _AFTER_DELETE)
        single = doomed is not None and doomed.alias is None and doomed.end == comes_from
        fix = _by_rowid(statement, at, comes_from + 1, Span(statement.tokens[at].start, span.end)) if single else None
        yield Hit(span, {"form": "DELETE from a join"}, fix=fix)


def _delete_using(statement: Statement, comes_from: int, using: int) -> Iterator[Hit]:
    doomed = target(statement, comes_from + 1, _AFTER_DELETE)
    span = statement.span_of(using, using)
    if doomed is None or doomed.end != using:
        yield Hit(span, {"form": "DELETE ... USING"})
        return
    tokens = statement.tokens
    name = tokens[doomed.table[1] - 1].name
    sources = items(statement, using + 1, seek(statement, {"WHERE", "RETURNING"}, using) or len(tokens))
    first = target(statement, using + 1, _AFTER_DELETE)
    listed = first is not None and name in {tokens[first.table[1] - 1].name, _alias(statement, first)}
    if listed and doomed.alias is None and len(sources) == 1:  # MySQL names the table again after USING
        fix = _by_rowid(statement, comes_from + 1, using + 1, Span(tokens[doomed.table[0]].start, tokens[using].end))
    else:
        fix = _by_exists(statement, doomed, using)
    first_shown = doomed.alias if doomed.alias is not None else using
    yield Hit(Span(tokens[first_shown].start, span.end), {"form": "DELETE ... USING"}, fix=fix)


def _alias(statement: Statement, table: Target) -> str:
    return "" if table.alias is None else statement.tokens[table.alias].name


def _by_exists(statement: Statement, doomed: Target, using: int) -> SqlFix | None:
    if "RETURNING" in statement.keys or "CURRENT" in statement.keys:
        return None
    edits = []
    tokens = statement.tokens
    if doomed.alias is not None and not doomed.has_as:
        edits.append((Span(tokens[doomed.alias].start, tokens[doomed.alias].start), "AS "))
    edits.append((statement.span_of(using, using), "WHERE EXISTS (SELECT 1 FROM"))
    edits.append((Span(tokens[-1].end, tokens[-1].end), ")"))
    return SqlFix("Write `WHERE EXISTS (SELECT 1 FROM ...)`", tuple(edits), Applicability.UNSAFE)


def _by_rowid(statement: Statement, doomed: int, sources: int, replaced: Span) -> SqlFix | None:
    """``o FROM orders o JOIN ...`` as ``FROM orders WHERE rowid IN (SELECT o.rowid FROM orders o JOIN ...)``."""
    tokens = statement.tokens
    if {"RETURNING", "ORDER", "LIMIT"} & statement.keys:
        return None
    wanted = tokens[doomed].name
    end = seek(statement, {"WHERE"}, sources) or len(tokens)
    at: int | None = sources
    while at is not None and at < end:
        source = target(statement, at, _AFTER_DELETE | {"ON"})
        if source is not None and wanted in {_alias(statement, source) or tokens[source.table[1] - 1].name}:
            table = statement.text_of(*source.table)
            if moves_hole(statement, source.table, (doomed, doomed + 1)):
                return None
            comes_from = "FROM " if tokens[doomed - 1].key != "FROM" else ""
            text = f"{comes_from}{table} WHERE rowid IN (SELECT {tokens[doomed].text}.rowid FROM"
            edits = ((replaced, text), (Span(tokens[-1].end, tokens[-1].end), ")"))
            return SqlFix("Choose the rows by `rowid IN (SELECT ...)`", edits, Applicability.UNSAFE)
        following = seek(statement, {",", "JOIN"}, at, end)
        at = None if following is None else following + 1
    return None


def update_of_join(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``UPDATE a, b SET a.x = b.y`` and ``UPDATE a JOIN b ON ... SET a.x = b.y``."""
    if statement.keyword != "UPDATE":
        return
    first = target(statement, 1, _AFTER_DELETE)
    if first is None or statement.key(first.end) not in _JOINS:
        return
    at = seek(statement, {"SET"}, first.end)
    if at is None:
        return
    join = first.end
    comma = statement.key(join) == ","
    last = join if comma else (seek(statement, {"JOIN"}, join, at) or join)
    fix = None
    if context.target >= _UPDATE_FROM and statement.key(join) in {",", "JOIN", "INNER", "CROSS"}:
        fix = _update_from(statement, first, join, last, at)
    form = "a list of tables" if comma else "a join"
    yield Hit(statement.span_of(join, last), {"form": form}, fix=fix)


def _update_from(statement: Statement, first: Target, join: int, last: int, at: int) -> SqlFix | None:
    tokens = statement.tokens
    other = target(statement, last + 1, _AFTER_DELETE | {"ON"})
    if other is None or {"ORDER", "LIMIT"} & statement.keys:
        return None
    on = other.end if statement.key(other.end) == "ON" else None
    if (on is None and other.end != at) or seek(statement, _JOINS, other.end, at) is not None:
        return None
    where = seek(statement, {"WHERE"}, at)
    assigned = items(statement, at + 1, where or len(tokens))
    name = _alias(statement, first) or tokens[first.table[1] - 1].name
    if any(statement.key(i + 1) == "." and tokens[i].name != name for i, _ in assigned):
        return None
    if moves_hole(statement, (last + 1, at)) or any(
        tokens[first.end].start <= c.start < tokens[at].start for c in statement.comments
    ):
        return None
    edits = []
    if first.alias is not None and not first.has_as:
        edits.append((Span(tokens[first.alias].start, tokens[first.alias].start), "AS "))
    edits.append((Span(tokens[first.end - 1].end, tokens[at].start), " "))
    edits += [(Span(tokens[i].start, tokens[i + 2].start), "") for i, _ in assigned if statement.key(i + 1) == "."]
    source = statement.text_of(last + 1, other.end)
    condition = "" if on is None else statement.text_of(on + 1, at)
    if on is not None and seek(statement, {"OR"}, on + 1, at) is not None:
        condition = f"({condition})"
    edits += _condition_edits(statement, f"FROM {source}", condition, where)
    return SqlFix("Write `UPDATE ... FROM`", tuple(edits), Applicability.UNSAFE)


def _condition_edits(statement: Statement, source: str, condition: str, where: int | None) -> list[tuple[Span, str]]:
    tokens = statement.tokens
    end = tokens[-1].end
    if where is None:
        return [(Span(end, end), f" {source}" + (f" WHERE {condition}" if condition else ""))]
    edits = [(Span(tokens[where].start, tokens[where].start), f"{source} ")]
    if not condition:
        return edits
    after = tokens[where + 1].start
    if seek(statement, {"OR"}, where + 1) is not None:
        return [*edits, (Span(after, after), f"{condition} AND ("), (Span(end, end), ")")]
    return [*edits, (Span(after, after), f"{condition} AND ")]


def qualified_set_column(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``UPDATE t SET t.a = 1``: one finding for each column."""
    if "UPDATE" not in statement.keys or next(update_of_join(statement, context), None) is not None:
        return
    for at in statement.find("SET"):
        end = seek(statement, {"SET", "WHERE", "FROM", "RETURNING", "ORDER", "LIMIT"}, at + 1) or level_end(
            statement, at
        )
        for start, _ in items(statement, at + 1, end):
            name = path_end(statement, start)
            if name is not None and name > start + 2 and statement.key(name) == "=":
                yield _qualified(statement, start, name)


def _qualified(statement: Statement, start: int, end: int) -> Hit:
    tokens = statement.tokens
    span = Span(tokens[start].start, tokens[end - 1].start)
    fix = SqlFix(f"Write `{tokens[end - 1].text}`", ((span, ""),))
    return Hit(statement.span_of(start, end - 1), fix=fix)


def write_with_limit(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """LIMIT in an UPDATE or DELETE, which SQLite takes only if it was built so."""
    if statement.keyword not in {"UPDATE", "DELETE"}:
        return
    limit = seek(statement, {"LIMIT"}, 0)
    if limit is None:
        return
    order = seek(statement, {"ORDER"}, 0, limit)
    first = limit if order is None else order
    values = {"text": "LIMIT" if order is None else "ORDER BY and LIMIT", "verb": statement.keyword}
    yield Hit(statement.span_of(first, limit), values, fix=_limited_by_rowid(statement))


def _limited_by_rowid(statement: Statement) -> SqlFix | None:
    tokens = statement.tokens
    at = 2 if statement.keyword == "DELETE" else 1
    table = target(statement, at, _AFTER_DELETE)
    if table is None or {"RETURNING", "JOIN", "USING"} & statement.keys:
        return None
    where = seek(statement, {"WHERE", "ORDER", "LIMIT"}, table.end)
    begins = statement.key(table.end) == "SET" if statement.keyword == "UPDATE" else where == table.end
    if where is None or not begins or moves_hole(statement, (table.table[0], table.end)):
        return None
    if seek(statement, {"FROM"}, table.end, where) is not None:
        return None
    source = statement.text_of(table.table[0], table.end)
    name = "" if table.alias is None else f"{tokens[table.alias].text}."
    start, end = tokens[where].start, tokens[-1].end
    edits = ((Span(start, start), f"WHERE {name}rowid IN (SELECT {name}rowid FROM {source} "), (Span(end, end), ")"))
    return SqlFix("Choose the rows by `rowid IN (SELECT ...)`", edits, Applicability.UNSAFE)
