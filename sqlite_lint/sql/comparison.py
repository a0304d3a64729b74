"""Which operands a statement compares with which, found on tokens.

One form for ``=``, ``IS``, ``IN``, ``BETWEEN``, ``CASE x WHEN y`` and row values, because SQLite compares them all by
the same rules (https://sqlite.org/datatype3.html#comparison_expressions).
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from sqlite_lint.sql.operand import LIKE, OTHER, left_operand, right_operand
from sqlite_lint.sql.statement import Statement
from sqlite_lint.sql.tokens import Kind

EQUALITY: Final = frozenset({"=", "==", "<>", "!="})
ORDERING: Final = frozenset({"<", "<=", ">", ">="})
_WORDS: Final = frozenset({"IS", "IN", "BETWEEN", "CASE"})
_ANCHORS: Final = EQUALITY | ORDERING | _WORDS


class Range(NamedTuple):
    """The tokens of one operand: indexes ``first`` to ``end``, the latter excluded."""

    first: int
    end: int


class Form(enum.Enum):
    """How the operands stand in the text."""

    OPERATOR = "operator"  # = == <> != < <= > >=
    IS = "is"
    IN = "in"
    BETWEEN = "between"
    CASE = "case"


class Comparison(NamedTuple):
    """``subject`` is compared with each of ``others``; ``anchor`` is the index of the operator's first token.

    ``ordering`` tells that it matters which of two values is the greater one.
    """

    form: Form
    anchor: int
    subject: Range
    others: tuple[Range, ...]
    ordering: bool


@lru_cache(maxsize=4)
def comparisons(statement: Statement) -> tuple[Comparison, ...]:
    """All comparisons of the statement, in the order of their operators; row values give one for each pair."""
    return tuple(_comparisons(statement))


def _comparisons(statement: Statement) -> Iterator[Comparison]:
    if not _ANCHORS & statement.keys:
        return
    cases = _cases(statement) if "CASE" in statement.keys else {}
    for i, token in enumerate(statement.tokens):
        if token.key not in _ANCHORS:
            continue
        if i in cases:
            yield cases[i]
        elif token.kind is Kind.OP:
            yield from _operator(statement, i, i + 1, Form.OPERATOR, token.key in ORDERING)
        elif token.kind is Kind.WORD and token.key in _WORD_FORMS:
            yield from _WORD_FORMS[token.key](statement, i)


def _operator(statement: Statement, anchor: int, after: int, form: Form, ordering: bool) -> Iterator[Comparison]:
    if _is_assignment(statement, anchor):
        return
    first = left_operand(statement, anchor, OTHER)
    end = right_operand(statement, after, LIKE)
    if first is None or end is None:
        return
    left, right = Range(first, anchor), Range(after, end)
    for subject, other in _pairs(statement, left, right):
        yield Comparison(form, anchor, subject, (other,), ordering)


def _is(statement: Statement, anchor: int) -> Iterator[Comparison]:
    after = anchor + 1
    if statement.key(after) == "NOT":
        after += 1
    if statement.keys_at(after, 2) == ("DISTINCT", "FROM"):
        after += 2
    yield from _operator(statement, anchor, after, Form.IS, False)


def _in(statement: Statement, anchor: int) -> Iterator[Comparison]:
    opening = anchor + 1
    if statement.key(opening) != "(":
        return
    operator = _before_not(statement, anchor)
    first = left_operand(statement, operator, OTHER)
    if first is None or opening not in statement.partner:
        return
    subject = Range(first, operator)
    if statement.key(opening + 1) in {"SELECT", "WITH"}:  # compared as with one value of the subquery
        if len(_members(statement, subject)) == 1:
            yield Comparison(Form.IN, operator, subject, (Range(opening, statement.partner[opening] + 1),), False)
        return
    if statement.key(opening + 1) == "VALUES":
        yield from _in_values(statement, operator, subject, opening)
        return
    items = tuple(Range(a, b) for a, b in statement.arguments(opening) if a < b)
    if items:
        yield Comparison(Form.IN, operator, subject, items, False)


def _in_values(statement: Statement, anchor: int, subject: Range, opening: int) -> Iterator[Comparison]:
    closing = statement.partner[opening]
    at = opening + 2
    while at < closing and statement.key(at) == "(" and at in statement.partner:
        row = Range(at, statement.partner[at] + 1)
        for left, right in _pairs(statement, subject, row):
            yield Comparison(Form.IN, anchor, left, (right,), False)
        at = row.end + 1


def _between(statement: Statement, anchor: int) -> Iterator[Comparison]:
    operator = _before_not(statement, anchor)
    first = left_operand(statement, operator, OTHER)
    low = right_operand(statement, anchor + 1, LIKE)
    if first is None or low is None or statement.key(low) != "AND":
        return
    high = right_operand(statement, low + 1, LIKE)
    if high is None:
        return
    bounds = (Range(anchor + 1, low), Range(low + 1, high))
    yield Comparison(Form.BETWEEN, operator, Range(first, operator), bounds, True)


def _cases(statement: Statement) -> dict[int, Comparison]:
    """The comparisons of each ``CASE x WHEN y``, by the index of CASE; found in one pass, however deep they nest."""
    found: dict[int, Comparison] = {}
    stack: list[tuple[int, list[int]]] = []  # each open CASE and the places of its WHEN and THEN
    for i, token in enumerate(statement.tokens):
        if token.kind is not Kind.WORD:
            continue
        if token.key == "CASE" and statement.key(i - 1) != "END":
            stack.append((i, []))
        elif token.key in {"WHEN", "THEN"} and stack:
            stack[-1][1].append(i)
        elif token.key == "END" and stack:
            anchor, marks = stack.pop()
            if marks and marks[0] > anchor + 1:
                found[anchor] = _case(anchor, marks)
    return found


def _case(anchor: int, marks: list[int]) -> Comparison:
    values = tuple(Range(when + 1, then) for when, then in zip(marks[::2], marks[1::2], strict=False))
    return Comparison(Form.CASE, anchor, Range(anchor + 1, marks[0]), values, False)


_WORD_FORMS: Final = {"IS": _is, "IN": _in, "BETWEEN": _between}


def _before_not(statement: Statement, anchor: int) -> int:
    return anchor - 1 if statement.key(anchor - 1) == "NOT" else anchor


def _pairs(statement: Statement, left: Range, right: Range) -> Iterator[tuple[Range, Range]]:
    """The operands that are compared with each other: members of row values, or both as they are."""
    lefts, rights = _members(statement, left), _members(statement, right)
    if len(lefts) == len(rights):
        yield from zip(lefts, rights, strict=True)


def _members(statement: Statement, operand: Range) -> list[Range]:
    if statement.key(operand.first) != "(" or statement.partner.get(operand.first) != operand.end - 1:
        return [operand]
    if statement.key(operand.first + 1) in {"SELECT", "WITH", "VALUES"}:
        return [operand]
    members = [Range(a, b) for a, b in statement.arguments(operand.first) if a < b]
    return members if len(members) > 1 else [operand]


def _is_assignment(statement: Statement, anchor: int) -> bool:
    """Tell whether the ``=`` at ``anchor`` belongs to ``SET column = value``."""
    if statement.key(anchor) != "=" or statement.clause[anchor] != "SET":
        return False
    first = left_operand(statement, anchor, OTHER)
    return first is not None and statement.key(first - 1) in {"SET", ","} and not _inside_call(statement, anchor)


def _inside_call(statement: Statement, index: int) -> bool:
    """Tell whether the bracket around ``index`` opened within the SET clause: ``SET a = f(b = c, d = e)``."""
    return _first_sets(statement).get(statement.around[index], index) >= index


@lru_cache(maxsize=4)
def _first_sets(statement: Statement) -> dict[int, int]:
    """The first SET behind each opening bracket; -1 stands for the level outside of brackets."""
    found: dict[int, int] = {}
    for at in statement.find("SET"):
        found.setdefault(statement.around[at], at)
    return found
