"""Every rule's page is a test: what its examples show is run on sqlite-lint and on a real SQLite."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from sqlite_lint import catalog
from sqlite_lint.config import Config
from sqlite_lint.diagnostic import Diagnostic
from sqlite_lint.facts import read_facts
from sqlite_lint.fixer import fix_source
from sqlite_lint.linter import lint_source
from sqlite_lint.project import Project
from sqlite_lint.rule import Example, Rule, Scope
from sqlite_lint.spec import parse_version, split_markers
from sqlite_lint.sql.statement import split
from sqlite_lint.text import Applicability

PAGES = [catalog.page(rule.code) for rule in catalog.rules()]


@dataclass(frozen=True)
class Case:
    """An example and what belongs to it; ``good`` is what fixing makes of it, ``rows`` what its last query gives."""

    rule: Rule
    example: Example
    good: Example | None = None
    rows: Example | None = None

    @property
    def id(self) -> str:
        return f"{self.rule.code}-{self.example.kind}-{self.example.line}"

    @property
    def path(self) -> str:
        return self.example.options.get("path", "example.sql" if self.example.language == "sql" else "app/example.py")

    @property
    def config(self) -> Config:
        settings = {
            key.removeprefix("config.").replace("-", "_"): value
            for key, value in self.example.options.items()
            if key.startswith("config.")
        }
        if "target" in self.example.options:
            settings["target_version"] = parse_version(self.example.options["target"])  # type: ignore[assignment]
        return Config(extend_select=(self.rule.code,), **settings)  # type: ignore[arg-type]

    @property
    def project(self) -> Project | None:
        """A project whose schema is the set-up's, where the example asks for one."""
        if self.example.options.get("schema") != "setup":
            return None
        return Project(files={"setup.sql": read_facts("setup.sql", self.example.setup.encode())})

    @property
    def source(self) -> str:
        return split_markers(self.example.code)[0]

    @property
    def prints(self) -> str:
        """What a script is to print: the text in the fence after it."""
        at = self.rule.examples.index(self.example) + 1
        assert self.rule.examples[at].kind == "prints", f"{self.id}: no fence of what it prints"
        return self.rule.examples[at].code

    @property
    def runs_on_sqlite(self) -> bool:
        return self.example.language == "sql" and self.example.options.get("engine") != "no"


def cases(*kinds: str) -> list[Case]:
    return [case for rule in PAGES for case in _cases_of(rule) if case.example.kind in kinds]


def _cases_of(rule: Rule) -> Iterator[Case]:
    for at, example in enumerate(rule.examples):
        after = [*rule.examples[at + 1 :], None, None]
        good = after[0] if after[0] is not None and after[0].kind == "good" else None
        rows = after[1] if good else after[0]
        if example.kind not in ("rows", "prints"):
            yield Case(rule, example, good, rows if rows is not None and rows.kind == "rows" else None)


def parametrize(*kinds: str) -> pytest.MarkDecorator:
    found = cases(*kinds)
    return pytest.mark.parametrize("case", found, ids=[case.id for case in found])


def found_in(case: Case, text: str, path: str | None = None) -> tuple[Diagnostic, ...]:
    return lint_source(text, path or case.path, case.config, case.project).diagnostics


def test_every_page_has_the_headings_of_a_page() -> None:
    for rule in PAGES:
        prose = re.sub(r"^```.*?^```$", "", rule.body, flags=re.MULTILINE | re.DOTALL)
        headings = re.findall(r"^##? (.*)$", prose, re.MULTILINE)
        assert headings[0] == f"{rule.name} ({rule.code})", rule.path
        assert rule.path == f"{rule.code}-{rule.name}.md"
        wanted = ["What it does", "Why is this bad", "Use instead", "Fix safety", "Examples", "References"]
        assert headings[1:] == [h for h in wanted if h in headings[1:]], rule.path
        assert {"What it does", "Why is this bad", "Examples"} <= set(headings), rule.path


def test_codes_and_names_are_unique() -> None:
    assert len({rule.code for rule in PAGES}) == len({rule.name for rule in PAGES}) == len(PAGES)


def test_every_page_shows_a_bad_and_an_ok_example() -> None:
    for rule in PAGES:
        kinds = {example.kind for example in rule.examples}
        assert {"bad", "ok"} <= kinds, rule.path


@parametrize("bad")
def test_bad_example_gives_exactly_the_marked_findings(case: Case) -> None:
    source, marks = split_markers(case.example.code)
    assert marks, f"{case.rule.path}:{case.example.line}: no marks"
    expected = sorted((row, column, end, code or case.rule.code) for row, column, end, code in marks)
    found = sorted((d.start.row, d.start.column, _end_column(d), d.code) for d in found_in(case, source))
    assert found == expected


def _end_column(diagnostic: Diagnostic) -> int | None:
    """As the marks show it: a place without extent has one caret."""
    if diagnostic.end.row != diagnostic.start.row:
        return None
    return max(diagnostic.end.column, diagnostic.start.column + 1)


@parametrize("ok", "good", "instead")
def test_ok_example_is_silent(case: Case) -> None:
    assert [(d.code, d.message, d.start) for d in found_in(case, case.source)] == []


@parametrize("bad")
def test_fixing_a_bad_example_gives_the_good_one(case: Case) -> None:
    result = fix_source(case.source, case.path, case.config, case.project, unsafe=True)
    assert result.text == (case.good.code if case.good else case.source)
    assert fix_source(result.text, case.path, case.config, case.project, unsafe=True).text == result.text


