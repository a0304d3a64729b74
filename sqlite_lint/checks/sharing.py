"""Connections that threads or processes share."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.hosts.deeds import Deeds, deeds_of
from sqlite_lint.hosts.keys import Frame, Key
from sqlite_lint.hosts.model import Connection, Target
from sqlite_lint.hosts.module import Function, Module
from sqlite_lint.hosts.parallel import Entry, Kind, entries, reached
from sqlite_lint.hosts.sinks import name_of_call
from sqlite_lint.regex import regex
from sqlite_lint.rule import SourceHit

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import HostResult
    from sqlite_lint.rule import FileContext

_BOUND_TO_THREAD: Final = frozenset({"sqlite3", "pysqlite3", "sqlean", "sqlcipher3"})
_FILE_DRIVERS: Final = _BOUND_TO_THREAD | {"apsw"}
_GUARDED: Final = regex(r"(?i)\b\w*lock\w*\b\s*(?:[.(:=]|$)|semaphore|condition\(|queue|max_workers\s*=\s*1\b")
_ONE_WORKER: Final = regex(r"ThreadPoolExecutor\(\s*(?:max_workers\s*=\s*)?1\b")
_BY_EXECUTOR: Final = frozenset({"run_in_executor", "submit", "map"})
_NO_FORK: Final = regex(r"[\"'](?:spawn|forkserver)[\"']")
_EXITS: Final = frozenset({"sys.exit", "os._exit", "exit", "quit"})
_BLOCKS: Final = ("body", "orelse", "finalbody")
_USED: Final = frozenset(
    {"execute", "executemany", "executescript", "commit", "cursor", "rollback", "fetchone", "fetchall"}
)


class Shared(NamedTuple):
    """A connection held by names or attributes, and the function that opens it; None for the module's own code.

    ``keys`` are those of the connection and of its cursors, ``names`` what holds the connection in the source.
    """

    connection: Connection
    call: ast.AST
    keys: frozenset[Key]
    names: frozenset[str]
    opener: Function | None


def _held(deeds: Deeds, drivers: frozenset[str]) -> Iterator[Shared]:
    of_workers = _opened_by_workers(deeds)
    for call, connection in deeds.opened.items():
        if deeds.module.function_of(call) in of_workers:
            continue
        keys = {key for key in deeds.holders(call) if key[0] in ("name", "attribute")}
        if connection.driver in drivers and keys:
            every = keys | _cursors(deeds, keys)
            names = frozenset(ast.unparse(target) for target in deeds.targets(call))
            yield Shared(connection, call, frozenset(every), names, deeds.module.function_of(call))


def _opened_by_workers(deeds: Deeds) -> list[Function]:
    """What each worker of a pool runs before its tasks: the connection that it opens there is its own."""
    if "initializer" not in deeds.module.text:
        return []
    given = [keyword.value for call in deeds.module.calls for keyword in call.keywords if keyword.arg == "initializer"]
    functions = [deeds.function_named(value, value) for value in given]
    return [each for function in functions if function is not None for each in reached(deeds, function)]


def _cursors(deeds: Deeds, keys: set[Key]) -> set[Key]:
    """What else holds the connection, or a cursor of it: ``self.cur = self.conn.cursor()``."""
    found = set()
    frame = Frame(deeds.module.tree)
    for node in deeds.module.of(ast.Assign):
        if deeds.key_of(node.value, frame) in keys:
            found |= {deeds.key_of(target, frame) for target in node.targets}
    return {key for key in found if key[0] in ("name", "attribute")}


def _use_by(deeds: Deeds, entry: Entry, shared: Shared) -> ast.expr | None:
    """The first use of a connection by what runs apart, also as a parameter that it is given."""
    frame = Frame(deeds.module.tree)
    names = [argument.arg for argument in (*entry.function.args.posonlyargs, *entry.function.args.args)]
    if names[:1] in (["self"], ["cls"]):
        names = names[1:]
    scope = id(deeds.module.scopes[entry.function])
    given = {
        ("name", scope, name)
        for name, value in zip(names, entry.given, strict=False)
        if deeds.key_of(value, frame) in shared.keys
    }
    if given:
        shared = shared._replace(keys=shared.keys | given)
    return _use(deeds, reached(deeds, entry.function), shared)


def _use(deeds: Deeds, functions: list[Function], shared: Shared) -> ast.expr | None:
    """The first use of a connection in some functions; None as well where one of them opens or sets it itself."""
    frame = Frame(deeds.module.tree)
    first: ast.expr | None = None
    if shared.opener in functions:
        return None
    for function in functions:
        for node in ast.walk(function):
            if not isinstance(node, ast.Name | ast.Attribute) or deeds.key_of(node, frame) not in shared.keys:
                continue
            if isinstance(node.ctx, ast.Store | ast.Del):
                if ast.unparse(node) in shared.names:
                    return None
                continue
            if first is None and _is_used(deeds, node):
                first = node
    return first


def _is_used(deeds: Deeds, node: ast.expr) -> bool:
    """Tell whether a statement is run on a connection, or it is handed out to be used."""
    parent = deeds.module.parents[node]
    return isinstance(parent, ast.Return) or (isinstance(parent, ast.Attribute) and parent.attr in _USED)


def other_thread(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL552: a connection is used in another thread than the one that opens it, which sqlite3 refuses."""
    deeds = deeds_of(result)
    if deeds is None or not deeds.opened:
        return
    started = [entry for entry in entries(deeds) if entry.kind is Kind.THREAD]
    if not started:
        return
    together = _in_one_thread(deeds, started)
    for shared in _held(deeds, _BOUND_TO_THREAD):
        if not _is_bound(shared.connection) or shared.opener in together:
            continue
        use = next(filter(None, (_use_by(deeds, entry, shared) for entry in started)), None)
        if use is not None:
            row = getattr(shared.call, "lineno", 0)
            yield SourceHit(deeds.module.span(use), {"name": deeds.module.source(use), "row": str(row)})


