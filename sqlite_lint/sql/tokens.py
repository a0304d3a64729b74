"""Exact tokens of SQL as SQLite, PostgreSQL and MySQL write it.

sqlglot's tokenizer raises on an unterminated string, drops the place of comments and needs to be told one dialect;
here every text gives tokens, each character belongs to one token or to white space, and the three dialects' literals
and operators are told apart by shape.  Rules follow https://sqlite.org/c3ref/complete.html and
https://www.postgresql.org/docs/15/sql-syntax-lexical.html.
"""

from __future__ import annotations

import re
from typing import ClassVar, Final, NamedTuple

from sqlite_lint.regex import regex

HOLE: Final = "\ue000"
"""Stands in SQL text for something only known at run time: an f-string field, a ``%`` or ``.format`` argument."""


class Kind(int):
    """What a token is.

    Not an enum: before Python 3.12 a member of one is five times as dear to read, and these are read for every token.
    """

    name: str

    WORD: ClassVar[Kind]  # keyword or plain name; may contain a hole: ``tbl_{suffix}``
    QUOTED: ClassVar[Kind]  # "name", `name`, [name]
    STRING: ClassVar[Kind]  # 'text'
    BLOB: ClassVar[Kind]  # x'00ff'
    PREFIXED: ClassVar[Kind]  # E'..', B'..', N'..', U&'..'
    DOLLAR: ClassVar[Kind]  # $$text$$, $tag$text$tag$
    NUMBER: ClassVar[Kind]
    PARAM: ClassVar[Kind]  # ? ?1 :a @a $1 %s %(a)s
    OP: ClassVar[Kind]  # operators and punctuation
    HOLE: ClassVar[Kind]  # a hole that is a token of its own
    COMMENT: ClassVar[Kind]
    ERROR: ClassVar[Kind]  # an unterminated literal, or a character that no dialect knows

    def __repr__(self) -> str:
        return f"Kind.{self.name}"

    def __reduce__(self) -> tuple[object, ...]:
        return getattr, (Kind, self.name)  # the one and only, as members of an enum are

    @classmethod
    def named(cls, name: str) -> Kind:
        """The kind of this name, in any case; raises KeyError."""
        return _KINDS_BY_NAME[name.upper()]


_KINDS_BY_NAME: Final[dict[str, Kind]] = {}
for _number, _name in enumerate((n for n, of in Kind.__annotations__.items() if "ClassVar" in of), 1):
    _KINDS_BY_NAME[_name] = Kind(_number)
    _KINDS_BY_NAME[_name].name = _name
    setattr(Kind, _name, _KINDS_BY_NAME[_name])


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


# Characters beyond ASCII are taken by what they are not: a class that names them takes long to compile.
_TOKEN: Final = regex(
    r"""
    [ \t\r\n\f\v]*(?:\ufeff[ \t\r\n\f\v]*)*
  (?:
    (?P<comment>--[^\n]*)
  | (?P<block>/\*)
  | (?P<bracket>\[)
  | (?P<prefixed>[eE]'[^'\\]*(?:(?:\\.|'')[^'\\]*)*'(?!') | (?:[bBnN]|[uU]&)'[^']*(?:''[^']*)*')
  | (?P<blob>[xX]'[^']*')
  | (?P<word>[^\x00-@\[-^`{-\x7f][^\x00-\x23%-/:-@\[-^`{-\x7f]*)
  | (?P<string>'[^']*(?:''[^']*)*')
  | (?P<quoted>"[^"]*(?:""[^"]*)*" | `[^`]*(?:``[^`]*)*`)
  | (?P<number>0[xX][0-9a-fA-F_]+ | (?:[0-9][0-9_]*(?:\.(?!\.)[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?)
  | (?P<dollar>\$(?:[A-Za-z_][A-Za-z0-9_]*)?\$)
  | (?P<param>\?[0-9]* (?!\|(?!\|)|&(?!&)) | %\([A-Za-z_][\w.]*\)s | %s(?![\w])
      | [:@$](?:\w|\ue000)+)
  | (?P<op>->>|->|\|\|/|\|\||\|/|\|>>|::|:=|<=>|<->|<<\||<<|<=|<>|<@(?![A-Za-z_])|>>|>=|==|=>|!~~\*|!~~|!~\*|!~|!=
      |~~\*|~~|~\*|\#>>|\#>|\#-|@>|@@|@\?|&&|&<|&>|\?\||\?&|-\|-|\^@|\.\.|[-+*/%=<>~&|^!@\#?:;,.()\]{}$\\])
  | (?P<error>.)
  | \Z
  )
    """,
    re.VERBOSE | re.DOTALL,
)

