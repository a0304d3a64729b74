"""Where an insertion goes that stands at the seam of two pieces of source."""

from __future__ import annotations

import pytest

from sqlite_lint import fix_text


def _fixed(source: str) -> str:
    return fix_text(f"import sqlite3\nc = sqlite3.connect('x.db', timeout=5)\n{source}", "app.py", unsafe=True).split(
        "\n", 2
    )[2]


@pytest.mark.parametrize(
    ("source", "fixed"),
    [
        (
            'where = ["name ILIKE \'a%\'"]\n'
            'c.execute("SELECT id FROM t WHERE " + " AND ".join(where) + " ORDER BY id")',
            'where = ["LOWER(name) LIKE LOWER(\'a%\')"]\n'
            'c.execute("SELECT id FROM t WHERE " + " AND ".join(where) + " ORDER BY id")',
        ),
        (
            "c.execute(\"SELECT id FROM t WHERE name ILIKE 'a%'\" \" ORDER BY id\")",
            "c.execute(\"SELECT id FROM t WHERE LOWER(name) LIKE LOWER('a%')\" \" ORDER BY id\")",
        ),
        (
            "c.execute(\"SELECT \" \"id::text\" \" FROM t\")",
            "c.execute(\"SELECT \" \"CAST(id AS TEXT)\" \" FROM t\")",
        ),
        (
            "tail = \"name ILIKE 'a%'\"\nc.execute(f\"SELECT id FROM t WHERE {tail}\")",
            "tail = \"LOWER(name) LIKE LOWER('a%')\"\nc.execute(f\"SELECT id FROM t WHERE {tail}\")",
        ),
    ],
)  # fmt: skip
def test_insertions_stay_in_the_literal_of_their_operand(source: str, fixed: str) -> None:
    assert _fixed(source) == fixed


@pytest.mark.parametrize(
    ("source", "fixed"),
    [
        (
            r"c.execute('SELECT id FROM t WHERE name ILIKE \'a%\'')",
            r"c.execute('SELECT id FROM t WHERE LOWER(name) LIKE LOWER(\'a%\')')",
        ),
        (
            r"c.execute('SELECT id FROM t WHERE name ILIKE \'a%\'' ' AND id')",
            r"c.execute('SELECT id FROM t WHERE LOWER(name) LIKE LOWER(\'a%\')' ' AND id')",
        ),
        (
            r"c.execute('SELECT \'1\'::text')",
            r"c.execute('SELECT CAST(\'1\' AS TEXT)')",
        ),
    ],
)  # fmt: skip
def test_insertions_stand_beside_an_escape_sequence_which_stays_whole(source: str, fixed: str) -> None:
    assert _fixed(source) == fixed


def test_an_escape_sequence_that_would_be_cut_is_left_alone() -> None:
    source = r"c.execute('SELECT E\'1\'')"
    assert _fixed(source) == source
