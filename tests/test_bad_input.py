"""Files that cannot be read, parsed or written: one clear word on each, and the others are still checked."""

from __future__ import annotations

import ast
import json
import os
import sys
from pathlib import Path

import pytest

from sqlite_lint import fix_text, lint_text
from sqlite_lint.cli import main
from sqlite_lint.config import Config
from sqlite_lint.discover import Found
from sqlite_lint.runner import Options, run
from sqlite_lint.source import Source, SourceError, decode, read_source, write_source

PYTHON_VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
GOOD = b'import sqlite3\n\nsqlite3.connect("a.db", timeout=5).execute("SELECT 1 ILIKE 2")\n'


def lint(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[tuple[str, str, str]]]:
    """Exit status and findings (file name, code, message); stderr must hold no traceback."""
    status = main([*arguments, "--output-format", "json", "--no-cache"])
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    assert "internal error" not in err
    return status, [(os.path.basename(f["filename"]), f["code"], f["message"]) for f in json.loads(out)]


CHAIN = b'con.execute("SELECT 1")\nx = a' + b".b" * 10_000 + b"\n"


def _is_refused(code: bytes) -> bool:
    try:
        ast.parse(code)
    except (RecursionError, MemoryError):
        return True
    return False


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("bad.py", b"x = '\xff'\n", "is not valid utf-8: 0xff at byte 5"),
        ("bad.sql", b"SELECT '\xe9';\n", "is not valid utf-8: 0xe9 at byte 8"),
        ("bad.py", b"# coding: nonsense\nx = 1\n", "declares the unknown encoding 'nonsense'"),
        ("bad.py", b"# coding: rot13\nx = 1\n", "declares the unknown encoding 'rot13'"),
        ("bad.py", b"\xef\xbb\xbf# coding: latin-1\nx = 1\n", "byte order mark but declares latin-1"),
        ("bad.py", b"# coding: ascii\nx = '\xc3\xa9'\n", "is not valid ascii: 0xc3 at byte 21"),
        ("bad.py", b"x = 1\0\n", "contains a null byte"),
        ("bad.sql", b"SELECT 1;\0\n", "contains a null byte"),
        ("bad.sql", "SELECT 1;".encode("utf-16"), "is UTF-16"),
        ("bad.py", b'con.execute("SELECT 1\n', "unterminated string"),
        ("bad.py", b'con.execute("""SELECT 1\n', "unterminated triple-quoted string"),
        ("bad.py", b'def f(:\n    con.execute("SELECT 1")\n', f"invalid syntax (as Python {PYTHON_VERSION} reads it)"),
        ("bad.py", b'con.execute("SELECT 1")\nx = ' + b"(" * 10_000 + b"\n", "nested"),
        *([("bad.py", CHAIN, "too deeply nested to be parsed")] if _is_refused(CHAIN) else []),  # Python 3.10 takes it
        ("bad.sql", b"SELECT 1;\n" * 1_000_001, "files over 10 MB are not checked"),
        ("bad.py", b'con.execute("SELECT 1")\n' + b"#" * 20_000_000, "files over 10 MB are not checked"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_cannot_be_read_or_parsed_is_one_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, data: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(data)
    (tmp_path / "good.py").write_bytes(GOOD)
    status, found = lint(capsys, str(tmp_path))
    assert status == 1
    assert [(file, code) for file, code, _ in found] == [(name, "SQL001"), ("good.py", "SQL101")]
    assert words in found[0][2]


@pytest.mark.parametrize("option", ["--diff", "--show-sql", "--add-noqa"])
def test_where_no_findings_are_printed_a_warning_tells_what_was_not_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    (tmp_path / "bad.py").write_bytes(b'def f(:\n    con.execute("SELECT 1")\n')
    (tmp_path / "raw.py").write_bytes(b"x = '\xff'\n")
    assert main(["--no-cache", option, str(tmp_path)]) == 0
    warnings = [line for line in capsys.readouterr().err.splitlines() if "warning" in line]
    assert [line.partition(": the file cannot be checked: ")[0] for line in warnings] == [
        f"sqlite-lint: warning: {tmp_path}/bad.py:1:7",
        f"sqlite-lint: warning: {tmp_path}/raw.py:1:6",
    ]


def test_a_text_that_cannot_be_decoded_is_reported_where_it_breaks(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        decode(b"x = 1\nyy = '\xff'\n", "a.py")
    assert (caught.value.row, caught.value.column) == (2, 7)


def test_a_script_without_a_suffix_is_read_as_its_cookie_says() -> None:
    assert decode(b"#!/usr/bin/python\n# coding: latin-1\nx = '\xe9'\n", "script").text.endswith("x = 'é'\n")


def test_noop_a_large_file_without_sql(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data.py").write_bytes(b"x = '" + b"a" * 12_000_000 + b"'\n")
    assert lint(capsys, str(tmp_path)) == (0, [])


@pytest.mark.parametrize("fix", [(), ("--fix", "--unsafe-fixes")])
def test_links_that_lead_nowhere_are_one_finding_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], fix: tuple[str, ...]
) -> None:
    (tmp_path / "broken.py").symlink_to("absent")
    (tmp_path / "loop1.sql").symlink_to("loop2.sql")
    (tmp_path / "loop2.sql").symlink_to("loop1.sql")
    (tmp_path / "dir.py").mkdir()
    (tmp_path / "dir.py" / "good.py").write_bytes(GOOD)
    _, found = lint(capsys, str(tmp_path), *fix)
    assert [(file, code) for file, code, _ in found if code == "SQL001"] == [
        ("broken.py", "SQL001"),
        ("loop1.sql", "SQL001"),
        ("loop2.sql", "SQL001"),
    ]
    assert "is a broken symbolic link" in found[0][2]
    assert "is part of a circle of symbolic links" in found[-1][2]


def test_a_named_file_that_does_not_exist_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, found = lint(capsys, str(tmp_path / "absent.py"))
    assert (status, [code for _, code, _ in found]) == (1, ["SQL001"])
    assert "does not exist" in found[0][2]


def test_what_is_no_regular_file_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    _, found = lint(capsys, str(tmp_path))
    assert "is not a regular file" in found[0][2]


def test_a_file_that_vanishes_or_is_denied_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("gone.py", "secret.py"):
        (tmp_path / name).write_bytes(GOOD)
    files = [Found(str(tmp_path / name), Config()) for name in ("gone.py", "secret.py")]
    (tmp_path / "gone.py").unlink()
    real = open

    def denied(path: object, *rest: object, **more: object) -> object:
        if str(path).endswith("secret.py"):
            raise PermissionError(13, "Permission denied")
        return real(path, *rest, **more)  # type: ignore[call-overload]

    monkeypatch.setattr("builtins.open", denied)
    messages = [outcome.diagnostics[0].message for outcome in run(files, Options())]
    assert "does not exist" in messages[0]
    assert "permission denied" in messages[1]


def test_a_directory_that_cannot_be_listed_is_a_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "good.py").write_bytes(GOOD)
    real = os.scandir

    def denied(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr("os.scandir", denied)
    _, found = lint(capsys, str(tmp_path))
    assert [(file, code) for file, code, _ in found] == [("closed", "SQL001"), ("good.py", "SQL101")]
    assert "cannot be listed" in found[0][2]


def test_unreadable_files_can_be_ignored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.py").write_bytes(b"\xff")
    assert lint(capsys, str(tmp_path), "--ignore", "SQL001") == (0, [])
    assert lint(capsys, str(tmp_path), "--select", "SQL101")[0] == 1


def test_a_file_that_cannot_be_written_is_left_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(GOOD)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert main(["--fix", "--unsafe-fixes", "--no-cache", str(path)]) == 1
    out, err = capsys.readouterr()
    assert f"{path}: cannot be written: no space left on device" in err
    assert "Found 1 finding, " in out
    assert path.read_bytes() == GOOD
    assert os.listdir(tmp_path) == ["a.py"]


def test_a_file_that_changed_meanwhile_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"x = 1\n")
    source = read_source(str(path))
    path.write_bytes(b"x = 2\n")
    with pytest.raises(SourceError, match="changed by someone else"):
        write_source(str(path), source, "x = 3\n")
    assert path.read_bytes() == b"x = 2\n"


