"""SQL401: a JSON value compared with text, which SQLite does not convert.

``->>`` and ``json_extract`` give a JSON number as a number and have no affinity, so that neither side is converted:
the number 10 never equals '10' (https://sqlite.org/datatype3.html#comparison_expressions).  Only comparisons are
reported in which the missing CAST can matter: no JSON number or boolean has the text 'active' or '007', so that
``= 'active'`` finds the same rows with and without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.checks.bound import Bound
from sqlite_lint.checks.json_values import json_value, may_hold_json
from sqlite_lint.diagnostic import Severity
from sqlite_lint.hosts.model import ValueType
from sqlite_lint.regex import regex
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.comparison import Comparison, Form, Range, comparisons
from sqlite_lint.sql.declared import columns_behind
from sqlite_lint.sql.operand import OTHER, left_operand
from sqlite_lint.sql.schema import Affinity
from sqlite_lint.sql.scope import scope_of
from sqlite_lint.sql.tokens import HOLE, Kind
from sqlite_lint.sql.value import JSON, Source, Value, value_of
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_NUMBER_TEXT: Final = regex(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:e[+-][0-9]+)?")
"""What CAST(number AS TEXT) can give."""
_NUMBER_PIECE: Final = regex(r"[-+.e0-9]*")
_JSON_TEXT: Final = regex(r'\s*(?:["\[{]|-?[0-9]|(?:true|false|null)\s*$)')
_JSON_SPACE: Final = regex(r'("(?:[^"\\]|\\.)*")|\s+', re.DOTALL)
_BOOLEANS: Final = {"true": "1", "false": "0"}
_BEGINS_JSON: Final = regex(r'[%_*?\["{\-0-9tfn]')
_HOLDS_JSON: Final = regex(r"json|doc|data|payload|meta|body|raw|value|config|settings|attr|extra|prop")
_EXTRACTING: Final = frozenset({"->>", "->", "JSON_EXTRACT", "JSONB_EXTRACT", "JSON_EACH", "JSON_TREE"})

_NEVER_EQUAL: Final = "a JSON number never equals {other}: SQLite converts neither side"
_SORTS_BEFORE: Final = "every JSON number sorts before {other}: SQLite converts neither side"
_BOOLEAN: Final = "JSON {word} is the integer {number} in SQLite and never equals {other}"
_UNKNOWN: Final = "a JSON number never equals a str, and {other} may be bound to one: SQLite converts neither side"
_BYTES: Final = "bytes are bound as a BLOB, and no JSON value equals a BLOB"
_JSON_SPACED: Final = "-> gives JSON without spaces: it never equals {other}"
_JSON_QUOTED: Final = "-> gives JSON text, strings in their double quotes: it never equals {other}"
_JSON_BEFORE: Final = "-> gives JSON text, strings in their double quotes: they sort before {other}"
_JSON_LIKE: Final = "-> gives JSON text, strings in their double quotes: it is never like {other}"
_JSON_NUMBER: Final = "-> gives JSON text: it never equals a number"
_JSON_GREATER: Final = "-> gives JSON text, and text is greater than any number"
_JSON_COLUMN: Final = "-> gives JSON text, strings in their double quotes: {other} equals it only where it holds JSON"
_JSON_NULL: Final = "JSON null is NULL in SQLite and never equals {other}"


class _Fault(NamedTuple):
    """Why one comparison goes wrong; ``cast`` says how far a CAST of the JSON value may be trusted, if it helps."""

    message: str
    other: Value
    severity: Severity = Severity.ERROR
    cast: Applicability | None = Applicability.SAFE
    boolean: str = ""  # 1 or 0 where a JSON boolean was meant


def check(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """Report JSON values that are compared with text or with what may be text."""
    if statement.keys.isdisjoint(_EXTRACTING) and not may_hold_json(statement, context.schema):
        return
    judge = _Judge(statement, context)
    for comparison in comparisons(statement):
        yield from judge.hits(comparison)
    if "->" in statement.keys:
        yield from judge.likes()


class _Judge:
    """Judges the comparisons of one statement."""

    def __init__(self, statement: Statement, context: SqlContext) -> None:
        self.statement = statement
        self.params = context.use.params
        self.schema = context.schema
        self.chosen_by_type = context.use.chosen_by_type
        self.nothing_bound = (
            context.use.is_fragment and self.params.positional is None and self.params.named is None
        )  # the code that adds the fragment to a statement binds the values, and may look at their types
        self.bound = Bound(statement, self.params)

    def hits(self, comparison: Comparison) -> Iterator[Hit]:
        subject = json_value(self.statement, comparison.subject, self.schema)
        others = [json_value(self.statement, self._compared(other), self.schema) for other in comparison.others]
        if subject.source in JSON:
            is_value = subject.source is not Source.JSON_TEXT and not comparison.ordering
            if is_value and len(others) > 1 and any(o.source is Source.NUMBER for o in others):
                return  # the list names numbers as well as texts: whoever wrote it knows that both occur
            faults = [f for other in others if (f := self._fault(subject, other, comparison.ordering)) is not None]
            if faults:
                worst = max(faults, key=lambda fault: (bool(fault.boolean), fault.severity is Severity.ERROR))
                yield self._hit(comparison, subject, worst, is_subject=True)
            return
        for other in others:
            fault = self._fault(other, subject, comparison.ordering)
            if fault is not None:
                yield self._hit(comparison, other, fault, is_subject=False)

    def _compared(self, operand: Range) -> Range:
        """The operand; of ``IN (SELECT x ...)`` what the subquery gives."""
        if self.statement.key(operand.first) != "(" or self.statement.key(operand.first + 1) not in {"SELECT", "WITH"}:
            return operand
        scope = scope_of(self.statement)
        query = scope.query_at(operand.first)
        first = None if query is None else scope.queries[query].first
        return operand if first is None else first

    def likes(self) -> Iterator[Hit]:
        """``data -> 'name' LIKE 'A%'``: what -> gives begins with a double quote."""
        statement = self.statement
        for i in (*statement.find("LIKE"), *statement.find("GLOB")):
            pattern = statement.tokens[i + 1] if i + 1 < len(statement.tokens) else None
            if pattern is None or pattern.kind is not Kind.STRING or pattern.has_hole:
                continue
            end = i - 1 if statement.key(i - 1) == "NOT" else i
            first = left_operand(statement, end, OTHER)
            if first is None or not pattern.value or _BEGINS_JSON.match(pattern.value.lower()):
                continue
            json = value_of(statement, Range(first, end))
            if json.source is Source.JSON_TEXT:
                span = statement.span_of(json.at.first, json.at.end - 1)
                fix, withheld = self._unquote(json, Applicability.SAFE)
                yield Hit(span, {"other": pattern.text}, _JSON_LIKE, fix, withheld)

    def _fault(self, json: Value, other: Value, ordering: bool) -> _Fault | None:
        if json.source is Source.JSON_TEXT:
            return self._quoted_fault(other, ordering)
        if json.source in JSON and other.source is Source.TEXT:
            return self._text_fault(self.statement.tokens[other.at.first].value, other, ordering)
        if json.source is Source.JSON and other.source is Source.PARAM:
            return self._param_fault(other, ordering)
        return None

    def _text_fault(self, value: str, other: Value, ordering: bool) -> _Fault | None:
        if not ordering and value in _BOOLEANS and other.source is Source.TEXT:
            return _Fault(_BOOLEAN, other, cast=None, boolean=_BOOLEANS[value])
        if not ordering and value == "null":
            return _Fault(_JSON_NULL, other, cast=None)
        if HOLE in value and _NUMBER_PIECE.fullmatch(value.replace(HOLE, "")):
            return self._text_unlike(other, ordering, Severity.WARNING)
        if _NUMBER_TEXT.fullmatch(value):
            return self._text_unlike(other, ordering, Severity.ERROR)
        return None

    def _text_unlike(self, other: Value, ordering: bool, severity: Severity) -> _Fault:
        if ordering:
            return _Fault(_SORTS_BEFORE, other, severity, Applicability.UNSAFE)
        return _Fault(_NEVER_EQUAL, other, severity)

    def _param_fault(self, other: Value, ordering: bool) -> _Fault | None:
        bound = self.bound.type(other.at.first)
        if bound is ValueType.BLOB:
            return _Fault(_BYTES, other, cast=None)
        if bound is ValueType.TEXT and self.bound.time(other.at.first) is None:  # no number is written as a date is
            text = self.params.texts.get(self.bound.key(other.at.first))
            unlike = self._text_unlike(other, ordering, Severity.WARNING)
            return unlike if text is None else self._text_fault(text, other, ordering)
        if bound is ValueType.UNKNOWN and not ordering and not self.nothing_bound and not self.chosen_by_type:
            return _Fault(_UNKNOWN, other, Severity.WARNING, Applicability.UNSAFE)
        return None

    def _quoted_fault(self, other: Value, ordering: bool) -> _Fault | None:
        token = self.statement.tokens[other.at.first]
        trust = Applicability.UNSAFE if ordering else Applicability.SAFE
        text: str | None = None
        if other.source is Source.PARAM:
            if self.bound.type(other.at.first) is ValueType.NUMBER:
                return _Fault(_JSON_GREATER if ordering else _JSON_NUMBER, other, cast=trust)
            text = self.params.texts.get(self.bound.key(other.at.first))
        elif other.source is Source.NUMBER:
            return _Fault(_JSON_GREATER if ordering else _JSON_NUMBER, other, cast=trust)
        elif other.source is Source.COLUMN:
            return self._quoted_column(other)
        elif other.source is Source.TEXT and not token.has_hole:
            text = token.value
        if text is None:
            return None
        if not _JSON_TEXT.match(text):
            return _Fault(_JSON_BEFORE if ordering else _JSON_QUOTED, other, cast=trust)
        is_spaced = not ordering and other.source is Source.TEXT and _JSON_SPACE.sub(r"\1", text) != text
        return _Fault(_JSON_SPACED, other, cast=None) if is_spaced else None

    def _quoted_column(self, other: Value) -> _Fault | None:
        columns = columns_behind(self.statement, other.at, self.schema)
        holds_text = bool(columns) and all(column.affinity is Affinity.TEXT for column in columns)
        if not holds_text or _HOLDS_JSON.search(columns[0].name):
            return None
        return _Fault(_JSON_COLUMN, other, Severity.WARNING, Applicability.UNSAFE)

    def _hit(self, comparison: Comparison, json: Value, fault: _Fault, *, is_subject: bool) -> Hit:
        number = fault.boolean
        word = {"1": "true", "0": "false"}.get(number, "")
        fix, withheld = self._fix(comparison, json, fault, is_subject=is_subject)
        return Hit(
            self.statement.span_of(json.at.first, json.at.end - 1),
            {"other": self._shown(fault.other), "word": word, "number": number},
            fault.message,
            fix,
            withheld,
            fault.severity,
        )

    def _shown(self, value: Value) -> str:
        span = self.statement.span_of(value.at.first, value.at.end - 1)
        text = self.statement.text[span.start : span.end].replace(HOLE, "{...}")
        if value.source is Source.PARAM and self.bound.type(value.at.first) is ValueType.TEXT:
            return f"the str bound to {text}"
        return f"the text {text}" if value.source is Source.TEXT else text

    def _fix(
        self, comparison: Comparison, json: Value, fault: _Fault, *, is_subject: bool
    ) -> tuple[SqlFix | None, str | None]:
        if json.source is Source.JSON_TEXT:
            if fault.message is _JSON_SPACED:
                return self._minified(fault.other)
            return self._unquote(json, fault.cast or Applicability.SAFE)
        if fault.message is _JSON_NULL:
            return None, "write IS NULL, which is true of a missing key as well"
        if fault.cast is not None:
            return self._cast(json, fault.cast), None
        if not fault.boolean:
            return None, "bind a str instead of bytes"
        fix = self._boolean_fix(comparison, fault) if is_subject else None
        return fix, None if fix else f"compare with {fault.boolean} as well"

    def _minified(self, other: Value) -> tuple[SqlFix | None, str | None]:
        """``json()`` takes the spaces away; the order of keys still counts, other than for PostgreSQL's jsonb."""
        span = self.statement.span_of(other.at.first, other.at.end - 1)
        edits = ((Span(span.start, span.start), "json("), (Span(span.end, span.end), ")"))
        return SqlFix("Write json()", edits, Applicability.UNSAFE), None

    def _unquote(self, json: Value, trust: Applicability) -> tuple[SqlFix | None, str | None]:
        if json.operator is None:
            return None, "write ->> where the value is taken out of the JSON"
        return SqlFix("Write ->>", ((self.statement.span_of(json.operator, json.operator), "->>"),), trust), None

    def _cast(self, json: Value, applicability: Applicability) -> SqlFix:
        edits: list[tuple[Span, str]] = []
        for part in json.parts:
            span = self.statement.span_of(part.first, part.end - 1)
            edits += [(Span(span.start, span.start), "CAST("), (Span(span.end, span.end), " AS TEXT)")]
        known = self.schema.json
        index = next((name for part in json.parts if known and (name := known.index_on(self.statement, part))), "")
        note = f" (the index {index} is then not used: put the CAST into it, too)" if index else ""
        return SqlFix(f"Cast the JSON value to TEXT{note}", tuple(edits), applicability)

    def _boolean_fix(self, comparison: Comparison, fault: _Fault) -> SqlFix | None:
        """``= 'true'`` becomes ``IN (1, 'true')``: the JSON boolean and, as before, the JSON string."""
        title = f"Compare with {fault.boolean} as well"
        literal = self.statement.tokens[fault.other.at.first]
        if comparison.form is Form.IN and self._all_plain(comparison):
            start = self.statement.tokens[comparison.others[0].first].start
            return SqlFix(title, ((Span(start, start), f"{fault.boolean}, "),), Applicability.UNSAFE)
        if comparison.form is not Form.OPERATOR or comparison.others[0] != fault.other.at:
            return None
        anchor = self.statement.tokens[comparison.anchor]
        before = "" if self.statement.text[anchor.start - 1].isspace() else " "
        after = "" if self.statement.text[anchor.end].isspace() else " "
        word = "IN" if anchor.key in {"=", "=="} else "NOT IN"
        edits = (
            (Span(anchor.start, anchor.end), before + word + after),
            (Span(literal.start, literal.start), f"({fault.boolean}, "),
            (Span(literal.end, literal.end), ")"),
        )
        return SqlFix(title, edits, Applicability.UNSAFE)

    def _all_plain(self, comparison: Comparison) -> bool:
        """Tell whether one number more mends the list: no other boolean, no number as text."""
        values = [value_of(self.statement, other) for other in comparison.others]
        texts = [self.statement.tokens[v.at.first].value for v in values if v.source is Source.TEXT]
        booleans = sum(text in _BOOLEANS for text in texts)
        return len(texts) == len(values) and booleans == 1 and not any(_NUMBER_TEXT.fullmatch(t) for t in texts)
