"""The vocabulary of database engines: which one an identifier, a string, a URL or an imported module speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from sqlite_lint.regex import regex

SQLITE: Final = "sqlite"


def vocabulary(text: str) -> frozenset[str]:
    """The words of a text that lists them."""
    return frozenset(text.split())


class Engines(NamedTuple):
    """A set of engines: those in ``names``, or with ``complement`` all but those."""

    names: frozenset[str]
    complement: bool = False

    def __and__(self, other: Engines) -> Engines:
        if self.complement:
            if not self.names:  # any engine, as most code is for
                return other
            if other.complement:
                return Engines(self.names | other.names, True)
            return Engines(other.names - self.names)
        if other.complement:
            return Engines(self.names - other.names)
        return Engines(self.names & other.names)

    def __or__(self, other: Engines) -> Engines:
        return ~(~self & ~other)

    def __invert__(self) -> Engines:
        return Engines(self.names, not self.complement)

    @property
    def excludes_sqlite(self) -> bool:
        return (SQLITE in self.names) == self.complement

    @property
    def only_sqlite(self) -> bool:
        return not self.complement and self.names == {SQLITE}

    def __str__(self) -> str:
        if self.complement:
            return "engines other than " + " and ".join(sorted(map(title, self.names)))
        return " or ".join(sorted(map(title, self.names))) or "no engine"


ANY: Final = Engines(frozenset(), True)
NONE: Final = Engines(frozenset())


def engines(names: Iterable[str]) -> Engines:
    return Engines(frozenset(names))


_TITLES: Final = {
    "sqlite": "SQLite",
    "postgresql": "PostgreSQL",
    "mysql": "MySQL",
    "mssql": "SQL Server",
    "oracle": "Oracle",
    "duckdb": "DuckDB",
    "bigquery": "BigQuery",
    "clickhouse": "ClickHouse",
    "snowflake": "Snowflake",
    "spark": "Spark",
    "neo4j": "Cypher",
    "sparql": "SPARQL",
    "graphql": "GraphQL",
    "aws": "a service of AWS",
}


def title(name: str) -> str:
    """The engine's name as people write it."""
    return _TITLES.get(name, name)


# Long names that no other word contains: they count wherever they stand in an identifier.
_LONG: Final = {
    "sqlite": "sqlite",
    "sqlcipher": "sqlite",
    "libsql": "sqlite",
    "spatialite": "sqlite",
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "postgre": "postgresql",
    "psycopg": "postgresql",
    "asyncpg": "postgresql",
    "pgsql": "postgresql",
    "pgvector": "postgresql",
    "postgis": "postgresql",
    "cockroach": "postgresql",
    "timescale": "postgresql",
    "yugabyte": "postgresql",
    "greenplum": "postgresql",
    "supabase": "postgresql",
    "opengauss": "postgresql",
    "gaussdb": "postgresql",
    "kingbase": "postgresql",
    "alloydb": "postgresql",
    "mariadb": "mysql",
    "mssql": "mssql",
    "sqlserver": "mssql",
    "sql_server": "mssql",
    "pyodbc": "mssql",
    "oracledb": "oracle",
    "duckdb": "duckdb",
    "bigquery": "bigquery",
    "big_query": "bigquery",
    "clickhouse": "clickhouse",
    "databricks": "spark",
    "pyspark": "spark",
    "sparksql": "spark",
    "spark_sql": "spark",
    "neo4j": "neo4j",
    "sparql": "sparql",
    "graphql": "graphql",
    "promql": "promql",
    "cassandra": "cassandra",
    "couchbase": "couchbase",
    "dynamodb": "dynamodb",
    "elasticsearch": "elasticsearch",
    "opensearch": "opensearch",
    "cratedb": "crate",
    "memgraph": "neo4j",
    "tdengine": "taos",
    "cosmosdb": "cosmos",
    "lancedb": "lancedb",
    "teradata": "teradata",
    "vertica": "vertica",
    "mongodb": "mongodb",
    "surrealdb": "surrealdb",
    "arangodb": "arangodb",
    "questdb": "questdb",
    "influxdb": "influxdb",
    "risingwave": "postgresql",
    "informix": "informix",
    "hsqldb": "hsqldb",
    "datafusion": "datafusion",
    "dremio": "dremio",
    "infinispan": "infinispan",
    "rockset": "rockset",
    "manticore": "manticore",
    "frontbase": "frontbase",
    "maxdb": "maxdb",
    "cubrid": "cubrid",
    "singlestore": "mysql",
    "oceanbase": "mysql",
    "starrocks": "mysql",
    "pymysql": "mysql",
    "aiomysql": "mysql",
}

# Short names, and those that are parts of other words: they count as a whole word.
_WORDS: Final = {
    "pg": "postgresql",
    "psql": "postgresql",
    "plpgsql": "postgresql",
    "crdb": "postgresql",
    "pg8000": "postgresql",
    "mysql": "mysql",
    "mysqldb": "mysql",
    "asyncmy": "mysql",
    "apsw": "sqlite",
    "tsql": "mssql",
    "oracle": "oracle",
    "plsql": "oracle",
    "spark": "spark",
    "cypher": "neo4j",
    "soql": "soql",
    "yql": "yql",
    "cql": "cassandra",
    "aql": "arangodb",
    "kql": "kql",
    "ksql": "ksql",
    "hiveql": "hive",
    "db2": "db2",
    "redshift": "postgresql",
    "snowflake": "snowflake",
    "presto": "presto",
    "trino": "presto",
    "athena": "presto",
    "hive": "hive",
    "impala": "impala",
    "firebird": "firebird",
    "sybase": "sybase",
    "flink": "flink",
    "ingres": "ingres",
    "vitess": "mysql",
    "sap": "hana",
    "hana": "hana",
    "tidb": "mysql",
    "mongo": "mongodb",
    "spanner": "spanner",
    "exasol": "exasol",
    "duck": "duckdb",
    "bq": "bigquery",
}

