"""SQL441 to SQL443: what date functions give is text (https://sqlite.org/lang_datefunc.html)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.checks.bound import Bound
from sqlite_lint.checks.cut import mark
from sqlite_lint.hosts.model import ValueType
from sqlite_lint.hosts.times import Time
from sqlite_lint.regex import regex
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.comparison import Comparison, Range, comparisons
from sqlite_lint.sql.declared import number_of
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.sql.value import Source, value_of
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_CALLS: Final = frozenset({"DATE", "TIME", "DATETIME", "STRFTIME"})
_CURRENT: Final = frozenset({"CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP"})
_WIDTHS: Final = {"%Y": 4, "%m": 2, "%d": 2, "%H": 2, "%M": 2, "%S": 2, "%j": 3, "%w": 1}
"""How many digits a field has, leading zeros included."""
_WHOLE: Final = frozenset({*_WIDTHS, "%s"})
_DIGITS: Final = regex(r"[0-9]{1,5}")
_ADD: Final = frozenset({"+", "-"})
_TIGHTER: Final = frozenset({"||", "->", "->>", "::", "COLLATE", "*", "/", "%"})

_NEVER_EQUAL: Final = "{text} gives text, and text never equals a number"
_ALWAYS_GREATER: Final = "{text} gives text, and text is greater than any number"
_OTHER_WIDTH: Final = "{text} gives {width} digits: it never equals {other}"
_ONLY_YEAR: Final = "{text} is text, of which arithmetic takes the year only"
_ONLY_HOUR: Final = "{text} is text, of which arithmetic takes the hour only"


class DateText(NamedTuple):
    """A call that gives a date or time as text; ``form`` is the format of strftime(), "" for other functions."""

    name: str
    at: Range
    form: str


def date_text(statement: Statement, operand: Range) -> DateText | None:
    """The date function that the operand is, brackets around it aside."""
    first, end = operand
    while statement.key(first) == "(" and statement.partner.get(first) == end - 1 and end - first > 2:
        first, end = first + 1, end - 1
    key = statement.key(first)
    if end == first + 1 and key in _CURRENT and statement.tokens[first].kind is Kind.WORD:
        return DateText(key, Range(first, end), "")
    if key not in _CALLS or statement.key(first + 1) != "(" or statement.partner.get(first + 1) != end - 1:
        return None
    arguments = statement.arguments(first + 1)
    form = ""
    if key == "STRFTIME":
        if not arguments or arguments[0][1] != arguments[0][0] + 1:
            return None
        token = statement.tokens[arguments[0][0]]
        form = token.value if token.kind is Kind.STRING and not token.has_hole else ""
    return DateText(key, Range(first, end), form)


def compared_with_number(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``strftime('%Y', day) = 2025``: never true."""
    judge = partial(_fault, statement, context, Bound(statement, context.use.params))
    for comparison in comparisons(statement):
        subject = date_text(statement, comparison.subject)
        if subject is not None:
            faults = [judge(subject, other, comparison) for other in comparison.others]
            found = [fault for fault in faults if fault is not None]
            if found:
                yield found[0]._replace(fix=_common_fix(found) if len(found) == len(faults) else None)
            continue
        for other in comparison.others:
            call = date_text(statement, other)
            hit = None if call is None else judge(call, comparison.subject, comparison)
            if hit is not None:
                yield hit


def _fault(
    statement: Statement, context: SqlContext, bound: Bound, call: DateText, other: Range, comparison: Comparison
) -> Hit | None:
    value = value_of(statement, other)
    span = statement.span_of(call.at.first, call.at.end - 1)
    values = {"text": _shown(statement, call.at)}
    if value.source is Source.TEXT and not comparison.ordering:
        text = statement.tokens[value.at.first].value
        width = _WIDTHS.get(call.form)
        if width is None or not _DIGITS.fullmatch(text) or len(text) == width:
            return None
        values |= {"width": str(width), "other": f"'{text}'"}
        return Hit(span, values, _OTHER_WIDTH, _padded(statement, value.at.first, text, width))
    is_number = value.source is Source.NUMBER or (
        value.source is Source.PARAM and bound.type(value.at.first) is ValueType.NUMBER
    )
    if not is_number and number_of(statement, other, context.schema) is None:
        return None
    fix = None
    if call.form in _WHOLE:
        safe = Applicability.UNSAFE if comparison.ordering else Applicability.SAFE
        edits = ((Span(span.start, span.start), "CAST("), (Span(span.end, span.end), " AS INTEGER)"))
        fix = SqlFix("Cast it to INTEGER", edits, safe)
    return Hit(span, values, _ALWAYS_GREATER if comparison.ordering else _NEVER_EQUAL, fix)


def _common_fix(faults: list[Hit]) -> SqlFix | None:
    """One fix for all values of a list: the same for each, or one edit for each."""
    fixes = [fault.fix for fault in faults if fault.fix is not None]
    if len(fixes) < len(faults):
        return None
    edits = tuple(dict.fromkeys(edit for fix in fixes for edit in fix.edits))
    titles = dict.fromkeys(fix.title for fix in fixes)
    return fixes[0]._replace(edits=edits, title="; ".join(titles))


def _padded(statement: Statement, index: int, text: str, width: int) -> SqlFix | None:
    if len(text) > width:
        return None
    token = statement.tokens[index]
    padded = f"'{text.zfill(width)}'"
    return SqlFix(f"Write `{padded}`", ((Span(token.start, token.end), padded),))


def _shown(statement: Statement, at: Range) -> str:
    text = " ".join(statement.text_of(*at).split())
    return text if len(text) <= 40 else statement.tokens[at.first].text + "(...)"


