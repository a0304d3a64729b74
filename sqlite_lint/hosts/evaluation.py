"""Evaluates expressions in the order in which Python does, and shows the deeds in them to a rule (see ``walk.py``)."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Generic, TypeVar

from sqlite_lint.hosts.deeds import Deed, Deeds, Event
from sqlite_lint.hosts.expressions import last_name
from sqlite_lint.hosts.keys import Frame, Key
from sqlite_lint.hosts.module import COMPREHENSIONS, BindingKind, Function

State = TypeVar("State")
Step = Callable[[State, Event], Iterable[State]]

MAX_DEPTH: Final = 4
MAX_STATES: Final = 32
MAX_NODES: Final = 200_000  # for one rule in one file


class Evaluation(Generic[State]):
    """The expressions of one rule's look at one module; statements come in ``Walk``."""

    def __init__(self, deeds: Deeds, step: Step[State]) -> None:
        self._deeds = deeds
        self._module = deeds.module
        self._step = step
        self._raised: list[set[State]] = []
        self._running: list[ast.AST] = []
        self._yields: dict[Frame, Callable[[set[State], Key | None], set[State]]] = {}
        self._results: dict[ast.Call, Key] = {}  # which connection a call of the module's own functions gave
        self._left = MAX_NODES
        self._calling = deeds.calling

    def _called(self, node: Function | ast.Module, states: set[State], frame: Frame) -> set[State]:
        raise NotImplementedError

    def _children(self, node: ast.AST, states: set[State], frame: Frame) -> set[State]:
        for child in ast.iter_child_nodes(node):
            if child not in self._calling:
                continue
            if isinstance(child, ast.expr):
                states = self._expression(child, states, frame)
            elif isinstance(child, ast.keyword | ast.comprehension | ast.withitem):
                states = self._children(child, states, frame)
        return states

    def _expression(self, node: ast.expr, states: set[State], frame: Frame) -> set[State]:
        if node not in self._calling:
            return states
        self._left -= 1
        if isinstance(node, ast.Lambda) or self._left <= 0:
            return states
        if isinstance(node, ast.Call):
            return self._call(node, states, frame)
        if isinstance(node, ast.BoolOp):
            states = self._expression(node.values[0], states, frame)
            for value in node.values[1:]:
                states = states | self._expression(value, states, frame)
            return states
        if isinstance(node, ast.IfExp):
            states = self._expression(node.test, states, frame)
            return self._expression(node.body, states, frame) | self._expression(node.orelse, states, frame)
        if isinstance(node, COMPREHENSIONS):
            for generator in node.generators:
                states = self._children(generator, states, frame)
            elements = [getattr(node, name) for name in ("elt", "key", "value") if hasattr(node, name)]
            for element in elements:
                states = states | self._expression(element, states, frame)
            return states
        states = self._children(node, states, frame)
        if isinstance(node, ast.Yield):
            resume = self._yields.get(frame)
            if resume is None:
                return self._apply([Event(Deed.PAUSE, node)], states)
            return resume(states, self._deeds.key_of(node.value, frame) if node.value is not None else None)
        return states

    def _arguments(self, call: ast.Call, states: set[State], frame: Frame) -> set[State]:
        for argument in call.args:
            states = self._expression(argument, states, frame)
        for keyword in call.keywords:
            states = self._expression(keyword.value, states, frame)
        return states

    def _call(self, call: ast.Call, states: set[State], frame: Frame) -> set[State]:
        states = self._expression(call.func, states, frame)
        states = self._arguments(call, states, frame)
        function = self._deeds.function_called(call)
        if function is not None and not is_manager(function) and function not in self._deeds.telling:
            return states
        enters = function is not None and not is_manager(function) and self._may_enter(function, frame)
        # ``self.commit()`` is what the class says that it is, whatever drivers mean by such a name.
        events = None if enters and _is_own(call) else self._deeds.events(call, frame)
        if events is not None:
            return self._apply(events, states)
        if function is not None and enters:
            inner = self._enter(call, function, frame)
            states = self._called(function, states, inner)
            if inner.result is not None:
                self._results[call] = inner.result
            return states
        return self._apply(self._deeds.handed(call, frame), states)

    def _may_enter(self, function: Function, frame: Frame) -> bool:
        return frame.depth < MAX_DEPTH and function not in self._running

    def _enter(self, call: ast.Call, function: Function, frame: Frame) -> Frame:
        """The frame of a function that is called: its parameters hold what it is given."""
        nested = self._module.function_of(function) is not None
        inner = Frame(function, frame if nested else None, frame.depth + 1)
        parameters = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
        if isinstance(call.func, ast.Attribute) and parameters[:1] in (["self"], ["cls"]):
            del parameters[0]
        pairs = [(name, node) for name, node in zip(parameters, call.args, strict=False)]
        pairs += [(keyword.arg, keyword.value) for keyword in call.keywords if keyword.arg is not None]
        for name, node in pairs:
            inner.keys[name] = self._deeds.key_of(node, frame)
            known = frame.texts.get(node.id) if isinstance(node, ast.Name) else None
            inner.texts[name] = known or (node, frame)
        for name, default in defaults_of(function):
            inner.texts.setdefault(name, (default, inner))
        if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
            inner.made = frame.made if call.func.value.id in ("self", "cls") else {}
        return inner

    def _decided(self, test: ast.expr, frame: Frame) -> bool | None:
        """What a condition comes to where the call that is followed gives it: ``if commit:`` for ``commit=True``."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            inner = self._decided(test.operand, frame)
            return None if inner is None else not inner
        if isinstance(test, ast.BoolOp):
            parts = [self._decided(value, frame) for value in test.values]
            settling = isinstance(test.op, ast.Or)
            return settling if settling in parts else None if None in parts else not settling
        known = frame.texts.get(test.id) if isinstance(test, ast.Name) else None
        if known is None or not isinstance(known[0], ast.Constant) or not isinstance(test, ast.Name):
            return None
        found = self._module.scope_of(test).lookup(test.id)
        is_kept = found is not None and [binding.kind for binding in found[1]] == [BindingKind.PARAM]
        return bool(known[0].value) if is_kept else None

    # -- states

    def _apply(self, events: Iterable[Event], states: set[State]) -> set[State]:
        for event in events:
            self._note_raise(states)
            states = {new for state in states for new in self._step(state, event)}
            if len(states) > MAX_STATES:
                return set()
        return states

    def _note_raise(self, states: set[State]) -> None:
        if self._raised:
            self._raised[-1] |= states


def _is_own(call: ast.Call) -> bool:
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    return isinstance(owner, ast.Name) and owner.id in ("self", "cls")


def defaults_of(function: Function) -> Iterator[tuple[str, ast.expr]]:
    """The parameters that need not be given, with what they hold then."""
    arguments = function.args
    given = [*arguments.posonlyargs, *arguments.args]
    for argument, default in zip(reversed(given), reversed(arguments.defaults), strict=False):
        yield argument.arg, default
    for argument, each in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if each is not None:
            yield argument.arg, each


def is_manager(function: Function) -> bool:
    """Tell whether a function is made a context manager by contextlib."""
    return any("contextmanager" in _last_name(decorator) for decorator in function.decorator_list)


def _last_name(node: ast.expr) -> str:
    node = node.func if isinstance(node, ast.Call) else node
    return last_name(node)
