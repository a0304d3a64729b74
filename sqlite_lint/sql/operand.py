"""Where the operands of an operator begin and end, found on tokens.

Levels follow PostgreSQL (https://www.postgresql.org/docs/15/sql-syntax-lexical.html#SQL-PRECEDENCE), except that ``||``,
``->`` and ``->>`` bind as tightly as they do in SQLite (https://sqlite.org/lang_expr.html): above arithmetic.
"""

from __future__ import annotations

from typing import Final

from sqlite_lint.sql.statement import Statement
from sqlite_lint.sql.tokens import Kind, Token
from sqlite_lint.text import Span

OR: Final = 1
AND: Final = 2
NOT: Final = 3
IS: Final = 4
COMPARE: Final = 5
LIKE: Final = 6
OTHER: Final = 7
ADD: Final = 8
MULTIPLY: Final = 9
POWER: Final = 10
CONCAT: Final = 11
AT: Final = 12
COLLATE: Final = 13
UNARY: Final = 14
CAST: Final = 15
DOT: Final = 16

_LEVELS: Final = {
    "OR": OR, "XOR": OR, "AND": AND, "&&": OTHER, "NOT": NOT, "IS": IS, "ISNULL": IS, "NOTNULL": IS,
    "<": COMPARE, ">": COMPARE, "=": COMPARE, "<=": COMPARE, ">=": COMPARE, "<>": COMPARE, "!=": COMPARE, "==": COMPARE,
    "<=>": COMPARE, ":=": OR, "=>": OR,
    "BETWEEN": LIKE, "IN": LIKE, "LIKE": LIKE, "ILIKE": LIKE, "SIMILAR": LIKE, "GLOB": LIKE, "REGEXP": LIKE,
    "RLIKE": LIKE, "MATCH": LIKE, "OVERLAPS": LIKE, "ESCAPE": LIKE,
    "+": ADD, "-": ADD, "*": MULTIPLY, "/": MULTIPLY, "%": MULTIPLY, "DIV": MULTIPLY, "MOD": MULTIPLY, "^": POWER,
    "||": CONCAT, "->": CONCAT, "->>": CONCAT, "AT": AT, "COLLATE": COLLATE, "::": CAST, ".": DOT,
}  # fmt: skip

_BOUNDARIES: Final = frozenset(
    {
        "SELECT", "DISTINCT", "ALL", "FROM", "WHERE", "ON", "USING", "WHEN", "THEN", "ELSE", "CASE", "SET", "VALUES",
        "BY", "HAVING", "LIMIT", "OFFSET", "RETURNING", "AS", "JOIN", "UNION", "INTERSECT", "EXCEPT", "INTO", "UPDATE",
        "DEFAULT", "CHECK", "GROUP", "ORDER", "ASC", "DESC", "NULLS", "LEFT", "RIGHT", "FULL", "INNER", "OUTER",
        "CROSS", "NATURAL", "WINDOW", "FOR", "FETCH", "END", "INSERT", "DELETE", "CREATE", "TABLE", "TO",
        "UNIQUE", "REFERENCES", "PRIMARY", "CONSTRAINT", "VALUE", "FILTER", "OVER", "ROWS", "RANGE", "GROUPS",
        "PRECEDING", "FOLLOWING", "LATERAL", "RETURN", "DO", "CONFLICT", "STORED", "VIRTUAL", "PARTITION", "WITH",
    }
)  # fmt: skip

_CALLABLE: Final = frozenset({"LEFT", "RIGHT", "REPLACE", "VALUES", "VALUE", "EXISTS", "CAST", "INSERT", "GROUPS"})
"""Reserved words that name a function when a bracket follows."""

_AFTER_CALL: Final = frozenset({"OVER", "FILTER"})

TYPED_LITERALS: Final = frozenset(
    {"DATE", "TIME", "TIMESTAMP", "TIMESTAMPTZ", "INTERVAL", "JSON", "JSONB", "UUID", "INT", "INTEGER", "FLOAT",
     "NUMERIC", "BOOLEAN", "BOOL", "BYTEA", "POINT", "INET", "TEXT", "ZONE", "BINARY"}
)  # fmt: skip
"""Words that make a typed literal with the string after them: ``DATE '2024-01-01'``."""

_TYPE_TAILS: Final = {
    "DOUBLE": ("PRECISION",),
    "CHARACTER": ("VARYING",),
    "CHAR": ("VARYING",),
    "NATIONAL": ("CHARACTER", "VARYING", "CHAR"),
    "BIT": ("VARYING",),
    "TIMESTAMP": ("WITH", "WITHOUT"),
    "TIME": ("WITH", "WITHOUT"),
    "INTERVAL": ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"),
}

_UNITS: Final = frozenset(
    {"MICROSECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR", "DAY_HOUR", "DAY_MINUTE",
     "DAY_SECOND", "HOUR_MINUTE", "HOUR_SECOND", "MINUTE_SECOND", "YEAR_MONTH"}
)  # fmt: skip


