"""SQL together with the place in the source from which each of its characters comes."""

from __future__ import annotations

import enum
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice, pairwise, takewhile
from typing import NamedTuple

from sqlite_lint.sql.tokens import HOLE, Kind, tokenize
from sqlite_lint.text import Edit, Span


class PieceKind(enum.IntEnum):
    VERBATIM = 1  # the source has the same characters
    ESCAPE = 2  # the source spells one character otherwise: \\n, \\u00e9, {{, %%
    HOLE = 3  # one HOLE character of SQL for an f-string field, %s, {} or a name
    LINE_END = 5  # \\n, for which the source has \\r\\n
    OPAQUE = 4  # text whose place in this source is not known (another file, a computed value)


@dataclass(frozen=True, slots=True)
class Quoting:
    """How the Python literal around a piece is written; None for text outside a literal (.sql files)."""

    quote: str  # ' or " or \'\'\' or \"\"\"
    raw: bool = False
    bytes: bool = False
    braces: bool = False  # { and } are doubled: an f-string, or a template given to str.format
    percents: bool = False  # % is doubled: a template of the % operator
    parameters: bool = False  # % is doubled, but for %s and %(name)s: a text that Django runs with values

    def escape(self, text: str) -> str | None:
        """Spell ``text`` inside this literal; None where that is not possible without changing the literal."""
        if self.bytes and not text.isascii():
            return None
        if self.parameters:
            text = _doubled(text)
        escaped = self._escape_raw(text) if self.raw else self._escape_cooked(text)
        if escaped is None:
            return None
        if self.braces:
            escaped = escaped.replace("{", "{{").replace("}", "}}")
        return escaped.replace("%", "%%") if self.percents else escaped

    def _escape_raw(self, text: str) -> str | None:
        """A raw literal has no escapes: it cannot hold its own quote, nor a backslash before that quote."""
        if "\r" in text or "\0" in text or text.endswith("\\"):
            return None
        if len(self.quote) == 1:
            return None if self.quote in text or "\n" in text else text
        quote = self.quote[0]
        return None if self.quote in text or text.startswith(quote) or text.endswith(quote) else text

    def _escape_cooked(self, text: str) -> str:
        text = text.replace("\\", "\\\\").replace("\r", "\\r").replace("\0", "\\x00")
        quote = self.quote[0]
        if len(self.quote) == 1:
            return text.replace(quote, "\\" + quote).replace("\n", "\\n")
        # Three quotes in a row close the literal, and those next to the text are not known here.
        if self.quote in text or text.startswith(quote) or text.endswith(quote):
            return text.replace(quote, "\\" + quote)
        return text


def _doubled(text: str) -> str:
    """``text`` with its percent signs doubled, those of parameters excepted."""
    if "%" not in text:
        return text
    parts = []
    at = 0
    for token in tokenize(text):
        if token.kind is not Kind.PARAM:
            parts += [text[at : token.start], token.text.replace("%", "%%")]
            at = token.end
    return "".join([*parts, text[at:]])


class Piece(NamedTuple):
    """A run of SQL, ``SqlText.text[sql.start:sql.end]``, and where it stands in the source.

    ``src`` is None for OPAQUE pieces.  A VERBATIM piece maps character by character; others only as a whole.
    Between two neighbours whose sources do not touch lies a seam: two literals, joined by Python.
    """

    sql: Span
    src: Span | None
    kind: PieceKind
    quoting: Quoting | None = None


def _start(piece: Piece) -> int:
    return piece.sql.start


def _end(piece: Piece) -> int:
    return piece.sql.end


