"""Whose SQL it is.  In each snippet a string "sql: other" says which engine must be found for it."""

from __future__ import annotations

import ast
from pathlib import Path
from textwrap import dedent

import pytest

from sqlite_lint.config import Config
from sqlite_lint.facts import FileFacts
from sqlite_lint.hosts.evidence import Evidence, EvidenceFinder
from sqlite_lint.hosts.model import ParamStyle
from sqlite_lint.hosts.module import Module
from sqlite_lint.hosts.python import read_python
from sqlite_lint.project import Project, load_project

SINKS = {"text", "execute", "sql", "query", "read_sql", "fetch", "exec_driver_sql", "RunSQL"}


def evidences(
    code: str, path: str = "app/store.py", project: Project | None = None, dialects: dict[str, str] | None = None
) -> list[tuple[str, Evidence]]:
    """The expected engine and the evidence of each marked string, in source order."""
    text = dedent(code)
    module = Module(text, path, ast.parse(text))
    finder = EvidenceFinder(module, project or Project.empty(), dialects)
    found = [
        (node.value.split()[1], finder.evidence(_sink(module, node), [node]))
        for node in module.nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("sql: ")
    ]
    assert found
    return found


def _sink(module: Module, node: ast.AST) -> ast.AST | None:
    for parent in module.ancestors(node):
        if isinstance(parent, ast.Call):
            name = parent.func.attr if isinstance(parent.func, ast.Attribute) else getattr(parent.func, "id", "")
            if name in SINKS:
                return parent
        if isinstance(parent, ast.stmt):
            return None
    return None


def check(code: str, path: str = "app/store.py", project: Project | None = None) -> None:
    found = [
        (expected, evidence.engine.value, evidence.reason) for expected, evidence in evidences(code, path, project)
    ]
    assert [expected for expected, _, _ in found] == [engine for _, engine, _ in found], found


