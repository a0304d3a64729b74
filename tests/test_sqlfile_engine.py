"""Whose SQL a .sql file holds."""

from __future__ import annotations

import pytest

from sqlite_lint import lint_text
from sqlite_lint.config import Config

PSQL = "\\set ON_ERROR_STOP on\nSELECT a ILIKE b FROM t;\n"
PLAIN = "SELECT a ILIKE b FROM t;\n"


@pytest.mark.parametrize("pattern", ["pg/*", "*.sql", "pg", "**/q.sql"])
def test_the_configurations_dialects_hold_for_sql_files(pattern: str) -> None:
    config = Config(dialects={pattern: "postgresql"})
    assert lint_text(PLAIN, "pg/q.sql", config) == []
    assert lint_text(PLAIN, "other/query.txt.sql", Config(dialects={"pg/*": "postgresql"})) != []


def test_the_configuration_overrules_what_the_file_looks_like() -> None:
    assert lint_text(PSQL, "q.sql") == []
    assert [d.code for d in lint_text(PSQL, "q.sql", Config(dialects={"q.sql": "sqlite"}))] == ["SQL101"]


@pytest.mark.parametrize("path", ["postgres/q.sql", "migrations/mysql/001.sql", "schema.pg.sql"])
def test_a_path_that_names_another_engine_is_that_engines(path: str) -> None:
    assert lint_text(PLAIN, path) == []


@pytest.mark.parametrize(
    "path", ["tests/snapshots/test_a/out.sql", "pkg/tests/sql/snapshots/q.sql", "__snapshots__/q.sql"]
)
def test_snapshots_of_tests_are_run_by_no_engine(path: str) -> None:
    assert lint_text(PLAIN, path) == []


@pytest.mark.parametrize("path", ["q.sql", "sqlite/q.sql", "postgres/sqlite/q.sql", "pages/q.sql", "snapshots/q.sql"])
def test_other_paths_are_for_sqlite(path: str) -> None:
    assert [d.code for d in lint_text(PLAIN, path)] == ["SQL101"]


def test_templates_names_between_percent_signs_are_filled_in() -> None:
    assert lint_text("CREATE TABLE t (id $%AUTO_INCREMENT_PRIMARY_KEY%$, name TEXT);\n", "q.sql") == []


@pytest.mark.parametrize("head", ["{{ config(materialized='table') }}", "{%- macro day(x) %}", "-- a model\n"])
def test_templates_of_dbt_are_for_a_warehouse(head: str) -> None:
    assert lint_text(f"{head}\nSELECT a ILIKE b FROM {{{{ ref('t') }}}};\n", "models/q.sql") == []
    assert lint_text("SELECT a ILIKE b FROM {{ table }};\n", "models/q.sql") != []