@dataclass(frozen=True, slots=True)
class SqlText:
    """SQL text and its pieces, in order and without gaps."""

    text: str
    pieces: tuple[Piece, ...]

    @classmethod
    def verbatim(cls, text: str, start: int = 0, quoting: Quoting | None = None) -> SqlText:
        """SQL that stands in the source as it is, from character offset ``start``."""
        span = Span(0, len(text))
        return cls(text, (Piece(span, span.shift(start), PieceKind.VERBATIM, quoting),) if text else ())

    @classmethod
    def opaque(cls, text: str, src: Span | None = None) -> SqlText:
        """Text known by value only; ``src`` is the expression that names it, if it stands in this source."""
        return cls(text, (Piece(Span(0, len(text)), src, PieceKind.OPAQUE),) if text else ())

    @classmethod
    def hole(cls, src: Span | None) -> SqlText:
        return cls(HOLE, (Piece(Span(0, 1), src, PieceKind.HOLE),))

    @classmethod
    def join(cls, parts: Iterable[SqlText]) -> SqlText:
        texts: list[str] = []
        pieces: list[Piece] = []
        at = 0
        for part in parts:
            texts.append(part.text)
            pieces += [piece._replace(sql=piece.sql.shift(at)) for piece in part.pieces]
            at += len(part.text)
        return cls("".join(texts), tuple(pieces))

    def substitute(self, changes: Iterable[tuple[Span, SqlText | None]]) -> SqlText:
        """This text with each span replaced by another text, or removed; spans are in order and do not overlap."""
        parts: list[SqlText] = []
        cutter = Cutter(self)
        at = 0
        for span, replacement in changes:
            parts.append(cutter.take(at, span.start))
            if replacement is not None:
                parts.append(replacement)
            at = span.end
        parts.append(cutter.take(at, len(self.text)))
        return SqlText.join(parts)

    def cut(self, span: Span) -> SqlText:
        """The part of this text at ``span``."""
        return Cutter(self).take(span.start, span.end)

    def requote(self, *, braces: bool = False, percents: bool = False, parameters: bool = False) -> SqlText:
        """The same text, spelled as a template of ``str.format`` or of the ``%`` operator, or with Django's ``%s``."""
        quotings: dict[Quoting, Quoting] = {}
        pieces = []
        for piece in self.pieces:
            quoting = piece.quoting
            if quoting is not None and piece.kind is PieceKind.VERBATIM:
                changed = quotings.get(quoting)
                if changed is None:
                    changed = replace(
                        quoting,
                        braces=quoting.braces or braces,
                        percents=quoting.percents or percents,
                        parameters=quoting.parameters or parameters,
                    )
                    quotings[quoting] = changed
                piece = piece._replace(quoting=changed)
            pieces.append(piece)
        return SqlText(self.text, tuple(pieces))

    @property
    def has_holes(self) -> bool:
        return HOLE in self.text

    def _touched(self, span: Span) -> tuple[Piece, ...]:
        first = max(bisect_right(self.pieces, span.start, key=_start) - 1, 0)
        last = bisect_right(self.pieces, max(span.end - 1, span.start), key=_start)
        return self.pieces[first:last]

    def locate(self, span: Span) -> Span | None:
        """The source span of a span of SQL; the whole piece where a piece cannot be cut; None if unknown."""
        pieces = self._touched(span)
        if not pieces:
            return None
        first, last = pieces[0], pieces[-1]
        if first.src is None or last.src is None:
            return None
        start, end = first.src.start, last.src.end
        if first.kind is PieceKind.VERBATIM:
            start += span.start - first.sql.start
        if last.kind is PieceKind.VERBATIM:
            end -= last.sql.end - span.end
        return Span(start, max(start, end)) if start <= last.src.end else None

    def literal_end(self, offset: int) -> int | None:
        """Source offset of the end of the literal in which the SQL at ``offset`` stands; None outside literals."""
        end: int | None = None
        for piece in islice(self.pieces, bisect_left(self.pieces, offset, key=_end), None):
            if end is not None and (piece.src is None or piece.src.start != end):
                break
            if piece.src is not None:
                if piece.kind is PieceKind.VERBATIM and piece.quoting is None:
                    return None
                end = piece.src.end
        return end

    def _inserted_in(self, offset: int, text: str) -> tuple[Piece, ...]:
        """The piece that takes an insertion: at a border, of those with plain text, the one that it belongs to.

        What opens a bracket or ends in a space is written before an operand, and all else behind one; in the other
        piece it would come apart from the operand where the pieces are parts of different strings.
        """
        first = bisect_left(self.pieces, offset, key=_end)
        pieces = [*takewhile(lambda piece: piece.sql.start <= offset, islice(self.pieces, first, None))]
        plain = [piece for piece in pieces if _takes_insertions(piece)]
        if text[-1:] in ("(", " "):
            plain.reverse()
        return tuple((plain or pieces)[:1])

    def edit(self, span: Span, text: str) -> Edit | str:
        """The source edit that replaces ``span`` of the SQL by ``text``, or why there is none."""
        pieces = self._inserted_in(span.start, text) if span.start == span.end else self._touched(span)
        if not pieces:
            return "the text is empty"
        if any(piece.kind is PieceKind.HOLE for piece in pieces):
            return "it would touch a value that is filled in at run time"
        if any(piece.kind is PieceKind.OPAQUE for piece in pieces):
            return "the text stands elsewhere"
        inserts = span.start == span.end and _takes_insertions(pieces[0])
        if any(piece.kind is PieceKind.ESCAPE for piece in pieces) and not inserts:
            return "it would touch an escape sequence"
        for left, right in pairwise(pieces):
            if left.src is None or right.src is None or left.src.end != right.src.start:
                return "it would reach across two string literals"
        first = pieces[0]
        assert first.src is not None
        start = _in_source(first, span.start)
        end = start if span.start == span.end else _in_source(pieces[-1], span.end)
        if first.quoting is not None:
            escaped = first.quoting.escape(text)
            if escaped is None:
                return "the replacement cannot be written in this kind of string literal"
            text = escaped
        return Edit(Span(start, end), text)


