"""Reading .sql files: what is SQL in them, and what belongs to a client or a template."""

from __future__ import annotations

import pytest

from sqlite_lint.config import Config
from sqlite_lint.hosts.model import Engine, HostResult, Sink
from sqlite_lint.hosts.sqlfile import read_sql_file
from sqlite_lint.hosts.sqltext import PieceKind
from sqlite_lint.project import Project
from sqlite_lint.sql.tokens import HOLE


def read(text: str) -> HostResult:
    return read_sql_file(text, "query.sql", Project.empty(), Config())


def shown(text: str) -> str:
    (use,) = read(text).uses
    for piece in use.text.pieces:
        if piece.kind is PieceKind.VERBATIM:
            assert piece.src is not None
            assert text[piece.src.start : piece.src.end] == use.text.text[piece.sql.start : piece.sql.end]
    return use.text.text.replace(HOLE, "<>")


def test_a_script_is_one_use_at_its_own_offsets() -> None:
    (use,) = read("SELECT 1;\nSELECT 2;\n").uses
    assert (use.text.text, use.sink, use.is_fragment, use.assembled) == (
        "SELECT 1;\nSELECT 2;\n",
        Sink.FILE,
        False,
        False,
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT {{ columns }} FROM {{ ref('t') }};", "SELECT <> FROM <>;"),
        ("SELECT '{{ name }}' FROM t;", "SELECT '<>' FROM t;"),
        ("SELECT $re$(a){2}$re$, $(name);", "SELECT $re$(a){2}$re$, <>;"),
        ("SELECT {{ {'a': 1}['a'] }};", "SELECT <>;"),
        ("SELECT a{# why #} FROM ${schema}.t;", "SELECT a  FROM <>.t;"),
        ("SELECT <%= a %> FROM t;", "SELECT <> FROM t;"),
        ("\\set x 1\nSELECT :'x', :\"x\";", "\nSELECT <>, <>;"),
        (".mode csv\nSELECT 1;", "\nSELECT 1;"),
        ("SELECT 1\nGO\nSELECT 2", "SELECT 1\n;\nSELECT 2"),
        ("SELECT '\\d', a::text, 'x--y', '/*' FROM t -- \\d\n", "SELECT '\\d', a::text, 'x--y', '/*' FROM t -- \\d\n"),
        ("SELECT 'it''s {curly}';", "SELECT 'it''s {curly}';"),
        ("SELECT '{\"a\": 1}' -> '$.a';", "SELECT '{\"a\": 1}' -> '$.a';"),
        ("COPY t (a) FROM stdin;\n1\tx;'\n\\.\nSELECT 1;", "\nSELECT 1;"),
    ],
)
def test_tags_and_commands_of_clients_are_no_sql(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_control_tags_make_the_script_assembled() -> None:
    text = "SELECT a FROM t {% if x %} WHERE a = 1 {% else %} WHERE a = 2 {% endif %};"
    (use,) = read(text).uses
    assert use.assembled
    assert use.text.text == "SELECT a FROM t   WHERE a = 1   WHERE a = 2  ;"


@pytest.mark.parametrize(
    "text",
    [
        "-- PostgreSQL database dump\nSELECT 1;",
        "-- MySQL dump 10.13\nSELECT 1;",
        "\\connect shop\nSELECT 1;",
        "COPY t FROM stdin;\n\\.\n",
        "DELIMITER //\nCREATE PROCEDURE p() BEGIN END//",
    ],
)
def test_files_for_another_engines_client_are_not_sqlites(text: str) -> None:
    (use,) = read(text).uses
    assert use.engine is Engine.OTHER
    assert use.reason


@pytest.mark.parametrize("text", ["", " \n\t", "\ufeff"])
def test_noop_empty_file_has_no_statement(text: str) -> None:
    assert all(not use.text.text.strip("\ufeff \n\t") for use in read(text).uses)


@pytest.mark.parametrize("unit", ["{{", "{%", "{#", "<%", "/*", "'", '"', "COPY t FROM\n", "$(", "''", "'{%", ":'"])
def test_text_without_an_end_is_read_in_linear_time(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    assert read(text).error is None
