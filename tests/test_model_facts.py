"""Tables of models: what a project's classes cost to read."""

from __future__ import annotations

import time

from sqlite_lint.facts import FileFacts
from sqlite_lint.facts.tables import with_models
from sqlite_lint.sql.schema import Schema


def test_many_classes_of_one_name_cost_no_more_than_their_number() -> None:
    migrations = {
        f"app/migrations/{n:04}.py": FileFacts(models=[["Migration", "", ["Migration"], []]]) for n in range(60)
    }
    started = time.process_time()
    assert with_models(Schema(), migrations).tables == {}
    assert time.process_time() - started < 1
