"""What the DDL of SQLite says, and of PostgreSQL and MySQL as far as SQLite takes it, read from its tokens."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.sql.schema import Column, Schema, Table, TableKind, affinity_of
from sqlite_lint.sql.tokens import Kind, Token

if TYPE_CHECKING:
    from sqlite_lint.sql.statement import Statement

_NAMES: Final = (Kind.WORD, Kind.QUOTED, Kind.STRING)
_BEFORE_NAME: Final = frozenset({"IF", "NOT", "EXISTS", "ONLY"})
_TEMPORARY: Final = frozenset({"TEMP", "TEMPORARY", "UNLOGGED", "GLOBAL", "LOCAL", "OR", "REPLACE"})
_END_OF_TYPE: Final = frozenset(
    {
        "CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "GENERATED",
        "AS", "ON", "DEFERRABLE", "AUTOINCREMENT", "COMMENT", "INITIALLY",
    }
)  # fmt: skip
_OWN_DATABASES: Final = frozenset({"MAIN", "TEMP"})
_EVENTS: Final = frozenset({"DELETE", "INSERT", "UPDATE"})
_CONSTRAINTS: Final = {"PRIMARY": "KEY", "FOREIGN": "KEY", "UNIQUE": "(", "CHECK": "(", "EXCLUDE": "USING"}


def definitions(statement: Statement, schema: Schema) -> Iterator[Table]:
    """The tables that a CREATE or ALTER statement defines or adds to; ``schema`` holds what is known before it."""
    if statement.keyword == "CREATE":
        at = _kind_at(statement)
        kind = statement.key(at)
        if kind == "TABLE":
            yield from _create_table(statement, at + 1)
        elif kind == "VIEW":
            name, _ = _name(statement, at + 1)
            if name:
                yield Table(name, TableKind.VIEW, open=True)
        elif kind == "VIRTUAL" and statement.key(at + 1) == "TABLE":
            name, _ = _name(statement, at + 2)
            if name:
                yield Table(name, TableKind.VIRTUAL, open=True)
    elif statement.keyword == "ALTER" and statement.key(1) == "TABLE":
        yield from _alter_table(statement, schema)


def _kind_at(statement: Statement) -> int:
    """The index of TABLE, VIEW or what else a CREATE statement makes."""
    at = 1
    while statement.key(at) in _TEMPORARY:
        at += 1
    return at


def dropped(statement: Statement) -> str:
    """The column that ALTER TABLE drops: before that, the table had it; "" for other statements."""
    if statement.keys_at(0, 2) != ("ALTER", "TABLE"):
        return ""
    _, at = _name(statement, 2)
    return _name(statement, at + 2)[0] if statement.keys_at(at, 2) == ("DROP", "COLUMN") else ""


def trigger(statement: Statement) -> tuple[str, str] | None:
    """The table of a CREATE TRIGGER, and when it fires: ("docs", "AFTER DELETE")."""
    at = 1 + (statement.key(1) in _TEMPORARY)
    if statement.keyword != "CREATE" or statement.key(at) != "TRIGGER":
        return None
    event = next((i for i in range(at + 1, min(at + 10, len(statement.tokens))) if statement.key(i) in _EVENTS), None)
    on = None if event is None else next(iter(statement.find("ON", event)), None)
    if event is None or on is None or statement.key(event - 1) == "OF":  # INSTEAD OF: of a view
        return None
    table, _ = _name(statement, on + 1)
    timing = "AFTER" if statement.key(event - 1) == "AFTER" else "BEFORE"
    return (table, f"{timing} {statement.key(event)}") if table else None


class Unnamed(enum.Enum):
    """What DDL leaves open whose table is named at run time."""

    TABLE = "table"  # a table that is not known
    COLUMNS = "columns"  # columns of any table
    NOTHING = "nothing"


class LeftOpen(NamedTuple):
    """``columns`` are those that some table gets, it is not known which."""

    what: Unnamed
    columns: tuple[str, ...] = ()


def unnamed(statement: Statement) -> LeftOpen | None:
    """What a CREATE or ALTER statement leaves open of which ``definitions`` gives no table; None for other DDL."""
    keys = statement.keys_at(0, 4)
    if keys[0] == "CREATE":
        return LeftOpen(Unnamed.TABLE) if {"TABLE", "VIEW", "VIRTUAL"}.intersection(keys[1:]) else None
    if keys[:2] != ("ALTER", "TABLE"):
        return None
    action = next((i for i in range(2, len(statement.tokens)) if statement.key(i) in {"ADD", "RENAME", "DROP"}), None)
    if action is None:
        return LeftOpen(Unnamed.COLUMNS)
    if statement.key(action) == "DROP":
        return LeftOpen(Unnamed.NOTHING)
    if statement.key(action) == "RENAME":
        to = next(statement.find("TO", action), len(statement.tokens))
        new, _ = _name(statement, to + 1)
        if statement.key(action + 1) == "TO":
            return LeftOpen(Unnamed.TABLE)
        return LeftOpen(Unnamed.NOTHING, (new,)) if new else LeftOpen(Unnamed.COLUMNS)
    if statement.key(action + 1) in _CONSTRAINTS | {"CONSTRAINT": ""}:
        return LeftOpen(Unnamed.NOTHING)
    column, _ = _name(statement, action + 1 + (statement.key(action + 1) == "COLUMN"))
    return LeftOpen(Unnamed.NOTHING, (column,)) if column else LeftOpen(Unnamed.COLUMNS)


def _name(statement: Statement, index: int) -> tuple[str, int]:
    """The name at ``index``, without its database, and the index behind it; "" where a hole or nothing stands."""
    while statement.key(index) in _BEFORE_NAME and _token(statement, index).kind is Kind.WORD:
        index += 1
    while statement.key(index + 1) == ".":
        index += 2
    token = _token(statement, index)
    if token.kind not in _NAMES or token.has_hole:
        return "", index + 1
    return _identifier(token), index + 1


def _token(statement: Statement, index: int) -> Token:
    if index < len(statement.tokens):
        return statement.tokens[index]
    return Token(Kind.ERROR, statement.span.end, statement.span.end, "", "")


def _identifier(token: Token) -> str:
    """A name without quotes; SQLite takes 'text' for a name where only a name can stand."""
    return token.value.lower() if token.kind is Kind.STRING else token.name


def _spelling(token: Token) -> str:
    if token.kind is Kind.QUOTED:
        closing = "]" if token.text[0] == "[" else token.text[0]
        return token.text[1:-1].replace(closing * 2, closing)
    return token.value if token.kind is Kind.STRING else token.text


def _create_table(statement: Statement, index: int) -> Iterator[Table]:
    """A table of an attached database leaves open what the main one's table of this name has."""
    name, at = _name(statement, index)
    if not name:
        return
    is_attached = statement.key(at - 2) == "." and statement.key(at - 3) not in _OWN_DATABASES
    closing = statement.partner.get(at) if statement.key(at) == "(" else None
    if closing is None:
        yield Table(name, open=True)
        return
    options = [t.key for t in statement.tokens[closing + 1 :]]
    strict, without_rowid = "STRICT" in options, "WITHOUT" in options
    columns: list[Column] = []
    key: tuple[str, ...] = ()
    unique: list[tuple[str, ...]] = []
    is_open = is_attached
    for first, end in statement.arguments(at):
        if (constraint := _constraint(statement, first, end)) is not None:
            names = _listed(statement, constraint, end)
            if statement.key(constraint) == "PRIMARY":
                key = names
            elif statement.key(constraint) == "UNIQUE":
                unique.append(names)
        elif (column := _column(statement, first, end, strict)) is not None:
            columns.append(column)
        else:
            is_open = True
        is_open = is_open or _may_add_columns(statement, first, end)
    key = key or tuple(column.name for column in columns if column.primary_key)
    yield Table(
        name,
        columns=tuple(_with_keys(column, key, unique, without_rowid) for column in columns),
        strict=strict,
        without_rowid=without_rowid,
        open=is_open or not columns,
        width=None if is_open or not columns else sum(not column.generated for column in columns),
        primary_key=key,
        unique=tuple(unique),
        spelling=_spelling(_token(statement, at - 1)),
        references=tuple(name for name, _ in _references(statement, at, closing)),
        follows=tuple(name for name, follows in _references(statement, at, closing) if follows),
    )


