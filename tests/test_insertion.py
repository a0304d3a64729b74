"""Arguments, entries and parameters written into Python source, whatever its layout."""

from __future__ import annotations

import ast

from hypothesis import given
from hypothesis import strategies as st

from sqlite_lint.hosts.insertion import into_call, into_dict, into_url
from sqlite_lint.hosts.module import Module

SPACE = st.sampled_from(["", " ", "\n", "\n    ", "  # a, b)\n", " # (\n    ", "\r\n\t", " \\\n "])
VALUE = st.sampled_from(
    ["path", "'a.db'", "(path)", "((1, 2))", "f(x, y)", "[1, 2]", "{'a': (1,)}", "'ü)#'", "lambda: 0", "x if y else z"]
)
ITEM = st.tuples(SPACE, VALUE, SPACE)


def inserted(source: str, place: tuple[int, str] | None) -> str:
    assert place is not None
    offset, text = place
    return source[:offset] + text + source[offset:]


def body(items: list[tuple[str, str, str]], prefixes: list[str], comma: bool, end: str) -> str:
    parts = [f"{before}{prefix}{value}{after}" for prefix, (before, value, after) in zip(prefixes, items, strict=True)]
    return ",".join(parts) + ("," if comma and items else "") + end


@given(st.lists(ITEM, max_size=3), st.integers(0, 3), st.booleans(), SPACE)
def test_argument_is_added_and_nothing_else_changes(
    items: list[tuple[str, str, str]], keywords: int, comma: bool, end: str
) -> None:
    prefixes = ["" if place < len(items) - keywords else f"k{place} = " for place in range(len(items))]
    source = f"x = f({body(items, prefixes, comma, end)})\n"
    tree = ast.parse(source)
    module = Module(source, "a.py", tree)
    call = tree.body[0].value  # type: ignore[attr-defined]
    place = into_call(module, call, "timeout=5")
    if place is None:
        assert not items and "#" in end
        return
    changed = ast.parse(inserted(source, place)).body[0].value  # type: ignore[attr-defined]
    added = changed.keywords.pop()
    assert (added.arg, ast.literal_eval(added.value)) == ("timeout", 5)
    assert ast.dump(changed) == ast.dump(call)


@given(st.lists(ITEM, max_size=3), st.booleans(), SPACE)
def test_entry_is_added_and_nothing_else_changes(items: list[tuple[str, str, str]], comma: bool, end: str) -> None:
    source = f"x = {{{body(items, ['1: '] * len(items), comma, end)}}}\n"
    tree = ast.parse(source)
    node = tree.body[0].value  # type: ignore[attr-defined]
    place = into_dict(Module(source, "a.py", tree), node, '"timeout": 5')
    if place is None:
        assert not items and "#" in end
        return
    changed = ast.parse(inserted(source, place)).body[0].value  # type: ignore[attr-defined]
    assert ast.literal_eval(changed.keys.pop()) == "timeout"
    assert ast.literal_eval(changed.values.pop()) == 5
    assert ast.dump(changed) == ast.dump(node)


def test_generator_argument_is_left_alone() -> None:
    source = "f(x for x in y)\n"
    tree = ast.parse(source)
    assert into_call(Module(source, "a.py", tree), tree.body[0].value, "t=5") is None  # type: ignore[attr-defined]


def test_url_gets_its_parameter_at_the_end() -> None:
    for source, expected in (
        ("'sqlite:///a'", "'sqlite:///a?t=5'"),
        ('"""sqlite:///a"""', '"""sqlite:///a?t=5"""'),
        ("('sqlite:' '///a')", "('sqlite:' '///a?t=5')"),
        ("f'sqlite:///{p}'", "f'sqlite:///{p}?t=5'"),
        ("'sqlite:///' + p", "'sqlite:///' + p + '?t=5'"),
        ("'sqlite:///' + 'a'", "'sqlite:///' + 'a?t=5'"),
    ):
        tree = ast.parse(source)
        place = into_url(Module(source, "a.py", tree), tree.body[0].value, "t=5", False)  # type: ignore[attr-defined]
        assert inserted(source, place) == expected
    source = "url"
    tree = ast.parse(source)
    assert into_url(Module(source, "a.py", tree), tree.body[0].value, "t=5", False) is None  # type: ignore[attr-defined]
