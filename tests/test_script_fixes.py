"""Fixes that add or remove whole statements: made in scripts, withheld where a call runs one statement."""

from __future__ import annotations

import sqlite3

import pytest

from sqlite_lint.config import Config
from sqlite_lint.fixer import fix_source
from sqlite_lint.linter import lint_source

PG_DUMP = """\
CREATE EXTENSION IF NOT EXISTS pgcrypto;
-- who buys
CREATE TABLE public.users (
    id integer NOT NULL,
    seen timestamp(6) without time zone,
    tags integer[] DEFAULT '{}'
) WITH (fillfactor = 70);
ALTER TABLE public.users OWNER TO app;
COMMENT ON TABLE public.users IS 'people';
ALTER TABLE ONLY public.users ADD CONSTRAINT users_pkey PRIMARY KEY (id);
CREATE INDEX users_seen ON public.users USING btree (seen);
GRANT SELECT ON TABLE public.users TO app;
"""

MYSQLDUMP = """\
DROP TABLE IF EXISTS `orders`, `users`;
CREATE TABLE `orders` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY COMMENT 'the id', -- first
  `user` int(11) DEFAULT NULL,
  `status` enum('new','paid') NOT NULL DEFAULT 'new',
  `at` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  UNIQUE KEY `uq` (`user`,`status`),
  KEY `by_user` (`user`)
) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4;
ALTER TABLE `orders` ADD COLUMN `a` int, ADD COLUMN `b` int;
"""


def fixed(text: str, path: str = "schema.sql") -> str:
    return fix_source(text, path, Config(), unsafe=True).text


@pytest.mark.parametrize("script", [PG_DUMP, MYSQLDUMP], ids=["pg_dump", "mysqldump"])
def test_a_dumped_schema_runs_once_it_is_fixed(script: str) -> None:
    connection = sqlite3.connect(":memory:")
    with pytest.raises(sqlite3.Error):
        connection.executescript(script)
    connection.executescript(fixed(script))
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    assert names >= ({"users", "users_pkey", "users_seen"} if script is PG_DUMP else {"orders", "by_user", "orders_at"})


def test_comments_stay_where_they_are() -> None:
    assert "-- who buys" in fixed(PG_DUMP)
    assert "-- first" in fixed(MYSQLDUMP)


def test_fixing_again_changes_nothing() -> None:
    once = fixed(MYSQLDUMP)
    assert fixed(once) == once


def test_a_script_in_python_is_fixed_as_a_file_is() -> None:
    source = 'import sqlite3\n\nsqlite3.connect("a.db", timeout=5).executescript("""{}""")\n'
    assert fixed(source.format(PG_DUMP), "app.py") == source.format(fixed(PG_DUMP))


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE t ADD a INT, ADD b INT",
        "DROP TABLE a, b",
        "CREATE OR REPLACE VIEW v AS SELECT 1",
        "GRANT SELECT ON t TO app",
    ],
)
def test_a_call_that_runs_one_statement_is_left_alone_and_told_why(sql: str) -> None:
    source = f'import sqlite3\n\nsqlite3.connect("a.db", timeout=5).execute("{sql}")\n'
    (finding,) = lint_source(source, "app.py", Config()).diagnostics
    assert finding.fix is None
    assert finding.fix_withheld == "it changes the number of statements, and this call runs one"
    assert fixed(source, "app.py") == source


def test_noop_on_a_table_whose_name_is_filled_in_at_run_time() -> None:
    source = (
        'import sqlite3\n\n\ndef f(c: sqlite3.Cursor, t: str) -> None:\n    c.executescript(f"DROP TABLE {t}, b;")\n'
    )
    assert fixed(source, "app.py") == source.replace("{t}, b;", "{t}; DROP TABLE b;")
    several = source.replace("DROP TABLE {t}, b;", "ALTER TABLE {t} ADD a INT, ADD b INT;")
    assert fixed(several, "app.py") == several
