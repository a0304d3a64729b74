"""Brings what a rule found in SQL into the words and the coordinates of the source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlite_lint.text import Edit, Fix

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import SqlUse
    from sqlite_lint.rule import Rule, SqlFix


def message_of(rule: Rule, message: str | None, values: object) -> str:
    """What a finding says: the hit's own message or else the rule's, filled in."""
    template = message or rule.message
    return _shown(template.format_map(values) if values else template)  # type: ignore[arg-type]


def _shown(text: str) -> str:
    """A text for people, in which ``{...}`` stands for what is filled in at run time."""
    from sqlite_lint.sql.tokens import HOLE

    return text.replace(HOLE, "{...}")


def lift_fix(fix: SqlFix, use: SqlUse) -> Fix | str:
    """Bring a fix from the coordinates of the SQL to those of the source, or say why that cannot be."""
    if fix.script and not use.is_script:
        return "it changes the number of statements, and this call runs one"
    edits: list[Edit] = []
    for span, replacement in fix.edits:
        edit = use.text.edit(span, replacement)
        if isinstance(edit, str):
            return edit
        edits.append(edit)
    return Fix(_shown(fix.title), tuple(edits), fix.applicability, fix.script)
