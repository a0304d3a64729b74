"""Comments that silence findings, and SQL003 for those that silence nothing."""

from __future__ import annotations

import pytest

from sqlite_lint.add_noqa import with_noqa
from sqlite_lint.comments import python_layout
from sqlite_lint.diagnostic import Diagnostic
from sqlite_lint.hosts.model import Sink, SqlUse
from sqlite_lint.hosts.sqltext import SqlText
from sqlite_lint.suppress import apply
from sqlite_lint.text import LineIndex, Span, apply_edits

ENABLED = frozenset({"SQL001", "SQL002", "SQL003", "SQL101", "SQL105", "SQL401"})


def finding(text: str, word: str, code: str = "SQL101", noqa_at: str = "") -> Diagnostic:
    """A finding at ``word``; its noqa row is that of ``noqa_at`` (default: its own)."""
    lines = LineIndex(text)
    span = Span(text.index(word), text.index(word) + len(word))
    start, end = lines.position(span.start), lines.position(span.end)
    row = lines.position(text.index(noqa_at)).row if noqa_at else end.row
    return Diagnostic(code, "name", "message", "a.py", span, start, end, row)


def left(text: str, *found: Diagnostic, path: str = "a.py", uses: tuple[SqlUse, ...] = ()) -> list[str]:
    return [d.code for d in apply(list(found), text, path, ENABLED, uses)]


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa",
        "#noqa",
        "# NOQA",
        "# noqa: SQL101",
        "# noqa:SQL101",
        "# noqa: sql101",
        "# noqa: E501,SQL101",
        "# noqa: E501 SQL101",
        "# noqa: SQL1",
        "# type: ignore # noqa: SQL101",
        "# noqa: SQL101 because it runs on PostgreSQL only",
        "# sqlite-lint: noqa: SQL101",
    ],
)
def test_a_comment_on_the_row_silences(comment: str) -> None:
    text = f"f('ILIKE')  {comment}\n"
    assert left(text, finding(text, "ILIKE")) == []


@pytest.mark.parametrize("comment", ["# noqa: E501", "# see noqa", "# noqa: SQL4", "# qa", "# flake8: noqa"])
def test_noop_other_comments(comment: str) -> None:
    text = f"f('ILIKE')  {comment}\n"
    assert "SQL101" in left(text, finding(text, "ILIKE"))


def test_noop_noqa_inside_a_string() -> None:
    text = 'f(\'ILIKE # noqa\')\ng("""\n# noqa: SQL101\n""")\n'
    assert left(text, finding(text, "ILIKE")) == ["SQL101"]


def test_a_comment_behind_a_string_of_many_rows_silences_all_of_them() -> None:
    text = 'f("""\n ILIKE\n AND x\n""")  # noqa: SQL101\n'
    assert left(text, finding(text, "ILIKE")) == []


def test_a_comment_at_the_end_of_the_expression_silences() -> None:
    text = "f(\n 'a ILIKE'\n ' b',\n)  # noqa: SQL105\ng()  # noqa: SQL101\n"
    assert left(text, finding(text, "ILIKE", noqa_at="g()")) == ["SQL003"]


def test_backslashes_join_rows_as_in_flake8() -> None:
    text = "x = 'ILIKE' \\\n  'b'  # noqa: SQL101\n"
    assert left(text, finding(text, "ILIKE")) == []


def test_off_and_on_silence_a_region() -> None:
    text = "# sqlite-lint: off\nf('ILIKE')\n# sqlite-lint: on\ng('FOR')\n"
    assert left(text, finding(text, "ILIKE"), finding(text, "FOR")) == ["SQL101"]


def test_off_without_on_silences_the_rest() -> None:
    text = "f('A')\n# sqlite-lint: off\nf('ILIKE')\n\n\ng('FOR')"
    assert left(text, finding(text, "'A'"), finding(text, "ILIKE"), finding(text, "FOR")) == ["SQL101"]


@pytest.mark.parametrize("comment", ["# sqlite-lint: noqa", "# flake8: noqa", "#  FLAKE8: NOQA: SQL101"])
def test_a_comment_alone_on_its_row_speaks_for_the_file(comment: str) -> None:
    text = f"f('ILIKE')\n{comment}\n"
    assert left(text, finding(text, "ILIKE")) == []


def test_a_files_codes_leave_other_codes() -> None:
    text = "# sqlite-lint: noqa: SQL101\nf('ILIKE', 'FOR')\n"
    assert left(text, finding(text, "ILIKE"), finding(text, "FOR", "SQL105")) == ["SQL105"]


@pytest.mark.parametrize("comment", ["-- noqa", "-- noqa: SQL101", "/* noqa: SQL101 */", "-- why -- noqa: SQL101"])
def test_a_comment_of_sql_silences_in_sql_files(comment: str) -> None:
    text = f"SELECT 1;\nSELECT a ILIKE b {comment}\n;"
    assert left(text, finding(text, "ILIKE"), path="a.sql") == []


def test_a_comment_of_sql_silences_inside_python() -> None:
    sql = "\nSELECT a ILIKE b -- noqa: SQL101\nFROM t\n"
    text = f'f("""{sql}""")\n'
    use = SqlUse(SqlText.verbatim(sql, start=5), Sink.EXECUTE, Span(2, 8 + len(sql)))
    assert left(text, finding(text, "ILIKE"), uses=(use,)) == []
    assert left(text, finding(text, "ILIKE")) == ["SQL101"]


