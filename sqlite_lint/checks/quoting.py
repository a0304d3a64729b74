"""SQL402: text in double quotes, which SQLite takes for text only as long as no column has that name.

https://sqlite.org/quirks.html#dblquote.  PostgreSQL's code quotes names so, MySQL's code quotes text so: reported is
only what stands where a value stands and, as far as the statement and the schema show, names nothing.
"""

from __future__ import annotations

import enum
import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Final

from sqlite_lint.regex import regex
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.columns import ROWID_NAMES, visible_columns
from sqlite_lint.sql.comparison import Form, Range, comparisons
from sqlite_lint.sql.primary import is_name
from sqlite_lint.sql.tokens import HOLE, Kind, Token
from sqlite_lint.sql.value import Source, value_of
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_STATEMENTS: Final = frozenset(
    {"SELECT", "INSERT", "REPLACE", "UPDATE", "DELETE", "WITH", "CREATE", "ALTER", "VALUES", "EXPLAIN"}
)
_MATCHING: Final = frozenset({"LIKE", "GLOB", "REGEXP", "MATCH", "ESCAPE"})
_NAME: Final = regex(r"[^\x00-@\[-^`{-\x7f][\w$]*")
_NO_LETTER: Final = regex(r"[\W\d_]*")
_DATE_FUNCTIONS: Final = frozenset({"DATE", "TIME", "DATETIME", "JULIANDAY", "UNIXEPOCH", "STRFTIME", "TIMEDIFF"})
_TIME_WORDS: Final = regex(
    r"now|utc|localtime|unixepoch|julianday|auto|subsec|subsecond|ceiling|floor|weekday \d|start of \w+"
    r"|[+-]?\d.*|.*%.*",
    re.IGNORECASE,
)
_RESERVED: Final = frozenset(
    {"order", "group", "table", "index", "from", "to", "where", "select", "values", "references", "check", "default",
     "primary", "unique", "limit", "join", "on", "in", "is", "as", "and", "or", "not", "null", "case", "when", "then",
     "else", "set", "using", "union", "collate", "column", "constraint", "create", "delete", "distinct", "drop",
     "escape", "exists", "foreign", "having", "insert", "into", "returning", "transaction", "update", "alter", "add",
     "all", "between", "commit", "deferrable", "except", "intersect", "isnull", "notnull", "nothing"}
)  # fmt: skip
"""Words that a column's name must be quoted for: https://sqlite.org/lang_keywords.html."""


_NAME_LISTS: Final = frozenset({"INTO", "TABLE", "INDEX", "WITH", "UPDATE", "INSERT", "REPLACE"})
"""Clauses in which a bracket after a name lists columns."""
_BEFORE_NAME_LIST: Final = frozenset({"INTO", "TABLE", "REFERENCES", "ON", "JOIN", "FROM", "AS"})


class _Place(enum.Enum):
    NO_COLUMNS = "no columns"  # no column can be meant: VALUES (...), DEFAULT, SELECT without FROM
    VALUE = "value"  # what a column is compared with, or set to
    LOOSE = "loose"  # argument of a function, operand of ||, result of CASE: value or column
    NAME = "name"


