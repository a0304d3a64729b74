"""SQL803: functions called with a wrong number of arguments, or by a name that is almost one of SQLite's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

from sqlite_lint.provided import is_provided
from sqlite_lint.rule import Hit, SqlFix
from sqlite_lint.sql.calls import calls
from sqlite_lint.sql.functions import (
    accepts,
    functions_at,
    is_sqlite_function,
    mysql_functions,
    postgres_functions,
    rare_functions,
    table_function_since,
)
from sqlite_lint.sql.nearest import Names
from sqlite_lint.text import Applicability

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.calls import Call
    from sqlite_lint.sql.statement import Statement

_NEWEST: Final = (9, 0)
_SHORTEST: Final = 5  # shorter names are one letter away from too many others
_ANY: Final = "*"  # extensions are loaded: any function may be there


def check(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """Report calls that no SQLite, and nothing that the project registers, can answer."""
    if not context.verdict.parses:
        return
    for call in calls(statement):
        if call.in_from or is_provided(call.name, context):
            continue
        arities = functions_at(_NEWEST).get(call.name)
        if arities is not None:
            if call.arity is not None and not accepts(arities, call.arity):
                yield Hit(call.span, {"fault": f"{call.name}() takes {_numbers(arities)}, not {call.arity}"})
        elif _ANY not in context.functions and not is_known(call.name) and is_misspelt(call.name):
            yield _misspelt(statement, call)


@cache
def _functions() -> Names:
    return Names(functions_at(_NEWEST))


def _misspelt(statement: Statement, call: Call) -> Hit:
    near = _functions().near(call.name)
    fault = f"SQLite has no function {call.name}(); did you mean {' or '.join(near[:3])}?"
    fix = None
    if len(near) == 1 and statement.tokens[call.at].text.isidentifier():
        name = near[0].upper() if statement.tokens[call.at].text.isupper() else near[0]
        fix = SqlFix(f"Write `{name}`", ((call.span, name),), Applicability.UNSAFE)
    return Hit(call.span, {"fault": fault}, fix=fix)


def is_misspelt(name: str) -> bool:
    """Tell a slip from another name: digits and words at the end make one, ``log10`` and ``length_of``."""
    near = _functions().near(name) if len(name) >= _SHORTEST and not name[-1].isdigit() else ()
    return bool(near) and all(not each.startswith(name) and not name.startswith(each) for each in near)


@cache
def is_known(name: str) -> bool:
    """Tell whether a name is somebody's function: other rules speak of those."""
    return (
        is_sqlite_function(name)
        or name in rare_functions()
        or name in postgres_functions()
        or name in mysql_functions()
        or table_function_since(name) is not None
    )


def _numbers(arities: Iterable[int]) -> str:
    """How many arguments a function takes, in words; the numbers as ``functions.accepts`` has them."""
    exact = sorted(arity for arity in arities if arity >= 0)
    least = min([*exact, *(-arity - 2 for arity in arities if arity < -2)], default=0)
    if exact == [0]:
        return "no arguments"
    if any(arity < 0 for arity in arities):
        return f"{least} argument{'' if least == 1 else 's'} or more"
    text = " or ".join(map(str, exact)) if len(exact) < 3 else f"{exact[0]} to {exact[-1]}"
    return f"{text} argument{'' if exact == [1] else 's'}"
