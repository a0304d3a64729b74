"""The conditions under which a pattern counts: the ``where`` table of a rule's page.

=======================  ==============================================================================
``args``                 how many arguments ``$args`` holds: ``"0"``, ``"1-2"``, ``"2+"``
``plain``                true: the arguments hold no keyword: no DISTINCT, ORDER BY, VARIADIC, FROM, ``=>``
``first``                true: the pattern begins the statement (false: it does not)
``keyword``              words, one of which begins the statement
``clause``, ``not_clause``  keywords, one of which begins the clause around the pattern
``previous_clause``      keywords, one of which begins the clause that ends before the pattern; ``previous_clause_not``
``table_function``       true: the call stands in FROM as a table (false: it does not)
``lacks``                a function that the connection is not known to have: ``regexp`` for the operator REGEXP
``holds``                keys of tokens, all of which the statement holds
``previous``, ``next``   keys of the token before or after the whole match; ``previous_not``, ``next_not``
``is``                   by metavariable: the kinds of text it may stand for (see ``KINDS`` in capture.py); ``is_not``
``like``                 by metavariable: an expression that its whole text matches, in any case; ``unlike``
``no_column``            true: the words of the pattern name no column, as far as the project's schema is known
``table``                metavariables that name tables of the project's schema
``no_table``             names of which the project, as far as its schema is known, has no table
``config``               by setting: the value it must have
``sink``                 kinds of place that the SQL reaches the engine by: ``file``, ``execute``
``refused``              true: SQLite refuses the statement; ``"here"``: and it stumbles over this place or behind it
``driver``, ``paramstyle``  the drivers or placeholder styles of the place that executes the SQL
=======================  ==============================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any, Final

from sqlite_lint.capture import KINDS, is_one_of
from sqlite_lint.pattern import Found
from sqlite_lint.provided import is_provided
from sqlite_lint.rule import SqlContext
from sqlite_lint.sql.calls import calls, is_called
from sqlite_lint.sql.statement import Statement
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.sql.witness import VerdictKind

_Test = Callable[[Statement, Found, SqlContext], bool]

_KEYWORDS: Final = frozenset(
    {"DISTINCT", "ALL", "ORDER", "VARIADIC", "FROM", "FOR", "USING", "IN", "AS", "=>", ":=", "SEPARATOR", "PLACING",
     "BOTH", "LEADING", "TRAILING", "ON", "SELECT", "RETURNING", "PASSING"}
)  # fmt: skip


class Condition:
    """The ``where`` table of one pattern; raises ValueError on an unknown key."""

    def __init__(self, where: Mapping[str, Any], call: bool = False) -> None:
        self._tests: Final[list[_Test]] = [_is_call] if call else []
        for key, value in where.items():
            make = _MAKERS.get(key)
            if make is None:
                raise ValueError(f"unknown condition: {key}")
            self._tests.append(make(value))

    def holds(self, statement: Statement, found: Found, context: SqlContext) -> bool:
        return all(test(statement, found, context) for test in self._tests)


def with_schema(statement: Statement, found: Found) -> Found:
    """Take the schema before a function's name for a part of the call: ``pg_catalog.now()``."""
    if statement.key(found.start - 1) != ".":
        return found
    start = found.start - 2
    return found._replace(start=start, claims=(start, start + 1, *found.claims))


def _is_call(statement: Statement, found: Found, context: SqlContext) -> bool:
    """Tell a call from the name of a table or a type, and from one that the project provides."""
    name = found.claims[0]
    return is_called(statement, name) and not is_provided(statement.tokens[name].name, context)


def _args(spec: str) -> _Test:
    low, dash, high = spec.rstrip("+").partition("-")
    least = int(low)
    most = int(high) if dash else (None if spec.endswith("+") else least)

    def test(statement: Statement, found: Found, context: SqlContext) -> bool:
        count = len(statement.arguments(found.captures["args"][0] - 1))
        return least <= count and (most is None or count <= most)

    return test


def _plain(wanted: bool) -> _Test:
    def test(statement: Statement, found: Found, context: SqlContext) -> bool:
        start, end = found.captures["args"]
        depth = statement.depth
        has = any(
            statement.key(i) in _KEYWORDS
            and depth[i] == depth[start]
            and statement.tokens[i].kind in (Kind.WORD, Kind.OP)
            for i in range(start, end)
        )
        return has is not wanted

    return test


def _first(wanted: bool) -> _Test:
    return lambda statement, found, context: (found.start == 0) is wanted


