"""The linked SQLite, asked whether it can prepare a statement; nothing is ever executed.

``EXPLAIN`` compiles a statement and lists its program (https://sqlite.org/lang_explain.html).  Some pragmas act while
they are compiled, and ATTACH opens files: an authorizer denies both, which the engine says only after it has parsed the
whole statement, so that "not authorized" means a valid one (https://sqlite.org/c3ref/set_authorizer.html).
"""

from __future__ import annotations

import re
import sqlite3
import sys
import threading
from contextlib import suppress
from typing import Final

from sqlite_lint.regex import regex
from sqlite_lint.sql.functions import is_sqlite_function, missing_functions

LINKED: Final = (sqlite3.sqlite_version_info[0], sqlite3.sqlite_version_info[1])
"""Major and minor number of the SQLite library that this Python uses."""

NULL_CHARACTER: Final = "the query contains a null character"
"""Python's complaint (ValueError before 3.12, in other words); the engine itself would stop reading there."""

_PREFIX: Final = "EXPLAIN "
_EXPLAIN: Final = regex(r"EXPLAIN\b|QUERY\b", re.IGNORECASE)
"""Statements that are explained already, and what EXPLAIN would make one of: both go to the engine as they are."""

_SURROGATE: Final = regex("[\ud800-\udfff]")
NOT_AUTHORIZED: Final = "not authorized"
_NO_FUNCTION: Final = "not authorized to use function: "

_DENIED_ACTIONS: Final = frozenset({sqlite3.SQLITE_PRAGMA, sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH})
_DQS_DML: Final = 1013
_DQS_DDL: Final = 1014


class Engine:
    """One in-memory database; not to be shared between threads."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect(
            ":memory:", isolation_level=None, cached_statements=0, check_same_thread=False
        )
        self._execute = self._connection.execute
        self._limits_of_python: set[str] = set()
        self._allow_double_quoted_strings()
        extras = self._equalize_functions()

        def authorize(action: int, _first: str | None, second: str | None, *_: str | None) -> int:
            if action in _DENIED_ACTIONS:
                return sqlite3.SQLITE_DENY
            if action == sqlite3.SQLITE_FUNCTION and second is not None and second.lower() in extras:
                return sqlite3.SQLITE_DENY
            return sqlite3.SQLITE_OK

        self._connection.set_authorizer(authorize)

    def __del__(self) -> None:
        # Python 3.13 warns of a connection that is dropped without being closed.
        with suppress(Exception):
            self._connection.close()

    def _allow_double_quoted_strings(self) -> None:
        """Undo SQLITE_DQS=0 where Python lets us: stock builds take "x" for a string."""
        setconfig = getattr(self._connection, "setconfig", None)
        if setconfig is not None:
            with suppress(sqlite3.Error):
                setconfig(_DQS_DML, True)
                setconfig(_DQS_DDL, True)

    def _equalize_functions(self) -> frozenset[str]:
        """Add the functions that builds usually have and this one lacks; return those that it has and others lack.

        So Debian's soundex() and a Python without the mathematical functions make no difference.
        """
        try:
            listed = self._execute("SELECT lower(name), narg FROM pragma_function_list").fetchall()
        except sqlite3.Error:  # before 3.30
            return frozenset()
        for name, arity, is_aggregate in missing_functions(listed):
            self.add_function(name, arity, is_aggregate)
        return frozenset(name for name, _ in listed if not is_sqlite_function(name))

    def add_function(self, name: str, arity: int, is_aggregate: bool = False) -> None:
        """Let calls of ``name`` with ``arity`` arguments compile, -1 for any number."""
        connection = self._connection
        with suppress(sqlite3.Error):
            if not is_aggregate:
                connection.create_function(name, arity, _never_called)
            elif sys.version_info >= (3, 11):
                connection.create_window_function(name, arity, _NeverCalled)
            else:
                connection.create_aggregate(name, arity, _NeverCalled)  # type: ignore[arg-type]
                self._limits_of_python.add(f"{name}() may not be used as a window function")

    def refusal(self, sql: str) -> str | None:
        """The engine's message against one statement (without a final semicolon), or None where it compiles."""
        if "\0" in sql:
            return NULL_CHARACTER
        if not sql.isascii():
            sql = _SURROGATE.sub("\ufffd", sql)  # Python cannot encode it, and says so differently in each version
        try:
            self._execute(sql if _EXPLAIN.match(sql) else _PREFIX + sql)
        except (sqlite3.ProgrammingError, sqlite3.Warning) as error:
            # Python's own checks: values are missing for a statement that has been compiled, or a second one follows.
            return None if "binding" in str(error) else str(error)
        except (sqlite3.Error, MemoryError, OverflowError) as error:
            message = str(error)
            if message == NOT_AUTHORIZED:
                return None
            if message.startswith(_NO_FUNCTION):
                return "no such function: " + message[len(_NO_FUNCTION) :]
            if message in self._limits_of_python:
                return None
            return message
        return None

    def script(self, *statements: str) -> str | None:
        """Change the database's schema; the engine's message where that fails."""
        try:
            for sql in statements:
                self._execute(sql)
        except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
            return str(error)
        return None


def _never_called(*_: object) -> None:
    """Stands for a function: statements are compiled, never run."""


class _NeverCalled:
    """Stands for an aggregate or window function."""

    def step(self, *_: object) -> None: ...

    def inverse(self, *_: object) -> None: ...

    def value(self) -> None: ...

    def finalize(self) -> None: ...


class _Local(threading.local):
    engine: Engine | None = None


_local: Final = _Local()


def engine() -> Engine:
    """This thread's engine, made when it is first wanted."""
    if _local.engine is None:
        _local.engine = Engine()
    return _local.engine