_DOLLAR: Final = regex(r"\$[A-Za-z0-9_]*\$")
_BRACKETED: Final = regex(r"\[(?:[A-Za-z_]|\ue000)[^]\[\n'\",]*\]")
_ANY_BRACKETED: Final = regex(r"\[[^]\[\n]+\]")
_BEFORE_NAME: Final = frozenset({"INDEX", "TABLE", "VIEW", "TRIGGER", "EXISTS", "INTO", "FROM", "JOIN", "REFERENCES"})

_WORD: Final = Kind.WORD
_KIND_OF_GROUP: Final = {
    "word": Kind.WORD,
    "comment": Kind.COMMENT,
    "prefixed": Kind.PREFIXED,
    "blob": Kind.BLOB,
    "string": Kind.STRING,
    "quoted": Kind.QUOTED,
    "number": Kind.NUMBER,
    "param": Kind.PARAM,
    "op": Kind.OP,
}
_KINDS: Final = [None, *map(_KIND_OF_GROUP.get, _TOKEN.groupindex)]
"""The kind of a token by the number of the pattern's group; None where more than the pattern decides."""


def tokenize(sql: str, start: int = 0, end: int | None = None) -> list[Token]:
    """Return all tokens of ``sql[start:end]``, comments among them, at their offsets in ``sql``.

    Never raises: an unterminated literal is one ERROR token up to the end.  An unterminated block comment is a
    comment, as SQLite takes it (https://sqlite.org/lang_comment.html).
    """
    stop = len(sql) if end is None else end
    tokens: list[Token] = []
    at: int | None = start
    while at is not None:
        at = _plain_tokens(sql, at, stop, tokens)
    return tokens


def _plain_tokens(sql: str, start: int, stop: int, tokens: list[Token]) -> int | None:
    """Add the tokens from ``start`` on; where one ends elsewhere than its pattern does, return that place."""
    note, make = tokens.append, tuple.__new__
    for found in _TOKEN.finditer(sql, start, stop):
        group = found.lastindex
        if group is None:  # white space at the end
            break
        kind = _KINDS[group]
        text = found[group]
        end = found.end()
        if kind is _WORD:
            note(make(Token, (kind if text != HOLE else Kind.HOLE, end - len(text), end, text, text.upper())))
        elif kind is not None:
            note(make(Token, (kind, end - len(text), end, text, text)))
        else:
            at = end - len(text)
            kind, end = _special(sql, at, stop, tokens)
            text = sql[at:end]
            note(make(Token, (kind, at, end, text, text)))
            if end != found.end():
                return end
    return None


def _special(sql: str, at: int, stop: int, before: list[Token]) -> tuple[Kind, int]:
    """Kind and end of a token whose end its pattern does not know."""
    if sql[at] == "/":
        close = sql.find("*/", at + 2, stop)
        return Kind.COMMENT, stop if close < 0 else close + 2
    if sql[at] == "$":
        opening = _DOLLAR.match(sql, at, stop)
        assert opening is not None
        close = sql.find(opening[0], opening.end(), stop)
        return (Kind.ERROR, stop) if close < 0 else (Kind.DOLLAR, close + len(opening[0]))
    if sql[at] == "[":
        bracketed = _bracketed(sql, at, stop, before)
        return (Kind.OP, at + 1) if bracketed is None else (Kind.QUOTED, bracketed.end())
    return Kind.ERROR, stop if sql[at] in "'\"`" else at + 1


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
