from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqlite_lint.sql.tokens import HOLE, Kind, tokenize

FACTS = Path(__file__).parent / "data" / "facts" / "dialect.jsonl"


def kinds(sql: str) -> list[tuple[str, str]]:
    return [(token.kind.name, token.text) for token in tokenize(sql)]


@given(st.text(alphabet="ab1 '\"`[]$-/*\n:%?@(){}.eEx\ue000é\\#!<>|&", max_size=60))
def test_every_character_is_in_one_token_or_white_space(sql: str) -> None:
    at = 0
    for token in tokenize(sql):
        assert sql[at : token.start].strip(" \t\r\n\f\v\ufeff") == ""
        assert sql[token.start : token.end] == token.text
        assert token.end > token.start
        at = token.end
    assert sql[at:].strip(" \t\r\n\f\v\ufeff") == ""


def test_all_measured_statements_have_no_unknown_character() -> None:
    cases = [json.loads(line) for line in FACTS.read_text().splitlines()]
    odd = [case["id"] for case in cases if any(t.kind is Kind.ERROR for t in tokenize(case["sql"]))]
    assert odd == []


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("a::text", [("WORD", "a"), ("OP", "::"), ("WORD", "text")]),
        (":q::int", [("PARAM", ":q"), ("OP", "::"), ("WORD", "int")]),
        ("?||'%'", [("PARAM", "?"), ("OP", "||"), ("STRING", "'%'")]),
        ("a ?| b", [("WORD", "a"), ("OP", "?|"), ("WORD", "b")]),
        ("a<@p", [("WORD", "a"), ("OP", "<"), ("PARAM", "@p")]),
        ("a <@ b", [("WORD", "a"), ("OP", "<@"), ("WORD", "b")]),
        ("x=-1", [("WORD", "x"), ("OP", "="), ("OP", "-"), ("NUMBER", "1")]),
        (r"E'it\'s'", [("PREFIXED", r"E'it\'s'")]),
        ("'it''s'", [("STRING", "'it''s'")]),
        ("$q$it's $$5$$$q$", [("DOLLAR", "$q$it's $$5$$$q$")]),
        ("$1 $name", [("PARAM", "$1"), ("PARAM", "$name")]),
        ("%s %(a)s 5 % 2", [("PARAM", "%s"), ("PARAM", "%(a)s"), ("NUMBER", "5"), ("OP", "%"), ("NUMBER", "2")]),
        ("tags[1]", [("WORD", "tags"), ("OP", "["), ("NUMBER", "1"), ("OP", "]")]),
        ("FROM [my table]", [("WORD", "FROM"), ("QUOTED", "[my table]")]),
        ("1..2 .5 1e3", [("NUMBER", "1"), ("OP", ".."), ("NUMBER", "2"), ("NUMBER", ".5"), ("NUMBER", "1e3")]),
        ("-- it's\nx", [("COMMENT", "-- it's"), ("WORD", "x")]),
        ("/* un' */ x'00'", [("COMMENT", "/* un' */"), ("BLOB", "x'00'")]),
        ("/* open", [("COMMENT", "/* open")]),
        ("a 'open", [("WORD", "a"), ("ERROR", "'open")]),
        (f"tbl_{HOLE} {HOLE}", [("WORD", f"tbl_{HOLE}"), ("HOLE", HOLE)]),
    ],
)
def test_shapes_of_the_three_dialects(sql: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(sql) == expected


def test_a_quoted_name_is_compared_without_its_quotes() -> None:
    assert [t.name for t in tokenize('"a""B" `c` [D e]')] == ['a"b', "c", "d e"]
