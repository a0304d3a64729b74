"""Finds the files to check below the paths that the user names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from sqlite_lint.config import Config
from sqlite_lint.config_file import Resolver
from sqlite_lint.directories import Directories, is_directory
from sqlite_lint.globs import matcher, matches

SUFFIXES: Final = (".py", ".pyi", ".sql")


class Found(NamedTuple):
    """A file to check: its absolute path and its configuration."""

    path: str
    config: Config


def discover(
    paths: Iterable[str],
    resolver: Resolver,
    *,
    force_exclude: bool = False,
    directories: Directories | None = None,
) -> list[Found]:
    """All files below ``paths``, each once, sorted; raises ConfigError.

    A file that is named is always taken, whatever its suffix and the configuration's ``exclude`` say (but not with
    ``force_exclude``); one that does not exist is taken too, so that reading it tells why.  Directories are read as git
    sees them (ignored files are left out) or, outside of git, as they are.
    """
    directories = directories or Directories()
    found: dict[str, Config] = {}
    for path in paths:
        absolute = os.path.abspath(path)
        if os.path.isdir(absolute):
            for each, config in _below(absolute, absolute, resolver, directories):
                found.setdefault(each, config)
        else:
            config = resolver.for_directory(os.path.dirname(absolute))
            if not (force_exclude and is_excluded(absolute, config, config.root or os.getcwd())):
                found.setdefault(absolute, config)
    return [Found(path, found[path]) for path in sorted(found, key=lambda path: path.split(os.sep))]


def is_excluded(path: str, config: Config, below: str) -> bool:
    """Tell whether the configuration leaves out ``path``.

    Patterns without a slash look only at names below the directory ``below``: what lies above, the user named.
    """
    names, paths = _by_kind((*config.exclude, *config.extend_exclude))
    inside = path[len(below.rstrip(os.sep)) + 1 :] if path.startswith(below) else os.path.basename(path)
    return matches(names, inside, None) or matches(paths, path, config.root)


@lru_cache(maxsize=64)
def _by_kind(patterns: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Patterns for names, and patterns with a slash."""
    paths = tuple(pattern for pattern in patterns if "/" in pattern.rstrip("/"))
    return tuple(pattern for pattern in patterns if pattern not in paths), paths


def _below(directory: str, top: str, resolver: Resolver, directories: Directories) -> Iterator[tuple[str, Config]]:
    """The files below ``directory`` that are not excluded, with their configuration."""
    work_tree = _work_tree(directory)
    listed = [] if work_tree is None else _git_files(directory)
    if work_tree is None or not listed:
        yield from _walk(directory, top, resolver, directories)
        return
    has_submodules = os.path.exists(os.path.join(work_tree, ".gitmodules"))  # listed like files
    for name in listed:
        if name.lower().endswith(SUFFIXES):
            path = os.path.join(directory, name)
            if _may_be_there(path) and not os.path.isdir(path) and not _doubled(path, directory):
                config = resolver.for_directory(os.path.dirname(path))
                if not is_excluded(path, config, top):
                    yield path, config
        elif has_submodules or name.endswith("/") or "." not in name.rpartition("/")[2]:
            path = os.path.join(directory, name.rstrip("/"))
            if os.path.isdir(path) and not os.path.islink(path):
                yield from _below(path, top, resolver, directories)  # a repository within the repository


def _git_files(directory: str) -> list[str]:
    """Paths, relative to ``directory``, of the files that git tracks or would track.

    Empty where git ignores the whole directory: who names it wants it checked.
    """
    import subprocess

    # Hooks set GIT_DIR and GIT_INDEX_FILE for another place; fsmonitor is a program that the checked repository names.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    command = ["git", "-c", "core.fsmonitor=false", "-C", directory, "ls-files", "-z", "-c", "-o", "--exclude-standard"]
    try:
        answer = subprocess.run(command, capture_output=True, env=environment, check=False, stdin=subprocess.DEVNULL)
    except OSError:
        return []
    if answer.returncode != 0:
        return []
    names = (os.fsdecode(name) for name in answer.stdout.split(b"\0") if name)
    return list(dict.fromkeys(names))


def _work_tree(directory: str) -> str | None:
    """The root of the work tree around ``directory``; None outside of git."""
    while True:
        if os.path.lexists(os.path.join(directory, ".git")):
            return directory
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent


def _walk(directory: str, top: str, resolver: Resolver, directories: Directories) -> Iterator[tuple[str, Config]]:
    stack = [directory]
    while stack:
        folder = stack.pop()
        config = resolver.for_directory(folder)
        if directories.may_not_be_listed(folder):
            yield folder, config  # reported as what cannot be read
        names, paths = _by_kind((*config.exclude, *config.extend_exclude))
        fits_name = matcher(names)
        for entry in directories.entries(folder):
            is_folder = is_directory(entry)
            if not (is_folder or entry.name.lower().endswith(SUFFIXES)) or fits_name(entry.name):
                continue
            if paths and matches(paths, entry.path, config.root):
                continue
            if is_folder:
                stack.append(entry.path)
            elif not (entry.is_symlink() and _leads_astray(entry, directory)):
                yield entry.path, config


def _leads_astray(link: os.DirEntry[str], root: str) -> bool:
    """Tell whether a link leads to a directory, or need not be followed."""
    return os.path.isdir(link.path) or _doubled(link.path, root)


def _may_be_there(path: str) -> bool:
    """Tell whether a file exists, or is in a directory that may not be looked into."""
    try:
        os.lstat(path)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def _doubled(path: str, root: str) -> bool:
    """Tell whether a link leads to a file that is found below ``root`` anyway, or is an editor's lock (``.#x.py``)."""
    if not os.path.islink(path):
        return False
    target = os.path.realpath(path)
    inside = target.startswith(os.path.realpath(root).rstrip(os.sep) + os.sep) and os.path.exists(target)
    return (inside and target.lower().endswith(SUFFIXES)) or os.path.basename(path).startswith(".#")
