"""What one file of a project tells of the whole: drivers, engine URLs, wrappers, SQL constants, DDL, pragmas.

Files are only read, never run.  Cheap tests on bytes come first, as most files of a project have nothing to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import ast

MAX_BYTES: Final = 2_000_000  # larger files are data, not settings or modules


@dataclass(frozen=True, slots=True)
class FileFacts:
    """The facts of one file; plain lists, strings and dicts throughout, as they are cached as JSON.

    ``drivers`` are the engines whose drivers it imports, ``urls`` those of engine URLs, ``django`` those of Django's
    DATABASES, ``dependencies`` those whose drivers the project requires.  ``imports`` are dotted names, relative ones
    with their leading dots.  ``wrappers`` are (name, owner, position, keyword, sink).
    """

    drivers: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    django: list[str] = field(default_factory=list)
    dependencies: list[str] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)
    wrappers: list[list[Any]] = field(default_factory=list)
    constants: dict[str, Any] = field(default_factory=dict)
    ddl: list[str] = field(default_factory=list)
    pragmas: list[list[str]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(getattr(self, each.name) for each in fields(self))

    def as_json(self) -> dict[str, Any]:
        """The fields that say something."""
        return {each.name: value for each in fields(self) if (value := getattr(self, each.name))}

    @classmethod
    def from_json(cls, data: object) -> FileFacts | None:
        """The inverse of ``as_json``; None for anything else."""
        if not isinstance(data, dict):
            return None
        facts = cls()
        for each in fields(cls):
            value = data.get(each.name)
            if value is not None and not isinstance(value, type(getattr(facts, each.name))):
                return None
        known = {each.name for each in fields(cls)}
        return cls(**data) if known.issuperset(data) else None


NOTHING: Final = FileFacts()

_NEEDLES: Final = (
    b"sql", b"execute", b"psycopg", b"asyncpg", b"apsw", b"oracledb", b"cx_oracle", b"pyodbc", b"duckdb", b"clickhouse",
    b"pyspark", b"bigquery", b"snowflake.", b"insert into", b"create table", b"pragma ", b"delete from",
)  # fmt: skip
_STATEMENT: Final = re.compile(
    rb"[\"'\n]\s*(?:select\s[^\"';]{1,1500}?\sfrom\s|insert\s+(?:or\s+\w+\s+)?into\s|replace\s+into\s"
    rb"|update\s+[^\s\"']+\s+set\s|delete\s+from\s|create\s+(?:\w+\s+){0,2}(?:table|index|view|trigger)\s"
    rb"|alter\s+table\s|drop\s+(?:table|index|view|trigger)\s|pragma\s+\w|with\s+(?:recursive\s+)?\w+\s+as\s*\()"
)
_SINK: Final = re.compile(rb"\b(?:execute(?:many|script)?|exec_driver_sql|execute_sql|read_sql\w*)\s*\(")
_SELECT: Final = b"select "
_IMPORT: Final = re.compile(rb"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import|import[ \t]+([\w., \t]+))", re.MULTILINE)
_URL: Final = re.compile(
    r"(?<![\w.])((?:sqlite|postgres(?:ql)?|mysql|mariadb|mssql|oracle|duckdb|cockroachdb|clickhouse|snowflake|bigquery"
    r"|redshift|libsql)(?:\+\w+)?)://",
    re.IGNORECASE,
)
_DJANGO: Final = re.compile(
    r"""["']?ENGINE["']?\s*[:=\]]\s*=?\s*["']([\w.]+)["']|\b(django\.(?:contrib\.gis\.)?db\.backends\.\w+)"""
)
_PRAGMA: Final = re.compile(r"\bpragma\s+(?:\w+\.)?(\w+)\s*(?:=|\()\s*['\"]?(-?\w+)", re.IGNORECASE)
_PEEWEE: Final = re.compile(r"\b(Sqlite\w*Database|Postgresql\w*Database|MySQLDatabase|APSWDatabase)\s*\(")
_DDL: Final = re.compile(
    r"\b(?:create\s+(?:temp\w*\s+|virtual\s+|unlogged\s+)?(?:table|view)|alter\s+table)\b", re.IGNORECASE
)


