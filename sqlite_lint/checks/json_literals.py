"""SQL427, SQL428: paths and JSON that stand in the SQL and that SQLite refuses when the statement runs.

The engine takes both when it prepares a statement, for it reads them only with a row in its hand
(https://sqlite.org/json1.html#path_arguments).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.checks.cut import mark
from sqlite_lint.regex import regex
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.operand import left_operand
from sqlite_lint.sql.primary import CONCAT
from sqlite_lint.sql.tokens import Kind

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_STEP: Final = r'\."[^"]*"|\.[^.\["][^.\[]*|\[(?:[0-9]+|#(?:-[0-9]+)?)\]'
_PATH: Final = regex(rf"\$(?:{_STEP})*", re.DOTALL)
_WILDCARD: Final = regex(r"\.\*(?=[.\[]|\Z)|\[\*\]|\*\*")
_PLAIN: Final = regex(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[[0-9]+\])*")
_LAST: Final = regex(r"\[last(?:\s*-\s*(\d+))?\]")
_EVERY_PATH: Final = slice(1, None)
_FIRST_PATH: Final = slice(1, 2)
_PATHS: Final = {
    "EXTRACT": _EVERY_PATH, "REMOVE": _EVERY_PATH, "TYPE": _FIRST_PATH, "ARRAY_LENGTH": _FIRST_PATH,
    "EACH": _FIRST_PATH, "TREE": _FIRST_PATH, "SET": slice(1, None, 2), "INSERT": slice(1, None, 2),
    "REPLACE": slice(1, None, 2),
}  # fmt: skip
"""By the name of a function behind JSON_ or JSONB_: which of its arguments are paths."""
_DOCUMENTS: Final = {**dict.fromkeys(_PATHS, slice(1)), "PATCH": slice(2), "": slice(1)}
"""Which of its arguments are JSON; "" is json() itself."""
_OF_POSTGRES: Final = frozenset({"JSONB_SET", "JSONB_INSERT", "JSONB_SET_LAX"})  # SQL212 mends their paths '{a,b}'
_CALL: Final = regex(r"JSONB?(?:_(?P<name>\w+))?")
_ARROWS: Final = ("->", "->>")
_JSON5_SINCE: Final = (3, 42)
_BEGINS_JSON5: Final = regex(r"""\s*(?:[{\["'+\-.0-9/]|true\b|false\b|null\b|nan\b|inf)""", re.IGNORECASE)

_NO_ROOT: Final = "a path begins with $: SQLite refuses {text} as soon as there is a row"
_NO_WILDCARD: Final = "SQLite's paths have no wildcards: {text} finds nothing, or is refused as soon as there is a row"
_NO_PATH: Final = "{text} is no path to SQLite, which refuses it as soon as there is a row"


def paths(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``json_extract(data, 'name')``, ``data ->> '$.tags[*]'``."""
    is_postgres = not statement.keys.isdisjoint(_OF_POSTGRES)
    for index in _literals(statement, _PATHS):
        token = statement.tokens[index]
        if not token.has_hole and not (is_postgres and token.value.startswith("{")):
            yield from _path_hit(statement, index)
    for index in _right_of_arrows(statement):
        token = statement.tokens[index]
        if token.kind is Kind.STRING and not token.has_hole and token.value.startswith("$"):
            yield from _path_hit(statement, index)


def _path_hit(statement: Statement, index: int) -> Iterator[Hit]:
    token = statement.tokens[index]
    path = token.value
    if _WILDCARD.search(re.sub(r'"[^"]*"', "", path)):
        yield mark(statement, index, index + 1)._replace(message=_NO_WILDCARD)
    elif not _PATH.fullmatch(path):
        mended = _LAST.sub(lambda found: f"[#-{int(found[1] or 0) + 1}]", path)
        mended = f"$.{mended}" if _PLAIN.fullmatch(mended) else mended
        message = _NO_PATH if path.startswith("$") else _NO_ROOT
        fix = None
        if mended != path and _PATH.fullmatch(mended):
            fix = SqlFix(f"Write `'{mended}'`", ((statement.span_of(index, index), f"'{mended}'"),))
        yield mark(statement, index, index + 1, fix)._replace(message=message)


def documents(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``json('{a: 1}')``."""
    is_wanted = context.use.expects_error
    found = [] if is_wanted else [*_literals(statement, _DOCUMENTS), *_left_of_arrows(statement)]
    for index in found:
        token = statement.tokens[index]
        if not token.has_hole and not _is_json(token.value, context.target):
            yield mark(statement, index, index + 1)


def _is_json(text: str, target: tuple[int, int]) -> bool:
    """Tell whether SQLite takes the text; JSON5, which it takes since 3.42, is known by its first letter only."""
    try:
        json.loads(text)
    except ValueError:
        return target >= _JSON5_SINCE and _BEGINS_JSON5.match(text) is not None
    except RecursionError:
        return True
    return True


def _literals(statement: Statement, places: dict[str, slice]) -> Iterator[int]:
    """The indexes of string literals that are such arguments of JSON functions."""
    for i, token in enumerate(statement.tokens):
        if token.kind is not Kind.WORD or not token.key.startswith("JSON") or statement.key(i + 1) != "(":
            continue
        call = _CALL.fullmatch(token.key)
        place = None if call is None else places.get(call["name"] or "")
        if place is None or statement.key(i - 1) in {"TABLE", "INTO", "."}:
            continue
        for first, end in statement.arguments(i + 1)[place]:
            if end == first + 1 and statement.tokens[first].kind is Kind.STRING:
                yield first


def _right_of_arrows(statement: Statement) -> Iterator[int]:
    for arrow in _ARROWS:
        yield from (i + 1 for i in statement.find(arrow) if i + 1 < len(statement.tokens))


def _left_of_arrows(statement: Statement) -> Iterator[int]:
    for arrow in _ARROWS:
        for i in statement.find(arrow):
            if i and statement.tokens[i - 1].kind is Kind.STRING and left_operand(statement, i, CONCAT) == i - 1:
                yield i - 1
