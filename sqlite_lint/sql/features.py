"""Constructs that some SQLite version was the first to have: how each is told by its tokens."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.sql.tokens import Kind
from sqlite_lint.text import Span

if TYPE_CHECKING:
    from sqlite_lint.sql.statement import Statement

Version = tuple[int, int]


class Effect(enum.Enum):
    """What an older SQLite does with a construct."""

    SYNTAX = "syntax"  # it refuses the statement
    FUNCTION = "function"  # it lacks the function, or takes other numbers of arguments
    MEANING = "meaning"  # it runs, with another result


class Feature(NamedTuple):
    """A use of a construct, at ``span`` of the script; ``since`` is None where stock builds have it in no version.

    ``stand_in`` is what an older engine can be given in its place: (span, text of the same length).
    """

    name: str
    since: Version | None
    span: Span
    effect: Effect = Effect.SYNTAX
    stand_in: tuple[Span, str] | None = None

    def complaint(self, target: Version) -> str:
        """The sentence that says what SQLite is needed, and what the target is."""
        if self.since is None:
            return f"{self.name} is not in stock builds of SQLite"
        return f"{self.name} needs SQLite {_dotted(self.since)}; the target is {_dotted(target)}"


def _dotted(version: Version) -> str:
    return f"{version[0]}.{version[1]}"


Detector = Callable[["Statement", int], Iterator[Feature]]
DETECTORS: Final[dict[str, list[Detector]]] = {}
"""For each key of a token the functions that look whether a construct begins there."""


def _on(*keys: str) -> Callable[[Detector], Detector]:
    def register(detector: Detector) -> Detector:
        for key in keys:
            DETECTORS.setdefault(key, []).append(detector)
        return detector

    return register


def _feature(
    s: Statement, name: str, minor: int | None, first: int, last: int | None = None, effect: Effect = Effect.SYNTAX
) -> Feature:
    span = s.span_of(first, first if last is None else last)
    return Feature(name, None if minor is None else (3, minor), span, effect)


def _with_blank(s: Statement, feature: Feature, first: int, last: int) -> Feature:
    span = s.span_of(first, last)
    return feature._replace(stand_in=(span, " " * (span.end - span.start)))


def _is_word(s: Statement, index: int) -> bool:
    """Tell a keyword from a quoted name, and from a column or table of that name (``t.strict``)."""
    return s.tokens[index].kind is Kind.WORD and s.key(index - 1) != "." and s.key(index + 1) != "."


def _before(s: Statement, index: int, *keys: str) -> int | None:
    """The nearest of ``keys`` before ``index`` in the same brackets and the same statement of a body."""
    depth = s.depth[index]
    for i in range(index - 1, -1, -1):
        if s.depth[i] < depth or (s.depth[i] == depth and s.key(i) == ";"):
            return None
        if s.depth[i] == depth and s.key(i) in keys and s.tokens[i].kind is Kind.WORD:
            return i
    return None


def _after(s: Statement, index: int, *keys: str) -> int | None:
    """The nearest of ``keys`` after ``index`` in the same brackets and the same statement of a body."""
    depth = s.depth[index]
    for i in range(index + 1, len(s.tokens)):
        if s.depth[i] < depth or (s.depth[i] == depth and s.key(i) == ";"):
            return None
        if s.depth[i] == depth and s.key(i) in keys and s.tokens[i].kind is Kind.WORD:
            return i
    return None


@_on("OVER")
def _over(s: Statement, i: int) -> Iterator[Feature]:
    if s.key(i - 1) == ")" and _is_word(s, i) and s.key(i + 1) not in {"", ",", ")"}:
        yield _feature(s, "a window function", 25, i)


@_on("WINDOW")
def _window(s: Statement, i: int) -> Iterator[Feature]:
    if s.keys_at(i + 2, 2) == ("AS", "(") and _is_word(s, i):
        yield _feature(s, "WINDOW", 25, i)


@_on("GROUPS", "EXCLUDE", "RANGE")
def _frame(s: Statement, i: int) -> Iterator[Feature]:
    bounds = {"BETWEEN", "UNBOUNDED", "CURRENT"}
    if s.key(i) == "EXCLUDE":
        if s.key(i + 1) in {"NO", "CURRENT", "GROUP", "TIES"}:
            yield _feature(s, "EXCLUDE in a window frame", 28, i, i + 1)
    elif s.key(i) == "GROUPS":
        if s.key(i + 1) in bounds or s.key(i + 2) in {"PRECEDING", "FOLLOWING"}:
            yield _feature(s, "a GROUPS frame", 28, i)
    else:
        end = _after(s, i, "EXCLUDE") or len(s.tokens)
        for k in range(i + 2, end):
            if s.key(k) in {"PRECEDING", "FOLLOWING"} and s.key(k - 1) != "UNBOUNDED" and s.depth[k] == s.depth[i]:
                yield _feature(s, "a RANGE frame with an offset", 28, i, k)
                return


@_on("NULLS")
def _nulls(s: Statement, i: int) -> Iterator[Feature]:
    if s.key(i + 1) in {"FIRST", "LAST"}:
        yield _feature(s, f"NULLS {s.key(i + 1)}", 30, i, i + 1)


@_on("FILTER")
def _filter(s: Statement, i: int) -> Iterator[Feature]:
    if s.key(i - 1) == ")" and s.keys_at(i + 1, 2) == ("(", "WHERE"):
        closing = s.partner.get(i + 1)
        windowed = closing is not None and s.key(closing + 1) == "OVER"
        yield _feature(s, "FILTER", 25 if windowed else 30, i)


@_on("GENERATED")
def _generated(s: Statement, i: int) -> Iterator[Feature]:
    if s.keys_at(i, 4) == ("GENERATED", "ALWAYS", "AS", "("):
        yield _feature(s, "a generated column", 31, i, i + 2)


@_on("STORED", "VIRTUAL")
def _computed(s: Statement, i: int) -> Iterator[Feature]:
    """``total AS (price * n) STORED``; with GENERATED ALWAYS the words before it say so."""
    opening = s.partner.get(i - 1) if s.key(i - 1) == ")" else None
    if opening is not None and s.key(opening - 1) == "AS" and s.key(opening - 2) != "ALWAYS":
        yield _feature(s, "a generated column", 31, opening - 1)


@_on("FROM")
def _update_from(s: Statement, i: int) -> Iterator[Feature]:
    setting = _before(s, i, "SET", "WHERE", "SELECT", "FROM", "DISTINCT")
    if setting is None or s.key(setting) != "SET" or s.key(i - 1) == "DISTINCT":
        return
    update = _before(s, setting, "UPDATE", "ON")
    if update is not None and s.key(update) == "UPDATE" and s.key(update - 1) not in {"DO", "ON", "FOR"}:
        yield _feature(s, "UPDATE ... FROM", 33, i)


@_on("SQLITE_SCHEMA", "SQLITE_TEMP_SCHEMA")
def _schema_table(s: Statement, i: int) -> Iterator[Feature]:
    yield _feature(s, f"the name {s.tokens[i].text}", 33, i)


@_on("RENAME", "DROP", "ALTER", "ADD")
def _alter(s: Statement, i: int) -> Iterator[Feature]:
    if s.keyword != "ALTER" or i < 3 or s.depth[i]:
        return
    key, following = s.key(i), s.key(i + 1)
    if key == "RENAME" and following != "TO":
        yield _feature(s, "ALTER TABLE ... RENAME COLUMN", 25, i, i + 1)
    elif key == "DROP" and following not in {"NOT", "DEFAULT", "IDENTITY", "EXPRESSION"} and s.key(1) == "TABLE":
        if following == "CONSTRAINT" and s.key(i + 2) == "IF":
            return
        if following == "CONSTRAINT":
            yield _feature(s, "ALTER TABLE ... DROP CONSTRAINT", 53, i, i + 1)
        else:
            yield _feature(s, "ALTER TABLE ... DROP COLUMN", 35, i, i + 1)
    elif key == "ALTER":
        column = i + 1 + (following == "COLUMN")
        if s.keys_at(column + 1, 3) in {("SET", "NOT", "NULL"), ("DROP", "NOT", "NULL")}:
            yield _feature(s, "ALTER COLUMN ... NOT NULL", 53, i, column + 3)
    elif key == "ADD" and (following == "CHECK" or (following == "CONSTRAINT" and s.key(i + 3) == "CHECK")):
        yield _feature(s, "ALTER TABLE ... ADD CONSTRAINT", 53, i, i + 1)
    elif key == "ADD" and "DEFAULT" not in s.keys and "AS" not in s.keys:
        at = next((k for k in s.find("NOT", i) if s.key(k + 1) == "NULL" and not s.depth[k]), None)
        if at is not None:
            yield _feature(s, "ADD COLUMN with NOT NULL and without DEFAULT", 32, at, at + 1)


@_on("VACUUM")
def _vacuum_into(s: Statement, i: int) -> Iterator[Feature]:
    if i == 0 and (into := _after(s, i, "INTO")) is not None:
        yield _feature(s, "VACUUM INTO", 27, into)


@_on("RETURNING")
def _returning(s: Statement, i: int) -> Iterator[Feature]:
    if _is_word(s, i) and _before(s, i, "INSERT", "REPLACE", "UPDATE", "DELETE") is not None:
        yield _feature(s, "RETURNING", 35, i)


@_on("MATERIALIZED")
def _materialized(s: Statement, i: int) -> Iterator[Feature]:
    if s.key(i + 1) == "(" and (s.key(i - 1) == "AS" or s.keys_at(i - 2, 2) == ("AS", "NOT")):
        yield _feature(s, "MATERIALIZED", 35, i)


@_on("CONFLICT")
def _upsert(s: Statement, i: int) -> Iterator[Feature]:
    do = _after(s, i, "DO")
    if s.key(i - 1) != "ON" or do is None:
        return
    yield _feature(s, "ON CONFLICT ... DO", 24, i - 1, i)
    if s.keys_at(do, 2) == ("DO", "UPDATE") and do == i + 1:
        yield _feature(s, "DO UPDATE without a conflict target", 35, do, do + 1)
    if (other := _before(s, i - 1, "CONFLICT")) is not None and s.key(other - 1) == "ON":
        yield _feature(s, "a second ON CONFLICT", 35, i - 1, i)


@_on("STRICT", "ROWID")
def _table_options(s: Statement, i: int) -> Iterator[Feature]:
    if s.keyword != "CREATE" or s.depth[i] or "TABLE" not in s.keys_at(1, 3):
        return
    if s.key(i) == "ROWID":
        if s.key(i - 1) == "WITHOUT":
            yield _feature(s, "WITHOUT ROWID", 8, i - 1, i)
    elif s.key(i - 1) in {")", ","}:
        yield _feature(s, "a STRICT table", 37, i)


@_on("->", "->>")
def _json_arrow(s: Statement, i: int) -> Iterator[Feature]:
    yield _feature(s, s.key(i), 38, i)
    if s.key(i + 1) == "-" and i + 2 < len(s.tokens) and s.tokens[i + 2].kind is Kind.NUMBER:
        yield _feature(s, "an index from the end of a JSON array", 47, i, i + 2, Effect.MEANING)


@_on("RIGHT", "FULL")
def _outer_join(s: Statement, i: int) -> Iterator[Feature]:
    join = i + 1 + (s.key(i + 1) == "OUTER")
    if s.key(join) == "JOIN" and _is_word(s, i):
        feature = _feature(s, f"{s.key(i)} JOIN", 39, i, join)
        word = s.tokens[i]
        yield feature._replace(stand_in=(s.span_of(i, i), "LEFT".ljust(word.end - word.start)))


@_on("DISTINCT")
def _distinct_from(s: Statement, i: int) -> Iterator[Feature]:
    if s.key(i + 1) == "FROM" and (s.key(i - 1) == "IS" or s.keys_at(i - 2, 2) == ("IS", "NOT")):
        yield _feature(s, "IS DISTINCT FROM", 39, i, i + 1)


@_on("HAVING")
def _having(s: Statement, i: int) -> Iterator[Feature]:
    before = _before(s, i, "GROUP", "SELECT")
    if before is not None and s.key(before) == "SELECT":
        yield _feature(s, "HAVING without GROUP BY", 39, i)


@_on("ORDER")
def _ordered_aggregate(s: Statement, i: int) -> Iterator[Feature]:
    if s.key(i + 1) != "BY" or not s.depth[i] or _before(s, i, "SELECT", "VALUES") is not None:
        return
    opening = next((k for k in range(i - 1, -1, -1) if s.depth[k] < s.depth[i]), 0)
    if opening + 1 < i and opening in _openings(s) and s.key(opening + 1) != "PARTITION":
        feature = _feature(s, "ORDER BY in an aggregate function", 44, i, i + 1)
        end = _after(s, i, "SEPARATOR", "LIMIT") or s.partner.get(opening)
        yield feature if end is None else _with_blank(s, feature, i, end - 1)


@lru_cache(maxsize=1)
def _openings(s: Statement) -> frozenset[int]:
    from sqlite_lint.sql.calls import calls

    return frozenset(call.opening for call in calls(s))


@_on("UPDATE", "DELETE")
def _limited_change(s: Statement, i: int) -> Iterator[Feature]:
    if not _is_word(s, i) or s.key(i - 1) in {"ON", "DO", "FOR", "AFTER", "BEFORE", "OF", "OR", ","}:
        return
    body = _after(s, i, "SET") if s.key(i) == "UPDATE" else (i + 1 if s.key(i + 1) == "FROM" else None)
    if body is None:
        return
    end = _after(s, body, "ORDER", "LIMIT")
    if end is not None:
        yield _feature(s, f"{s.key(i)} ... {s.key(end).replace('ORDER', 'ORDER BY')}", None, end)


@_on("IN")
def _rows_in_list(s: Statement, i: int) -> Iterator[Feature]:
    left = i - 1 - (s.key(i - 1) == "NOT")
    opening = s.partner.get(left) if s.key(left) == ")" else None
    if opening is None or s.keys_at(i + 1, 2) != ("(", "(") or s.key(i + 3) in {"SELECT", "VALUES", "WITH"}:
        return
    if len(s.arguments(opening)) > 1 and len(s.arguments(i + 2)) > 1 and s.tokens[opening - 1].kind is not Kind.QUOTED:
        yield _feature(s, "IN with a list of row values", 37, i, i + 1)


@_on("RAISE")
def _computed_message(s: Statement, i: int) -> Iterator[Feature]:
    items = s.arguments(i + 1) if s.key(i + 1) == "(" else []
    if len(items) == 2 and (
        items[1][1] - items[1][0] > 1 or s.tokens[items[1][0]].kind not in (Kind.STRING, Kind.QUOTED)
    ):
        yield _feature(s, "RAISE with a computed message", 47, items[1][0], items[1][1] - 1)


_SEPARATED: Final = re.compile(r"\d_\d")


def separated_numbers(s: Statement) -> Iterator[Feature]:
    """Numbers such as ``1_000``, which no key of a token announces."""
    if _SEPARATED.search(s.text, *s.span) is None:
        return
    for i, token in enumerate(s.tokens):
        if token.kind is Kind.NUMBER and _SEPARATED.search(token.text):
            plain = token.text.replace("_", "0")
            yield _feature(s, "a digit separator", 46, i)._replace(stand_in=(s.span_of(i, i), plain))
