"""Where the operands of an operator begin and end, found on tokens.

Levels follow PostgreSQL (https://www.postgresql.org/docs/15/sql-syntax-lexical.html#SQL-PRECEDENCE), except that
``||``, ``->`` and ``->>`` bind as tightly as in SQLite (https://sqlite.org/lang_expr.html): above arithmetic.
"""

from __future__ import annotations

from sqlite_lint.sql.primary import (
    ADD,
    AFTER_CALL,
    AND,
    AT,
    CALLABLE,
    CAST,
    COLLATE,
    COMPARE,
    CONCAT,
    DOT,
    IS,
    LIKE,
    MULTIPLY,
    NOT,
    OR,
    OTHER,
    POWER,
    TYPE_TAILS,
    TYPED_LITERALS,
    UNARY,
    UNITS,
    is_name,
    is_plain_name,
    level,
    primary_end,
    primary_start,
    type_end,
)
from sqlite_lint.sql.statement import Statement
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.text import Span

__all__ = [
    "ADD", "AND", "AT", "CAST", "COLLATE", "COMPARE", "CONCAT", "DOT", "IS", "LIKE", "MULTIPLY", "NOT", "OR", "OTHER",
    "POWER", "TYPED_LITERALS", "UNARY", "is_name", "left_operand", "level", "operand_span", "right_operand", "type_end",
]  # fmt: skip


def left_operand(statement: Statement, index: int, at_least: int) -> int | None:
    """Index of the first token of the operand that ends before ``index``; None where there is none.

    Operators of level ``at_least`` and above belong to it: those binding as tightly are left-associative.
    """
    tokens = statement.tokens
    start: int | None = None
    known = statement.left_operands  # from an operator on: so that a chain of operators is gone through once
    passed: list[tuple[int, int]] = []
    i = index - 1
    while i >= 0:
        token = tokens[i]
        operator = level(token)
        if operator is not None and not (token.kind is Kind.WORD and is_plain_name(statement, i)):
            if operator < at_least and not (_is_prefix(statement, i) and at_least <= UNARY and token.kind is Kind.OP):
                break
            if start is None and not (token.key == "*" and _is_star(statement, i)):
                break  # the text before the operator is no operand
            start = i
            if (i, at_least) in known:
                start = known[i, at_least]
                break
            passed.append((i, at_least))
            i -= 1
            continue
        if start is not None and not _joins(statement, i, start):
            break
        begin = primary_start(statement, i)
        if begin is None:
            break
        if begin > 0 and tokens[begin - 1].key == "::":
            begin = _cast_operand(statement, begin - 1)
            if begin is None:
                break
        start = begin
        i = begin - 1
    if start is not None:
        known.update(dict.fromkeys(passed, start))
    return start


def _cast_operand(statement: Statement, index: int) -> int | None:
    """The first token of what the ``::`` at ``index`` casts; kept, so that a chain of casts is gone through once."""
    known = statement.cast_operands
    chain = [index]
    while chain[-1] not in known:
        begin = primary_start(statement, chain[-1] - 1) or 0
        if begin == 0 or statement.key(begin - 1) != "::":
            break
        chain.append(begin - 1)
    for cast in reversed(chain):
        if cast not in known:
            known[cast] = left_operand(statement, cast, CAST)
    return known[index]


def right_operand(statement: Statement, index: int, above: int) -> int | None:
    """Index after the last token of the operand that begins at ``index``; None where there is none.

    Operators of a level above ``above`` belong to it.
    """
    tokens = statement.tokens
    i = index
    while i < len(tokens) and (
        (tokens[i].kind is Kind.OP and tokens[i].key in {"-", "+", "~", "@", "!"})
        or (tokens[i].key == "NOT" and above < NOT)
    ):
        i += 1
    end = primary_end(statement, i)
    if end is None:
        return None
    while end < len(tokens):
        operator = level(tokens[end])
        if tokens[end].key == "NOT" and statement.key(end + 1) in {"LIKE", "ILIKE", "IN", "BETWEEN", "GLOB", "SIMILAR"}:
            operator, skip = LIKE, 2
        elif tokens[end].key == "AT" and statement.keys_at(end + 1, 2) == ("TIME", "ZONE"):
            operator, skip = AT, 3
        elif tokens[end].key == "AT":
            break
        elif tokens[end].key == "IS":
            operator, skip = IS, 2 if statement.key(end + 1) == "NOT" else 1
        else:
            skip = 1
        if operator is None or operator <= above or (tokens[end].key == "NOT" and skip == 1):
            break
        if tokens[end].key in {"ISNULL", "NOTNULL"}:
            end += 1
            continue
        after = right_operand(statement, end + skip, operator)
        if after is None:
            break
        if statement.key(end + skip - 1) == "BETWEEN" and statement.key(after) == "AND":
            after = right_operand(statement, after + 1, LIKE) or after
        end = after
    return end


def operand_span(statement: Statement, first: int, end: int) -> Span:
    """The span of the tokens ``first`` to ``end``, the latter excluded."""
    return statement.span_of(first, end - 1)


def _is_prefix(statement: Statement, index: int) -> bool:
    """Tell whether the + or - at ``index`` is a sign."""
    if statement.key(index) not in {"-", "+", "~", "@"}:
        return False
    if index == 0:
        return True
    before = statement.tokens[index - 1]
    if before.kind is Kind.OP:
        return before.key not in {")", "]"}
    return before.kind is Kind.WORD and not is_plain_name(statement, index - 1) and before.key != "END"


def _is_star(statement: Statement, index: int) -> bool:
    return statement.key(index - 1) in {"(", "."}


def _joins(statement: Statement, index: int, start: int) -> bool:
    """Tell whether the token at ``index`` and the operand that begins at ``start`` are one without an operator."""
    tokens = statement.tokens
    first, before = tokens[start], tokens[index]
    if level(first) is not None and not _is_plain_name_or_value(statement, start):
        return True  # what begins with an operator needs an operand on its left
    if first.kind is Kind.OP and first.key == "(":
        if before.kind is Kind.WORD:
            return before.key in CALLABLE | AFTER_CALL | {"ARRAY", "ROW"} or is_plain_name(statement, index)
        return before.kind is Kind.QUOTED
    if first.kind is Kind.OP and first.key == "[":
        return True
    if first.kind in (Kind.STRING, Kind.PREFIXED):
        if before.key == "ZONE":
            return statement.key(index - 2) in {"WITH", "WITHOUT"}
        return before.kind is Kind.WORD and before.key in TYPED_LITERALS
    if first.kind is Kind.WORD and first.key in AFTER_CALL:
        return before.key == ")"
    if first.kind is Kind.WORD and first.key in UNITS:
        return before.kind in (Kind.NUMBER, Kind.STRING, Kind.PARAM)
    if first.kind in (Kind.NUMBER, Kind.PARAM):
        return before.key == "INTERVAL"
    return first.kind is Kind.WORD and first.key in TYPE_TAILS.get(before.key, ())


def _is_plain_name_or_value(statement: Statement, index: int) -> bool:
    token = statement.tokens[index]
    return token.kind is not Kind.OP and (token.kind is not Kind.WORD or is_plain_name(statement, index))
