"""The modules of a project by their dotted names, and the SQL constants that one imports from another."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Final

from sqlite_lint.facts import FileFacts

_HANDED_ON: Final = 4  # modules through which a constant may be imported


class Modules:
    """Finds modules among the files of a project; paths are relative to its root, with slashes."""

    def __init__(self, files: Mapping[str, FileFacts]) -> None:
        self._files = files

    @cached_property
    def _by_name(self) -> Mapping[str, list[str]]:
        """Paths of modules by their dotted names, also without leading directories such as ``src``."""
        found: dict[str, list[str]] = {}
        for name in self._files:
            if name.endswith((".py", ".pyi")):
                parts = _dotted(name).split(".")
                for first in range(len(parts)):
                    found.setdefault(".".join(parts[first:]), []).append(name)
        return found

    def imported_by(self, path: str, dotted: str) -> list[str]:
        """The file that an import in ``path`` may load: the module, or that of which the last part is a member."""
        absolute = _absolute(path, dotted)
        for name in (absolute, absolute.rpartition(".")[0]):
            found = self._by_name.get(name) if name else None
            if found:
                return [_nearest(found, path)]
        return []

    def is_stamp(self, path: str, dotted: str) -> bool:
        """Tell whether a function as imported in ``path`` returns the time as text with a T."""
        return any(dotted.rpartition(".")[2] in self._files[name].stamps for name in self.imported_by(path, dotted))

    def constant(self, path: str, dotted: str) -> str | tuple[str, ...] | None:
        """The SQL of a dotted name as imported in ``path``; the name may be an attribute of a class."""
        parts = _absolute(path, dotted).split(".")
        for cut in (1, 2):
            if len(parts) > cut:
                found = self._constant(".".join(parts[:-cut]), ".".join(parts[-cut:]), path, _HANDED_ON)
                if found is not None:
                    return found
        return None

    def _constant(self, module: str, name: str, path: str, depth: int) -> str | tuple[str, ...] | None:
        paths = self._by_name.get(module)
        if not depth:
            return None
        if not paths:
            return self._within(module, name)
        here = _nearest(paths, path)
        facts = self._files[here]
        value = facts.constants.get(name)
        if value is not None:
            return tuple(value) if isinstance(value, list) else str(value)
        first = name.partition(".")[0]
        for dotted in facts.imports:
            if dotted.rpartition(".")[2] in {first, "*"}:
                origin = _absolute(here, dotted).rpartition(".")[0]
                found = self._constant(origin, name, here, depth - 1) if origin != module else None
                if found is not None:
                    return found
        return None

    def _within(self, package: str, name: str) -> str | tuple[str, ...] | None:
        """The one constant of this name in a package whose own file tells nothing: all it does is hand it on."""
        found = [
            value for dotted, value in self._by_constant.get(name, ()) if package and f".{package}." in f".{dotted}"
        ]
        if len(found) != 1:
            return None
        return tuple(found[0]) if isinstance(found[0], list) else str(found[0])

    @cached_property
    def _by_constant(self) -> Mapping[str, list[tuple[str, object]]]:
        """The modules that define each constant, and its value there."""
        found: dict[str, list[tuple[str, object]]] = {}
        for path, facts in self._files.items():
            for name, value in facts.constants.items():
                found.setdefault(name, []).append((_dotted(path), value))
        return found


def _absolute(path: str, dotted: str) -> str:
    """The dotted name, from the root, of ``..x.y`` in ``path``."""
    plain = dotted.lstrip(".")
    level = len(dotted) - len(plain)
    if not level:
        return plain
    parts = _dotted(path).split(".")
    if not path.endswith(("__init__.py", "__init__.pyi")):
        parts = parts[:-1]
    parts = parts[: len(parts) - (level - 1)]
    return ".".join([*parts, *([plain] if plain else [])])


def _dotted(name: str) -> str:
    plain = name.rpartition(".")[0].replace("/", ".")
    return plain.removesuffix(".__init__") if plain != "__init__" else ""


def _nearest(paths: list[str], path: str) -> str:
    """Of several modules of one name, that which shares most directories with ``path``."""
    if len(paths) == 1:
        return paths[0]
    here = path.split("/")
    return max(paths, key=lambda each: (_shared(each.split("/"), here), -len(each)))


def _shared(one: list[str], other: list[str]) -> int:
    """How many first parts two paths share."""
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count
