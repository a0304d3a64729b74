"""The names that a mistyped one may stand for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import Final

_NO_DIGITS: Final = str.maketrans("", "", "0123456789")
_FEW: Final = 40  # names that are compared one by one, without an index


def nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Those of ``known`` that ``name`` may stand for, as ``Names.near`` gives them."""
    return Names(known).near(name)


class Names:
    """Known names, among which those are looked for that a mistyped one may stand for."""

    def __init__(self, known: Iterable[str]) -> None:
        self._names: Final = tuple(dict.fromkeys(known))
        self._found: Final[dict[str, tuple[str, ...]]] = {}
        self._indexes: Final[dict[int, dict[str, list[int]]]] = {}

    def near(self, name: str) -> tuple[str, ...]:
        """The names that are as near to ``name`` as any, and near enough to be meant; often none.

        Case and underscores do not count; a letter too many, too few, wrong or swapped with its neighbour does, one in
        short names and two in long ones; but ``log_2025`` is another name than ``log_2026``.  Failing those, a name
        counts that only goes on: ``created_at`` for ``created``.
        """
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = self._near(name)
        return found

    def _near(self, name: str) -> tuple[str, ...]:
        plain = _plain(name)
        allowed = 0 if len(plain) < 3 else 1 if len(plain) < 7 else 2
        letters = _letters(name)
        found: dict[int, list[str]] = {}
        for each in self._candidates(plain, allowed):
            if _plain(each) == plain:
                found.setdefault(0, []).append(each)
            elif _letters(each) != letters and (far := _distance(plain, _plain(each), allowed)) <= allowed:
                found.setdefault(far, []).append(each)
        if found:
            return tuple(found[min(found)])
        longer = self._longer.get(name.lower(), [])
        return tuple(longer) if len(longer) == 1 and len(plain) > 2 else ()

    @cached_property
    def _longer(self) -> dict[str, list[str]]:
        """The names that go on behind an underscore, by what stands before it."""
        found: dict[str, list[str]] = {}
        for name in self._names:
            low = name.lower()
            for at, letter in enumerate(low):
                if letter == "_":
                    found.setdefault(low[:at], []).append(name)
        return found

    def _candidates(self, plain: str, allowed: int) -> list[str]:
        """The names that become the same as ``plain`` when both lose up to ``allowed`` letters, in their order."""
        if len(self._names) <= _FEW:
            return [each for each in self._names if abs(len(_plain(each)) - len(plain)) <= allowed]
        index = self._indexes.get(allowed)
        if index is None:
            index = self._indexes[allowed] = self._index(allowed)
        numbers = {number for part in _shortened(plain, allowed) for number in index.get(part, ())}
        return [self._names[number] for number in sorted(numbers)]

    def _index(self, allowed: int) -> dict[str, list[int]]:
        index: dict[str, list[int]] = {}
        for number, name in enumerate(self._names):
            for part in _shortened(_plain(name), allowed):
                index.setdefault(part, []).append(number)
        return index


def _shortened(text: str, letters: int) -> set[str]:
    """``text`` without any letters, up to so many."""
    found = {text}
    for _ in range(letters):
        found |= {each[:i] + each[i + 1 :] for each in found for i in range(len(each))}
    return found


@lru_cache(maxsize=4096)
def _letters(name: str) -> str:
    return _plain(name).translate(_NO_DIGITS)


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    return name.lower().replace("_", "")


def _distance(one: str, other: str, most: int) -> int:
    """How many letters are inserted, left out, replaced or swapped with the next one (optimal string alignment).

    Distances above ``most`` are not told apart, so only cells that near the diagonal are filled in.
    """
    far = most + 1
    before: list[int] = []
    last = [min(j, far) for j in range(len(other) + 1)]
    for i, letter in enumerate(one, 1):
        row = [far] * (len(other) + 1)
        row[0] = min(i, far)
        for j in range(max(1, i - most), min(len(other), i + most) + 1):
            theirs = other[j - 1]
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != theirs))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == theirs:
                cost = min(cost, before[j - 2] + 1)
            row[j] = cost
        if min(row) > most and min(last) > most:
            return far
        before, last = last, row
    return last[-1]
