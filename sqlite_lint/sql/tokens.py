"""Exact tokens of SQL as SQLite, PostgreSQL and MySQL write it.

sqlglot's tokenizer raises on an unterminated string, drops the place of comments and needs to be told one dialect;
here every text gives tokens, each character belongs to one token or to white space, and the three dialects' literals
and operators are told apart by shape.  Rules follow https://sqlite.org/c3ref/complete.html and
https://www.postgresql.org/docs/15/sql-syntax-lexical.html.
"""

from __future__ import annotations

import enum
import re
from typing import Final, NamedTuple

HOLE: Final = "\ue000"
"""Stands in SQL text for something only known at run time: an f-string field, a ``%`` or ``.format`` argument."""


class Kind(enum.IntEnum):
    WORD = 1  # keyword or plain name; may contain a hole: ``tbl_{suffix}``
    QUOTED = 2  # "name", `name`, [name]
    STRING = 3  # 'text'
    BLOB = 4  # x'00ff'
    PREFIXED = 5  # E'..', B'..', N'..', U&'..'
    DOLLAR = 6  # $$text$$, $tag$text$tag$
    NUMBER = 7
    PARAM = 8  # ? ?1 :a @a $1 %s %(a)s
    OP = 9  # operators and punctuation
    HOLE = 10  # a hole that is a token of its own
    COMMENT = 11
    ERROR = 12  # an unterminated literal, or a character that no dialect knows


class Token(NamedTuple):
    """A token at character offsets ``start`` to ``end``, from 0.

    ``key`` is the text to compare with: words in upper case, everything else as written.
    """

    kind: Kind
    start: int
    end: int
    text: str
    key: str

    @property
    def has_hole(self) -> bool:
        return HOLE in self.text

    @property
    def name(self) -> str:
        """The identifier's name without its quotes, in lower case (SQLite's names ignore ASCII case)."""
        if self.kind is Kind.QUOTED:
            quote = self.text[0]
            closing = "]" if quote == "[" else quote
            return self.text[1:-1].replace(closing * 2, closing).lower()
        return self.text.lower()

    @property
    def value(self) -> str:
        """The text of a plain string literal, its doubled quotes undone."""
        return self.text[1:-1].replace("''", "'")


_TOKEN: Final = re.compile(
    r"""
    (?P<space>[ \t\r\n\f\v\ufeff]+)
  | (?P<comment>--[^\n]*)
  | (?P<block>/\*)
  | (?P<prefixed>[eE]'[^'\\]*(?:(?:\\.|'')[^'\\]*)*'(?!') | (?:[bBnN]|[uU]&)'[^']*(?:''[^']*)*')
  | (?P<blob>[xX]'[^']*')
  | (?P<string>'[^']*(?:''[^']*)*')
  | (?P<quoted>"[^"]*(?:""[^"]*)*" | `[^`]*(?:``[^`]*)*`)
  | (?P<number>0[xX][0-9a-fA-F_]+ | (?:[0-9][0-9_]*(?:\.(?!\.)[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?)
  | (?P<dollar>\$(?:[A-Za-z_][A-Za-z0-9_]*)?\$)
  | (?P<param>\?[0-9]* (?!\|(?!\|)|&(?!&)) | %\([A-Za-z_][\w.]*\)s | %s(?![\w])
      | [:@$](?=[\w\ue000])[\w\ue000]+)
  | (?P<word>[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_$\x80-\U0010ffff]*)
  | (?P<op>->>|->|\|\|/|\|\||\|/|\|>>|::|:=|<=>|<->|<<\||<<|<=|<>|<@(?![A-Za-z_])|>>|>=|==|=>|!~~\*|!~~|!~\*|!~|!=
      |~~\*|~~|~\*|\#>>|\#>|\#-|@>|@@|@\?|&&|&<|&>|\?\||\?&|-\|-|\^@|\.\.|[-+*/%=<>~&|^!@\#?:;,.()\[\]{}$\\])
  | (?P<error>.)
    """,
    re.VERBOSE | re.DOTALL,
)

_BRACKETED: Final = re.compile(r"\[[A-Za-z_\ue000][^]\[\n'\",]*\]")
_ANY_BRACKETED: Final = re.compile(r"\[[^]\[\n]+\]")
_BEFORE_NAME: Final = frozenset({"INDEX", "TABLE", "VIEW", "TRIGGER", "EXISTS", "INTO", "FROM", "JOIN", "REFERENCES"})

_KINDS: Final = {
    "comment": Kind.COMMENT,
    "prefixed": Kind.PREFIXED,
    "blob": Kind.BLOB,
    "string": Kind.STRING,
    "quoted": Kind.QUOTED,
    "number": Kind.NUMBER,
    "param": Kind.PARAM,
    "word": Kind.WORD,
    "op": Kind.OP,
    "error": Kind.ERROR,
}


def tokenize(sql: str, start: int = 0, end: int | None = None) -> list[Token]:
    """Return all tokens of ``sql[start:end]``, comments among them, at their offsets in ``sql``.

    Never raises: an unterminated literal is one ERROR token up to the end.  An unterminated block comment is a
    comment, as SQLite takes it (https://sqlite.org/lang_comment.html).
    """
    stop = len(sql) if end is None else end
    match = _TOKEN.match
    tokens: list[Token] = []
    at = start
    while at < stop:
        found = match(sql, at, stop)
        assert found is not None  # the last alternative takes any character
        group = found.lastgroup
        upto = found.end()
        if group == "space":
            at = upto
            continue
        if group == "word":
            text = found.group()
            kind = Kind.HOLE if text == HOLE else Kind.WORD
            tokens.append(Token(kind, at, upto, text, text.upper()))
            at = upto
            continue
        if group == "block":
            close = sql.find("*/", at + 2, stop)
            upto = stop if close < 0 else close + 2
            kind = Kind.COMMENT
        elif group == "dollar":
            close = sql.find(found.group(), upto, stop)
            kind = Kind.ERROR if close < 0 else Kind.DOLLAR
            upto = stop if close < 0 else close + upto - at
        else:
            assert group is not None
            kind = _KINDS[group]
            if sql[at] == "[" and (bracketed := _bracketed(sql, at, stop, tokens)):
                kind, upto = Kind.QUOTED, bracketed.end()
            elif kind is Kind.ERROR and sql[at] in "'\"`":
                upto = stop
        text = sql[at:upto]
        tokens.append(Token(kind, at, upto, text, text))
        at = upto
    return tokens


def _bracketed(sql: str, at: int, stop: int, before: list[Token]) -> re.Match[str] | None:
    """The name in brackets at ``at``; where only a name can stand, whatever is in them."""
    if before and before[-1].key in _BEFORE_NAME and before[-1].kind is Kind.WORD:
        return _ANY_BRACKETED.match(sql, at, stop)
    return None if _subscript(before, at) else _BRACKETED.match(sql, at, stop)


def _subscript(before: list[Token], at: int) -> bool:
    """Tell whether the bracket at ``at`` subscripts a value; elsewhere ``[name]`` quotes a name."""
    if not before:
        return False
    last = before[-1]
    return last.key in {"ARRAY", "]"} or (last.end == at and (last.kind is not Kind.OP or last.key == ")"))