GUARDS = {
    "if_else": """
        def f(conn):
            if conn.dialect.name == "postgresql":
                conn.execute("sql: other")
            else:
                conn.execute("sql: unknown")
            conn.execute("sql: unknown")
    """,
    "if_sqlite_else": """
        def f(conn, engine):
            if engine.dialect.name == "sqlite":
                sql = "sql: sqlite"
            else:
                sql = "sql: other"
    """,
    "elif_chain": """
        def f(dialect, c):
            if dialect == "sqlite":
                c.execute("sql: sqlite")
            elif dialect in {"mysql", "mariadb"}:
                c.execute("sql: other")
            else:
                c.execute("sql: other")
    """,
    "not_equal": """
        def f(connection, c):
            if connection.vendor != "sqlite":
                c.execute("sql: other")
            if connection.vendor != "postgresql":
                c.execute("sql: unknown")
    """,
    "membership": """
        def f(name, c):
            if name in ("postgresql", "oracle"):
                c.execute("sql: other")
            if name in ("postgresql", "sqlite"):
                c.execute("sql: unknown")
            if name not in ["sqlite"]:
                c.execute("sql: other")
            if name not in ("mysql",):
                c.execute("sql: unknown")
    """,
    "membership_in_a_constant": """
        SERVERS = frozenset({"postgresql", "mysql"})
        def f(name, c):
            if name in SERVERS:
                c.execute("sql: other")
            else:
                c.execute("sql: unknown")
    """,
    "enum": """
        def f(self, c):
            if self.kind == DatabaseType.POSTGRES:
                c.execute("sql: other")
            elif self.kind is DatabaseType.SQLITE:
                c.execute("sql: sqlite")
            if self.kind in (Dialect.MYSQL, Dialect.MARIADB):
                c.execute("sql: other")
            if self.kind == DatabaseType.PG.value:
                c.execute("sql: other")
    """,
    "constant": """
        PG = "postgresql"
        def f(name, c):
            if name == PG:
                c.execute("sql: other")
            if name == MYSQL:
                c.execute("sql: other")
    """,
    "isinstance": """
        def f(engine, c):
            if isinstance(engine, PostgresEngine):
                c.execute("sql: other")
            elif isinstance(engine, SQLiteEngine):
                c.execute("sql: sqlite")
            if isinstance(engine, (PgDb, MySQLDb)):
                c.execute("sql: other")
            if not isinstance(engine, Sqlite3Engine):
                c.execute("sql: other")
    """,
    "isinstance_of_a_connection_or_a_path": """
        import sqlite3
        def f(db):
            if isinstance(db, sqlite3.Connection):
                conn = db
            else:
                conn = sqlite3.connect(db)
                conn.execute("sql: sqlite")
    """,
    "early_return": """
        def f(conn, scheme):
            conn.execute("sql: unknown")
            if scheme == "sqlite":
                return
            conn.execute("sql: other")
    """,
    "early_raise_and_continue": """
        def f(engines):
            for engine in engines:
                if engine.name != "postgresql":
                    continue
                engine.execute("sql: other")
        def g(engine):
            if engine.name != "sqlite":
                raise NotImplementedError
            engine.execute("sql: sqlite")
    """,
    "early_return_of_one_branch": """
        def f(conn, name, verbose):
            if name == "sqlite":
                if verbose:
                    return
            conn.execute("sql: unknown")
            if name == "postgresql":
                conn.execute("sql: other")
                return
            elif name == "mysql":
                conn.execute("sql: other")
                return
            conn.execute("sql: unknown")
    """,
    "assertion": """
        def f(conn):
            assert conn.dialect.name == "postgresql", "PostgreSQL only"
            conn.execute("sql: other")
    """,
    "conditional_expression": """
        def f(db, name):
            stmt = "sql: sqlite" if name == "sqlite" else "sql: other"
            db.execute("sql: other" if db.dialect.name == "postgresql" else "sql: unknown")
    """,
    "boolean_operators": """
        def f(db, name, x):
            name == "postgresql" and db.execute("sql: other")
            name == "sqlite" or db.execute("sql: other")
            if x and name == "postgresql":
                db.execute("sql: other")
            else:
                db.execute("sql: unknown")
            if x or name == "sqlite":
                db.execute("sql: unknown")
            else:
                db.execute("sql: other")
            if not (name == "sqlite"):
                db.execute("sql: other")
    """,
    "match": """
        def f(db, name):
            match name:
                case "sqlite" | "sqlite3":
                    db.execute("sql: sqlite")
                case Dialect.POSTGRES:
                    db.execute("sql: other")
                case "mysql" if db.old:
                    db.execute("sql: other")
                case _:
                    db.execute("sql: other")
    """,
    "match_on_classes": """
        def f(db):
            match db:
                case PostgresEngine():
                    db.execute("sql: other")
                case _:
                    db.execute("sql: unknown")
    """,
    "dict_by_dialect": """
        QUERIES = {
            "postgresql": "sql: other",
            "sqlite": {"day": "sql: sqlite"},
            ("mysql", "mariadb"): "sql: other",
            Dialect.MSSQL: "sql: other",
            "default": "sql: unknown",
        }
        QUERIES["oracle"] = "sql: other"
        BY_KEYWORD = dict(postgres="sql: other", sqlite="sql: sqlite", title="sql: unknown")
    """,
    "pairs": """
        CASES = [("postgresql", "sql: other"), ("sqlite", "sql: sqlite"), ("users", "sql: unknown")]
        register("mysql", "sql: other")
        subprocess.run(["docker", "exec", "db", "psql", "-c", "sql: other"])
        subprocess.run(["sqlite3", path, "sql: sqlite"])
        param(["postgresql", "mysql"], x)
    """,
    "comprehension": """
        def f(engines, c):
            return [c.execute("sql: other") for engine in engines if engine.name == "postgresql"]
    """,
    "affixes_of_urls": """
        def f(url, c):
            if url.startswith("postgres"):
                c.execute("sql: other")
            if url.startswith(("postgresql://", "mysql://")):
                c.execute("sql: other")
            if "sqlite" in url:
                c.execute("sql: sqlite")
            else:
                c.execute("sql: other")
            if any(url.startswith(p) for p in ("postgres", "mysql")):
                c.execute("sql: other")
    """,
    "django_engine": """
        def f(settings, c):
            if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
                c.execute("sql: other")
            if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
                c.execute("sql: sqlite")
            else:
                c.execute("sql: other")
    """,
    "flags": """
        def f(self, c, db):
            if is_postgres(db):
                c.execute("sql: other")
            if IS_SQLITE:
                c.execute("sql: sqlite")
            else:
                c.execute("sql: other")
            if self.using_pg():
                c.execute("sql: other")
            if settings.USE_POSTGRES:
                c.execute("sql: other")
            if not self.is_sqlite:
                c.execute("sql: other")
            if not_sqlite:
                c.execute("sql: other")
    """,
    "local_flags": """
        def f(c, conn):
            native = conn.dialect.name == "postgresql"
            if native:
                c.execute("sql: other")
            else:
                c.execute("sql: unknown")
    """,
    "flag_attributes_and_properties": """
        class Store:
            def __init__(self, url):
                self.locks = url.startswith("postgresql")
            @property
            def fast(self):
                return self.engine.dialect.name == "postgresql"
            def f(self, c):
                if self.locks:
                    c.execute("sql: other")
                if not self.fast:
                    c.execute("sql: unknown")
                else:
                    c.execute("sql: other")
    """,
    "function_that_tells": """
        def native(conn):
            return conn.dialect.name == "sqlite"
        def f(conn):
            if native(conn):
                conn.execute("sql: sqlite")
            else:
                conn.execute("sql: other")
    """,
    "value_that_only_one_engine_has": """
        def f(c, dialect, name):
            schema = name if dialect == "postgresql" else None
            if schema is not None:
                c.execute("sql: other")
            if schema:
                c.execute("sql: other")
            if schema is None:
                c.execute("sql: unknown")
    """,
    "execute_if": """
        listen(table, "after_create", DDL("sql: other").execute_if(dialect="postgresql"))
        listen(table, "after_create", DDL("sql: sqlite").execute_if(dialect=("sqlite",)))
        listen(table, "after_create", DDL("sql: unknown").execute_if(dialect=("sqlite", "mysql")))
        def is_mysql(ddl, target, bind, **kw):
            return bind.dialect.name == "mysql"
        listen(t, "after_create", DDL("sql: other").execute_if(callable_=is_mysql))
        listen(t, "after_create", DDL("sql: other").execute_if(callable_=lambda d, t, bind, **kw: bind.dialect.name == "mysql"))
        listen(t, "after_create", DDL("sql: unknown").execute_if(callable_=lambda d, t, bind, **kw: t.exists))
        Index("ix", postgresql_where=text("sql: other"), sqlite_where=text("sql: sqlite"))
        transpile("sql: other", read="postgres")
    """,
    "guard_in_the_caller": """
        def _locking():
            return text("sql: other")
        def _plain():
            return text("sql: unknown")
        def _unused():
            return text("sql: unknown")
        def _both():
            return text("sql: unknown")
        def run(conn):
            if conn.dialect.name == "postgresql":
                query = _locking()
                _both()
            else:
                query = _plain()
                _both()
    """,
    "guard_in_the_callers_caller": """
        class Store:
            def _inner(self):
                self.c.execute("sql: other")
            def _outer(self):
                self._inner()
            def run(self):
                if self.engine.name == "mysql":
                    self._outer()
    """,
    "dispatch_table": """
        def first(c):
            c.execute("sql: other")
        def second(c):
            c.execute("sql: sqlite")
        RUN = {"postgresql": first, "sqlite": second}
    """,
    "skip_decorators": """
        @skipUnless(connection.vendor == "postgresql", "needs PostgreSQL")
        class A:
            def test(self, c):
                c.execute("sql: other")
        @pytest.mark.skipif(engine.name == "sqlite", reason="no")
        def test_b(c):
            c.execute("sql: other")
        @pytest.mark.skipif(sys.platform == "win32", reason="no")
        def test_c(c):
            c.execute("sql: unknown")
        @skip_if_postgres
        def test_d(c):
            c.execute("sql: unknown")
    """,
    "marks": """
        @pytest.mark.postgres
        def test_a(c):
            c.execute("sql: other")
        @only_on("postgresql")
        def test_b(c):
            c.execute("sql: other")
        @requires_mysql
        def test_c(c):
            c.execute("sql: other")
        @compiles(Greatest, "sqlite")
        def d(c):
            c.execute("sql: sqlite")
        @pytest.mark.parametrize("dialect", ["postgresql", "sqlite"])
        def test_e(c, dialect):
            c.execute("sql: unknown")
    """,
    "set_up": """
        class A(TestCase):
            def setUp(self):
                if connection.vendor != "postgresql":
                    self.skipTest("needs PostgreSQL")
            def test(self):
                c.execute("sql: other")
        class B:
            def __init__(self, engine):
                if not isinstance(engine, PostgresDb):
                    raise ValueError("needs PostgreSQL")
            def f(self, c):
                c.execute("sql: other")
        class C:
            def __init__(self, url):
                if url.startswith("postgres"):
                    self.pg = True
                    return
                self.pg = False
            def f(self, c):
                c.execute("sql: unknown")
    """,
    "module_mark": """
        pytestmark = [pytest.mark.postgres]
        def test(c):
            c.execute("sql: other")
    """,
    "class_attribute": """
        class A:
            __only_on__ = "postgresql"
            def test(self, c):
                c.execute("sql: other")
    """,
    "names": """
        class PostgresStore:
            claim = "sql: other"
        class AioSqliteStore:
            claim = "sql: sqlite"
        POSTGRES_CLAIM = "sql: other"
        claim_sqlite = "sql: sqlite"
        def as_postgresql(self):
            return "sql: other"
        def pg_search(c):
            c.execute("sql: other")
        def _migrate_async_mysql(c):
            c.execute("sql: other")
        def migrate_from_mysql(c):
            c.execute("sql: unknown")
        def sqlite_to_postgres(c):
            c.execute("sql: unknown")
        class Oracle:
            answer = "sql: other"
        class OracleAgent:
            answer = "sql: unknown"
        def as_oracle(self):
            return "sql: other"
        def make_snowflake_id(c):
            c.execute("sql: unknown")
    """,
    "with_and_for": """
        def f(c, pg_pool):
            with only_on("postgresql"):
                c.execute("sql: other")
            with requires_mysql(c):
                c.execute("sql: other")
            with pg_pool.connection():
                c.execute("sql: unknown")
            with self.subTest(name="postgresql"):
                c.execute("sql: unknown")
            for dialect in ("postgresql", "mysql"):
                run(dialect, "sql: other")
            for dialect in ("postgresql", "sqlite"):
                run(dialect, "sql: unknown")
    """,
    "defaults_that_a_branch_replaces": """
        def f(c, dialect, other):
            like = "sql: other"
            if dialect == "sqlite":
                like = "LIKE"
            now = "sql: sqlite"
            if dialect == "postgresql":
                now = "now()"
            elif dialect != "sqlite":
                now = "sysdate"
            used = "sql: unknown"
            c.execute(used)
            if dialect == "sqlite":
                used = "x"
            added = "sql: unknown"
            if dialect == "sqlite":
                added += "x"
            if other:
                added = "y"
    """,
    "settings": """
        def f(c):
            if os.environ.get("USE_POSTGRES"):
                c.execute("sql: other")
            if os.environ["IS_SQLITE"]:
                c.execute("sql: sqlite")
            if os.environ.get("SQLITE_CACHE_DIR"):
                return
            c.execute("sql: unknown")
    """,
    "base_classes": """
        class ArrayTests(PostgreSQLTestCase):
            def test(self, c):
                c.execute("sql: other")
        class Local(SqliteMixin):
            query = "sql: sqlite"
        class Both(SqliteMixin, PostgresMixin):
            query = "sql: sqlite"
    """,
    "types_of_parameters": """
        @render.register
        def _(dialect: PostgresDialect):
            return "sql: other"
        def f(engine: SqliteEngine, c):
            c.execute("sql: sqlite")
        def g(source: SqliteDb, target: PostgresDb, c):
            c.execute("sql: unknown")
        def h(name: str, c):
            c.execute("sql: unknown")
    """,
    "attributes_and_properties_of_the_class": """
        class A:
            dialect: str = "postgresql"
            def f(self, c):
                c.execute("sql: other")
        class B:
            @property
            def dialect(self):
                return "mysql"
            query = "sql: other"
        class C:
            dialect = make_dialect()
            query = "sql: unknown"
    """,
    "labels_in_dicts": """
        CASES = [
            {"dialect": "postgresql", "sql": "sql: other"},
            {"dialect": "sqlite", "sql": "sql: sqlite"},
            {"name": "postgresql", "sql": "sql: unknown"},
        ]
        Case(engine="mysql", sql="sql: other")
    """,
    "exits_from_a_try": """
        def f(c, name):
            try:
                if name == "sqlite":
                    return
                c.execute("sql: other")
            finally:
                c.close()
            c.execute("sql: other")
    """,
    "skip_unless": """
        @skip_unless_postgres
        def test_a(c):
            c.execute("sql: other")
        @skipUnlessVendor("mysql")
        def test_b(c):
            c.execute("sql: other")
        @not_on("sqlite")
        def test_c(c):
            c.execute("sql: other")
    """,
    "kind_of_an_engine": """
        if connection.vendor == "mysql" and not connection.mysql_is_mariadb:
            connection.execute("sql: other")
        if connection.mysql_is_mariadb:
            connection.execute("sql: other")
        else:
            connection.execute("sql: other")
    """,
    "other_languages": """
        SPARQL = "sql: other"
        cypher = "sql: other"
        SOQL_QUERY = "sql: other"
        spark_line = "sql: unknown"
    """,
}