def arithmetic(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``date('now') - 30``: the year minus thirty."""
    for i, token in enumerate(statement.tokens):
        if token.kind is not Kind.OP or token.key not in _ADD:
            continue
        left, right = _before(statement, i), _after(statement, i)
        if left is None and right is None:
            continue
        if _is_other_dialect(statement, i):
            continue
        found = left or right
        assert found is not None
        first = left.at.first if left is not None else i
        end = right.at.end if right is not None else min(i + 2, len(statement.tokens))
        message = _ONLY_HOUR if found.name in {"TIME", "CURRENT_TIME"} else _ONLY_YEAR
        hit = mark(statement, first, end, _moved(statement, i, left, right))
        yield hit._replace(values={"text": _shown(statement, found.at)}, message=message)


def _before(statement: Statement, operator: int) -> DateText | None:
    last = operator - 1
    first = statement.partner.get(last, last)
    if statement.key(last) == ")" and first != last:
        first -= 1
    if first < 0 or statement.key(first - 1) in _TIGHTER or statement.key(first) == "STRFTIME":
        return None
    return date_text(statement, Range(first, operator))


def _after(statement: Statement, operator: int) -> DateText | None:
    first = operator + 1
    end = first + 1
    if statement.key(end) == "(":
        end = statement.partner.get(end, end) + 1
    before = statement.tokens[operator - 1] if operator else None
    is_sign = before is None or (before.kind is Kind.OP and before.key not in {")", "]"})
    if is_sign or statement.key(end) in _TIGHTER or statement.key(first) == "STRFTIME" or end > len(statement.tokens):
        return None
    return date_text(statement, Range(first, end))


def _is_other_dialect(statement: Statement, operator: int) -> bool:
    """Intervals and typed literals, of which other rules speak, and ``+ 0``, which asks for the year."""
    after = statement.tokens[operator + 1] if operator + 1 < len(statement.tokens) else None
    if after is None or after.key == "INTERVAL" or after.kind is Kind.PREFIXED or after.text == "0" or after.has_hole:
        return True
    return not {"::", "INTERVAL"}.isdisjoint(statement.keys)


def _moved(statement: Statement, operator: int, left: DateText | None, right: DateText | None) -> SqlFix | None:
    if left is not None and right is not None:
        edits: list[tuple[Span, str]] = []
        for part in (left.at, right.at):
            span = statement.span_of(part.first, part.end - 1)
            edits += [(Span(span.start, span.start), "julianday("), (Span(span.end, span.end), ")")]
        is_dates = {left.name, right.name} <= {"DATE", "CURRENT_DATE", "DATETIME", "CURRENT_TIMESTAMP"}
        fix = SqlFix("Subtract julianday(), for days", tuple(edits), Applicability.UNSAFE)
        return fix if is_dates and statement.key(operator) == "-" else None
    number = statement.tokens[operator + 1]
    if left is None or left.name not in {"DATE", "CURRENT_DATE"} or not number.text.isdigit():
        return None
    if statement.key(operator + 2) in {"*", "/", "%", "||", "."}:
        return None
    modifier = f", '{statement.key(operator)}{number.text} days')"
    end = statement.tokens[left.at.end - 1]
    span = Span(end.start, number.end)
    if left.name == "CURRENT_DATE":
        return SqlFix("Move the date by days", ((span, f"date('now'{modifier}"),), Applicability.UNSAFE)
    if not statement.arguments(left.at.first + 1):
        modifier = f"'now'{modifier}"
    return SqlFix("Move the date by days", ((span, modifier),), Applicability.UNSAFE)


def local_time(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``created_at > datetime('now', 'localtime')`` where created_at is filled by CURRENT_TIMESTAMP, in UTC."""
    params = context.use.params
    if statement.keys.isdisjoint(_CALLS) and Time.LOCAL not in params.times.values():
        return
    bound = Bound(statement, params)
    for comparison in comparisons(statement):
        for other in comparison.others:
            for one, two in ((comparison.subject, other), (other, comparison.subject)):
                hit = _local(statement, one, bound)
                if hit is not None and _is_utc(statement, two, context):
                    yield hit


def _local(statement: Statement, operand: Range, bound: Bound) -> Hit | None:
    call = date_text(statement, operand)
    if call is not None:
        return mark(statement, *call.at) if _is_local(statement, call) else None
    value = value_of(statement, operand)
    if value.source is not Source.PARAM or bound.time(value.at.first) is not Time.LOCAL:
        return None
    hit = mark(statement, *value.at)
    return hit._replace(values={"text": f"what is bound to {hit.values['text']}"})


def _is_local(statement: Statement, call: DateText) -> bool:
    """Tell whether a call gives the local time of now or of a column, which the times of SQLite's functions are not."""
    words = {statement.tokens[i].value.lower() for i in range(*call.at) if statement.tokens[i].kind is Kind.STRING}
    if "localtime" not in words or "utc" in words:
        return False
    given = statement.arguments(call.at.first + 1)[call.name == "STRFTIME" :][:1]
    return "now" in words or (bool(given) and statement.tokens[given[0][0]].kind in (Kind.WORD, Kind.QUOTED))


def _is_utc(statement: Statement, operand: Range, context: SqlContext) -> bool:
    from sqlite_lint.checks.times import default_of

    call = date_text(statement, operand)
    if call is not None:
        tokens = [statement.tokens[i] for i in range(*call.at)]
        texts = [token.value.lower() for token in tokens if token.kind is Kind.STRING]
        if "now" in texts or call.name in _CURRENT:
            return "localtime" not in texts
        if texts or len(tokens) < 4 or len(statement.arguments(call.at.first + 1)) != 1:
            return False
        operand = Range(call.at.first + 2, call.at.end - 1)
    default = default_of(statement, operand, context.schema)
    return default is not None and "localtime" not in default.lower()
