"""Databases on file systems that SQLite does not work on: network shares, folders that another program synchronizes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.checks.databases import DATABASE_NAME
from sqlite_lint.hosts.areas import area_of
from sqlite_lint.hosts.connection_target import url_place
from sqlite_lint.hosts.model import Engine, Target
from sqlite_lint.rule import SourceHit

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import Connection, HostResult
    from sqlite_lint.hosts.module import Module
    from sqlite_lint.rule import FileContext


class _Kind(NamedTuple):
    """A kind of directory: what its path looks like, and the name of the thing."""

    path: re.Pattern[str]
    name: str


# The mount points of an absolute path, and the schemes and prefixes by which Windows and desktops name a share.
_MOUNTED: Final = r"(?:file:(?://)?)?/(?:mnt|media|mount|mounts|data|var|opt|srv|home|workspace|vol|volumes|app)?/?"
_NETWORK: Final = tuple(
    _Kind(re.compile(pattern, re.IGNORECASE), name)
    for pattern, name in (
        (rf"^{_MOUNTED}(?:aws[-_])?efs(?:[-_][\w.-]+)?(?:/|\Z)", "EFS"),
        (rf"^{_MOUNTED}nfs\d?(?:[-_][\w.-]+)?(?:/|\Z)", "NFS"),
        (rf"^{_MOUNTED}(?:smb|cifs|samba)(?:[-_][\w.-]+)?(?:/|\Z)", "an SMB share"),
        (rf"^{_MOUNTED}(?:nas|network[-_]?(?:share|drive))(?:[-_][\w.-]+)?(?:/|\Z)", "a network drive"),
        (rf"^{_MOUNTED}(?:fsx|azure[-_]?files?|gcs[-_]?fuse|gcsfuse|s3fs|sshfs|glusterfs|cephfs|lustre)(?:/|\Z)",
         "a network file system"),
        (r"^(?:file:(?://)?)?/net/[\w.-]+/", "NFS"),
        (r"^(?:file:(?://)?)?/run/user/\d+/gvfs/", "a network share"),
        (r"^(?:file:(?://)?)?/(?:mnt|media)/(?:virtiofs|hgfs|sf_\w+|9p)(?:/|\Z)", "a folder shared with a host"),
        (r"^/dbfs/", "DBFS"),
        (r"^\\\\(?![?.]\\)[\w.$-]+\\[^\\]", "a network share"),
        (r"^//(?![?.]/)[\w.$-]+/[^/]+/", "a network share"),
    )
)  # fmt: skip
_SYNCED: Final = tuple(
    _Kind(re.compile(rf"(?:^|[/\\])(?:{pattern})(?:[/\\]|\Z)", re.IGNORECASE), name)
    for pattern, name in (
        (r"dropbox(?: \([^/\\)]+\))?", "Dropbox"),
        (r"onedrive(?: ?- ?[^/\\]+)?", "OneDrive"),
        (r"icloud ?drive|mobile documents|com~apple~clouddocs", "iCloud"),
        (r"google ?drive|googledrive-[^/\\]+|mydrive|my drive", "Google Drive"),
        (r"syncthing", "Syncthing"),
        (r"nextcloud|owncloud", "Nextcloud"),
        (r"library[/\\]cloudstorage[/\\][^/\\]+", "a synchronized folder"),
    )
)


def on_network(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL520: a database on a network file system, whose locks and shared memory do not reach other machines."""
    yield from _on(_NETWORK, result, context)


def synchronized(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL521: a database in a folder that is copied file by file, while it is open, to other machines."""
    yield from _on(_SYNCED, result, context)


def _on(kinds: tuple[_Kind, ...], result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    module = result.module
    if module is None or not _is_sqlite(module, result, context):
        return
    if area_of(context.path, context.project) == "test":
        return
    literals = [(node, text) for node, text in _texts(module) if _kind_of(_path(text), kinds)]
    reported: set[ast.expr] = set()
    for connection in result.connections:
        name, kind = _place(connection, kinds)
        if kind:
            written = _written(module, connection, name, literals)
            if written is not None:
                reported.add(written)
            yield SourceHit(connection.span if written is None else module.span(written), {"place": kind})
    for node, text in literals:
        is_file = url_place(text) is not None or DATABASE_NAME.search(text) is not None
        if is_file and node not in reported:
            yield SourceHit(module.span(node), {"place": _kind_of(_path(text), kinds)})


def _written(
    module: Module, connection: Connection, name: str, literals: list[tuple[ast.expr, str]]
) -> ast.expr | None:
    """The text in the source that makes ``name`` what it is: the longest part of it, the one nearest to the call."""
    found = [(len(part), node) for node, text in literals if (part := _path(text).rstrip("/\\")) in name]
    longest = max((length for length, _ in found), default=0)
    nodes = [node for length, node in found if length == longest]
    return min(nodes, key=lambda node: abs(module.span(node).start - connection.span.start), default=None)


def _texts(module: Module) -> Iterator[tuple[ast.expr, str]]:
    """The texts of the module that stand where a value does, f-strings up to their first field."""
    for node in module.nodes:
        if isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant):
            yield node, str(node.values[0].value)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_value(module.parents[node]):
            yield node, node.value


def _is_value(parent: ast.AST) -> bool:
    return not isinstance(parent, ast.JoinedStr | ast.Expr | ast.Compare)


def _path(text: str) -> str:
    """The file name in a URL of SQLite, any other text as it is."""
    place = url_place(text)
    return place.names[0] if place is not None and place.names else text


def _kind_of(name: str, kinds: tuple[_Kind, ...]) -> str:
    return next((kind.name for kind in kinds if kind.path.search(name)), "")


def _place(connection: Connection, kinds: tuple[_Kind, ...]) -> tuple[str, str]:
    """The file of a connection that is in a directory of one of ``kinds``, and its kind."""
    if connection.target is Target.MEMORY or connection.read_only or connection.immutable or connection.area == "test":
        return "", ""
    return next(((name, kind) for name in connection.names if (kind := _kind_of(name, kinds))), ("", ""))


def _is_sqlite(module: Module, result: HostResult, context: FileContext) -> bool:
    known = bool(result.connections) or module.mentions(("sqlite",))
    return known or context.project.engine()[0] is Engine.SQLITE
