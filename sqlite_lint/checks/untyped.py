"""SQL404 to SQL411: numbers, texts, booleans and dates that SQLite does not convert as another engine does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.checks.bound import Bound
from sqlite_lint.checks.cut import mark
from sqlite_lint.hosts.model import ValueType
from sqlite_lint.regex import regex
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.comparison import Comparison, Form, Range, comparisons
from sqlite_lint.sql.declared import Number, columns_behind, number_of, operations
from sqlite_lint.sql.primary import ADD, CONCAT, MULTIPLY
from sqlite_lint.sql.schema import Affinity
from sqlite_lint.sql.tokens import HOLE, Kind
from sqlite_lint.sql.value import Source, Value, value_of
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.schema import Column
    from sqlite_lint.sql.statement import Statement
    from sqlite_lint.sql.tokens import Token

_NUMBER: Final = regex(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_NUMBER_LIKE: Final = regex(r"\s*[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\s*")
_BOOLEAN_WORDS: Final = {**dict.fromkeys(("true", "t", "yes", "y", "on"), "TRUE"),
                         **dict.fromkeys(("false", "f", "no", "n", "off"), "FALSE")}  # fmt: skip
_BOOLEAN: Final = regex(r"BOOL(?:EAN)?", re.IGNORECASE)
_SCALED: Final = regex(r"(?:NUMERIC|DECIMAL|DEC)\s*\(\s*\d+\s*,\s*[1-9]\d*\s*\)", re.IGNORECASE)
_FRACTION: Final = regex(r"(?:NUMERIC|DECIMAL|DEC)\b.*|REAL|FLOAT.*|DOUBLE.*", re.IGNORECASE)
_EXACT: Final = regex(r"(?:NUMERIC|DECIMAL|DEC)\b.*", re.IGNORECASE)
_TIME: Final = regex(r"DATE|(?:DATETIME|TIMESTAMP)\b.*|TIMESTAMPTZ", re.IGNORECASE)
_TEXT_CAST: Final = regex(r"CAST\s*\(.*\bAS\s+(?:TEXT|VARCHAR|CHAR)\b.*", re.IGNORECASE | re.DOTALL)
_FLOAT_CAST: Final = regex(
    r"CAST\s*\(.*\bAS\s+(?:REAL|FLOAT\s*8?|DOUBLE(?:\s+PRECISION)?)\s*\)", re.IGNORECASE | re.DOTALL
)
_NEVER_EQUAL: Final = "a number never equals {other}: SQLite converts neither side"
_SORTS_BEFORE: Final = "every number sorts before {other}: SQLite converts neither side"
_BLOB: Final = "a BLOB never equals {other}: SQLite converts neither side"
_TEXTS: Final = frozenset({Source.TEXT, Source.PARAM})
_SHORT: Final = 3  # tokens of an operand that is underlined together with the text
_MULTIPLYING: Final = frozenset({"*", "/", "%"})
_TIGHT: Final = frozenset({"+", "-", "*", "/", "%", "||", "->", "->>", "::", "COLLATE"})


def number_and_text(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``count(*) > '1'``: a number without affinity, compared with text."""
    bound = Bound(statement, context.use.params)
    texts = [i for i, token in enumerate(statement.tokens) if _is_text(token, i, bound)]
    if not texts:
        return
    for comparison in comparisons(statement):
        for operand in comparison.others:
            for text, number in ((operand, comparison.subject), (comparison.subject, operand)):
                if any(text.first <= i < text.end for i in texts):
                    value = value_of(statement, text)
                    hit = _unlike(statement, context, value, number, comparison) if value.source in _TEXTS else None
                    if hit is not None:
                        yield hit


def _is_text(token: Token, index: int, bound: Bound) -> bool:
    return token.kind is Kind.STRING or (token.kind is Kind.PARAM and bound.type(index) is ValueType.TEXT)


def _unlike(
    statement: Statement, context: SqlContext, text: Value, number: Range, comparison: Comparison
) -> Hit | None:
    literal = span = statement.span_of(text.at.first, text.at.end - 1)
    shown = statement.text[span.start : span.end].replace(HOLE, "{...}")
    if text.source is Source.PARAM:
        bound = Bound(statement, context.use.params)
        values, content = {"other": f"the str bound to {shown}"}, context.use.params.texts.get(bound.key(text.at.first))
    else:
        values, content = {"other": f"the text {shown}"}, statement.tokens[text.at.first].value
    if comparison.form is Form.OPERATOR and number.end - number.first <= _SHORT:
        span = statement.span_of(min(number.first, text.at.first), max(number.end, text.at.end) - 1)
    if value_of(statement, number).source is Source.BLOB:
        return None if comparison.ordering else Hit(span, values, _BLOB)
    kind = number_of(statement, number, context.schema)
    if kind is None or (kind is Number.COLUMN and (content is None or not _NUMBER.fullmatch(content))):
        return None
    fix = None
    if text.source is Source.TEXT and _NUMBER.fullmatch(content or ""):
        fix = SqlFix("Write a number", ((literal, content or ""),))
    return Hit(span, values, _SORTS_BEFORE if comparison.ordering else _NEVER_EQUAL, fix)


def _is_declared(statement: Statement, context: SqlContext, operand: Range, kind: re.Pattern[str]) -> bool:
    columns = columns_behind(statement, operand, context.schema)
    return bool(columns) and all(kind.fullmatch(column.declared.strip()) for column in columns)


