"""What one query of a statement reads from and what it gives, read on its tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.sql.comparison import Range
from sqlite_lint.sql.primary import is_name, level
from sqlite_lint.sql.tokens import Kind

if TYPE_CHECKING:
    from sqlite_lint.sql.scope import Scope

_MOST_BRACKETS: Final = 50
COMPOUND: Final = frozenset({"UNION", "INTERSECT", "EXCEPT"})
_AFTER_FROM: Final = frozenset(
    {"WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "WINDOW", "RETURNING", "SET", "VALUES", "SELECT", "FETCH", "FOR"}
)
_NO_ALIAS: Final = frozenset({"INDEXED", "NOT", "TABLESAMPLE", "MATCH"})


class Source(NamedTuple):
    """What a query reads or writes: a table, or the query with this index, or (both None) something unknown.

    ``alias`` is the name it goes by, ``table`` the table's name without its database; both in lower case.  ``columns``
    are the names that WITH gives to the query's results, if it does; ``function`` is a table-valued function.
    """

    alias: str
    table: str | None = None
    query: int | None = None
    columns: tuple[str, ...] = ()
    function: str = ""


@dataclass(slots=True)
class Query:
    """A SELECT, UPDATE, DELETE or INSERT, without the subqueries inside it.

    ``outputs`` gives the expression behind the name of each result column, ``results`` those of all in their order,
    ``aliased`` the names that AS gives; ``open`` tells that there may be others.
    """

    at: Range
    parent: int | None
    sources: list[Source] = field(default_factory=list)
    outputs: dict[str, Range] = field(default_factory=dict)
    results: list[Range] = field(default_factory=list)
    aliased: set[str] = field(default_factory=set)
    open: bool = False

    @property
    def first(self) -> Range | None:
        """The expression of the first result column."""
        return self.results[0] if self.results else None


class QueryReader:
    """Reads what one query gives and what it reads from; brackets inside it are stepped over."""

    def __init__(self, scope: Scope, query: Query) -> None:
        self.scope = scope
        self.statement = scope.statement
        self.query = query

    def read(self) -> None:
        statement, (start, end) = self.statement, self.query.at
        verb = statement.key(start)
        begin = start + 1
        if verb == "SELECT":
            begin = self._read_outputs()
        elif verb == "UPDATE":
            self._read_source(start + (3 if statement.key(start + 1) == "OR" else 1), end)
        elif verb in {"INSERT", "REPLACE"}:
            into = next((i for i in self._steps(begin, end) if statement.key(i) == "INTO"), None)
            if into is not None:
                self._read_source(into + 1, end)
            return
        at = next((i for i in self._steps(begin, end) if statement.key(i) == "FROM"), None)
        if at is not None:
            self._read_from(at + 1, end)

    def _steps(self, first: int, end: int) -> Iterator[int]:
        """The indexes of the tokens outside of brackets."""
        i = first
        while i < end:
            yield i
            i = self.statement.partner.get(i, i) + 1 if self.statement.key(i) in {"(", "["} else i + 1

    def _read_outputs(self) -> int:
        """Read the result columns; return the index behind them."""
        statement = self.statement
        first, end = self.query.at.first + 1, self.query.at.end
        if statement.key(first) in {"DISTINCT", "ALL"}:
            first += 1
        at = first
        for at in self._steps(first, end):
            key = statement.key(at)
            if key == "," and statement.tokens[at].kind is Kind.OP:
                self._add_output(first, at)
                first = at + 1
            elif statement.tokens[at].kind is Kind.WORD and (key == "FROM" or key in _AFTER_FROM):
                break
        else:
            at = end
        self._add_output(first, at)
        if statement.key(end) in COMPOUND or statement.key(self.query.at.first - 1) in COMPOUND | {"ALL"}:
            self.query.open = True
            self.query.results.clear()
            self.query.outputs.clear()
        return at

    def _add_output(self, first: int, end: int) -> None:
        statement = self.statement
        if first >= end:
            return
        name = statement.tokens[end - 1]
        if name.key == "*" or name.has_hole or statement.tokens[first].has_hole:
            self.query.open = True
            return
        expression = Range(first, end)
        if statement.key(end - 2) == "AS" and end - 2 > first:
            expression = Range(first, end - 2)
            self.query.aliased.add(name.name)
            self._name_output(name.name, expression)
        elif is_name(statement, end - 1):
            before = statement.tokens[end - 2]
            if end - 1 > first and before.key != "." and level(before) is None:
                expression = Range(first, end - 1)
                self.query.aliased.add(name.name)
            self._name_output(name.name, expression)
        if not self.query.open:
            self.query.results.append(expression)

    def _name_output(self, name: str, expression: Range) -> None:
        if name in self.query.outputs:
            self.query.open = True
        self.query.outputs[name] = expression

    def _read_from(self, first: int, end: int, depth: int = 0) -> None:
        at: int | None = first
        while at is not None and at < end:
            at = self._next_source(self._read_source(at, end, depth), end)

    def _next_source(self, first: int, end: int) -> int | None:
        statement = self.statement
        for i in self._steps(first, end):
            key = statement.key(i)
            if key in {",", "JOIN"}:
                return i + 1
            if statement.tokens[i].kind is Kind.WORD and key in _AFTER_FROM:
                return None
        return None

    def _read_source(self, at: int, end: int, depth: int = 0) -> int:
        """Read one item of FROM; return the index behind its name."""
        statement = self.statement
        while statement.key(at) in {"LATERAL", "ONLY"}:
            at += 1
        if statement.key(at) == "(" and at in statement.partner:
            closing = statement.partner[at]
            if statement.key(at + 1) not in {"SELECT", "WITH", "VALUES"} and depth < _MOST_BRACKETS:
                self._read_from(at + 1, closing, depth + 1)
                return closing + 1
            self.query.sources.append(Source(self._alias(closing + 1, end, ""), query=self.scope.query_at(at)))
            return closing + 1
        if at >= end or not is_name(statement, at) or statement.tokens[at].has_hole:
            self.query.sources.append(Source(self._alias(at + 1, end, "")))
            return at + 1
        return self._read_table(at, end)

    def _read_table(self, at: int, end: int) -> int:
        statement = self.statement
        while statement.key(at + 1) == "." and is_name(statement, at + 2):
            at += 2
        token = statement.tokens[at]
        is_insert = statement.key(self.query.at.first) in {"INSERT", "REPLACE"}
        if statement.key(at + 1) == "(" and not is_insert:
            behind = statement.partner.get(at + 1, at + 1) + 1
            self.query.sources.append(Source(self._alias(behind, end, token.name), function=token.name))
            return behind
        named = self.scope.named(token.name) if statement.key(at - 1) != "." else None
        table = token.name if named is None and not token.has_hole else None
        query, columns = named or (None, ())
        self.query.sources.append(Source(self._alias(at + 1, end, token.name), table, query, columns))
        return at + 1

    def _alias(self, at: int, end: int, default: str) -> str:
        statement = self.statement
        if statement.key(at) == "AS":
            at += 1
        if at < end and is_name(statement, at) and statement.key(at) not in _NO_ALIAS:
            return statement.tokens[at].name
        return default
