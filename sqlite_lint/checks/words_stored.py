"""SQL478: the words 'true' and 'false' written to a BOOLEAN column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.checks.bound import Bound
from sqlite_lint.checks.cut import mark
from sqlite_lint.checks.written import writes
from sqlite_lint.regex import regex
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.value import Source, value_of
from sqlite_lint.text import Applicability

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_BOOLEAN: Final = regex(r"BOOL(?:EAN)?", re.IGNORECASE)
_WORDS: Final = {**dict.fromkeys(("true", "t", "yes", "y", "on"), "TRUE"),
                 **dict.fromkeys(("false", "f", "no", "n", "off"), "FALSE")}  # fmt: skip


def check(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``INSERT INTO t (active) VALUES ('true')``: stores a text, which is not true."""
    if not context.schema:
        return
    params = context.use.params
    bound = Bound(statement, params)
    for (table, name), operand in writes(statement, context.schema):
        value = value_of(statement, operand)
        token = statement.tokens[value.at.first]
        is_param = value.source is Source.PARAM
        if not is_param and (value.source is not Source.TEXT or token.has_hole):
            continue
        text = params.texts.get(bound.key(value.at.first), "") if is_param else token.value
        word = _WORDS.get(text.strip().lower())
        columns = context.schema.column(table, name)
        if word is None or not columns or not all(_BOOLEAN.fullmatch(c.declared.strip()) for c in columns):
            continue
        edits = ((statement.span_of(value.at.first, value.at.first), word),)
        fix = None if is_param else SqlFix(f"Write {word}", edits, Applicability.UNSAFE)
        hit = mark(statement, *value.at, fix, "bind True or False" if is_param else None)
        yield hit._replace(values={"text": f"'{text}'", "column": name})