def boolean_word(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``active = 'true'`` where active is BOOLEAN: the column holds 1 and 0."""
    for comparison in comparisons(statement):
        if comparison.ordering or not _is_declared(statement, context, comparison.subject, _BOOLEAN):
            continue
        for operand in comparison.others:
            value = value_of(statement, operand)
            if value.source is not Source.TEXT:
                continue
            word = _BOOLEAN_WORDS.get(statement.tokens[value.at.first].value.strip().lower())
            if word is not None:
                span = statement.span_of(value.at.first, value.at.first)
                fits = comparison.form in (Form.OPERATOR, Form.IN, Form.CASE)
                fix = SqlFix(f"Write {word}", ((span, word),), Applicability.UNSAFE) if fits else None
                yield mark(statement, value.at.first, value.at.end, fix)


def number_as_text(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``'EUR ' || price``, ``CAST(price AS TEXT)``: SQLite keeps no scale and has no booleans."""

    def is_other(operand: Range) -> bool:
        if _FLOAT_CAST.fullmatch(statement.text_of(*operand)):
            return statement.partner.get(operand.first + 1) == operand.end - 1
        return any(_is_declared(statement, context, operand, kind) for kind in (_BOOLEAN, _SCALED))

    seen: set[Range] = set()
    for _, left, right in operations(statement, frozenset({"||"}), CONCAT):
        for operand in (left, right):
            if operand not in seen and is_other(operand):
                seen.add(operand)
                yield mark(statement, *operand)
    for i in statement.find("CAST"):
        end = statement.partner.get(i + 1, i) + 1
        if statement.key(i + 1) == "(" and _TEXT_CAST.fullmatch(statement.text_of(i, end)):
            inner = next((k for k in range(end - 1, i, -1) if statement.key(k) == "AS"), i)
            if inner > i + 2 and is_other(Range(i + 2, inner)):
                yield mark(statement, i, end)


def date_arithmetic(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``due + 7`` where due is a DATE: its year plus seven."""
    if "INTERVAL" in statement.keys:
        return
    for _, left, right in operations(statement, frozenset({"+", "-"}), ADD):
        if any(_is_declared(statement, context, operand, _TIME) for operand in (left, right)):
            yield mark(statement, left.first, right.end)


def integer_division(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``qty / 2``: both sides integers, or of a column that stores whole numbers as integers."""

    def columns_whole(columns: tuple[Column, ...]) -> bool:
        exact = all(_EXACT.fullmatch(column.declared.strip()) for column in columns)
        return bool(columns) and (exact or all(column.affinity is Affinity.INTEGER for column in columns))

    def is_whole(operand: Range) -> bool:
        text = statement.text_of(*operand)
        return text.isdigit() or columns_whole(columns_behind(statement, operand, context.schema))

    for i, left, right in operations(statement, frozenset({"/"}), MULTIPLY):
        literals = statement.text_of(*left).isdigit() and statement.text_of(*right).isdigit()
        if statement.key(left.first - 1) in _MULTIPLYING:
            continue  # the operand is a product, which may have a fraction
        if not literals and is_whole(left) and is_whole(right):
            place = statement.tokens[i - 1].end
            fix = SqlFix("Divide with a fraction", ((Span(place, place), " * 1.0"),), Applicability.UNSAFE)
            yield mark(statement, left.first, right.end, fix)


def modulo(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``price % 4``: the fraction is cut off first."""
    for _, left, right in operations(statement, frozenset({"%"}), MULTIPLY):
        if any(_is_declared(statement, context, operand, _FRACTION) for operand in (left, right)):
            yield mark(statement, left.first, right.end)


def plus_between_texts(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``first + ' ' + last``: adds the numbers at the beginning of the texts."""

    def is_text(operand: Range) -> bool:
        if all(token.kind is not Kind.STRING for token in statement.tokens[operand.first : operand.end]):
            return False
        value = value_of(statement, operand)
        token = statement.tokens[value.at.first]
        return value.source is Source.TEXT and not token.has_hole and not _NUMBER_LIKE.fullmatch(token.value)

    def is_text_column(operand: Range) -> bool:
        columns = columns_behind(statement, operand, context.schema)
        return bool(columns) and all(column.affinity is Affinity.TEXT for column in columns)

    if not {"INTERVAL", "::"}.isdisjoint(statement.keys):
        return
    for i, left, right in operations(statement, frozenset({"+"}), ADD):
        if is_text(left) or is_text(right) or _all(is_text_column, left, right):
            around = {statement.key(left.first - 1), statement.key(right.end)} | {
                statement.key(k) for side in (left, right) for k in range(*side)
            }
            span = statement.span_of(i, i)
            fix = SqlFix("Write ||", ((span, "||"),), Applicability.UNSAFE) if _TIGHT.isdisjoint(around) else None
            yield mark(statement, i, i + 1, fix, None if fix else "write || for each + between texts")


def _all(test: Callable[[Range], bool], *operands: Range) -> bool:
    return all(test(operand) for operand in operands)


def json_minus(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``(doc -> 'tags') - 0``: on PostgreSQL the document without its first element."""
    for _, left, right in operations(statement, frozenset({"-"}), ADD):
        if value_of(statement, left).source is Source.JSON_TEXT:
            yield mark(statement, left.first, right.end)
