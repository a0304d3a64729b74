"""Which functions of a module run in threads and processes of their own, and what they can reach."""

from __future__ import annotations

import ast
import enum
from collections.abc import Iterator
from typing import Final, NamedTuple, TypeAlias

from sqlite_lint.hosts.deeds import Deeds
from sqlite_lint.hosts.library_threads import NAMED, run_by_libraries
from sqlite_lint.hosts.module import Function, Module
from sqlite_lint.hosts.sinks import name_of_call
from sqlite_lint.regex import regex

MAX_REACHED: Final = 60
# Methods of so many classes that a call by name tells nothing of the object.
_COMMON: Final = frozenset(
    [
        *("get", "put", "set", "add", "pop", "append", "update", "items", "keys", "values", "close", "open", "run"),
        *(
            "start",
            "stop",
            "join",
            "execute",
            "commit",
            "rollback",
            "send",
            "write",
            "read",
            "connect",
            "wait",
            "cursor",
        ),
    ]
)


class Kind(enum.Enum):
    THREAD = "thread"
    PROCESS = "process"


class Entry(NamedTuple):
    """A function that begins to run in a thread or process of its own.

    ``place`` is what starts it, ``given`` what its parameters are given there.
    """

    function: Function
    kind: Kind
    place: ast.AST
    given: tuple[ast.expr, ...] = ()


_STARTS: Final = regex(r"Thread|Process|Pool|Executor|Timer|to_thread|run_in_|\.(?:route|get|post|put|delete|patch)\(")
_PROCESSES: Final = regex(r"(?:^|\.)(?:Process|Pool|ProcessPoolExecutor)$")
_THREADS: Final = regex(r"(?:^|\.)(?:Thread|Timer|ThreadPool|ThreadPoolExecutor)$")
_MAPPING: Final = frozenset({"submit", "map", "imap", "imap_unordered", "starmap", "apply", "apply_async", "map_async"})
# Functions that run their first argument in a thread of a pool.
_IN_THREAD: Final = frozenset(
    {"asyncio.to_thread", "anyio.to_thread.run_sync", "starlette.concurrency.run_in_threadpool",
     "fastapi.concurrency.run_in_threadpool"}
)  # fmt: skip
_THREADING_SERVER: Final = regex(r"\bThreading(?:HTTPServer|TCPServer|UDPServer|MixIn|UnixStreamServer)\b")
_HANDLERS: Final = ("RequestHandler", "StreamRequestHandler")
_DEPENDS: Final = frozenset({"Depends", "Security"})
_ROUTES: Final = frozenset({"route", "get", "post", "put", "delete", "patch"})
_THREADED_SERVERS: Final = frozenset({"flask.Flask", "flask.Blueprint", "fastapi.FastAPI", "fastapi.APIRouter"})


def entries(deeds: Deeds) -> Iterator[Entry]:
    """The functions that ``Thread``, ``Process``, pools, executors and threaded servers run."""
    module = deeds.module
    if not (_STARTS.search(module.text) or NAMED.search(module.text)):
        return
    made = _made_by(module)
    for call in module.calls:
        kind, target, given = _start(module, call, made)
        if kind is not None and isinstance(target, ast.Lambda):
            yield from _run_by_lambda(deeds, target, kind)
            continue
        function = deeds.function_named(target, call, any_object=True) if kind and target is not None else None
        if function is not None and kind is not None:
            yield Entry(function, kind, call, given)
    for cls in module.classes:
        kind = _kind_of_bases(module, cls)
        for method in cls.body:
            if kind is not None and isinstance(method, ast.FunctionDef) and method.name == "run":
                yield Entry(method, kind, method)
        if _THREADING_SERVER.search(module.text) and _is_handler(module, cls):
            for method in cls.body:
                if isinstance(method, ast.FunctionDef) and (method.name == "handle" or method.name.startswith("do_")):
                    yield Entry(method, Kind.THREAD, method)
    for function in module.functions:
        if isinstance(function, ast.FunctionDef) and any(_routes(d, made) for d in function.decorator_list):
            yield Entry(function, Kind.THREAD, function)
    yield from (Entry(function, Kind.THREAD, place) for function, place in run_by_libraries(deeds, made))


