"""Names, literals, types and calls: the operands without an operator, found on tokens."""

from __future__ import annotations

from typing import Final

from sqlite_lint.sql.statement import Statement
from sqlite_lint.sql.tokens import Kind, Token

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

CALLABLE: Final = frozenset({"LEFT", "RIGHT", "REPLACE", "VALUES", "VALUE", "EXISTS", "CAST", "INSERT", "GROUPS"})
"""Reserved words that name a function when a bracket follows."""

AFTER_CALL: Final = frozenset({"OVER", "FILTER"})

TYPED_LITERALS: Final = frozenset(
    {"DATE", "TIME", "TIMESTAMP", "TIMESTAMPTZ", "INTERVAL", "JSON", "JSONB", "UUID", "INT", "INTEGER", "FLOAT",
     "NUMERIC", "BOOLEAN", "BOOL", "BYTEA", "POINT", "INET", "TEXT", "ZONE", "BINARY"}
)  # fmt: skip
"""Words that make a typed literal with the string after them: ``DATE '2024-01-01'``."""

TYPE_TAILS: Final = {
    "DOUBLE": ("PRECISION",),
    "CHARACTER": ("VARYING",),
    "CHAR": ("VARYING",),
    "NATIONAL": ("CHARACTER", "VARYING", "CHAR"),
    "BIT": ("VARYING",),
    "TIMESTAMP": ("WITH", "WITHOUT"),
    "TIME": ("WITH", "WITHOUT"),
    "INTERVAL": ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"),
}

UNITS: Final = frozenset(
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


def level_of(key: str) -> int | None:
    """The level of the operator that is written as ``key``; None for other words and for punctuation."""
    if key in _LEVELS:
        return _LEVELS[key]
    return None if key[0].isalnum() or key[0] in "_'\",;()[]{}:$\\" else OTHER


def is_name(statement: Statement, index: int) -> bool:
    """Tell whether a token can name a column, function or table: no operator, no keyword that ends an expression."""
    if not 0 <= index < len(statement.tokens):
        return False
    token = statement.tokens[index]
    if token.kind is Kind.WORD:
        if token.key == "VALUE":  # MySQL's VALUE (...) begins the rows of an INSERT
            return statement.key(index + 1) != "("
        if token.key == "AT":
            return statement.keys_at(index + 1, 2) != ("TIME", "ZONE")
        return token.key not in _BOUNDARIES and token.key not in _LEVELS
    return token.kind is Kind.QUOTED


def type_end(statement: Statement, index: int) -> int:
    """Index after the type name that begins at ``index``: ``double precision``, ``numeric(10, 2)``, ``text[]``."""
    tokens = statement.tokens
    i = index + 1
    while statement.key(i) == "." and i + 1 < len(tokens):
        i += 2
    while i < len(tokens) and statement.key(i) in TYPE_TAILS.get(tokens[i - 1].key, ()):
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


def primary_end(statement: Statement, index: int) -> int | None:
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
    elif token.kind is Kind.WORD and not is_plain_name(statement, index):
        if token.key == "EXISTS" or not (token.key in CALLABLE and statement.key(index + 1) == "("):
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
        if tokens[index].key == "INTERVAL" and statement.key(i) in UNITS:
            i += 1
            if statement.key(i) == "TO":
                i += 2
        return i
    if tokens[index].key == "INTERVAL":
        return _interval_end(statement, index) or end
    return end


def _interval_end(statement: Statement, index: int) -> int | None:
    """Index after MySQL's ``INTERVAL n DAY``, whose number may be an expression."""
    i = index + 1
    while i < len(statement.tokens) and statement.key(i) not in _BOUNDARIES | {",", ")", ";"}:
        if statement.key(i) in UNITS:
            return i + 1 if i > index + 1 else None
        i = statement.partner.get(i, i) + 1
    return None


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
        elif key in AFTER_CALL and statement.key(end + 1) == "(" and end + 1 in statement.partner:
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


def primary_start(statement: Statement, index: int) -> int | None:
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
    if token.kind is Kind.WORD and token.key == "ZONE" and statement.keys_at(index - 1, 1) == ("TIME",):
        return max(index - 3, 0)
    if token.kind is Kind.WORD and token.key == "END":
        depth = 0
        for i in range(index, -1, -1):
            if tokens[i].kind is Kind.WORD:
                depth += (tokens[i].key == "END") - (tokens[i].key == "CASE")
                if depth == 0:
                    return i
        return None
    if token.kind is Kind.WORD and not is_plain_name(statement, index):
        callable_here = statement.key(index + 1) == "(" and token.key in CALLABLE | AFTER_CALL
        return index if callable_here else None
    return None if token.kind is Kind.ERROR else index


def is_plain_name(statement: Statement, index: int) -> bool:
    token = statement.tokens[index]
    if statement.key(index - 1) == "." or token.key == "NULL":
        return True
    if token.key == "AT":
        return statement.keys_at(index + 1, 2) != ("TIME", "ZONE")
    if token.key in {"LEFT", "RIGHT", "REPLACE", "MOD", "VALUES", "REGEXP", "GLOB", "LIKE", "MATCH"}:
        if statement.key(index + 1) != "(" or index + 1 not in statement.partner:
            return False
        return index == 0 or level(statement.tokens[index - 1]) is not None or statement.key(index - 1) in _STARTERS
    if token.key == "VALUE":
        return statement.key(index + 1) != "("
    return token.key not in _BOUNDARIES and token.key not in _LEVELS


_STARTERS: Final = frozenset({"(", ",", "[", "SELECT", "DISTINCT", "WHERE", "WHEN", "THEN", "ELSE", "CASE", "BY", "ON"})
