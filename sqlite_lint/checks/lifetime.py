"""How a connection ends: left open, or closed before its writes are committed."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.hosts.deeds import LEAVES_TRANSACTION, Deed, Deeds, Event, deeds_of
from sqlite_lint.hosts.imports import name_for
from sqlite_lint.hosts.keys import Key
from sqlite_lint.hosts.model import Connection, Target
from sqlite_lint.hosts.module import SCOPES, Function, Module
from sqlite_lint.hosts.private_files import is_private
from sqlite_lint.hosts.walk import Walk
from sqlite_lint.rule import SourceHit
from sqlite_lint.text import Applicability, Edit, Span

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import HostResult
    from sqlite_lint.rule import FileContext

# Drivers whose ``with connection:`` ends a transaction and leaves the connection open; aiosqlite's closes.
_STAYS_OPEN: Final = frozenset({"sqlite3", "pysqlite3", "sqlean", "sqlcipher3", "apsw"})
_CURSORS: Final = frozenset({"cursor", "execute", "executemany"})
# Drivers that begin a transaction by themselves before INSERT, UPDATE, DELETE and REPLACE.
_BEGINS_ITSELF: Final = frozenset({"sqlite3", "pysqlite3", "sqlean", "sqlcipher3", "aiosqlite"})


def left_open(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL550: ``with sqlite3.connect(...)`` leaves the connection open."""
    deeds = deeds_of(result)
    if deeds is None:
        return
    for call, connection in deeds.opened.items():
        item = deeds.module.parents.get(call)
        if not isinstance(item, ast.withitem) or connection.driver not in _STAYS_OPEN:
            continue
        block = deeds.module.parents[item]
        if isinstance(block, ast.With) and not connection.area and connection.target is not Target.MEMORY:
            yield from _left_open(deeds.module, block, item, connection)


def _left_open(module: Module, block: ast.With, item: ast.withitem, connection: Connection) -> Iterator[SourceHit]:
    name = item.optional_vars
    if isinstance(name, ast.Name):
        if _outlives(module, block, name.id):
            return
    elif name is not None:
        return
    opening = module.span(item.context_expr)
    edits: tuple[Edit, ...] = ()
    closing = name_for(module, "contextlib", "closing")
    if closing is not None and isinstance(name, ast.Name) and connection.driver != "apsw":
        written, imports = closing
        end = module.span(name).end
        edits = (
            *imports,
            Edit(Span(opening.start, opening.start), f"{written}("),
            Edit(Span(opening.end, opening.end), ")"),
            Edit(Span(end, end), f", {name.id}"),
        )
    yield SourceHit(
        connection.span,
        {"opener": connection.opener},
        fix_title="Close the connection after the transaction",
        edits=edits,
        applicability=Applicability.UNSAFE,
        withheld=None if edits else "the connection needs a name, and `closing` an import",
    )


def _outlives(module: Module, block: ast.With, name: str) -> bool:
    """Tell whether a connection, or a cursor of it, is closed by hand, handed out of the block, or used after it."""
    found = module.scope_of(block).lookup(name)
    scope = found[0].node if found is not None else module.tree
    for node in _uses(module, scope, _names_made_of(module, block, name)):
        inside = module.is_inside(node, block)
        if not inside and any(_binds(parent, name) for parent in module.ancestors(node)):
            continue  # the same name, for another connection
        if not inside or (node.id == name and _escapes(module, node)):
            return True
    return False


def _binds(node: ast.AST, name: str) -> bool:
    items = node.items if isinstance(node, ast.With) else []
    return any(isinstance(item.optional_vars, ast.Name) and item.optional_vars.id == name for item in items)


def _names_made_of(module: Module, block: ast.AST, name: str) -> set[str]:
    """``name``, and the names of what ``name.cursor()`` and ``name.execute(...)`` give."""
    names = {name}
    for node, cursor, root in _cursors(module):
        if root in names and module.is_inside(node, block):
            names.add(cursor)
    return names


@lru_cache(maxsize=1)
def _cursors(module: Module) -> list[tuple[ast.Assign, str, str]]:
    """The assignments of ``a.cursor()`` and ``a.execute(...)`` in source order, with the names on both sides."""
    found = []
    for node in module.of(ast.Assign):
        if isinstance(node.targets[0], ast.Name):
            value = node.value.value if isinstance(node.value, ast.Await) else node.value
            function = value.func if isinstance(value, ast.Call) else None
            if isinstance(function, ast.Attribute) and function.attr in _CURSORS:
                found.append((node, node.targets[0].id, _root_name(function)))
    return found


def _uses(module: Module, around: ast.AST, names: Iterable[str]) -> Iterator[ast.Name]:
    """Where one of ``names`` is read inside ``around``."""
    return (node for name in names for node in module.reads_within(name, around))


def _escapes(module: Module, node: ast.Name) -> bool:
    """Tell whether the value of a name leaves the function, is closed, or is kept in something else."""
    parent = module.parents[node]
    if isinstance(parent, ast.Attribute):
        return parent.attr == "close"
    while isinstance(parent, ast.Tuple | ast.List | ast.Starred | ast.Await | ast.IfExp | ast.Dict):
        parent = module.parents[parent]
    return isinstance(parent, ast.Return | ast.Yield | ast.YieldFrom | ast.Assign | ast.AnnAssign | ast.NamedExpr)


