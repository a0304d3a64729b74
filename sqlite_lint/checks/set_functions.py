"""SQL212 and SQL214: functions in FROM whose rows ``json_each()`` gives, under other names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint import catalog
from sqlite_lint.provided import is_provided
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.calls import Call, calls
from sqlite_lint.sql.primary import is_name
from sqlite_lint.sql.scope import scope_of
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.query import Query
    from sqlite_lint.sql.statement import Statement

_EACH: Final = "json_each"
_NUMBER: Final = "key + 1"  # json_each() counts from 0, WITH ORDINALITY from 1
_ORDINALITY: Final = "ordinality"
_BEFORE_ITEM: Final = frozenset({"SELECT", "DISTINCT", "ALL", ","})
_BEHIND_SOURCE: Final = frozenset(
    {"WHERE", "ORDER", "GROUP", "ON", "JOIN", "LEFT", "CROSS", "INNER", "LIMIT", "UNION", "HAVING", "WITH", "USING",
     "NATURAL", "FULL", "RIGHT", "OFFSET", "FETCH", "FOR", "WINDOW", "SET", "RETURNING", "EXCEPT", "INTERSECT"}
)  # fmt: skip
_OTHERS: Final = frozenset({"key", "value", "type", "atom", "id", "parent", "fullkey", "path", "json", "root"})
"""Columns of json_each(): beside it these names of another table need that table's name."""

_MORE_COLUMNS: Final = "* would give more columns: json_each() has eight"
_UNCLEAR: Final = "its columns cannot be told from others of that name"


