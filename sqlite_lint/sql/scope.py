"""The queries of a statement: what each reads from, what it gives, and what a column's name in it stands for.

Read on tokens, so that statements of other dialects and with holes are read, too.  What cannot be told is left open.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.sql.comparison import Range
from sqlite_lint.sql.primary import is_name, level
from sqlite_lint.sql.statement import Statement
from sqlite_lint.sql.tokens import Kind

if TYPE_CHECKING:
    from sqlite_lint.sql.value import Value

_MOST_BRACKETS: Final = 50
_VERBS: Final = frozenset({"SELECT", "UPDATE", "DELETE", "INSERT", "REPLACE"})
_COMPOUND: Final = frozenset({"UNION", "INTERSECT", "EXCEPT"})
_AFTER_FROM: Final = frozenset(
    {"WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "WINDOW", "RETURNING", "SET", "VALUES", "SELECT", "FETCH", "FOR"}
)
_NO_ALIAS: Final = frozenset({"INDEXED", "NOT", "TABLESAMPLE", "MATCH"})


class Source(NamedTuple):
    """What a query reads or writes: a table, or the query with this index, or (both None) something unknown.

    ``alias`` is the name it goes by, ``table`` the table's name without its database; both in lower case.
    """

    alias: str
    table: str | None = None
    query: int | None = None


@dataclass(slots=True)
class Query:
    """A SELECT, UPDATE, DELETE or INSERT, without the subqueries inside it.

    ``outputs`` gives the expression behind the name of each result column, ``first`` that of the first one; ``open``
    tells that there may be others.
    """

    at: Range
    parent: int | None
    sources: list[Source] = field(default_factory=list)
    outputs: dict[str, Range] = field(default_factory=dict)
    first: Range | None = None
    open: bool = False


class Scope:
    """All queries of a statement."""

    def __init__(self, statement: Statement) -> None:
        self.statement: Final = statement
        self.queries: Final[list[Query]] = []
        self._by_start: Final[dict[int, int]] = {}
        self._innermost: Final[list[int]] = []
        self.looked_up: Final[dict[Range, Value]] = {}  # what value.py found out about an expression behind a name
        self._find_queries()
        self._named: Final = dict(self._common_tables())
        for query in self.queries:
            _QueryReader(self, query).read()

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of all tables, in lower case."""
        return tuple(dict.fromkeys(s.table for query in self.queries for s in query.sources if s.table is not None))

    @property
    def complete(self) -> bool:
        """Tell whether ``tables`` are all from which the statement has columns."""
        sources = [source for query in self.queries for source in query.sources]
        return bool(sources) and not self.statement.has_holes and all(source.table is not None for source in sources)

    def meaning(self, column: Range) -> Range | None:
        """The expression that a column of a subquery or common table expression stands for; None if it is not known."""
        path = [t.name for t in self.statement.tokens[column.first : column.end] if t.key != "."]
        sources = self._sources_of(path, self._innermost[column.first] if self._innermost else -1)
        found = []
        for source in sources:
            if source.query is None:
                return None
            query = self.queries[source.query]
            if path[-1] in query.outputs:
                found.append(query.outputs[path[-1]])
            elif query.open:
                return None
        return found[0] if len(found) == 1 else None

    def query_at(self, opening: int) -> int | None:
        """The index of the query in the bracket at ``opening``; a WITH before it is skipped."""
        closing = self.statement.partner.get(opening, opening)
        at = opening + 1
        while at < closing:
            if at in self._by_start:
                return self._by_start[at]
            at = self.statement.partner[at] if self.statement.key(at) == "(" and at in self.statement.partner else at
            at += 1
        return None

    def named_query(self, name: str) -> int | None:
        """The index of the query that WITH gives this name; None also where its columns are renamed."""
        return self._named.get(name)

    def is_named(self, name: str) -> bool:
        return name in self._named

    def _sources_of(self, path: list[str], query: int | None) -> list[Source]:
        """The sources of which a name may be a column: of the innermost query that can have it."""
        if len(path) == 1:
            return self.queries[query].sources if query is not None and query >= 0 else []
        while query is not None and query >= 0:
            found = [source for source in self.queries[query].sources if source.alias == path[-2]]
            if found:
                return found
            query = self.queries[query].parent
        return []

    def _find_queries(self) -> None:
        statement = self.statement
        open_queries: list[int] = []
        for i, token in enumerate(statement.tokens):
            while open_queries and self.queries[open_queries[-1]].at.end <= i:
                open_queries.pop()
            if token.kind is Kind.WORD and token.key in _VERBS and _is_verb(statement, i):
                end = _end_of_query(statement, i, statement.around[i])
                self._by_start[i] = len(self.queries)
                self.queries.append(Query(Range(i, end), open_queries[-1] if open_queries else None))
                open_queries.append(len(self.queries) - 1)
            self._innermost.append(open_queries[-1] if open_queries else -1)

    def _common_tables(self) -> Iterator[tuple[str, int | None]]:
        """The queries that WITH names; None for those with a list of columns, and for names that are given twice."""
        statement = self.statement
        if "WITH" not in statement.keys:
            return
        seen: set[str] = set()
        for i in statement.find("AS"):
            opening = i + 1
            while statement.key(opening) in {"NOT", "MATERIALIZED"}:
                opening += 1
            if statement.key(opening) != "(" or statement.clause[i] != "WITH" or i == 0:
                continue
            listed = statement.key(i - 1) == ")"
            name = statement.tokens[(statement.partner.get(i - 1, i) if listed else i) - 1].name
            yield name, None if listed or name in seen else self.query_at(opening)
            seen.add(name)


