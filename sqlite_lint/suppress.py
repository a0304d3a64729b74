"""Comments that silence findings, and those of them that silence nothing.

``# noqa`` and ``# noqa: SQL101, SQL4`` speak for their row, for the string of many rows that ends on it, and for the
whole expression behind whose end they stand; ``-- noqa: SQL101`` does the same inside SQL.  ``# sqlite-lint: noqa`` and
``# flake8: noqa``, alone on a row, speak for the file; ``# sqlite-lint: off`` up to the next ``# sqlite-lint: on``.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sqlite_lint.comments import Layout, python_layout
from sqlite_lint.diagnostic import Diagnostic
from sqlite_lint.regex import regex
from sqlite_lint.text import Applicability, Edit, Fix, LineIndex, Span

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import SqlUse

_CODE: Final = r"[A-Za-z]+[0-9]+"
_DIRECTIVE: Final = regex(
    rf"(?:\#|--|/\*)\s*(?:(?P<file>sqlite-lint|flake8)\s*[:=]\s*)?"
    rf"(?:(?P<noqa>noqa)\b(?:\s?:\s*(?P<codes>{_CODE}(?:[,\s]+{_CODE})*))?|(?P<switch>off|on)\b)",
    re.IGNORECASE,
)
_ONE_CODE: Final = regex(_CODE)
_OURS: Final = regex(r"SQL[0-9]{1,3}")
_UNUSED: Final = "SQL003"


def apply(
    diagnostics: list[Diagnostic],
    text: str,
    path: str,
    enabled: Collection[str],
    uses: Sequence[SqlUse] = (),
) -> list[Diagnostic]:
    """Return the findings that no comment silences and, if SQL003 is enabled, one for each code that silences none.

    ``uses`` are the texts of SQL found in Python source: comments of SQL inside them count too.
    """
    if not mentions_directive(text):
        return diagnostics
    lines = LineIndex(text)
    if path.lower().endswith(".sql"):
        layout = Layout((), ())
        directives = list(_directives(text, _sql_comments(text), lines, sql=True))
    else:
        layout = python_layout(text, lines)
        directives = list(_directives(text, layout.comments, lines, sql=False))
        directives += _directives(text, _embedded_comments(text, uses), lines, sql=True)
    if not directives:
        return diagnostics
    index = _Index(directives, layout)
    kept = [d for d in diagnostics if not index.silences(d)]
    if _UNUSED in enabled:
        kept += _unused(directives, text, path, lines, enabled)
    return kept


def mentions_directive(text: str) -> bool:
    """A cheap test: False where no comment of ``text`` can silence anything."""
    lowered = text.lower()
    return "noqa" in lowered or "sqlite-lint" in lowered


@dataclass(slots=True)
class _Directive:
    """One comment that silences; ``rows`` is what it speaks for by itself, ``codes`` are None for all codes."""

    span: Span
    comment: Span
    row: int
    until: int  # the last row of its region: its own, or the end of the region or file
    whole: bool  # speaks for rows row..until, not for one row
    codes: tuple[tuple[str, Span], ...] | None
    sql: bool
    used: set[str] = field(default_factory=set)

    def silences(self, found: Diagnostic) -> bool:
        """Tell whether it names the code of a finding that it speaks for; if so, it counts as used."""
        if self.codes is None:
            return True
        named = {code for code, _ in self.codes if found.code.startswith(code)}
        self.used |= named
        return bool(named)


class _Index:
    """Directives by the rows that they speak for."""

    def __init__(self, directives: list[_Directive], layout: Layout) -> None:
        self._layout = layout
        self._regions = [directive for directive in directives if directive.whole]
        single = sorted((d for d in directives if not d.whole), key=lambda d: d.row)
        self._single = single
        self._rows = [directive.row for directive in single]
        self._by_last_row: dict[int, list[_Directive]] = {}
        for directive in single:
            if not directive.sql:
                self._by_last_row.setdefault(layout.last_row(directive.row), []).append(directive)

    def silences(self, found: Diagnostic) -> bool:
        """Tell whether one of the directives that speak for the finding names it; all of them are asked."""
        asked = [region for region in self._regions if region.row <= found.start.row <= region.until]
        asked += self._between(found.start.row, found.end.row)
        asked += self._between(found.noqa_row, found.noqa_row)
        asked += self._by_last_row.get(self._layout.last_row(found.start.row), ())
        return bool([directive for directive in asked if directive.silences(found)])

    def _between(self, first: int, last: int) -> list[_Directive]:
        return self._single[bisect_left(self._rows, first) : bisect_right(self._rows, last)]


def _sql_comments(sql: str) -> Iterator[Span]:
    from sqlite_lint.sql.tokens import Kind, tokenize

    return (Span(token.start, token.end) for token in tokenize(sql) if token.kind is Kind.COMMENT)


def _embedded_comments(text: str, uses: Sequence[SqlUse]) -> Iterator[Span]:
    """Comments of SQL in Python source, each once, where the source has them word for word."""
    seen: set[Span] = set()
    for use in uses:
        if not mentions_directive(use.text.text):
            continue
        for comment in _sql_comments(use.text.text):
            place = use.text.locate(comment)
            if place is None or place in seen:
                continue
            seen.add(place)
            if text[place.start : place.end] == use.text.text[comment.start : comment.end]:
                yield place


def _directives(text: str, comments: Iterable[Span], lines: LineIndex, *, sql: bool) -> Iterator[_Directive]:
    region: _Directive | None = None
    for comment in comments:
        for found in _DIRECTIVE.finditer(text, comment.start, comment.end):
            row = lines.position(found.start()).row
            alone = not text[lines.line_start(row) : found.start()].strip()
            switch = (found["switch"] or "").lower()
            if switch and not found["file"]:
                continue
            if switch == "on":
                if region is not None:
                    region.until, region = row, None
                continue
            host = (found["file"] or "").lower()
            if host == "flake8" and (switch or not alone):
                continue
            codes = None
            if found["codes"] is not None:
                codes = tuple(
                    (one.group().upper(), Span(*one.span()))
                    for one in _ONE_CODE.finditer(text, found.start("codes"), found.end("codes"))
                )
            whole = bool(switch) or (bool(host) and alone)
            first = 1 if whole and not switch else row
            made = _Directive(Span(*found.span()), comment, first, lines.rows + 1 if whole else row, whole, codes, sql)
            if switch:
                region = region or made
                if region is not made:
                    continue
            yield made


def _unused(
    directives: list[_Directive], text: str, path: str, lines: LineIndex, enabled: Collection[str]
) -> Iterator[Diagnostic]:
    silent = [d for d in directives if d.whole and d.codes is None]
    for directive in directives:
        codes = directive.codes or ()
        if any(code == _UNUSED for code, _ in codes):
            continue
        unused = [
            (code, span)
            for code, span in codes
            if _OURS.fullmatch(code) and code not in directive.used and any(e.startswith(code) for e in enabled)
        ]
        row = lines.position(directive.span.start).row
        if unused and not any(region.row <= row <= region.until for region in silent):
            yield _finding(directive, unused, text, path, lines)


def _finding(
    directive: _Directive, unused: list[tuple[str, Span]], text: str, path: str, lines: LineIndex
) -> Diagnostic:
    from sqlite_lint import catalog

    rule = catalog.rule(_UNUSED)
    names = ", ".join(code for code, _ in unused)
    span = directive.span if len(unused) == len(directive.codes or ()) else unused[0][1]
    start, end = lines.position(span.start), lines.position(span.end)
    edit = _removal(directive, {s for _, s in unused}, text, lines)
    return Diagnostic(
        code=rule.code,
        name=rule.name,
        message=rule.message.format(codes=names),
        path=path,
        span=span,
        start=start,
        end=end,
        noqa_row=end.row,
        severity=rule.severity,
        fix=Fix(f"Remove the unused suppression of {names}", (edit,), Applicability.SAFE),
        help=rule.summary,
        url=rule.url,
    )


def _removal(directive: _Directive, unused: set[Span], text: str, lines: LineIndex) -> Edit:
    codes = [span for _, span in directive.codes or ()]
    if len(unused) < len(codes):
        kept = [text[s.start : s.end] for s in codes if s not in unused]
        return Edit(Span(codes[0].start, codes[-1].end), ", ".join(kept))
    start, end = directive.span
    rest = text[end : directive.comment.end]
    block = text.startswith("/*", directive.comment.start)
    if rest.strip() and not (block and rest.strip() == "*/"):
        if rest.lstrip().startswith(("#", "--")):  # another directive or comment follows in the same comment
            return Edit(Span(start, end + len(rest) - len(rest.lstrip())), "")
        opener = text[start : start + (1 if text[start] == "#" else 2)]
        return Edit(Span(start, end + len(rest) - len(rest.lstrip())), opener + " ")
    end = directive.comment.end
    while start > 0 and text[start - 1] in " \t":
        start -= 1
    row_start = lines.line_start(lines.position(start).row)
    if not directive.sql and start == row_start:
        end += len(re.compile(r"\r\n|\r|\n|").match(text, end).group())  # type: ignore[union-attr]
    return Edit(Span(start, end), " " if block and text[end : end + 1].strip() else "")