def check(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """Report double-quoted words that are meant as text."""
    if '"' not in statement.sql or statement.keys_at(0, 2) == ("CREATE", "VIRTUAL"):
        return  # a virtual table's arguments are the module's own language
    if statement.keyword in _STATEMENTS or context.use.is_fragment:
        yield from _Reader(statement, context).hits()


class _Reader:
    """Tells names from text among the double-quoted words of one statement."""

    def __init__(self, statement: Statement, context: SqlContext) -> None:
        self.statement = statement
        self.context = context
        self.words = [i for i, t in enumerate(statement.tokens) if t.kind is Kind.QUOTED and t.text[0] == '"']
        self.places = {i: self._place(i) for i in self.words}

    def hits(self) -> Iterator[Hit]:
        for index, place in self.places.items():
            if place is _Place.NAME:
                continue
            token = self.statement.tokens[index]
            certain = self._is_certain(token, place)
            if certain or self._is_likely(index, token, place):
                yield self._hit(token, certain)

    def _hit(self, token: Token, certain: bool) -> Hit:
        applicability = Applicability.SAFE if certain and not token.has_hole else Applicability.UNSAFE
        text = token.text.replace(HOLE, "{...}")
        fix = SqlFix("Write the text in single quotes", tuple(_requote(token)), applicability)
        return Hit(Span(token.start, token.end), {"quoted": text}, fix=fix)

    def _is_certain(self, token: Token, place: _Place) -> bool:
        """Tell whether no column can have this name."""
        if place is _Place.NO_COLUMNS:
            return True
        if token.text == '""':
            return "" not in self._names
        columns = self._columns
        return columns is not None and token.name not in columns and token.name not in self._names

    def _is_likely(self, index: int, token: Token, place: _Place) -> bool:
        if token.name in self._names or self._is_known_column(token.name):
            return False
        if place is _Place.LOOSE and not self._is_beside_text(index):
            return self._is_no_name(index, token)
        if _NAME.fullmatch(token.text[1:-1].replace(HOLE, "x")):
            in_style = self._quotes_names or token.name in _RESERVED or self.statement.clause[index] == "ON"
            return not in_style
        return True

    def _is_beside_text(self, index: int) -> bool:
        """Tell whether another branch of the same CASE gives a text: ``THEN "late" ELSE 'ok'``."""
        statement, around, nested = self.statement, self.statement.around[index], 0
        if statement.key(index - 1) not in {"THEN", "ELSE"}:
            return False
        for step in (-1, 1):
            at, nested = index + step, 0
            while 0 <= at < len(statement.tokens):
                key = statement.key(at)
                if statement.around[at] == around:
                    if nested == 0 and key == ("CASE" if step < 0 else "END"):
                        break
                    nested += ((key == "CASE") - (key == "END")) * step
                    if nested == 0 and key in {"THEN", "ELSE"} and statement.tokens[at + 1].kind is Kind.STRING:
                        return True
                at += step
        return False

    def _is_no_name(self, index: int, token: Token) -> bool:
        """Tell whether the content alone shows that a function's argument is text."""
        content = token.text[1:-1]
        if token.has_hole:
            return False
        if _NO_LETTER.fullmatch(content) or content.startswith(("$.", "$[")):
            return True
        return self._function(index) in _DATE_FUNCTIONS and _TIME_WORDS.fullmatch(content) is not None

    def _is_known_column(self, name: str) -> bool:
        return name in ROWID_NAMES or bool(self.context.schema.columns_named(name))

    @cached_property
    def _columns(self) -> frozenset[str] | None:
        """All columns that the statement can see; None where they are not known."""
        return None if self.context.use.is_fragment else visible_columns(self.statement, self.context.schema)

    @cached_property
    def _names(self) -> frozenset[str]:
        """Words that stand somewhere in the statement as a name, in lower case."""
        tokens = self.statement.tokens
        return frozenset(
            t.name
            for i, t in enumerate(tokens)
            if t.kind is Kind.WORD or (t.kind is Kind.QUOTED and self.places.get(i, _Place.NAME) is _Place.NAME)
        )

    @cached_property
    def _quotes_names(self) -> bool:
        """Tell whether the statement writes names in double quotes (aliases excepted: those may have spaces)."""
        return any(
            place is _Place.NAME and self.statement.key(i - 1) != "AS" and _NAME.fullmatch(self._content(i)) is not None
            for i, place in self.places.items()
        )

    def _content(self, index: int) -> str:
        return self.statement.tokens[index].text[1:-1].replace(HOLE, "x")

    def _place(self, index: int) -> _Place:
        statement = self.statement
        if statement.key(index + 1) in {".", "("} or statement.key(index - 1) in {".", "AS", "COLLATE"}:
            return _Place.NAME
        if statement.key(statement.around[index] - 1) == "RAISE":
            return _Place.NAME
        if self._sees_no_columns(index):
            return _Place.NO_COLUMNS
        if index in self._compared:
            return _Place.VALUE
        before, after = statement.key(index - 1), statement.key(index + 1)
        if before in _MATCHING or (before == "=" and self._is_set(index)):
            return _Place.VALUE
        if "||" in (before, after) or before in {"THEN", "ELSE"} or self._function(index):
            return _Place.LOOSE
        return _Place.NAME

    def _is_set(self, index: int) -> bool:
        """Tell whether the word is all that a column is set to: ``SET a = "b"``."""
        statement = self.statement
        target = statement.tokens[index - 2] if index > 1 else None
        ends = statement.key(index + 1) in {"", ",", "WHERE", "FROM", "RETURNING", ")", ";"}
        return ends and statement.clause[index] == "SET" and target is not None and not _is_double_quoted(target)

    def _sees_no_columns(self, index: int) -> bool:
        statement = self.statement
        if statement.key(index - 1) == "DEFAULT":
            return True
        clause = statement.clause[index]
        if clause == "SELECT":
            whole = statement.keyword == "SELECT" and not self.context.use.is_fragment and not statement.has_holes
            return whole and "FROM" not in statement.keys and statement.key(index - 1) in {"SELECT", "(", ","}
        return clause == "VALUES" and self._in_inserted_row(index)

    def _in_inserted_row(self, index: int) -> bool:
        """Tell whether the word stands in the rows of INSERT ... VALUES; those see no columns.

        The VALUES of a subquery are others, and so is MySQL's function VALUES(column).
        """
        statement = self.statement
        at = bisect_left(self._values, index) - 1
        if at < 0 or statement.depth[index] == 0 or not {"INSERT", "REPLACE"} & statement.keys:
            return False
        values = self._values[at]
        return statement.depth[values] == 0 and (statement.key(values - 1) == ")" or is_name(statement, values - 1))

    @cached_property
    def _values(self) -> list[int]:
        return list(self.statement.find("VALUES"))

    def _function(self, index: int) -> str:
        """The name of the function of which the word is an argument; "" if there is none."""
        statement = self.statement
        opening = self.statement.around[index]
        if opening < 1 or statement.key(index - 1) not in {"(", ","} or statement.key(index + 1) not in {")", ","}:
            return ""
        name = statement.tokens[opening - 1]
        if name.kind is not Kind.WORD or not (is_name(statement, opening - 1) or name.key == "REPLACE"):
            return ""
        if statement.clause[index] in _NAME_LISTS:
            return ""
        return "" if statement.key(opening - 2) in _BEFORE_NAME_LIST else name.key

    @cached_property
    def _compared(self) -> frozenset[int]:
        """Indexes of the words that are all that a column, not itself in double quotes, is compared with."""
        found: set[int] = set()
        for comparison in comparisons(self.statement):
            if comparison.form is Form.CASE and not self._is_column(comparison.subject):
                continue
            if self._is_column(comparison.subject):
                found.update(other.first for other in comparison.others if self._is_word(other))
        return frozenset(found)

    def _is_word(self, operand: Range) -> bool:
        return operand.end - operand.first == 1 and _is_double_quoted(self.statement.tokens[operand.first])

    def _is_column(self, operand: Range) -> bool:
        tokens = self.statement.tokens[operand.first : operand.end]
        if any(_is_double_quoted(t) or t.kind is Kind.HOLE for t in tokens):
            return False
        source = value_of(self.statement, operand).source
        if source in (Source.COLUMN, Source.JSON):
            return True
        return (
            source in (Source.OTHER, Source.CAST) and any(t.kind is Kind.WORD for t in tokens) and tokens[-1].key == ")"
        )


def _is_double_quoted(token: Token) -> bool:
    return token.kind is Kind.QUOTED and token.text[0] == '"'


def _requote(token: Token) -> Iterator[tuple[Span, str]]:
    """Edits of single characters, so that a hole or an escape between the quotes stays as it is."""
    yield Span(token.start, token.start + 1), "'"
    at = 1
    last = len(token.text) - 1
    while at < last:
        if token.text[at] == "'":
            yield Span(token.start + at, token.start + at), "'"
        elif token.text[at] == '"':
            yield Span(token.start + at, token.start + at + 1), ""
            at += 1
        at += 1
    yield Span(token.end - 1, token.end), "'"
