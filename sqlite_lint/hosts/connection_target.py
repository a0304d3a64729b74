"""What a file name, a ``file:`` URI or an engine URL says of the database behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sqlite_lint.hosts.model import Connection, Target
from sqlite_lint.hosts.values import Value
from sqlite_lint.regex import regex
from sqlite_lint.sql.tokens import HOLE

# dialect+driver of a URL; ``sqlite`` also begins the names of playhouse's and Tortoise's own schemes.
URL_SCHEME: Final = regex(r"(?i)(sqlite|sqliteext|sqlitepool|sqliteextpool)(\+\w+)?:")
_REMOTE_URL: Final = regex(r"(?i)sqlite\+libsql://[^/]")  # a server; three slashes are a file
_ANY_SCHEME: Final = regex(r"[A-Za-z][\w+.-]*:/")


@dataclass(frozen=True, slots=True)
class Place:
    """One database: in memory or not, and how it is opened.

    ``query`` holds the parameters of its URI or URL, ``names`` the file names without them, as far as they are known.
    """

    target: Target
    read_only: bool = False
    immutable: bool = False
    no_lock: bool = False
    query: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()


def file_place(name: str) -> Place:
    """Read a file name or ``file:`` URI as SQLite does (https://www.sqlite.org/uri.html)."""
    if name in ("", ":memory:"):
        return Place(Target.MEMORY)
    path, _, text = name.partition("?")
    if not (path.startswith(("file:", HOLE)) and text):
        return Place(Target.MEMORY if path.startswith("file::memory:") else Target.FILE, names=(path,))
    query = _query(text)
    in_memory = path.startswith("file::memory:") or query.get("mode") == "memory" or query.get("vfs") == "memdb"
    return Place(
        Target.MEMORY if in_memory else Target.FILE,
        read_only=query.get("mode") == "ro",
        immutable=_true(query.get("immutable")),
        no_lock=_true(query.get("nolock")),
        query=query,
        names=(path,),
    )


def url_place(url: str) -> Place | None:
    """Read an engine URL; None where it is not SQLite's."""
    scheme = URL_SCHEME.match(url)
    if scheme is None or _REMOTE_URL.match(url):
        return None
    path, _, text = url[scheme.end() :].partition("?")
    query = _query(text)
    name = path.lstrip("/")
    in_memory = name in ("", ":memory:") or name.startswith("file::memory:") or query.get("mode") == "memory"
    return Place(
        Target.MEMORY if in_memory else Target.FILE,
        read_only=query.get("mode") == "ro",
        immutable=_true(query.get("immutable")),
        no_lock=_true(query.get("nolock")),
        query=query,
        names=(path.removeprefix("//").removeprefix("/"),),
    )


def is_other_url(text: str) -> bool:
    """Tell whether a text is the URL of another engine."""
    return url_place(text) is None and _ANY_SCHEME.match(text) is not None


def common(places: Iterable[Place], certain: bool) -> Place:
    """What holds for a place that may be any of ``places``; ``certain`` says that there is no other."""
    known = list(places)
    if not known:
        return Place(Target.UNKNOWN)
    files = [place for place in known if place.target is not Target.MEMORY]
    shared = files or known
    query = {k: v for k, v in shared[0].query.items() if all(place.query.get(k) == v for place in shared)}
    return Place(
        Target.MEMORY if certain and not files else Target.FILE if certain else Target.UNKNOWN,
        read_only=bool(files) and all(place.read_only for place in files),
        immutable=bool(files) and all(place.immutable for place in files),
        no_lock=bool(files) and all(place.no_lock for place in files),
        query=query,
        names=tuple(name for place in known for name in place.names),
    )


def place_of_file(values: Sequence[Value]) -> Place:
    """The database behind the values of a file name."""
    certain = all(isinstance(value.value, str | bytes) for value in values)
    return common(map(file_place, texts_of(values)), certain)


def at(connection: Connection, place: Place) -> Connection:
    """``connection``, known to open ``place``."""
    return replace(
        connection,
        target=place.target,
        read_only=place.read_only,
        immutable=place.immutable,
        no_lock=place.no_lock,
        names=place.names,
        query=place.query,
    )


def texts_of(values: Iterable[Value]) -> list[str]:
    """The texts among ``values``, paths given as bytes included."""
    found = []
    for value in values:
        if isinstance(value.value, str):
            found.append(value.value)
        elif isinstance(value.value, bytes):
            found.append(value.value.decode("utf-8", "replace"))
    return found


def _query(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.partition("#")[0].split("&") if part)
    return {key: value for key, _, value in pairs}


def _true(value: str | None) -> bool:
    """As sqlite3_uri_boolean reads it: yes, true, on, or a number other than 0."""
    return value is not None and (value.lower() in ("yes", "true", "on") or (value.isdigit() and int(value) != 0))