@pytest.mark.parametrize("name", GUARDS)
def test_guard(name: str) -> None:
    check(GUARDS[name])


NO_GUARDS = {
    "tables_of_sqlite_itself": """
        def f(c, tables):
            for name in tables:
                if name.startswith("sqlite_"):
                    continue
                c.execute("sql: unknown")
                if name == "sqlite_sequence":
                    continue
                c.execute("sql: unknown")
    """,
    "suffix_of_a_file": """
        def f(c, path):
            if path.endswith(".sqlite"):
                c.execute("sql: sqlite")
            else:
                c.execute("sql: unknown")
            if path.suffix == ".sqlite3":
                return
            c.execute("sql: unknown")
    """,
    "error_texts": """
        def f(c):
            try:
                g()
            except Exception as error:
                if "sqlite" in str(error):
                    return
                c.execute("sql: unknown")
    """,
    "objects_named_for_an_engine": """
        def f(c, sqlite_path, pg_pool):
            if not sqlite_path:
                c.execute("sql: unknown")
            if sqlite_version:
                c.execute("sql: unknown")
    """,
    "a_library_that_is_there": """
        def f(c):
            if not HAS_SQLITE:
                return
            c.execute("sql: unknown")
            if sqlite_available():
                return
            c.execute("sql: unknown")
    """,
    "other_things_compared": """
        def f(c, mode):
            if mode == "fast":
                return
            c.execute("sql: unknown")
            if c.status != "ready":
                c.execute("sql: unknown")
    """,
}