class _QueryReader:
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
        if statement.key(end) in _COMPOUND or statement.key(self.query.at.first - 1) in _COMPOUND | {"ALL"}:
            self.query.open = True
            self.query.first = None
            self.query.outputs.clear()
        return at

    def _add_output(self, first: int, end: int) -> None:
        statement = self.statement
        if first >= end:
            return
        name = statement.tokens[end - 1]
        if self.query.first is None and first <= self.query.at.first + 2:
            self.query.first = Range(first, end)
        if name.key == "*" or name.has_hole or statement.tokens[first].has_hole:
            self.query.open = True
        elif statement.key(end - 2) == "AS" and end - 2 > first:
            self._name_output(name.name, Range(first, end - 2))
        elif is_name(statement, end - 1):
            before = statement.tokens[end - 2]
            is_alias = end - 1 > first and before.key != "." and level(before) is None
            self._name_output(name.name, Range(first, end - 1 if is_alias else end))

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
            self.query.sources.append(Source(self._alias(behind, end, token.name)))
            return behind
        query = self.scope.named_query(token.name) if statement.key(at - 1) != "." else None
        unknown = token.has_hole or (query is None and self.scope.is_named(token.name))
        table = None if unknown or query is not None else token.name
        self.query.sources.append(Source(self._alias(at + 1, end, token.name), table, query))
        return at + 1

    def _alias(self, at: int, end: int, default: str) -> str:
        statement = self.statement
        if statement.key(at) == "AS":
            at += 1
        if at < end and is_name(statement, at) and statement.key(at) not in _NO_ALIAS:
            return statement.tokens[at].name
        return default


@lru_cache(maxsize=4)
def scope_of(statement: Statement) -> Scope:
    """The queries of the statement; never raises."""
    return Scope(statement)


def _is_verb(statement: Statement, index: int) -> bool:
    """Tell a query's first word from ``ON DELETE``, ``FOR UPDATE``, ``DO UPDATE`` and the function REPLACE()."""
    before, key = statement.key(index - 1), statement.key(index)
    if key == "SELECT":
        return True
    if key == "REPLACE" and statement.key(index + 1) != "INTO":
        return False
    return before in {"", ";", ")", "BEGIN", "AS", "PLAN", "EXPLAIN"}


def _end_of_query(statement: Statement, first: int, opening: int) -> int:
    bound = statement.partner[opening] if opening >= 0 else len(statement.tokens)
    i = first + 1
    while i < bound:
        token = statement.tokens[i]
        if token.key == ";" and token.kind is Kind.OP:
            return i
        if token.key in _COMPOUND and token.kind is Kind.WORD and statement.key(first) == "SELECT":
            return i
        i = statement.partner.get(i, i) + 1 if token.key in {"(", "["} else i + 1
    return bound
