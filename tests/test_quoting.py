"""SQL402 on tokens: which double-quoted words are taken for text."""

from __future__ import annotations

import sqlite3

import pytest

from sqlite_lint.checks.quoting import check
from sqlite_lint.config import Config
from sqlite_lint.hosts.model import Sink, SqlUse
from sqlite_lint.hosts.sqltext import SqlText
from sqlite_lint.rule import Hit, SqlContext
from sqlite_lint.sql.schema import Schema
from sqlite_lint.sql.statement import split
from sqlite_lint.text import Applicability, Edit, Span, apply_edits


def hits(sql: str, *, is_fragment: bool = False) -> list[Hit]:
    use = SqlUse(SqlText.verbatim(sql), Sink.FILE, Span(0, len(sql)), is_fragment=is_fragment)
    context = SqlContext(Config(), use, None, Schema(), (3, 40))  # type: ignore[arg-type]
    return [hit for statement in split(sql) for hit in check(statement, context)]


def flagged(sql: str, *, is_fragment: bool = False) -> list[str]:
    return [sql[hit.span.start : hit.span.end] for hit in hits(sql, is_fragment=is_fragment)]


def fixed(sql: str) -> str:
    return apply_edits(sql, [Edit(*edit) for hit in hits(sql) if hit.fix for edit in hit.fix.edits])


SETUP = """
CREATE TABLE t (id INTEGER PRIMARY KEY, status TEXT, note TEXT);
INSERT INTO t (status, note) VALUES ('paid', '{"a": "paid"}'), ('open', '{}');
"""


@pytest.mark.parametrize(
    "sql, words",
    [
        ('SELECT * FROM t WHERE status = "paid"', ['"paid"']),
        ('SELECT * FROM t WHERE status <> "paid" AND t.note == "y"', ['"paid"', '"y"']),
        ('SELECT * FROM t WHERE status IS NOT "paid"', ['"paid"']),
        ('SELECT * FROM t WHERE lower(status) = "paid"', ['"paid"']),
        ('SELECT * FROM t WHERE status IN ("paid", "open", \'new\')', ['"paid"', '"open"']),
        ('SELECT * FROM t WHERE status NOT IN ("paid")', ['"paid"']),
        ('SELECT * FROM t WHERE status BETWEEN "a" AND "z"', ['"a"', '"z"']),
        ('SELECT * FROM t WHERE status LIKE "%aid" AND note NOT GLOB "z*"', ['"%aid"', '"z*"']),
        ('SELECT CASE status WHEN "paid" THEN 1 END FROM t', ['"paid"']),
        ("SELECT * FROM t WHERE json_extract(note, '$.a') = \"paid\" ", ['"paid"']),
        ('SELECT status || ", " || note FROM t', ['", "']),
        ('SELECT CASE WHEN id = 1 THEN "" ELSE note END FROM t', ['""']),
        ('SELECT id FROM t WHERE note <> ""', ['""']),
        ('SELECT * FROM t JOIN t AS u ON t.id = u.id AND t.note = "two words"', ['"two words"']),
        ('UPDATE t SET status = "new", note = "old" WHERE id = 1', ['"new"', '"old"']),
        ('INSERT INTO t VALUES (3, "paid", upper("x"))', ['"paid"', '"x"']),
        ('INSERT OR IGNORE INTO t (id, status) VALUES (1, "a"), (2, "b")', ['"a"', '"b"']),
        ('REPLACE INTO t VALUES (1, "paid", NULL)', ['"paid"']),
        ('SELECT "hello", lower("X")', ['"hello"', '"X"']),
        ('CREATE TABLE u (a TEXT DEFAULT "x" CHECK (a <> "y"))', ['"x"', '"y"']),
        ('ALTER TABLE t ADD COLUMN a TEXT DEFAULT "x"', ['"x"']),
        ('SELECT count(*) FROM sqlite_master WHERE type = "table" AND tbl_name="foo"', ['"table"', '"foo"']),
        ('SELECT date("now", "start of month", "+1 month"), strftime("%Y", note) FROM t',
         ['"now"', '"start of month"', '"+1 month"', '"%Y"']),
        ('SELECT json_extract(note, "$.a") FROM t', ['"$.a"']),
        ('CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO t (status) VALUES ("new"); END', ['"new"']),
    ],
)  # fmt: skip
def test_text_in_double_quotes_is_reported_and_single_quotes_give_the_same(sql: str, words: list[str]) -> None:
    assert flagged(sql) == words
    after = fixed(sql)
    assert flagged(after) == []
    results = []
    for version in (sql, after):
        database = sqlite3.connect(":memory:")
        try:
            database.executescript(SETUP)
            answer = database.execute(version).fetchall()
            results.append((answer, database.execute("SELECT * FROM t").fetchall()))
        finally:
            database.close()
    assert results[0] == results[1]


