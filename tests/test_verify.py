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


def wrapping(before: str, opening: str, call: str, closing: str) -> str:
    """Put ``opening`` before and ``closing`` after ``call``."""
    start = before.index(call)
    end = start + len(call)
    edits = [Edit(Span(start, start), opening), Edit(Span(end, end), closing)]
    return tree_damage(before, apply_edits(before, edits), edits)


def test_a_call_around_an_expression_and_a_name_more_to_enter_are_no_damage() -> None:
    assert wrapping("with f(a) as c:\n    g(c)\n", "closing(", "f(a)", ")") == ""
    assert damage("with f(a) as c:\n    g(c)\n", "as c", ", c", insert=True) == ""
    assert damage("c = f(a)\nx = 1\n", "c = f(a)", "\nfrom contextlib import closing", insert=True) == ""


def test_a_call_around_something_else_is_damage() -> None:
    assert wrapping("with f(a) as c:\n    g(c)\n", "closing(b, ", "f(a)", ")") != ""
    assert wrapping("with f(a) as c:\n    g(c)\n", "closing(g(", "f(a)", "), 1)") != ""
    assert damage("with f(a) as c:\n    g(c)\n", "as c", ", d", insert=True) != ""
    assert damage("with f(a) as c:\n    g(c)\n", "g(c)", "\n    x = 1", insert=True) != ""
