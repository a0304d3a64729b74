"""What checks of a whole file share: its tables, and findings in SQL brought to the source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlite_lint.rule import Hit, SourceHit
from sqlite_lint.sql.statement import split

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import HostResult, SqlUse
    from sqlite_lint.rule import FileContext
    from sqlite_lint.sql.schema import Schema


def tables_of(result: HostResult, context: FileContext) -> Schema:
    """The project's tables; those of this file where it is looked at without a project."""
    from sqlite_lint.sql.schema import Schema

    if context.project.schema:
        return context.project.schema
    schema = Schema()
    for use in result.uses:
        upper = use.text.text.upper()
        if "CREATE" in upper or "ALTER" in upper:
            for statement in split(use.text.text):
                schema.learn(statement)
    return schema


def lift(hit: Hit, use: SqlUse) -> SourceHit:
    """A finding in the coordinates of the source; without its fix where an edit cannot be made there."""
    place = use.text.locate(hit.span) or use.anchor
    if hit.fix is None:
        return SourceHit(place, hit.values, hit.message, withheld=hit.withheld, severity=hit.severity)
    edits = [use.text.edit(span, text) for span, text in hit.fix.edits]
    reason = next((edit for edit in edits if isinstance(edit, str)), None)
    if reason is not None:
        return SourceHit(place, hit.values, hit.message, withheld=reason, severity=hit.severity)
    made = tuple(edit for edit in edits if not isinstance(edit, str))
    return SourceHit(place, hit.values, hit.message, hit.fix.title, made, hit.fix.applicability, severity=hit.severity)
