"""What a fix may change in the Python code around its edits."""

from __future__ import annotations

import pytest

from sqlite_lint.text import Edit, Span, apply_edits
from sqlite_lint.verify import tree_damage


def damage(before: str, at: str, replacement: str, insert: bool = False) -> str:
    """Replace ``at`` by ``replacement``, or insert that after ``at``."""
    start = before.index(at)
    end = start + len(at)
    edit = Edit(Span(end, end) if insert else Span(start, end), replacement)
    return tree_damage(before, apply_edits(before, [edit]), [edit])


@pytest.mark.parametrize(
    ("before", "at", "added"),
    [
        ("f(a)\nx = 1\n", "a", ", timeout=5"),
        ("f({'a': 1})\n", "1", ", 'timeout': 5"),
        ("c = f(a)\nreturn_value = c\n", "c = f(a)", "\nc.wait(5)"),
        ("def g():\n    c = f(a)\n    return c\n", "c = f(a)", "\n    c.wait(5)"),
        ("def g():\n    c = f(a)\n", "c = f(a)", "\n    c.wait(5)"),
        ("f(t=x)\n", "x", " / 1000"),
    ],
)
def test_addition_is_no_damage(before: str, at: str, added: str) -> None:
    assert damage(before, at, added, insert=True) == ""


@pytest.mark.parametrize(
    ("before", "at", "added"),
    [
        ("c = f(a)\nx = 1\n", "c = f(a)", "\nx = 2"),
        ("c = f(a)\nx = 1\n", "c = f(a)", "\nimport os"),
        ("if a:\n    f(a)\n", "f(a)", "\ng(1)\nh = 2"),
        ("f(t=x, u=y)\n", "x", " / 1000, z"),
    ],
)
def test_other_additions_are_damage(before: str, at: str, added: str) -> None:
    assert damage(before, at, added, insert=True) != ""


@pytest.mark.parametrize(
    ("before", "at", "replacement"),
    [("f('a', x)\n", "x", "y"), ("f('a')\ng()\n", "\ng()", ""), ("f('a')\n", "'a'", "'a"), ("f(1)\n", "f", "g")],
)
def test_change_of_code_is_damage(before: str, at: str, replacement: str) -> None:
    assert damage(before, at, replacement) != ""


def test_change_of_a_literal_is_no_damage() -> None:
    assert damage("f('a', x)\n", "'a'", "'b'") == ""
    assert damage("f(-1)\n", "-1", "5") == ""
