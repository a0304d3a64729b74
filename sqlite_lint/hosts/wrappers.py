"""Functions that hand a parameter on to a sink: calls of them are sinks themselves."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from sqlite_lint.hosts.expressions import last_name
from sqlite_lint.hosts.model import Sink
from sqlite_lint.hosts.module import Binding, Function
from sqlite_lint.hosts.sinks import SinkCall, name_of_call, values_of

if TYPE_CHECKING:
    from sqlite_lint.hosts.evaluate import Evaluator

Parameter: TypeAlias = tuple[Function | ast.Lambda, str]


class Wrapper(NamedTuple):
    """A function whose parameter reaches a sink: ``position`` counts from 0, without ``self``.

    ``owner`` is the class, or "".  ``whole`` is False where the parameter is only part of the statement.
    """

    name: str
    owner: str
    position: int
    keyword: str
    sink: Sink
    whole: bool = True

    def argument(self, call: ast.Call) -> ast.expr | None:
        """What ``call`` gives for the parameter."""
        for keyword in call.keywords:
            if keyword.arg == self.keyword:
                return keyword.value
        given = call.args[: self.position + 1]
        if len(given) > self.position >= 0 and not any(isinstance(arg, ast.Starred) for arg in given):
            return given[self.position]
        return None


def wrapper_of(binding: Binding, sink: Sink, whole: bool, evaluator: Evaluator) -> tuple[Parameter, Wrapper] | None:
    """The function whose parameter ``binding`` is, as a wrapper; None for lambdas without a name."""
    function = binding.scope.node
    if isinstance(function, ast.Lambda):
        name, owner, bound = _assigned_name(evaluator.module.parents.get(function)), None, False
    elif isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        parent = evaluator.module.parents.get(function)
        owner = parent if isinstance(parent, ast.ClassDef) else None
        bound = owner is not None and not any(getattr(d, "id", "") == "staticmethod" for d in function.decorator_list)
        name = function.name if function.name != "__init__" or owner is None else owner.name
    else:
        return None
    names = [arg.arg for arg in (*function.args.posonlyargs, *function.args.args)][1 if bound else 0 :]
    position = names.index(binding.name) if binding.name in names else -1
    keyword = binding.name
    if takes_all(binding):
        position, keyword = len(names), ""  # the first of ``*args``
    wrapper = Wrapper(name, owner.name if owner else "", position, keyword, sink, whole)
    return ((function, binding.name), wrapper) if name else None


def takes_all(binding: Binding) -> bool:
    """Tell whether the name is that of ``*args``."""
    arguments = getattr(binding.scope.node, "args", None)
    return isinstance(arguments, ast.arguments) and arguments.vararg is binding.node


def _assigned_name(parent: ast.AST | None) -> str:
    """The name or attribute that a lambda is given: ``run = lambda sql: ...``."""
    target = parent.targets[0] if isinstance(parent, ast.Assign) and len(parent.targets) == 1 else None
    return last_name(target)


class WrapperCalls:
    """The calls of a module by name, and which of them call a given wrapper."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._by_name: dict[str, list[ast.Call]] = {}
        self._callees: dict[ast.Call, list[tuple[Function, bool]]] = {}
        for call in evaluator.module.calls:
            self._by_name.setdefault(name_of_call(call), []).append(call)

    def named(self, name: str) -> list[ast.Call]:
        return self._by_name.get(name, [])

    def of(self, function: Function | ast.Lambda, wrapper: Wrapper) -> Iterator[SinkCall]:
        """The calls of ``function``, as sinks."""
        for call in self._by_name.get(wrapper.name, ()):
            given = wrapper.argument(call)
            if given is None:
                continue
            found = self._callees.get(call)
            if found is None:
                found = self._callees[call] = self._evaluator.calls.callees(call.func, None)
            known = any(callee is function for callee, _ in found)
            if found and not known:
                continue
            yield SinkCall(
                call,
                Sink.WRAPPER,
                (given,),
                certain=False,
                values=values_of(call, given),
                statements=wrapper.whole,
                shaped=not known,
            )
