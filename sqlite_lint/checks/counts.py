"""SQL804: as many values as columns in an INSERT, and as many as parameters in the call that runs a statement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.hosts.supply import Supply, SupplyKind
from sqlite_lint.rule import Hit, SourceHit
from sqlite_lint.sql.against import faults
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.sql.witness import LackKind, VerdictKind
from sqlite_lint.text import Edit, Span

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement

_NAMES: Final = (Kind.WORD, Kind.QUOTED)
_QUERY: Final = frozenset({"SELECT", "WITH"})
_AFTER_OUTPUTS: Final = frozenset(
    {"FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "UNION", "INTERSECT", "EXCEPT", "ON", "RETURNING", "WINDOW"}
)
_BEFORE_STAR: Final = frozenset({"SELECT", "DISTINCT", "ALL", ",", "."})
_TUPLE: Final = "Write a tuple of one value"


def check(statement: Statement, context: SqlContext) -> Iterator[Hit | SourceHit]:
    """Report rows of a wrong length, and calls that supply a wrong number of values."""
    if context.use.supplies and _is_alone(statement):
        yield from _supplied(statement, context)
    if "INTO" in statement.keys and not (context.use.is_fragment or context.use.repeated):
        yield from _inserted(statement, context)


# -- rows of an INSERT


def _inserted(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    into = next((i for i in statement.find("INTO") if statement.depth[i] == 0), None)
    if into is None or context.verdict.kind is VerdictKind.REFUSED:
        return
    at = into + 1
    while statement.key(at + 1) == ".":
        at += 2
    at += 1
    if statement.key(at) == "AS":
        at += 2
    if statement.key(at) != "(" or statement.key(at + 1) in _QUERY or at not in statement.partner:
        yield from _whole_rows(statement, context)
        return
    columns = _length(statement, at)
    if columns is None:
        return
    after = statement.partner[at] + 1
    for values, span in _rows(statement, after):
        if values != columns:
            fault = f"{_counted(values, 'value')} for {_counted(columns, 'column')}"
            yield Hit(span, {"fault": fault})


def _whole_rows(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """Rows of an INSERT without column names, against the width of the table.

    How many ``SELECT *`` gives is not known: the tables that it reads may have lost columns.
    """
    select = next((i for i in statement.find("SELECT") if statement.depth[i] == 0), None)
    if select is not None and _outputs(statement, select) is None:
        return
    schema = context.names or context.schema
    for fault in faults(statement, schema) if schema else ():
        if fault.kind is LackKind.ARGUMENTS and fault.tables[0].width is not None:
            width = _counted(fault.tables[0].width, "column")
            yield Hit(fault.span, {"fault": f"{_counted(fault.values, 'value')} for the {width} of {fault.name}"})


def _rows(statement: Statement, at: int) -> Iterator[tuple[int, Span]]:
    """The number of values of each row of VALUES at ``at``, or of the query there, with its place."""
    if statement.key(at) == "SELECT":
        count = _outputs(statement, at)
        if count is not None:
            yield count, statement.span_of(at, at)
        return
    if statement.key(at) != "VALUES":
        return
    at += 1
    while statement.key(at) == "(" and at in statement.partner:
        end = statement.partner[at]
        if (count := _length(statement, at)) is not None:
            yield count, statement.span_of(at, end)
        at = end + 1 + (statement.key(end + 1) == ",")


def _length(statement: Statement, opening: int) -> int | None:
    """The number of items in a bracket; None where some are filled in at run time."""
    end = statement.partner[opening]
    if any(_is_filled_in(statement, i) for i in range(opening + 1, end)):
        return None
    return len(statement.arguments(opening))


def _is_filled_in(statement: Statement, index: int) -> bool:
    token = statement.tokens[index]
    return (token.has_hole and token.kind is not Kind.STRING) or token.key in {"{", "}"}


def _outputs(statement: Statement, select: int) -> int | None:
    depth = statement.depth[select]
    count = 1
    for i in range(select + 1, len(statement.tokens)):
        if statement.depth[i] != depth:
            continue
        key = statement.key(i)
        if key in _AFTER_OUTPUTS and statement.tokens[i].kind is Kind.WORD:
            break
        if _is_filled_in(statement, i) or (key == "*" and statement.key(i - 1) in _BEFORE_STAR):
            return None
        count += key == "," and statement.tokens[i].kind is Kind.OP
    return count


# -- values that a call binds


class _Parameters(NamedTuple):
    """``needed`` values must be given; ``names`` are those of named parameters, ``numbered`` tells of others.

    Where there is a hole there may be ``more``.
    """

    needed: int
    names: tuple[str, ...]
    numbered: bool
    more: bool


def _parameters(statement: Statement) -> _Parameters | None:
    """The parameters as SQLite counts them (https://sqlite.org/lang_expr.html#varparam); None for those of others."""
    largest = 0
    names: dict[str, None] = {}
    numbered = False
    for token in statement.tokens:
        if token.kind is not Kind.PARAM:
            continue
        if token.text[0] == "%" or token.has_hole:
            return None
        if token.text[0] == "?":
            numbered = True
            largest = max(largest, int(token.text[1:])) if token.text[1:].isdigit() else largest + 1
        elif token.text not in names:
            names[token.text] = None
            largest += 1
    return _Parameters(largest, tuple(name[1:] for name in names), numbered, statement.has_holes)


def _supplied(statement: Statement, context: SqlContext) -> Iterator[SourceHit]:
    wanted = _parameters(statement) if "{" not in statement.sql else None
    if wanted is None:
        return
    for supply in dict.fromkeys(context.use.supplies):
        fault = _FAULTS[supply.kind](supply, wanted)
        if fault:
            one = supply.kind in (SupplyKind.TEXT, SupplyKind.NUMBER) and wanted.needed == 1 and not wanted.more
            title, edits = (_TUPLE, _as_tuple(supply)) if one else ("", ())
            yield SourceHit(supply.span, {"fault": fault}, fix_title=title, edits=edits)


def _as_tuple(supply: Supply) -> tuple[Edit, ...]:
    start, end = supply.span
    if supply.bracketed:
        return (Edit(Span(end, end), ","),)
    return Edit(Span(start, start), "("), Edit(Span(end, end), ",)")


def _of_sequence(supply: Supply, wanted: _Parameters) -> str:
    given = supply.count or 0
    if given == wanted.needed or (wanted.more and given > wanted.needed):
        return ""
    return f"{_counted(given, 'value')} for {_counted(wanted.needed, 'parameter')}"


def _of_mapping(supply: Supply, wanted: _Parameters) -> str:
    if wanted.numbered and not wanted.names:
        return f"names for {_counted(wanted.needed, 'parameter')} without a name"
    missing = [name for name in wanted.names if name not in supply.names]
    return f"no value for the parameter{'s' * (len(missing) > 1)} {', '.join(missing)}" if missing else ""


def _of_text(supply: Supply, wanted: _Parameters) -> str:
    if supply.count is not None and supply.count == wanted.needed:
        return ""
    letters = "each of its characters" if supply.count is None else f"each of its {supply.count} characters"
    return f"a text as the values: SQLite takes {letters} for a value"


def _of_number(_supply: Supply, _wanted: _Parameters) -> str:
    return "a number as the values: they must be a tuple, a list or a dictionary"


_FAULTS: Final = {
    SupplyKind.SEQUENCE: _of_sequence,
    SupplyKind.MAPPING: _of_mapping,
    SupplyKind.TEXT: _of_text,
    SupplyKind.NUMBER: _of_number,
}


def _is_alone(statement: Statement) -> bool:
    """Tell whether the text holds this one statement only."""
    before, after = statement.text[: statement.span.start], statement.text[statement.span.end :]
    return ";" not in before and not after.strip(" \t\r\n;")


def _counted(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