@parametrize("bad")
def test_no_fix_is_a_mere_promise(case: Case) -> None:
    if case.good is None:
        assert [d.fix for d in found_in(case, case.source) if d.fix is not None] == []


@pytest.mark.parametrize("rule", PAGES, ids=[rule.code for rule in PAGES])
def test_grammar_rules_fire_only_on_what_sqlite_refuses(rule: Rule) -> None:
    for case in _cases_of(rule):
        if rule.grammar and case.example.kind == "bad" and case.runs_on_sqlite:
            assert all(_refused(case, sql) for sql in _faulty(case)), case.id


def _faulty(case: Case) -> list[str]:
    offsets = [d.span.start for d in found_in(case, case.source) if d.code == case.rule.code]
    return [s.sql for s in split(case.source) if any(s.span.start <= at < s.span.end for at in offsets)]


def _refused_statements(case: Case) -> list[str]:
    """Statements of an example that SQLite refuses; what an earlier one creates or changes holds for the later ones."""
    connection = _connection(case)
    refused = []
    for statement in split(case.source):
        if _refuses(connection, statement.sql):
            refused.append(statement.sql)
        elif statement.keyword in {"CREATE", "ALTER", "DROP"}:
            with suppress(sqlite3.Error):  # two statements of an example may create the same
                connection.execute(statement.sql)
    return refused


def _refused(case: Case, sql: str) -> bool:
    return _refuses(_connection(case), sql)


def _refuses(connection: sqlite3.Connection, sql: str) -> bool:
    try:
        connection.execute(sql if sql.upper().startswith("EXPLAIN") else f"EXPLAIN {sql}")
    except sqlite3.ProgrammingError:  # values to bind are missing: the statement was prepared
        return False
    except sqlite3.Error:
        return True
    return False


@parametrize("ok", "good", "instead")
def test_sqlite_prepares_what_the_page_recommends(case: Case) -> None:
    if case.runs_on_sqlite:
        assert _refused_statements(case) == []


@parametrize("good", "instead", "ok")
def test_recommended_query_gives_the_rows_on_the_page(case: Case) -> None:
    rows = case.rows
    if case.example.kind == "good":
        rows = next((c.rows for c in _cases_of(case.rule) if c.good is case.example), None)
    if rows is not None:
        connection = _connection(case)
        last = [connection.execute(statement.sql).fetchall() for statement in split(case.source)][-1]
        assert _jsonable(last) == json.loads(rows.code)


@parametrize("run")
def test_a_script_on_the_page_prints_what_the_page_says(case: Case, tmp_path: Path) -> None:
    script = subprocess.run(
        [sys.executable, "-c", case.source], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (script.stdout, script.stderr, script.returncode) == (case.prints, "", 0)


def _connection(case: Case) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(case.example.setup)
    return connection


def _jsonable(rows: list[tuple[object, ...]]) -> list[list[object]]:
    return [[v.decode("latin-1") if isinstance(v, bytes) else v for v in row] for row in rows]


def _hosted(case: Case) -> Iterator[tuple[str, str]]:
    """The SQL of an example in the strings of Python, each statement in a call of its own."""
    connect = "import sqlite3\n\nconnection = sqlite3.connect('a.db', timeout=5)\n"
    for number, statement in enumerate(split(case.source)):
        sql = case.source[statement.span.start : statement.span.end]
        yield f"repr-{number}", connect + f"connection.execute({sql!r})\n"
        if "\\" not in sql and '"""' not in sql and not sql.endswith('"'):
            yield f"triple-{number}", connect + f'connection.execute("""{sql}""")\n'
            yield f"raw-{number}", connect + f'connection.execute(r"""{sql}""")\n'
            lines = sql.split("\n")
            if '"' not in sql and all("'" not in line or line.count("'") % 2 == 0 for line in lines):
                joined = "\n".join(f'    "{line}\\n"' for line in lines)
                yield f"implicit-{number}", connect + f"connection.execute(\n{joined}\n)\n"


@parametrize("bad")
def test_sql_of_a_bad_example_is_found_in_python_strings_as_well(case: Case) -> None:
    if case.example.language != "sql" or case.rule.scope is not Scope.STATEMENT:
        return
    per_statement = [
        sorted(d.code for d in of_statements(case, case.source, case.path) if s.span.start <= d.span.start < s.span.end)
        for s in split(case.source)
    ]
    for name, source in _hosted(case):
        codes = sorted(d.code for d in of_statements(case, source, "app/hosted.py"))
        assert codes == per_statement[int(name.rsplit("-", 1)[1])], (name, source)


@parametrize("ok")
def test_sql_of_an_ok_example_is_silent_in_python_strings_as_well(case: Case) -> None:
    if case.example.language == "sql" and case.rule.scope is Scope.STATEMENT:
        for name, source in _hosted(case):
            assert [d.message for d in of_statements(case, source, "app/hosted.py")] == [], (name, source)


def of_statements(case: Case, source: str, path: str) -> list[Diagnostic]:
    """Findings of rules that see one statement: others may speak of the connection that the host is made of."""
    scopes = {rule.code: rule.scope for rule in catalog.rules()}
    return [d for d in found_in(case, source, path) if scopes[d.code] in (Scope.STATEMENT, Scope.TOOL)]


@parametrize("bad")
def test_safe_fixes_are_shown_to_give_rows(case: Case) -> None:
    safe = [d for d in found_in(case, case.source) if d.fix and d.fix.applicability is Applicability.SAFE]
    if case.runs_on_sqlite and safe and case.good is not None:
        assert _refused_statements(Case(case.rule, case.good)) == []
