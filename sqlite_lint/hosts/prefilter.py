"""The cheap question before any parsing: can this file concern a rule at all?

A file passes with a statement's words, a sink, or a connection's name in it; most files of a tree have none.
"""

from __future__ import annotations

import re
from typing import Final

# Words that open a statement, each with a second one that follows it in SQL: "update" alone is in every file.
_STATEMENT: Final = re.compile(
    r"\b(?:select\b[^;]{0,4000}?\bfrom\b|select\s+[\w(*'\"]|insert\s+(?:or\s+\w+\s+|ignore\s+)?into\b|replace\s+into\b|delete\s+from\b"
    r"|update\b[^;]{1,400}?\bset\b|(?:create|alter|drop)\s+(?:\w+\s+){0,3}?(?:table|index|view|trigger|type|extension|sequence)\b"
    r"|pragma\s+\w|attach\s+database|truncate\s+table|merge\s+into\b|vacuum\b|begin\s+(?:immediate|exclusive|deferred)\b)"
)
_MARKS: Final = (
    "sqlite",
    "apsw",
    ".execute",
    "exec_driver_sql",
    "read_sql",
    "runsql",
    "rawsql",
    ".raw(",
    "create_engine",
    "create_async_engine",
    "databases =",
    "databases:",
    "server_default",
    "text(",
    "sql(",
    "sql_",
    "_sql",
    ".extra(",
    "fetch_all(",
    "fetch_one(",
    "django.db.backends",
)
_WORDS: Final = (
    "select",
    "insert",
    "update",
    "delete",
    "create",
    "alter",
    "drop",
    "pragma",
    "replace",
    "truncate",
    "merge",
)


def may_concern(text: str) -> bool:
    """Tell whether ``text`` may hold SQL, a sink of SQL or a connection to SQLite."""
    low = text.lower()
    if any(mark in low for mark in _MARKS):
        return True
    return any(word in low for word in _WORDS) and _STATEMENT.search(low) is not None


def may_hold_sql(data: bytes) -> bool:
    """The same for the bytes of a file whose encoding is not known yet."""
    return may_concern(data.decode("latin-1"))
