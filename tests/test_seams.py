"""Where an insertion goes that stands at the seam of two pieces of source."""

from __future__ import annotations

import pytest

from sqlite_lint import fix_text, lint_text


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


SHARED = "a part of the text stands in another statement as well"


@pytest.mark.parametrize(
    "source",
    [
        'base = "SELECT id FROM t WHERE a"\nc.execute(base + " ILIKE \'x\'")\nc.execute(base + " = 1")',
        'time = "now()"\nc.execute(f"SELECT {time}::date")\nc.execute(f"SELECT {time} AS at")',
        'op = "ILIKE" if flag else "="\nc.execute(f"SELECT id FROM t WHERE a {op} \'x\'")',
    ],
)
def test_a_text_that_another_statement_shares_is_not_changed_in_part(source: str) -> None:
    head = "import sqlite3\nc = sqlite3.connect('x.db', timeout=5)\n"
    assert SHARED in {d.fix_withheld for d in lint_text(head + source, "app.py")}
    assert _fixed(source) == source.replace("now()", "CURRENT_TIMESTAMP")


def test_a_text_that_another_statement_shares_is_changed_as_a_whole() -> None:
    source = 'where = "a ILIKE \'x\'"\nc.execute("SELECT id FROM t WHERE " + where)\nc.execute("DELETE FROM t WHERE " + where)'
    assert _fixed(source) == source.replace("a ILIKE 'x'", "LOWER(a) LIKE LOWER('x')")
