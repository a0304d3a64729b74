"""What the project as a whole tells, and that one file is told the same as a whole tree."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from textwrap import dedent

import pytest

from sqlite_lint.directories import Directories
from sqlite_lint.facts import FileFacts, read_facts
from sqlite_lint.facts.files import FactsCache
from sqlite_lint.hosts.file_evidence import file_evidence
from sqlite_lint.hosts.model import Engine, Sink
from sqlite_lint.project import Project, find_root, load_project


def make(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return root


def engine_of(root: Path, files: dict[str, str], *libraries: str) -> Engine:
    return load_project(make(root, files)).engine(libraries)[0]


# -- the root


def test_root_is_the_nearest_marked_directory(tmp_path: Path) -> None:
    make(tmp_path, {"pyproject.toml": "", "a/b/c.py": "", "sub/setup.cfg": "", "sub/x/y.py": ""})
    assert find_root(tmp_path / "a" / "b" / "c.py") == tmp_path
    assert find_root(tmp_path / "a" / "b") == tmp_path
    assert find_root(tmp_path / "sub" / "x" / "y.py") == tmp_path / "sub"


def test_requirements_mark_a_root_only_where_nothing_better_does(tmp_path: Path) -> None:
    make(tmp_path, {"pyproject.toml": "", "docs/requirements.txt": "", "docs/a.py": ""})
    assert find_root(tmp_path / "docs" / "a.py") == tmp_path


def test_working_directory_is_the_root_where_nothing_marks_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, {"here/a/b.py": "", "there/c.py": ""})
    monkeypatch.chdir(tmp_path / "here")
    assert find_root(tmp_path / "here" / "a" / "b.py") == tmp_path / "here"
    assert find_root(tmp_path / "there" / "c.py") is None


def test_directory_that_the_user_names_is_the_root_where_nothing_marks_one(tmp_path: Path) -> None:
    make(tmp_path, {"app/a/b.py": "", "other/c.py": "", "marked/setup.py": "", "marked/d.py": ""})
    named = [tmp_path / "app", tmp_path / "marked" / "d.py"]
    assert find_root(tmp_path / "app" / "a" / "b.py", named) == tmp_path / "app"
    assert find_root(tmp_path / "marked" / "d.py", [tmp_path]) == tmp_path / "marked"
    assert find_root(tmp_path / "other" / "c.py", named) is None


def test_noop_working_directory_where_unrelated_files_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, {"home/a.py": "", "tmp/b.py": ""})
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    for name in ("home/a.py", "tmp/b.py"):
        monkeypatch.chdir((tmp_path / name).parent)
        assert find_root(tmp_path / name) is None


def test_noop_root_of_the_file_system() -> None:
    project = load_project(Path("/"))
    assert project.root is None
    assert not project.files


def test_evidence_for_sql_files(tmp_path: Path) -> None:
    files = {
        "go.mod": "require github.com/jackc/pgx v5\n",
        "a.sql": "SELECT 1;",
        "b.sql": "-- SQLite migration 7\nSELECT 1;",
        "c.sqlite.sql": "SELECT 1;",
        "pg/d.sql": "SELECT 1;",
        "e.sql": "-- PostgreSQL database dump\nSELECT 1;",
        "f.sql": "-- Written for MySQL\nSELECT 1;",
        "g.sql": "-- ported from PostgreSQL\nSELECT 1;",
    }
    project = load_project(make(tmp_path, files))
    found = {name: file_evidence(text, str(tmp_path / name), project).engine for name, text in files.items()}
    assert [found[f"{name}.sql"].value for name in ("a", "b", "c.sqlite", "pg/d", "e", "f", "g")] == [
        "other",
        "sqlite",
        "sqlite",
        "other",
        "other",
        "other",
        "other",
    ]
    alone = file_evidence(files["g.sql"], "g.sql", Project.empty())
    assert alone.engine is Engine.UNKNOWN


# -- the engine


@pytest.mark.parametrize(
    ("files", "engine"),
    [
        ({"a.py": "import psycopg2\n"}, Engine.OTHER),
        ({"a.py": "import sqlite3\n"}, Engine.SQLITE),
        ({"a.py": "import sqlite3\n", "b.py": "import asyncpg\n"}, Engine.UNKNOWN),
        ({"a.py": "def f():\n    from psycopg import sql\n"}, Engine.OTHER),
        ({"a.py": "x = 1\n"}, Engine.UNKNOWN),
        ({"requirements.txt": "flask\npsycopg2-binary==2.9\n"}, Engine.OTHER),
        ({"requirements-dev.txt": "psycopg2-binary==2.9\n"}, Engine.UNKNOWN),
        ({"pyproject.toml": '[project]\nname = "x"\ndependencies = [\n  "asyncpg>=0.29",\n]\n'}, Engine.OTHER),
        ({"pyproject.toml": '[project]\ndependencies = ["aiosqlite", "x[y]>1"]\n'}, Engine.SQLITE),
        ({"pyproject.toml": '[project.optional-dependencies]\npg = ["asyncpg"]\n'}, Engine.UNKNOWN),
        ({"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.10"\nmysqlclient = "^2"\n'}, Engine.OTHER),
        ({"setup.cfg": "[options]\ninstall_requires =\n    pymysql>=1\n    flask\npackages = find:\n"}, Engine.OTHER),
        ({"alembic.ini": "[alembic]\nsqlalchemy.url = sqlite:///./flow.db\n"}, Engine.SQLITE),
        ({"alembic.ini": "[alembic]\n# sqlalchemy.url = sqlite:///./flow.db\n"}, Engine.UNKNOWN),
        ({".env": "DATABASE_URL=postgres://u:p@db/x\n"}, Engine.OTHER),
        ({"docker-compose.yml": "services:\n  db:\n    image: postgres:16\n"}, Engine.OTHER),
        ({"config/database.yml": "default:\n  adapter: sqlite3\n"}, Engine.SQLITE),
        ({"config.ini": "[database]\ndb_engine = postgres\n"}, Engine.OTHER),
        ({"pyproject.toml": '[tool.sqlfluff.core]\ndialect = "postgres"\n'}, Engine.OTHER),
        ({".sqlfluff": "[sqlfluff]\ndialect = sqlite\n"}, Engine.SQLITE),
        ({"settings.yaml": "type: text\nengine: v8\n"}, Engine.UNKNOWN),
        ({"package.json": '{"dependencies": {"pg": "^8"}}'}, Engine.OTHER),
        ({"package.json": '{"dependencies": {"better-sqlite3": "^9", "express": "4"}}'}, Engine.SQLITE),
        ({"go.mod": "require github.com/mattn/go-sqlite3 v1.14\n"}, Engine.SQLITE),
        ({"Cargo.toml": 'sqlx = { version = "0.7", features = ["runtime-tokio", "postgres"] }\n'}, Engine.OTHER),
        ({"Gemfile": 'gem "rails"\ngem "sqlite3", "~> 1.4"\n'}, Engine.SQLITE),
        ({"config.py": 'URL = "mysql+pymysql://u@h/x"\n'}, Engine.OTHER),
        ({"config.py": '"""For example postgresql://u@h/x"""\n'}, Engine.UNKNOWN),
        ({"config.py": '# "postgresql://u@h/x"\nif url.startswith("postgresql://"):\n    pass\n'}, Engine.UNKNOWN),
        ({"settings.py": 'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3"}}\n'}, Engine.SQLITE),
        ({"settings.py": 'DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql"}}\n'}, Engine.OTHER),
        (
            {"app.py": 'import django\nif databases["ENGINE"] == "django.db.backends.postgresql":\n    pass\n'},
            Engine.UNKNOWN,
        ),
        ({"a.py": "from peewee import SqliteDatabase\ndb = SqliteDatabase('x')\n"}, Engine.SQLITE),
        ({"tests/test_a.py": "import psycopg2\n"}, Engine.UNKNOWN),
        ({"tests/test_a.py": "import sqlite3\n", "a.py": "import psycopg2\n"}, Engine.UNKNOWN),
    ],
)
def test_engine_of_a_project(tmp_path: Path, files: dict[str, str], engine: Engine) -> None:
    assert engine_of(tmp_path, files) is engine


