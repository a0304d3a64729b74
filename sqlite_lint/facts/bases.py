"""Which files of a project are the common base of others for one engine each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final

from sqlite_lint.hosts.engines import mention, named, words

_BASES: Final = frozenset({"base", "common", "abstract", "generic"})


class CommonBases:
    """Finds them by the names of the project's files, which are relative to its root, with slashes."""

    def __init__(self, files: Iterable[str]) -> None:
        self._files = files

    def holds(self, path: str) -> bool:
        """Tell whether ``path`` is the base of what stands beside it for one engine each.

        A directory such as Django's ``backends/base``, or a module: ``base.py`` beside ``sqlite.py`` and ``mysql.py``,
        ``grammar.py`` beside ``sqlite_grammar.py``.  Its SQL is what the others replace where it does not suit them.
        """
        parts = path.split("/")
        beside, others = self._engine_modules.get("/".join(parts[:-1]), (frozenset(), frozenset()))
        if "sqlite" in beside and len(beside) > 1 and _words_of(parts[-1]) <= _BASES | others:
            return True
        for place, part in enumerate(parts[:-1]):
            if part in _BASES:
                engines = self._engine_directories.get("/".join(parts[:place]), frozenset())
                if "sqlite" in engines and len(engines) > 1:
                    return True
        return False

    @cached_property
    def _engine_modules(self) -> Mapping[str, tuple[frozenset[str], frozenset[str]]]:
        """For each directory the engines that its modules are named for, and the other words of these names."""
        found: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
        for name in self._files:
            directory, _, file = name.rpartition("/")
            told = mention(file.removesuffix(".py")) if file.endswith(".py") else None
            if told is not None and told.names:
                names, others = found.get(directory, (frozenset(), frozenset()))
                found[directory] = (names | told.names, others | frozenset(told.rest))
        return found

    @cached_property
    def _engine_directories(self) -> Mapping[str, frozenset[str]]:
        """The engines that the directories in each directory are named for."""
        found: dict[str, frozenset[str]] = {}
        for name in self._files:
            parts = name.split("/")
            for place, part in enumerate(parts[:-1]):
                above = "/".join(parts[:place])
                found[above] = found.get(above, frozenset()) | named(part)
        return found


def _words_of(file: str) -> frozenset[str]:
    return frozenset(words(file.removesuffix(".py")))
