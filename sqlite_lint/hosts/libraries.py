"""The libraries that take SQL, and the engine that each of them serves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from sqlite_lint.hosts.engines import vocabulary


class Library(NamedTuple):
    """A library that takes SQL; ``engine`` is None where it serves several."""

    name: str
    engine: str | None


_SINGLE: Final = {
    "sqlite": (
        "sqlite3 aiosqlite apsw pysqlite2 pysqlite3 sqlean sqlcipher3 pysqlcipher3 libsql "
        "libsql_experimental libsql_client sqlite_utils sqlitedict sqlite_minutils fastlite pandasql asqlite "
        "aiosqlitepool"
    ),
    "postgresql": (
        "psycopg psycopg2 psycopg2cffi psycopg_pool psycopg_c psycopg_binary asyncpg pg8000 aiopg pgdb postgresql "
        "asyncpgsa gino redshift_connector psqlpy pgpy triopg pglast pgvector testing.postgresql pytest_postgresql"
    ),
    "mysql": "pymysql MySQLdb mysql aiomysql asyncmy mariadb cymysql",
    "oracle": "oracledb cx_Oracle",
    "mssql": "pyodbc aioodbc pymssql pytds",
    "snowflake": "snowflake",
    "duckdb": "duckdb",
    "clickhouse": "clickhouse_driver clickhouse_connect asynch aioch chdb clickhouse_sqlalchemy",
    "spark": "pyspark databricks",
    "bigquery": "google.cloud.bigquery pandas_gbq",
    "spanner": "google.cloud.spanner",
    "neo4j": "neo4j py2neo kuzu neomodel",
    "sparql": "SPARQLWrapper rdflib",
    "graphql": "gql graphene graphql strawberry",
    "presto": "trino prestodb pyathena awswrangler",
    "hive": "pyhive",
    "impala": "impala",
    "vertica": "vertica_python",
    "teradata": "teradatasql",
    "db2": "ibm_db ibm_db_dbi",
    "firebird": "fdb firebird",
    "cassandra": "cassandra",
    "couchbase": "couchbase acouchbase",
    "crate": "crate",
    "cosmos": "azure.cosmos",
    "lancedb": "lancedb",
    "ydb": "ydb",
    "exasol": "pyexasol",
    "druid": "pydruid pinotdb",
    "monetdb": "pymonetdb",
    "elasticsearch": "elasticsearch opensearchpy",
    "mongodb": "pymongo motor",
    "soql": "simple_salesforce",
    "influxdb": "influxdb influxdb_client elasticsearch opensearchpy lancedb",
    "hana": "hdbcli",
    "datafusion": "datafusion",
    "manticore": "manticoresearch",
    "rockset": "rockset",
    "polars": "polars",
    "surrealdb": "surrealdb",
    "arangodb": "arango",
    "taos": "taos",
    "ldap": "ldap ldap3",
}
_SEVERAL: Final = (
    "sqlalchemy sqlmodel alembic flask_sqlalchemy django peewee peewee_async playhouse pony tortoise databases records "
    "dataset pandas aiosql pugsql ormar flask_migrate geoalchemy2 web2py pydal"
)
LIBRARIES: Final[dict[str, Library]] = {
    module: Library(module, engine) for engine, modules in _SINGLE.items() for module in modules.split()
} | {module: Library(module, None) for module in _SEVERAL.split()}

# Libraries whose mere import says nothing: they serve data that has nothing to do with the SQL beside it.
INCIDENTAL: Final = vocabulary(
    "graphql gql graphene strawberry polars redis ldap ldap3 pymongo motor rdflib pgvector influxdb influxdb_client "
    "elasticsearch opensearchpy lancedb"
)


def library(dotted: str) -> Library | None:
    """The library that a dotted name belongs to."""
    parts = dotted.split(".")
    for upto in (3, 2, 1):
        found = LIBRARIES.get(".".join(parts[:upto]))
        if found is not None:
            return found
    return None


def imported_libraries(modules: Iterable[str]) -> frozenset[str]:
    """The names of the libraries that take SQL among imported modules."""
    found = (library(dotted) for dotted in modules)
    return frozenset(lib.name for lib in found if lib is not None and lib.name not in INCIDENTAL)


def imported_engines(modules: Iterable[str]) -> frozenset[str]:
    """The engines whose drivers are among imported modules."""
    return frozenset(engine for name in imported_libraries(modules) if (engine := LIBRARIES[name].engine) is not None)