def test_engine_of_a_library_counts_before_the_whole(tmp_path: Path) -> None:
    files = {
        "settings.py": 'DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql"}}\n',
        "cookies.py": "import sqlite3\n",
        "alembic.ini": "sqlalchemy.url = sqlite:///x.db\n",
    }
    project = load_project(make(tmp_path, files))
    assert project.engine({"django"})[0] is Engine.OTHER
    assert project.engine({"sqlalchemy"})[0] is Engine.SQLITE
    assert project.engine()[0] is Engine.UNKNOWN


def test_noop_directories_that_are_not_the_project(tmp_path: Path) -> None:
    names = (".venv", "node_modules/x", ".git", "build", "mine")
    files = {f"{name}/a.py": "import psycopg2\n" for name in names} | {"mine/pyvenv.cfg": ""}
    assert not load_project(make(tmp_path, files)).files


# -- wrappers, constants, schema, pragmas


def test_wrappers(tmp_path: Path) -> None:
    files = {
        "app/db.py": """
            class Db:
                def run(self, name, sql, *args):
                    return self.conn.execute(sql, args)
                def other(self, value):
                    return value
        """
    }
    project = load_project(make(tmp_path, files))
    assert set(project.wrappers) == {"run"}
    [wrapper] = project.wrappers["run"]
    assert (wrapper.owner, wrapper.position, wrapper.keyword, wrapper.sink) == ("Db", 1, "sql", Sink.EXECUTE)


