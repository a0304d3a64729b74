"""What a statement does to the transaction of its connection: it begins one, reads, writes, or ends it."""

from __future__ import annotations

import enum
from typing import Final, NamedTuple

from sqlite_lint.sql.statement import Statement, split


class Effect(enum.Enum):
    """Locks as https://www.sqlite.org/lang_transaction.html describes them."""

    BEGIN = "begin"  # deferred: no lock before the first statement
    BEGIN_NOW = "begin now"  # IMMEDIATE, EXCLUSIVE: the write lock at once
    READ = "read"  # of a table
    WRITE = "write"  # INSERT, UPDATE, DELETE, REPLACE
    CHANGE = "change"  # other writes: tables, indexes, ``WITH ... DELETE``
    COMMIT = "commit"
    ROLLBACK = "rollback"
    SETTING = "setting"  # a PRAGMA with a value
    NONE = "none"  # SELECT 1, SAVEPOINT and its like, a PRAGMA without a value
    UNKNOWN = "unknown"  # cannot be told from the text


class Step(NamedTuple):
    """The effect of one statement, and the table that it writes or first reads, in lower case; "" if none is seen.

    For a pragma ``table`` is its name, ``value`` what it is set to, both in lower case.
    """

    effect: Effect
    table: str = ""
    keyword: str = ""
    value: str = ""


_WRITES: Final = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE"})
_CHANGES: Final = frozenset({"CREATE", "DROP", "ALTER", "REINDEX", "ANALYZE", "VACUUM"})
_NEUTRAL: Final = frozenset({"SAVEPOINT", "RELEASE", "ATTACH", "DETACH", "EXPLAIN", "VALUES"})
_NOT_TABLES: Final = ("PRAGMA_", "JSON_EACH", "JSON_TREE", "GENERATE_SERIES")


def steps(sql: str) -> tuple[Step, ...]:
    """What each statement of ``sql`` does, in order."""
    if not sql.strip():
        return ()
    return tuple(step_of(statement) for statement in split(sql))


def step_of(statement: Statement) -> Step:
    word = statement.keyword
    if word == "BEGIN":
        return _begin(statement)
    if word in ("COMMIT", "END"):
        return Step(Effect.COMMIT, keyword=word)
    if word == "ROLLBACK":
        partial = "TO" in statement.keys
        return Step(Effect.NONE if partial else Effect.ROLLBACK, keyword=word)
    if word in _WRITES:
        return Step(Effect.WRITE, _written(statement), word)
    if word == "SELECT":
        table = _read_table(statement)
        return Step(Effect.READ if table else Effect.NONE, table, word)
    if word == "WITH":
        return _with(statement)
    if word in _CHANGES:
        return Step(Effect.CHANGE, keyword=word)
    if word == "PRAGMA":
        return _pragma(statement)
    return Step(Effect.NONE if word in _NEUTRAL else Effect.UNKNOWN, keyword=word)


def _begin(statement: Statement) -> Step:
    words = [token.key for token in statement.tokens[1:]]
    if statement.has_holes:
        return Step(Effect.UNKNOWN, keyword="BEGIN")
    if words and words[0] in ("IMMEDIATE", "EXCLUSIVE"):
        return Step(Effect.BEGIN_NOW, keyword="BEGIN")
    plain = not words or words[0] in ("DEFERRED", "TRANSACTION")
    return Step(Effect.BEGIN if plain else Effect.UNKNOWN, keyword="BEGIN")


def _pragma(statement: Statement) -> Step:
    at = next((i for i in (2, 4) if statement.key(i) in ("=", "(")), 0)
    if not at or statement.tokens[at - 1].has_hole or at + 1 >= len(statement.tokens):
        return Step(Effect.NONE, keyword="PRAGMA")
    value = statement.tokens[at + 1].text.strip("'\"").lower()
    return Step(Effect.SETTING, statement.tokens[at - 1].name, "PRAGMA", value)


def _with(statement: Statement) -> Step:
    outer = [i for i, depth in enumerate(statement.depth) if depth == 0]
    if any(statement.key(i) in _WRITES and statement.key(i + 1) != "(" for i in outer):
        return Step(Effect.CHANGE, keyword="WITH")
    table = _read_table(statement)
    return Step(Effect.READ if table else Effect.NONE, table, "WITH")


def _written(statement: Statement) -> str:
    skip = {"INSERT", "REPLACE", "INTO", "UPDATE", "DELETE", "FROM", "OR", "ROLLBACK", "ABORT", "FAIL", "IGNORE"}
    for i, token in enumerate(statement.tokens):
        if token.key not in skip:
            return _name(statement, i)
    return ""


def _read_table(statement: Statement) -> str:
    """The first table that is read; table-valued functions take no lock."""
    for i in range(len(statement.tokens)):
        if statement.key(i) not in ("FROM", "JOIN") or statement.key(i + 1) in ("(", ""):
            continue
        name = _name(statement, i + 1)
        if statement.key(i + 2) == "(" or name.upper().startswith(_NOT_TABLES):
            continue
        return name
    return ""


def _name(statement: Statement, at: int) -> str:
    if statement.key(at + 1) == "." and statement.key(at + 2):
        at += 2
    return statement.tokens[at].name