def read_facts(name: str, data: bytes) -> FileFacts:
    """The facts of a file of this name and content; never raises."""
    if len(data) > MAX_BYTES:
        return NOTHING
    lower = name.lower()
    if lower.endswith((".py", ".pyi")):
        return _python_facts(data)
    text = data.decode("utf-8", "replace")
    if lower.endswith(".sql"):
        return _sql_facts(text)
    return _settings_facts(lower.rpartition("/")[2], text)


def _python_facts(data: bytes) -> FileFacts:
    lower = data.lower()
    if not any(needle in lower for needle in _NEEDLES) and not (_SELECT in lower and b" from " in lower):
        return NOTHING
    has_sql = _STATEMENT.search(lower) is not None
    has_sink = _SINK.search(lower) is not None
    text = data.decode("utf-8", "replace")
    has_url = b"://" in lower and _URL.search(text) is not None
    modules = _imported(data)
    from sqlite_lint.hosts.libraries import imported_engines

    drivers = sorted(imported_engines(modules) | _peewee(text))
    django = _django(text)
    if not (has_sql or has_sink or has_url or drivers or django):
        return NOTHING
    facts = FileFacts(drivers=drivers, django=django, imports=sorted(set(modules)), pragmas=_pragmas(text))
    if not (has_sql or has_sink or has_url):
        return facts
    return _from_tree(facts, text, has_url)


def _from_tree(facts: FileFacts, text: str, has_url: bool) -> FileFacts:
    """Add what only the syntax tree tells; a file that cannot be parsed tells nothing more."""
    import ast
    import warnings
    from dataclasses import replace

    try:
        from sqlite_lint.hosts.modulefacts import find_wrappers, sql_constants
    except ImportError:
        find_wrappers, sql_constants = (lambda *a: ()), (lambda t: {})

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        wrappers = [[w.name, w.owner, w.position, w.keyword, w.sink.value] for w in find_wrappers(tree, {})]
        constants = {key: _plain(value) for key, value in sql_constants(tree).items()}
        return replace(
            facts,
            urls=_urls_of_strings(tree) if has_url else [],
            imports=_imports_of(tree),
            wrappers=wrappers,
            constants=constants,
            ddl=_ddl_of(tree) if _DDL.search(text) else [],
        )
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return facts


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _imported(data: bytes) -> list[str]:
    found: list[str] = []
    for source, plain in _IMPORT.findall(data):
        names = [source] if source else [part.split()[0] for part in plain.split(b",") if part.split()]
        found += [name.decode("ascii", "replace") for name in names]
    if b"google.cloud" in data and re.search(rb"from\s+google\.cloud\s+import\s+[^\n]*bigquery", data):
        found.append("google.cloud.bigquery")
    return found


def _imports_of(tree: ast.Module) -> list[str]:
    import ast

    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            found.add(module)
            found.update(module + ("" if module.endswith(".") else ".") + alias.name for alias in node.names)
    return sorted(found)


def _urls_of_strings(tree: ast.Module) -> list[str]:
    """The engines of strings that begin with an engine URL; docstrings tell of what might be."""
    import ast

    from sqlite_lint.hosts.engines import url_engines

    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            if "://" in node.value[:60] and _URL.match(node.value):
                # "postgresql://" alone is a prefix to compare with, "sqlite://" is memory.
                rest = node.value.partition("://")[2]
                if rest or node.value.lower().startswith("sqlite"):
                    found |= url_engines(node.value)
    return sorted(found)


def _ddl_of(tree: ast.Module) -> list[str]:
    """The texts with CREATE TABLE and ALTER TABLE in a module, holes for what is filled in."""
    import ast

    from sqlite_lint.sql.tokens import HOLE

    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    found: list[str] = []
    for node in ast.walk(tree):
        text = ""
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            text = node.value
        elif isinstance(node, ast.JoinedStr):
            text = "".join(
                part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else HOLE
                for part in node.values
            )
        if _DDL.search(text[:200_000]) and text.lstrip()[:6].lower() in {
            "create",
            "alter ",
            "begin ",
            "begin;",
            "pragma",
            "drop t",
        }:
            found.append(text)
    return found