def _run_by_lambda(deeds: Deeds, target: ast.Lambda, kind: Kind) -> Iterator[Entry]:
    for call in ast.walk(target.body):
        function = deeds.function_called(call) if isinstance(call, ast.Call) else None
        if function is not None and isinstance(call, ast.Call):
            yield Entry(function, kind, call, tuple(call.args))


def _is_handler(module: Module, cls: ast.ClassDef) -> bool:
    return any((module.dotted(base) or "").endswith(_HANDLERS) for base in cls.bases)


_Start: TypeAlias = "tuple[Kind | None, ast.expr | None, tuple[ast.expr, ...]]"
_NONE: Final[_Start] = (None, None, ())


def _start(module: Module, call: ast.Call, made: dict[str, str]) -> _Start:
    """What kind of task a call starts, the function that it runs, and what that is given."""
    last = name_of_call(call)
    dotted = module.dotted(call.func) or last  # of get_context("fork").Process the last name only
    if last in ("Thread", "Process", "Timer") and (_PROCESSES.search(dotted) or _THREADS.search(dotted)):
        position = 1 if last in ("Thread", "Process", "Timer") else 0
        named = [k.value for k in call.keywords if k.arg in ("target", "function")]
        target = named[0] if named else call.args[position] if len(call.args) > position else None
        given = next((k.value for k in call.keywords if k.arg == "args"), None)
        elements = tuple(given.elts) if isinstance(given, ast.Tuple | ast.List) else ()
        return (Kind.PROCESS if last == "Process" else Kind.THREAD), target, elements
    if dotted in _IN_THREAD and call.args:
        return Kind.THREAD, call.args[0], tuple(call.args[1:])
    if last == "run_in_executor" and len(call.args) > 1:
        in_process = _PROCESSES.search(_maker(module, call.args[0], made))
        return (Kind.PROCESS if in_process else Kind.THREAD), call.args[1], tuple(call.args[2:])
    if last in _MAPPING and isinstance(call.func, ast.Attribute) and call.args:
        maker = _maker(module, call.func.value, made)
        rest = tuple(call.args[1:]) if last == "submit" else ()
        if _PROCESSES.search(maker):
            return Kind.PROCESS, call.args[0], rest
        if _THREADS.search(maker):
            return Kind.THREAD, call.args[0], rest
    return _NONE


def _maker(module: Module, node: ast.expr, made: dict[str, str]) -> str:
    if isinstance(node, ast.Call):
        return module.dotted(node.func) or ""
    return made.get(_key(node), "")


def _key(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _made_by(module: Module) -> dict[str, str]:
    """For names and attributes the dotted name of the class that made what they hold."""
    found: dict[str, str] = {}
    for node in module.of(ast.Assign, ast.With):
        pairs: list[tuple[ast.expr | None, ast.expr]] = []
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value) for target in node.targets]
        elif isinstance(node, ast.With):
            pairs = [(item.optional_vars, item.context_expr) for item in node.items]
        for target, value in pairs:
            if target is not None and isinstance(value, ast.Call) and _key(target):
                found[_key(target)] = module.dotted(value.func) or ""
    return found


def _kind_of_bases(module: Module, cls: ast.ClassDef) -> Kind | None:
    for base in cls.bases:
        dotted = module.dotted(base) or ""
        if dotted.startswith(("threading.Thread", "multiprocessing.Process")):
            return Kind.PROCESS if dotted.endswith("Process") else Kind.THREAD
    return None


def _routes(decorator: ast.expr, made: dict[str, str]) -> bool:
    function = decorator.func if isinstance(decorator, ast.Call) else None
    return (
        isinstance(function, ast.Attribute)
        and function.attr in _ROUTES
        and made.get(_key(function.value), "") in _THREADED_SERVERS
    )


def reached(deeds: Deeds, start: Function) -> list[Function]:
    """``start`` and the functions, properties and constructors of the module that it uses, itself or through others."""
    found = [start]
    for function in found:
        if len(found) > MAX_REACHED:
            break
        for node in ast.walk(function):
            following = None
            if isinstance(node, ast.Call) and name_of_call(node) in _DEPENDS and node.args:
                following = deeds.function_named(node.args[0], node)
            elif isinstance(node, ast.Call):
                common = name_of_call(node) in _COMMON
                following = deeds.function_called(node, any_object=not common) or deeds.constructor(node)
            elif isinstance(node, ast.Attribute):
                following = deeds.function_named(node, node)
            if following is not None and following not in found:
                found.append(following)
    return found
