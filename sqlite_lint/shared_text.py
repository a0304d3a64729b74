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

_BLOCK: Final = 256  # characters of source
SHARED: Final = "a part of the text stands in another statement as well"


class SharedTexts:
    """Which uses of a file come from the same places of its source; few do."""

    def __init__(self, uses: Iterable[SqlUse]) -> None:
        self._by_block: Final[dict[int, list[SqlUse]]] = {}
        for use in uses:
            for block in _blocks(use.text.pieces):
                self._by_block.setdefault(block, []).append(use)

    def tears(self, edits: Sequence[Edit], use: SqlUse) -> bool:
        """Tell whether another use holds the places of some of the edits of ``use`` and not those of the others."""
        if len(edits) < 2 or _in_one_literal(edits, use.text.pieces):
            return False
        near = {id(other): other for block in _blocks(use.text.pieces) for other in self._by_block[block]}
        for other in near.values():
            if other is not use:
                held = sum(any(replaced(other.text.pieces, edit.span)) for edit in edits)
                if 0 < held < len(edits):
                    return True
        return False


def _blocks(pieces: Iterable[Piece]) -> set[int]:
    """The numbers of the parts of the source that pieces come from, so that only uses near each other are compared."""
    sources = [piece.src for piece in pieces if piece.src is not None]
    return {block for start, end in sources for block in range(start // _BLOCK, end // _BLOCK + 1)}


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
