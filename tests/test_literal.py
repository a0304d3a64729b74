"""Literals: each character of a string's value is traced to its source, whatever the literal's form."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqlite_lint.hosts.literal import Field, read_literal
from sqlite_lint.hosts.module import Module
from sqlite_lint.hosts.sqltext import PieceKind, Quoting, SqlText
from sqlite_lint.text import Edit, Span, apply_edits


def parts_of(source: str) -> list[SqlText | Field]:
    tree = ast.parse(source)
    module = Module(source, "x.py", tree)
    node = tree.body[-1].value  # type: ignore[attr-defined]
    return read_literal(source, module.span(node), node)


def text_of(source: str) -> SqlText:
    parts = parts_of(source)
    assert all(isinstance(part, SqlText) for part in parts)
    return SqlText.join(part for part in parts if isinstance(part, SqlText))


def assert_exact(source: str, text: SqlText) -> None:
    """Every piece lies where it says, and nothing is known by value only."""
    at = 0
    for piece in text.pieces:
        assert piece.sql.start == at
        at = piece.sql.end
        assert piece.src is not None
        assert piece.kind in (PieceKind.VERBATIM, PieceKind.ESCAPE, PieceKind.LINE_END)
        if piece.kind is PieceKind.VERBATIM:
            assert source[piece.src.start : piece.src.end] == text.text[piece.sql.start : piece.sql.end]
    assert at == len(text.text)


@pytest.mark.parametrize(
    "source",
    [
        "'SELECT 1'",
        '"SELECT 1"',
        "'''SELECT\n1'''",
        "r'SELECT \\d'",
        "R\"SELECT '\\'\"",
        "u'SELECT 1'",
        "'SELECT \\'a\\''",
        "'a\\nb\\tc\\x41\\u00e9\\U0001F600\\101\\N{BULLET}'",
        "'unknown \\d stays'",
        "'continued \\\n line'",
        "('a' 'b'\n  \"c\"  # said '\n '''d''')",
        "'é' 'ü — ß' \"x\"",
        "r'''raw \\' quote'''",
        "'' 'a' ''",
        "'a' \\\n 'b'",
    ],
)
def test_value_of_a_plain_literal_is_traced(source: str) -> None:
    text = text_of(source)
    assert text.text == ast.literal_eval(source)
    assert_exact(source, text)


def test_crlf_inside_a_literal_is_one_line_end() -> None:
    source = "'''SELECT\r\n1'''"
    text = text_of(source)
    assert text.text == "SELECT\n1"
    assert_exact(source, text)


def test_bytes_are_read_like_text() -> None:
    text = text_of("b'SELECT \\x41'")
    assert text.text == "SELECT A"
    assert_exact("b'SELECT \\x41'", text)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("f'SELECT {a} FROM {b}'", ["SELECT ", "{a}", " FROM ", "{b}"]),
        ("f'{{x}} {a!r:>{w}} y'", ["{x} ", "{a!r:>{w}}", " y"]),
        ("f\"{d['k']}{d['}']}z\"", ["{d['k']}", "{d['}']}", "z"]),
        ("f'{a:{b}{c}}' 'plain {x}' f'{d}'", ["{a:{b}{c}}", "plain {x}", "{d}"]),
        ("rf'\\d{a}\\{b}'", ["\\d", "{a}", "\\", "{b}"]),
        ("f'{a == b}{a != b}{(lambda: 1)()}'", ["{a == b}", "{a != b}", "{(lambda: 1)()}"]),
        ("f'{x=}'", ["x=", "{x=}"]),
        ("f'{x = !s} y'", ["x = ", "{x = !s}", " y"]),
        ("f'''a\n{\nb\n} c'''", ["a\n", "{\nb\n}", " c"]),
        ("f'\\N{BULLET}{a}\\x41'", ["•", "{a}", "A"]),
        ("f'{a[1:2]} {b:%Y-%m}'", ["{a[1:2]}", " ", "{b:%Y-%m}"]),
        ("f'é{a}ü'", ["é", "{a}", "ü"]),
        ('f\'{a}\' "{b}" f"{c}\'"', ["{a}", "{b}", "{c}", "'"]),
    ],
)
def test_fields_of_an_f_string_are_found(source: str, expected: list[str]) -> None:
    parts = parts_of(source)
    shown = [part.text if isinstance(part, SqlText) else source[part.span.start : part.span.end] for part in parts]
    assert shown == expected
    for part in parts:
        if isinstance(part, SqlText):
            assert_exact(source, part)


def test_fields_are_counted_in_order() -> None:
    parts = parts_of("f'{a}{b:{c}}{d}'")
    assert [part.index for part in parts if isinstance(part, Field)] == [0, 1, 2]
    assert [part.plain for part in parts if isinstance(part, Field)] == [True, False, True]


def test_unknown_escape_is_one_piece_so_that_no_edit_cuts_it() -> None:
    source = "'a\\d'"
    text = text_of(source)
    assert text.text == "a\\d"
    assert [piece.kind for piece in text.pieces] == [PieceKind.VERBATIM, PieceKind.ESCAPE]


_CHARACTERS = st.text(
    st.sampled_from(list("aSélE \n\t'\"\\{}%\r\0\x7fé€😀0x1N#")) | st.characters(exclude_categories=["Cs"]), max_size=24
)
_QUOTES = st.sampled_from(["'", '"', "'''", '"""'])