@pytest.mark.parametrize("name", NO_GUARDS)
def test_noop_guard(name: str) -> None:
    check(NO_GUARDS[name])


DRIVERS = {
    "operators": """
        import sqlite3
        from airflow.providers.postgres.operators.postgres import PostgresOperator
        from airflow.providers.sqlite.operators.sqlite import SqliteOperator
        a = PostgresOperator(task_id="a", sql="sql: other")
        b = SqliteOperator(task_id="b", sql="sql: sqlite")
        c = Report("title", "sql: sqlite")
    """,
    "connect": """
        import sqlite3, psycopg2
        def f():
            a = sqlite3.connect("x.db")
            a.execute("sql: sqlite")
            b = psycopg2.connect("x")
            cur = b.cursor()
            cur.execute("sql: other")
            psycopg2.connect("x").cursor().execute("sql: other")
    """,
    "aliases": """
        import sqlite3 as sq
        from psycopg import connect as pg_connect
        def f():
            sq.connect("x").execute("sql: sqlite")
            with pg_connect("x") as conn, conn.cursor() as cur:
                cur.execute("sql: other")
    """,
    "attributes_of_self": """
        import aiosqlite, asyncpg
        class A:
            async def open(self):
                self.db = await aiosqlite.connect("x")
                self.pool = await asyncpg.create_pool("x")
            async def f(self):
                await self.db.execute("sql: sqlite")
                async with self.pool.acquire() as conn:
                    await conn.execute("sql: other")
    """,
    "inherited_attributes": """
        import pymysql
        class Base:
            def __init__(self):
                self.conn = pymysql.connect()
        class Store(Base):
            def f(self):
                self.conn.cursor().execute("sql: other")
    """,
    "annotations": """
        import sqlite3, asyncpg
        from typing import Optional
        class A:
            pool: asyncpg.Pool
            def f(self, a: sqlite3.Connection, b: "asyncpg.Connection", c: Optional[asyncpg.Pool], d):
                a.execute("sql: sqlite")
                b.execute("sql: other")
                c.execute("sql: other")
                d.execute("sql: unknown")
                self.pool.execute("sql: other")
    """,
    "own_functions": """
        import sqlite3, psycopg2
        from contextlib import contextmanager
        def local():
            conn = sqlite3.connect("x")
            return conn
        @contextmanager
        def remote():
            conn = psycopg2.connect("x")
            yield conn
        def typed() -> sqlite3.Connection:
            return _pool.get()
        def f():
            local().execute("sql: sqlite")
            with remote() as conn:
                conn.cursor().execute("sql: other")
            typed().execute("sql: sqlite")
    """,
    "several_engines": """
        import sqlite3, psycopg2
        def f(url):
            if url.startswith("postgres"):
                conn = psycopg2.connect(url)
            else:
                conn = sqlite3.connect(url)
            conn.execute("sql: unknown")
    """,
    "engine_urls": """
        from sqlalchemy import create_engine, text
        from sqlalchemy.orm import Session
        URL = "postgresql+psycopg://x"
        local = create_engine("sqlite:///x.db")
        remote = create_engine(URL)
        def f():
            with local.connect() as conn:
                conn.execute(text("sql: sqlite"))
            with remote.begin() as conn:
                conn.execute(text("sql: other"))
            with Session(remote) as session:
                session.execute(text("sql: other"))
    """,
    "engine_urls_in_f_strings": """
        from sqlalchemy import create_engine, text
        engine = create_engine(f"mysql+pymysql://{user}@{host}/db")
        def f():
            engine.connect().execute(text("sql: other"))
    """,
    "peewee_classes": """
        from peewee import SqliteDatabase, PostgresqlDatabase
        a = SqliteDatabase("x")
        b = PostgresqlDatabase("x")
        a.execute("sql: sqlite")
        b.execute("sql: other")
    """,
    "pandas": """
        import pandas as pd, sqlite3, psycopg2
        a = sqlite3.connect("x")
        b = psycopg2.connect("x")
        pd.read_sql("sql: sqlite", a)
        pd.read_sql("sql: other", con=b)
    """,
    "other_engines": """
        import duckdb
        from google.cloud import bigquery
        from neo4j import GraphDatabase
        from pyspark.sql import SparkSession
        from SPARQLWrapper import SPARQLWrapper
        spark = SparkSession.builder.getOrCreate()
        def f():
            duckdb.sql("sql: other")
            duckdb.connect().execute("sql: other")
            bigquery.Client().query("sql: other")
            spark.sql("sql: other")
            driver = GraphDatabase.driver("x")
            with driver.session() as session:
                session.execute("sql: other")
    """,
    "names_of_receivers": """
        def f(self, pg_conn, sqlite_conn, conn):
            pg_conn.execute("sql: other")
            sqlite_conn.execute("sql: sqlite")
            self.postgres.pool.execute("sql: other")
            self.mysql_db.cursor().execute("sql: other")
            conn.execute("sql: unknown")
    """,
    "imported_classes": """
        from .postgres import PostgresDb
        from .local import Db
        def f(a: PostgresDb, b: Db):
            a.execute("sql: other")
            b.execute("sql: unknown")
    """,
    "a_guard_that_shuts_sqlite_out_counts_more": """
        import sqlite3
        conn = sqlite3.connect("x")
        def f(kind):
            if kind == "postgres":
                conn.execute("sql: other")
    """,
    "a_driver_counts_more_than_names": """
        import sqlite3
        class PostgresMirror:
            def __init__(self):
                self.conn = sqlite3.connect("x")
            def f(self):
                self.conn.execute("sql: sqlite")
    """,
    "a_local_name_hides_an_import": """
        import psycopg2 as db
        import sqlite3
        def f():
            db = sqlite3.connect("x")
            db.execute("sql: sqlite")
    """,
    "parameters_that_callers_fill": """
        import sqlite3, psycopg2
        def read(conn, sql):
            conn.execute("sql: sqlite")
        def write(conn):
            conn.execute("sql: other")
        def both(conn):
            conn.execute("sql: unknown")
        def some(conn):
            conn.execute("sql: unknown")
        class A:
            def _save(self, name, conn):
                conn.execute("sql: sqlite")
            def f(self):
                self._save("x", conn=sqlite3.connect("x"))
        def f(given):
            a = sqlite3.connect("x")
            b = psycopg2.connect("x")
            read(a, "x")
            write(b)
            both(a)
            both(b)
            some(a)
            some(given)
    """,
    "text_that_is_executed_elsewhere": """
        from sqlalchemy import create_engine, text
        remote = create_engine("postgresql://x")
        local = create_engine("sqlite://")
        def f(conn):
            statement = text("sql: other").bindparams(a=1)
            with remote.connect() as c:
                c.execute(statement)
            other = text("sql: unknown")
            conn.execute(other)
    """,
    "addresses_named_for_an_engine": """
        import os
        from sqlalchemy import create_engine, text
        a = create_engine(os.environ["POSTGRES_URL"])
        b = create_engine(settings.MYSQL_DSN)
        c = create_engine(os.environ["DATABASE_URL"])
        a.connect().execute(text("sql: other"))
        b.connect().execute(text("sql: other"))
        c.connect().execute(text("sql: unknown"))
    """,
    "connections_by_key": """
        from django.db import connections
        with connections["postgres"].cursor() as cursor:
            cursor.execute("sql: other")
        with connections["default"].cursor() as cursor:
            cursor.execute("sql: unknown")
    """,
    "dependencies_and_fixtures": """
        import sqlite3, psycopg2, pytest
        def get_remote():
            yield psycopg2.connect("x")
        @pytest.fixture
        def local():
            return sqlite3.connect("x")
        def view(conn=Depends(get_remote)):
            conn.execute("sql: other")
        def test(local):
            local.execute("sql: sqlite")
    """,
    "modules_imported_if_there": """
        import pytest
        pg = pytest.importorskip("psycopg2")
        def test():
            conn = pg.connect("x")
            conn.execute("sql: other")
    """,
    "address_in_place_of_a_connection": """
        import pandas as pd
        pd.read_sql("sql: other", "postgresql://u@h/x")
        pd.read_sql("sql: sqlite", "sqlite:///x.db")
    """,
    "conditional_and_either": """
        import sqlite3
        def f(given):
            conn = given or sqlite3.connect("x")
            conn.execute("sql: sqlite")
            other = sqlite3.connect("x") if given is None else given
            other.execute("sql: sqlite")
    """,
}


