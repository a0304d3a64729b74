"""Constructs of queries and expressions that some SQLite version was the first to have."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sqlite_lint.regex import regex
from sqlite_lint.sql.feature import (
    Detectors,
    Effect,
    Feature,
    feature_at,
    is_word,
    nearest_after,
    nearest_before,
    with_blank,
)
from sqlite_lint.sql.tokens import Kind

if TYPE_CHECKING:
    from sqlite_lint.sql.statement import Statement

DETECTORS: Final = Detectors()


@DETECTORS.on("OVER")
def _over(s: Statement, i: int) -> Iterator[Feature]:
    if s.key(i - 1) == ")" and is_word(s, i) and s.key(i + 1) not in {"", ",", ")"}:
        yield feature_at(s, "a window function", 25, i)


@DETECTORS.on("WINDOW")
def _window(s: Statement, i: int) -> Iterator[Feature]:
    if s.keys_at(i + 2, 2) == ("AS", "(") and is_word(s, i):
        yield feature_at(s, "WINDOW", 25, i)


@DETECTORS.on("GROUPS", "EXCLUDE", "RANGE")
def _frame(s: Statement, i: int) -> Iterator[Feature]:
    bounds = {"BETWEEN", "UNBOUNDED", "CURRENT"}
    if s.key(i) == "EXCLUDE":
        if s.key(i + 1) in {"NO", "CURRENT", "GROUP", "TIES"}:
            yield feature_at(s, "EXCLUDE in a window frame", 28, i, i + 1)
    elif s.key(i) == "GROUPS":
        if s.key(i + 1) in bounds or s.key(i + 2) in {"PRECEDING", "FOLLOWING"}:
            yield feature_at(s, "a GROUPS frame", 28, i)
    else:
        end = nearest_after(s, i, "EXCLUDE") or len(s.tokens)
        for k in range(i + 2, end):
            if s.key(k) in {"PRECEDING", "FOLLOWING"} and s.key(k - 1) != "UNBOUNDED" and s.depth[k] == s.depth[i]:
                yield feature_at(s, "a RANGE frame with an offset", 28, i, k)
                return


@DETECTORS.on("NULLS")
def _nulls(s: Statement, i: int) -> Iterator[Feature]:
    if s.key(i + 1) in {"FIRST", "LAST"}:
        yield feature_at(s, f"NULLS {s.key(i + 1)}", 30, i, i + 1)


@DETECTORS.on("FILTER")
def _filter(s: Statement, i: int) -> Iterator[Feature]:
    if s.key(i - 1) == ")" and s.keys_at(i + 1, 2) == ("(", "WHERE"):
        closing = s.partner.get(i + 1)
        windowed = closing is not None and s.key(closing + 1) == "OVER"
        yield feature_at(s, "FILTER", 25 if windowed else 30, i)


@DETECTORS.on("MATERIALIZED")
def _materialized(s: Statement, i: int) -> Iterator[Feature]:
    if s.key(i + 1) == "(" and (s.key(i - 1) == "AS" or s.keys_at(i - 2, 2) == ("AS", "NOT")):
        yield feature_at(s, "MATERIALIZED", 35, i)


@DETECTORS.on("->", "->>")
def _json_arrow(s: Statement, i: int) -> Iterator[Feature]:
    yield feature_at(s, s.key(i), 38, i)
    if s.key(i + 1) == "-" and i + 2 < len(s.tokens) and s.tokens[i + 2].kind is Kind.NUMBER:
        yield feature_at(s, "an index from the end of a JSON array", 47, i, i + 2, Effect.MEANING)


@DETECTORS.on("RIGHT", "FULL")
def _outer_join(s: Statement, i: int) -> Iterator[Feature]:
    join = i + 1 + (s.key(i + 1) == "OUTER")
    if s.key(join) == "JOIN" and is_word(s, i):
        feature = feature_at(s, f"{s.key(i)} JOIN", 39, i, join)
        word = s.tokens[i]
        yield feature._replace(stand_in=(s.span_of(i, i), "LEFT".ljust(word.end - word.start)))


@DETECTORS.on("DISTINCT")
def _distinct_from(s: Statement, i: int) -> Iterator[Feature]:
    if s.key(i + 1) == "FROM" and (s.key(i - 1) == "IS" or s.keys_at(i - 2, 2) == ("IS", "NOT")):
        yield feature_at(s, "IS DISTINCT FROM", 39, i, i + 1)


@DETECTORS.on("HAVING")
def _having(s: Statement, i: int) -> Iterator[Feature]:
    before = nearest_before(s, i, "GROUP", "SELECT")
    if before is not None and s.key(before) == "SELECT":
        yield feature_at(s, "HAVING without GROUP BY", 39, i)


@DETECTORS.on("ORDER")
def _ordered_aggregate(s: Statement, i: int) -> Iterator[Feature]:
    if s.key(i + 1) != "BY" or not s.depth[i] or nearest_before(s, i, "SELECT", "VALUES") is not None:
        return
    opening = next((k for k in range(i - 1, -1, -1) if s.depth[k] < s.depth[i]), 0)
    if opening + 1 < i and opening in _openings(s) and s.key(opening + 1) != "PARTITION":
        feature = feature_at(s, "ORDER BY in an aggregate function", 44, i, i + 1)
        end = nearest_after(s, i, "SEPARATOR", "LIMIT") or s.partner.get(opening)
        yield feature if end is None else with_blank(s, feature, i, end - 1)


@lru_cache(maxsize=1)
def _openings(s: Statement) -> frozenset[int]:
    from sqlite_lint.sql.calls import calls

    return frozenset(call.opening for call in calls(s))


@DETECTORS.on("IN")
def _rows_in_list(s: Statement, i: int) -> Iterator[Feature]:
    left = i - 1 - (s.key(i - 1) == "NOT")
    opening = s.partner.get(left) if s.key(left) == ")" else None
    if opening is None or s.keys_at(i + 1, 2) != ("(", "(") or s.key(i + 3) in {"SELECT", "VALUES", "WITH"}:
        return
    if len(s.arguments(opening)) > 1 and len(s.arguments(i + 2)) > 1 and s.tokens[opening - 1].kind is not Kind.QUOTED:
        yield feature_at(s, "IN with a list of row values", 37, i, i + 1)


_SEPARATED: Final = regex(r"\d_\d")


def separated_numbers(s: Statement) -> Iterator[Feature]:
    """Numbers such as ``1_000``, which no key of a token announces."""
    if _SEPARATED.search(s.text, *s.span) is None:
        return
    for i, token in enumerate(s.tokens):
        if token.kind is Kind.NUMBER and _SEPARATED.search(token.text):
            plain = token.text.replace("_", "0")
            yield feature_at(s, "a digit separator", 46, i)._replace(stand_in=(s.span_of(i, i), plain))
