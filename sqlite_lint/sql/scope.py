"""The queries of a statement: what each reads from, what it gives, and what a column's name in it stands for.

Read on tokens, so that statements of other dialects and with holes are read, too.  What cannot be told is left open.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sqlite_lint.sql.comparison import Range
from sqlite_lint.sql.query import COMPOUND, Query, QueryReader, Source
from sqlite_lint.sql.statement import Statement
from sqlite_lint.sql.tokens import Kind

if TYPE_CHECKING:
    from sqlite_lint.sql.value import Value

_VERBS: Final = frozenset({"SELECT", "UPDATE", "DELETE", "INSERT", "REPLACE"})
_ENDS_SELECT: Final = COMPOUND | {"SELECT"}
_ALIAS_CLAUSES: Final = frozenset({"WHERE", "HAVING"})


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
            QueryReader(self, query).read()

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
        path = self._path(column)
        found = []
        for source in self._sources_of(path, self.query_around(column.first)):
            if source.query is None:
                return None
            query = self.queries[source.query]
            if source.columns:
                if path[-1] in source.columns and not query.open and len(query.results) == len(source.columns):
                    found.append(query.results[source.columns.index(path[-1])])
            elif path[-1] in query.outputs:
                found.append(query.outputs[path[-1]])
            elif query.open:
                return None
        return found[0] if len(found) == 1 else None

    def alias(self, column: Range) -> Range | None:
        """The result of the same query that goes by this name; a column of that name, if there is one, comes first."""
        path = self._path(column)
        index = self.query_around(column.first)
        if len(path) > 1 or index < 0 or self.statement.clause[column.first] not in _ALIAS_CLAUSES:
            return None
        query = self.queries[index]
        expression = query.outputs.get(path[0]) if path[0] in query.aliased else None
        if expression is None or any(self.statement.tokens[i].name == path[0] for i in range(*expression)):
            return None
        return expression

    def function_of(self, column: Range) -> str:
        """The table-valued function, in lower case, of which this may be a column: ``value`` of ``json_each(...)``."""
        path = self._path(column)
        functions = {source.function for source in self._sources_of(path, self.query_around(column.first))} - {""}
        return functions.pop() if len(functions) == 1 else ""

    def tables_of(self, column: Range) -> tuple[str, ...]:
        """The tables of which this may be a column, in lower case; none where something else may hold it."""
        sources = self._sources_of(self._path(column), self.query_around(column.first))
        tables = tuple(source.table for source in sources if source.table is not None)
        return tables if len(tables) == len(sources) else ()

    def query_around(self, index: int) -> int:
        """The index of the innermost query around the token at ``index``; -1 outside of queries."""
        return self._innermost[index]

    def _path(self, column: Range) -> list[str]:
        return [t.name for t in self.statement.tokens[column.first : column.end] if t.key != "."]

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

    def named(self, name: str) -> tuple[int | None, tuple[str, ...]] | None:
        """The query that WITH gives this name and the names of its columns, where it gives them, too.

        None for other names; without a query where WITH gives the name twice.
        """
        return self._named.get(name)

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

    def _common_tables(self) -> Iterator[tuple[str, tuple[int | None, tuple[str, ...]]]]:
        """The names that WITH gives, with what ``named`` tells of them."""
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
            listed = statement.partner.get(i - 1) if statement.key(i - 1) == ")" else None
            name = statement.tokens[(i if listed is None else listed) - 1].name
            columns = (
                [] if listed is None else [statement.tokens[first].name for first, _ in statement.arguments(listed)]
            )
            yield name, (None if name in seen else self.query_at(opening), tuple(columns))
            seen.add(name)


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
    ends = _ENDS_SELECT if statement.key(first) == "SELECT" else frozenset[str]()
    bound = statement.partner[opening] if opening >= 0 else len(statement.tokens)
    i = first + 1
    while i < bound:
        token = statement.tokens[i]
        if token.key == ";" and token.kind is Kind.OP:
            return i
        if token.key in ends and token.kind is Kind.WORD:
            return i
        i = statement.partner.get(i, i) + 1 if token.key in {"(", "["} else i + 1
    return bound