@given(_CHARACTERS, _QUOTES, st.booleans())
def test_escaped_text_evaluates_to_itself(text: str, quote: str, raw: bool) -> None:
    spelled = Quoting(quote, raw=raw).escape(text)
    if spelled is None:
        assert raw
        return
    assert ast.literal_eval(("r" if raw else "") + quote + "<" + spelled + ">" + quote) == "<" + text + ">"


@given(_CHARACTERS, _QUOTES)
def test_text_escaped_for_templates_comes_out_of_them_again(text: str, quote: str) -> None:
    spelled = Quoting(quote, braces=True).escape(text)
    assert spelled is not None
    assert eval("f" + quote + "<" + spelled + ">" + quote) == f"<{text}>"
    percents = Quoting(quote, percents=True).escape(text)
    assert percents is not None
    assert ast.literal_eval(quote + "<" + percents + ">" + quote) % () == f"<{text}>"


@given(st.lists(st.tuples(_CHARACTERS, _QUOTES), min_size=1, max_size=4))
def test_every_value_is_traced_through_concatenated_literals(literals: list[tuple[str, str]]) -> None:
    spelled = [quote + str(Quoting(quote).escape(text)) + quote for text, quote in literals]
    source = "(" + " ".join(spelled) + ")"
    text = text_of(source)
    assert text.text == "".join(value for value, _ in literals) == ast.literal_eval(source)
    assert_exact(source, text)


@given(st.tuples(_CHARACTERS, _QUOTES), st.text("abXY'\"{}% \n", max_size=6), st.data())
def test_every_edit_reads_again_as_intended(literal: tuple[str, str], new: str, data: st.DataObject) -> None:
    value, quote = literal
    source = quote + str(Quoting(quote).escape(value)) + quote
    text = text_of(source)
    start = data.draw(st.integers(0, len(value)))
    end = data.draw(st.integers(start, len(value)))
    edit = text.edit(Span(start, end), new)
    if isinstance(edit, Edit):
        assert ast.literal_eval(apply_edits(source, [edit])) == value[:start] + new + value[end:]


@given(_CHARACTERS, st.data())
def test_cut_and_substitute_keep_the_map(value: str, data: st.DataObject) -> None:
    source = "'" + str(Quoting("'").escape(value)) + "'"
    text = text_of(source)
    start = data.draw(st.integers(0, len(value)))
    end = data.draw(st.integers(start, len(value)))
    cut = text.cut(Span(start, end))
    assert cut.text == value[start:end]
    assert_exact(source, cut)
    swapped = text.substitute([(Span(start, end), SqlText.hole(None))])
    assert swapped.text == value[:start] + "\ue000" + value[end:]
    assert [p.sql.end for p in swapped.pieces][-1] == len(swapped.text)


def test_huge_literal_takes_linear_time_and_no_recursion() -> None:
    source = "(" + " ".join(["'a\\n'"] * 20_000) + ")"
    assert len(text_of(source).text) == 40_000
