"""Finds where a Python file copies files byte by byte: copies, archives, uploads, commands of the system."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.hosts.commands import Command, Word, commands
from sqlite_lint.hosts.file_reads import whole_reads
from sqlite_lint.hosts.handed import made_by
from sqlite_lint.hosts.sinks import name_of_call, receiver_name
from sqlite_lint.regex import regex
from sqlite_lint.text import Span

if TYPE_CHECKING:
    from sqlite_lint.hosts.module import Module

_SHUTIL: Final = {"copy": 0, "copy2": 0, "copyfile": 0, "copytree": 0, "make_archive": 2}
_ARCHIVES: Final = {"ZipFile": "write", "TarFile": "add"}
_UPLOADS: Final = {
    "upload_file": (0, "Filename"),
    "upload_from_filename": (0, "filename"),
    "fput_object": (2, "file_path"),
    "send_file": (0, "path_or_file"),
    "FileResponse": (0, "path"),
}
_REMOTE: Final = regex(r"(?i)s?ftp|scp")
_TO_THE_LAST: Final = frozenset({"cp", "rsync", "scp", "install", "rclone", "gsutil", "s3cmd", "mc", "azcopy"})
_FROM_ALL: Final = frozenset(
    {"tar", "zip", "7z", "gzip", "pigz", "bzip2", "xz", "zstd", "dd", "restic", "borg", "bsdtar"}
)
_WITH_SUBCOMMAND: Final = frozenset({"aws", "gcloud", "az", "kubectl", "docker", "podman"})
_UNPACKING: Final = regex(r"(?:-?[a-bd-zA-Z]*[xt][a-bd-zA-Z]*|--(?:extract|get|list|decompress)|-d|-l|-t|x|l)\Z")


class FileCopy(NamedTuple):
    """A place that copies files byte by byte.

    ``sources`` are the expressions, or for words of a command their text, that may name a file to copy.
    """

    span: Span
    how: str
    sources: tuple[Word, ...]
    node: ast.AST


def file_copies(module: Module) -> Iterator[FileCopy]:
    """All copies that ``module`` makes with the standard library, a program of the system or a client of a store."""
    for node in module.calls:
        call = made_by(node)
        name = name_of_call(call)
        imported = module.called_name(call)
        if imported in _SHUTIL and is_of(module, call.func, "shutil", imported):
            source = _source_of(call, imported)
            if source is not None:
                yield _copy(module, node, f"shutil.{imported}", source)
        elif name in _UPLOADS:
            yield _copy(module, node, name, argument(call, *_UPLOADS[name]))
        elif name == "put" and _REMOTE.search(receiver_name(call)):
            yield _copy(module, node, "put", argument(call, 0, "localpath"))
        elif name in ("write", "add") and _is_archive(module, call.func, name):
            yield _copy(module, node, f"archive {name}()", argument(call, 0, "filename"))
        elif name == "copy" and isinstance(call.func, ast.Attribute) and len(call.args) == 1:
            yield _copy(module, node, "Path.copy", call.func.value)  # of Python 3.14; of others it is no path
    for command in commands(module):
        sources = copied_words(command)
        if sources:
            yield FileCopy(module.span(command.call), command.program, sources, command.call)
    for place, how, path in whole_reads(module):
        yield FileCopy(module.span(place), how, (path,), place)


def _source_of(call: ast.Call, name: str) -> ast.expr | None:
    """What a function of shutil copies; None where it leaves out files that are not told."""
    if any(keyword.arg == "ignore" for keyword in call.keywords):
        return None
    return argument(call, _SHUTIL[name], "root_dir" if name == "make_archive" else "src")


def _copy(module: Module, call: ast.Call, how: str, source: ast.expr | None) -> FileCopy:
    return FileCopy(module.span(call), how, () if source is None else (source,), call)


def copied_words(command: Command) -> tuple[Word, ...]:
    """What a command copies, compresses or packs."""
    program, words = command.program, command.words
    operands = tuple(word for word in words if not (isinstance(word, str) and word.startswith("-")))
    if any(isinstance(word, str) and word.startswith("--exclude") for word in words):
        return ()
    if program in _WITH_SUBCOMMAND:
        verbs = [place for place, word in enumerate(operands) if word in ("cp", "sync", "upload")]
        return operands[verbs[0] + 1 : -1] if verbs else ()
    if program in _TO_THE_LAST:
        return operands[:-1] if len(operands) > 1 else operands
    if program == "zip" or (program == "7z" and operands[:1] == ("a",)):
        return operands[1:]
    if program in _FROM_ALL:
        unpacks = any(isinstance(word, str) and _UNPACKING.match(word) for word in words[:2])
        return () if unpacks else operands
    return ()


def argument(call: ast.Call, position: int, keyword: str) -> ast.expr | None:
    if position < len(call.args) and not any(isinstance(a, ast.Starred) for a in call.args[: position + 1]):
        return call.args[position]
    return next((k.value for k in call.keywords if k.arg == keyword), None)


def is_of(module: Module, function: ast.expr, library: str, name: str) -> bool:
    """Tell whether ``function`` is ``library.name``, under whatever name the file imports it."""
    root = function.value if isinstance(function, ast.Attribute) else function
    if not isinstance(root, ast.Name):
        return False
    found = module.scope_of(root).lookup(root.id)
    wanted = library if isinstance(function, ast.Attribute) else f"{library}.{name}"
    return found is not None and any(binding.dotted == wanted for binding in found[1])


def _is_archive(module: Module, function: ast.expr, method: str) -> bool:
    if not (isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name)):
        return False
    found = module.scope_of(function.value).lookup(function.value.id)
    openers = {kind for kind, name in _ARCHIVES.items() if name == method} | ({"open"} if method == "add" else set())
    return found is not None and any(
        isinstance(b.value, ast.Call)
        and name_of_call(b.value) in openers
        and (name_of_call(b.value) != "open" or ast.unparse(b.value.func).startswith("tarfile."))
        for b in found[1]
    )
