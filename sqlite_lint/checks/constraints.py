"""Constraints and indexes inside CREATE TABLE, in forms that SQLite does not have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.checks.cut import COMMENT_INSIDE, cut_item, has_comment, mark, mark_cut
from sqlite_lint.checks.names import append, index_name
from sqlite_lint.checks.seek import moves_hole, seek
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.definition import Definition, Item, Part, definition
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_INDEXES: Final = frozenset({"KEY", "INDEX", "FULLTEXT", "SPATIAL"})


def inline_index(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``KEY ix (n)`` and ``UNIQUE KEY uq (n)`` among the columns of a CREATE TABLE."""
    table = definition(statement)
    if table is None or table.added:
        return
    yield from _own_indexes(statement, context, table)
    for item in table.items:
        opening = seek(statement, {"("}, item.word, item.end)
        if opening is None:
            continue
        if item.key == "UNIQUE" and item.word + 1 < opening and statement.key(item.word + 1) != "NULLS":
            yield _unique_key(statement, item, opening)
        elif item.key in {"PRIMARY", "FOREIGN"} and item.word + 2 < opening and _is_named(statement, item, opening):
            yield mark_cut(statement, item.word + 2, opening)
        if item.word == item.start + 1:  # CONSTRAINT without a name
            yield mark_cut(statement, item.start, item.word)
        closing = statement.partner.get(opening, opening)
        method = statement.key(closing + 1) == "USING" and statement.key(closing + 2) != "INDEX"
        if item.key in {"PRIMARY", "UNIQUE"} and method:
            yield mark_cut(statement, closing + 1, item.end)


def _is_named(statement: Statement, item: Item, opening: int) -> bool:
    """Tell ``PRIMARY KEY name (`` and ``PRIMARY KEY USING BTREE (`` from other words."""
    words = opening - item.word - 2
    return words == 1 or (words == 2 and statement.key(item.word + 2) == "USING")


def _own_indexes(statement: Statement, context: SqlContext, table: Definition) -> Iterator[Hit]:
    """Indexes among the columns; in a script, one fix moves them all behind the table."""
    found = []
    for item in table.items:
        opening = seek(statement, {"("}, item.word, item.end) if item.key in _INDEXES else None
        if opening is not None:
            found.append((item, opening))
    moved = None if not context.use.is_script else _moved(statement, table, found)
    for number, (item, opening) in enumerate(found):
        shown = max(opening, item.word + 1)
        if moved is not None:
            withheld = "the fix of the first index of the table moves them all" if number else None
            yield mark(statement, item.word, shown, None if number else moved, withheld)
        elif (edits := cut_item(statement, item.start, item.end)) is not None:
            own = "an FTS5 table" if item.key == "FULLTEXT" else "CREATE INDEX"
            fix = SqlFix(f"Remove it (it needs {own} of its own)", edits, Applicability.UNSAFE)
            yield mark(statement, item.word, shown, fix)
        else:
            yield mark(statement, item.word, shown, withheld=COMMENT_INSIDE)


def _moved(statement: Statement, table: Definition, found: list[tuple[Item, int]]) -> SqlFix | None:
    """CREATE INDEX behind the table for each of its indexes."""
    edits: list[tuple[Span, str]] = []
    statements = []
    for item, opening in found:
        taken = cut_item(statement, item.start, item.end)
        plain = item.key in {"KEY", "INDEX"} and not moves_hole(statement, table.table, (item.start, item.end))
        if taken is None or not plain:
            return None
        edits += taken
        columns = statement.text_of(opening, statement.partner.get(opening, opening) + 1)
        name = _new_name(statement, table, item, opening)
        statements.append(f"CREATE INDEX {name} ON {statement.text_of(*table.table)} {columns}")
    if not statements:
        return None
    return SqlFix(
        f"Write `{statements[0]}`" if len(statements) == 1 else f"Write {len(statements)} statements CREATE INDEX",
        (*edits, append(statement, ";\n".join(statements))),
        Applicability.UNSAFE,
        script=True,
    )


def _new_name(statement: Statement, table: Definition, item: Item, opening: int) -> str:
    """The index's own name, unless it is its column's: names of indexes are those of the whole database on SQLite."""
    first = item.word + 1
    while statement.key(first) in {"KEY", "INDEX"}:
        first += 1
    if statement.key(first) in {"(", "USING"} or statement.tokens[first].name == statement.tokens[opening + 1].name:
        return index_name(statement, table.table, opening)
    return statement.tokens[first].text


