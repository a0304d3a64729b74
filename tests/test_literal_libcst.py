"""Our reader of string literals against libcst's, which was written independently."""

from __future__ import annotations

import ast

import libcst
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqlite_lint.config import Config
from sqlite_lint.hosts.python import read_python
from sqlite_lint.project import Project

literals = st.builds(
    lambda prefix, quote, body: f"{prefix}{quote}{body}{quote}",
    st.sampled_from(["", "r", "u", "R"]),
    st.sampled_from(["'", '"', "'''", '"""']),
    st.text(alphabet="abSELECT é\\ntx0\"'{}%", max_size=12),
)


def _is_one_literal(source: str) -> bool:
    try:
        tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError):
        return False
    return isinstance(tree.body, ast.Constant) and isinstance(tree.body.value, str)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::SyntaxWarning")
@given(st.lists(literals, min_size=1, max_size=3))
def test_text_of_concatenated_literals_is_what_libcst_evaluates(parts: list[str]) -> None:
    source = " ".join(parts)
    if not _is_one_literal(source):
        return
    expected = libcst.parse_expression(source).evaluated_value  # type: ignore[attr-defined]
    result = read_python(f"import sqlite3\nsqlite3.connect('x').execute({source})", "x.py", Project.empty(), Config())
    assert [use.text.text for use in result.uses] == ([expected] if expected.strip() else [])
