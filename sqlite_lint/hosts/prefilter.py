"""The cheap question before any parsing: can this file concern a rule at all?

A file passes with a database's name in it, a sink, or a statement that begins where a string or a line begins.  A file
name such as ``"shop.db"`` counts as well.  ``execute`` is a sink by its receiver or by what it is given: robots and web
APIs execute things, too.  Most files of a tree have none of it, and cost a few searches for plain substrings.  The
question is put to bytes: what is looked for is ASCII, in whatever encoding a source has.
"""

from __future__ import annotations

import re
import sys
from typing import Final

from sqlite_lint.regex import regex

_MARKS: Final = (b"sql", b"apsw", b"peewee")

RECEIVERS: Final = (
    "cur|curs|cursor|conn|con|cnx|connection|db|database|sqlite|sqlite3|session|sess|engine|connect|begin|get_db|get_bind|"
    "tx|txn|trans|transaction|c|bind|store|dbapi|dbapi_connection|cx|op|s|dest|src|schema_editor"
)
"""What databases' connections and cursors are called, as alternatives of an expression."""

_RECEIVER: Final = regex(rb"(?<![a-z0-9])(?:" + RECEIVERS.encode() + rb")\d?(?:\([^()\n]*\))?\s*\Z")
_GIVEN: Final = regex(
    rb"\.(?i:execute)(?:\(\s*(?:[rbfRBF]{0,2}['\"]|\*|[\w.]*text\(|[\w.]*(?i:quer|stmt|statement|ddl|pragma)|[\w.]*[A-Z][A-Z0-9_]{2})"
    rb"|(?:many|script|_fetchall|_insert|_many|_script)\b)"
)
_REACH: Final = 60  # characters before ``.execute`` in which its receiver is looked for

# English sentences begin with a capital letter and go on in small ones: a keyword is in one case throughout.
# What follows each keyword: if it is in capitals, and if it is not.
_STATEMENTS: Final = {
    keyword: re.compile(keyword.upper() + capitals + (b"|" + keyword + small if small else b""))
    for keyword, capitals, small in (
        (b"select", rb"\b", rb"\s[^;]{1,3000}?\sfrom\s+(?![\w.]+\s+import\b)"),
        (b"insert", rb"\s", rb"\s+(?:or\s+\w+\s+|ignore\s+)?into\s"),
        (b"delete", rb"\s", rb"\s+from\s"),
        (b"update", rb"\s", rb"\s[^;=]{1,200}?\sset\s"),
        (b"create", rb"\s", rb"\s+(?:\w+\s+){0,2}?(?:table|index|view|trigger|extension|type)\s"),
        (b"alter", rb"\s", rb"\s+table\s"),
        (b"drop", rb"\s", rb"\s+(?:table|index|view|trigger)\s"),
        (b"replace", rb"\s+INTO\s", rb"\s+into\s"),
        (b"pragma", rb"\s", rb"\s+\w+\s*[=(]"),
        (b"truncate", rb"\s", b""),
        (b"merge", rb"\s+INTO\s", rb"\s+into\s"),
        (b"vacuum", rb"\b", b""),
        (b"attach", rb"\s", b""),
        (b"begin", rb"\s+\w", b""),
    )
}
# A statement's first word, where a string, a line or a line inside of a string (``\n``) begins.  A file's beginning is
# put to the same question by itself, as an alternative in the pattern costs a third of its speed.
_WITHOUT_RETURN: Final = b"+" if sys.version_info >= (3, 11) else b""
_WORD: Final = (
    rb"(a(?:lter|ttach)|begin|create|d(?:elete|rop)|insert|merge|pragma|replace|select|truncate|update|vacuum)\b"
)
_FIRST_WORD: Final = regex(rb"""['"\n\r(;}/\\][n \t]*""" + _WITHOUT_RETURN + _WORD)
_AT_BEGINNING: Final = regex(rb"[ \t]*" + _WORD)
_DATABASE_FILE: Final = regex(rb"\.(?:db3?|s3db|sl3)(?:-wal|-shm)?['\"]")
_DATABASE_PATH: Final = regex(rb"d(?:ata)?b(?:ase)?_?(?:path|file|backup)|backup_d(?:ata)?b")


def may_concern(data: bytes, low: bytes | None = None) -> bool:
    """Tell whether a source may hold SQL, a sink of SQL or a connection to SQLite; ``low`` is it in lower case."""
    if low is None:
        low = data.lower()
    for mark in _MARKS:
        if mark in low:
            return True
    if b".ex" in low and (b".extra(" in low or _executes(data, low)):
        return True
    beginning = _AT_BEGINNING.match(low)
    if beginning is not None and _STATEMENTS[beginning[1]].match(data, beginning.start(1)):
        return True
    for found in _FIRST_WORD.finditer(low):
        if _STATEMENTS[found[1]].match(data, found.start(1)):
            return True
    if b".db" in low and _DATABASE_FILE.search(low) is not None:
        return True
    return b"shutil" in low and b"copy" in low and _DATABASE_PATH.search(low) is not None


def _executes(data: bytes, low: bytes) -> bool:
    """Tell whether ``.execute`` is called on what may be a database, or with what may be SQL."""
    at = low.find(b".execute")
    while at >= 0:
        if _GIVEN.match(data, at) is not None or _RECEIVER.search(low, max(at - _REACH, 0), at) is not None:
            return True
        at = low.find(b".execute", at + 1)
    return False
