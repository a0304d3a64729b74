from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqlite_lint.sql.statement import split

TRIGGER = "CREATE TRIGGER a AFTER INSERT ON t BEGIN UPDATE x SET a = CASE WHEN 1 THEN 2 END; SELECT 1; END"


@pytest.mark.parametrize(
    ("script", "statements"),
    [
        ("SELECT 1; SELECT 2", ["SELECT 1", "SELECT 2"]),
        (";; SELECT ';' ;", ["SELECT ';'"]),
        ("SELECT 1 -- a; b\n; SELECT 2 /* ; */", ["SELECT 1", "SELECT 2"]),
        (TRIGGER + "; SELECT 2;", [TRIGGER, "SELECT 2"]),
        ("BEGIN; SELECT 1; END;", ["BEGIN", "SELECT 1", "END"]),
        ("CREATE FUNCTION f() AS $$ BEGIN; END $$; SELECT 1", ["CREATE FUNCTION f() AS $$ BEGIN; END $$", "SELECT 1"]),
        ("CREATE TRIGGER a BEGIN SELECT 1; SELECT 2", ["CREATE TRIGGER a BEGIN SELECT 1", "SELECT 2"]),
        ("SELECT (1; SELECT 2", ["SELECT (1", "SELECT 2"]),
        ("-- nothing", []),
    ],
)
def test_split(script: str, statements: list[str]) -> None:
    assert [statement.sql for statement in split(script)] == statements


@given(st.text(alphabet="ab (;)[]'\"-\n$BEGINCREATETRIGGEREND", max_size=80))
def test_statements_are_disjoint_and_in_order(script: str) -> None:
    at = 0
    for statement in split(script):
        assert statement.span.start >= at
        at = statement.span.end


def test_a_comment_belongs_to_the_statement_after_it() -> None:
    first, second = split("-- one\nSELECT 1; -- two\nSELECT 2")
    assert [c.text for c in first.comments] == ["-- one"]
    assert [c.text for c in second.comments] == ["-- two"]


def test_brackets_know_their_partner_and_unbalanced_ones_have_none() -> None:
    (statement,) = split("f(a[1], (b)) )")
    texts = {(statement.key(a), statement.key(b)) for a, b in statement.partner.items()}
    assert texts == {("(", ")"), (")", "("), ("[", "]"), ("]", "[")}
    assert len(statement.partner) == 6


def test_each_token_knows_its_clause() -> None:
    (statement,) = split("SELECT f(a) FROM t WHERE x IN (SELECT y FROM z) AND q ORDER BY g(1)")
    clauses = dict(zip((t.text for t in statement.tokens), statement.clause, strict=True))
    assert clauses["a"] == "SELECT"
    assert clauses["t"] == "FROM"
    assert clauses["y"] == "SELECT"
    assert clauses["z"] == "FROM"
    assert clauses["q"] == "WHERE"
    assert clauses["1"] == "ORDER BY"


def test_arguments_are_split_at_the_commas_of_their_own_level() -> None:
    (statement,) = split("f(a, g(b, c), [d, e])")
    spans = [statement.span_of(first, end - 1) for first, end in statement.arguments(1)]
    assert [statement.text[span.start : span.end] for span in spans] == ["a", "g(b, c)", "[d, e]"]


def test_the_tree_is_none_where_sqlglot_cannot_read() -> None:
    assert split("SELECT a FROM t")[0].tree is not None
    assert split("SELECT FROM WHERE (")[0].tree is None
    assert split("SELECT date_add(a), COUNT(*) FROM t")[0].tree is None  # which sqlglot 30 itself stumbles over
