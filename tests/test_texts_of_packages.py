"""Texts as they stand in packages of the index: parts, templates and second attempts that are no faults."""

from __future__ import annotations

import textwrap

import pytest

from sqlite_lint import lint_text

SILENT = {
    "bracketed template of a subquery": """
        class Count(Subquery):
            template = "(SELECT COUNT(%(field)s) FROM (%(subquery)s) AS %(field)s__sum)"
    """,
    "the beginning of a statement": """
        def member(self, context):
            context.literal("SELECT * FROM ")
    """,
    "a replacement": """
        def ensure(statement):
            return statement.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1)
    """,
    "an expected text": """
        def test(self):
            self.assert_compile(statement, "SELECT a FROM t WHERE x = __[POSTCOMPILE_q]")
    """,
    "brackets around a quoted name": """
        import sqlite3
        def index(connection: sqlite3.Connection, name, column):
            connection.execute('CREATE INDEX ["{}_{}"] ON [{}]("{}")'.format(name, column, name, column))
    """,
    "a dictionary that is filled by keys": """
        import sqlite3
        def copy(connection: sqlite3.Connection, fields):
            columns = {}
            for field in fields:
                columns[field.new] = field.old
            connection.execute(f"INSERT INTO b ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM a")
    """,
    "a part that is empty or asked for": """
        import sqlite3
        def limit(whole):
            if whole:
                return ""
            return "cid IN (1, 2)"
        def count(connection: sqlite3.Connection, whole):
            part = limit(whole)
            if part:
                part = " AND " + part
            connection.execute(f"SELECT count(*) FROM log WHERE id > ? {part}", (1,))
        def found(connection: sqlite3.Connection, whole):
            part = limit(whole)
            if not part:
                return None
            connection.execute(f"SELECT count(*) FROM log WHERE {part}")
    """,
    "a second attempt": """
        import sqlite3
        def vacuum(connection: sqlite3.Connection):
            try:
                connection.execute("VACUUM ANALYZE")
            except sqlite3.OperationalError:
                connection.execute("VACUUM")
    """,
    "hexadecimal digits to come": """
        import sqlite3
        def find(connection: sqlite3.Connection, value):
            connection.execute("SELECT a FROM t WHERE b = X'%s'" % value.hex())
    """,
}


@pytest.mark.parametrize("name", SILENT)
def test_noop(name: str) -> None:
    assert lint_text(textwrap.dedent(SILENT[name]), "app.py") == []


def test_a_rollback_is_no_second_attempt() -> None:
    code = """
        import sqlite3
        def vacuum(connection: sqlite3.Connection):
            try:
                connection.execute("VACUUM ANALYZE")
            except sqlite3.OperationalError:
                connection.execute("ROLLBACK")
    """
    assert [d.code for d in lint_text(textwrap.dedent(code), "app.py")] == ["SQL179"]


def test_a_missing_semicolon_is_no_option_of_an_index() -> None:
    script = "CREATE INDEX a ON t (x)\nCREATE UNIQUE INDEX b ON t (y)\n"
    assert [(d.code, d.fix) for d in lint_text(script, "a.sql")] == [("SQL002", None)]
