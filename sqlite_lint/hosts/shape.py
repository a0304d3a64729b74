"""Tells SQL from English and statements from fragments, by the shape of the tokens.

"Select an item from the list" is a valid statement of SQL.  A string that no sink takes counts only where its shape
leaves no doubt.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from sqlite_lint.hosts.words import ALTERATIONS, CLAUSE_WORDS, CREATE_WORDS, ENGLISH, IN_LISTS, KEYWORDS, OBJECTS, PLAIN
from sqlite_lint.regex import regex
from sqlite_lint.sql.tokens import HOLE, Kind, Token, tokenize

_LOOK: Final = 2000  # characters that are looked at: the shape shows at the beginning
VERBS: Final = frozenset(
    [
        *("SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH", "VALUES", "CREATE", "ALTER", "DROP", "PRAGMA"),
        *("EXPLAIN", "BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE", "VACUUM", "ANALYZE", "REINDEX"),
        *("ATTACH", "DETACH", "TRUNCATE", "MERGE", "GRANT", "REVOKE", "SET", "SHOW", "COPY", "LOCK", "UNLOCK", "CALL"),
        *("DO", "COMMENT", "REFRESH", "DESCRIBE", "DESC", "USE", "DECLARE", "EXEC", "EXECUTE", "LISTEN", "NOTIFY"),
        *("START", "ABORT", "DISCARD", "RESET", "RENAME", "UPSERT", "OPTIMIZE", "KILL", "CLUSTER", "FETCH", "TABLE"),
    ]
)
_OPENING: Final = regex(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/|\()*"
    r"(select|insert|update|delete|replace|with|create|alter|drop|pragma|explain|truncate|merge|attach)\b",
    re.IGNORECASE | re.DOTALL,
)


def first_word(sql: str) -> str:
    """The first token's key, comments and opening brackets aside; "" for an empty text."""
    for token in tokenize(sql, 0, min(len(sql), _LOOK)):
        if token.kind is not Kind.COMMENT and token.key not in ("(", ";"):
            return token.key
    return ""


def opens_statement(sql: str) -> bool:
    """Tell whether a text that is known to be SQL is a statement rather than part of one."""
    word = first_word(sql)
    return word in VERBS or not word


def is_plain_verb(sql: str) -> bool:
    """Tell whether a text begins with a keyword that hardly any other language begins with."""
    return first_word(sql) in PLAIN


def is_statement(sql: str) -> bool:
    """Tell whether a text of unknown purpose is SQL beyond doubt, with its beginning."""
    opening = _OPENING.match(sql)
    if opening is None:
        return False
    text = sql[opening.start(1) : opening.start(1) + _LOOK]
    tokens = [token for token in tokenize(text) if token.kind is not Kind.COMMENT]
    if len(sql) <= _LOOK and (tokens[-1].key in (":", ".", "...", "!") or sql.rstrip().endswith("...")):
        return False
    verb = opening.group(1)
    if verb.upper() != "CREATE" and not _goes_on(tokens):
        return False
    shape = _SHAPES[verb.upper()]
    return shape(tokens, verb.isupper())


def _goes_on(tokens: list[Token]) -> bool:
    """Tell whether what follows a semicolon can be a statement: ``TRUNCATE TABLE name; empties a table`` is prose."""
    end = next((index for index, token in enumerate(tokens) if token.key == ";"), None)
    after = tokens[end + 1] if end is not None and end + 1 < len(tokens) else None
    return after is None or after.kind is not Kind.WORD or after.key in VERBS or after.key in KEYWORDS


def _key(tokens: list[Token], index: int) -> str:
    return tokens[index].key if 0 <= index < len(tokens) else ""


def _is_name(tokens: list[Token], index: int) -> bool:
    return index < len(tokens) and tokens[index].kind in (Kind.WORD, Kind.QUOTED, Kind.HOLE, Kind.PARAM)


def _after_name(tokens: list[Token], index: int) -> int:
    """The index after a name that may be qualified: ``main.users``, ``{schema}.{table}``."""
    if not _is_name(tokens, index):
        return -1
    index += 1
    while _key(tokens, index) == "." and _is_name(tokens, index + 1):
        index += 2
    while index < len(tokens) and tokens[index].start == tokens[index - 1].end and tokens[index].has_hole:
        index += 1
    return index


def _english(tokens: list[Token], upper: bool) -> bool:
    """Tell whether the words read like a sentence."""
    if any(token.kind is Kind.ERROR for token in tokens[:60]):
        return True
    if upper and all(token.text.isupper() for token in tokens if token.key in ("FROM", "INTO", "SET")):
        return False
    # "a" is an alias in ``from t a where`` and ``a.id``, and an article before a noun.
    return any(
        token.key in ENGLISH and after.kind is Kind.WORD and after.key not in KEYWORDS
        for token, after in pairwise(tokens[:40])
    )


