"""The parts of a CREATE TABLE and of ALTER TABLE ... ADD, as PostgreSQL, MySQL and SQLite write them.

``ddl.py`` says what a table is like; here every word of its definition has a place, those included that SQLite does
not know.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.sql.operand import right_operand
from sqlite_lint.sql.primary import type_end
from sqlite_lint.sql.schema import Affinity, affinity_of
from sqlite_lint.sql.tokens import Kind

if TYPE_CHECKING:
    from sqlite_lint.sql.statement import Statement

_NAMES: Final = (Kind.WORD, Kind.QUOTED, Kind.HOLE, Kind.STRING)
_BEFORE_TABLE: Final = frozenset({"TEMP", "TEMPORARY", "UNLOGGED", "GLOBAL", "LOCAL", "OR", "REPLACE", "FOREIGN"})
_BEFORE_NAME: Final = frozenset({"IF", "NOT", "EXISTS", "ONLY"})
_ACTIONS: Final = {"CASCADE": 1, "RESTRICT": 1, "SET": 2, "NO": 2}
_AFTER_TYPE: Final = frozenset(
    {
        "CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "GENERATED",
        "AS", "COMMENT", "ON", "AUTO_INCREMENT", "AUTOINCREMENT", "DEFERRABLE", "INITIALLY", "IDENTITY", "KEY",
        "UNSIGNED", "SIGNED", "ZEROFILL", "CHARSET", "FIRST", "AFTER", "STORAGE", "COMPRESSION", "INVISIBLE",
    }
)  # fmt: skip
_WITH_WORD: Final = frozenset({"COMMENT", "COLLATE", "CHARSET", "STORAGE", "COMPRESSION", "COLUMN_FORMAT", "AFTER"})
_TABLE_CONSTRAINTS: Final = frozenset({"CONSTRAINT", "PRIMARY", "FOREIGN", "UNIQUE", "CHECK", "EXCLUDE", "LIKE"})
_NUMERIC: Final = frozenset({"BOOLEAN", "BOOL", "NUMERIC", "DECIMAL", "DATE", "DATETIME", "TIMESTAMP", "JSON", "UUID"})
_NOT_ADDED: Final = frozenset({"(", "PARTITION", "VALUE", "GENERATED"})
_INDEXES: Final = frozenset({"KEY", "INDEX", "FULLTEXT", "SPATIAL"})
_GENERATED: Final = frozenset({"STORED", "VIRTUAL", "PERSISTENT", "PERSISTED"})


class Part(NamedTuple):
    """One constraint or attribute of a column: ``key`` is its first word, ``start`` to ``end`` its tokens."""

    key: str
    start: int
    end: int


class ColumnDefinition(NamedTuple):
    """A column at the tokens from ``name`` to ``end``; its type from ``name + 1`` to ``type_end``, perhaps nothing."""

    name: int
    type_end: int
    parts: tuple[Part, ...]
    end: int

    def part(self, *keys: str) -> Part | None:
        """The first part that begins with one of these words."""
        return next((part for part in self.parts if part.key in keys), None)


class Item(NamedTuple):
    """A constraint or index of a table; ``key`` is its first word behind CONSTRAINT and the constraint's name."""

    key: str
    start: int
    word: int
    end: int


class Definition(NamedTuple):
    """A table's columns and constraints; ``opening`` and ``closing`` are its brackets, ``table`` its name.

    In ALTER TABLE ... ADD the brackets are -1 and the number of tokens.
    """

    table: tuple[int, int]
    columns: tuple[ColumnDefinition, ...]
    items: tuple[Item, ...]
    opening: int = -1
    closing: int = -1
    added: bool = False


@lru_cache(maxsize=2)
def definition(statement: Statement) -> Definition | None:
    """The definition that a CREATE TABLE or ALTER TABLE ... ADD holds; None where there is none.

    Several rules ask in turn, so the last answers are kept.
    """
    if statement.keyword == "CREATE":
        return _created(statement)
    return _added(statement) if statement.keys_at(0, 2) == ("ALTER", "TABLE") else None


def table_word(statement: Statement) -> int | None:
    """The index of TABLE in CREATE ... TABLE."""
    at = 1
    while statement.key(at) in _BEFORE_TABLE:
        at += 1
    return at if statement.keyword == "CREATE" and statement.key(at) == "TABLE" else None


def table_name(statement: Statement, at: int) -> tuple[int, int] | None:
    """The range of the (perhaps qualified) name at ``at`` or behind IF [NOT] EXISTS and ONLY."""
    while statement.key(at) in _BEFORE_NAME and statement.tokens[at].kind is Kind.WORD:
        at += 1
    end = at
    while end < len(statement.tokens) and statement.tokens[end].kind in _NAMES:
        if statement.key(end + 1) != ".":
            return at, end + 1
        end += 2
    return None


