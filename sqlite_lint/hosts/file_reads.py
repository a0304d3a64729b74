"""Finds where a Python file reads a whole file as bytes, to store it elsewhere or to send it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.sinks import name_of_call
from sqlite_lint.regex import regex

if TYPE_CHECKING:
    from sqlite_lint.hosts.module import Module

# Who reads a file to compare or to describe it makes no copy of it.
_LOOKING: Final = regex(r"hashlib|hasher|digest|checksum|crc32|md5|sha1|sha256|startswith|magic|\bmmap\b|header")
_MIN_BLOCK: Final = 1024


def whole_reads(module: Module) -> Iterator[tuple[ast.AST, str, ast.expr]]:
    """The place, the name and the path of each ``open(path, "rb")`` and ``path.read_bytes()`` that copies the file."""
    if "rb" not in module.text and "read_bytes" not in module.text:
        return
    for call in module.calls:
        name = name_of_call(call)
        if name == "read_bytes" and isinstance(call.func, ast.Attribute) and not call.args:
            path: ast.expr | None = call.func.value
        elif name == "open" and _reads_bytes(call):
            path = _opened(call)
        else:
            continue
        if path is not None and _is_taken_whole(module, call) and not _only_looks(module, call):
            yield call, name, path


def _reads_bytes(call: ast.Call) -> bool:
    is_method = isinstance(call.func, ast.Attribute) and not _is_module(call.func.value)
    modes = [*call.args[0 if is_method else 1 :][:1], *(k.value for k in call.keywords if k.arg == "mode")]
    return any(isinstance(mode, ast.Constant) and mode.value in ("rb", "br") for mode in modes)


def _is_module(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("io", "aiofiles", "builtins", "gzip", "codecs", "os")


def _opened(call: ast.Call) -> ast.expr | None:
    if isinstance(call.func, ast.Attribute) and not _is_module(call.func.value):
        return call.func.value
    if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "gzip":
        return None
    return call.args[0] if call.args else None


def _only_looks(module: Module, call: ast.Call) -> bool:
    function = module.function_of(call)
    return function is not None and _LOOKING.search(module.source(function)) is not None


def _is_taken_whole(module: Module, call: ast.Call) -> bool:
    """Tell whether all of the file goes somewhere: the bytes, or the open file itself."""
    if name_of_call(call) == "read_bytes":
        return _is_kept(module, call)
    names: set[str] = set()
    holder: ast.AST = call
    parent = module.parents[call]
    while isinstance(parent, ast.Await):
        holder, parent = parent, module.parents[parent]
    if isinstance(parent, ast.withitem) and isinstance(parent.optional_vars, ast.Name):
        names = {parent.optional_vars.id}
    elif isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name):
        names = {parent.targets[0].id}
    elif isinstance(parent, ast.Attribute):
        return _reads_on(module, parent)
    else:
        return _is_handed_on(module, holder)
    scope = module.function_of(call) or module.tree
    return any(
        isinstance(node, ast.Name)
        and node.id in names
        and isinstance(node.ctx, ast.Load)
        and (_reads_on(module, module.parents[node]) or _is_handed_on(module, node))
        for node in ast.walk(scope)
    )


def _reads_on(module: Module, attribute: ast.AST) -> bool:
    """``file.read()``, or with blocks in a loop."""
    call = module.parents.get(attribute)
    if not (isinstance(attribute, ast.Attribute) and attribute.attr == "read" and isinstance(call, ast.Call)):
        return False
    if not call.args:
        return _is_kept(module, call)
    size = call.args[0]
    is_small = isinstance(size, ast.Constant) and isinstance(size.value, int) and size.value < _MIN_BLOCK
    return not is_small and any(isinstance(node, ast.While | ast.For) for node in module.ancestors(call))


def _is_kept(module: Module, call: ast.Call) -> bool:
    """Tell whether what is read is more than a slice of it, or compared."""
    parent = module.parents[call]
    while isinstance(parent, ast.Await):
        parent = module.parents[parent]
    return not isinstance(parent, ast.Subscript | ast.Compare | ast.Attribute | ast.Expr)


def _is_handed_on(module: Module, node: ast.AST) -> bool:
    """Tell whether an open file is given to a function, by itself or in a dict or tuple."""
    parent = module.parents[node]
    while isinstance(parent, ast.Dict | ast.Tuple | ast.List | ast.keyword):
        node, parent = parent, module.parents[parent]
    return isinstance(parent, ast.Call) and node is not parent.func and name_of_call(parent) not in ("iter", "closing")
