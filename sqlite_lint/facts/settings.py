"""The facts of .sql files and of settings: pyproject.toml, requirements, .env, alembic.ini, compose files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from sqlite_lint.facts import FileFacts
from sqlite_lint.facts.texts import DDL, URL, django_engines, pragmas
from sqlite_lint.regex import regex


def sql_facts(text: str) -> FileFacts:
    return FileFacts(ddl=[text] if DDL.search(text) else [], pragmas=pragmas(text))


_REQUIREMENT: Final = regex(r"^\s*[\"']?([A-Za-z0-9][A-Za-z0-9._-]*)")
_IMAGE: Final = regex(
    r"^\s*image:\s*[\"']?(?:[\w./-]+/)?(postgres|postgis|mysql|mariadb|timescaledb|pgvector)\b", re.MULTILINE
)
_KEYED: Final = regex(
    r"""^\s*["']?(?:\w*_)?(?:adapter|dialect|engine|provider|type|connection|backend|vendor)["']?\s*[:=]\s*["']?([\w.+-]+)["']?,?\s*$""",
    re.IGNORECASE | re.MULTILINE,
)
_FOREIGN: Final = regex(
    r"""(?P<sqlite>["']better-sqlite3["']|["']sqlite3["']|@libsql/client|go-sqlite3|modernc\.org/sqlite|\brusqlite\b|features.*"sqlite")"""
    r"""|(?P<postgresql>["']pg["']|["']postgres["']|jackc/pgx|lib/pq\b|tokio-postgres|features.*"postgres")"""
    r"""|(?P<mysql>["']mysql2?["']|go-sql-driver/mysql|features.*"mysql")"""
)
_FOREIGN_FILES: Final = frozenset({"package.json", "gemfile", "go.mod", "cargo.toml", "composer.json"})
_DEV_FILE: Final = regex(r"(?:dev|test|doc|lint|optional|extra|bench)")


def settings_facts(name: str, text: str) -> FileFacts:
    from sqlite_lint.hosts.engines import denoted, text_engines, url_engines

    lines = [line for line in text.splitlines() if not line.lstrip().startswith(("#", ";", "//"))]
    body = "\n".join(lines)
    urls: set[str] = set()
    for found in URL.finditer(body):
        urls |= url_engines(found.group(0))
    for image in _IMAGE.findall(body):
        urls |= denoted(image)
    for value in _KEYED.findall(body):
        urls |= text_engines(value)
    if name in _FOREIGN_FILES:
        urls |= {kind for found in _FOREIGN.finditer(body) for kind, text in found.groupdict().items() if text}
    dependencies: Iterable[str] = ()
    if name.endswith((".toml", ".txt", ".cfg", ".in")) or name == "pipfile":
        dependencies = _required(name, lines)
    return FileFacts(
        urls=sorted(urls),
        django=django_engines(body),
        dependencies=sorted(_engines_required(dependencies)),
        pragmas=pragmas(body),
        preloads="gunicorn" in body and "--preload" in body,
    )


def _required(name: str, lines: list[str]) -> list[str]:
    """Names of the distributions that a project needs to run: no extras, no development tools."""
    if name.endswith((".txt", ".in")):
        if _DEV_FILE.search(name):
            return []
        return [found.group(1) for line in lines if (found := _REQUIREMENT.match(line))]
    found_names: list[str] = []
    section, listing = "", False
    for line in lines:
        header = re.match(r"\s*\[+([^\]]+)\]+\s*$", line)
        if header and not listing:
            section = header.group(1).strip()
            continue
        stripped = line.strip()
        if listing:
            found_names += re.findall(r"[\"']([A-Za-z0-9][A-Za-z0-9._-]*)", stripped)
            if not name.endswith(".cfg"):
                listing = not stripped.endswith("]") or ("[" in stripped and stripped.count("[") > stripped.count("]"))
            elif line[:1].isspace() and (match := _REQUIREMENT.match(line)):
                found_names.append(match.group(1))
            else:
                listing = False
        elif section == "project" and re.match(r"dependencies\s*=\s*\[", stripped):
            found_names += re.findall(r"[\"']([A-Za-z0-9][A-Za-z0-9._-]*)", stripped)
            listing = not stripped.endswith("]")
        elif section == "options" and re.match(r"install_requires\s*=", stripped):
            listing = True
        elif section in {"tool.poetry.dependencies", "packages"} and "optional" not in stripped:
            found_names += [match.group(1)] if (match := _REQUIREMENT.match(stripped)) else []
    return found_names


_DISTRIBUTIONS: Final = {
    name: engine
    for engine, names in {
        "sqlite": (
            "aiosqlite apsw sqlite-utils pysqlite3 pysqlite3-binary sqlcipher3 sqlcipher3-binary libsql "
            "libsql-experimental sqlean-py"
        ),
        "postgresql": (
            "psycopg psycopg2 psycopg2-binary psycopg-binary psycopg-pool asyncpg pg8000 aiopg redshift-connector"
        ),
        "mysql": "mysqlclient mysql-connector-python pymysql aiomysql asyncmy mariadb",
        "oracle": "oracledb cx-oracle",
        "mssql": "pymssql pyodbc",
        "duckdb": "duckdb",
        "snowflake": "snowflake-connector-python",
        "clickhouse": "clickhouse-driver clickhouse-connect",
        "spark": "pyspark databricks-sql-connector",
        "bigquery": "google-cloud-bigquery",
        "presto": "trino",
    }.items()
    for name in names.split()
}


def _engines_required(names: Iterable[str]) -> set[str]:
    plain = (re.sub(r"[-_.]+", "-", name).lower() for name in names)
    return {_DISTRIBUTIONS[name] for name in plain if name in _DISTRIBUTIONS}