def of_arrays(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``FROM unnest(tags) AS tag``."""
    yield from _in_from(statement, context, "SQL214")


def of_json(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``FROM jsonb_array_elements(items) AS item``, ``FROM jsonb_each(attrs) AS t(k, v)``."""
    yield from _in_from(statement, context, "SQL212")


def _in_from(statement: Statement, context: SqlContext, code: str) -> Iterator[Hit]:
    functions: Mapping[str, list[str]] = catalog.rule(code).data["rows"]
    found = [call for call in calls(statement) if call.in_from and call.name in functions]
    for call in found:
        if is_provided(call.name, context):
            continue
        span = statement.span_of(call.at, call.at)
        if call.arity != 1:
            yield Hit(span, {"text": statement.tokens[call.at].text})
            continue
        source = _Source.read(statement, call, functions[call.name])
        made = _edits(statement, context, source, alone=len(found) == 1)
        fix, withheld = None, None
        if isinstance(made, str):
            withheld = made
        else:
            title = f"Write `{_EACH}()` (for JSON text; its columns are named otherwise)"
            fix = SqlFix(title, ((call.span, _EACH), *made), Applicability.UNSAFE)
        yield Hit(span, {"text": statement.tokens[call.at].text}, fix=fix, withheld=withheld)


class _Source(NamedTuple):
    """A call in FROM: ``f(x) WITH ORDINALITY AS alias(names)``; ``end`` is the index behind all of it.

    ``columns`` maps the names of its columns to those of json_each(); ``gone`` is what json_each() cannot have.
    """

    call: Call
    alias: str
    columns: Mapping[str, str]
    gone: list[Span]
    end: int
    own: tuple[str, ...]  # names of columns that it has on both engines

    @classmethod
    def read(cls, statement: Statement, call: Call, columns: list[str]) -> _Source:
        at = statement.partner[call.opening] + 1
        values = list(columns)
        gone: list[Span] = []
        if statement.keys_at(at, 2) == ("WITH", "ORDINALITY"):
            values.append(_NUMBER)
            gone.append(Span(statement.tokens[at - 1].end, statement.tokens[at + 1].end))
            at += 2
        at += statement.key(at) == "AS"
        alias, name, end = "", call.name, at
        if is_name(statement, at) and statement.key(at) not in _BEHIND_SOURCE:
            alias, name, end = statement.tokens[at].text, statement.tokens[at].name, at + 1
        own = [] if call.name == "unnest" else columns
        names = [name, _ORDINALITY] if len(columns) == 1 else [*columns, _ORDINALITY]
        if alias and statement.key(end) == "(" and end in statement.partner:
            names = [statement.tokens[first].name for first, _ in statement.arguments(end)]
            gone.append(Span(statement.tokens[at].end, statement.tokens[statement.partner[end]].end))
            end = statement.partner[end] + 1
        return cls(call, alias, dict(zip(names, values, strict=False)), gone, end, tuple(own))

    def column(self, value: str) -> str:
        return f"{self.alias or _EACH}.{value}"


def _edits(statement: Statement, context: SqlContext, source: _Source, alone: bool) -> list[tuple[Span, str]] | str:
    """What becomes of the columns of ``source`` in its query, or why that cannot be told."""
    query = _query_of(statement, source.call.at)
    if query is None or not (source.alias or alone):
        return _UNCLEAR
    edits = [(span, "") for span in source.gone]
    skipped = range(source.call.at, source.end)
    for i in range(query.at.first, min(query.at.end, len(statement.tokens))):
        token = statement.tokens[i]
        if i in skipped:
            continue
        if token.key == "*" and _is_star(statement, i):
            every = _every_column(statement, query, source, i)
            if every is None:
                return _MORE_COLUMNS
            edits.append((Span(token.start, token.end), every))
        elif token.kind in (Kind.WORD, Kind.QUOTED) and token.name in source.columns:
            made = _renamed(statement, context, query, source, i)
            if made is None:
                return _UNCLEAR
            edits += made
        elif token.name in _OTHERS and _may_clash(statement, query, source, i):
            table = _other_table(query, source)
            if table is None:
                return _UNCLEAR
            edits.append((Span(token.start, token.start), f"{table}."))
    return edits


def _may_clash(statement: Statement, query: Query, source: _Source, index: int) -> bool:
    """Tell whether a name without a table is another table's, and json_each() has a column of that name, too."""
    token = statement.tokens[index]
    if (
        token.kind not in (Kind.WORD, Kind.QUOTED)
        or token.name in source.own
        or (len(query.sources) < 2 and query.parent is None)
    ):
        return False
    if _query_of(statement, index) is not query:
        return False
    return statement.key(index - 1) not in {".", "AS", "::"} and statement.key(index + 1) not in {".", "("}


def _other_table(query: Query, source: _Source) -> str | None:
    """The name of the only other table of the query."""
    others = [each.alias for each in query.sources if each.alias not in (source.alias.lower(), source.call.name)]
    return others[0] if len(others) == 1 and len(query.sources) == 2 and others[0].isidentifier() else None


def _query_of(statement: Statement, index: int) -> Query | None:
    around = [query for query in scope_of(statement).queries if query.at.first <= index < query.at.end]
    return min(around, key=lambda query: query.at.end - query.at.first, default=None)


def _is_star(statement: Statement, index: int) -> bool:
    return statement.clause[index] == "SELECT" and (
        statement.key(index - 1) in _BEFORE_ITEM or statement.key(index - 1) == "."
    )


def _every_column(statement: Statement, query: Query, source: _Source, index: int) -> str | None:
    """The columns that ``*`` stands for, where there is no other table."""
    if len(query.sources) != 1 or statement.keys_at(index - 1, 3) != ("SELECT", "*", "FROM"):
        return None
    if statement.around[index] != statement.around[query.at.first] or not source.columns:
        return None
    return ", ".join(value if value == name else f"{value} AS {name}" for name, value in source.columns.items())


def _renamed(
    statement: Statement, context: SqlContext, query: Query, source: _Source, index: int
) -> list[tuple[Span, str]] | None:
    """The edits for a word that may name a column of ``source``; None where it may name another one's."""
    token = statement.tokens[index]
    value = source.columns[token.name]
    if statement.key(index + 1) in {".", "("} or statement.key(index - 1) in {"AS", "::"}:
        return []
    first = index
    if statement.key(index - 1) == ".":
        if statement.tokens[index - 2].name != source.alias.lower().strip('"') or statement.key(index - 3) == ".":
            return []
        first = index - 2
    elif context.schema.columns_named(token.name) and len(query.sources) > 1:
        return None
    new = source.column(value) if value != _NUMBER else f"({source.column(_NUMBER)})"
    is_item = (
        statement.key(first - 1) in _BEFORE_ITEM
        and statement.key(index + 1) in {",", "FROM", ""}
        and statement.clause[index] == "SELECT"
        and statement.around[index] == statement.around[query.at.first]
    )
    if is_item and value != token.name:
        new += f" AS {token.text}"
    span = statement.span_of(first, index)
    return [] if statement.text[span.start : span.end] == new else [(span, new)]