@pytest.mark.parametrize("name", DRIVERS)
def test_driver(name: str) -> None:
    check(DRIVERS[name])


def test_docstring_tells() -> None:
    check('"""Atomic PostgreSQL admission, shared."""\ndef f(c):\n    c.execute("sql: other")\n')
    check('class A:\n    """A Postgres queue."""\n    def f(self, c):\n        c.execute("sql: other")\n')


def test_docstring_tells_beside_sqlite_only_in_plain_words() -> None:
    check(
        """
        SQLITE = 1
        def f(c):
            '''PostgreSQL only: locks the rows.'''
            c.execute("sql: other")
        def g(c):
            '''The PostgreSQL side of it.'''
            c.execute("sql: unknown")
        """
    )


def test_comment_in_the_sql_tells() -> None:
    code = 'def f(c):\n    c.execute("""{}\nSELECT 1""")\n'
    for comment, engine in (("-- dialect: postgresql", "other"), ("/* for MySQL */", "other"), ("-- count", "unknown")):
        text = code.format(comment)
        module = Module(text, "a.py", ast.parse(text))
        node = next(each for each in module.nodes if isinstance(each, ast.Constant))
        assert EvidenceFinder(module, Project.empty()).evidence(None, [node]).engine.value == engine


@pytest.mark.parametrize(
    "docstring",
    [
        "Ported from PostgreSQL.",
        "Like the Postgres store.",
        "Queues.  On PostgreSQL locks help.",
        "SQLite, not Postgres.",
    ],
)
def test_noop_docstring(docstring: str) -> None:
    check(f'"""{docstring}"""\ndef f(c):\n    c.execute("sql: unknown")\n')


