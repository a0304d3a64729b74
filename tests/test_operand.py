from __future__ import annotations

import json
from pathlib import Path

import pytest

from sqlite_lint.sql import operand
from sqlite_lint.sql.statement import Statement, split

FACTS = Path(__file__).parent / "data" / "facts" / "dialect.jsonl"


def operands(sql: str, operator: str, left: int, right: int) -> tuple[str | None, str | None]:
    """The operands of the last ``operator`` in ``sql``."""
    (statement,) = split(sql)
    index = list(statement.find(operator))[-1]
    start = operand.left_operand(statement, index, left)
    end = operand.right_operand(statement, index + 1, right)
    return (
        None if start is None else _text(statement, start, index),
        None if end is None else _text(statement, index + 1, end),
    )


def _text(statement: Statement, first: int, end: int) -> str:
    span = operand.operand_span(statement, first, end)
    return statement.text[span.start : span.end]


@pytest.mark.parametrize(
    ("sql", "left"),
    [
        ("SELECT -2.5::int", "2.5"),
        ("SELECT 1 + (a + b)::int", "(a + b)"),
        ("SELECT f(x, 1)::text", "f(x, 1)"),
        ("SELECT left(x, 3)::text", "left(x, 3)"),
        ("SELECT s.t.c::text", "s.t.c"),
        ("SELECT DISTINCT a::text", "a"),
        ("SELECT x[1]::int", "x[1]"),
        ("SELECT CASE WHEN a THEN b END::text", "CASE WHEN a THEN b END"),
        ("SELECT date '2020-01-01'::text", "date '2020-01-01'"),
        ("SELECT a::int::text", "a::int"),
        ("SELECT a::timestamp with time zone::text", "a::timestamp with time zone"),
        ("SELECT a::numeric(10, 2)::text", "a::numeric(10, 2)"),
        ("SELECT count(*) FILTER (WHERE x)::int", "count(*) FILTER (WHERE x)"),
        ("SELECT sum(x) OVER (PARTITION BY y)::int", "sum(x) OVER (PARTITION BY y)"),
        ("SELECT at::date", "at"),
        ("SELECT a AT TIME ZONE 'utc'::text", "'utc'"),
        ("SELECT timestamp with time zone '2020-01-01'::text", "timestamp with time zone '2020-01-01'"),
        ("SELECT ::int", None),
    ],
)
def test_left_operand_of_a_cast(sql: str, left: str | None) -> None:
    assert operands(sql, "::", operand.CAST, operand.CAST)[0] == left


@pytest.mark.parametrize(
    ("sql", "left", "right"),
    [
        ("SELECT 1 WHERE a = 1 AND lower(n) || x ILIKE '%' || ? || '%' AND b", "lower(n) || x", "'%' || ? || '%'"),
        ("SELECT 1 WHERE NOT a ILIKE ? ESCAPE '!' OR z", "a", "?"),
        ("SELECT CASE WHEN d->>'a' ILIKE lower($1) THEN 1 END", "d->>'a'", "lower($1)"),
        ("SELECT 1 WHERE (a ILIKE b)", "a", "b"),
        ("SELECT a, b ILIKE c, d", "b", "c"),
        ("SELECT 1 WHERE a ILIKE ALL (b)", "a", None),
        ("SELECT 1 ILIKE", "1", None),
    ],
)
def test_operands_of_ilike(sql: str, left: str, right: str | None) -> None:
    assert operands(sql, "ILIKE", operand.OTHER, operand.LIKE) == (left, right)


@pytest.mark.parametrize(
    ("sql", "left", "right"),
    [
        ("SELECT 1 WHERE t.data->>'x' = 'a' AND q", "t.data->>'x'", "'a'"),
        ("SELECT 1 WHERE a + 1 = CASE WHEN b THEN 'c' END OR q", "a + 1", "CASE WHEN b THEN 'c' END"),
        ("UPDATE t SET a = b::double precision, c = 1", "c", "1"),
        ("SELECT 1 WHERE a = b COLLATE NOCASE ORDER BY c", "a", "b COLLATE NOCASE"),
        ("SELECT 1 WHERE a = -b", "a", "-b"),
        ("SELECT 1 FROM t JOIN u ON t.a = u.b WHERE c", "t.a", "u.b"),
    ],
)
def test_operands_of_a_comparison(sql: str, left: str, right: str) -> None:
    assert operands(sql, "=", operand.LIKE, operand.COMPARE) == (left, right)


def test_interval_with_its_unit_is_one_operand() -> None:
    assert operands("SELECT now() - INTERVAL 7 DAY AND q", "-", operand.ADD, operand.ADD) == ("now()", "INTERVAL 7 DAY")
    assert operands("SELECT a - INTERVAL '1' DAY < b", "-", operand.ADD, operand.ADD) == ("a", "INTERVAL '1' DAY")


def test_operands_lie_within_the_brackets_of_their_operator_in_all_measured_statements() -> None:
    for line in FACTS.read_text().splitlines():
        for statement in split(json.loads(line)["sql"]):
            for index in range(len(statement.tokens)):
                for level in range(operand.OR, operand.DOT + 1):
                    start = operand.left_operand(statement, index, level)
                    end = operand.right_operand(statement, index, level)
                    if start is not None:
                        assert min(statement.depth[start:index], default=0) >= statement.depth[index]
                    assert end is None or index < end <= len(statement.tokens)
