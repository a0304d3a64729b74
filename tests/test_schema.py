"""What DDL teaches: compared with what SQLite itself makes of it."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqlite_lint.sql.schema import Affinity, Schema, TableKind, affinity_of
from sqlite_lint.sql.statement import split


def learnt(*scripts: str) -> Schema:
    schema = Schema()
    for script in scripts:
        for statement in split(script):
            schema.learn(statement)
    return schema


TABLES = [
    "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price DECIMAL(10, 2) DEFAULT (1 + 2), x)",
    'create temp table if not exists T ([Id] int, `b c` varchar(20) collate nocase, "d""e" double precision)',
    "CREATE TABLE t (key TEXT, value TEXT, PRIMARY KEY (key, value DESC)) WITHOUT ROWID",
    "CREATE TABLE t (a INT UNSIGNED, b BIGINT(20) CHECK (b > 0), c 'text', d STRING UNIQUE, CHECK (a IN (1, 2)))",
    "CREATE TABLE t (a TEXT, b ANY NOT NULL, c REAL, d BLOB, e INTEGER) STRICT",
    "CREATE TABLE t (a TEXT, b GENERATED ALWAYS AS (a || 'x') STORED, c INT AS (length(a)), UNIQUE (a))",
    "CREATE TABLE t (id INTEGER, n NUMERIC, CONSTRAINT pk PRIMARY KEY (id), FOREIGN KEY (n) REFERENCES u (id))",
    "CREATE TABLE t (id INTEGER PRIMARY KEY DESC, u REFERENCES u ON DELETE SET NULL, w DATETIME)",
    "CREATE TABLE t (id INT PRIMARY KEY, big FLOATING POINT, b BOOLEAN, s SERIAL, ts TIMESTAMP)",
    "CREATE TABLE main.t (a TEXT /* ( */ NOT NULL, -- )\n b INTEGER)",
]


@pytest.mark.parametrize("ddl", TABLES)
def test_columns_are_those_that_sqlite_lists(ddl: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute(ddl)
    listed = connection.execute("SELECT name, type, pk, hidden FROM pragma_table_xinfo('t')").fetchall()
    connection.close()
    table = learnt(ddl).table("T")
    assert table is not None and not table.open
    assert [c.name for c in table.columns] == [name.lower() for name, *_ in listed]
    for column, (_, declared, pk, hidden) in zip(table.columns, listed, strict=True):
        assert "".join(column.declared.split()).strip("'").upper() == "".join(declared.split()).upper()
        assert column.primary_key == bool(pk)
        assert column.generated == (hidden > 1)


@pytest.mark.parametrize("ddl", TABLES)
def test_integer_primary_key_is_the_rowid_where_sqlite_says_so(ddl: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute(ddl)
    table = learnt(ddl).table("t")
    assert table is not None
    for column in table.columns:
        plan = "EXPLAIN QUERY PLAN SELECT 1 FROM t WHERE " + f'"{column.name.replace(chr(34), chr(34) * 2)}" = 1'
        is_rowid = "INTEGER PRIMARY KEY" in connection.execute(plan).fetchone()[-1]
        assert column.rowid_alias == is_rowid
    connection.close()


@pytest.mark.parametrize(
    "declared",
    ["", "INT", "BIGINT", "CHARINT", "VARCHAR(9)", "CLOB", "TEXT", "BLOB", "REAL", "FLOAT", "DOUBLE PRECISION",
     "ANY", "NUMERIC", "DECIMAL(10,2)", "BOOLEAN", "DATE", "DATETIME", "STRING", "JSON", "UUID", "POINT", "SERIAL",
     "TIMESTAMPTZ"],
)  # fmt: skip
def test_affinity_is_the_one_that_sqlite_applies(declared: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE TABLE t (a {declared})")
    connection.execute("INSERT INTO t VALUES ('5.0'), (5)")
    stored = tuple(row[0] for row in connection.execute("SELECT typeof(a) || ':' || a FROM t ORDER BY rowid"))
    connection.close()
    expected = {
        ("integer:5", "integer:5"): {Affinity.INTEGER, Affinity.NUMERIC},
        ("text:5.0", "text:5"): {Affinity.TEXT},
        ("text:5.0", "integer:5"): {Affinity.BLOB},
        ("real:5.0", "real:5.0"): {Affinity.REAL},
    }
    assert affinity_of(declared) in expected[stored]


def test_any_has_no_affinity_in_a_strict_table_only() -> None:
    assert affinity_of("ANY", strict=True) is Affinity.BLOB
    assert affinity_of("ANY") is Affinity.NUMERIC
    assert learnt("CREATE TABLE t (a ANY) STRICT").column("t", "a")[0].affinity is Affinity.BLOB


def test_several_definitions_of_a_table_are_united() -> None:
    schema = learnt("CREATE TABLE t (a TEXT)", "CREATE TABLE T (a INTEGER, b REAL)")
    assert schema.affinities("a", ["t"]) == {Affinity.TEXT, Affinity.INTEGER}
    assert [c.name for c in schema.tables["t"].columns] == ["a", "a", "b"]
    assert schema.tables["t"].definitions == 2


def test_merge_is_the_union_of_two_schemas() -> None:
    schema = learnt("CREATE TABLE t (a TEXT)")
    schema.merge(learnt("CREATE TABLE t (b TEXT)", "CREATE TABLE u (a INT)"))
    assert {c.name for c in schema.tables["t"].columns} == {"a", "b"}
    assert len(schema.columns_named("A")) == 2


def test_alter_table_adds_and_renames_columns() -> None:
    schema = learnt(
        "CREATE TABLE t (a TEXT); ALTER TABLE t ADD COLUMN b INT NOT NULL DEFAULT 0; ALTER TABLE t ADD c;"
        "ALTER TABLE t RENAME COLUMN a TO d; ALTER TABLE t RENAME e TO f; ALTER TABLE t ADD CONSTRAINT x CHECK (a > 1)"
    )
    assert [(c.name, c.affinity) for c in schema.tables["t"].columns] == [
        ("a", Affinity.TEXT), ("b", Affinity.INTEGER), ("c", Affinity.BLOB), ("d", Affinity.TEXT),
    ]  # fmt: skip
    assert not schema.tables["t"].open and schema.tables["t"].definitions == 1


def test_a_renamed_table_is_known_by_both_names() -> None:
    schema = learnt("CREATE TABLE new_t (a TEXT); ALTER TABLE new_t RENAME TO t")
    assert schema.column("t", "a") and schema.column("new_t", "a")


@pytest.mark.parametrize(
    "ddl",
    [
        "CREATE TABLE t AS SELECT 1 AS a",
        "CREATE TABLE t (a TEXT, \ue000)",
        "CREATE TABLE t (\ue000)",
        "CREATE TABLE t (LIKE other)",
        "CREATE TABLE t (",
        "CREATE TABLE t",
        "ALTER TABLE t ADD COLUMN a TEXT",
        "ALTER TABLE t ADD COLUMN \ue000",
    ],
)
def test_a_table_known_in_part_is_open(ddl: str) -> None:
    table = learnt(ddl).table("t")
    assert table is not None and table.open


def test_a_table_whose_name_is_known_at_run_time_only_is_not_learnt() -> None:
    assert not learnt("CREATE TABLE \ue000 (a TEXT)", "CREATE TABLE t_\ue000 (a TEXT)", "SELECT 1", "DROP TABLE t")


def test_views_and_virtual_tables_are_known_by_name() -> None:
    schema = learnt("CREATE VIEW v (a) AS SELECT 1; CREATE VIRTUAL TABLE f USING fts5 (title, body)")
    assert schema.tables["v"].kind is TableKind.VIEW and schema.tables["v"].open
    assert schema.tables["f"].kind is TableKind.VIRTUAL and schema.tables["f"].open


def test_foreign_keys_name_the_tables_they_refer_to() -> None:
    ddl = 'CREATE TABLE t (a REFERENCES u (id), b INT, FOREIGN KEY (b) REFERENCES "V" (x, y))'
    assert learnt(ddl).tables["t"].references == ("u", "v")


_WORDS = st.sampled_from(
    ["CREATE", "TABLE", "ALTER", "ADD", "COLUMN", "RENAME", "TO", "t", "a", "(", ")", ",", ".", "PRIMARY",
     "KEY", "UNIQUE", "REFERENCES", "AS", "'x'", '"y', "[", "]", "\ue000", "TEXT", "STRICT", "WITHOUT", "VIRTUAL",
     "VIEW", "IF", "NOT", "EXISTS", "CONSTRAINT", "DEFAULT", "1", "--", "/*", ";"],
)  # fmt: skip


@given(st.lists(_WORDS, max_size=14), st.sampled_from(["CREATE TABLE ", "ALTER TABLE t ", "CREATE "]))
def test_learning_never_raises(words: list[str], start: str) -> None:
    learnt("CREATE TABLE t (a TEXT)", start + " ".join(words), start + "".join(words))