# -- writes that are never committed


class _Dirty(NamedTuple):
    """A connection opened here, and the first write that is not committed."""

    key: Key | None
    call: ast.AST
    write: Event | None = None


class _Losses:
    """Follows connections from their opening to their end."""

    def __init__(self, deeds: Deeds) -> None:
        self.deeds = deeds
        self.lost: dict[ast.AST, Event] = {}
        self.kept: set[Key | None] = set()

    def step(self, state: _Dirty | None, event: Event) -> Iterable[_Dirty | None]:
        if event.deed in (Deed.COMMIT, Deed.SCRIPT, Deed.UNKNOWN):
            self.kept.add(event.key)
        if event.deed is Deed.OPEN:
            connection = self.deeds.opened.get(event.node)
            opens = connection is not None and begins_itself(connection)
            return (_Dirty(event.key, event.node),) if opens else (state,)
        if state is None or event.key not in (state.key, None):
            return (state,)
        if event.deed is Deed.WRITE and state.write is None:
            return (state._replace(write=event),)
        if event.deed is Deed.CLOSE:
            if state.write is not None:
                self.lost.setdefault(state.call, state.write)
            return (None,)
        stays = event.deed in LEAVES_TRANSACTION or event.deed in (Deed.READ, Deed.CHANGE, Deed.WRITE)
        return (state,) if stays else (None,)


def begins_itself(connection: Connection) -> bool:
    isolation, autocommit = connection.isolation, connection.autocommit
    if connection.driver not in _BEGINS_ITSELF or connection.target is Target.MEMORY:
        return False
    if connection.timeout_may_be_elsewhere:  # **kwargs may hold isolation_level=None
        return False
    if autocommit is not None and not (autocommit.known and autocommit.value is False):
        return False
    return isolation is None or (isolation.known and isinstance(isolation.value, str))


def lost_writes(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL551: a connection is closed, or its function ends, and what it wrote was never committed."""
    deeds = deeds_of(result)
    if deeds is None or not any(begins_itself(connection) for connection in deeds.opened.values()):
        return
    roots: list[Function | ast.Module] = [deeds.module.tree]
    for call in deeds.opened:
        function = deeds.module.function_of(call)
        if function is not None and function not in roots:
            roots.append(function)
    for root in roots:
        yield from _lost_in(deeds, root)


def _lost_in(deeds: Deeds, root: Function | ast.Module) -> Iterator[SourceHit]:
    rule = _Losses(deeds)
    ended = Walk(deeds, rule.step).run(root, {None})
    if isinstance(root, ast.FunctionDef | ast.AsyncFunctionDef):
        for state in ended:
            if state is not None and state.write is not None and not _leaves(deeds, root, state.call):
                rule.lost.setdefault(state.call, state.write)
    for call, write in rule.lost.items():
        if not rule.kept.isdisjoint({("opened", id(call)), None}) or isolation_is_set(deeds.module):
            continue
        if is_private(deeds.opened[call], deeds.module):
            continue  # nobody opens a temporary file again
        place = write.node.func if isinstance(write.node, ast.Call) else write.node
        yield SourceHit(deeds.module.span(place), {"keyword": write.keyword, "row": str(_row(call))})


def _row(node: ast.AST) -> int:
    return getattr(node, "lineno", 0)


@lru_cache(maxsize=1)
def isolation_is_set(module: Module) -> bool:
    """``connection.isolation_level = None`` somewhere: what begins a transaction there cannot be told."""
    settings = ("isolation_level", "autocommit")
    return module.mentions(settings) and any(
        node.attr in settings and isinstance(node.ctx, ast.Store) for node in module.of(ast.Attribute)
    )


def _leaves(deeds: Deeds, root: Function, call: ast.AST) -> bool:
    """Tell whether a connection lives on after its function: held elsewhere, handed on, or used by an inner one."""
    module = deeds.module
    holder = module.parents[call]
    while isinstance(holder, ast.Await):
        holder = module.parents[holder]
    if not isinstance(holder, ast.Assign) or len(holder.targets) != 1 or not isinstance(holder.targets[0], ast.Name):
        return True
    name = holder.targets[0].id
    if module.function_of(call) is not root or name in module.scopes[root].outer_names:
        return True
    for node in _uses(module, root, _names_made_of(module, root, name)):
        inner = next((p for p in module.ancestors(node) if isinstance(p, SCOPES)), root)
        if inner is not root or (not isinstance(module.parents[node], ast.Attribute) and _is_kept(module, node)):
            return True
    return False


def _is_kept(module: Module, node: ast.Name) -> bool:
    parent = module.parents[node]
    return not isinstance(parent, ast.If | ast.Compare | ast.BoolOp | ast.UnaryOp | ast.withitem)


def _root_name(node: ast.expr) -> str:
    """The name at the root of ``name.cursor()`` or ``name.execute(...)``; "" for other expressions."""
    while isinstance(node, ast.Call | ast.Attribute | ast.Await):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
