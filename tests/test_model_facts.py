"""Tables of models: what a project's classes cost to read."""

from __future__ import annotations

import time

from sqlite_lint.facts import FileFacts
from sqlite_lint.facts.tables import learnt, with_models
from sqlite_lint.sql.schema import Schema


def test_many_classes_of_one_name_cost_no_more_than_their_number() -> None:
    migrations = {
        f"app/migrations/{n:04}.py": FileFacts(models=[["Migration", "", ["Migration"], []]]) for n in range(60)
    }
    started = time.process_time()
    assert with_models(Schema(), migrations).tables == {}
    assert time.process_time() - started < 1


def test_tables_that_only_tests_create_conclude_nothing() -> None:
    files = {
        "app/store.py": FileFacts(ddl=["CREATE TABLE person (id INTEGER PRIMARY KEY)"]),
        "tests/test_store.py": FileFacts(ddl=["CREATE TABLE person (id, name)", "CREATE TABLE item (id)"]),
    }
    tables = learnt(files, None).tables
    assert {name: table.open for name, table in tables.items()} == {"person": False, "item": True}
    assert [column.name for column in tables["person"].columns] == ["id", "id", "name"]