def _pragmas(text: str) -> list[list[str]]:
    if "pragma" not in text.lower():
        return []
    return [list(each) for each in sorted({(name.lower(), value.lower()) for name, value in _PRAGMA.findall(text)})]


def _peewee(text: str) -> set[str]:
    from sqlite_lint.hosts.engines import mention

    return {name for found in _PEEWEE.findall(text) for name in mention(found).names}


def _django(text: str) -> list[str]:
    if "ENGINE" not in text and "django" not in text:
        return []
    from sqlite_lint.hosts.engines import text_engines

    return sorted({name for pair in _DJANGO.findall(text) for part in pair if part for name in text_engines(part)})


def _sql_facts(text: str) -> FileFacts:
    return FileFacts(ddl=[text] if _DDL.search(text) else [], pragmas=_pragmas(text))


_REQUIREMENT: Final = re.compile(r"^\s*[\"']?([A-Za-z0-9][A-Za-z0-9._-]*)")
_IMAGE: Final = re.compile(
    r"^\s*image:\s*[\"']?(?:[\w./-]+/)?(postgres|postgis|mysql|mariadb|timescaledb|pgvector)\b", re.MULTILINE
)
_DEV_FILE: Final = re.compile(r"(?:dev|test|doc|lint|optional|extra|bench)")


def _settings_facts(name: str, text: str) -> FileFacts:
    from sqlite_lint.hosts.engines import denoted, url_engines

    lines = [line for line in text.splitlines() if not line.lstrip().startswith(("#", ";", "//"))]
    body = "\n".join(lines)
    urls: set[str] = set()
    for found in _URL.finditer(body):
        urls |= url_engines(found.group(0))
    for image in _IMAGE.findall(body):
        urls |= denoted(image)
    dependencies: Iterable[str] = ()
    if name.endswith((".toml", ".txt", ".cfg", ".in")) or name == "pipfile":
        dependencies = _required(name, lines)
    return FileFacts(
        urls=sorted(urls),
        django=_django(body),
        dependencies=sorted(_engines_required(dependencies)),
        pragmas=_pragmas(body),
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
            if match := _REQUIREMENT.match(stripped):
                found_names.append(match.group(1))
    return found_names


_DISTRIBUTIONS: Final = {
    "mysqlclient": "mysql", "mysql-connector-python": "mysql", "pymysql": "mysql", "aiomysql": "mysql", "asyncmy": "mysql",
    "mariadb": "mysql", "psycopg": "postgresql", "psycopg2": "postgresql", "psycopg2-binary": "postgresql",
    "psycopg-binary": "postgresql", "psycopg-pool": "postgresql", "asyncpg": "postgresql", "pg8000": "postgresql",
    "aiopg": "postgresql", "aiosqlite": "sqlite", "apsw": "sqlite", "sqlite-utils": "sqlite", "pysqlite3": "sqlite",
    "pysqlite3-binary": "sqlite", "sqlcipher3": "sqlite", "sqlcipher3-binary": "sqlite", "libsql": "sqlite",
    "libsql-experimental": "sqlite", "sqlean-py": "sqlite", "oracledb": "oracle", "cx-oracle": "oracle", "pymssql": "mssql",
    "pyodbc": "mssql", "duckdb": "duckdb", "snowflake-connector-python": "snowflake", "clickhouse-driver": "clickhouse",
    "clickhouse-connect": "clickhouse", "pyspark": "spark", "google-cloud-bigquery": "bigquery",
    "databricks-sql-connector": "spark", "trino": "presto", "redshift-connector": "postgresql",
}  # fmt: skip


def _engines_required(names: Iterable[str]) -> set[str]:
    plain = (re.sub(r"[-_.]+", "-", name).lower() for name in names)
    return {_DISTRIBUTIONS[name] for name in plain if name in _DISTRIBUTIONS}