def _takes_insertions(piece: Piece) -> bool:
    """Tell whether text can be written beside this piece's source: an escape sequence stays whole, too."""
    return piece.kind is PieceKind.VERBATIM or (
        piece.kind in (PieceKind.ESCAPE, PieceKind.LINE_END) and piece.quoting is not None
    )


def _in_source(piece: Piece, offset: int) -> int:
    """Where in the source the SQL at ``offset`` stands; both ends of a piece are its own."""
    assert piece.src is not None
    if piece.kind is PieceKind.VERBATIM:
        return piece.src.start + offset - piece.sql.start
    return piece.src.start if offset == piece.sql.start else piece.src.end


def replaced(pieces: tuple[Piece, ...], source: Span) -> Iterator[Span]:
    """The spans of SQL that come from ``source``, of which there are several where a text is used several times."""
    for number, first in enumerate(pieces):
        start = _in_sql(first, source.start)
        if start is None:
            continue
        for last in pieces[number:]:
            end = _in_sql(last, source.end)
            if end is not None:
                yield Span(start, end)
                break
            if last.src is None or last.kind not in (PieceKind.VERBATIM, PieceKind.LINE_END):
                break


def _in_sql(piece: Piece, offset: int) -> int | None:
    """The inverse of ``_in_source``; None where the piece has no such place."""
    if piece.src is None or piece.kind in (PieceKind.HOLE, PieceKind.OPAQUE):
        return None
    if piece.kind is PieceKind.VERBATIM:
        inside = piece.src.start <= offset <= piece.src.end
        return piece.sql.start + offset - piece.src.start if inside else None
    return {piece.src.start: piece.sql.start, piece.src.end: piece.sql.end}.get(offset)


class Cutter:
    """Takes parts of a text from its beginning to its end; each piece is looked at once."""

    def __init__(self, text: SqlText) -> None:
        self._text = text
        self._next = 0

    def take(self, start: int, end: int) -> SqlText:
        """``text[start:end]``; ``start`` is never before the end of the part taken last."""
        if start >= end:
            return SqlText("", ())
        pieces = self._text.pieces
        while pieces[self._next].sql.end <= start:
            self._next += 1
        taken: list[Piece] = []
        index = self._next
        while index < len(pieces) and pieces[index].sql.start < end:
            taken.append(_clip(pieces[index], start, end))
            index += 1
        self._next = max(index - 1, self._next)
        return SqlText(self._text.text[start:end], tuple(taken))


def _clip(piece: Piece, start: int, end: int) -> Piece:
    """The part of ``piece`` inside ``start`` to ``end``, its SQL offsets counted from ``start``."""
    first, last = max(piece.sql.start, start), min(piece.sql.end, end)
    sql = Span(first - start, last - start)
    if piece.kind is PieceKind.VERBATIM and piece.src is not None:
        src = piece.src.start - piece.sql.start
        return piece._replace(sql=sql, src=Span(src + first, src + last))
    whole = (first, last) == piece.sql
    return piece._replace(sql=sql, kind=piece.kind if whole else PieceKind.OPAQUE)
