"""Each form of output, on findings made by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from sqlite_lint import lint_text
from sqlite_lint.diagnostic import Diagnostic, Severity
from sqlite_lint.output import FORMATS, render
from sqlite_lint.output.diff import unified
from sqlite_lint.output.findings import Findings
from sqlite_lint.runner import Outcome
from sqlite_lint.summary import last_line, other_engine_note, statistics
from sqlite_lint.text import Applicability, Edit, Fix, LineIndex, Span

DATA = Path(__file__).parent / "data"
# Microsoft's copy of the standard's schema (github.com/microsoft/sarif-sdk, MIT), and a stricter one of our own.
SCHEMAS = [json.loads((DATA / name).read_text("utf-8")) for name in ("sarif-2.1.0-sdk.json", "sarif-2.1.0.json")]
TEXT = 'import sqlite3\n\n\ndef f(c, a):\n    c.execute("SELECT é FROM t WHERE a ILIKE ?")\n    return a\n'


def made(
    text: str = TEXT,
    word: str = "ILIKE",
    *,
    code: str = "SQL101",
    name: str = "ilike",
    message: str = "SQLite has no ILIKE",
    path: str = "",
    fix: str | None = "LIKE",
    applicability: Applicability = Applicability.SAFE,
    severity: Severity = Severity.ERROR,
    withheld: str | None = None,
) -> Diagnostic:
    lines = LineIndex(text)
    span = Span(text.index(word), text.index(word) + len(word))
    start, end = lines.position(span.start), lines.position(span.end)
    mended = Fix("Write LIKE", (Edit(span, fix),), applicability) if fix is not None else None
    return Diagnostic(
        code, name, message, path or str(Path("app.py").absolute()), span, start, end, end.row, severity, mended,
        withheld, "LIKE ignores case", "https://example.org/SQL101",
    )  # fmt: skip


def findings(*found: Diagnostic, text: str = TEXT, **options: bool) -> Findings:
    return Findings(found, {each.path: text for each in found}, **options)


def rendered(form: str, *found: Diagnostic, text: str = TEXT, **options: bool) -> str:
    return "".join(render(form, findings(*found, text=text, **options)))


def test_json_has_ruffs_shape() -> None:
    assert json.loads(rendered("json", made(), made(fix=None))) == [
        {
            "code": "SQL101",
            "name": "ilike",
            "message": "SQLite has no ILIKE",
            "filename": str(Path("app.py").absolute()),
            "location": {"row": 5, "column": 40},
            "end_location": {"row": 5, "column": 45},
            "fix": fix,
            "noqa_row": 5,
            "severity": "error",
            "url": "https://example.org/SQL101",
        }
        for fix in (
            {
                "applicability": "safe",
                "message": "Write LIKE",
                "edits": [
                    {
                        "content": "LIKE",
                        "location": {"row": 5, "column": 40},
                        "end_location": {"row": 5, "column": 45},
                    }
                ],
            },
            None,
        )
    ]


def test_json_has_the_shape_of_the_installed_ruff(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import os\n")
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--output-format", "json", "a.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    theirs, ours = json.loads(done.stdout), json.loads(rendered("json", made()))
    theirs[0].pop("cell", None)  # of notebooks
    assert _shape(ours) == _shape(theirs)


def _shape(value: object) -> object:
    if isinstance(value, dict):
        return {key: _shape(inner) for key, inner in value.items()}
    return [_shape(inner) for inner in value] if isinstance(value, list) else type(value)


def test_json_of_nothing_is_an_empty_array() -> None:
    assert json.loads(rendered("json")) == []


def test_json_lines_are_the_same_objects() -> None:
    lines = rendered("json-lines", made(), made(fix=None)).splitlines()
    assert [json.loads(line) for line in lines] == json.loads(rendered("json", made(), made(fix=None)))


def test_concise_is_one_line_a_finding() -> None:
    assert rendered("concise", made(), made(fix=None)) == (
        "app.py:5:40: SQL101 [*] SQLite has no ILIKE\napp.py:5:40: SQL101 SQLite has no ILIKE\n"
    )


def test_unsafe_fixes_are_marked_when_they_are_asked_for() -> None:
    found = made(applicability=Applicability.UNSAFE)
    assert "[*]" not in rendered("concise", found)
    assert "[*]" in rendered("concise", found, unsafe=True)
    assert "[*]" not in rendered("concise", made(applicability=Applicability.DISPLAY), unsafe=True)


def test_full_shows_source_carets_reason_fix_and_page() -> None:
    assert rendered("full", made()) == (
        "SQL101 [*] SQLite has no ILIKE\n"
        " --> app.py:5:40\n"
        "  |\n"
        "3 |\n"
        "4 | def f(c, a):\n"
        '5 |     c.execute("SELECT é FROM t WHERE a ILIKE ?")\n'
        "  |                                        ^^^^^\n"
        "6 |     return a\n"
        "  |\n"
        "  = why: LIKE ignores case\n"
        "  = fix: Write LIKE\n"
        '  | -     c.execute("SELECT é FROM t WHERE a ILIKE ?")\n'
        '  | +     c.execute("SELECT é FROM t WHERE a LIKE ?")\n'
        "  = rule: https://example.org/SQL101\n"
        "\n"
    )


def test_full_shows_whole_rows_of_a_fix() -> None:
    text = "x = '\x0c\u2028'; con.execute('SELECT a::text')\n"
    (found,) = lint_text(text, "a.py")
    shown = "".join(render("full", Findings([found], {"a.py": text})))
    assert "| + x = '\\x0c\\u2028'; con.execute('SELECT CAST(a AS TEXT)')\n" in shown


def test_full_says_why_there_is_no_fix() -> None:
    shown = rendered("full", made(fix=None, withheld="it would touch an escape sequence"))
    assert "= no fix: it would touch an escape sequence\n" in shown


def carets(text: str, word: str) -> tuple[str, str]:
    """The row of a finding and the row of carets below it, as ``full`` shows them."""
    lines = rendered("full", made(text, word, fix=None), text=text).splitlines()
    at = next(i for i, line in enumerate(lines) if "^" in line)
    return lines[at - 1], lines[at]


@pytest.mark.parametrize("before", ["abc ", "äöü ", "\tx ", "日本語 ", "e\u0301 "])
def test_carets_stand_below_the_finding(before: str) -> None:
    row, below = carets(f"{before}ILIKE z\n", "ILIKE")
    cells = {"日本語 ": 7, "e\u0301 ": 2, "\tx ": 6}.get(before, 4)
    assert below == "  | " + " " * cells + "^^^^^"
    assert row.endswith("ILIKE z")


def test_long_rows_are_cut_around_the_finding() -> None:
    row, below = carets("x" * 5000 + "ILIKE" + "y" * 5000, "ILIKE")
    assert len(row) < 250
    assert row[below.index("^") : below.rindex("^") + 1] == "ILIKE"


def test_findings_of_many_rows_are_shown_by_their_ends() -> None:
    text = "a\n" * 50
    found = made(text, text[: 2 * 40], fix=None)
    shown = rendered("full", found, text=text)
    assert "...|" in shown.replace(" ", "")
    assert len(shown.splitlines()) < 40


def test_source_cannot_steer_the_terminal() -> None:
    text = "x = 'ILIKE \x1b]0;owned\x07'\n"
    for form in ("full", "concise"):
        shown = rendered(form, made(text, "ILIKE", message="bad \x1b[2J"), text=text)
        assert "\x1b" not in shown
        assert "\\x1b" in shown


def test_colour_only_when_asked_for() -> None:
    assert "\x1b[" not in rendered("full", made())
    assert "\x1b[1;31mSQL101\x1b[0m" in rendered("full", made(), colour=True)


def test_github_escapes_its_own_separators() -> None:
    found = made(message="50%: a,b\nc", severity=Severity.WARNING)
    assert rendered("github", found) == (
        "::warning title=sqlite-lint (SQL101),file=app.py,line=5,col=40,endLine=5,endColumn=45::"
        "app.py:5:40: SQL101 50%25: a,b%0Ac\n"
    )


def test_gitlab_fingerprints_are_unique_and_survive_moved_rows() -> None:
    moved = "\n" + TEXT
    first = json.loads(rendered("gitlab", made(), made()))
    later = json.loads(rendered("gitlab", made(moved), made(moved), text=moved))
    assert [issue["fingerprint"] for issue in first] == [issue["fingerprint"] for issue in later]
    assert len({issue["fingerprint"] for issue in first}) == 2
    assert first[0]["location"] == {
        "path": "app.py",
        "positions": {"begin": {"line": 5, "column": 40}, "end": {"line": 5, "column": 45}},
    }
    assert {issue["severity"] for issue in first} == {"major"}


def test_junit_has_a_test_case_a_finding() -> None:
    root = ElementTree.fromstring(rendered("junit", made(message='a < b & "c" \x01'), made(path="/other.py")))
    assert (root.get("tests"), root.get("failures")) == ("2", "2")
    assert [suite.get("name") for suite in root] == ["app.py", "/other.py"]
    failure = root[0][0][0]
    assert failure.get("message") == 'a < b & "c" ?'


def test_junit_without_findings_is_a_report_that_passes() -> None:
    root = ElementTree.fromstring(rendered("junit"))
    assert (root.get("tests"), root.get("failures"), len(root[0])) == ("1", "0", 1)


@pytest.mark.parametrize("found", [[], [made()], [made(fix=None), made(), made(code="SQL401", name="json")]])
def test_sarif_follows_the_schema(found: list[Diagnostic]) -> None:
    log = json.loads(rendered("sarif", *found))
    for schema in SCHEMAS:
        jsonschema.validate(log, schema, format_checker=jsonschema.FormatChecker())
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[r["ruleIndex"]]["id"] for r in run["results"]] == [each.code for each in found]
    assert len(run["results"]) == len(found)


def test_sarif_counts_characters() -> None:
    run = json.loads(rendered("sarif", made()))["runs"][0]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert place["region"] == {"startLine": 5, "startColumn": 40, "endLine": 5, "endColumn": 45}
    assert place["artifactLocation"]["uri"] == Path("app.py").absolute().as_uri()


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_survives_a_file_that_is_gone(form: str, tmp_path: Path) -> None:
    found = made(path=str(tmp_path / "gone \udcff.py"))
    assert "".join(render(form, Findings([found])))


def test_the_last_line_counts() -> None:
    outcomes = [
        Outcome("a.py", (made(), made(applicability=Applicability.UNSAFE), made(fix=None)), checked=3, partly=1),
        Outcome("b.py", checked=1, other=2, unreached_count=1),
    ]
    assert last_line(outcomes) == (
        "Found 3 findings, 1 fixable with --fix (1 more with --unsafe-fixes). "
        "4 statements checked, 1 only partly checked, 2 not for SQLite, 1 call without readable SQL."
    )
    assert last_line([]) == "No findings. 0 statements checked, 0 only partly checked."
    assert last_line([Outcome("a.py", fixed=(made(),), checked=1)]) == (
        "No findings left, 1 fixed. 1 statement checked, 0 only partly checked."
    )


def test_another_engines_project_is_said_to_be_one() -> None:
    outcome = Outcome("a.py", other=2, other_reasons=("the project depends on psycopg",))
    assert other_engine_note([outcome]) == (
        "Nothing was checked: the SQL found here is not for SQLite: the project depends on psycopg."
    )
    assert other_engine_note([outcome, Outcome("b.py", checked=1)]) == ""
    assert other_engine_note([]) == ""


def test_statistics_put_the_most_frequent_first() -> None:
    outcome = Outcome("a.py", (made(code="SQL401", name="json", fix=None), made(), made()))
    assert statistics([outcome], unsafe=False) == [(2, "SQL101", "ilike", True), (1, "SQL401", "json", False)]


def test_a_diff_is_one_that_patch_takes() -> None:
    outcome = Outcome(str(Path("app.py").absolute()), before="a\r\nb\nc", after="a\r\nB\nc")
    assert "".join(unified(outcome, Findings(()))) == (
        "--- app.py\n+++ app.py\n@@ -1,3 +1,3 @@\n a\r\n-b\n+B\n c\n\\ No newline at end of file\n"
    )