def _select(tokens: list[Token], upper: bool) -> bool:
    if _english(tokens, upper):
        return False
    depth = 0
    for index, token in enumerate(tokens):
        if token.key in ("(", ")"):
            depth += 1 if token.key == "(" else -1
        elif token.key == "FROM" and depth == 0 and index > 1:
            return _selects_from(tokens, index, upper)
    nothing_else = (
        len(tokens) > 2 and tokens[1].kind is Kind.WORD and _key(tokens, 2) == "(" and tokens[1].end == tokens[2].start
    )
    constant = len(tokens) == 2 and tokens[1].kind in (Kind.NUMBER, Kind.STRING, Kind.PARAM)
    return upper and (nothing_else or constant)


def _selects_from(tokens: list[Token], at: int, upper: bool) -> bool:
    source = tokens[at + 1] if at + 1 < len(tokens) else None
    if source is not None and source.key != "(" and _after_name(tokens, at + 1) < 0:
        return False
    if not _is_list(tokens[1:at]):
        return False
    consistent = upper and tokens[at].text == "FROM"
    signs = {token.key for token in tokens}
    words = {token.key for token in tokens[at:]}
    hard = bool(signs & {"*", "=", "?", "(", "||"}) or ("," in signs and ("WHERE" in words or "JOIN" in words))
    return (
        consistent
        or (hard and not upper and tokens[at].text == "from")
        or bool(hard and words & {"WHERE", "JOIN", "LIMIT"})
    )


def _is_list(tokens: list[Token]) -> bool:
    """Tell whether the tokens can be the list of results: names are separated, an alias at most follows."""
    run = 0
    for token in tokens:
        plain = token.kind in (Kind.WORD, Kind.QUOTED) and token.key not in IN_LISTS
        run = run + 1 if plain else 0
        if run > 2:
            return False
    return True


def _insert(tokens: list[Token], upper: bool) -> bool:
    at = 1
    if _key(tokens, at) == "OR":
        at += 2
    elif _key(tokens, at) in ("IGNORE", "OVERWRITE"):
        at += 1
    if _key(tokens, at) == "OVERWRITE":
        at += 1
    if _key(tokens, at) != "INTO":
        return False
    after = _after_name(tokens, at + 1)
    if after < 0:
        return False
    return _key(tokens, after) in ("(", "VALUES", "SELECT", "DEFAULT", "AS", "SET", "WITH", "VALUE") and not _english(
        tokens[:after], upper
    )


def _replace(tokens: list[Token], upper: bool) -> bool:
    return _key(tokens, 1) == "INTO" and _insert(tokens, upper)


def _update(tokens: list[Token], upper: bool) -> bool:
    at = 3 if _key(tokens, 1) == "OR" else 1
    after = _after_name(tokens, at)
    if after < 0:
        return False
    if _is_name(tokens, after) and _key(tokens, after) != "SET":
        after += 2 if _key(tokens, after) == "AS" else 1
    if _key(tokens, after) != "SET":
        return False
    if _key(tokens, after + 1) == "(":
        return True
    target = _after_name(tokens, after + 1)
    if target < 0:
        return False
    if _key(tokens, target) == "=":
        return True
    hole = all(token.has_hole for token in tokens[after + 1 : target])
    return upper and hole and _key(tokens, target) in ("", "WHERE", ",")


def _delete(tokens: list[Token], upper: bool) -> bool:
    if _key(tokens, 1) != "FROM":
        return False
    after = _after_name(tokens, 2)
    if after < 0:
        return False
    follows = _key(tokens, after)
    if follows == "WHERE":
        return _after_name(tokens, after + 1) > 0 or _key(tokens, after + 1) in ("(", "") or upper
    return upper and tokens[1].text == "FROM" and follows in ("", ";", "AS", "USING", "RETURNING")


def _create(tokens: list[Token], upper: bool) -> bool:
    at = 1
    while _key(tokens, at) in CREATE_WORDS:
        at += 1
    kind = _key(tokens, at)
    if kind not in OBJECTS:
        return False
    at += 1
    if _key(tokens, at) == "CONCURRENTLY":
        at += 1
    exists = _key(tokens, at) == "IF"
    if exists:
        at += 3
    after = _after_name(tokens, at)
    if after < 0:
        return upper and exists
    follows = _key(tokens, after)
    if follows in ("(", "AS", "USING", "ON", "BEFORE", "AFTER", "INSTEAD", "FOR"):
        return (
            follows in ("(", "USING")
            or upper
            or _key(tokens, after + 1) in ("SELECT", "(", "INSERT", "UPDATE", "DELETE")
        )
    return (
        upper
        and (exists or kind in ("EXTENSION", "SCHEMA", "SEQUENCE"))
        and follows in ("", ";", "WITH", "AUTHORIZATION")
    )