def level(token: Token) -> int | None:
    """The level of an operator; None for anything else."""
    if token.kind is Kind.WORD:
        return _LEVELS.get(token.key)
    if token.kind is not Kind.OP or token.key in ",;()[]{}:$\\":
        return None
    return _LEVELS.get(token.key, OTHER)


def is_name(statement: Statement, index: int) -> bool:
    """Tell whether a token can name a column, function or table: no operator, no keyword that ends an expression."""
    if not 0 <= index < len(statement.tokens):
        return False
    token = statement.tokens[index]
    if token.kind is Kind.WORD:
        return token.key not in _BOUNDARIES and token.key not in _LEVELS
    return token.kind is Kind.QUOTED


def left_operand(statement: Statement, index: int, at_least: int) -> int | None:
    """Index of the first token of the operand that ends before ``index``; None where there is none.

    Operators of level ``at_least`` and above belong to it: those binding as tightly are left-associative.
    """
    tokens = statement.tokens
    start: int | None = None
    i = index - 1
    while i >= 0:
        token = tokens[i]
        operator = level(token)
        if operator is not None and not (token.kind is Kind.WORD and _is_plain_name(statement, i)):
            if operator < at_least and not (_is_prefix(statement, i) and at_least <= UNARY and token.kind is Kind.OP):
                break
            if start is None and not (token.key == "*" and _is_star(statement, i)):
                break  # the text before the operator is no operand
            start = i
            i -= 1
            continue
        if start is not None and not _joins(statement, i, start):
            break
        begin = _primary_start(statement, i)
        if begin is None:
            break
        start = begin
        i = begin - 1
    return start


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
    end = _primary_end(statement, i)
    if end is None:
        return None
    while end < len(tokens):
        operator = level(tokens[end])
        if tokens[end].key == "NOT" and statement.key(end + 1) in {"LIKE", "ILIKE", "IN", "BETWEEN", "GLOB", "SIMILAR"}:
            operator, skip = LIKE, 2
        elif tokens[end].key == "AT" and statement.keys_at(end + 1, 2) == ("TIME", "ZONE"):
            operator, skip = AT, 3
        elif tokens[end].key == "IS":
            operator, skip = IS, 2 if statement.key(end + 1) == "NOT" else 1
        else:
            skip = 1
        if operator is None or operator <= above or tokens[end].key == "NOT" and skip == 1:
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


def type_end(statement: Statement, index: int) -> int:
    """Index after the type name that begins at ``index``: ``double precision``, ``numeric(10, 2)``, ``text[]``."""
    tokens = statement.tokens
    i = index + 1
    while statement.key(i) == "." and i + 1 < len(tokens):
        i += 2
    while i < len(tokens) and statement.key(i) in _TYPE_TAILS.get(tokens[i - 1].key, ()):
        if statement.key(i) in {"WITH", "WITHOUT"}:
            if statement.keys_at(i + 1, 2) != ("TIME", "ZONE"):
                break
            i += 3
        else:
            i += 1
    if statement.key(i) == "(" and i in statement.partner:
        i = statement.partner[i] + 1
        if statement.key(i) in {"WITH", "WITHOUT"} and statement.keys_at(i + 1, 2) == ("TIME", "ZONE"):
            i += 3
    while statement.key(i) == "[" and i in statement.partner:
        i = statement.partner[i] + 1
    return i


def _primary_end(statement: Statement, index: int) -> int | None:
    tokens = statement.tokens
    if index >= len(tokens):
        return None
    token = tokens[index]
    if token.kind is Kind.OP:
        if token.key != "(" or index not in statement.partner:
            return index + 1 if token.key == "*" else None
        end = statement.partner[index] + 1
    elif token.key == "CASE" and token.kind is Kind.WORD:
        end = _case_end(statement, index)
    elif token.key in {"ARRAY", "ROW"} and statement.key(index + 1) in {"[", "("} and index + 1 in statement.partner:
        end = statement.partner[index + 1] + 1
    elif token.kind is Kind.WORD and not _is_plain_name(statement, index):
        if token.key == "EXISTS" or not (token.key in _CALLABLE and statement.key(index + 1) == "("):
            return None
        end = index + 1
    else:
        end = index + 1
    if token.key in TYPED_LITERALS and token.kind is Kind.WORD:
        end = _typed_literal_end(statement, index, end)
    return _postfix_end(statement, end)


def _typed_literal_end(statement: Statement, index: int, end: int) -> int:
    tokens = statement.tokens
    i = type_end(statement, index)
    if i < len(tokens) and tokens[i].kind in (Kind.STRING, Kind.PREFIXED):
        i += 1
        if tokens[index].key == "INTERVAL" and statement.key(i) in _UNITS:
            i += 1
            if statement.key(i) == "TO":
                i += 2
        return i
    if tokens[index].key == "INTERVAL" and index + 1 < len(tokens):
        number = right_operand(statement, index + 1, UNARY)
        if number is not None and statement.key(number) in _UNITS:
            return number + 1
    return end