def unused(text: str, *found: Diagnostic, path: str = "a.py", uses: tuple[SqlUse, ...] = ()) -> tuple[str, str]:
    """The words of the SQL003 findings, and the text with them mended."""
    reported = [d for d in apply(list(found), text, path, ENABLED, uses) if d.code == "SQL003"]
    edits = [edit for d in reported if d.fix is not None for edit in d.fix.edits]
    return "; ".join(d.message for d in reported), apply_edits(text, edits)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f(1)  # noqa: SQL101\n", "f(1)\n"),
        ("f(1)  # noqa: SQL101, SQL105\n", "f(1)\n"),
        ("f(1)  # noqa: E501, SQL101\n", "f(1)  # noqa: E501\n"),
        ("f(1)  # noqa: SQL101,E501\n", "f(1)  # noqa: E501\n"),
        ("f(1)  # noqa: SQL101 because\n", "f(1)  # because\n"),
        ("f(1)  # type: ignore # noqa: SQL101\n", "f(1)  # type: ignore\n"),
        ("f(1)  # noqa: SQL101 # type: ignore\n", "f(1)  # type: ignore\n"),
        ("a\n    # noqa: SQL101\nb\n", "a\nb\n"),
        ("a\n# sqlite-lint: noqa: SQL101\r\nb\n", "a\nb\n"),
        ("# noqa: SQL101", ""),
    ],
)
def test_unused_codes_are_reported_and_removed(before: str, after: str) -> None:
    words, mended = unused(before)
    assert words.startswith("unused suppression: SQL101")
    assert mended == after
    assert unused(after) == ("", after)


def test_only_the_unused_code_of_a_used_comment_is_removed() -> None:
    text = "f('ILIKE')  # noqa: SQL101, SQL105\n"
    words, mended = unused(text, finding(text, "ILIKE"))
    assert (words, mended) == ("unused suppression: SQL105", "f('ILIKE')  # noqa: SQL101\n")


@pytest.mark.parametrize(
    "text",
    [
        "f(1)  # noqa\n",
        "f(1)  # noqa: E501\n",
        "f(1)  # noqa: SQL101, SQL003\n",
        "f(1)  # noqa: SQL999\n",
        "# sqlite-lint: noqa\nf(1)  # noqa: SQL101\n",
        "# sqlite-lint: off\nf(1)  # noqa: SQL101\n# sqlite-lint: on\n",
        "f('# noqa: SQL101')\n",
    ],
)
def test_noop_suppressions_that_are_not_ours_to_judge(text: str) -> None:
    assert unused(text) == ("", text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("SELECT 1 -- noqa: SQL101\n;", "SELECT 1\n;"),
        ("SELECT 1/* noqa: SQL101 */FROM t", "SELECT 1 FROM t"),
        ("SELECT 1 /* noqa: SQL101 */ FROM t", "SELECT 1 FROM t"),
        ("SELECT 1 -- noqa: SQL101 -- why\n;", "SELECT 1 -- why\n;"),
    ],
)
def test_unused_comments_of_sql_are_removed(before: str, after: str) -> None:
    words, mended = unused(before, path="a.sql")
    assert (words, mended) == ("unused suppression: SQL101", after)


def test_two_findings_on_a_row_use_one_code() -> None:
    text = "f('ILIKE', 'FOR')  # noqa: SQL101\n"
    assert left(text, finding(text, "ILIKE"), finding(text, "FOR")) == []


def test_noop_sql003_when_it_is_not_enabled() -> None:
    assert apply([], "f(1)  # noqa: SQL101\n", "a.py", frozenset({"SQL101"})) == []


def test_layout_survives_unterminated_strings() -> None:
    text = 'x = \'abc # no\n# noqa\ny = """def\n# noqa: SQL101\n'
    assert [text[s.start : s.end] for s in python_layout(text, LineIndex(text)).comments] == ["# noqa"]


def test_noqa_is_written_behind_the_finding_and_then_silences_it() -> None:
    text = 'f("""\n ILIKE\n""")\ng("ILIKE2")  # noqa: E501\nh("ILIKE3")  # type: ignore\n'
    found = [finding(text, "ILIKE\n"), finding(text, "ILIKE2", "SQL105"), finding(text, "ILIKE3")]
    written = with_noqa(text, "a.py", found)
    assert written == (
        'f("""\n ILIKE\n""")  # noqa: SQL101\n'
        'g("ILIKE2")  # noqa: E501, SQL105\n'
        'h("ILIKE3")  # type: ignore  # noqa: SQL101\n'
    )
    again = [finding(written, "ILIKE\n"), finding(written, "ILIKE2", "SQL105"), finding(written, "ILIKE3")]
    assert left(written, *again) == []


def test_noqa_in_sql_files_is_a_comment_of_sql() -> None:
    text = "SELECT a ILIKE b;\nSELECT 'x ILIKE2\ny';"
    found = [finding(text, "ILIKE "), finding(text, "ILIKE2")]
    assert with_noqa(text, "a.sql", found) == "SELECT a ILIKE b;  -- noqa: SQL101\nSELECT 'x ILIKE2\ny';"
