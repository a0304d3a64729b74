"""Text that several statements share: a fix must not change a part of it for one of them and leave the rest.

``base = "SELECT id FROM t WHERE a"`` may go on as ``base + " ILIKE 'x'"`` and as ``base + " = 1"``.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.sqltext import Piece, replaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlite_lint.hosts.model import SqlUse
    from sqlite_lint.text import Edit

SHARED: Final = "a part of the text stands in another statement as well"


def tears(edits: Sequence[Edit], use: SqlUse, uses: Iterable[SqlUse]) -> bool:
    """Tell whether one of ``uses`` holds the places of some of the edits of ``use`` and not those of the others."""
    if len(edits) < 2 or _in_one_literal(edits, use.text.pieces):
        return False
    for other in uses:
        if other is not use:
            held = sum(any(replaced(other.text.pieces, edit.span)) for edit in edits)
            if 0 < held < len(edits):
                return True
    return False


def _in_one_literal(edits: Sequence[Edit], pieces: tuple[Piece, ...]) -> bool:
    first = min(edit.span.start for edit in edits)
    last = max(edit.span.end for edit in edits)
    start = None
    for piece, following in pairwise([*pieces, None]):
        assert piece is not None
        if piece.src is None:
            start = None
            continue
        start = piece.src.start if start is None else start
        if start <= first and last <= piece.src.end:
            return True
        if following is None or following.src is None or following.src.start != piece.src.end:
            start = None
    return False
