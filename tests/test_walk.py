"""What a rule sees of the paths of a function: the deeds on its connections, in order."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from sqlite_lint.config import Config
from sqlite_lint.hosts.deeds import Deeds, Event
from sqlite_lint.hosts.python import read_python
from sqlite_lint.hosts.walk import Walk
from sqlite_lint.linter import lint_source
from sqlite_lint.project import Project
from sqlite_lint.sql.effect import Effect, steps

OPENED = "import sqlite3\ncon = sqlite3.connect('x.db')\n"


def paths(source: str) -> set[str]:
    """The deeds on all paths of a module's own code, each path as one text."""
    result = read_python(OPENED + source, "app.py", Project.empty(), Config())
    assert result.module is not None

    def note(state: str, event: Event) -> Iterable[str]:
        return (f"{state} {event.deed.value}".strip(),)

    ends = Walk(Deeds(result.module, result.connections), note).run(result.module.tree, {""})
    return {end.removeprefix("open").strip() for end in ends}


READ, WRITE = "con.execute('SELECT a FROM t')", "con.execute('DELETE FROM t')"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (f"{READ}\n{WRITE}\ncon.commit()\n", {"read write commit"}),
        (f"if x:\n    {READ}\nelse:\n    {WRITE}\n", {"read", "write"}),
        (f"def f():\n    {READ}\n    return 1\n    {WRITE}\nf()\n", {"read"}),
        (f"def f(c):\n    c.execute('DELETE FROM t')\n{READ}\nf(con)\n", {"read write"}),
        (f"try:\n    {WRITE}\nfinally:\n    con.close()\n", {"write close"}),
        (f"try:\n    {WRITE}\nexcept ValueError:\n    con.rollback()\n", {"write", "rollback"}),
        (f"while True:\n    {READ}\n    break\n", {"read"}),
        (f"def f(save=False):\n    if save and not x:\n        {WRITE}\nf()\n", {""}),
        (f"def f(*, save=False):\n    if not save:\n        {READ}\nf(save=True)\n", {""}),
        (f"def f(save=False):\n    save = save or x\n    if save:\n        {WRITE}\nf()\n", {"", "write"}),
        (f"with con:\n    {WRITE}\n", {"write commit"}),
        (f"x and {WRITE}\n", {"", "write"}),
        ("con.execute(sql)\n", {"unknown"}),
        ("con.executescript('DELETE FROM t; DROP TABLE t')\n", {"script write change"}),
        ("import time\ntime.sleep(1)\n", {"pause"}),
    ],
)
def test_paths(source: str, expected: set[str]) -> None:
    assert paths(source) == expected


def test_the_body_of_a_with_runs_at_the_yield_of_its_manager() -> None:
    manager = (
        "import contextlib\n@contextlib.contextmanager\ndef work():\n    con.execute('BEGIN')\n    yield con\n"
        "    con.commit()\n"
    )
    assert paths(f"{manager}with work() as c:\n    c.execute('DELETE FROM t')\n") == {"begin write commit"}


CLASS = (
    "class Work:\n    def __init__(self, c):\n        self.c = c\n"
    "    def __enter__(self):\n        self.c.execute('BEGIN')\n        return self.c.cursor()\n"
    "    def __exit__(self, kind, *rest):\n        self.c.execute('ROLLBACK' if kind else 'COMMIT')\n"
)


@pytest.mark.parametrize(
    "source",
    [
        "with Work(con) as c:\n    c.execute('DELETE FROM t')\n",
        "def work():\n    return Work(con)\nwith work():\n    con.execute('DELETE FROM t')\n",
    ],
)
def test_the_body_of_a_with_runs_between_the_methods_of_its_class(source: str) -> None:
    assert paths(CLASS + source) == {"begin write commit"}


def test_an_error_in_the_body_goes_through_the_class_that_manages_it() -> None:
    source = f"try:\n    with Work(con):\n        {WRITE}\nexcept ValueError:\n    {READ}\n"
    assert {"begin write commit", "begin commit read"} < paths(CLASS + source)


def test_a_method_of_the_class_is_looked_into_whatever_its_name() -> None:
    module = read_python(
        "class A:\n    def begin(self):\n        self.c.execute('BEGIN')\n    def f(self):\n        self.begin()\n",
        "app.py",
        Project.empty(),
        Config(),
    ).module
    assert module is not None
    seen = []

    def note(state: None, event: Event) -> Iterable[None]:
        seen.append(event.deed.value)
        return (state,)

    Walk(Deeds(module, ()), note).run(module.functions[1], {None})
    assert seen == ["begin"]


def test_a_text_that_a_subclass_sets_anew_is_unknown() -> None:
    classes = (
        "class A:\n    sql = 'BEGIN'\n    def f(self):\n        con.execute(self.sql)\n"
        "class B(A):\n    sql = 'BEGIN IMMEDIATE'\n"
    )
    module = read_python(OPENED + classes, "app.py", Project.empty(), Config()).module
    assert module is not None
    seen = []

    def note(state: None, event: Event) -> Iterable[None]:
        seen.append(event.deed.value)
        return (state,)

    Walk(Deeds(module, ()), note).run(module.functions[0], {None})
    assert seen == ["unknown"]


@pytest.mark.parametrize(
    ("sql", "effect", "table"),
    [
        ("begin deferred transaction", Effect.BEGIN, ""),
        ("BEGIN EXCLUSIVE", Effect.BEGIN_NOW, ""),
        ("SELECT 1", Effect.NONE, ""),
        ("SELECT * FROM json_each(?)", Effect.NONE, ""),
        ('SELECT * FROM main."T"', Effect.READ, "t"),
        ("WITH a AS (SELECT 1 FROM q) INSERT INTO b SELECT * FROM a", Effect.CHANGE, ""),
        ("INSERT OR IGNORE INTO t VALUES (1)", Effect.WRITE, "t"),
        ("ROLLBACK TO s", Effect.NONE, ""),
        ("END", Effect.COMMIT, ""),
    ],
)
def test_effect_of_a_statement(sql: str, effect: Effect, table: str) -> None:
    (step,) = steps(sql)
    assert (step.effect, step.table) == (effect, table)


def test_deep_nesting_is_no_error() -> None:
    source = f"{OPENED}con.execute('BEGIN')\nx = {' + '.join(['f()'] * 800)}\n{READ}\n{WRITE}\n"
    assert [found.code for found in lint_source(source, "app.py", Config()).diagnostics] == ["SQL501"]