def test_a_fix_that_the_encoding_cannot_write_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"x")
    with pytest.raises(SourceError, match="cannot be written in ascii"):
        write_source(str(path), Source("x", "ascii", False, b"x"), "é")
    assert path.read_bytes() == b"x"


HUGE = "SELECT " + ", ".join(f"c{n}" for n in range(120_000)) + " FROM t WHERE a ILIKE 'x'"
PYTHON = 'import sqlite3\nsqlite3.connect("a.db", timeout=5).execute("""{}""")\n'


@pytest.mark.parametrize(
    ("sql", "codes"),
    [
        ("SELECT " + "(" * 10_000 + "1" + ")" * 10_000, {"SQL002"}),
        ("SELECT " + "(" * 10_000, {"SQL002"}),
        ("SELECT 'never closed", {"SQL002"}),
        ("SELECT 1 /* never closed", set()),
        (HUGE, {"SQL101"}),
        ("{% if a %}SELECT{% endif %} {{ b }} FROM {% raw %}t", None),
        ("{% for x in y %}\nINSERT INTO {{ x }} VALUES ({{ y }});\n{% endfor %}\n" * 200, None),
        ("\ufeffSELECT 1", set()),
        ("", set()),
        (";;;;", set()),
        ("\r\r\n\n", set()),
        ("SELECT " + "- " * 50_000 + "1", None),
        ("SELECT a" + " || 'b'" * 20_000, None),
        ("SELECT " + "{% " * 20_000, None),
        ("SELECT " + "{{ " * 20_000, None),
        ("INSERT INTO t VALUES (1) " + "ON CONFLICT (a) DO UPDATE SET a = 1 " * 2_000, None),
        ("UPDATE t SET " + "a = a + 1, " * 2_000 + "b = 2", None),
        ("SELECT EXISTS (SELECT 1 FROM t WHERE a = b), " * 2_000, None),
        ("SELECT DISTINCT ON (a) b, " * 2_000, None),
    ],
    ids=[
        "nested",
        "unbalanced",
        "string",
        "comment",
        "1 MB",
        "template",
        "templates",
        "mark",
        "empty",
        "semi",
        "space",
        "signs",
        "sum",
        "blocks never closed",
        "fields never closed",
        "upserts",
        "assignments",
        "queries",
        "groups",
    ],
)
@pytest.mark.parametrize("host", ["a.sql", "a.py"])
def test_strange_sql_ends_in_a_finding_or_silence(host: str, sql: str, codes: set[str] | None) -> None:
    text = sql if host == "a.sql" else PYTHON.format(sql)
    found = {diagnostic.code for diagnostic in lint_text(text, host)}
    assert codes is None or found == codes
    assert len(found) <= 1


