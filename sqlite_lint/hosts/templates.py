"""Templates of the ``%`` operator and of ``str.format``, cut into text and fields with their places.

https://docs.python.org/3/library/stdtypes.html#printf-style-string-formatting
https://docs.python.org/3/library/string.html#format-string-syntax
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from sqlite_lint.hosts.sqltext import Cutter, Piece, PieceKind, SqlText
from sqlite_lint.regex import regex
from sqlite_lint.text import Span


class TemplateField(NamedTuple):
    """A place to fill in: ``key`` is a name, a number as text, or "" for the next argument."""

    src: Span | None
    key: str
    plain: bool  # filled with str(value), as it is


TemplatePart: TypeAlias = SqlText | TemplateField

_PERCENT: Final = regex(
    r"%(?:\((?P<key>[^)]*)\))?[#0\- +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?(?P<kind>[diouxXeEfFgGcrsa%])"
)
_FORMAT: Final = regex(
    r"(?P<escape>\{\{|\}\})|\{(?P<key>\w*)(?P<more>(?:\.\w+|\[[^\]]*\])*)(?P<spec>(?:![rsa])?(?::(?:[^{}]|\{[^}]*\})*)?)\}"
)
_DOUBLED: Final = regex("%%")
_COLON: Final = regex(r"\\:")
_DOLLAR: Final = regex(r"(?P<escape>\$\$)|\$(?:(?P<key>[A-Za-z_]\w*)|\{(?P<braced>[A-Za-z_]\w*)\})")


def percent_parts(template: SqlText) -> list[TemplatePart]:
    """The parts of a template of the ``%`` operator; a ``%`` that is no field stays as text."""

    def field(found: re.Match[str], src: Span | None) -> TemplatePart:
        if found["kind"] == "%":
            return _escaped("%", src)
        plain = found["kind"] == "s" or (found["kind"] == "d" and found.group()[-2] in "%)")
        return TemplateField(src, found["key"] or "", plain)

    return _parts(template, template.requote(percents=True), _PERCENT, field)


def format_parts(template: SqlText) -> list[TemplatePart]:
    """The parts of a template of ``str.format``; a brace that is no field stays as text."""

    def field(found: re.Match[str], src: Span | None) -> TemplatePart:
        if found["escape"]:
            return _escaped(found["escape"][0], src)
        return TemplateField(src, found["key"], not found["more"] and not found["spec"])

    return _parts(template, template.requote(braces=True), _FORMAT, field)


def dollar_parts(template: SqlText) -> list[TemplatePart]:
    """The parts of a ``string.Template``."""

    def field(found: re.Match[str], src: Span | None) -> TemplatePart:
        if found["escape"]:
            return _escaped("$", src)
        return TemplateField(src, found["key"] or found["braced"], plain=True)

    return _parts(template, template, _DOLLAR, field)


def without_escaped_colons(template: SqlText) -> SqlText:
    """What SQLAlchemy's ``text()`` makes of a text: ``\\:`` is a colon that begins no parameter."""
    if "\\:" not in template.text:
        return template
    parts = _parts(template, template, _COLON, lambda found, src: _escaped(":", src))
    return SqlText.join(part for part in parts if isinstance(part, SqlText))


def without_doubled_percents(template: SqlText) -> SqlText:
    """What Django makes of a text that is run with values: ``%%`` is a percent sign, ``%s`` stays a parameter."""
    spelled = template.requote(parameters=True)
    if "%%" not in template.text:
        return spelled
    parts = _parts(template, spelled, _DOUBLED, lambda found, src: _escaped("%", src))
    return SqlText.join(part for part in parts if isinstance(part, SqlText))


def _parts(
    template: SqlText,
    spelled: SqlText,
    pattern: re.Pattern[str],
    field: Callable[[re.Match[str], Span | None], TemplatePart],
) -> list[TemplatePart]:
    parts: list[TemplatePart] = []
    cutter = Cutter(spelled)
    at = 0
    for found in pattern.finditer(template.text):
        parts.append(cutter.take(at, found.start()))
        at = found.end()
        parts.append(field(found, _place(cutter.take(found.start(), at))))
    parts.append(cutter.take(at, len(template.text)))
    return parts


def _place(text: SqlText) -> Span | None:
    first, last = text.pieces[0].src, text.pieces[-1].src
    return Span(first.start, last.end) if first and last and first.start <= last.end else None


def _escaped(value: str, src: Span | None) -> SqlText:
    kind = PieceKind.OPAQUE if src is None else PieceKind.ESCAPE
    return SqlText(value, (Piece(Span(0, len(value)), src, kind),))
