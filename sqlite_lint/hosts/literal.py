"""String literals, character by character: what each part of the source adds to the string's value.

Python older than 3.12 tells no positions inside f-strings, and no version tells them inside escapes and implicit
concatenation (https://docs.python.org/3/reference/lexical_analysis.html#string-and-bytes-literals).
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Final, TypeAlias

from sqlite_lint.hosts.sqltext import Piece, PieceKind, Quoting, SqlText
from sqlite_lint.regex import regex
from sqlite_lint.text import Span


@dataclass(frozen=True, slots=True)
class Field:
    """A replacement field of an f-string: ``span`` includes the braces, ``index`` counts the fields from 0."""

    span: Span
    index: int
    plain: bool  # neither a conversion nor a format specification


Part: TypeAlias = SqlText | Field


class _Malformed(Exception):
    """The source is not what the scanner expects; the caller falls back to the value that ``ast`` gives."""


_OPENING: Final = regex(r"([rRbBuUfF]{0,2})('''|\"\"\"|'|\")")
_BETWEEN: Final = regex(r"(?:[ \t\f\r\n]+|\\\r?\n|#[^\r\n]*)*")
_ESCAPE: Final = regex(
    r"\\(?:(?P<newline>\r\n|\n|\r)|(?P<octal>[0-7]{1,3})|x(?P<hex>[0-9a-fA-F]{2})"
    r"|u(?P<short>[0-9a-fA-F]{4})|U(?P<long>[0-9a-fA-F]{8})|N\{(?P<name>[^}]+)\}|(?P<other>.))",
    re.DOTALL,
)
_BYTES_ESCAPE: Final = regex(
    r"\\(?:(?P<newline>\r\n|\n|\r)|(?P<octal>[0-7]{1,3})|x(?P<hex>[0-9a-fA-F]{2})|(?P<other>.))", re.DOTALL
)
_SIMPLE: Final = {
    "\\": "\\",
    "'": "'",
    '"': '"',
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
}
_DEBUG: Final = regex(r"(?<![=!<>])=(?!=)[ \t\r\n]*$")


def read_literal(text: str, span: Span, node: ast.Constant | ast.JoinedStr) -> list[Part]:
    """The parts of the literal ``node`` that stands at ``text[span]``, in order; never raises.

    Neighbouring texts are merged.  What cannot be mapped is given by value as an OPAQUE piece.
    """
    if isinstance(node, ast.Constant):
        value = _value(node)
        plain = _plain(text, span, value)
        if plain is not None:
            return [plain]
    try:
        parts = _Scanner(text, span).parts()
    except (_Malformed, ValueError, LookupError):
        return _by_value(span, node)
    return parts if _agrees(parts, node) else _by_value(span, node)


def _value(node: ast.expr) -> str:
    """The value of a string; bytes are read as the characters of the same numbers."""
    value = node.value if isinstance(node, ast.Constant) else ""
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _plain(text: str, span: Span, value: str) -> SqlText | None:
    """The common case, without a scan: one literal, no escapes."""
    opening = _OPENING.match(text, span.start)
    if opening is None:
        return None
    prefix, quote = opening.group(1).lower(), opening.group(2)
    start, end = opening.end(), span.end - len(quote)
    if "\\" in value and "r" not in prefix:
        return None
    if start + len(value) != end or not text.startswith(value, start):
        return None
    return SqlText.verbatim(value, start, Quoting(quote, raw="r" in prefix, bytes="b" in prefix))


def _agrees(parts: list[Part], node: ast.Constant | ast.JoinedStr) -> bool:
    if isinstance(node, ast.Constant):
        return all(isinstance(part, SqlText) for part in parts) and _value(node) == "".join(
            part.text for part in parts if isinstance(part, SqlText)
        )
    expected: list[str | None] = []
    for value in node.values:
        text = _value(value) if isinstance(value, ast.Constant) else None
        if text and expected and expected[-1] is not None:
            expected[-1] += text
        elif text != "":
            expected.append(text)
    return expected == [part.text if isinstance(part, SqlText) else None for part in parts]


def _by_value(span: Span, node: ast.Constant | ast.JoinedStr) -> list[Part]:
    if isinstance(node, ast.Constant):
        whole = _value(node)
        return [SqlText.opaque(whole, span)] if whole else []
    parts: list[Part] = []
    index = 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(SqlText.opaque(_value(part), span))
        else:
            parts.append(Field(span, index, plain=False))
            index += 1
    return parts


class _Scanner:
    """Reads the tokens of one literal expression: neighbouring strings are one value to Python."""

    def __init__(self, text: str, span: Span) -> None:
        self.text = text
        self.at = span.start
        self.end = span.end
        self.fields = 0
        self.out: list[Part] = []
        self.buffer: list[str] = []
        self.pieces: list[Piece] = []
        self.length = 0

    def parts(self) -> list[Part]:
        while self.at < self.end:
            between = _BETWEEN.match(self.text, self.at, self.end)
            assert between is not None  # it matches the empty text, too
            self.at = between.end()
            if self.at >= self.end:
                break
            self._token()
        self._flush()
        return self.out

    def _token(self) -> None:
        opening = _OPENING.match(self.text, self.at, self.end)
        if opening is None:
            raise _Malformed
        prefix, quote = opening.group(1).lower(), opening.group(2)
        quoting = Quoting(quote, raw="r" in prefix, bytes="b" in prefix, braces="f" in prefix)
        self.at = opening.end()
        special = _special(quote, quoting)
        while True:
            found = special.search(self.text, self.at, self.end)
            if found is None:
                raise _Malformed
            self._verbatim(self.at, found.start(), quoting)
            self.at = found.start()
            mark = found.group()
            if mark == quote:
                self.at = found.end()
                return
            if mark == "\\":
                self._backslash(quote, quoting)
            elif mark in "\r\n":
                end = self.at + (2 if self.text.startswith("\r\n", self.at) else 1)
                self._add("\n", Span(self.at, end), PieceKind.LINE_END, quoting)
                self.at = end
            elif self.text.startswith(mark * 2, self.at):
                self._escaped(mark, self.at + 2, quoting)
            elif mark == "{":
                self._field(quoting)
            else:
                raise _Malformed

    def _backslash(self, quote: str, quoting: Quoting) -> None:
        if quoting.raw:
            # The backslash stays, and only keeps a quote from closing the literal.
            skip = 2 if self.text.startswith(quote[0], self.at + 1) or self.text[self.at + 1] == "\\" else 1
            self._verbatim(self.at, self.at + skip, quoting)
            self.at += skip
            return
        found = (_BYTES_ESCAPE if quoting.bytes else _ESCAPE).match(self.text, self.at, self.end)
        if found is None:
            raise _Malformed
        if found["newline"]:
            self.at = found.end()
        elif quoting.braces and found["other"] in ("{", "}"):
            self._verbatim(self.at, self.at + 1, quoting)
            self.at += 1
        else:
            self._escaped(_unescape(found), found.end(), quoting)

    def _field(self, quoting: Quoting) -> None:
        start = self.at
        close, plain, debug = _field_end(self.text, start + 1, self.end)
        if debug:
            self._verbatim(start + 1, debug, quoting)
        self._flush()
        self.out.append(Field(Span(start, close + 1), self.fields, plain))
        self.fields += 1
        self.at = close + 1

    def _verbatim(self, start: int, end: int, quoting: Quoting) -> None:
        if start < end:
            self._add(self.text[start:end], Span(start, end), PieceKind.VERBATIM, quoting)

    def _escaped(self, value: str, end: int, quoting: Quoting) -> None:
        self._add(value, Span(self.at, end), PieceKind.ESCAPE, quoting)
        self.at = end

    def _add(self, value: str, src: Span, kind: PieceKind, quoting: Quoting) -> None:
        self.buffer.append(value)
        last = self.pieces[-1] if self.pieces else None
        sql = Span(self.length, self.length + len(value))
        self.length = sql.end
        if (
            last is not None
            and kind is last.kind is PieceKind.VERBATIM
            and last.src is not None
            and last.src.end == src.start
        ):
            self.pieces[-1] = Piece(Span(last.sql.start, sql.end), Span(last.src.start, src.end), kind, quoting)
        else:
            self.pieces.append(Piece(sql, src, kind, quoting))

    def _flush(self) -> None:
        if self.buffer:
            self.out.append(SqlText("".join(self.buffer), tuple(self.pieces)))
            self.buffer, self.pieces, self.length = [], [], 0


_SPECIALS: Final[dict[tuple[str, bool], re.Pattern[str]]] = {}


def _special(quote: str, quoting: Quoting) -> re.Pattern[str]:
    """What ends a run of plain characters: the closing quote, a backslash, a line end other than \\n, a brace."""
    key = (quote, quoting.braces)
    pattern = _SPECIALS.get(key)
    if pattern is None:
        pattern = _SPECIALS[key] = re.compile(rf"{quote}|\\|\r" + ("|[{}]" if quoting.braces else ""))
    return pattern


def _unescape(found: re.Match[str]) -> str:
    groups = found.groupdict()
    if groups["octal"]:
        return chr(int(groups["octal"], 8))
    for name in ("hex", "short", "long"):
        if groups.get(name):
            return chr(int(groups[name], 16))
    if groups.get("name"):
        import unicodedata

        return unicodedata.lookup(groups["name"])
    # An unknown escape keeps its backslash; as one piece, so that no edit separates the two characters.
    return _SIMPLE.get(groups["other"], "\\" + groups["other"])


def _field_end(text: str, at: int, end: int) -> tuple[int, bool, int]:
    """The place of a field's closing brace, whether the field is plain, and where ``expr=`` ends (0: it has none)."""
    start = at
    depth = 0
    while at < end:
        char = text[at]
        if char in "'\"":
            at = _skip_string(text, at, end)
            continue
        if char in "([{":
            depth += 1
        elif depth and char in ")]}":
            depth -= 1
        elif char == "#":
            while at < end and text[at] not in "\r\n":
                at += 1
            continue
        elif not depth and (char in "}:" or (char == "!" and text[at + 1 : at + 2] != "=")):
            debug = at if _DEBUG.search(text, start, at) else 0
            return _spec_end(text, at, end), char == "}" and not debug, debug
        at += 1
    raise _Malformed


def _spec_end(text: str, at: int, end: int) -> int:
    """The closing brace, from a conversion or format specification on; it may hold fields itself."""
    while at < end:
        char = text[at]
        if char == "}":
            return at
        at = _field_end(text, at + 1, end)[0] + 1 if char == "{" else at + 1
    raise _Malformed


def _skip_string(text: str, at: int, end: int) -> int:
    """The end of a string inside a field; since Python 3.12 it may use the quotes of the string around it."""
    prefix = at
    while prefix > 0 and text[prefix - 1].isalpha():
        prefix -= 1
    letters = text[prefix:at].lower()
    opening = _OPENING.match(text, at, end)
    if opening is None:
        raise _Malformed
    quote = opening.group(2)
    formatted = "f" in letters and len(letters) <= 2
    at = opening.end()
    while at < end:
        if text.startswith(quote, at):
            return at + len(quote)
        if text[at] == "\\":
            at += 2
        elif formatted and text[at] == "{" and not text.startswith("{{", at):
            at = _field_end(text, at + 1, end)[0] + 1
        elif formatted and text.startswith("{{", at):
            at += 2
        else:
            at += 1
    raise _Malformed
