"""Context managers that are classes of the module: which methods a ``with`` runs, and what their object holds."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Final, NamedTuple

from sqlite_lint.hosts.keys import Frame, Key, Keys
from sqlite_lint.hosts.module import Function

_PAIRS: Final = (("__enter__", "__exit__"), ("__aenter__", "__aexit__"))


class Made(NamedTuple):
    """An object of a class with ``__enter__`` and ``__exit__``, and the connections that its attributes hold."""

    enter: Function
    leave: Function
    attributes: Mapping[str, Key]

    @property
    def gives_itself(self) -> bool:
        """Tell whether ``with`` gives the object: ``return self``."""
        last = self.enter.body[-1]
        return isinstance(last, ast.Return) and isinstance(last.value, ast.Name) and last.value.id == "self"

    def frame(self, method: Function, caller: Frame) -> Frame:
        """The frame in which ``method`` of the object runs."""
        inner = Frame(method, None, caller.depth + 1)
        inner.made = self.attributes
        return inner


def made_by(keys: Keys, call: ast.Call, frame: Frame) -> Made | None:
    """The manager that a call makes: ``Transaction(conn)``, or ``db.transaction()`` that returns one."""
    found = _methods(keys, call)
    if found is None:
        function = keys.function_called(call, any_object=True)
        value = _only_result(function) if function is not None else None
        if function is None or value is None:
            return None
        found = _methods(keys, value)
        frame = _bound(keys, function, call, frame)
        call = value
    if found is None:
        return None
    return Made(*found, _attributes(keys, call, frame))


def _methods(keys: Keys, call: ast.Call) -> tuple[Function, Function] | None:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    cls = next((c for c in keys.module.classes if c.name == name), None) if name else None
    if cls is None:
        return None
    own = {f.name: f for f in cls.body if isinstance(f, ast.FunctionDef | ast.AsyncFunctionDef)}
    return next(((own[one], own[two]) for one, two in _PAIRS if one in own and two in own), None)


def _only_result(function: Function) -> ast.Call | None:
    last = function.body[-1]
    return last.value if isinstance(last, ast.Return) and isinstance(last.value, ast.Call) else None


def _bound(keys: Keys, function: Function, call: ast.Call, frame: Frame) -> Frame:
    """A frame in which the parameters of ``function`` are what ``call`` hands over."""
    inner = Frame(function, None, frame.depth + 1)
    parameters = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    if parameters[:1] in (["self"], ["cls"]):
        del parameters[0]
    for name, node in zip(parameters, call.args, strict=False):
        inner.keys[name] = keys.key_of(node, frame)
    for keyword in call.keywords:
        if keyword.arg is not None:
            inner.keys[keyword.arg] = keys.key_of(keyword.value, frame)
    return inner


def _attributes(keys: Keys, call: ast.Call, frame: Frame) -> dict[str, Key]:
    """What the constructor stores of its parameters: ``self.conn = conn``."""
    init = keys.constructor(call)
    if init is None:
        return {}
    inner = _bound(keys, init, call, frame)
    found = {}
    for node in init.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id in inner.keys:
            for target in node.targets:
                if isinstance(target, ast.Attribute):
                    found[target.attr] = inner.keys[node.value.id]
    return found
