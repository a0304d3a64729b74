"""SQL164, SQL167, SQL172, SQL173: forms of SELECT that need another structure on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.checks.seek import moves_hole, path_end, seek
from sqlite_lint.hosts.model import Sink
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_COMPOUND: Final = frozenset({"UNION", "EXCEPT", "INTERSECT"})
_QUERY: Final = frozenset({"SELECT", "VALUES", "WITH"})
_OWN_CLAUSES: Final = frozenset({"ORDER", "LIMIT", "OFFSET", "FETCH", "FOR"}) | _COMPOUND
_NO_ALIAS: Final = frozenset({"ON", "USING", "IN", "AND", "OR", "FILTER", "OVER", "WHERE", "VALUES"}) | _COMPOUND
_NAMES: Final = (Kind.WORD, Kind.QUOTED)
_BEFORE_TABLE: Final = frozenset(
    {"FROM", "JOIN", "ONLY", "LATERAL", "BY", "ON", "AND", "OR", "NOT", "WHERE", "LIKE", "IS", "CASE", "WHEN", "THEN",
     "ELSE", "BETWEEN", "SELECT", "ALL", "DISTINCT", "IN", "GLOB", "REGEXP", "MATCH", "ESCAPE", "USING", "VALUES"}
)  # fmt: skip

Edits = list[tuple[Span, str]]


def bracketed_select(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """Brackets around a part of a compound SELECT, a whole statement, or the source of an INSERT."""
    parts: dict[int, list[tuple[int, str]]] = {}
    source = _source_of_insert(statement)
    whole = context.use.sink is not Sink.NONE  # a text that nobody is seen to run may be put into another one
    for opening in _around_queries(statement):
        what = "the SELECT of an INSERT" if opening == source else _misplaced(statement, opening, whole=whole)
        if what:
            parts.setdefault(statement.around[opening], []).append((opening, what))
    for found in parts.values():
        edits = [edit for opening, _ in found for edit in _without_brackets(statement, opening)]
        first, what = found[0]
        fix = SqlFix("Leave out the brackets", tuple(sorted(edits)))
        yield Hit(statement.span_of(first, first), {"what": what}, fix=fix)


def _around_queries(statement: Statement) -> list[int]:
    """The brackets that hold a query, perhaps in further brackets."""
    holding: set[int] = set()
    for opening in sorted(statement.partner, reverse=True):
        if statement.key(opening) == "(" and (statement.key(opening + 1) in _QUERY or opening + 1 in holding):
            holding.add(opening)
    return sorted(holding)


def _source_of_insert(statement: Statement) -> int | None:
    """Where ``INSERT INTO t (...)`` goes on behind the table and its columns."""
    into = next(iter(statement.find("INTO")), None) if statement.keyword in {"INSERT", "REPLACE"} else None
    name = None if into is None else path_end(statement, into + 1)
    if name is None or statement.key(name) != "(" or statement.key(name + 1) in _QUERY:
        return name
    return statement.partner.get(name, name) + 1


def _misplaced(statement: Statement, opening: int, *, whole: bool) -> str:
    """What the brackets stand around where SQLite takes none; empty where it takes them."""
    before, after = statement.key(opening - 1), statement.key(statement.partner[opening] + 1)
    if before in _COMPOUND or (before in {"ALL", "DISTINCT"} and statement.key(opening - 2) in _COMPOUND):
        return "a part of a compound SELECT"
    if after in _COMPOUND and before in {"", "(", "AS", "EXPLAIN", ")", "INTO"}:
        return "a part of a compound SELECT"
    if opening == 0:
        return "a statement" if whole else ""
    if before == "AS" and statement.keyword == "CREATE" and statement.around[opening] < 0:
        return "the SELECT of a CREATE"
    return ""


def _without_brackets(statement: Statement, opening: int) -> Edits:
    tokens = statement.tokens
    closing = statement.partner[opening]
    inside = opening + 1
    compound = any(statement.key(i) in _COMPOUND for i in (opening - 1, opening - 2, closing + 1))
    own = statement.key(inside) == "WITH" or seek(statement, _OWN_CLAUSES, inside, closing) is not None
    if compound and own:
        return [(Span(tokens[opening].start, tokens[opening].start), "SELECT * FROM ")]
    gap = Span(tokens[opening].start, tokens[opening].end)
    before, behind = (
        statement.text[gap.start - 1 : gap.start],
        statement.text[tokens[closing].end : tokens[closing].end + 1],
    )
    space, after = before.isalnum(), behind.isalnum()
    return [(gap, " " if space else ""), (statement.span_of(closing, closing), " " if after else "")]


def column_alias_list(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``FROM (VALUES ...) AS v(id, name)`` and ``FROM f() AS t(a int)``."""
    for opening in statement.find("("):
        closing = statement.partner.get(opening)
        if closing is None or statement.clause[opening] not in {"FROM", "USING", "JOIN", "ON"}:
            continue
        name = opening - 1
        if name < 1 or (statement.tokens[name].kind not in _NAMES and statement.key(name) != "AS"):
            continue
        before = name if statement.key(name) == "AS" else name - 1
        if not _is_alias(statement, name, before) or not _lists_names(statement, opening):
            continue
        yield Hit(statement.span_of(name, opening), fix=_named_values(statement, before, opening))