def test_wrappers_that_rewrite(tmp_path: Path) -> None:
    files = {
        "db.py": """
            class Db:
                def run(self, sql, args):
                    return self.conn.execute(sql.replace("%s", "?"), args)
                def go(self, sql):
                    return self.conn.execute(translate(sql))
                def same(self, sql):
                    return self.conn.execute(sql)
        """
    }
    project = load_project(make(tmp_path, files | {"raw.py": ""}))
    path = str(tmp_path / "raw.py")
    assert [project.rewriter(name, path, []) for name in ("run", "go", "same", "other")] == [1, 2, 0, 0]


def test_noop_rewriting_execute_of_a_module_that_is_not_imported(tmp_path: Path) -> None:
    code = """
        class Cursor:
            def execute(self, sql):
                return self.raw.execute(translate(sql))
    """
    project = load_project(make(tmp_path, {"db.py": code, "a.py": ""}))
    path = str(tmp_path / "a.py")
    assert project.rewriter("execute", path, ["sqlite3"]) == 0
    assert project.rewriter("execute", path, ["db.Cursor"]) == 2


SQL_FILES = {
    "src/app/sql.py": """
        INSERT = "INSERT INTO feed (url) VALUES (?)"
        class Queries:
            ALL = "SELECT id FROM feed"
        MANY = ["CREATE TABLE a (x)", "CREATE TABLE b (y)"]
    """,
    "src/app/__init__.py": "from .sql import INSERT\n",
    "src/app/deep/run.py": "",
    "other/sql.py": 'INSERT = "INSERT INTO other (url) VALUES (?)"\n',
}


@pytest.mark.parametrize(
    ("path", "dotted", "text"),
    [
        ("src/app/run.py", ".sql.INSERT", "INSERT INTO feed (url) VALUES (?)"),
        ("src/app/deep/run.py", "..sql.INSERT", "INSERT INTO feed (url) VALUES (?)"),
        ("src/run.py", "app.sql.INSERT", "INSERT INTO feed (url) VALUES (?)"),
        ("src/app/run.py", ".sql.Queries.ALL", "SELECT id FROM feed"),
        ("src/app/run.py", ".sql.MANY", ("CREATE TABLE a (x)", "CREATE TABLE b (y)")),
        ("other/run.py", ".sql.INSERT", "INSERT INTO other (url) VALUES (?)"),
        ("other/run.py", "sql.INSERT", "INSERT INTO other (url) VALUES (?)"),
        ("src/app/run.py", ".sql.NOTHING", None),
        ("src/app/run.py", "elsewhere.INSERT", None),
    ],
)
def test_constants(tmp_path: Path, path: str, dotted: str, text: object) -> None:
    project = load_project(make(tmp_path, SQL_FILES))
    assert project.find_constant(str(tmp_path / path), dotted) == text


def test_constants_that_a_package_hands_on(tmp_path: Path) -> None:
    files = {
        "app/__init__.py": """
            from .sql import INSERT
            from .more import *
            PING = "SELECT 1 FROM feed"
        """,
        "app/sql.py": 'INSERT = "INSERT INTO feed (url) VALUES (?)"\n',
        "app/more.py": 'DELETE = "DELETE FROM feed"\n',
    }
    project = load_project(make(tmp_path, files))
    assert project.find_constant(str(tmp_path / "run.py"), "app.INSERT") == "INSERT INTO feed (url) VALUES (?)"
    assert project.find_constant(str(tmp_path / "run.py"), "app.DELETE") == "DELETE FROM feed"


