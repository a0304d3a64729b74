"""How a file is opened: without locks, or under the name of a temporary file that is gone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.areas import area_of
from sqlite_lint.hosts.deeds import Deed, Deeds, deeds_of
from sqlite_lint.hosts.keys import Frame
from sqlite_lint.hosts.model import Connection, Target
from sqlite_lint.hosts.module import BindingKind, Module
from sqlite_lint.hosts.paths import Paths
from sqlite_lint.hosts.sinks import name_of_call
from sqlite_lint.rule import SourceHit
from sqlite_lint.sql.tokens import HOLE

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import HostResult
    from sqlite_lint.rule import FileContext

_WRITES: Final = frozenset({Deed.WRITE, Deed.CHANGE, Deed.BEGIN_NOW})
_STALE: Final = "immutable=1 says that nobody writes the file, and {who}: readers miss rows or fail"
_UNLOCKED: Final = "nolock=1 opens the file without locks, and {who}: writers overwrite each other"


def unlocked(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL522: ``immutable=1`` or ``nolock=1`` for a file that is written."""
    deeds = deeds_of(result)
    if deeds is None:
        return
    for call, connection in deeds.opened.items():
        if connection.target is Target.MEMORY or not (connection.immutable or connection.no_lock):
            continue
        who = _writer(deeds, call, connection)
        if who:
            why = (_STALE if connection.immutable else _UNLOCKED).format(who=who)
            span = connection.path.span if connection.path is not None else None
            yield SourceHit(span or connection.span, {"why": why})


def _writer(deeds: Deeds, call: ast.AST, connection: Connection) -> str:
    """Who writes the file of a connection without locks; "" if nothing shows that anybody does."""
    if connection.query.get("mode") in ("rw", "rwc"):
        return f"mode={connection.query['mode']} opens it for writing"
    row = _row_of_write(deeds, call)
    if row and not connection.read_only:
        return f"line {row} writes it"
    mine = _files(deeds, call)
    for other, opened in deeds.opened.items():
        if (
            other is not call
            and not (opened.read_only or opened.immutable)
            and not mine.isdisjoint(_files(deeds, other))
        ):
            return f"line {getattr(other, 'lineno', 0)} opens it for writing"
    return ""


def _row_of_write(deeds: Deeds, call: ast.AST) -> int:
    frame = Frame(deeds.module.tree)
    keys = {("opened", id(call)), *deeds.holders(call)}
    for inner in deeds.module.calls:
        for event in deeds.events(inner, frame) or ():
            if event.deed in _WRITES and event.key in keys:
                return inner.lineno
    return 0


def _files(deeds: Deeds, call: ast.AST) -> set[str]:
    """What names the file that a call opens: identities of the path, and of the one inside a URI."""
    if not (isinstance(call, ast.Call) and call.args):
        return set()
    paths = Paths(deeds.module, deeds.values)
    node = call.args[0]
    found = paths.all_of(node)
    for value in deeds.values.of(node):
        if isinstance(value.value, str) and HOLE not in value.value:
            found.add(repr(value.value.removeprefix("file:").partition("?")[0]))
    written = next((b.value for b in deeds.values.bindings(node) if b.value is not None), node)
    for part in written.values if isinstance(written, ast.JoinedStr) else ():
        if isinstance(part, ast.FormattedValue):
            inner = part.value
            if (
                isinstance(inner, ast.Call)
                and name_of_call(inner) == "as_uri"
                and isinstance(inner.func, ast.Attribute)
            ):
                inner = inner.func.value
            found |= paths.all_of(inner)
    return found


# -- temporary files


def temporary_name(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL523: the name of a temporary file that is removed before the database is opened, or was never made."""
    deeds = deeds_of(result)
    if deeds is None or area_of(context.path, context.project) == "test":
        return
    for call, connection in deeds.opened.items():
        if isinstance(call, ast.Call) and call.args and connection.area != "test":
            why = _why_gone(deeds, call, call.args[0])
            if why:
                yield SourceHit(deeds.module.span(call.args[0]), {"why": why})


def _why_gone(deeds: Deeds, at: ast.Call, node: ast.expr, depth: int = 4) -> str:
    module = deeds.module
    if isinstance(node, ast.Call):
        if (module.dotted(node.func) or "") == "tempfile.mktemp":
            return "`mktemp` makes no file: another process may take the name before the database is opened"
        given = node.args[:1] if name_of_call(node) in ("str", "Path", "fspath") else []
        return _why_gone(deeds, at, given[0], depth - 1) if given and depth else ""
    if isinstance(node, ast.Attribute) and node.attr == "name":
        if _removes(module, node.value):
            return "the temporary file is removed at once, for nothing holds it: others may take its name"
        for binding in deeds.values.bindings(node.value):
            if binding.kind is BindingKind.WITH and binding.value is not None and _removes(module, binding.value):
                block = next((p for p in module.ancestors(binding.value) if isinstance(p, ast.With)), None)
                if block is not None and block not in module.ancestors(at):
                    return "the temporary file is removed at the end of its block: others may take its name"
        return ""
    bindings = deeds.values.bindings(node) if depth else []
    if len(bindings) == 1 and bindings[0].kind is BindingKind.ASSIGN and bindings[0].value is not None:
        return _why_gone(deeds, at, bindings[0].value, depth - 1)
    return ""


def _removes(module: Module, node: ast.expr) -> bool:
    """Tell whether an expression makes a temporary file that is removed when it is closed."""
    if not (isinstance(node, ast.Call) and (module.dotted(node.func) or "") == "tempfile.NamedTemporaryFile"):
        return False
    kept = {k.arg for k in node.keywords if isinstance(k.value, ast.Constant) and k.value.value is False}
    return "delete" not in kept and None not in {k.arg for k in node.keywords}
