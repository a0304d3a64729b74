"""ALTER TABLE as PostgreSQL and MySQL have it: what it changes, and how much at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.checks.cut import cut, has_comment, mark
from sqlite_lint.checks.names import append, bare_name, index_name, without
from sqlite_lint.checks.seek import moves_hole, seek
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.definition import ColumnDefinition, Definition, Item, Part, actions, definition
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_REBUILD: Final = "rebuild the table: create a new one, copy the rows, drop the old one, rename"
_OWN: Final = frozenset({"ADD", "DROP", "RENAME", "ALTER", "MODIFY", "CHANGE", "VALIDATE"})
_KEYS: Final = frozenset({"PRIMARY", "UNIQUE", "FOREIGN", "EXCLUDE", "KEY", "INDEX", "FULLTEXT", "SPATIAL"})
_DROPPED: Final = frozenset({"PRIMARY", "FOREIGN", "INDEX", "KEY", "CHECK"})
_NOW: Final = frozenset({"CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME"})


def alter_column(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """ALTER COLUMN, MODIFY and CHANGE.  SET and DROP NOT NULL came with SQLite 3.53; another rule says so."""
    changes = actions(statement)
    for start, end in changes:
        key = statement.key(start)
        column = start + 1 + (statement.key(start + 1) == "COLUMN")
        if key == "ALTER" and statement.key(start + 1) not in {"CONSTRAINT", "INDEX", "CHECK"}:
            words = statement.keys_at(column + 1, 3)
            if words not in {("SET", "NOT", "NULL"), ("DROP", "NOT", "NULL")} and column < end:
                yield mark(statement, start, _changed_end(statement, column, end))
        elif key == "MODIFY" and statement.key(start + 1) != "PARTITION":
            yield mark(statement, start, min(column + 1, end))
        elif key == "CHANGE":
            yield mark(statement, start, min(column + 2, end), _renaming(statement, start, column, end))


def _changed_end(statement: Statement, column: int, end: int) -> int:
    """Index after the words that say what changes: ``ALTER COLUMN n TYPE``."""
    at = column + 1
    while at < min(end, column + 4) and statement.key(at) in {"SET", "DROP", "ADD", "DATA", "TYPE", "DEFAULT"}:
        at += 1
    return min(max(at, column + 2), end)


def _renaming(statement: Statement, start: int, column: int, end: int) -> SqlFix | None:
    """``CHANGE a b INT`` as ``RENAME COLUMN a TO b``."""
    tokens = statement.tokens
    if end < column + 3 or tokens[column].name == tokens[column + 1].name:
        return None
    span = statement.span_of(start, end - 1)
    if has_comment(statement, *span) or moves_hole(statement, (start, end)):
        return None
    text = f"RENAME COLUMN {tokens[column].text} TO {tokens[column + 1].text}"
    return SqlFix(f"Write `{text}` (the type is not changed)", ((span, text),), Applicability.UNSAFE)


def change_key(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """Constraints and indexes that ALTER TABLE adds, drops, renames or validates.

    CHECK constraints can be added, and constraints dropped, from SQLite 3.53 on; another rule says so.
    """
    table = definition(statement)
    changes = actions(statement)
    alone = len(changes) == 1
    for item in () if table is None else table.items:
        if table is not None and item.key in _KEYS:
            opening = seek(statement, {"("}, item.word, item.end)
            end = item.end if opening is None else opening
            yield mark(statement, item.start - 1, end, _added_key(statement, table, item, opening) if alone else None)
    for start, end in changes:
        key, after = statement.key(start), statement.key(start + 1)
        if key == "DROP" and after in _DROPPED and start + 2 < end:
            yield mark(statement, start, end, _dropped_index(statement, start) if alone and end == start + 3 else None)
        elif key in {"RENAME", "ALTER"} and after in {"CONSTRAINT", "INDEX", "KEY", "CHECK"} and start + 2 < end:
            yield mark(statement, start, start + 2)
        elif key == "VALIDATE" and after == "CONSTRAINT":
            yield mark(statement, start, start + 2, without(statement) if alone else None)


def _added_key(statement: Statement, table: Definition, item: Item, opening: int | None) -> SqlFix | None:
    """CREATE [UNIQUE] INDEX for what a constraint or index is to hold."""
    closing = None if opening is None else statement.partner.get(opening)
    if opening is None or closing is None or closing != item.end - 1 or item.key not in _KEYS - {"FOREIGN", "EXCLUDE"}:
        return None
    if item.key in {"FULLTEXT", "SPATIAL"} or moves_hole(statement, (0, item.end)):
        return None
    span = Span(statement.span.start, statement.tokens[opening].start)
    if has_comment(statement, *span):
        return None
    unique = item.key in {"PRIMARY", "UNIQUE"}
    suffix = {"PRIMARY": "pkey", "UNIQUE": "key"}.get(item.key, "idx")
    name = _own_name(statement, item, opening) or index_name(statement, table.table, opening, suffix)
    text = f"CREATE {'UNIQUE ' if unique else ''}INDEX {name} ON {statement.text_of(*table.table)} "
    if item.key != "PRIMARY":
        return SqlFix(f"Write `{text}(...)`", ((span, text),))
    return SqlFix(f"Write `{text}(...)` (NULLs are not refused)", ((span, text),), Applicability.UNSAFE)


def _own_name(statement: Statement, item: Item, opening: int) -> str:
    """The name in ``CONSTRAINT name UNIQUE (`` or ``INDEX name (``; "" without one."""
    if item.word == item.start + 2:
        return statement.tokens[item.start + 1].text
    at = item.word + 1
    while statement.key(at) in {"KEY", "INDEX"}:
        at += 1
    return statement.tokens[at].text if at == opening - 1 else ""


def _dropped_index(statement: Statement, start: int) -> SqlFix | None:
    if statement.key(start + 1) not in {"INDEX", "KEY"} or moves_hole(statement, (start, start + 3)):
        return None
    text = f"DROP INDEX {statement.tokens[start + 2].text}"
    if has_comment(statement, *statement.span):
        return None
    return SqlFix(f"Write `{text}`", ((statement.span, text),))


def several_actions(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``ALTER TABLE t ADD a INT, ADD b INT`` and ``ADD (a INT, b INT)``."""
    changes = actions(statement)
    if not changes:
        return
    first = changes[0]
    if statement.keys_at(first[0], 2) == ("ADD", "("):
        closing = statement.partner.get(first[0] + 1)
        if closing == len(statement.tokens) - 1:
            yield mark(statement, first[0], first[0] + 2, _apart_in_brackets(statement, first[0]))
        return
    if len(changes) > 1:
        second = changes[1][0]
        yield mark(statement, second, min(second + 2, changes[1][1]), _apart(statement, changes))


def _apart(statement: Statement, changes: list[tuple[int, int]]) -> SqlFix | None:
    """Each action as a statement of its own."""
    tokens = statement.tokens
    if any(statement.key(start) not in _OWN for start, _ in changes) or moves_hole(statement, (0, changes[0][0])):
        return None
    begin = statement.text_of(0, changes[0][0])
    edits = []
    for start, _ in changes[1:]:
        edits.append((Span(tokens[start - 1].start, tokens[start - 1].end), ";"))
        edits.append((Span(tokens[start].start, tokens[start].start), f"{begin} "))
    return SqlFix("Write one statement for each", tuple(edits), script=True)


def _apart_in_brackets(statement: Statement, start: int) -> SqlFix | None:
    columns = statement.arguments(start + 1)
    tokens = statement.tokens
    if moves_hole(statement, (0, start)) or any(first >= end for first, end in columns):
        return None
    begin = statement.text_of(0, start)
    edits = [(Span(tokens[start + 1].start, tokens[columns[0][0]].start), "COLUMN ")]
    for first, _ in columns[1:]:
        edits.append((Span(tokens[first - 1].start, tokens[first - 1].end), ";"))
        edits.append((Span(tokens[first].start, tokens[first].start), f"{begin} ADD COLUMN "))
    edits.append((Span(tokens[-2].end, tokens[-1].end), ""))
    return SqlFix("Write one statement for each column", tuple(edits), script=len(columns) > 1)


def add_column(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """What SQLite does not let a column have that is added to a table."""
    table = definition(statement)
    if table is None or not table.added or context.use.assembled:
        return
    alone = len(actions(statement)) == 1
    for column in table.columns:
        if (key := column.part("PRIMARY")) is not None:
            yield _forbidden(statement, key, "a PRIMARY KEY column")
        elif (unique := column.part("UNIQUE")) is not None:
            fix = _unique_index(statement, table, column, unique) if alone else None
            yield _forbidden(statement, unique, "a UNIQUE column", fix)
        generated = column.part("GENERATED", "AS")
        if generated is not None:
            if statement.key(generated.end - 1) == "STORED":
                at = generated.end - 1
                fix = SqlFix("Write `VIRTUAL`", ((statement.span_of(at, at), "VIRTUAL"),))
                yield _forbidden(statement, Part("STORED", at, at + 1), "a STORED column", fix)
            continue
        default = column.part("DEFAULT")
        if default is not None and _is_computed(statement, default):
            yield _forbidden(statement, default, "a column with a computed default to a table that has rows")


def add_not_null(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``ADD COLUMN n INTEGER NOT NULL``: there is nothing to put into the rows that are there."""
    table = definition(statement)
    for column in table.columns if table is not None and table.added else ():
        not_null = next((p for p in column.parts if statement.keys_at(p.start, 2) == ("NOT", "NULL")), None)
        default = column.part("DEFAULT")
        is_null = default is None or statement.key(default.start + 1) == "NULL"
        filled = column.part("PRIMARY", "UNIQUE", "AUTO_INCREMENT", "GENERATED", "AS") is not None
        if not_null is not None and is_null and not filled:
            yield mark(statement, not_null.start, not_null.end)


def _forbidden(statement: Statement, part: Part, what: str, fix: SqlFix | None = None) -> Hit:
    hit = mark(statement, part.start, part.end, fix)
    return hit._replace(values={**hit.values, "what": what})


def _is_computed(statement: Statement, default: Part) -> bool:
    """Tell a default that SQLite computes for each row from a constant, which may stand in brackets and have a sign."""
    start, end = default.start + 1, default.end
    while statement.key(start) == "(" and statement.partner.get(start) == end - 1:
        start, end = start + 1, end - 1
    start += statement.key(start) in {"+", "-"}
    if end != start + 1:
        return True
    token = statement.tokens[start]
    return token.key in _NOW if token.kind is Kind.WORD else token.kind in (Kind.PREFIXED, Kind.OP)


def _unique_index(statement: Statement, table: Definition, column: ColumnDefinition, part: Part) -> SqlFix | None:
    edits = cut(statement, part.start, part.end)
    name = statement.tokens[column.name].text
    if edits is None or moves_hole(statement, table.table, (column.name, column.name + 1)):
        return None
    index = f"{bare_name(statement, table.table)}_{statement.tokens[column.name].name}_key"
    text = f"CREATE UNIQUE INDEX {index} ON {statement.text_of(*table.table)} ({name})"
    return SqlFix(f"Write `{text}`", (*edits, append(statement, text)), script=True)


def table_setting(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """OWNER TO, SET SCHEMA, ENABLE TRIGGER, ENGINE= and whatever else is set on a table."""
    changes = actions(statement)
    for start, end in changes:
        key, after = statement.key(start), statement.key(start + 1)
        partition = after in {"PARTITION", "VALUE"} and key in {"ADD", "DROP", "MODIFY", "RENAME"} and start + 2 < end
        if partition and key == "RENAME" and statement.key(start + 2) == "TO":
            continue
        if (key not in _OWN or partition) and statement.tokens[start].kind is Kind.WORD:
            first = changes.index((start, end))
            fix = without(statement) if len(changes) == 1 else _without_action(statement, changes, first)
            yield mark(statement, start, min(start + 2, end), fix)


def _without_action(statement: Statement, changes: list[tuple[int, int]], number: int) -> SqlFix | None:
    start, end = changes[number]
    if number:
        edits = cut(statement, start - 1, end)
    else:
        edits = ((Span(statement.tokens[start].start, statement.tokens[end + 1].start), ""),)
    return None if edits is None else SqlFix("Remove it", edits, Applicability.UNSAFE)
