"""What directories hold, each of them listed once in a run."""

from __future__ import annotations

import os
from operator import attrgetter


class Directories:
    """The entries of directories, as the first look finds them.

    Three questions are put to the same directories: which files are to be checked, where is a project's root, and which
    of its files may tell something.
    """

    def __init__(self) -> None:
        self._known: dict[str, list[os.DirEntry[str]]] = {}
        self._names: dict[str, frozenset[str]] = {}
        self._closed: set[str] = set()

    def entries(self, directory: str) -> list[os.DirEntry[str]]:
        """What is in ``directory``, by name; nothing where it cannot be listed."""
        found = self._known.get(directory)
        if found is None:
            found = self._known[directory] = self._list(directory)
        return found

    def names(self, directory: str) -> frozenset[str]:
        """The names of all entries."""
        found = self._names.get(directory)
        if found is None:
            found = self._names[directory] = frozenset([entry.name for entry in self.entries(directory)])
        return found

    def may_not_be_listed(self, directory: str) -> bool:
        """Tell whether the user lacks the right to list ``directory``."""
        self.entries(directory)
        return directory in self._closed

    def _list(self, directory: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(directory) as entries:
                return sorted(entries, key=attrgetter("name"))
        except PermissionError:
            self._closed.add(directory)
        except OSError:
            pass
        return []


def is_directory(entry: os.DirEntry[str]) -> bool:
    """Tell a directory from files, and from links to directories."""
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False