def test_constants_that_a_package_without_facts_hands_on(tmp_path: Path) -> None:
    files = {
        "app/__init__.py": "from .one import FIND, BOTH\n",
        "app/one.py": 'FIND = "SELECT a FROM t"\nBOTH = "SELECT b FROM t"\n',
        "app/two.py": 'BOTH = "SELECT c FROM t"\n',
        "other.py": 'FIND = "SELECT d FROM t"\n',
    }
    project = load_project(make(tmp_path, files))
    assert project.find_constant(str(tmp_path / "run.py"), "app.FIND") == "SELECT a FROM t"
    assert project.find_constant(str(tmp_path / "run.py"), "app.BOTH") is None  # which one, only its imports tell


def test_constants_that_hand_on_each_other_end(tmp_path: Path) -> None:
    sql = 'PING = "SELECT 1 FROM feed"\n'
    project = load_project(make(tmp_path, {"a.py": "from b import X\n" + sql, "b.py": "from a import X\n" + sql}))
    assert project.find_constant(str(tmp_path / "run.py"), "a.X") is None


def test_schema(tmp_path: Path) -> None:
    files = {
        "schema.sql": "CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT);",
        "app.py": 'SQL = """CREATE TABLE orders (total REAL)"""\ndb.execute(SQL)\n',
        "migrations/postgresql/1.sql": "CREATE TABLE pg_only (id SERIAL);",
    }
    schema = load_project(make(tmp_path, files)).schema
    assert schema.column("product", "name")
    assert schema.column("orders", "total")
    assert not schema.column("pg_only", "id")


def test_pragmas(tmp_path: Path) -> None:
    files = {
        "db.py": 'conn.execute("PRAGMA journal_mode=WAL")\nconn.execute(f"PRAGMA busy_timeout = {ms}")\n',
        "setup.sql": "PRAGMA foreign_keys = ON;",
    }
    found = load_project(make(tmp_path, files)).pragmas
    assert {("journal_mode", "wal"), ("foreign_keys", "on")} <= found


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ('conn.create_function("Now", 0, now)', {"now"}),
        ('conn.create_function(\n    "now", 0, now, deterministic=True)', {"now"}),
        ('conn.create_function(name="now", narg=0, func=now)', {"now"}),
        ('conn.create_aggregate("string_agg", 2, Agg)', {"string_agg"}),
        ('conn.create_window_function("sumint", 1, W)', {"sumint"}),
        ('db.createscalarfunction("now", now)', {"now"}),
        ('@db.func("date_trunc")\ndef trunc(x, y):\n    pass', {"date_trunc", "trunc"}),
        ("@db.register_function(deterministic=True)\ndef greatest(a, b):\n    pass", {"greatest"}),
        ("db.register_function(greatest)", {"greatest"}),
        ('for name in ["now", "age"]:\n    conn.create_function(name, 1, f)', {"now", "age"}),
        ('make_function("now")', set()),
    ],
)
def test_functions_that_the_project_registers(tmp_path: Path, code: str, names: set[str]) -> None:
    assert load_project(make(tmp_path, {"db.py": f"import sqlite3\n{code}\n"})).functions == names


def test_noop_function_that_the_project_registers(tmp_path: Path) -> None:
    from sqlite_lint.config import Config
    from sqlite_lint.linter import lint_source

    project = load_project(make(tmp_path, {"db.py": 'import sqlite3\nconn.create_function("now", 0, now)\n'}))
    code = 'import sqlite3\nsqlite3.connect("x", timeout=5).execute("SELECT now()")\n'
    path = str(tmp_path / "run.py")
    assert lint_source(code, path, Config(), project).diagnostics == ()
    assert lint_source(code, path, Config(), Project.empty()).diagnostics
    own = code + 'conn.create_function("now", 0, now)\n'
    assert lint_source(own, path, Config(), Project.empty()).diagnostics == ()


# -- robustness, cache


def test_unreadable_files_tell_nothing(tmp_path: Path) -> None:
    make(tmp_path, {"good.py": "import sqlite3\n", "bad.py": "import sqlite3\nexecute('SELECT 1 FROM t'\n"})
    (tmp_path / "nul.py").write_bytes(b'import sqlite3\x00\nX = "SELECT 1 FROM t"\n')
    (tmp_path / "latin.py").write_bytes(b'import sqlite3\nX = "SELECT \xe9 FROM t"\n')
    (tmp_path / "dir.py").mkdir()
    os.symlink(tmp_path, tmp_path / "loop")
    os.symlink(tmp_path / "gone.py", tmp_path / "broken.py")
    project = load_project(tmp_path)
    assert project.engine()[0] is Engine.SQLITE
    assert "good.py" in project.files