def test_a_long_chain_of_branches_is_read() -> None:
    branches = "".join(f'elif x == {n}:\n    q = "SELECT {n} ILIKE a FROM t"\n' for n in range(1, 800))
    source = PYTHON.format("SELECT 1") + 'if x == 0:\n    q = "SELECT 1"\n' + branches + "con.execute(q)\n"
    assert "SQL101" in {diagnostic.code for diagnostic in lint_text(source, "a.py")}


def test_a_block_of_many_connections_is_read() -> None:
    opened = ", ".join(f"sqlite3.connect('{n}.db', timeout=5) as c{n}" for n in range(2_000))
    found = lint_text(f"import sqlite3\n\nwith {opened}:\n    c7.execute('SELECT 1')\n", "a.py")
    assert [diagnostic.code for diagnostic in found] == ["SQL550"] * 2_000


@pytest.mark.parametrize("link", [".b", "[0]"])
def test_a_chain_too_long_to_follow_is_one_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], link: str
) -> None:
    (tmp_path / "chain.py").write_bytes(GOOD + b"con.execute(a" + link.encode() * 800 + b")\n")
    (tmp_path / "good.py").write_bytes(GOOD)
    _, found = lint(capsys, str(tmp_path))
    assert [(file, code) for file, code, _ in found] == [("chain.py", "SQL001"), ("good.py", "SQL101")]
    assert "too deeply nested" in found[0][2]


def test_a_broken_statement_does_not_hide_the_others() -> None:
    text = "SELECT FROM WHERE;\nSELECT 'a;\n\nSELECT a ILIKE b FROM t;\n"
    assert lint_text("SELECT FROM WHERE;\nSELECT a ILIKE b FROM t;\n")[-1].code == "SQL101"
    assert fix_text(text) == text


def test_fixing_what_does_not_parse_gives_it_back() -> None:
    text = 'def f(:\n    con.execute("SELECT a::text")\n'
    assert fix_text(text, "a.py", unsafe=True) == text


def test_linted_code_is_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    marker = tmp_path / "ran"
    attach = f"ATTACH DATABASE '{tmp_path}/made.db' AS x; CREATE TABLE x.t (a); SELECT load_extension('x');"
    (tmp_path / "a.sql").write_text(f"{attach} VACUUM INTO '{marker}';")
    (tmp_path / "conftest.py").write_text(f'open({str(marker)!r}, "w")\nimport sqlite3\nx = "SELECT 1 FROM t"\n')
    lint(capsys, str(tmp_path))
    assert sorted(os.listdir(tmp_path)) == ["a.sql", "conftest.py"]


def test_a_dict_that_spreads_itself_is_read() -> None:
    text = 'def f(con, more, d=None):\n    d = {**d, **more, "a": "SELECT a ILIKE b FROM t"}\n    con.execute(d["a"])\n'
    assert [diagnostic.code for diagnostic in lint_text(text, "a.py")] == ["SQL101"]
