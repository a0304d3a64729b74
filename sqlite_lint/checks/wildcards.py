"""SQL479: patterns of LIKE with the wildcards of GLOB, and the other way round (https://sqlite.org/lang_expr.html#like)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.checks.bound import Bound
from sqlite_lint.checks.cut import mark
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.operand import LIKE, right_operand
from sqlite_lint.sql.tokens import HOLE, Kind
from sqlite_lint.text import Applicability, Span

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement


class _Wildcards(NamedTuple):
    own: str
    foreign: str
    instead: str
    operator: str  # whose the foreign ones are


_OPERATORS: Final = {"LIKE": _Wildcards("%_", "*", "%", "GLOB"), "GLOB": _Wildcards("*?[", "%", "*", "LIKE")}


def check(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """``name LIKE 'a*'``, ``name GLOB '%a%'``."""
    for operator, wildcards in _OPERATORS.items():
        for at in statement.find(operator):
            end = right_operand(statement, at + 1, LIKE)
            if end is not None and statement.key(at + 1) != "(":
                yield from _judged(statement, context, (at + 1, end), wildcards)


def _judged(statement: Statement, context: SqlContext, at: tuple[int, int], wildcards: _Wildcards) -> Iterator[Hit]:
    parts = [i for i in range(*at) if statement.key(i) != "||"]
    if any(statement.tokens[i].kind not in (Kind.STRING, Kind.PARAM, Kind.WORD) for i in parts):
        return  # a call may put wildcards in
    strings = [i for i in parts if statement.tokens[i].kind is Kind.STRING]
    pattern = "".join(statement.tokens[i].value for i in strings)
    fix = None
    if strings:
        edits = tuple(
            (Span(start + offset, start + offset + 1), wildcards.instead)
            for i in strings
            for start in [statement.tokens[i].start]
            for offset, letter in enumerate(statement.tokens[i].text)
            if letter == wildcards.foreign
        )
        fix = SqlFix(f"Write {wildcards.instead}", edits, Applicability.UNSAFE)
    elif len(parts) == 1 and statement.tokens[parts[0]].kind is Kind.PARAM:
        pattern = context.use.params.texts.get(Bound(statement, context.use.params).key(parts[0]), "")
    is_foreign = pattern.startswith(wildcards.foreign) or pattern.endswith(wildcards.foreign)
    rest = pattern.replace(HOLE, "").strip(wildcards.foreign)
    if (
        is_foreign
        and wildcards.foreign * 2 not in pattern
        and (rest or HOLE in pattern or len(parts) > 1)
        and not set(wildcards.own) & set(pattern)
    ):
        hit = mark(statement, *at, fix, None if fix else f"bind {wildcards.instead} for {wildcards.foreign}")
        yield hit._replace(values={"letter": wildcards.foreign, "operator": wildcards.operator})