def _created(statement: Statement) -> Definition | None:
    word = table_word(statement)
    table = None if word is None else table_name(statement, word + 1)
    if table is None:
        return None
    opening = table[1]
    closing = statement.partner.get(opening)
    if statement.key(opening) != "(" or closing is None or statement.key(opening + 1) in {"SELECT", "WITH", "VALUES"}:
        return None
    columns = []
    items = []
    for start, end in statement.arguments(opening):
        if (item := _item(statement, start, end)) is not None:
            items.append(item)
        elif start < end and statement.tokens[start].kind in _NAMES:
            columns.append(_column(statement, start, end))
    return Definition(table, tuple(columns), tuple(items), opening, closing)


def _added(statement: Statement) -> Definition | None:
    table = table_name(statement, 2)
    if table is None:
        return None
    columns = []
    items = []
    for start, end in actions(statement):
        first = start + 1
        named = statement.key(first) == "COLUMN"
        first += named
        if statement.keys_at(first, 3) == ("IF", "NOT", "EXISTS"):
            first += 3
        if statement.key(start) != "ADD" or first >= end or statement.key(first) in _NOT_ADDED:
            continue
        item = None if named else _item(statement, first, end)
        if item is not None:
            items.append(item)
        elif statement.tokens[first].kind in _NAMES:
            columns.append(_column(statement, first, end))
    return Definition(table, tuple(columns), tuple(items), closing=len(statement.tokens), added=True)


def actions(statement: Statement) -> list[tuple[int, int]]:
    """The actions of an ALTER TABLE: the ranges between the commas outside of brackets; none for other statements."""
    table = table_name(statement, 2) if statement.keys_at(0, 2) == ("ALTER", "TABLE") else None
    if table is None:
        return []
    found = []
    start = i = table[1] + (statement.key(table[1]) == "*")
    while i < len(statement.tokens):
        if statement.key(i) == "," and statement.tokens[i].kind is Kind.OP:
            found.append((start, i))
            start = i + 1
        i = max(statement.partner.get(i, i), i) + 1
    return [*found, (start, len(statement.tokens))] if start < len(statement.tokens) else found


def _item(statement: Statement, start: int, end: int) -> Item | None:
    if start >= end or statement.tokens[start].kind is not Kind.WORD:
        return None
    word = start
    if statement.key(start) == "CONSTRAINT":
        named = statement.key(start + 1) not in _TABLE_CONSTRAINTS or statement.key(start + 2) in _TABLE_CONSTRAINTS
        word = start + 1 + named
    key, after = statement.key(word), statement.key(word + 1)
    if key in _INDEXES:
        return Item(key, start, word, end) if _is_index(statement, word, end) else None
    if key == "LIKE":
        return Item(key, start, word, end) if _is_template(statement, word, end) else None
    follows = {"PRIMARY": {"KEY"}, "FOREIGN": {"KEY"}, "CHECK": {"("}, "EXCLUDE": {"USING", "("}}
    if key == "UNIQUE" or after in follows.get(key, ()):
        return Item(key, start, word, end)
    return None


def _is_template(statement: Statement, word: int, end: int) -> bool:
    """Tell ``LIKE other INCLUDING ALL`` from a column of the name ``like``."""
    name = table_name(statement, word + 1)
    if name is None or name[1] > end:
        return False
    if name[1] < end:
        return statement.key(name[1]) in {"INCLUDING", "EXCLUDING"}
    return affinity_of(statement.text_of(*name)) is Affinity.NUMERIC and statement.key(word + 1) not in _NUMERIC


def _is_index(statement: Statement, word: int, end: int) -> bool:
    """Tell ``KEY name (a, b)`` from a column of the name ``key``: an index ends in a list of names."""
    at = word + 1
    if statement.key(at) in {"KEY", "INDEX"}:
        at += 1
    if statement.key(at) in {"IF", "NOT", "EXISTS"}:
        at += 3
    if at < end and statement.key(at) not in {"(", "USING"}:
        at += 1
    if statement.key(at) == "USING":
        at += 2
    if statement.key(at) != "(" or at not in statement.partner:
        return False
    return all(statement.tokens[first].kind is not Kind.NUMBER for first, _ in statement.arguments(at))


