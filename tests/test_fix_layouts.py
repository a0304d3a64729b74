"""Fixes in literals of every layout: the SQL becomes what it becomes in a .sql file, and nothing else changes."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sqlite_lint import fix_text, lint_text

HEAD = 'import sqlite3\ncon = sqlite3.connect("a.db", timeout=5)\n'
WORDS = [
    ["SELECT", "id::text", ",", "now()", "FROM", "t", "WHERE", "name", "ILIKE", "'x%'"],
    ["SELECT", "*", "FROM", "t", "WHERE", "json_extract(a, '$.b')", "=", "'5'", "FOR", "UPDATE"],
    ["UPDATE", "t", "SET", "a", "=", "b::int", "+", "1", "WHERE", "c", "NOT", "ILIKE", "E'it\\'s'"],
    ["SELECT", "a", "FROM", "t", "WHERE", "b", ">", "now()", "-", "INTERVAL", "'2 days'", "AND", "c::date", "=", "?"],
]
SPACES = st.sampled_from([" ", "  ", "\t", "\n", "\n    ", " /* ILIKE */ ", " -- x::y\n", "\n\n"])


@st.composite
def statements(draw: st.DrawFn) -> str:
    words = draw(st.sampled_from(WORDS))
    return words[0] + "".join(draw(SPACES) + word for word in words[1:])


@st.composite
def layouts(draw: st.DrawFn) -> tuple[str, str]:
    """A statement, and an expression of Python whose value it is: one literal, or several beside or below each other."""
    sql = draw(statements())
    cuts = sorted(draw(st.sets(st.integers(1, len(sql) - 1), max_size=4)))
    parts = [sql[a:b] for a, b in zip([0, *cuts], [*cuts, len(sql)], strict=True)]
    joint = draw(st.sampled_from([" ", "\n    ", " + ", " +\n    ", "  # ILIKE\n    "]))
    return sql, "(" + joint.join(draw(_literal(part)) for part in parts) + "\n)"


def _literal(text: str) -> st.SearchStrategy[str]:
    plain = [repr(text), '"' + repr("'" + text)[2:-1].replace('"', '\\"') + '"' if "'" not in text else repr(text)]
    whole = text + "\n" if text.endswith("\\") else text
    if "\\" not in text and not text.endswith('"'):
        plain += [f'"""{whole}"""', f'r"""{whole}"""', f'u"""{whole}"""', f'f"""{whole}"""']
    if "\n" not in text and '"' not in text and "\\" not in text:
        plain += [f'r"{text}"', f'f"{text}"']
    return st.sampled_from(plain)


def _value(source: str) -> str:
    call = ast.parse(source).body[-1].value  # type: ignore[attr-defined]
    return str(eval(compile(ast.Expression(call.args[0]), "x", "eval")))


def _without_texts(source: str) -> str:
    class Emptied(ast.NodeTransformer):
        def visit_Constant(self, node: ast.Constant) -> ast.AST:
            return ast.Constant("") if isinstance(node.value, str) else node

    return ast.dump(Emptied().visit(ast.parse(source)))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@given(layout=layouts())
@settings(max_examples=60, deadline=None)
def test_a_fix_in_any_layout_is_that_of_the_sql_alone(newline: str, layout: tuple[str, str]) -> None:
    sql, expression = layout
    source = (HEAD + f"con.execute({expression})\n").replace("\n", newline)
    assert _value(source) == sql

    fixed = fix_text(source, "a.py", unsafe=True)

    assert _without_texts(fixed) == _without_texts(source)
    assert fix_text(fixed, "a.py", unsafe=True) == fixed
    before, after = lint_text(source, "a.py"), lint_text(fixed, "a.py")
    assert len(after) <= len(before)
    if not after:
        assert _value(fixed) == fix_text(sql, unsafe=True)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_clause_is_removed_with_its_line_whatever_ends_the_lines(newline: str) -> None:
    source = HEAD + 'con.execute("""\n    SELECT id\n    FROM t\n    FOR UPDATE\n""")\n'
    expected = HEAD + 'con.execute("""\n    SELECT id\n    FROM t\n""")\n'
    fixed = fix_text(source.replace("\n", newline), "a.py", unsafe=True)
    assert fixed == expected.replace("\n", newline)