def _may_add_columns(statement: Statement, first: int, end: int) -> bool:
    """Tell whether an item may stand for more than one column: a hole that is no type, PostgreSQL's LIKE."""
    if statement.key(first) == "LIKE":
        return True
    return any(
        _is_filled_in(token) and not (i == first + 1 and i + 1 < end)
        for i, token in enumerate(statement.tokens[first:end], first)
    )


def _is_filled_in(token: Token) -> bool:
    return token.kind is Kind.HOLE or token.key == "{" or (token.kind is Kind.PARAM and token.text[0] == "%")


def _constraint(statement: Statement, first: int, end: int) -> int | None:
    """The index of the table constraint's word if the item is one; None for a column."""
    if _token(statement, first).kind is not Kind.WORD:
        return None
    if statement.key(first) == "CONSTRAINT":
        first += 2
    return first if first < end and _CONSTRAINTS.get(statement.key(first)) == statement.key(first + 1) else None


def _listed(statement: Statement, index: int, end: int) -> tuple[str, ...]:
    """The names in the brackets of ``PRIMARY KEY (a, b DESC)``."""
    opening = next((i for i in range(index, end) if statement.key(i) == "("), None)
    items = [] if opening is None else statement.arguments(opening)
    return tuple(_identifier(statement.tokens[first]) for first, _ in items)


