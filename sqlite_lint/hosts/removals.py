"""Finds where a Python file removes, renames or overwrites files."""

from __future__ import annotations

import ast
import enum
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.hosts.commands import Word, commands
from sqlite_lint.hosts.files import argument, is_of

if TYPE_CHECKING:
    from sqlite_lint.hosts.module import Module

_REMOVING: Final = frozenset({"remove", "unlink"})
_RENAMING: Final = frozenset({"rename", "replace", "renames"})
_COPYING: Final = frozenset({"copy", "copy2", "copyfile"})


class Change(enum.Enum):
    REMOVE = "removes"
    RENAME = "renames"
    REPLACE = "replaces"  # another file comes in its place, or its content is overwritten


class FileChange(NamedTuple):
    """One file that a call takes away or puts another into the place of."""

    call: ast.Call
    how: str
    change: Change
    path: Word


def file_changes(module: Module) -> Iterator[FileChange]:
    """All files that ``module`` removes, renames or overwrites, in no order."""
    for call in module.calls:
        yield from _of_call(module, call)
    for command in commands(module):
        operands = [w for w in command.words if not (isinstance(w, str) and w.startswith("-") and w[1:2].isalpha())]
        if command.program in ("rm", "unlink", "shred"):
            for word in operands:
                yield FileChange(command.call, command.program, Change.REMOVE, word)
        elif command.program in ("mv", "cp") and len(operands) > 1:
            for word in operands[:-1] if command.program == "mv" else ():
                yield FileChange(command.call, command.program, Change.RENAME, word)
            yield FileChange(command.call, command.program, Change.REPLACE, operands[-1])


def _of_call(module: Module, call: ast.Call) -> Iterator[FileChange]:
    name = module.called_name(call)
    first, second = argument(call, 0, "src"), argument(call, 1, "dst")
    if name in _REMOVING and is_of(module, call.func, "os", name):
        path = first or argument(call, 0, "path")
        if path is not None:
            yield FileChange(call, f"os.{name}", Change.REMOVE, path)
    elif (name in _RENAMING and is_of(module, call.func, "os", name)) or (
        name == "move" and is_of(module, call.func, "shutil", name)
    ):
        how = f"shutil.{name}" if name == "move" else f"os.{name}"
        yield from _moved(call, how, first, second)
    elif name in _COPYING and is_of(module, call.func, "shutil", name):
        if second is not None:
            yield FileChange(call, f"shutil.{name}", Change.REPLACE, second)
    elif name == "rmtree" and is_of(module, call.func, "shutil", name) and first is not None:
        yield FileChange(call, "shutil.rmtree", Change.REMOVE, first)
    elif isinstance(call.func, ast.Attribute):
        yield from _of_method(call, call.func)
    elif name == "open" and first is not None and _overwrites(argument(call, 1, "mode")):
        yield FileChange(call, "open", Change.REPLACE, first)


def _of_method(call: ast.Call, function: ast.Attribute) -> Iterator[FileChange]:
    """Methods of a ``Path``: one argument tells ``replace`` from that of texts."""
    name = function.attr
    if name == "unlink" and not call.args:
        yield FileChange(call, "unlink", Change.REMOVE, function.value)
    elif name in ("rename", "replace") and len(call.args) == 1 and not call.keywords:
        yield from _moved(call, name, function.value, call.args[0])
    elif name == "write_bytes" or (name == "open" and call.args and _overwrites(call.args[0])):
        yield FileChange(call, name, Change.REPLACE, function.value)


def _moved(call: ast.Call, how: str, source: ast.expr | None, target: ast.expr | None) -> Iterator[FileChange]:
    if source is not None:
        yield FileChange(call, how, Change.RENAME, source)
    if target is not None:
        yield FileChange(call, how, Change.REPLACE, target)


def _overwrites(mode: ast.expr | None) -> bool:
    return isinstance(mode, ast.Constant) and mode.value in ("wb", "wb+", "w+b")