def _column(statement: Statement, name: int, end: int) -> ColumnDefinition:
    after = name + 1
    if after < end and statement.tokens[after].kind in _NAMES and statement.key(after) not in _AFTER_TYPE:
        after = min(_type_end(statement, after), end)
    parts = []
    at = after
    while at < end:
        stop = max(min(_part_end(statement, at), end), at + 1)
        parts.append(Part(statement.key(at), at, stop))
        at = stop
    return ColumnDefinition(name, after, tuple(parts), end)


def _type_end(statement: Statement, at: int) -> int:
    """As ``type_end``, but with words that only a column's type may have: ``INTERVAL YEAR TO MONTH``."""
    end = type_end(statement, at)
    if statement.key(at) == "INTERVAL" and statement.key(end) == "TO":
        end += 2
    return end


def _part_end(statement: Statement, at: int) -> int:
    key, after = statement.key(at), statement.key(at + 1)
    if key in _ENDS and statement.tokens[at].kind is Kind.WORD:
        return _ENDS[key](statement, at)
    if key in _WITH_WORD:
        return at + 2 + (after == "=")
    if after == "(" and at + 1 in statement.partner:
        return statement.partner[at + 1] + 1
    return statement.partner.get(at, at) + 1


def _primary_end(statement: Statement, at: int) -> int:
    at += 1 + (statement.key(at + 1) == "KEY")
    return at + (statement.key(at) in {"ASC", "DESC"})


def _not_end(statement: Statement, at: int) -> int:
    return at + 2


def _unique_end(statement: Statement, at: int) -> int:
    at += 1 + (statement.key(at + 1) == "KEY")
    if statement.keys_at(at, 3) == ("NULLS", "NOT", "DISTINCT"):
        return at + 3
    return at + 2 if statement.keys_at(at, 2) == ("NULLS", "DISTINCT") else at


def _default_end(statement: Statement, at: int) -> int:
    return right_operand(statement, at + 1, 0) or at + 2


def _constraint_end(statement: Statement, at: int) -> int:
    return at + 2


def _collate_end(statement: Statement, at: int) -> int:
    end = at + 2 + (statement.key(at + 1) == "=")
    return end + 2 if statement.key(end) == "." else end


def _character_end(statement: Statement, at: int) -> int:
    return at + 3 if statement.key(at + 1) == "SET" else at + 2


def _references_end(statement: Statement, at: int) -> int:
    name = table_name(statement, at + 1)
    at = at + 1 if name is None else name[1]
    if statement.key(at) == "(":
        at = statement.partner.get(at, at) + 1
    while True:
        if statement.key(at) == "MATCH":
            at += 2
        elif statement.key(at) == "ON" and statement.key(at + 1) in {"DELETE", "UPDATE"}:
            length = _ACTIONS.get(statement.key(at + 2))
            if length is None:
                return at
            at += 2 + length
        else:
            break
    return _deferrable_end(statement, at)


def _deferrable_end(statement: Statement, at: int) -> int:
    if statement.keys_at(at, 2) == ("NOT", "DEFERRABLE"):
        at += 2
    elif statement.key(at) == "DEFERRABLE":
        at += 1
    return at + 2 if statement.key(at) == "INITIALLY" else at


def _generated_end(statement: Statement, at: int) -> int:
    at += 2 if statement.key(at + 1) == "ALWAYS" else 3
    if statement.keys_at(at, 2) == ("ON", "NULL"):
        at += 2
    if statement.key(at) != "AS":
        return at
    if statement.key(at + 1) != "IDENTITY":
        return _as_end(statement, at)
    at += 2
    return statement.partner.get(at, at) + 1 if statement.key(at) == "(" else at


def _as_end(statement: Statement, at: int) -> int:
    at += 1
    if statement.key(at) == "(":
        at = statement.partner.get(at, at) + 1
    return at + (statement.key(at) in _GENERATED)


def _on_end(statement: Statement, at: int) -> int:
    """``ON UPDATE CURRENT_TIMESTAMP(6)``, and SQLite's ``ON CONFLICT IGNORE``."""
    end = at + 3
    return statement.partner.get(end, end) + 1 if statement.key(end) == "(" else end


_ENDS: Final = {
    "PRIMARY": _primary_end,
    "NOT": _not_end,
    "UNIQUE": _unique_end,
    "DEFAULT": _default_end,
    "CONSTRAINT": _constraint_end,
    "COLLATE": _collate_end,
    "CHARACTER": _character_end,
    "REFERENCES": _references_end,
    "DEFERRABLE": _deferrable_end,
    "INITIALLY": _deferrable_end,
    "GENERATED": _generated_end,
    "AS": _as_end,
    "ON": _on_end,
    "NULLS": _not_end,
    "NO": _not_end,
}
