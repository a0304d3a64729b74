"""Path patterns of the configuration: ``tests/*``, ``*_pb2.py``, ``legacy``, ``{a,b}/**/*.sql``.

As in ruff, a pattern without a slash is compared with every part of the path, one with a slash with the path from the
configuration's directory on, ``*`` also crosses slashes, and what matches a directory covers all that is below it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from sqlite_lint.regex import regex


def matches(patterns: Iterable[str], path: str, root: str | None) -> bool:
    """Tell whether one of ``patterns`` covers ``path``; relative patterns count from the directory ``root``."""
    pattern = _compiled(tuple(patterns))
    return pattern is not None and _covers(pattern, path.replace("\\", "/"), (root or "").replace("\\", "/"))


def matcher(names: tuple[str, ...]) -> Callable[[str], bool]:
    """Tells whether one of ``names``, patterns without a slash, covers a single part of a path."""
    patterns = _compiled(names)
    return (lambda part: False) if patterns is None else patterns.fits_name


class _Patterns:
    __slots__ = ("_known", "_names", "paths")

    def __init__(self, patterns: tuple[str, ...]) -> None:
        names: list[str] = []
        paths: list[str] = []
        for pattern in patterns:
            plain = pattern.replace("\\", "/").removeprefix("./").rstrip("/")
            for each in _expand_braces(plain):
                (paths if "/" in each else names).append(_translate(each))
        self._names = re.compile("|".join(names)) if names else None
        self._known: dict[str, bool] = {}  # a tree repeats its directories' names thousands of times
        self.paths = re.compile("|".join(paths)) if paths else None

    def fits_name(self, part: str) -> bool:
        known = self._known.get(part)
        if known is None:
            known = self._known[part] = self._names is not None and self._names.fullmatch(part) is not None
        return known


@lru_cache(maxsize=256)
def _compiled(patterns: tuple[str, ...]) -> _Patterns | None:
    return _Patterns(patterns) if patterns else None


def _covers(patterns: _Patterns, path: str, root: str) -> bool:
    relative = path
    if root and path.startswith(root.rstrip("/") + "/"):
        relative = path[len(root.rstrip("/")) + 1 :]
    relative = relative.removeprefix("./")
    parts = relative.split("/")
    if any(map(patterns.fits_name, parts)):
        return True
    if patterns.paths is None:
        return False
    return any(
        patterns.paths.fullmatch("/".join(whole[:count]))
        for whole in ((parts, path.split("/")) if relative != path else (parts,))
        for count in range(len(whole), 0, -1)
    )


def _expand_braces(pattern: str) -> list[str]:
    found = re.search(r"\{([^{}]*)\}", pattern)
    if found is None:
        return [pattern]
    head, tail = pattern[: found.start()], pattern[found.end() :]
    return [whole for choice in found.group(1).split(",") for whole in _expand_braces(head + choice + tail)]


_SPECIAL = regex(r"/\*\*/|^\*\*/|\*+|\?|\[!?\]?[^]]*\]|.", re.DOTALL)


def _translate(pattern: str) -> str:
    parts = []
    for found in _SPECIAL.finditer(pattern):
        piece = found.group()
        if piece == "/**/":
            parts.append("/(?:.*/)?")
        elif piece == "**/":
            parts.append("(?:.*/)?")
        elif piece[0] == "*":
            parts.append(".*")
        elif piece == "?":
            parts.append("[^/]")
        elif piece[0] == "[" and len(piece) > 2:
            inner = piece[1:-1].replace("\\", "\\\\")
            parts.append("[^" + inner[1:] + "]" if inner[0] == "!" else "[" + inner.replace("^", "\\^") + "]")
        else:
            parts.append(re.escape(piece))
    return "(?s:" + "".join(parts) + ")"
