"""The command line, from arguments to output, files and exit status."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from sqlite_lint import __version__, linter
from sqlite_lint.check_command import progress_line, wants_colour
from sqlite_lint.cli import main

CONNECT = 'import sqlite3\n\ncon = sqlite3.connect("a.db", timeout=5)\n'
ILIKE = CONNECT + 'con.execute("SELECT 1 FROM t WHERE a ILIKE ?", ("x",))\n'
CAST = CONNECT + 'con.execute("SELECT a::text FROM t")\n'
CLEAN = CONNECT + 'con.execute("SELECT 1")\n'


class Result(NamedTuple):
    status: int
    out: str
    err: str


class Runner:
    """Runs the command line in an empty directory."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capsys = capsys

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def read(self, name: str) -> str:
        return (self.root / name).read_bytes().decode()

    def __call__(self, *arguments: str) -> Result:
        try:
            status = main(arguments)
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        out, err = self._capsys.readouterr()
        return Result(status, out, err)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Runner:
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return Runner(tmp_path, capsys)


def test_clean_files_exit_with_0(run: Runner) -> None:
    run.write("a.py", CLEAN)
    assert run() == (0, "No findings. 1 statement checked, 0 only partly checked.\n", "")


@pytest.mark.parametrize("arguments", [(), (".",), ("check",), ("check", "a.py"), ("a.py", "--output-format=concise")])
def test_findings_exit_with_1(run: Runner, arguments: tuple[str, ...]) -> None:
    run.write("a.py", ILIKE)
    result = run(*arguments)
    assert result.status == 1
    assert "SQL101" in result.out
    assert result.out.splitlines()[-1].startswith("Found 1 finding, ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--no-such-option",),
        ("--output-format", "yaml"),
        ("--jobs", "0"),
        ("--select", "SQL1O1"),
        ("--target-version", "9"),
        ("--config", "absent.toml"),
        ("--config", "selct=1"),
        ("-", "a.py"),
        ("--select", ""),
        ("--ignore", ","),
        ("--add-noqa", "--diff"),
        ("--add-noqa", "--fix"),
        ("--show-sql", "--fix"),
        ("--show-files", "--add-noqa"),
        ("rule", "SQL999"),
        ("rule",),
    ],
)
def test_wrong_usage_exits_with_2_and_says_why(run: Runner, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert (result.status, result.out) == (2, "")
    assert "sqlite-lint" in result.err
    assert "Traceback" not in result.err


def test_an_error_in_the_configuration_names_file_and_key(run: Runner) -> None:
    path = run.write("pyproject.toml", "[tool.sqlite-lint]\nselct = []\n")
    run.write("a.py", CLEAN)
    result = run()
    assert result.status == 2
    assert f"{path}: selct: unknown key; did you mean 'select'?" in result.err


def test_no_files_is_a_warning(run: Runner) -> None:
    result = run()
    assert result.status == 0
    assert "no Python or SQL files" in result.err


def test_exit_zero_hides_findings_from_the_status(run: Runner) -> None:
    run.write("a.py", ILIKE)
    assert run("--exit-zero").status == 0


def test_version(run: Runner) -> None:
    assert run("--version") == (0, f"sqlite-lint {__version__}\n", "")


def test_rules_lists_all_rules(run: Runner) -> None:
    listed = run("rules").out.splitlines()
    objects = json.loads(run("rules", "--output-format", "json").out)
    assert [line.split()[0] for line in listed] == [rule["code"] for rule in objects]
    assert {"code", "name", "summary", "severity", "url"} <= objects[0].keys()


@pytest.mark.parametrize("name", ["SQL101", "sql101", "ilike"])
def test_rule_explains_one(run: Runner, name: str) -> None:
    result = run("rule", name)
    assert result.status == 0
    assert result.out.startswith("# ilike (SQL101)")


def test_an_unknown_rule_suggests_the_nearest(run: Runner) -> None:
    assert "did you mean 'SQL101'?" in run("rule", "SQL1O1").err


def test_fix_applies_safe_fixes_only(run: Runner) -> None:
    run.write("a.py", CAST)
    run.write("b.py", ILIKE)
    result = run("--fix")
    assert "CAST(a AS TEXT)" in run.read("a.py")
    assert run.read("b.py") == ILIKE
    assert result.status == 1
    assert "1 fixed" in result.out.splitlines()[-1]


def test_unsafe_fixes_are_applied_when_asked_for(run: Runner) -> None:
    run.write("b.py", ILIKE)
    assert run("--fix", "--unsafe-fixes").status == 0
    assert "LOWER(a) LIKE LOWER(?)" in run.read("b.py")


def test_a_fix_can_make_the_status_1(run: Runner) -> None:
    run.write("a.py", CAST)
    assert run("--fix", "--exit-non-zero-on-fix").status == 1
    assert run("--fix", "--exit-non-zero-on-fix").status == 0


def test_show_fixes_lists_them(run: Runner) -> None:
    run.write("a.py", CAST)
    assert "- a.py:\n    1 × SQL102 (double-colon-cast)\n" in run("--fix", "--show-fixes").out


def test_diff_shows_and_changes_nothing(run: Runner) -> None:
    run.write("a.py", CAST)
    result = run("--diff")
    assert result.status == 1
    assert '+con.execute("SELECT CAST(a AS TEXT) FROM t")\n' in result.out
    assert result.err == "Would fix 1 finding.\n"
    assert run.read("a.py") == CAST


def test_diff_of_nothing_exits_with_0(run: Runner) -> None:
    run.write("a.py", ILIKE)
    assert run("--diff") == (0, "", "Nothing to fix.\n")


@pytest.mark.parametrize("kind", [b"\xef\xbb\xbf", b"# coding: latin-1\n# \xe9\n"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_fix_keeps_mark_encoding_line_ends_and_mode(run: Runner, kind: bytes, newline: str) -> None:
    before = kind + CAST.replace("\n", newline).encode()
    path = run.write("a.py", before)
    path.chmod(0o755)
    run("--fix")
    assert path.read_bytes() == before.replace(b"a::text", b"CAST(a AS TEXT)")
    assert path.stat().st_mode & 0o777 == 0o755
    assert [each.name for each in run.root.iterdir() if not each.name.startswith(".")] == ["a.py"]


def test_a_fix_writes_through_a_link(run: Runner) -> None:
    run.write("real/a.txt", CAST)
    (run.root / "a.py").symlink_to("real/a.txt")
    run("--fix", "a.py")
    assert (run.root / "a.py").is_symlink()
    assert "CAST(" in run.read("real/a.txt")


def test_select_ignore_and_extend_select(run: Runner) -> None:
    run.write("a.py", ILIKE + 'con.execute("SELECT a::text FROM t")\n')
    assert run("--select", "SQL102").out.count("SQL101") == 0
    assert run("--ignore", "ilike,SQL102").status == 0
    assert run("--select", "SQL102", "--extend-select", "SQL101").out.count(" --> ") == 2


def test_a_setting_on_the_command_line_overrules_the_file(run: Runner) -> None:
    run.write("pyproject.toml", '[tool.sqlite-lint]\nignore = ["SQL101"]\n')
    run.write("a.py", ILIKE)
    assert run().status == 0
    assert run("--isolated").status == 1
    assert run("--config", "ignore=[]").status == 1
    run.write("other.toml", 'select = ["SQL102"]')
    assert run("--config", "other.toml").status == 0


def test_target_version_decides_what_is_new(run: Runner) -> None:
    run.write("a.sql", "SELECT string_agg(a, ',') FROM t;\n")
    assert run("--target-version", "3.44").status == 0
    assert run("--target-version", "3.40").status == 1


def test_standard_input_is_python_or_what_its_name_says(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def feed(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    feed(ILIKE)
    assert run("-", "--output-format", "concise").out.startswith("stdin.py:4:")
    feed("SELECT 1 ILIKE 2")
    result = run("-", "--stdin-filename", "x/q.sql", "--output-format", "concise")
    assert (result.status, result.out.split(" ")[0]) == (1, "x/q.sql:1:10:")


@pytest.mark.parametrize("text", [CAST, CLEAN, "def f(:\n", ""])
def test_fixing_standard_input_gives_the_text_back(run: Runner, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="utf-8"))
    run("-", "--fix")
    assert raw.getvalue().decode() == text.replace("a::text", "CAST(a AS TEXT)")


def test_show_files_lists_what_would_be_checked(run: Runner) -> None:
    run.write("a.py", ILIKE)
    run.write("b/c.sql", "")
    run.write("d.txt", "")
    assert run("--show-files").out.splitlines() == [str(run.root / "a.py"), str(run.root / "b" / "c.sql")]


def test_show_sql_lists_statements_with_their_state(run: Runner) -> None:
    run.write("a.py", CLEAN + 'con.execute(f"SELECT * FROM {t}")\ncon.execute(unknown)\n')
    lines = run("--show-sql").out.splitlines()
    assert lines[0] == "a.py:4:14: execute sqlite3: checked: SELECT 1"
    assert lines[1].startswith("a.py:5:15: execute sqlite3: partly checked (")
    assert lines[1].endswith("SELECT * FROM {...}")
    assert lines[2].startswith("a.py:6:1: execute: not reached (")
    states = [each["state"] for each in json.loads(run("--show-sql", "--output-format", "json").out)]
    assert states == ["checked", "partly", "unreached"]


def test_statistics_count_by_rule(run: Runner) -> None:
    run.write("a.py", ILIKE)
    run.write("b.py", CAST)
    run.write("c.py", CAST)
    assert run("--statistics").out.splitlines()[:2] == ["2\tSQL102\t[*] double-colon-cast", "1\tSQL101\t[ ] ilike"]
    counted = json.loads(run("--statistics", "--output-format", "json").out)
    assert counted[0] == {"count": 2, "code": "SQL102", "name": "double-colon-cast", "fixable": True}


def test_quiet_prints_findings_only(run: Runner) -> None:
    run.write("a.py", ILIKE)
    assert len(run("-q", "--output-format", "concise").out.splitlines()) == 1


def test_verbose_says_more_on_stderr(run: Runner) -> None:
    run.write("a.py", CLEAN)
    run.write("b.py", "x = 1\n")
    assert "2 files, 1 with SQL or connections" in run("-v").err


def test_add_noqa_silences_everything(run: Runner) -> None:
    run.write("a.py", ILIKE)
    run.write("b.sql", "SELECT a::text FROM t;\n")
    assert run("--add-noqa") == (0, "Added 2 comments.\n", "")
    assert run.read("a.py").endswith('("x",))  # noqa: SQL101\n')
    assert run.read("b.sql") == "SELECT a::text FROM t;  -- noqa: SQL102\n"
    assert run().status == 0
    assert run("--ignore-noqa").status == 1
    assert run("--add-noqa").out == "Added 0 comments.\n"


def test_unused_suppressions_are_found_and_removed(run: Runner) -> None:
    run.write("a.py", CLEAN + "x = 1  # noqa: SQL101\n")
    run.write("b.py", "x = 1  # noqa: SQL101\n")
    run.write(
        "c.py", 'import sqlite3\nsqlite3.connect("a.db", timeout=5).execute("""\n  SELECT 1 -- noqa: SQL101\n""")\n'
    )
    assert run().out.count("SQL003") >= 3
    assert run("--fix").status == 0
    assert run.read("a.py") == CLEAN + "x = 1\n"
    assert run.read("b.py") == "x = 1\n"
    assert "noqa" not in run.read("c.py")


def test_json_paths_are_absolute(run: Runner) -> None:
    run.write("a.py", ILIKE)
    assert json.loads(run("--output-format", "json").out)[0]["filename"] == str(run.root / "a.py")


def test_results_are_in_order_whatever_the_number_of_jobs(run: Runner) -> None:
    for number in range(12):
        run.write(f"m{number:02}.py", ILIKE if number % 2 else CAST)
    one = run("--no-cache", "--jobs", "1", "--output-format", "concise")
    two = run("--no-cache", "--jobs", "2", "--output-format", "concise")
    assert one == two
    assert one.out.count("\n") == 13


def test_a_process_that_dies_costs_only_its_file(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    real = linter.lint_source

    def deadly(text: str, path: str, *rest: object, **more: object) -> object:
        if path.endswith("m03.py"):
            os._exit(9)
        return real(text, path, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(linter, "lint_source", deadly)
    for number in range(8):
        run.write(f"m{number:02}.py", ILIKE)
    result = run("--no-cache", "--jobs", "2", "--output-format", "concise")
    assert result.status == 2
    assert [line.split(":")[0] for line in result.out.splitlines()[:-1]] == [f"m{n:02}.py" for n in range(8) if n != 3]
    assert "m03.py: the process that checked it died" in result.err


def test_colour_follows_terminal_and_environment(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    assert wants_colour(Terminal())
    assert not wants_colour(io.StringIO())
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert wants_colour(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_colour(Terminal())


def test_progress_is_shown_on_a_terminal_and_wiped(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setattr("time.monotonic", lambda: 10.0)
    show = progress_line(9.5)
    show(1, 3)
    assert screen.getvalue() == ""
    monkeypatch.setattr("time.monotonic", lambda: 10.6)
    show(2, 3)
    show(3, 3)
    assert screen.getvalue() == "\r\x1b[KChecking 2 of 3 files\r\x1b[K"


def test_no_progress_is_shown_on_a_terminal_that_cannot_wipe_it(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(screen, "isatty", lambda: True)
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "dumb")
    progress_line(0.0)(1, 3)
    assert screen.getvalue() == ""


@pytest.mark.parametrize("wrapped", [False, True])
def test_an_interrupt_ends_the_run_with_a_line(run: Runner, monkeypatch: pytest.MonkeyPatch, wrapped: bool) -> None:
    def interrupted(_: object) -> int:
        if wrapped:
            raise RuntimeError("Error calling __set_name__") from KeyboardInterrupt()
        raise KeyboardInterrupt

    monkeypatch.setattr("sqlite_lint.cli._dispatch", interrupted)
    assert run() == (130, "", "sqlite-lint: interrupted\n")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_output_that_cannot_be_written_is_an_error_of_its_own(run: Runner) -> None:
    run.write("a.py", ILIKE)
    command = f'"{sys.executable}" -m sqlite_lint > /dev/full'
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("sqlite-lint: error: [Errno 28] No space left on device")
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
@pytest.mark.parametrize(("closed", "status"), [(">&-", 1), ("2>&-", 1), ("- <&-", 0)])
def test_closed_streams_are_no_error(run: Runner, closed: str, status: int) -> None:
    run.write("a.py", ILIKE)
    command = f'"{sys.executable}" -m sqlite_lint {closed}'
    done = subprocess.run(command, shell=True, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (status, "")


def test_the_module_runs_as_a_program(run: Runner) -> None:
    run.write("a.py", ILIKE)
    done = subprocess.run(
        [sys.executable, "-m", "sqlite_lint", "--output-format", "concise"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("a.py:4:")


def test_a_reader_that_closes_early_is_no_error(run: Runner) -> None:
    for number in range(200):
        run.write(f"m{number}.py", ILIKE)
    command = f'"{sys.executable}" -m sqlite_lint | head -n 1'
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr


def test_a_file_without_sql_costs_no_dear_import(run: Runner) -> None:
    run.write("a.py", "print('hello')\n")
    code = (
        "import sys; from sqlite_lint.cli import main; main(['a.py']);"
        "print(sorted({'sqlglot', 'libcst', 'sqlite3', 'json', 'tomllib', 'multiprocessing', 'subprocess',"
        " 'sqlite_lint.linter', 'sqlite_lint.catalog'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_an_internal_error_is_one_line_and_the_others_are_checked(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    real = linter.lint_source

    def broken(text: str, path: str, *rest: object, **more: object) -> object:
        if path.endswith("a.py"):
            raise KeyError("oh")
        return real(text, path, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(linter, "lint_source", broken)
    run.write("a.py", CLEAN)
    run.write("b.py", ILIKE)
    result = run("--output-format", "concise")
    assert result.status == 2
    assert "b.py:4:" in result.out
    assert f"internal error in {os.path.join(str(run.root), 'a.py')}: KeyError" in result.err
    assert "please report it" in result.err
    assert len(result.err.splitlines()) == 1
