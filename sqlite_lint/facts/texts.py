"""Facts that any text may tell, whatever its language: engine URLs, Django's back ends, pragmas, DDL."""

from __future__ import annotations

import re
from typing import Final

URL: Final = re.compile(
    r"(?<![\w.])((?:sqlite|postgres(?:ql)?|mysql|mariadb|mssql|oracle|duckdb|cockroachdb|clickhouse|snowflake|bigquery"
    r"|redshift|libsql)(?:\+\w+)?)://",
    re.IGNORECASE,
)
_DJANGO: Final = re.compile(
    r"""["']?ENGINE["']?\s*[:=\]]\s*=?\s*["']([\w.]+)["']|\b(django\.(?:contrib\.gis\.)?db\.backends\.\w+)"""
)
_PRAGMA: Final = re.compile(r"\bpragma\s+(?:\w+\.)?(\w+)\s*(?:=|\()\s*['\"]?(-?\w+)", re.IGNORECASE)
_PEEWEE: Final = re.compile(r"\b(Sqlite\w*Database|Postgresql\w*Database|MySQLDatabase|APSWDatabase)\s*\(")
DDL: Final = re.compile(
    r"\b(?:create\s+(?:temp\w*\s+|virtual\s+|unlogged\s+)?(?:table|view)|alter\s+table)\b", re.IGNORECASE
)


def pragmas(text: str) -> list[list[str]]:
    if "pragma" not in text.lower():
        return []
    return [list(each) for each in sorted({(name.lower(), value.lower()) for name, value in _PRAGMA.findall(text)})]


def peewee_engines(text: str) -> set[str]:
    from sqlite_lint.hosts.engines import mention

    return {name for found in _PEEWEE.findall(text) for name in mention(found).names}


def django_engines(text: str) -> list[str]:
    if "ENGINE" not in text and "django" not in text:
        return []
    from sqlite_lint.hosts.engines import text_engines

    return sorted({name for pair in _DJANGO.findall(text) for part in pair if part for name in text_engines(part)})