def _is_alias(statement: Statement, name: int, before: int) -> bool:
    if statement.key(before) == "AS":
        around = statement.around[before]
        return around < 0 or statement.key(around - 1) not in {"CAST", "TRY_CAST"}
    follows_table = statement.key(before) == ")" or (
        statement.tokens[before].kind in _NAMES and statement.key(before) not in _BEFORE_TABLE
    )
    return follows_table and statement.key(name) not in _NO_ALIAS | _BEFORE_TABLE


def _lists_names(statement: Statement, opening: int) -> bool:
    """Tell whether brackets hold names, perhaps with types: ``(a, b)``, ``(a int, b text)``."""
    listed = statement.arguments(opening)
    return bool(listed) and all(
        statement.tokens[start].kind in _NAMES
        and not statement.tokens[start].has_hole
        and statement.key(start + 1) not in {".", "("}
        for start, _ in listed
    )


def _named_values(statement: Statement, before: int, opening: int) -> SqlFix | None:
    """Give the columns of VALUES their names in the first row: ``SELECT 1 AS id UNION ALL VALUES (2)``."""
    tokens = statement.tokens
    end = before - 1 if statement.key(before) == "AS" else before
    start = statement.partner.get(end, end)
    values = start + 1
    if statement.key(end) != ")" or statement.key(values) != "VALUES" or statement.key(values + 1) != "(":
        return None
    first = statement.arguments(values + 1)
    names = statement.arguments(opening)
    row_end = statement.partner[values + 1]
    if len(first) != len(names) or any(stop != begin + 1 for begin, stop in names) or moves_hole(statement, *names):
        return None
    edits: Edits = [(Span(tokens[values].start, tokens[values + 1].end), "SELECT ")]
    edits += [
        (Span(tokens[stop - 1].end, tokens[stop - 1].end), f" AS {statement.text_of(*name)}")
        for (_, stop), name in zip(first, names, strict=True)
    ]
    edits.append((statement.span_of(row_end, row_end), ""))
    if statement.key(row_end + 1) == ",":
        edits.append((statement.span_of(row_end + 1, row_end + 1), " UNION ALL VALUES"))
    elif row_end + 1 != end:
        return None
    edits.append((Span(tokens[opening - 1].end, tokens[statement.partner[opening]].end), ""))
    return SqlFix("Name the columns in a SELECT", tuple(edits))


def select_into(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``SELECT ... INTO t FROM u``."""
    if statement.keyword not in {"SELECT", "WITH", "EXPLAIN", "DECLARE", "PREPARE"}:
        return
    for at in statement.find("INTO"):
        if statement.clause[at - 1] not in {"SELECT", "LIMIT", "FROM", "WHERE", "ORDER BY"} or _is_write(statement, at):
            continue
        fix = None
        name = at + 1 + (statement.key(at + 1) == "TABLE")
        temporary = statement.key(name) in {"TEMP", "TEMPORARY", "UNLOGGED"}
        name += temporary
        name += statement.key(name) == "TABLE"
        end = path_end(statement, name)
        simple = statement.keyword == "SELECT" and end is not None and statement.tokens[name].kind in _NAMES
        if simple and end is not None and _ends_into(statement, end) and not moves_hole(statement, (name, end)):
            create = "CREATE TEMP TABLE" if temporary and statement.key(at + 1) != "UNLOGGED" else "CREATE TABLE"
            start = statement.span.start
            gone = Span(statement.tokens[at - 1].end, statement.tokens[end - 1].end)
            edits = ((Span(start, start), f"{create} {statement.text_of(name, end)} AS "), (gone, ""))
            fix = SqlFix("Write `CREATE TABLE ... AS`", edits, Applicability.UNSAFE)
        yield Hit(statement.span_of(at, (end or name + 1) - 1), fix=fix)


def _ends_into(statement: Statement, index: int) -> bool:
    """Tell whether the query goes on behind the table's name: no second variable, no name of a file."""
    return statement.key(index) in {"", "FROM", "WHERE", "LIMIT", "ORDER", "GROUP", "HAVING", "UNION", "OFFSET", "FOR"}


def _is_write(statement: Statement, into: int) -> bool:
    before = into - 1
    return statement.key(before) in {"INSERT", "REPLACE", "MERGE", "IGNORE", "ABORT", "FAIL", "ROLLBACK"}


def counted_row(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``count(c)`` where ``c`` is the alias of a table and no known column."""
    aliases: frozenset[str] | None = None
    for at in statement.find("COUNT"):
        if statement.key(at + 1) != "(" or statement.key(at + 3) != ")":
            continue
        argument = statement.tokens[at + 2]
        if argument.kind not in _NAMES or context.schema.columns_named(argument.name):
            continue
        aliases = _aliases(statement) if aliases is None else aliases
        if argument.name in aliases:
            fix = SqlFix("Count the rows", ((statement.span_of(at + 2, at + 2), "*"),), Applicability.UNSAFE)
            yield Hit(statement.span_of(at, at + 3), {"text": statement.text_of(at, at + 4)}, fix=fix)


def _aliases(statement: Statement) -> frozenset[str]:
    """The names that FROM gives to tables: ``FROM customers c``, ``JOIN orders AS o``."""
    tokens = statement.tokens
    found = set()
    for at in range(2, len(tokens)):
        table = at - 1 - (statement.key(at - 1) == "AS")
        if statement.clause[at] not in {"FROM", "JOIN"} or tokens[at].kind not in _NAMES:
            continue
        if tokens[table].kind in _NAMES and statement.key(table - 1) in {"FROM", "JOIN", ",", "."}:
            found.add(tokens[at].name)
    return frozenset(found)
