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
from sqlite_lint.diagnostic import Severity
from sqlite_lint.hosts.model import ValueType
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.comparison import Comparison, Form, comparisons
from sqlite_lint.sql.tokens import HOLE
from sqlite_lint.sql.value import Source, Value, value_of
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_NUMBER_TEXT: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:e[+-][0-9]+)?")
"""What CAST(number AS TEXT) can give."""
_NUMBER_PIECE: Final = re.compile(r"[-+.e0-9]*")
_JSON_TEXT: Final = re.compile(r'\s*(?:["\[{]|-?[0-9]|(?:true|false|null)\s*$)')
_JSON_SPACE: Final = re.compile(r'("(?:[^"\\]|\\.)*")|\s+', re.DOTALL)
_BOOLEANS: Final = {"true": "1", "false": "0"}

_NEVER_EQUAL: Final = "a JSON number never equals {other}: SQLite converts neither side"
_SORTS_BEFORE: Final = "every JSON number sorts before {other}: SQLite converts neither side"
_BOOLEAN: Final = "JSON {word} is the integer {number} in SQLite and never equals {other}"
_UNKNOWN: Final = "a JSON number never equals a str, and {other} may be bound to one: SQLite converts neither side"
_BYTES: Final = "bytes are bound as a BLOB, and no JSON value equals a BLOB"
_JSON_SPACED: Final = "-> gives JSON without spaces: it never equals {other}"
_JSON_QUOTED: Final = "-> gives JSON text, strings in their double quotes: it never equals {other}"


class _Fault(NamedTuple):
    """Why one comparison goes wrong; ``cast`` says how far a CAST of the JSON value may be trusted, if it helps."""

    message: str
    other: Value
    severity: Severity = Severity.ERROR
    cast: Applicability | None = Applicability.SAFE
    boolean: str = ""  # 1 or 0 where a JSON boolean was meant


def check(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """Report JSON values that are compared with text or with what may be text."""
    judge = _Judge(statement, context)
    for comparison in comparisons(statement):
        yield from judge.hits(comparison)


class _Judge:
    """Judges the comparisons of one statement."""

    def __init__(self, statement: Statement, context: SqlContext) -> None:
        self.statement = statement
        self.params = context.use.params
        self.nothing_bound = (
            context.use.is_fragment and self.params.positional is None and self.params.named is None
        )  # the code that adds the fragment to a statement binds the values, and may look at their types
        self.bound = Bound(statement, self.params)

    def hits(self, comparison: Comparison) -> Iterator[Hit]:
        subject = value_of(self.statement, comparison.subject)
        others = [value_of(self.statement, other) for other in comparison.others]
        if subject.source in (Source.JSON, Source.JSON_TEXT):
            if len(others) > 1 and not comparison.ordering and any(o.source is Source.NUMBER for o in others):
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

    def _fault(self, json: Value, other: Value, ordering: bool) -> _Fault | None:
        if json.source is Source.JSON_TEXT:
            return self._quoted_fault(other, ordering)
        if json.source is not Source.JSON:
            return None
        if other.source is Source.TEXT:
            return self._text_fault(self.statement.tokens[other.at.first].value, other, ordering)
        if other.source is Source.PARAM:
            return self._param_fault(other, ordering)
        return None

    def _text_fault(self, value: str, other: Value, ordering: bool) -> _Fault | None:
        if not ordering and value in _BOOLEANS and other.source is Source.TEXT:
            return _Fault(_BOOLEAN, other, cast=None, boolean=_BOOLEANS[value])
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
        if bound is ValueType.TEXT:
            text = self.params.texts.get(self.bound.key(other.at.first))
            unlike = self._text_unlike(other, ordering, Severity.WARNING)
            return unlike if text is None else self._text_fault(text, other, ordering)
        if bound is ValueType.UNKNOWN and not ordering and not self.nothing_bound:
            return _Fault(_UNKNOWN, other, Severity.WARNING, Applicability.UNSAFE)
        return None

    def _quoted_fault(self, other: Value, ordering: bool) -> _Fault | None:
        if ordering or other.source is not Source.TEXT:
            return None
        token = self.statement.tokens[other.at.first]
        if token.has_hole:
            return None
        if not _JSON_TEXT.match(token.value):
            return _Fault(_JSON_QUOTED, other)
        is_spaced = _JSON_SPACE.sub(r"\1", token.value) != token.value
        return _Fault(_JSON_SPACED, other, cast=None) if is_spaced else None

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
            return self._minified(fault.other) if fault.message is _JSON_SPACED else self._unquote(json)
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

    def _unquote(self, json: Value) -> tuple[SqlFix | None, str | None]:
        if json.operator is None:
            return None, "write ->> where the value is taken out of the JSON"
        return SqlFix("Write ->>", ((self.statement.span_of(json.operator, json.operator), "->>"),)), None

    def _cast(self, json: Value, applicability: Applicability) -> SqlFix:
        edits: list[tuple[Span, str]] = []
        for part in json.parts:
            span = self.statement.span_of(part.first, part.end - 1)
            edits += [(Span(span.start, span.start), "CAST("), (Span(span.end, span.end), " AS TEXT)")]
        return SqlFix("Cast the JSON value to TEXT", tuple(edits), applicability)

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
