"""What code expects of the engine: an error (``pytest.raises``), or a version of SQLite."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.expressions import called, version_floor
from sqlite_lint.hosts.module import Module
from sqlite_lint.regex import regex

if TYPE_CHECKING:
    from typing import TypeGuard

_WORD: Final = regex(r"\s*([A-Za-z]+)")
_COLUMNS_ASKED: Final = regex(r"(?i)\bpragma\w*[\s.]+table_x?info|\bpragma_table_x?info")
_EXPECTING: Final = (ast.With, ast.AsyncWith, ast.Try, ast.For, ast.AsyncFor)
_RAISING: Final = frozenset({"raises", "assertRaises", "assertRaisesRegex", "assertRaisesMessage", "expect_raises"})
_EXPECTED: Final = regex(r"IntegrityError|ConstraintError")


@lru_cache(maxsize=2)
def _may_expect_errors(module: Module) -> bool:
    return bool(module.of(*_EXPECTING)) or "xfail" in module.text or not _RAISING.isdisjoint(module.called)


def expects_error(module: Module, place: ast.AST) -> bool:
    """``with pytest.raises(OperationalError)`` around it, ``assertRaises(Error, conn.execute, "...")``."""
    if not _may_expect_errors(module):
        return False
    child = place
    caught = False
    for parent in module.ancestors(place):
        if isinstance(parent, ast.With | ast.AsyncWith) and not isinstance(child, ast.withitem):
            if any(_raises(item.context_expr) for item in parent.items):
                return True
            caught = caught or any(called(item.context_expr) == "suppress" for item in parent.items)
        elif isinstance(parent, ast.Try) and child in parent.body:
            if _tries_otherwise(place, parent):
                return True
            caught = caught or bool(parent.handlers)
        elif isinstance(parent, ast.For | ast.AsyncFor) and child is parent.iter:
            return _tries(parent)
        elif isinstance(parent, ast.For | ast.AsyncFor) and caught:
            # Several statements are tried until one succeeds.
            return any(isinstance(each, ast.Break | ast.Return) for each in ast.walk(parent))
        elif isinstance(parent, ast.Call) and child in parent.args and _raises(parent):
            return True
        elif isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
            return any("xfail" in ast.unparse(decorator) for decorator in parent.decorator_list)
        child = parent
    return False


def is_probe(module: Module, place: ast.AST) -> bool:
    """Tell whether the code asks by trying: ``try: execute("SELECT old FROM t")``, and something else if it fails.

    The same goes for a function that asks for a table's columns first.
    """
    asking = asking_for_columns(module)
    if not asking and not module.of(ast.Try, ast.With, ast.AsyncWith):
        return False
    child = place
    for parent in module.ancestors(place):
        if parent in asking:
            return True
        if isinstance(parent, ast.Try) and child in parent.body:
            return any(_is_answer(handler, parent) for handler in parent.handlers)
        if isinstance(parent, ast.With | ast.AsyncWith) and not isinstance(child, ast.withitem):
            if any(called(item.context_expr) == "suppress" for item in parent.items):
                return True
        elif isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return False
        child = parent
    return False


@lru_cache(maxsize=2)
def asking_for_columns(module: Module) -> frozenset[ast.AST]:
    """The functions that ask with ``PRAGMA table_info`` which columns there are, before they rely on any."""
    if "table_info" not in module.text and "table_xinfo" not in module.text:
        return frozenset()
    asking = (
        module.function_of(node)
        for node in module.of(ast.Constant)
        if isinstance(node.value, str) and _COLUMNS_ASKED.search(node.value)
    )
    return frozenset(function for function in asking if function is not None)


def _is_answer(handler: ast.ExceptHandler, attempt: ast.Try) -> bool:
    """Tell a handler that answers the question from one that only reports."""
    inside = [node for statement in handler.body for node in ast.walk(statement)]
    if any(isinstance(node, ast.Raise) for node in inside):
        return False
    if handler.type is not None and "OperationalError" in ast.unparse(handler.type):
        return True
    runs = any(called(node).startswith("execute") for node in inside if isinstance(node, ast.Call))
    return runs or (len(attempt.body) == 1 and all(isinstance(node, ast.Pass) for node in handler.body))


def _tries_otherwise(place: ast.AST, attempt: ast.Try) -> bool:
    """``try: execute("VACUUM ANALYZE")``, and where the engine refuses, ``except: execute("VACUUM")``."""
    verb = _first_word(place)
    handlers = [h for h in attempt.handlers if h.type is None or not _EXPECTED.search(ast.unparse(h.type))]
    others = (
        argument
        for handler in handlers
        for node in ast.walk(handler)
        if isinstance(node, ast.Call) and called(node).startswith("execute")
        for argument in node.args[:1]
    )
    return bool(verb) and any(_first_word(other) == verb and ast.dump(other) != ast.dump(place) for other in others)


def _first_word(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr) and node.values:
        node = node.values[0]
    text = node.value if isinstance(node, ast.Constant) else ""
    found = _WORD.match(text) if isinstance(text, str) else None
    return found[1].upper() if found is not None else ""


def _tries(loop: ast.For | ast.AsyncFor) -> bool:
    """``for query in (...): if run(query): return``: the first that the engine takes will do."""
    name = loop.target.id if isinstance(loop.target, ast.Name) else ""
    for statement in loop.body:
        if isinstance(statement, ast.If) and isinstance(statement.body[-1], ast.Return | ast.Break):
            calls = [each for each in ast.walk(statement.test) if isinstance(each, ast.Call)]
            if any(isinstance(part, ast.Name) and part.id == name for call in calls for part in call.args):
                return True
    return False


def chosen_by_type(module: Module, place: ast.AST) -> bool:
    """Tell whether a place is one of several that ``isinstance()`` chooses between, by the type of the same value."""
    if "isinstance" not in module.called:
        return False
    child = place
    tests: list[ast.expr] = []
    for parent in module.ancestors(place):
        if isinstance(parent, ast.If):
            if child is not parent.test:
                tests += _tests_of_chain(parent)
        elif isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
            break
        child = parent
    asked = {part: ast.dump(part.args[0]) for test in tests for part in ast.walk(test) if _asks_for_type(part)}
    return any(count > 1 for count in Counter(asked.values()).values())


def _tests_of_chain(node: ast.If) -> Iterator[ast.expr]:
    """The tests of an ``if`` and of the ``elif`` below it."""
    yield node.test
    while len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
        node = node.orelse[0]
        yield node.test


def _asks_for_type(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and called(node) == "isinstance" and bool(node.args)


def min_version(module: Module, places: Sequence[ast.AST]) -> tuple[int, int] | None:
    """The SQLite version that the conditions around and the exits before a place ask for."""
    for place in places:
        child = place
        for parent in module.ancestors(place):
            floor = _floor(child, parent)
            if floor is not None:
                return floor
            child = parent
    return None


def _floor(child: ast.AST, parent: ast.AST) -> tuple[int, int] | None:
    if isinstance(parent, ast.If | ast.IfExp) and child is not parent.test:
        body = parent.body if isinstance(parent.body, list) else [parent.body]
        floor = version_floor(parent.test, child in body)
        if floor is not None:
            return floor
    for before in getattr(parent, "body", ()) if isinstance(child, ast.stmt) else ():
        if before is child:
            break
        if isinstance(before, ast.If) and isinstance(before.body[-1], ast.Return | ast.Raise | ast.Continue):
            floor = version_floor(before.test, False)
            if floor is not None:
                return floor
    return None


def _raises(node: ast.expr) -> bool:
    """``pytest.raises(...)`` and ``assertRaises(...)`` of an error that the engine gives for SQL it cannot prepare."""
    if not isinstance(node, ast.Call) or not node.args:
        return False
    if called(node) not in _RAISING:
        return False
    return _EXPECTED.search(ast.unparse(node.args[0])) is None
