"""What the linked SQLite says to a statement, asked without a line of the linter's own code."""

from __future__ import annotations

import enum
import re
import sqlite3
from types import TracebackType

# A name that the statement takes for granted: nothing is known about the statement itself.
_LACKS_NAME = re.compile(
    r"no such (table|column|index|view|trigger|module|database|savepoint|collation)|unknown database|"
    r"has no column named|table .* already exists|there is already|duplicate column|no such rowid|"
    r"(table|view|index|trigger) .* (already exists|may not be)|cannot (modify|create|drop|delete)|"
    r"cannot start a transaction|no transaction is active|not authorized|values for \d+ columns|values were supplied",
    re.IGNORECASE,
)
_EXPLAINS = re.compile(r"\s*EXPLAIN\b", re.IGNORECASE)
_CHANGES_SCHEMA = re.compile(r"\s*(CREATE|ALTER|DROP)\b", re.IGNORECASE)


class Answer(enum.Enum):
    PREPARED = "prepared"
    LACKS_NAME = "lacks a name"
    REFUSED = "refused"


class Engine:
    """A throw-away database in memory that may not open files; schemas grow as statements are asked."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        self._connection.set_authorizer(_authorize)
        self._connection.set_progress_handler(lambda: 1, 100_000)

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def ask(self, sql: str, learn: bool = True) -> Answer:
        """Prepare one statement; where it changes the schema, also make the change, unless ``learn`` is false."""
        try:
            self._connection.execute(_explained(sql), _Anything()).close()
        except (sqlite3.Error, sqlite3.Warning, ValueError, UnicodeEncodeError) as error:
            return self._without_parameters(sql) if "binding" in str(error).lower() else _answer(error)
        if learn:
            self._change_schema(sql)
        return Answer.PREPARED

    def ask_all(self, script: str) -> Answer:
        """The worst answer to the statements of a script."""
        answers = [self.ask(sql) for sql in complete_statements(script)]
        order = (Answer.REFUSED, Answer.LACKS_NAME, Answer.PREPARED)
        return min(answers, key=order.index, default=Answer.PREPARED)

    def _without_parameters(self, sql: str) -> Answer:
        try:
            self._connection.execute(_explained(sql)).close()
        except (sqlite3.Error, sqlite3.Warning) as error:
            # Preparing comes before binding: whoever complains of bindings has prepared.
            return Answer.PREPARED if "binding" in str(error).lower() else _answer(error)
        return Answer.PREPARED

    def _change_schema(self, sql: str) -> None:
        if _CHANGES_SCHEMA.match(sql):
            try:
                self._connection.execute(sql).close()
            except (sqlite3.Error, sqlite3.Warning):
                return


def _explained(sql: str) -> str:
    return sql if _EXPLAINS.match(sql) else f"EXPLAIN {sql}"


class _Anything(dict):  # type: ignore[type-arg]
    """A value for every named parameter."""

    def __missing__(self, key: str) -> None:
        return None


def complete_statements(script: str) -> list[str]:
    """Split where SQLite's own ``sqlite3_complete`` says that a statement ends."""
    found, start, at = [], 0, 0
    while (at := script.find(";", at) + 1) > 0:
        if sqlite3.complete_statement(script[start:at]):
            found.append(script[start:at].strip())
            start = at
    found.append(script[start:].strip())
    return [sql for sql in found if sql.strip("; \n\t")]


def _answer(error: Exception) -> Answer:
    return Answer.LACKS_NAME if _LACKS_NAME.search(str(error)) else Answer.REFUSED


def _authorize(action: int, *_: object) -> int:
    return sqlite3.SQLITE_DENY if action in (sqlite3.SQLITE_ATTACH,) else sqlite3.SQLITE_OK
