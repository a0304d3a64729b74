"""The functions of a module that may do something to a connection: only these are worth a walk along their paths."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from sqlite_lint.hosts.sinks import name_of_call

if TYPE_CHECKING:
    from sqlite_lint.hosts.module import Function, Module

    Root = Function | ast.Module


def acting(module: Module, acts: Callable[[ast.Call], bool]) -> frozenset[Root]:
    """The functions, and the module itself, that hold a call which ``acts`` or call one that does, by its bare name."""
    found: set[Root] = {_root(module, call) for call in module.calls if acts(call)}
    if not found:
        return frozenset()
    calls: dict[str, list[ast.Call]] = {}
    for call in module.calls:
        calls.setdefault(name_of_call(call), []).append(call)
    waiting = list(found)
    while waiting:
        for name in _names(module, waiting.pop()):
            new = {_root(module, call) for call in calls.pop(name, ())} - found
            found |= new
            waiting += new
    return frozenset(found)


def _root(module: Module, call: ast.Call) -> Root:
    return module.function_of(call) or module.tree


def _names(module: Module, root: Root) -> Iterator[str]:
    """The names under which a function is called: a method also runs where its class is called, or used in ``with``."""
    if isinstance(root, ast.Module):
        return
    yield root.name
    owner = module.parents.get(root)
    if isinstance(owner, ast.ClassDef):
        yield owner.name


def in_order(module: Module, roots: Iterable[Root]) -> list[Root]:
    """As they stand in the source, the module first."""
    return sorted(roots, key=module.order.__getitem__)
