"""What is not selected neither explains a refusal nor takes a place in the statement; what is ignored does."""

from __future__ import annotations

import pytest

from sqlite_lint import lint_text
from sqlite_lint.config import Config

CAST = "CREATE CAST (a AS BIGINT) WITHOUT FUNCTION"
"""SQL120, which is opt-in, has a pattern for CAST (...), and SQL364 one for CREATE CAST."""


def codes(sql: str, **settings: tuple[str, ...]) -> list[str]:
    return [d.code for d in lint_text(sql, config=Config(**settings))]  # type: ignore[arg-type]


def test_a_rule_that_is_not_selected_takes_no_place() -> None:
    assert codes(CAST) == ["SQL364"]
    assert codes("SELECT a ILIKE ANY (b)", select=("SQL101",)) == ["SQL101"]
    assert codes("SELECT a ILIKE ANY (b)", select=("SQL101", "SQL103")) == codes("SELECT a ILIKE ANY (b)")


@pytest.mark.parametrize("sql", ["SELECT a ILIKE b", CAST, "SELECT 1::int"])
def test_a_rule_that_is_not_selected_explains_nothing(sql: str) -> None:
    assert codes(sql, select=("SQL002",)) == ["SQL002"]


@pytest.mark.parametrize("ignored", ["SQL101", "SQL1", "ilike"])
def test_a_rule_that_is_ignored_does_not_come_back_as_a_refusal(ignored: str) -> None:
    assert codes("SELECT a ILIKE b", ignore=(ignored,)) == []
    assert codes("SELECT a ILIKE b FORM c", ignore=("SQL002",)) == ["SQL101"]
