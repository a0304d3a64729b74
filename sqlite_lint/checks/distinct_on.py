"""SQL104: ``DISTINCT ON``, made into numbered rows of which the first of each group is taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.primary import is_name
from sqlite_lint.sql.query import COMPOUND, Query
from sqlite_lint.sql.scope import scope_of
from sqlite_lint.sql.tokens import HOLE
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

Range = tuple[int, int]

_NUMBER: Final = "row_of_group"
_TABLE: Final = "numbered"
_TAIL: Final = frozenset({"LIMIT", "OFFSET", "FETCH", "FOR", "RETURNING"})
_DIRECTIONS: Final = frozenset({"ASC", "DESC", "NULLS", "FIRST", "LAST"})
_TITLE: Final = "Number the rows of each group, and take the first (NULLs sort first on SQLite)"


def distinct_on(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``SELECT DISTINCT ON (a) a, b FROM t ORDER BY a, b DESC``."""
    for at in statement.find("DISTINCT"):
        closing = statement.partner.get(at + 2)
        if statement.key(at + 1) != "ON" or statement.key(at + 2) != "(" or closing is None:
            continue
        parts = _Parts.read(statement, at, closing)
        edits = None if parts is None else _edits(statement, parts)
        fix = None if edits is None else SqlFix(_TITLE, edits, Applicability.UNSAFE)
        yield Hit(statement.span_of(at, at + 1), fix=fix)


class _Parts(NamedTuple):
    """The pieces of the query by indexes of tokens; ``order`` is empty where nothing is sorted."""

    select: int
    keys: list[Range]
    items: list[Range]
    names: list[str]
    order: list[Range]
    order_at: int
    tail: int

    @classmethod
    def read(cls, statement: Statement, at: int, closing: int) -> _Parts | None:
        query = next((q for q in scope_of(statement).queries if q.at.first == at - 1), None)
        if query is None or not _stands_alone(statement, query):
            return None
        places = {"FROM": query.at.end, "ORDER": query.at.end, "": query.at.end}
        for i in _steps(statement, closing + 1, query.at.end):
            key = statement.key(i)
            key = "" if key in _TAIL else key
            if key in places and places[key] == query.at.end and (key != "ORDER" or statement.key(i + 1) == "BY"):
                places[key] = i
        begin, sorts, tail = places["FROM"], places["ORDER"], places[""]
        items = _split(statement, closing + 1, begin)
        names = [_name(statement, *item) for item in items]
        if begin == query.at.end or None in names or len({name.lower() for name in names if name}) != len(names):
            return None
        sorts = min(sorts, tail)
        order = _split(statement, sorts + 2, tail) if sorts < tail else []
        keys = _split(statement, at + 3, closing)
        return cls(at - 1, keys, items, [name or "" for name in names], order, sorts, tail)


def _stands_alone(statement: Statement, query: Query) -> bool:
    """Tell whether nothing but the query itself would have to change."""
    compound = {statement.key(query.at.end), statement.key(query.at.first - 1)} & (COMPOUND | {"ALL"})
    return not compound and statement.keys.isdisjoint({"CONFLICT", _NUMBER.upper(), _TABLE.upper()})


def _steps(statement: Statement, first: int, end: int) -> Iterator[int]:
    i = first
    while i < end:
        yield i
        i = statement.partner.get(i, i) + 1 if statement.key(i) in {"(", "["} else i + 1


def _split(statement: Statement, first: int, end: int) -> list[Range]:
    """The items between commas."""
    items, start = [], first
    for i in _steps(statement, first, end):
        if statement.key(i) == ",":
            items.append((start, i))
            start = i + 1
    return [*items, (start, end)]


def _name(statement: Statement, first: int, end: int) -> str | None:
    """The name of a result column: its alias, or that of the column that it is."""
    if end <= first or not is_name(statement, end - 1):
        return None
    is_path = all(statement.key(i) == "." for i in range(first + 1, end, 2)) and (end - first) % 2 == 1
    return statement.tokens[end - 1].text if is_path or statement.key(end - 2) == "AS" else None


def _edits(statement: Statement, parts: _Parts) -> tuple[tuple[Span, str], ...] | None:
    if parts.order and any(c.start > statement.tokens[parts.order_at].start for c in statement.comments):
        return None
    keys = [_meant(statement, parts, *key) for key in parts.keys]
    inner, outer, hidden = [], [], []
    for number, (first, end) in enumerate(parts.order, 1):
        last = end
        while last > first + 1 and statement.key(last - 1) in _DIRECTIONS:
            last -= 1
        term = _meant(statement, parts, first, last)
        if term is None:
            return None
        name = term.name
        if name is None:
            name = f"order_{number}"
            hidden.append(f", {term.expression} AS {name}")
        direction = statement.text_of(last, end)
        inner.append(f"{term.expression} {direction}".strip())
        outer.append(f"{name} {direction}".strip())
    window = "PARTITION BY " + ", ".join(key.expression for key in keys if key is not None)
    if inner:
        window += f" ORDER BY {', '.join(inner)}"
    if None in keys or HOLE in window:
        return None
    return _assembled(statement, parts, window, outer, "".join(hidden))


class _Term(NamedTuple):
    """What rows are grouped or sorted by, and the name under which the query gives it, if it does."""

    expression: str
    name: str | None


def _meant(statement: Statement, parts: _Parts, first: int, end: int) -> _Term | None:
    """A term, whose number or name may stand for a column of the result: the window sees only what that is made of."""
    text = statement.text_of(first, end)
    same: str | None = None
    for number, ((start, stop), name) in enumerate(zip(parts.items, parts.names, strict=True), 1):
        behind = stop - 2 if statement.key(stop - 2) == "AS" and stop - 2 > start else stop
        expression = statement.text_of(start, behind)
        by_name = behind < stop and end == first + 1 and statement.tokens[first].name == statement.tokens[stop - 1].name
        if by_name or text == str(number):
            has_window = any(statement.key(i) == "OVER" for i in range(start, behind))
            return None if has_window else _Term(expression, name)
        if same is None and expression.lower() == text.lower():
            same = name
    return None if text.isdigit() else _Term(text, same)


def _assembled(
    statement: Statement, parts: _Parts, window: str, outer: list[str], hidden: str
) -> tuple[tuple[Span, str], ...]:
    tokens = statement.tokens
    select, behind = tokens[parts.select].start, tokens[parts.items[-1][1] - 1].end
    end = tokens[parts.order_at - 1].end
    edits = [
        (Span(select, select), f"SELECT {', '.join(parts.names)} FROM ("),
        (Span(tokens[parts.select + 1].start, tokens[parts.items[0][0]].start), ""),
        (Span(behind, behind), f", row_number() OVER ({window}) AS {_NUMBER}{hidden}"),
        (Span(end, end), f") AS {_TABLE} WHERE {_NUMBER} = 1"),
    ]
    if outer:
        terms = Span(tokens[parts.order[0][0]].start, tokens[parts.tail - 1].end)
        edits.append((terms, ", ".join(outer)))
    return tuple(edits)
