"""The cheap question before any parsing: can this file concern a rule at all?

A file passes with a database's name in it, a sink, or a statement that begins where a string or a line begins.  A file
name such as ``"shop.db"`` counts as well.  Most files of a tree have none of it, and cost a few searches for plain
substrings.
"""

from __future__ import annotations

import re
from typing import Final

_MARKS: Final = ("sql", "apsw", ".execute", ".extra(", "peewee")

# English sentences begin with a capital letter and go on in small ones: a keyword is in one case throughout.
_STATEMENTS: Final = tuple(
    (word, re.compile(pattern))
    for word, pattern in (
        ("select", r"(?:SELECT\b|select\s[^;]{1,3000}?\sfrom\s+(?![\w.]+\s+import\b))"),
        ("insert", r"(?:INSERT\s|insert\s+(?:or\s+\w+\s+|ignore\s+)?into\s)"),
        ("delete", r"(?:DELETE\s|delete\s+from\s)"),
        ("update", r"(?:UPDATE\s|update\s[^;=]{1,200}?\sset\s)"),
        ("create", r"(?:CREATE\s|create\s+(?:\w+\s+){0,2}?(?:table|index|view|trigger|extension|type)\s)"),
        ("alter", r"(?:ALTER\s|alter\s+table\s)"),
        ("drop", r"(?:DROP\s|drop\s+(?:table|index|view|trigger)\s)"),
        ("replace", r"(?:REPLACE\s+INTO|replace\s+into)\s"),
        ("pragma", r"(?:PRAGMA\s|pragma\s+\w+\s*[=(])"),
        ("truncate", r"TRUNCATE\s"),
        ("merge", r"(?:MERGE\s+INTO|merge\s+into)\s"),
        ("vacuum", r"VACUUM\b"),
        ("attach", r"ATTACH\s"),
        ("begin", r"BEGIN\s+\w"),
    )
)
_DATABASE_FILE: Final = re.compile(r"\.(?:db3?|s3db|sl3)(?:-wal|-shm)?['\"]")
_BEFORE: Final = frozenset("'\"\n\r(;}/")
_LOOK: Final = 60  # characters of white space before a statement that are looked at


def may_concern(text: str) -> bool:
    """Tell whether ``text`` may hold SQL, a sink of SQL or a connection to SQLite."""
    low = text.lower()
    return (
        any(mark in low for mark in _MARKS)
        or any(word in low and _begins(text, pattern) for word, pattern in _STATEMENTS)
        or (".db" in low and _DATABASE_FILE.search(low) is not None)
    )


def _begins(text: str, pattern: re.Pattern[str]) -> bool:
    """Tell whether the pattern matches at the beginning of a string or of a line inside one."""
    for found in pattern.finditer(text):
        before = text[max(found.start() - _LOOK, 0) : found.start()].rstrip(" \t")
        if not before or before[-1] in _BEFORE or before.endswith("\\n"):
            return True
    return False