@pytest.mark.parametrize("text", ["(" * 5000, "x = " + "-" * 5000 + "1", "SELECT 1 FROM t\n" * 3, '"' * 7])
def test_text_that_no_parser_takes_tells_nothing(text: str) -> None:
    data = ('sql = "SELECT a FROM t"\ndef f(sql):\n    x.execute(sql)\n' + text).encode()
    assert isinstance(read_facts("a.py", data), FileFacts)


def test_cache_gives_the_same_facts(tmp_path: Path) -> None:
    root = make(tmp_path / "project", SQL_FILES | {"a.py": "import psycopg2\n"})
    plain = load_project(root)
    first = load_project(root, None, tmp_path / "cache")
    second = load_project(root, None, tmp_path / "cache")
    assert plain == first == second
    assert plain.digest == first.digest == second.digest
    assert list((tmp_path / "cache").iterdir())


def test_cache_notices_changes(tmp_path: Path) -> None:
    root = make(tmp_path / "project", {"a.py": "import psycopg2\n", "b.py": "import sqlite3\n"})
    before = load_project(root, None, tmp_path / "cache")
    make(root, {"a.py": "import sqlite3, psycopg2\n"})
    (root / "b.py").unlink()
    after = load_project(root, None, tmp_path / "cache")
    assert before.digest != after.digest
    assert set(after.files) == {"a.py"}


def test_cache_notices_a_change_of_equal_size_and_time(tmp_path: Path) -> None:
    root = make(tmp_path / "project", {"a.py": "import psycopg2\n"})
    before = load_project(root, None, tmp_path / "cache")
    info = (root / "a.py").stat()
    make(root, {"a.py": "import pymysql \n"})
    os.utime(root / "a.py", ns=(info.st_atime_ns, info.st_mtime_ns))
    after = load_project(root, None, tmp_path / "cache")
    assert (before.files["a.py"].drivers, after.files["a.py"].drivers) == (["postgresql"], ["mysql"])


def test_cache_believes_no_stamp_that_a_younger_change_may_share(tmp_path: Path) -> None:
    root = make(tmp_path / "project", {"a.py": "import psycopg2\n"})
    cache = FactsCache(str(root), tmp_path / "cache")
    for settled, known in ((0, False), (0, False), (2**63, False), (2**63, True)):
        cache = FactsCache(str(root), tmp_path / "cache")
        cache._settled = settled
        (entry,) = Directories().entries(str(root))
        assert cache.knows("a.py", entry) is known
        cache.save()


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"a.py": 1}', b'{"a.py": [16, 0, 0, {"drivers": 3}]}', b"\xff", b"[" * 100_000]
)
def test_broken_cache_is_no_cache(tmp_path: Path, content: bytes) -> None:
    root = make(tmp_path / "project", {"a.py": "import psycopg2\n"})
    load_project(root, None, tmp_path / "cache")
    for path in (tmp_path / "cache").iterdir():
        path.write_bytes(content)
    assert load_project(root, None, tmp_path / "cache").files["a.py"].drivers == ["postgresql"]


def test_cache_directory_that_cannot_be_used_is_no_error(tmp_path: Path) -> None:
    root = make(tmp_path / "project", {"a.py": "import psycopg2\n"})
    make(tmp_path, {"cache": "a file"})
    assert load_project(root, None, tmp_path / "cache").files


def test_project_can_be_handed_to_another_process(tmp_path: Path) -> None:
    project = load_project(make(tmp_path, SQL_FILES))
    copy = pickle.loads(pickle.dumps(project))
    assert copy == project
    assert copy.digest == project.digest


def test_digest_changes_with_the_root(tmp_path: Path) -> None:
    assert load_project(make(tmp_path / "a", SQL_FILES)).digest != load_project(make(tmp_path / "b", SQL_FILES)).digest


def test_digest_leaves_out_what_is_no_fact(tmp_path: Path) -> None:
    root = make(tmp_path, {"a.py": "import psycopg2\n"})
    before = load_project(root).digest
    make(root, {"a.py": "import psycopg2\n\nprint(1)\n", "c.py": "x = 1\n"})
    assert load_project(root).digest == before


def test_empty_project_knows_nothing() -> None:
    project = Project.empty()
    assert project.engine()[0] is Engine.UNKNOWN
    assert project.wrappers == {}
    assert project.find_constant("a.py", ".b.C") is None
    assert project.neighbours("a.py", [".b"]) == frozenset()
    assert project.relative("/deep/down/a.py") == "down/a.py"
