"""SQL421: names of types that json_type() and typeof() never give (https://sqlite.org/json1.html#jtype)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.comparison import Comparison, Form, Range, comparisons
from sqlite_lint.sql.scope import scope_of
from sqlite_lint.sql.value import Source, value_of
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_COMMON: Final = {
    **dict.fromkeys(("string", "str", "varchar", "char", "character varying"), ("text",)),
    **dict.fromkeys(("int", "bigint", "smallint", "unsigned integer", "long", "int64"), ("integer",)),
    **dict.fromkeys(("double", "float", "double precision", "decimal", "float64"), ("real",)),
    **dict.fromkeys(("number", "numeric"), ("integer", "real")),
    **dict.fromkeys(("none", "nonetype", "nil", "undefined"), ("null",)),
}


class _Names(NamedTuple):
    """What a function gives, and what other names for it mean."""

    given: frozenset[str]
    meant: Mapping[str, tuple[str, ...]]


_JSON: Final = _Names(
    frozenset({"null", "true", "false", "integer", "real", "text", "array", "object"}),
    {
        **_COMMON,
        **dict.fromkeys(("boolean", "bool"), ("true", "false")),
        **dict.fromkeys(("list", "tuple"), ("array",)),
        **dict.fromkeys(("dict", "map", "hash", "record"), ("object",)),
    },
)
_STORED: Final = _Names(
    frozenset({"null", "integer", "real", "text", "blob"}),
    {
        **_COMMON,
        **dict.fromkeys(("boolean", "bool"), ("integer",)),
        **dict.fromkeys(("bytes", "bytea", "binary", "varbinary"), ("blob",)),
    },
)
_CALLS: Final = {"JSON_TYPE": _JSON, "TYPEOF": _STORED}
_TABLES: Final = frozenset({"json_each", "json_tree"})


def check(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``json_type(data, '$.name') = 'string'``: it is 'text'."""
    for comparison in comparisons(statement):
        if comparison.ordering or comparison.form is Form.BETWEEN:
            continue
        names = _names_of(statement, comparison.subject)
        if names is not None:
            yield from _unknown(statement, comparison, names, comparison.others)
        elif comparison.form in (Form.OPERATOR, Form.IS):
            names = _names_of(statement, comparison.others[0])
            if names is not None:
                yield from _unknown(statement, comparison, names, (comparison.subject,))


def _names_of(statement: Statement, operand: Range) -> _Names | None:
    value = value_of(statement, operand)
    first, end = value.at
    if value.source is Source.COLUMN and statement.tokens[end - 1].name == "type":
        return _JSON if scope_of(statement).function_of(value.at) in _TABLES else None
    names = _CALLS.get(statement.key(first))
    return names if statement.key(first + 1) == "(" and statement.partner.get(first + 1) == end - 1 else None


def _unknown(statement: Statement, comparison: Comparison, names: _Names, operands: tuple[Range, ...]) -> Iterator[Hit]:
    literals = [v for operand in operands if (v := value_of(statement, operand)).source is Source.TEXT]
    texts = [statement.tokens[value.at.first].value for value in literals]
    if comparison.form is Form.IN and not names.given.isdisjoint(texts):
        return  # the names of several engines side by side
    for value, text in zip(literals, texts, strict=True):
        index = value.at.first
        if text in names.given or statement.tokens[index].has_hole:
            continue
        lower = text.lower()
        meant = (lower,) if lower in names.given else names.meant.get(lower, ())
        shown = " or ".join(f"'{name}'" for name in meant) or ", ".join(sorted(names.given))
        call = " ".join(statement.text_of(*_call(comparison, operands)).split())
        values = {"text": f"'{text}'", "call": call if len(call) <= 40 else call.partition("(")[0], "meant": shown}
        yield Hit(statement.span_of(index, index), values, fix=_fix(statement, comparison, index, meant))


def _call(comparison: Comparison, operands: tuple[Range, ...]) -> Range:
    return comparison.others[0] if operands == (comparison.subject,) else comparison.subject


def _fix(statement: Statement, comparison: Comparison, index: int, meant: tuple[str, ...]) -> SqlFix | None:
    span = statement.span_of(index, index)
    shown = ", ".join(f"'{name}'" for name in meant)
    anchor = statement.tokens[comparison.anchor]
    is_equal = anchor.key in {"=", "==", "IN"}
    trust = Applicability.SAFE if is_equal else Applicability.UNSAFE
    if not meant:
        return None
    if len(meant) == 1 or comparison.form is Form.IN:
        return SqlFix(f"Write {shown}", ((span, shown),), trust)
    if comparison.form is not Form.OPERATOR or index < comparison.anchor:
        return None
    before = "" if statement.text[anchor.start - 1].isspace() else " "
    after = "" if statement.text[anchor.end].isspace() else " "
    word = "IN" if is_equal else "NOT IN"
    edits = ((Span(anchor.start, anchor.end), before + word + after), (span, f"({shown})"))
    return SqlFix(f"Write {word} ({shown})", edits, trust)
