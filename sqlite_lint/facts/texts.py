"""Facts that any text may tell, whatever its language: engine URLs, Django's back ends, pragmas, DDL."""

from __future__ import annotations

import re
from typing import Final

from sqlite_lint.regex import regex

URL: Final = regex(
    r"(?<![\w.])((?:sqlite|postgres(?:ql)?|mysql|mariadb|mssql|oracle|duckdb|cockroachdb|clickhouse|snowflake|bigquery"
    r"|redshift|libsql)(?:\+\w+)?)://",
    re.IGNORECASE,
)
_DJANGO: Final = regex(
    r"""["']?ENGINE["']?\s*[:=\]]\s*=?\s*["']([\w.]+)["']"""
    r"""|(?<![=!]=\s["'])(?<![=!]=["'])\b(django\.(?:contrib\.gis\.)?db\.backends\.\w+)"""  # asked for, it is not used
)
_PRAGMA: Final = regex(r"\bpragma\s+(?:\w+\.)?(\w+)\s*(?:=|\()\s*['\"]?(-?\w+)", re.IGNORECASE)
_ENTRY: Final = regex(  # {"journal_mode": "wal"}, ("foreign_keys", 1)
    r"""["'](journal_mode|foreign_keys|busy_timeout|synchronous)["']\s*[:,]\s*["']?(-?\w+)""", re.IGNORECASE
)
OPENS: Final = regex(
    r"""\b(?:sqlite3?|aiosqlite|apsw|sqlean|libsql|sqlcipher3|dbapi2)\.(?:connect|Connection)\(\s*(?!["']:memory:)"""
    r"""|\bcreate_(?:async_)?engine\(|\bSqlite\w*Database\(|\bDatabase\(|SQLALCHEMY_DATABASE_URI|db\.backends\.sqlite3"""
    r"""|\bdb_url\s*=|(?<![.\w])connect\(\s*[^)\s]"""
)
_PEEWEE: Final = regex(r"\b(Sqlite\w*Database|Postgresql\w*Database|MySQLDatabase|APSWDatabase)\s*\(")
DDL: Final = regex(
    r"\b(?:create\s+(?:temp\w*\s+|virtual\s+|unlogged\s+)?(?:table|view|trigger)|alter\s+table)\b"
    r"|\bcreate\s+(?:unique\s+)?index\b[^;]{0,300}?(?:->|\bjsonb?_)",
    re.IGNORECASE,
)


def holds_ddl(text: str) -> bool:
    """Tell whether tables, views or triggers seem to be made or changed in a text."""
    low = text.lower()
    return ("create" in low or "alter" in low) and DDL.search(text) is not None


_STAMP: Final = regex(  # def now_iso() -> str: return datetime.now(timezone.utc).isoformat()
    r"""^def (\w+)\([^()\n]*\)[^:\n]*:[ \t]*\n(?:[ \t]+(?:\"{3}[^"]*\"{3}|#[^\n]*)\n|[ \t]*\n){0,4}[ \t]+return """
    r"""(?:\w+\.)*(?:utc)?now\([^()\n]*\)(?:\.(?:replace|astimezone)\([^()\n]*\)){0,2}"""
    r"""\.(?:isoformat\((?:timespec=[^()\n]*)?\)|strftime\(["']%Y-%m-%dT)""",
    re.MULTILINE,
)


def stamps(text: str) -> list[str]:
    """The functions of a module that return the time as text with a T."""
    return sorted(set(_STAMP.findall(text)))


def pragmas(text: str) -> list[list[str]]:
    if "pragma" not in text.lower():
        return []
    found = {(name.lower(), value.lower()) for pattern in (_PRAGMA, _ENTRY) for name, value in pattern.findall(text)}
    return [list(each) for each in sorted(found)]


def peewee_engines(text: str) -> set[str]:
    from sqlite_lint.hosts.engines import mention

    return {name for found in _PEEWEE.findall(text) for name in mention(found).names}


def django_engines(text: str) -> list[str]:
    if "ENGINE" not in text and "django" not in text:
        return []
    from sqlite_lint.hosts.engines import text_engines

    return sorted({name for pair in _DJANGO.findall(text) for part in pair if part for name in text_engines(part)})


_REGISTERED: Final = regex(
    r"""(?<!def )\bcreate_?(?:deterministic_?|scalar_?|aggregate_?|window_?)?(?:function|aggregate)"""
    r"""\(\s*(?:name\s*=\s*)?(["'](\w+)["']|[\w.]+)"""
    r"""|\.register_(?:function|aggregate|window_function)\(\s*(\w+)(?:[^()\n]*["'](\w+)["'])?"""
    r"""|@[\w.]+\.(?:register_function|func|aggregate|window_function|udf)(?:\(([^)\n]*)\))?\s*\n\s*(?:class|def)\s+(\w+)"""
)
_REGISTERING: Final = ("function(", "aggregate(", "_function", ".func", ".aggregate", ".udf")
_QUOTED_NAME: Final = regex(r"""["'](\w+)["']""")


def registered_functions(text: str) -> list[str]:
    """The SQL functions that Python code registers on its connections, in lower case.

    Where a name is no literal (a loop over a table of functions), every quoted name in the text may be one.  "*"
    stands for those of an extension that the code loads.
    """
    found: set[str] = {"*"} if "load_extension" in text else set()
    if not any(word in text for word in _REGISTERING):
        return sorted(found)
    for name, literal, function, other, arguments, defined in _REGISTERED.findall(text):
        if name and not literal:
            found.update(_QUOTED_NAME.findall(text))
        found.update((literal, function, other, defined, *_QUOTED_NAME.findall(arguments)))
    return sorted({name.lower() for name in found if name})