def _alter(tokens: list[Token], upper: bool) -> bool:
    at = 2
    if _key(tokens, 1) not in ("TABLE", "INDEX", "SEQUENCE", "TYPE", "VIEW", "COLUMN"):
        return False
    if _key(tokens, at) == "IF":
        at += 2
    if _key(tokens, at) == "ONLY":
        at += 1
    after = _after_name(tokens, at)
    if after < 0 or _key(tokens, after) not in ALTERATIONS:
        return False
    return upper or _key(tokens, after + 1) in ("COLUMN", "CONSTRAINT", "TO", "PRIMARY", "INDEX")


def _drop(tokens: list[Token], upper: bool) -> bool:
    if not upper or _key(tokens, 1) not in OBJECTS | {"MATERIALIZED"}:
        return False
    at = 3 if _key(tokens, 1) == "MATERIALIZED" else 2
    exists = _key(tokens, at) == "IF" and _key(tokens, at + 1) == "EXISTS"
    after = _after_name(tokens, at + 2 if exists else at)
    return after > 0 and _key(tokens, after) in ("", ";", "CASCADE", "RESTRICT", ",")


def _pragma(tokens: list[Token], upper: bool) -> bool:
    after = _after_name(tokens, 1)
    if after < 0:
        return False
    follows = _key(tokens, after)
    return follows in ("=", "(") or (upper and follows in ("", ";"))


def _with(tokens: list[Token], upper: bool) -> bool:
    at = 2 if _key(tokens, 1) == "RECURSIVE" else 1
    if not _is_name(tokens, at):
        return False
    at += 1
    if _key(tokens, at) == "(":
        while at < len(tokens) and tokens[at].key != ")":
            at += 1
        at += 1
    if _key(tokens, at) != "AS":
        return False
    at += 1
    while _key(tokens, at) in ("NOT", "MATERIALIZED"):
        at += 1
    return _key(tokens, at) == "(" and (
        at + 1 >= len(tokens) or _key(tokens, at + 1) in VERBS or tokens[at + 1].has_hole
    )


def _explain(tokens: list[Token], upper: bool) -> bool:
    at = 3 if _key(tokens, 1) == "QUERY" else 1
    rest = tokens[at:]
    shape = _SHAPES.get(_key(tokens, at))
    return upper and shape is not None and shape is not _explain and shape(rest, rest[0].text.isupper())


def _truncate(tokens: list[Token], upper: bool) -> bool:
    return upper and _key(tokens, 1) == "TABLE" and _after_name(tokens, 2) > 0


def _merge(tokens: list[Token], upper: bool) -> bool:
    return _key(tokens, 1) == "INTO" and "USING" in {token.key for token in tokens}


def _attach(tokens: list[Token], upper: bool) -> bool:
    return upper and "AS" in {token.key for token in tokens} and len(tokens) < 8


_SHAPES: Final = {
    "SELECT": _select,
    "INSERT": _insert,
    "UPDATE": _update,
    "DELETE": _delete,
    "REPLACE": _replace,
    "WITH": _with,
    "CREATE": _create,
    "ALTER": _alter,
    "DROP": _drop,
    "PRAGMA": _pragma,
    "EXPLAIN": _explain,
    "TRUNCATE": _truncate,
    "MERGE": _merge,
    "ATTACH": _attach,
}


def is_expression(sql: str) -> bool:
    """Tell whether a text can be an expression with a function or an operator in it."""
    tokens = [token for token in tokenize(sql, 0, min(len(sql), _LOOK)) if token.kind is not Kind.COMMENT]
    calls = any(
        name.kind is Kind.WORD and bracket.key == "(" and name.end == bracket.start
        for name, bracket in pairwise(tokens)
    )
    return (calls and tokens[-1].key == ")") or is_fragment(sql)


def is_fragment(sql: str) -> bool:
    """Tell whether a text that goes into a statement can be a condition or clause, not a mere name or value."""
    tokens = tokenize(sql, 0, min(len(sql), _LOOK))
    plain = [token for token in tokens if token.kind is not Kind.COMMENT]
    if len(plain) < 3 or any(token.kind is Kind.ERROR for token in plain):
        return False
    words = {token.key for token in plain if token.kind is Kind.WORD}
    signs = {token.key for token in plain}
    return bool(words & CLAUSE_WORDS) or bool(signs & {"=", "<", ">", "<=", ">=", "!=", "<>", "::", "||"})


__all__ = ["HOLE", "VERBS", "first_word", "is_fragment", "is_statement", "opens_statement"]
