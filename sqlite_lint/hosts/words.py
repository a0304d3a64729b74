"""Words by which SQL is told from English."""

from __future__ import annotations

from typing import Final

PLAIN: Final = frozenset(
    [
        *("SELECT", "INSERT", "PRAGMA", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "VACUUM", "ANALYZE"),
        *("REINDEX", "CREATE", "ALTER", "DROP", "WITH", "UPDATE", "DELETE", "REPLACE", "ATTACH", "DETACH", "TRUNCATE"),
        "EXPLAIN",
    ]
)

ENGLISH: Final = frozenset(
    [
        "A",
        "AN",
        "THE",
        "THIS",
        "THAT",
        "THESE",
        "THOSE",
        "YOUR",
        "MY",
        "OUR",
        "ITS",
        "THEIR",
        "HIS",
        "HER",
        "WHICH",
        "PLEASE",
        "ONE",
        "YOU",
        "WE",
        "IT",
        "THEM",
        "CAN",
        "WILL",
        "SHOULD",
        "MUST",
        "WITHOUT",
        "FOLLOWING",
        "EXISTING",
        "SURE",
        "SOME",
        "EVERY",
        "WHETHER",
        "HAS",
        "HAVE",
        "WAS",
        "WERE",
        "ARE",
    ]
)

OBJECTS: Final = frozenset(
    [
        *("TABLE", "INDEX", "VIEW", "TRIGGER", "TYPE", "EXTENSION", "SEQUENCE", "SCHEMA", "DATABASE", "FUNCTION"),
        *("PROCEDURE", "DOMAIN", "POLICY", "ROLE", "USER"),
    ]
)

CREATE_WORDS: Final = frozenset(
    [
        *("TEMP", "TEMPORARY", "UNIQUE", "VIRTUAL", "OR", "REPLACE", "MATERIALIZED", "GLOBAL", "LOCAL", "UNLOGGED"),
        *("FULLTEXT", "RECURSIVE", "CONSTRAINT"),
    ]
)

ALTERATIONS: Final = frozenset(
    [
        "ADD",
        "DROP",
        "RENAME",
        "ALTER",
        "MODIFY",
        "CHANGE",
        "SET",
        "OWNER",
        "ENABLE",
        "DISABLE",
        "ATTACH",
        "DETACH",
        "CONVERT",
        "ENGINE",
    ]
)

IN_LISTS: Final = frozenset(
    [
        "DISTINCT",
        "ALL",
        "AS",
        "CASE",
        "WHEN",
        "THEN",
        "ELSE",
        "END",
        "AND",
        "OR",
        "NOT",
        "IS",
        "NULL",
        "IN",
        "LIKE",
        "BETWEEN",
        "OVER",
        "COLLATE",
        "CAST",
        "FILTER",
        "ON",
        "EXISTS",
        "SELECT",
        "FROM",
        "WHERE",
        "GLOB",
        "ESCAPE",
        "PARTITION",
        "ORDER",
        "GROUP",
        "BY",
        "ASC",
        "DESC",
        "LIMIT",
        "JOIN",
        "LEFT",
        "INNER",
        "ILIKE",
        "INTERVAL",
        "AT",
        "TIME",
        "ZONE",
        "TOP",
    ]
)

KEYWORDS: Final = IN_LISTS | frozenset(
    [
        "INTO",
        "SET",
        "VALUES",
        "HAVING",
        "UNION",
        "OFFSET",
        "RETURNING",
        "RIGHT",
        "FULL",
        "CROSS",
        "NATURAL",
        "USING",
        "EXCEPT",
    ]
)

CLAUSE_WORDS: Final = frozenset(
    [
        *("WHERE", "AND", "OR", "LIKE", "ILIKE", "BETWEEN", "JOIN", "LIMIT", "ORDER", "GROUP", "HAVING", "RETURNING"),
        *("CONFLICT", "FROM", "SELECT", "NULL", "EXISTS", "COLLATE", "CASE"),
    ]
)