def _clause(words: list[str], wanted: bool = True) -> _Test:
    return lambda statement, found, context: (statement.clause[found.claims[0]] in words) is wanted


def _previous_clause(words: list[str], wanted: bool = True) -> _Test:
    return lambda statement, found, context: (found.start > 0 and statement.clause[found.start - 1] in words) is wanted


def _table_function(wanted: bool) -> _Test:
    return lambda statement, found, context: (
        any(call.at in found.claims and call.in_from for call in calls(statement)) is wanted
    )


def _lacks(name: str) -> _Test:
    return lambda statement, found, context: not is_provided(name, context)


def _previous(keys: list[str], wanted: bool = True) -> _Test:
    return lambda statement, found, context: (statement.key(found.start - 1) in keys) is wanted


def _next(keys: list[str], wanted: bool = True) -> _Test:
    return lambda statement, found, context: (statement.key(found.end) in keys) is wanted


def _is(kinds: Mapping[str, Any], wanted: bool = True) -> _Test:
    table = {name: {kind} if isinstance(kind, str) else set(kind) for name, kind in kinds.items()}
    for unknown in set().union(*table.values()) - KINDS:
        raise ValueError(f"unknown kind: {unknown}")
    return lambda statement, found, context: all(
        name in found.captures and is_one_of(kind, statement, found.captures[name], context) is wanted
        for name, kind in table.items()
    )


def _like(expressions: Mapping[str, str], wanted: bool = True) -> _Test:
    def test(statement: Statement, found: Found, context: SqlContext) -> bool:
        for name, expression in expressions.items():
            if name not in found.captures:
                return False
            text = _on_one_line(statement, *found.captures[name])
            if (_compiled(expression).fullmatch(text) is not None) is not wanted:
                return False
        return True

    return test


@lru_cache(maxsize=16)
def _on_one_line(statement: Statement, start: int, end: int) -> str:
    """The text of these tokens with single spaces: a page asks for the same one many times."""
    return " ".join(statement.text_of(start, end).split())


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    """Compiled when first needed: the catalog holds hundreds, of which a run needs few."""
    return re.compile(expression, re.IGNORECASE | re.DOTALL)


def _config(settings: Mapping[str, Any]) -> _Test:
    return lambda statement, found, context: all(
        getattr(context.config, name.replace("-", "_")) == value for name, value in settings.items()
    )


def _no_column(wanted: bool) -> _Test:
    return lambda statement, found, context: (
        wanted is not any(context.schema.columns_named(statement.tokens[at].name) for at in found.claims)
    )


def _table(names: list[str]) -> _Test:
    return lambda statement, found, context: all(
        context.schema.table(statement.tokens[found.captures[name][1] - 1].name) is not None for name in names
    )


def _no_table(names: list[str]) -> _Test:
    return lambda statement, found, context: all(context.schema.table(name) is None for name in names)


def _refused(where: bool | str) -> _Test:
    def test(statement: Statement, found: Found, context: SqlContext) -> bool:
        verdict = context.verdict
        if verdict.kind is not VerdictKind.REFUSED or where is True:
            return verdict.kind is VerdictKind.REFUSED
        last = min(found.end, len(statement.tokens) - 1)
        place = verdict.span
        return place is not None and statement.tokens[found.start].start <= place.start <= statement.tokens[last].start

    return test


def _of_situation(_: Any) -> _Test:
    """These conditions need no match: ``match.py`` looks at them before it tries the pattern."""
    return lambda statement, found, context: True


_MAKERS: Final[dict[str, Callable[[Any], _Test]]] = {
    "args": _args,
    "plain": _plain,
    "first": _first,
    "clause": _clause,
    "not_clause": lambda words: _clause(words, False),
    "previous_clause": _previous_clause,
    "previous_clause_not": lambda words: _previous_clause(words, False),
    "table_function": _table_function,
    "lacks": _lacks,
    "previous": _previous,
    "previous_not": lambda keys: _previous(keys, False),
    "next": _next,
    "next_not": lambda keys: _next(keys, False),
    "is": _is,
    "is_not": lambda kinds: _is(kinds, False),
    "like": _like,
    "unlike": lambda expressions: _like(expressions, False),
    "no_column": _no_column,
    "table": _table,
    "no_table": _no_table,
    "config": _config,
    "refused": _refused,
    **dict.fromkeys(("keyword", "holds", "sink", "driver", "paramstyle"), _of_situation),
}
