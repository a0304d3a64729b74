"""Which database files are open at a place of the source, as far as one module shows."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from sqlite_lint.checks.databases import Databases
from sqlite_lint.hosts.deeds import Deeds
from sqlite_lint.hosts.keys import Frame, Key
from sqlite_lint.hosts.model import Target
from sqlite_lint.hosts.module import Function
from sqlite_lint.hosts.parallel import reached


class _Holder(NamedTuple):
    """What holds a connection from its opening on, and the identities of its file."""

    key: Key
    call: ast.AST
    opener: Function | None
    paths: frozenset[str]


class OpenConnections:
    """Finds connections that are open for sure: kept by the module, by an object, or used later on."""

    def __init__(self, deeds: Deeds, databases: Databases) -> None:
        self.deeds = deeds
        self.databases = databases
        self.module = deeds.module
        self._frame = Frame(deeds.module.tree)
        self._holders: list[_Holder] | None = None

    def holds(self, path: ast.expr, at: ast.Call) -> bool:
        """Tell whether a connection to the file ``path``, or to one in that directory, is open at the call ``at``."""
        if self.databases.is_closed_before(at):
            return False
        wanted = self.databases.paths.all_of(path)
        if self._holders is None:
            self._holders = list(self._find_holders())
        return any(not wanted.isdisjoint(holder.paths) and self._is_open(holder, at) for holder in self._holders)

    def _find_holders(self) -> Iterator[_Holder]:
        for call, connection in self.deeds.opened.items():
            if connection.target is Target.MEMORY or not isinstance(call, ast.Call) or not call.args:
                continue
            paths = self.databases.paths.all_of(call.args[0]) | set(self.databases.paths.directories(call.args[0]))
            for key in self.deeds.holders(call):
                if key[0] in ("name", "attribute"):
                    yield _Holder(key, call, self.module.function_of(call), frozenset(paths))

    def _is_open(self, holder: _Holder, at: ast.Call) -> bool:
        function = self.module.function_of(at)
        if holder.opener is function:
            return self._is_used_after(holder, at, function)
        if holder.key[0] == "attribute":
            return self._is_kept_by_object(holder, function)
        return holder.opener is None and self._is_no_import_guard(holder)

    def _is_no_import_guard(self, holder: _Holder) -> bool:
        """A connection that only the module's own run opens, below ``if __name__ == "__main__"``, may be none."""
        return not any(isinstance(parent, ast.If) for parent in self.module.ancestors(holder.call))

    def _is_used_after(self, holder: _Holder, at: ast.Call, function: Function | None) -> bool:
        """Tell whether one function opens a connection before the call ``at`` and goes on with it after."""
        opened, end = self.module.span(holder.call).end, self.module.span(at)
        if opened > end.start or any(isinstance(parent, ast.Try) for parent in self.module.ancestors(holder.call)):
            return False
        uses = [
            node
            for node in ast.walk(function or self.module.tree)
            if isinstance(node, ast.Name | ast.Attribute)
            and self.module.span(node).start > end.end
            and self.deeds.key_of(node, self._frame) == holder.key
        ]
        uses.sort(key=self.module.span)
        return bool(uses) and isinstance(uses[0].ctx, ast.Load) and not self._closes(uses[0])

    def _closes(self, node: ast.expr) -> bool:
        parent = self.module.parents[node]
        return isinstance(parent, ast.Attribute) and parent.attr == "close"

    def _is_kept_by_object(self, holder: _Holder, function: Function | None) -> bool:
        """Tell whether the objects of a class open the connection when they are made, and a method that neither
        runs then nor lets the connection go goes on with it."""
        owner = self.module.parents.get(function) if function is not None else None
        if not isinstance(owner, ast.ClassDef) or function is None or function.name.startswith("__"):
            return False
        made = next((f for f in owner.body if isinstance(f, ast.FunctionDef) and f.name == "__init__"), None)
        begin = reached(self.deeds, made) if made is not None else []
        if holder.opener not in begin or function in begin:
            return False
        openers = {other.opener for other in self._holders or () if other.key == holder.key}
        goes_on = any(following in openers for following in reached(self.deeds, function))
        return goes_on or not self._can_close(owner)

    def _can_close(self, owner: ast.ClassDef) -> bool:
        return any(
            isinstance(node, ast.Attribute) and node.attr in ("close", "__exit__") for node in ast.walk(owner)
        ) or any(isinstance(f, ast.FunctionDef) and f.name in ("close", "__exit__") for f in owner.body)