# Words with another meaning in plain code (an oracle, a snowflake id, a spark of light): as a guard's whole text they
# name an engine, inside other names they do not.
_AMBIGUOUS: Final = vocabulary(
    "oracle spark cypher snowflake presto athena hive impala hana redshift spanner duck mongo aql kql yql sap"
)

_FILLER: Final = vocabulary(
    "db dbs database databases backend backends engine engines dialect dialects vendor driver drivers type "
    "types kind kinds name names provider flavor flavour sql django contrib gis base async asyncio aio sync "
    "connector mysqlconnector connection conn adapter adapters id key str value e like family cx compatible "
    "compat prefix prefixes scheme schemes"
)
_WORD: Final = regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LONG_RE: Final = regex("|".join(sorted(_LONG, key=len, reverse=True)))
_TEXT: Final = regex(r"[a-z][a-z0-9+._-]*\Z")


def words(identifier: str) -> list[str]:
    """The words of ``snake_case`` and ``CamelCase``, in lower case."""
    return [word.lower() for word in _WORD.findall(identifier)]


class Mention(NamedTuple):
    """The engines that an identifier speaks of, and its other words."""

    names: frozenset[str]
    rest: tuple[str, ...]


_NO_MENTION: Final = Mention(frozenset(), ())


@lru_cache(maxsize=4096)
def mention(identifier: str) -> Mention:
    """Read the engines out of an identifier or a file name's stem.

    ``MySQL``, ``PostgreSQL`` and the like fall apart at their capitals; long names are therefore cut out first.
    """
    if len(identifier) > 120:
        return _NO_MENTION
    found: set[str] = set()
    rest: list[str] = []
    at = 0
    plain = _spelled(identifier)
    lower = plain.lower()
    for match in _LONG_RE.finditer(lower):
        rest += _split(plain[at : match.start()], found)
        found.add(_LONG[match.group()])
        at = match.end()
        while at < len(lower) and lower[at].isdigit():
            at += 1
    rest += _split(plain[at:], found)
    return Mention(frozenset(found), tuple(rest)) if found else Mention(frozenset(), tuple(rest))


def _spelled(identifier: str) -> str:
    return identifier.replace("MySQL", "Mysql").replace("MySql", "Mysql").replace("My_SQL", "Mysql")


def _split(part: str, found: set[str]) -> list[str]:
    rest = []
    raw = re.findall(r"[A-Za-z]+\d*|\d+", part)
    for chunk in raw:
        if chunk.lower() in _WORDS:
            found.add(_WORDS[chunk.lower()])
            continue
        for word in words(chunk):
            if word in _WORDS:
                found.add(_WORDS[word])
            else:
                rest.append(word)
    return rest


@lru_cache(maxsize=4096)
def denoted(identifier: str) -> frozenset[str]:
    """The engines that an identifier stands for as a value (``POSTGRES``, ``PSQL_DIALECT``); none if it says more."""
    found = mention(identifier)
    if not found.names or any(word not in _FILLER and not word.isdigit() for word in found.rest):
        return frozenset()
    return found.names


@lru_cache(maxsize=4096)
def named(identifier: str) -> frozenset[str]:
    """The engines that a class, function, variable or path is named for; none where a word may mean something else."""
    found = mention(identifier)
    if not found.names or _TRANSFER.intersection(found.rest):
        return frozenset()
    if found.rest and not _LONG_RE.search(identifier.lower()):
        clear = {word for word in words(_spelled(identifier)) if word in _WORDS} - _AMBIGUOUS
        if not clear and _COMPANY.issuperset(found.rest):
            return found.names
        if not clear:
            return frozenset()
        if clear == {"pg"} and words(identifier.strip("_"))[0] != "pg" and words(identifier)[-1] != "pg":
            return frozenset()
    return found.names


# Words beside which even an ambiguous one names an engine: as_oracle, visit_hive, oracle_query.
_COMPANY: Final = _FILLER | vocabulary("as visit compile ddl query queries statement statements store schema dump")

# A function or file named so has two ends, and either may be SQLite.
_TRANSFER: Final = vocabulary(
    "to from import imports importer export exports exporter migrator convert converter copy sync "
    "transfer into not non no without replace versus vs or and than"
)


@lru_cache(maxsize=4096)
def text_engines(text: str) -> frozenset[str]:
    """The engines that a short text stands for: a dialect's name, a URL or its beginning, a dotted back end."""
    lower = text.strip().lower()
    if not lower or len(lower) > 300:
        return frozenset()
    scheme, colon, _ = lower.partition("://")
    if colon:
        lower = scheme
    lower = lower.rstrip(":/%+")
    if not _TEXT.match(lower) or lower.endswith(("_", "-", ".")) or len(lower) > 60:
        return frozenset()
    return denoted(lower.replace(".", "_").replace("-", "_").replace("+", "_"))


_URL: Final = regex(r"\s*([A-Za-z][A-Za-z0-9_]*(?:\+[A-Za-z0-9_]+)?)://?")


def url_engines(text: str) -> frozenset[str]:
    """The engine of an engine URL (``sqlite+aiosqlite:///x.db``); none if it is no such URL."""
    found = _URL.match(text)
    if found is None:
        return frozenset()
    return denoted(found.group(1).replace("+", "_"))