def _unique_key(statement: Statement, item: Item, opening: int) -> Hit:
    first = item.word + 1
    if statement.key(first) in {"KEY", "INDEX"}:
        first += 1
    tokens = statement.tokens
    span = Span(tokens[item.word].start, tokens[opening].start)
    named = first < opening and statement.key(first) != "USING" and item.word == item.start
    text = f"CONSTRAINT {tokens[first].text} UNIQUE " if named else "UNIQUE "
    if has_comment(statement, *span):
        return mark(statement, item.word, opening, withheld=COMMENT_INSIDE)
    return mark(statement, item.word, opening, SqlFix(f"Write `{text}(...)`", ((span, text),)))


def constraint_clause(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """What follows a constraint: NULLS NOT DISTINCT, DEFERRABLE, INCLUDE, NOT VALID, NO INHERIT, and EXCLUDE itself."""
    table = definition(statement)
    if table is None:
        return
    for column in table.columns:
        for number, part in enumerate(column.parts):
            before = column.parts[number - 1].key if number else ""
            yield from _column_clause(statement, part, before)
    if table.added:
        return  # no constraint can be added at all: another rule says so
    for item in table.items:
        yield from _table_clause(statement, item)


def _column_clause(statement: Statement, part: Part, before: str) -> Iterator[Hit]:
    keys = statement.keys_at(part.start, 2)
    if part.key == "UNIQUE" and statement.key(part.end - 1) == "DISTINCT":
        yield _distinct_nulls(statement, part.start + 1, part.end)
    elif keys in {("NO", "INHERIT"), ("NOT", "VALID")} or (part.key == "ENFORCED" and before != "CONSTRAINT"):
        yield mark_cut(statement, part.start, part.end)
    elif keys == ("NOT", "ENFORCED"):
        yield mark(statement, part.start, part.end)
    elif part.key in {"DEFERRABLE", "INITIALLY"} and before in {"UNIQUE", "PRIMARY", "CHECK"}:
        yield _deferred(statement, part.start, part.end)


def _distinct_nulls(statement: Statement, first: int, end: int) -> Hit:
    if any(statement.key(i) == "NOT" for i in range(first, end)):
        return mark(statement, first, end)
    return mark_cut(statement, first, end)


def _deferred(statement: Statement, first: int, end: int) -> Hit:
    return mark_cut(statement, first, end, caveat="the constraint is checked at each row")


def _table_clause(statement: Statement, item: Item) -> Iterator[Hit]:
    if item.key == "EXCLUDE":
        yield mark(statement, item.word, min(item.word + 3, item.end))
        return
    opening = seek(statement, {"("}, item.word, item.end)
    if opening is None or item.key in _INDEXES | {"LIKE"}:
        return
    if statement.key(item.word + 1) == "NULLS":
        yield _distinct_nulls(statement, item.word + 1, opening)
    at = statement.partner.get(opening, opening) + 1
    while at < item.end:
        after = _clause_end(statement, at, item.end)
        keys = statement.keys_at(at, 2)
        if keys[0] in {"INCLUDE", "WITH"} or keys in {("NO", "INHERIT"), ("NOT", "VALID"), ("USING", "INDEX")}:
            yield mark_cut(statement, at, after)
        elif keys == ("NOT", "ENFORCED"):
            yield mark(statement, at, after)
        elif item.key != "FOREIGN" and keys[0] in {"DEFERRABLE", "INITIALLY"}:
            yield _deferred(statement, at, item.end)
            return
        at = after


def _clause_end(statement: Statement, at: int, end: int) -> int:
    """Index after a word and the brackets, names or second word that belong to it."""
    keys = statement.keys_at(at, 2)
    if keys == ("USING", "INDEX"):
        return min(at + 4, end)
    if keys in {("NO", "INHERIT"), ("NOT", "VALID"), ("NOT", "ENFORCED"), ("NOT", "DEFERRABLE")}:
        return min(at + 2, end)
    if statement.key(at + 1) == "(":
        return min(statement.partner.get(at + 1, at + 1) + 1, end)
    return at + 1
