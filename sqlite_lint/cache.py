"""Results of earlier runs, in one JSON file a configuration.

A result is used again only if it was made by the same version of the tool, the same Python and SQLite, the same
configuration, the same facts of the project, and from the same content.  A file whose size and times are unchanged is
taken to have the same content, unless it was changed so shortly before the run that its times could hide another
change; otherwise its content is compared.  A cache that cannot be read or written is no cache, and never an error.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sqlite_lint.cache_files import RACY_NS, write_atomically
from sqlite_lint.diagnostic import Diagnostic, Severity
from sqlite_lint.text import Applicability, Edit, Fix, Position, Span

if TYPE_CHECKING:
    from sqlite_lint.config import Config
    from sqlite_lint.discover import Found
    from sqlite_lint.runner import Outcome

DIRECTORY: Final = ".sqlite_lint_cache"
_TAG: Final = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# This directory is a cache of sqlite-lint; it may be removed at any time (https://bford.info/cachedir/).\n"
)
_MAX_ENTRIES: Final = 50_000


def prepare(directory: str) -> str | None:
    """Make the cache's directory, marked as one and ignored by git; None where that cannot be."""
    try:
        os.makedirs(directory, exist_ok=True)
        for name, text in ((".gitignore", "# Made by sqlite-lint.\n*\n"), ("CACHEDIR.TAG", _TAG)):
            path = os.path.join(directory, name)
            if not os.path.exists(path):
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
    except OSError:
        return None
    return directory if os.access(directory, os.W_OK) else None


def default_directory(config: Config) -> str:
    """Where results are kept if nothing else is said: beside the configuration file, else in the current directory."""
    return os.path.join(config.root or os.getcwd(), DIRECTORY)


class Cache:
    """The results for the files of one run.

    With ``many`` files their times are looked at before any of them is read; with few, the index is only loaded once
    a file holds SQL, as reading one file costs less than loading the index.
    """

    def __init__(self, directory: str | None, *, many: bool) -> None:
        self.directory = None if directory is None else prepare(directory)
        self._many = many
        self._started = time.time_ns()
        self._tables: dict[str, _Table] = {}
        self._keys: dict[int, tuple[Config, str]] = {}  # by id; the Config is kept alive, so that its id stays its own

    def is_empty(self) -> bool:
        """Tell whether no earlier run left anything: there are only the two files that mark the directory."""
        try:
            return self.directory is None or len(os.listdir(self.directory)) <= 2
        except OSError:
            return True

    def by_stat(self, found: Found, project_digest: Callable[[], str]) -> Outcome | None:
        """The known outcome of a file that looks unchanged."""
        if self.directory is None or not self._many:
            return None
        entry = self._table(found.config).old.get(found.path)
        if entry is None or entry[0] != _stamp(found.path):
            return None
        return self._revive(found, entry, project_digest)

    def by_content(self, found: Found, data: bytes, project_digest: Callable[[], str]) -> Outcome | None:
        """The known outcome of a file with this content."""
        if self.directory is None:
            return None
        entry = self._table(found.config).old.get(found.path)
        if entry is None or len(entry) < 2 or entry[1] != _digest(data):
            return None
        outcome = self._revive(found, entry, project_digest)
        if outcome is not None:
            self._table(found.config).put(found.path, [self._safe_stamp(found.path), *entry[1:]])
        return outcome

    def _revive(self, found: Found, entry: list[Any], project_digest: Callable[[], str]) -> Outcome | None:
        from sqlite_lint.runner import Outcome

        if len(entry) == 1:
            return Outcome(found.path, concerned=False)
        try:
            _, _, project, counts, reasons, diagnostics = entry
            if project != project_digest():
                return None
            checked, partly, other, unreached = map(int, counts)
            return Outcome(
                found.path,
                tuple(_diagnostic_from(each, found.path) for each in diagnostics),
                checked=checked,
                partly=partly,
                other=other,
                unreached_count=unreached,
                other_reasons=tuple(map(str, reasons)),
            )
        except (TypeError, ValueError, KeyError, AttributeError):
            return None

    def store_unconcerned(self, found: Found) -> None:
        """Remember that a file holds nothing of interest."""
        if self.directory is not None and self._many:
            self._table(found.config).put(found.path, [self._safe_stamp(found.path)])

    def store(self, found: Found, data: bytes, outcome: Outcome, project_digest: str) -> None:
        """Remember what was found in a file with this content, unless it was changed or could not be checked."""
        if self.directory is None or outcome.error or outcome.trouble or outcome.before is not None:
            return
        entry = [
            self._safe_stamp(found.path),
            _digest(data),
            project_digest,
            [outcome.checked, outcome.partly, outcome.other, outcome.unreached_count],
            list(outcome.other_reasons),
            [_diagnostic_to(diagnostic) for diagnostic in outcome.diagnostics],
        ]
        self._table(found.config).put(found.path, entry)

    def _safe_stamp(self, path: str) -> list[int] | None:
        stamp = _stamp(path)
        return None if stamp is None or max(stamp[1:]) > self._started - RACY_NS else stamp

    def save(self) -> None:
        for table in self._tables.values():
            table.save()

    def _table(self, config: Config) -> _Table:
        _, key = self._keys.get(id(config)) or self._keys.setdefault(id(config), (config, _key(config)))
        table = self._tables.get(key)
        if table is None:
            assert self.directory is not None
            table = self._tables[key] = _Table(os.path.join(self.directory, key + ".json"))
        return table