def _column(statement: Statement, first: int, end: int, strict: bool) -> Column | None:
    name = _token(statement, first)
    if first >= end or name.kind not in _NAMES or name.has_hole:
        return None
    rest = first + 1
    while rest < end and _continues_type(statement, rest, first):
        rest = statement.partner.get(rest, rest) + 1
    declared = (
        statement.text[statement.tokens[first + 1].start : statement.tokens[rest - 1].end] if rest > first + 1 else ""
    )
    keys = [statement.key(i) for i in range(rest, end) if statement.depth[i] == statement.depth[first]]
    pairs = set(pairwise(keys))
    primary = ("PRIMARY", "KEY") in pairs
    return Column(
        _identifier(name),
        declared,
        affinity_of(declared, strict=strict),
        not_null=("NOT", "NULL") in pairs,
        primary_key=primary,
        unique=primary or "UNIQUE" in keys,
        generated="GENERATED" in keys or ("AS", "(") in pairs,
        rowid_alias=primary and declared.upper() == "INTEGER" and ("KEY", "DESC") not in pairs,
        default=_default(statement, rest, end),
        spelling=_spelling(name),
    )


def _default(statement: Statement, first: int, end: int) -> str:
    depth = statement.depth[first - 1]
    at = next((i for i in range(first, end) if statement.key(i) == "DEFAULT" and statement.depth[i] == depth), None)
    if at is None or at + 1 >= end:
        return ""
    after = statement.partner.get(at + 1, at + 1) + 1
    if statement.key(after) == "(":
        after = statement.partner.get(after, after) + 1
    return statement.text_of(at + 1, min(after, end))


def _continues_type(statement: Statement, index: int, name: int) -> bool:
    token = statement.tokens[index]
    if token.key == "(" and token.kind is Kind.OP:
        return index > name + 1 and index in statement.partner
    return token.kind in _NAMES and not (token.kind is Kind.WORD and token.key in _END_OF_TYPE)


def _with_keys(column: Column, key: tuple[str, ...], unique: list[tuple[str, ...]], without_rowid: bool) -> Column:
    """Apply the table's constraints; only a lone INTEGER key of a rowid table is the rowid itself."""
    alone = key == (column.name,)
    is_key = column.name in key
    alias = alone and not without_rowid and (column.rowid_alias or not column.primary_key)
    return replace(
        column,
        primary_key=is_key,
        unique=(column.name,) in unique or alone or (column.unique and not column.primary_key),
        rowid_alias=alias and column.declared.upper() == "INTEGER",
        not_null=column.not_null or (is_key and without_rowid),
    )


def _references(statement: Statement, opening: int, closing: int) -> Iterator[tuple[str, bool]]:
    """The tables that foreign keys name, and whether a row deleted there changes this table."""
    for i in statement.find("REFERENCES", opening):
        if i < closing and (name := _name(statement, i + 1)[0]):
            end = next((j for j in range(i + 1, closing) if statement.key(j) in {",", "REFERENCES"}
                        and statement.depth[j] == statement.depth[i]), closing)  # fmt: skip
            follows = any(
                statement.keys_at(j, 2) == ("ON", "DELETE") and statement.key(j + 2) in {"CASCADE", "SET"}
                for j in range(i + 1, end)
            )
            yield name, follows


def _alter_table(statement: Statement, schema: Schema) -> Iterator[Table]:
    name, at = _name(statement, 2)
    if not name:
        return
    known = schema.table(name)
    end = len(statement.tokens)
    if statement.key(at) == "ADD" and statement.key(at + 1) not in _CONSTRAINTS | {"CONSTRAINT": ""}:
        first = at + 1 + (statement.key(at + 1) == "COLUMN")
        column = _column(statement, first, end, known is not None and known.strict)
        added = () if column is None else (column,)
        yield Table(name, columns=added, open=known is None or column is None, definitions=0)
    elif statement.key(at) == "RENAME" and statement.key(at + 1) == "TO":
        new, _ = _name(statement, at + 2)
        if new:
            yield replace(known or Table(name, open=True), name=new)
    elif statement.key(at) == "RENAME" and known is not None:
        old, to = _name(statement, at + 1 + (statement.key(at + 1) == "COLUMN"))
        new, _ = _name(statement, to + 1)
        renamed = tuple(replace(column, name=new) for column in known.column(old) if new)
        yield replace(known, columns=renamed, definitions=0)
