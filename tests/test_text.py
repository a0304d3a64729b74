from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqlite_lint.text import Edit, LineIndex, Position, Span, apply_edits

lines = st.text(alphabet="ab\n\ré", max_size=40)


@given(lines)
def test_every_offset_has_the_position_that_splitting_the_text_gives(text: str) -> None:
    index = LineIndex(text)
    at = 0
    for row, line in enumerate(text.replace("\r\n", "\0\n").replace("\r", "\n").split("\n"), 1):
        for column in range(len(line)):
            assert index.position(at + column) == Position(row, column + 1)
        at += len(line) + 1


@given(lines)
def test_offset_is_the_inverse_of_position(text: str) -> None:
    index = LineIndex(text)
    for offset in range(len(text) + 1):
        assert index.offset(*index.position(offset)) == offset


def test_line_has_no_line_end() -> None:
    index = LineIndex("a\r\nbc\n\rd")
    assert [index.line(row) for row in range(1, 5)] == ["a", "bc", "", "d"]


def test_a_final_line_end_begins_no_row() -> None:
    assert LineIndex("a\nb\n").rows == 2
    assert LineIndex("a\nb").rows == 2
    assert LineIndex("").rows == 1


def test_edits_are_made_at_their_original_offsets() -> None:
    edits = [Edit(Span(4, 4), "!"), Edit(Span(0, 1), "XY"), Edit(Span(2, 3), "")]
    assert apply_edits("abcd", edits) == "XYbd!"


def test_overlapping_edits_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap at offset 1"):
        apply_edits("abcd", [Edit(Span(0, 2), "x"), Edit(Span(1, 3), "y")])


def test_spans_that_only_touch_do_not_overlap() -> None:
    assert not Span(0, 2).overlaps(Span(2, 3))
    assert Span(0, 2).overlaps(Span(1, 3))
    assert Span(2, 2).overlaps(Span(2, 2))