def _postfix_end(statement: Statement, end: int) -> int:
    tokens = statement.tokens
    while end < len(tokens):
        key = tokens[end].key
        if key in {"(", "["} and tokens[end].kind is Kind.OP and end in statement.partner:
            end = statement.partner[end] + 1
        elif key == ".":
            end += 2
        elif key == "::":
            end = type_end(statement, end + 1)
        elif key in _AFTER_CALL and statement.key(end + 1) == "(" and end + 1 in statement.partner:
            end = statement.partner[end + 1] + 1
        elif key == "OVER" and tokens[end - 1].key == ")":
            end += 2
        elif statement.keys_at(end, 3) == ("WITHIN", "GROUP", "(") and end + 2 in statement.partner:
            end = statement.partner[end + 2] + 1
        else:
            break
    return min(end, len(tokens))


def _case_end(statement: Statement, index: int) -> int:
    depth = 0
    for i in range(index, len(statement.tokens)):
        token = statement.tokens[i]
        if token.kind is Kind.WORD:
            depth += (token.key == "CASE") - (token.key == "END")
            if depth == 0:
                return i + 1
    return len(statement.tokens)


def _primary_start(statement: Statement, index: int) -> int | None:
    """Index of the first token of the primary whose last token is at ``index``."""
    tokens = statement.tokens
    token = tokens[index]
    if "::" in statement.keys:
        for cast in range(index - 1, max(index - 8, -1), -1):
            if tokens[cast].key == "::" and type_end(statement, cast + 1) == index + 1:
                return cast + 1
    if token.kind is Kind.OP:
        if token.key in {")", "]"}:
            return statement.partner.get(index)
        return None
    if token.kind is Kind.WORD and token.key == "END":
        depth = 0
        for i in range(index, -1, -1):
            if tokens[i].kind is Kind.WORD:
                depth += (tokens[i].key == "END") - (tokens[i].key == "CASE")
                if depth == 0:
                    return i
        return None
    if token.kind is Kind.WORD and not _is_plain_name(statement, index):
        callable_here = statement.key(index + 1) == "(" and token.key in _CALLABLE | _AFTER_CALL
        return index if callable_here else None
    return None if token.kind is Kind.ERROR else index


def _is_plain_name(statement: Statement, index: int) -> bool:
    token = statement.tokens[index]
    if statement.key(index - 1) == "." or token.key == "NULL":
        return True
    if token.key in {"LEFT", "RIGHT", "REPLACE", "MOD", "VALUES", "REGEXP", "GLOB", "LIKE", "MATCH"}:
        if statement.key(index + 1) != "(" or index + 1 not in statement.partner:
            return False
        return index == 0 or level(statement.tokens[index - 1]) is not None or statement.key(index - 1) in _STARTERS
    return token.key not in _BOUNDARIES and token.key not in _LEVELS


_STARTERS: Final = frozenset({"(", ",", "[", "SELECT", "DISTINCT", "WHERE", "WHEN", "THEN", "ELSE", "CASE", "BY", "ON"})


def _is_prefix(statement: Statement, index: int) -> bool:
    """Tell whether the + or - at ``index`` is a sign."""
    if statement.key(index) not in {"-", "+", "~", "@"}:
        return False
    if index == 0:
        return True
    before = statement.tokens[index - 1]
    if before.kind is Kind.OP:
        return before.key not in {")", "]"}
    return before.kind is Kind.WORD and not _is_plain_name(statement, index - 1) and before.key != "END"


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
            return before.key in _CALLABLE | _AFTER_CALL | {"ARRAY", "ROW"} or _is_plain_name(statement, index)
        return before.kind is Kind.QUOTED
    if first.kind is Kind.OP and first.key == "[":
        return True
    if first.kind in (Kind.STRING, Kind.PREFIXED):
        return before.kind is Kind.WORD and before.key in TYPED_LITERALS
    if first.kind is Kind.WORD and first.key in _AFTER_CALL:
        return before.key == ")"
    if first.kind is Kind.WORD and first.key in _UNITS:
        return before.kind in (Kind.NUMBER, Kind.STRING, Kind.PARAM)
    if first.kind in (Kind.NUMBER, Kind.PARAM):
        return before.key == "INTERVAL"
    return first.kind is Kind.WORD and first.key in _TYPE_TAILS.get(before.key, ())


def _is_plain_name_or_value(statement: Statement, index: int) -> bool:
    token = statement.tokens[index]
    return token.kind is not Kind.OP and (token.kind is not Kind.WORD or _is_plain_name(statement, index))
