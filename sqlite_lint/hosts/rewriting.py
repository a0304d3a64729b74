"""Functions that rewrite SQL before they run it: what stands at their calls is not what the engine sees."""

from __future__ import annotations

import ast
import enum
from collections.abc import Iterator
from typing import Final

from sqlite_lint.hosts.engines import vocabulary, words
from sqlite_lint.hosts.expressions import called
from sqlite_lint.hosts.guards import Guards
from sqlite_lint.hosts.lookup import Lookup
from sqlite_lint.hosts.module import Function, Module
from sqlite_lint.regex import regex


class Rewriting(enum.IntEnum):
    """What a function changes in a text that it is given."""

    NOTHING = 0
    PLACEHOLDERS = 1  # %s to ?, and the like
    ANYTHING = 2


_NAMES: Final = vocabulary(
    "convert converted translate translated rewrite rewritten adapt adapted transform transpile mogrify dialectize "
    "normalize placeholder placeholders paramstyle qmark sub subn"
)
_FOR_PLACEHOLDERS: Final = vocabulary("placeholder placeholders paramstyle qmark")
_RUNNING: Final = ("exec", "query", "fetch", "read_sql", "run")
_PLACEHOLDER: Final = regex(r"\\?[(\[]?\\?(?:[%?$]|:(?!:))")


def rewriting(function: Function, module: Module, guards: Guards) -> Rewriting:
    """What ``function`` changes in one of its parameters; what it does for another engine than SQLite is left out."""
    first, last = module.order[function], module.last[function]
    calls = (call for call in module.calls if first < module.order[call] <= last)
    return max((_change(call, function, guards) for call in calls), default=Rewriting.NOTHING)


def rewriters(module: Module) -> dict[str, Rewriting]:
    """The functions of a module that rewrite what they are given and run it, by bare name."""
    guards = Guards(module, Lookup(module))
    own = guards.lookup.functions
    running = {module.function_of(call) for call in module.calls if called(call).startswith(_RUNNING)}
    found: dict[str, Rewriting] = {}
    for call in module.calls:
        name = called(call)
        changes = name == "replace" or name in own or _NAMES.intersection(words(name))
        function = module.function_of(call) if changes else None
        if function is not None and function in running:
            kind = _change(call, function, guards)
            if kind:
                found[function.name] = max(kind, found.get(function.name, kind))
    return found


def _change(call: ast.Call, function: Function, guards: Guards) -> Rewriting:
    kind = _kind(call, _parameters(function), guards.lookup)
    return Rewriting.NOTHING if kind and guards.at(call).excludes_sqlite else kind


def _parameters(function: Function) -> set[str]:
    return {each.arg for each in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}


def _kind(call: ast.Call, parameters: set[str], lookup: Lookup | None) -> Rewriting:
    name = called(call)
    if name == "replace" and isinstance(call.func, ast.Attribute):
        changes = parameters.intersection(_names_in(call.func.value)) and len(call.args) > 1
        return _of_pattern(call.args[0]) if changes else Rewriting.NOTHING
    said = _NAMES.intersection(words(name))
    # Not what runs it in its turn: that of the base class, say.
    own = lookup.functions.get(name, []) if lookup is not None and not name.startswith(_RUNNING) else []
    if not (said or own) or not parameters.intersection(each.id for each in call.args if isinstance(each, ast.Name)):
        return Rewriting.NOTHING
    if name in {"sub", "subn"}:
        return _of_pattern(call.args[0])
    inner = [_kind(each, _parameters(function), None) for function in own for each in _calls_in(function)]
    if any(inner) or not said:
        return max(inner, default=Rewriting.NOTHING)
    return Rewriting.PLACEHOLDERS if said <= _FOR_PLACEHOLDERS else Rewriting.ANYTHING


def _of_pattern(old: ast.expr) -> Rewriting:
    """What is changed where ``old`` is searched for: "%s" is a placeholder."""
    text = old.value if isinstance(old, ast.Constant) else None
    plain = isinstance(text, str) and _PLACEHOLDER.match(text) is not None
    return Rewriting.PLACEHOLDERS if plain else Rewriting.ANYTHING


def _calls_in(function: Function) -> list[ast.Call]:
    return [each for each in ast.walk(function) if isinstance(each, ast.Call)]


def _names_in(node: ast.expr) -> Iterator[str]:
    """The name at the root of ``sql.replace(...).replace``."""
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Name):
        yield node.id