def test_driver_modules_decide_where_the_receiver_says_nothing() -> None:
    check('import psycopg2\ndef f(c):\n    c.execute("sql: other")\n')
    check('import sqlite3\ndef f(c):\n    c.execute("sql: sqlite")\n')
    check('import sqlite3, psycopg2\ndef f(c):\n    c.execute("sql: unknown")\n')
    check('from sqlalchemy.dialects import postgresql\ndef f(c):\n    c.execute("sql: unknown")\n')
    check('import rdflib, strawberry\ndef f(c):\n    c.execute("sql: unknown")\n')


def test_guards_count_before_the_drivers_that_a_module_imports() -> None:
    check("""
        import psycopg2

        def f(conn):
            if conn.dialect.name == "postgresql":
                conn.execute("sql: other")
            else:
                conn.execute("sql: unknown")
            if conn.dialect.name in {"postgresql", "sqlite"}:
                conn.execute("sql: unknown")
            if conn.dialect.name != "mysql":
                conn.execute("sql: other")
    """)


def test_engine_url_for_sqlite_counts_beside_another_driver() -> None:
    check("""
        import psycopg2

        engine = create_engine("sqlite:///app.db")

        def f(conn):
            conn.execute("sql: sqlite")
    """)


def test_noop_analytics_library_beside_a_session() -> None:
    check(
        """
        import duckdb
        from sqlalchemy import text
        from sqlalchemy.orm import Session
        def f(session: Session):
            session.execute(text("sql: unknown"))
        """
    )


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("migrations/versions/postgresql/2022_a.py", "other"),
        ("migrations/versions/sqlite/2022_a.py", "sqlite"),
        ("backends/mysql.py", "other"),
        ("tests/test_postgres.py", "other"),
        ("db/pg_store.py", "other"),
        ("tools/sqlite_to_postgres.py", "unknown"),
        ("import_from_mysql.py", "unknown"),
        ("app/models.py", "unknown"),
        ("agents/oracle_agent.py", "unknown"),
        ("orm/MySQLPlatform.py", "other"),
        ("adapters/informix.py", "other"),
    ],
)
def test_path_tells(path: str, expected: str) -> None:
    check(f'def f(c):\n    c.execute("sql: {expected}")\n', path)


