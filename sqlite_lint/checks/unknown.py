"""SQL298: functions that nobody is known to have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlite_lint import catalog
from sqlite_lint.checks.called import is_known, is_misspelt
from sqlite_lint.checks.indexes import prefix
from sqlite_lint.provided import is_provided
from sqlite_lint.rule import Hit
from sqlite_lint.sql.calls import Call, calls
from sqlite_lint.sql.witness import LackKind, VerdictKind, witness

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext
    from sqlite_lint.sql.statement import Statement
    from sqlite_lint.sql.witness import Verdict


def check(statement: Statement, context: SqlContext) -> Iterator[Hit]:
    """Report calls that SQLite cannot resolve, in a project that registers no functions and loads no extension."""
    verdict = context.verdict
    if verdict.kind is not VerdictKind.LACKS or verdict.partial or context.functions:
        return
    lengths = {hit.span.start for hit in prefix(statement, context)}  # of an index in MySQL
    unknown = [
        call
        for call in calls(statement)
        if _is_unknown(call, context) and statement.tokens[call.opening].start not in lengths
    ]
    if not unknown or _loads_extensions(context):
        return
    name = _refused_function(verdict) or _refused_function(witness(context.target).ask(statement, resolve=True))
    if name in {call.name for call in unknown}:
        for call in unknown:
            yield Hit(call.span, {"name": call.name})


def _is_unknown(call: Call, context: SqlContext) -> bool:
    if call.in_from or is_known(call.name) or is_provided(call.name, context) or is_misspelt(call.name):
        return False
    data = catalog.rule("SQL298").data
    return call.name not in data["names"] and not call.name.startswith(tuple(data["prefixes"]))


def _refused_function(verdict: Verdict) -> str | None:
    lack = verdict.lack
    return lack.name.lower() if lack is not None and lack.kind is LackKind.FUNCTION else None


def _loads_extensions(context: SqlContext) -> bool:
    """Tell whether a script loads an extension itself: ``SELECT load_extension('x')``, ``.load x``."""
    text = context.use.text.text
    return "load_extension" in text or ".load " in text