class _Table:
    """The index file of one configuration: path to [stamp] or [stamp, digest, project, counts, reasons, findings]."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.old: dict[str, list[Any]] = self._load()
        self._new: dict[str, list[Any]] = {}

    def _load(self) -> dict[str, list[Any]]:
        import json

        try:
            with open(self.path, "rb") as file:
                loaded = json.loads(file.read())
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(loaded, dict):
            return {}
        return {path: entry for path, entry in loaded.items() if isinstance(entry, list) and entry}

    def put(self, path: str, entry: list[Any]) -> None:
        if self.old.get(path) != entry:
            self._new[path] = entry

    def save(self) -> None:
        if not self._new:
            return
        import json

        kept = self.old if len(self.old) <= _MAX_ENTRIES else {}
        write_atomically(self.path, json.dumps({**kept, **self._new}, separators=(",", ":")))


def _stamp(path: str) -> list[int] | None:
    try:
        info = os.stat(path)
    except OSError:
        return None
    return [info.st_size, info.st_mtime_ns, info.st_ctime_ns]


def _digest(data: bytes) -> str:
    from hashlib import blake2b

    return blake2b(data, digest_size=16).hexdigest()


def _key(config: Config) -> str:
    """What all results of a configuration depend on beside the files: settings, tool, Python, SQLite."""
    import sqlite3
    import sys

    parts = [repr(sys.version_info[:3]), sqlite3.sqlite_version, *_package_state()]
    for name, value in config._asdict().items():
        parts.append(f"{name}={sorted(value.items()) if isinstance(value, dict) else value!r}")
    if config.schema:
        from sqlite_lint.schema_files import given_schema

        given = given_schema(config)
        parts.append("" if given is None else given.digest)
    return _digest("\0".join(parts).encode("utf-8", "surrogateescape"))


@lru_cache(maxsize=1)
def _package_state() -> list[str]:
    """Name, size and time of each of the tool's own files: a checkout that is worked on makes new keys."""
    from sqlite_lint import __version__, catalog

    states = [__version__]
    for top in (os.path.dirname(__file__), str(catalog.directory())):
        for folder, folders, files in os.walk(top):
            folders[:] = [name for name in folders if name != "__pycache__"]
            for name in sorted(name for name in files if name.endswith((".py", ".md"))):
                info = os.stat(os.path.join(folder, name))
                states.append(f"{name}:{info.st_size}:{info.st_mtime_ns}")
    return states


def _diagnostic_to(found: Diagnostic) -> list[Any]:
    fix = None
    if found.fix is not None:
        fix = [found.fix.title, int(found.fix.applicability), [[*edit.span, edit.text] for edit in found.fix.edits]]
    return [
        found.code, found.name, found.message, [*found.span], [*found.start], [*found.end], found.noqa_row,
        found.severity.value, fix, found.fix_withheld, found.help, found.url,
    ]  # fmt: skip


def _diagnostic_from(row: list[Any], path: str) -> Diagnostic:
    code, name, message, span, start, end, noqa_row, severity, fix, withheld, help_text, url = row
    if not all(isinstance(text, str) for text in (code, name, message, withheld or "", help_text, url)):
        raise TypeError("a text of a cached finding is none")
    mended = None
    if fix is not None:
        title, applicability, edits = fix
        made = tuple(Edit(Span(first, last), text) for first, last, text in edits)
        mended = Fix(title, made, Applicability(applicability))
    return Diagnostic(
        code, name, message, path, Span(*span), Position(*start), Position(*end), noqa_row,
        Severity(severity), mended, withheld, help_text, url,
    )  # fmt: skip