def test_common_base_of_modules_for_one_engine_each() -> None:
    code = 'def f(c):\n    c.execute("sql: %s")\n'
    facts = FileFacts(pragmas=[["x", "1"]])
    several = {"backends/sqlite3/schema.py": facts, "backends/mysql/schema.py": facts}
    check(code % "other", "/p/backends/base/schema.py", Project("/p", several))
    check(code % "unknown", "/p/backends/shop/schema.py", Project("/p", several))
    check(code % "unknown", "/p/backends/base/schema.py", Project("/p", {"backends/mysql/schema.py": facts}))
    beside = dict.fromkeys(["orm/sqlite_grammar.py", "orm/mysql_grammar.py", "orm/grammar.py", "orm/session.py"], facts)
    check(code % "other", "/p/orm/grammar.py", Project("/p", beside))
    check(code % "other", "/p/orm/base.py", Project("/p", beside))
    check(code % "unknown", "/p/orm/session.py", Project("/p", beside))


def test_noop_directories_above_the_root() -> None:
    project = Project("/home/postgres/shop")
    check('def f(c):\n    c.execute("sql: unknown")\n', "/home/postgres/shop/app/db.py", project)


def test_configuration_overrules_everything() -> None:
    code = 'import sqlite3\nsqlite3.connect("x").execute("sql: other")\n'
    found = evidences(code, "legacy/pg/a.py", dialects={"legacy/*": "postgresql"})
    assert [evidence.engine.value for _, evidence in found] == ["other"]
    found = evidences('import psycopg2\npsycopg2.connect("x").execute("sql: other")\n', dialects={"app/*": "sqlite"})
    assert [evidence.engine.value for _, evidence in found] == ["sqlite"]


def test_project_decides_last() -> None:
    code = 'def f(c):\n    c.execute("sql: %s")\n'
    other = Project("/p", {"app/other.py": FileFacts(drivers=["postgresql"])})
    local = Project("/p", {"app/other.py": FileFacts(drivers=["sqlite"])})
    both = Project("/p", {"app/a.py": FileFacts(drivers=["sqlite"]), "b.py": FileFacts(drivers=["mysql"])})
    check(code % "other", "/p/app/store.py", other)
    check(code % "sqlite", "/p/app/store.py", local)
    check(code % "unknown", "/p/app/store.py", both)


def test_neighbours_decide_before_the_project() -> None:
    files = {
        "app/pg.py": FileFacts(drivers=["postgresql"]),
        "app/service.py": FileFacts(imports=[".pg", ".pg.connect"]),
        "tool/local.py": FileFacts(drivers=["sqlite"]),
    }
    project = Project("/p", files)
    check('from .pg import connect\nconnect().execute("sql: other")\n', "/p/app/store.py", project)
    check('from app.service import connect\nconnect().execute("sql: other")\n', "/p/store.py", project)
    check('from .local import connect\nconnect().execute("sql: sqlite")\n', "/p/tool/store.py", project)


def test_drivers_and_placeholders() -> None:
    found = evidences(
        """
        import sqlite3, pandas
        import sqlalchemy as sa
        from alembic import op
        from django.db import connection
        a = sqlite3.connect("x")
        a.execute("sql: sqlite")
        def f(session: sa.orm.Session, raw):
            session.execute(sa.text("sql: sqlite"))
            session.exec_driver_sql("sql: sqlite")
            op.execute("sql: sqlite")
            with connection.cursor() as cursor:
                cursor.execute("sql: sqlite")
            raw.execute("sql: sqlite")
        """
    )
    assert [(evidence.driver, evidence.paramstyle) for _, evidence in found] == [
        ("sqlite3", ParamStyle.SQLITE),
        ("sqlalchemy", ParamStyle.COLON),
        ("sqlalchemy", ParamStyle.SQLITE),
        ("alembic", ParamStyle.COLON),
        ("django", ParamStyle.FORMAT),
        (None, ParamStyle.UNKNOWN),
    ]


REWRITING = """
import sqlite3
class Db:
    def __init__(self, url):
        self.is_postgres = url.startswith("postgres")
        self.conn = sqlite3.connect(url)
    def anything(self, sql, args=()):
        return self.conn.execute(sql.replace("%s", "?").replace("NOW()", "CURRENT_TIMESTAMP"), args)
    def marks(self, sql, args=()):
        sql = sql.replace("%s", "?")
        return self.conn.execute(sql, args)
    def helper(self, sql):
        return self.conn.execute(self._translate(sql))
    def own_helper(self, sql):
        return self.conn.execute(_convert(sql))
    def pattern(self, sql):
        return self.conn.execute(re.sub(r"%\\((\\w+)\\)s", ":x", sql))
    def elsewhere(self, sql):
        if self.is_postgres:
            sql = sql.replace("?", "%s")
        return self.conn.execute(sql)
    def values(self, sql, value):
        return self.conn.execute(sql, (str(value).replace(",", "."),))
    def unspoken(self, sql):
        return self.conn.execute(to_sqlite(sql))
    def execute_on_base(self, sql):
        if not self.conn:
            return super().execute_on_base(sql)
        return self.conn.execute(self._convert(sql))
    def unchanged(self, sql):
        return self.conn.execute(checked(sql))
def _convert(query):
    return query.replace("%s", "?")
def to_sqlite(sql):
    return sql.replace("::text", "")
def checked(sql):
    return sql.strip()
def f(db):
    db.{}("sql: x")
"""


