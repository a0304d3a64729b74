"""Finds what a Python file does to files as a whole: copies, archives, shell commands."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlite_lint.text import Span

if TYPE_CHECKING:
    from sqlite_lint.hosts.module import Module

CONCERNED: Final = re.compile(r"\bcopy|\.write\(|\.add\(|subprocess|os\.system|popen|check_call|check_output|upload")

_COPIES: Final = {"copy": 0, "copy2": 0, "copyfile": 0}
_COMMANDS: Final = frozenset({"run", "call", "check_call", "check_output", "Popen", "system", "popen",
                              "create_subprocess_exec", "create_subprocess_shell", "getoutput"})  # fmt: skip
_COPYING_PROGRAMS: Final = frozenset(
    {"cp", "rsync", "scp", "tar", "zip", "gzip", "7z", "rclone", "gsutil", "install", "dd", "restic", "borg"}
)
_ARCHIVES: Final = {"ZipFile": "write", "TarFile": "add"}
_UPLOADS: Final = {"upload_file": 0, "upload_from_filename": 0, "fput_object": 2}


@dataclass(frozen=True, slots=True)
class FileCopy:
    """A place that copies files byte by byte.

    ``sources`` are the expressions, or for a command given as one text its words, that may name a file to copy.
    """

    span: Span
    how: str
    sources: tuple[ast.expr | str, ...]
    call: ast.Call


def file_copies(module: Module) -> Iterator[FileCopy]:
    """All copies that ``module`` makes with the standard library, a program of the system or a client of a store."""
    for call in module.calls:
        name = _last_name(call.func)
        if name in _COPIES and _is_of(module, call.func, "shutil", name):
            yield _copy(module, call, f"shutil.{name}", _argument(call, 0, "src"))
        elif name in _UPLOADS:
            yield _copy(module, call, name, _argument(call, _UPLOADS[name], "Filename"))
        elif name in ("write", "add") and _is_archive(module, call.func, name):
            yield _copy(module, call, f"archive {name}()", _argument(call, 0, "filename"))
        elif name in _COMMANDS and call.args:
            yield from _command(module, call)


def _copy(module: Module, call: ast.Call, how: str, source: ast.expr | None) -> FileCopy:
    return FileCopy(module.span(call), how, () if source is None else (source,), call)


def _command(module: Module, call: ast.Call) -> Iterator[FileCopy]:
    first = call.args[0]
    if isinstance(first, ast.List | ast.Tuple):
        words: list[ast.expr | str] = list(first.elts)
        program = first.elts[0] if first.elts else None
    elif _last_name(call.func) == "create_subprocess_exec":
        words, program = list(call.args), first
    else:
        words = list(_shell_words(first))
        program = None
        if not words or words[0] not in _COPYING_PROGRAMS:
            return
        yield FileCopy(module.span(call), str(words[0]), tuple(words[1:-1] or words[1:]), call)
        return
    if isinstance(program, ast.Constant) and str(program.value).rsplit("/", 1)[-1] in _COPYING_PROGRAMS:
        yield FileCopy(module.span(call), str(program.value), tuple(words[1:]), call)


def _shell_words(node: ast.expr) -> Iterator[ast.expr | str]:
    """The words of a command line; a word that is only a field of an f-string is that field's expression."""
    fields: list[ast.expr] = []
    text = ""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                text += f"\0{len(fields)}\0"
                fields.append(part.value)
            elif isinstance(part, ast.Constant):
                text += str(part.value)
    try:
        words = shlex.split(text)
    except ValueError:
        return
    for word in words:
        field = re.fullmatch("\0([0-9]+)\0", word)
        yield fields[int(field[1])] if field else word


def _last_name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _argument(call: ast.Call, position: int, keyword: str) -> ast.expr | None:
    if position < len(call.args) and not any(isinstance(a, ast.Starred) for a in call.args[: position + 1]):
        return call.args[position]
    return next((k.value for k in call.keywords if k.arg == keyword), None)


def _is_of(module: Module, function: ast.expr, library: str, name: str) -> bool:
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
        and _last_name(b.value.func) in openers
        and (_last_name(b.value.func) != "open" or ast.unparse(b.value.func).startswith("tarfile."))
        for b in found[1]
    )
