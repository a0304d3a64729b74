"""``--add-noqa``: writes comments that silence what was found."""

from __future__ import annotations

from collections.abc import Sequence

from sqlite_lint.add_noqa import with_noqa
from sqlite_lint.cli import OK
from sqlite_lint.runner import Outcome
from sqlite_lint.source import SourceError, read_source, write_source
from sqlite_lint.summary import count


def write_noqa(outcomes: Sequence[Outcome], quiet: bool) -> int:
    """Silence the findings of a run in their files."""
    from sqlite_lint.check_command import warn

    added = 0
    for outcome in outcomes:
        if all(found.code == "SQL001" for found in outcome.diagnostics):
            continue
        try:
            source = read_source(outcome.path)
            text = with_noqa(source.text, outcome.path, outcome.diagnostics)
            if text != source.text:
                write_source(outcome.path, source, text)
                added += sum(a != b for a, b in zip(source.text.split("\n"), text.split("\n"), strict=True))
        except SourceError as error:
            warn(f"{outcome.path}: {error.message}")
    if not quiet:
        print(f"Added {count(added, 'comment')}.")
    return OK