@pytest.mark.parametrize(
    ("name", "engine", "style"),
    [
        ("anything", "other", ParamStyle.FORMAT),
        ("marks", "sqlite", ParamStyle.FORMAT),
        ("helper", "other", ParamStyle.FORMAT),
        ("own_helper", "sqlite", ParamStyle.FORMAT),
        ("pattern", "sqlite", ParamStyle.FORMAT),
        ("elsewhere", "sqlite", ParamStyle.SQLITE),
        ("values", "sqlite", ParamStyle.SQLITE),
        ("unspoken", "other", ParamStyle.FORMAT),
        ("execute_on_base", "sqlite", ParamStyle.FORMAT),
        ("unchanged", "sqlite", ParamStyle.SQLITE),
    ],
)
def test_functions_that_rewrite_sql(name: str, engine: str, style: ParamStyle) -> None:
    SINKS.add(name)
    [(_, evidence)] = evidences(REWRITING.replace("{}", name))
    assert (evidence.engine.value, evidence.paramstyle) == (engine, style)


def test_driver_where_only_sqlites_own_are_used() -> None:
    code = 'def f(db, x):\n    db.query("sql: unknown", x)\n'
    only = Project("/p", {"app/db.py": FileFacts(libraries=["sqlite3"])})
    beside = Project("/p", {"app/db.py": FileFacts(libraries=["sqlite3", "sqlalchemy"])})
    both = Project("/p", {"a.py": FileFacts(libraries=["sqlite3"]), "b.py": FileFacts(libraries=["aiosqlite"])})
    tests = Project("/p", {"tests/a.py": FileFacts(libraries=["sqlite3"])})
    found = [evidences(code, "/p/app/store.py", project)[0][1] for project in (only, beside, both, tests)]
    assert [(each.driver, each.paramstyle) for each in found] == [
        ("sqlite3", ParamStyle.SQLITE),
        (None, ParamStyle.UNKNOWN),
        (None, ParamStyle.SQLITE),
        (None, ParamStyle.UNKNOWN),
    ]


def test_expected_errors() -> None:
    found = evidences(
        """
        def test(self, conn):
            with pytest.raises(sqlite3.OperationalError, match="syntax"):
                conn.execute("sql: unknown")
            with self.assertRaises(OperationalError):
                conn.execute("sql: unknown")
            self.assertRaises(OperationalError, conn.execute, "sql: unknown")
            for text in TEXTS:
                with suppress(OperationalError):
                    conn.execute("sql: unknown")
                    break
            for query in ("sql: unknown", other):
                if run(conn, query):
                    return
            for query in ("sql: unknown", other):
                run(conn, query)
            with pytest.raises(sqlite3.IntegrityError):
                conn.execute("sql: unknown")
            with connect() as conn:
                conn.execute("sql: unknown")
            try:
                conn.execute("sql: unknown")
            except OperationalError:
                pass
        """
    )
    assert [evidence.expects_error for _, evidence in found] == [
        True,
        True,
        True,
        True,
        True,
        False,
        False,
        False,
        False,
    ]


def test_version_guards() -> None:
    found = evidences(
        """
        def f(conn):
            if sqlite3.sqlite_version_info >= (3, 35, 0):
                conn.execute("sql: unknown")
            else:
                conn.execute("sql: unknown")
            if sqlite3.sqlite_version_info < (3, 38):
                return
            conn.execute("sql: unknown")
        """
    )
    assert [evidence.min_version for _, evidence in found] == [(3, 35), None, (3, 38)]


@pytest.mark.parametrize("depth", [3000])
def test_deep_nesting_neither_fails_nor_hangs(depth: int) -> None:
    lines = ["def f(c, name):"]
    for _ in range(depth):
        lines += ['    if name == "mysql":', '        c.execute("sql: other")']
    check("\n".join(lines) + "\n")


def test_names_defined_by_themselves_end() -> None:
    check(
        """
        def f(c):
            a = b
            b = a
            if a:
                c.execute("sql: unknown")
            c = c.cursor()
            c.execute("sql: unknown")
        def g(c):
            return g(c)
        if g(1):
            x = "sql: unknown"
        """
    )


@pytest.mark.parametrize(
    ("engines", "expected"), [(["sqlite", "postgresql"], "other"), (["sqlite"], "sqlite"), ([], "unknown")]
)
def test_another_of_djangos_databases(engines: list[str], expected: str) -> None:
    code = f"""
        from django.db import connections

        def load():
            with connections["warehouse"].cursor() as cursor:
                cursor.execute("sql: {expected}")
    """
    check(code, project=Project(None, {"app/settings.py": FileFacts(django=engines)}))


def test_fetch_without_a_driver_is_the_projects_own(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "adapter.py").write_text(
        "import sqlite3\nclass Pool:\n    def fetch(self, sql):\n"
        "        return sqlite3.connect('a.db').execute(sql.replace('NOW()', 'CURRENT_TIMESTAMP'))\n"
    )
    project = load_project(tmp_path)

    def engine(source: str) -> str:
        path = str(tmp_path / "service.py")
        (use,) = read_python(source + "def f(pool):\n    pool.fetch('SELECT NOW()')\n", path, project, Config()).uses
        return use.engine.value

    assert engine("") == "other"
    assert engine("import sqlite3\n") != "other"