@pytest.mark.parametrize(
    "sql",
    [
        'SELECT "id" FROM t',
        'SELECT "id", "status" FROM "t" WHERE "status" = "note"',
        'SELECT * FROM t WHERE "status" = ?',
        'SELECT * FROM t WHERE "order" = 1 AND "group" IS NULL',
        'SELECT * FROM t WHERE "first name" = \'x\'',
        'SELECT "t"."id" FROM "t" WHERE t.status = "note"',
        'SELECT * FROM t WHERE a = "order"',
        'SELECT * FROM t WHERE a = "b" AND b > 0',
        'SELECT * FROM t AS a JOIN u ON a.id = "uid"',
        'SELECT * FROM t WHERE ? = "status"',
        "SELECT * FROM t WHERE 'paid' = \"status\"",
        'SELECT * FROM t WHERE ? IN ("a", "b")',
        'SELECT id AS "the id", note "the note" FROM t ORDER BY "the id", "the note"',
        'SELECT count("the note"), max("a b", 1), coalesce("x", "y") FROM t',
        'SELECT date("created"), strftime(\'%Y\', "at") FROM t',
        'SELECT note FROM t GROUP BY "a b" HAVING count(*) > 1',
        'INSERT INTO t ("a b", "c") VALUES (1, 2)',
        'INSERT INTO "main"."t" ("a", "c") SELECT "x y", "z" FROM u',
        'INSERT INTO t (a) SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM t WHERE "a" = 1)',
        'INSERT INTO t VALUES (1, (SELECT "status" FROM u))',
        'INSERT INTO t (a) VALUES (1) ON CONFLICT ("a b") DO UPDATE SET "a b" = excluded."a b"',
        'INSERT INTO t (a) VALUES (1) ON DUPLICATE KEY UPDATE a = VALUES("a")',
        'INSERT INTO t (a) VALUES (1) RETURNING "a b"',
        'UPDATE t SET "a" = "b"',
        'UPDATE t SET ("a", "b c") = (1, 2)',
        'CREATE TABLE "t" ("a b" TEXT, "c" INT DEFAULT 1, UNIQUE ("a b", "c"), PRIMARY KEY ("c"))',
        'CREATE TABLE t (a INT DEFAULT 1, "b c" INT REFERENCES u ("x y"), UNIQUE ("b c", a))',
        'CREATE TABLE t (a INT, b INT CHECK (b > "a"))',
        'CREATE INDEX "i" ON t ("a b", lower("c"))',
        'CREATE VIEW v ("a b") AS SELECT "c d" FROM t',
        'CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET a = NEW."b c"; END',
        'SELECT RAISE(ABORT, "not allowed")',
        'WITH "c" ("a b") AS (SELECT 1) SELECT "a b" FROM "c" WHERE x = "a"',
        'SELECT * FROM pragma_table_info("t")',
        'SELECT "" FROM "\ue000"',
        'CREATE VIRTUAL TABLE f USING fts5 (a, ":", tokenize = "unicode61 x")',
        'PRAGMA journal_mode = "wal"',
        'ATTACH DATABASE "other.db" AS o',
        'VACUUM INTO "x.db"',
        'SELECT * FROM t ORDER BY a COLLATE "NOCASE"',
        "SELECT '\"quoted\"' FROM t WHERE a = '\"b\"'",
        'SELECT * FROM t WHERE a = `b` OR a = [b]',
        'SELECT * FROM t WHERE a = "rowid"',
        'SELECT row_number() OVER (PARTITION BY "a b" ORDER BY "c d") FROM t',
        'SELECT "a b" || "c d" FROM t',
        'SELECT t.* FROM t WHERE id = (SELECT max("a b") FROM t)',
        'SELECT * FROM t WHERE \ue000 = "x"',
        'SELECT "\ue000" \ue000',
        'SELECT * FROM t WHERE "\ue000" = ?',
    ],
)  # fmt: skip
def test_noop_words_that_may_be_names(sql: str) -> None:
    assert flagged(sql) == []


@pytest.mark.parametrize(
    "sql, applicability",
    [
        ('INSERT INTO t VALUES (1, "x")', Applicability.SAFE),
        ('SELECT "x"', Applicability.SAFE),
        ('SELECT * FROM t WHERE a = ""', Applicability.SAFE),
        ('CREATE TABLE t (a TEXT CHECK (a IN ("x")))', Applicability.SAFE),
        ('SELECT name FROM sqlite_schema WHERE type = "view"', Applicability.SAFE),
        ('SELECT * FROM t WHERE a = "x"', Applicability.UNSAFE),
        ('SELECT * FROM sqlite_master, t WHERE type = "view"', Applicability.UNSAFE),
        ('INSERT INTO t VALUES (1, "\ue000")', Applicability.UNSAFE),
        ('SELECT * FROM t WHERE a = "\ue000"', Applicability.UNSAFE),
    ],
)
def test_the_fix_is_safe_where_no_column_can_be_meant(sql: str, applicability: Applicability) -> None:
    (hit,) = hits(sql)
    assert hit.fix is not None
    assert hit.fix.applicability is applicability


def test_quotes_inside_the_text_are_doubled_and_undone() -> None:
    assert (
        fixed('INSERT INTO t VALUES ("it\'s", "say ""hi""", "")') == "INSERT INTO t VALUES ('it''s', 'say \"hi\"', '')"
    )


def test_the_edits_leave_what_stands_between_the_quotes_alone() -> None:
    sql = 'INSERT INTO t VALUES ("a\ue000b")'
    (hit,) = hits(sql)
    assert hit.fix is not None
    assert [span for span, _ in hit.fix.edits] == [Span(22, 23), Span(26, 27)]


def test_a_condition_alone_is_read() -> None:
    assert flagged('AND status = "paid"', is_fragment=True) == ['"paid"']
    assert flagged('status = "paid" OR "a" = 1', is_fragment=True) == []
    assert flagged('"a", "b"', is_fragment=True) == []


def test_many_rows_are_read_in_one_pass() -> None:
    sql = "INSERT INTO t VALUES " + ", ".join(f'({i}, "a{i}", lower("b{i}"))' for i in range(4000))
    assert len(hits(sql)) == 8000