def _in_one_thread(deeds: Deeds, started: list[Entry]) -> list[Function]:
    """What an executor of one thread runs, where all are such: it may open a connection there, and use it there."""
    text = deeds.module.text
    if len(_ONE_WORKER.findall(text)) != text.count("ThreadPoolExecutor("):
        return []
    by_executor = (e for e in started if isinstance(e.place, ast.Call) and name_of_call(e.place) in _BY_EXECUTOR)
    return [function for entry in by_executor for function in reached(deeds, entry.function)]


def _is_bound(connection: Connection) -> bool:
    given = connection.check_same_thread
    if connection.timeout_may_be_elsewhere:  # **kwargs
        return False
    return given is None or (given.known and bool(given.value))


def without_lock(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL553: threads share a connection, and nothing keeps their statements apart."""
    deeds = deeds_of(result)
    if deeds is None or not deeds.opened or _GUARDED.search(context.text):
        return
    started = [entry for entry in entries(deeds) if entry.kind is Kind.THREAD]
    for shared in _held(deeds, _BOUND_TO_THREAD) if started else ():
        given = shared.connection.check_same_thread
        if given is None or not given.known or given.value is not False:
            continue
        if any(_use_by(deeds, entry, shared) is not None for entry in started):
            yield SourceHit(given.span or shared.connection.span)


# -- fork


def across_fork(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL554: a connection that is opened before a fork is used in the child."""
    deeds = deeds_of(result)
    if deeds is None or not deeds.opened or _NO_FORK.search(context.text):
        return
    children = list(_children(deeds))
    processes = [entry for entry in entries(deeds) if entry.kind is Kind.PROCESS]
    preloads = any(facts.preloads for facts in context.project.files.values())
    if not children and not processes and not preloads:
        return
    for shared in _held(deeds, _FILE_DRIVERS):
        if shared.connection.target is Target.MEMORY:
            continue
        use = _in_child(deeds, children, shared) or _in_process(deeds, processes, shared)
        if use is None and preloads and shared.opener is None and not shared.connection.area:
            use = _use(deeds, deeds.module.functions, shared)
        if use is not None:
            row = getattr(shared.call, "lineno", 0)
            yield SourceHit(deeds.module.span(use), {"name": deeds.module.source(use), "row": str(row)})


class _Child(NamedTuple):
    """What runs in the child of ``os.fork()`` only."""

    body: list[ast.stmt]
    fork: ast.Call


def _children(deeds: Deeds) -> Iterator[_Child]:
    module = deeds.module
    for call in module.calls:
        if module.dotted(call.func) != "os.fork":
            continue
        names = {
            target.id
            for parent in [module.parents[call]]
            if isinstance(parent, ast.Assign)
            for target in parent.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(module.function_of(call) or module.tree):
            if isinstance(node, ast.If):
                is_child = _is_child(node.test, call, names)
                if is_child is not None:
                    yield _Child(node.body if is_child else [*node.orelse, *_left_to_child(module, node)], call)


def _left_to_child(module: Module, parent_only: ast.If) -> list[ast.stmt]:
    """What follows a branch in which the parent ends: ``if os.fork(): sys.exit()``, as daemons begin."""
    last = parent_only.body[-1]
    ends = isinstance(last, ast.Return | ast.Raise) or (
        isinstance(last, ast.Expr) and isinstance(last.value, ast.Call) and module.dotted(last.value.func) in _EXITS
    )
    around = module.parents[parent_only]
    block = next((b for b in (getattr(around, f, []) for f in _BLOCKS) if parent_only in b), []) if ends else []
    return block[block.index(parent_only) + 1 :] if block else []


def _is_child(test: ast.expr, call: ast.Call, names: set[str]) -> bool | None:
    """True for ``os.fork() == 0``, ``pid == 0`` and ``not pid``; False for ``pid``, ``pid != 0`` and ``pid > 0``."""

    def is_pid(node: ast.expr) -> bool:
        return node is call or (isinstance(node, ast.Name) and node.id in names)

    if is_pid(test):
        return False
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return True if is_pid(test.operand) else None
    if isinstance(test, ast.Compare) and is_pid(test.left):
        other = test.comparators[0]
        if (
            isinstance(other, ast.Constant)
            and other.value == 0
            and isinstance(test.ops[0], ast.Eq | ast.NotEq | ast.Gt)
        ):
            return isinstance(test.ops[0], ast.Eq)
    return None


def _in_child(deeds: Deeds, children: list[_Child], shared: Shared) -> ast.expr | None:
    for child in children:
        if _is_open_at(deeds, child.fork, shared):
            use = _used_in(deeds, child.body, shared)
            if use is not None:
                return use
    return None


def _is_open_at(deeds: Deeds, fork: ast.Call, shared: Shared) -> bool:
    """Tell whether a connection is open where the process forks, as far as its function shows."""
    module = deeds.module
    at = module.span(fork).start
    if module.function_of(fork) is shared.opener:
        opened = module.span(shared.call).end
    elif shared.opener is None:
        return True
    elif shared.opener.name == "__init__" and module.class_of(fork) is module.class_of(shared.call):
        opened = module.span(module.function_of(fork) or module.tree).start  # the object has it from its beginning
    else:
        return False
    closed = any(
        isinstance(call.func, ast.Attribute)
        and call.func.attr == "close"
        and opened < module.span(call).start < at
        and ast.unparse(call.func.value) in shared.names
        for call in module.calls
    )
    return opened < at and not closed


def _used_in(deeds: Deeds, body: list[ast.stmt], shared: Shared) -> ast.expr | None:
    """The first use in the statements of a child, or in a function that they call; None where it opens its own."""
    frame = Frame(deeds.module.tree)
    first: ast.expr | None = None
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name | ast.Attribute) and deeds.key_of(node, frame) in shared.keys:
                if isinstance(node.ctx, ast.Store) and ast.unparse(node) in shared.names:
                    return None
                if first is None and isinstance(node.ctx, ast.Load) and _is_used(deeds, node):
                    first = node
            elif isinstance(node, ast.Call) and first is None:
                function = deeds.function_called(node)
                first = _use(deeds, reached(deeds, function), shared) if function is not None else None
    return first


def _in_process(deeds: Deeds, processes: list[Entry], shared: Shared) -> ast.expr | None:
    for entry in processes:
        use = _use_by(deeds, entry, shared)
        if use is not None:
            return use
    return None
