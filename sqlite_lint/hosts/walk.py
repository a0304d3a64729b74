"""Walks the paths of a function and shows the deeds on its connections, in order, to a rule.

The rule keeps states: for each state and event it says which states may follow.  Branches are joined, loops run until
nothing new comes up, functions of the module are looked into where they are called, and the body of a ``with`` runs at
the ``yield`` of a context manager.  What goes beyond the limits is not looked at: it finds less then, never more.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Final, Generic

from sqlite_lint.hosts.blocks import block_events
from sqlite_lint.hosts.deeds import Deed, Event
from sqlite_lint.hosts.evaluation import Evaluation, State, is_manager
from sqlite_lint.hosts.keys import Frame, Key
from sqlite_lint.hosts.managers import Made, made_by
from sqlite_lint.hosts.module import Function
from sqlite_lint.hosts.sinks import name_of_call

_ROUNDS: Final = 3
_SKIPPED: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.Import, ast.ImportFrom)
_CURSORS: Final = frozenset({"cursor", "execute", "executemany"})
_CLOSERS: Final = frozenset({"closing", "aclosing"})


class Ends(Generic[State]):
    """The states in which a block is left, by the way it is left."""

    def __init__(self, normal: Iterable[State] = ()) -> None:
        self.normal: set[State] = set(normal)
        self.returned: set[State] = set()
        self.broken: set[State] = set()
        self.continued: set[State] = set()

    def leave(self, other: Ends[State]) -> None:
        """Add the ways in which ``other`` leaves the code around it."""
        self.returned |= other.returned
        self.broken |= other.broken
        self.continued |= other.continued


class Walk(Evaluation[State]):
    """One rule's look at one module."""

    def run(self, node: Function | ast.Module, start: Iterable[State]) -> set[State]:
        """The states in which a function, or the module's own code, may end; none where it is nested too deeply."""
        try:
            return self._called(node, set(start), Frame(node))
        except RecursionError:  # expressions of thousands of parts
            self._raised, self._running, self._yields = [], [], {}
            return set()

    def _called(self, node: Function | ast.Module, states: set[State], frame: Frame) -> set[State]:
        self._running.append(node)
        ends = self._block(node.body, states, frame)
        self._running.pop()
        return ends.normal | ends.returned

    # -- statements

    def _block(self, body: list[ast.stmt], states: set[State], frame: Frame) -> Ends[State]:
        ends: Ends[State] = Ends(states)
        for statement in body:
            if not ends.normal or self._left <= 0:
                break
            after = self._statement(statement, ends.normal, frame)
            ends.leave(after)
            ends.normal = after.normal
        return ends

    def _statement(self, node: ast.stmt, states: set[State], frame: Frame) -> Ends[State]:
        self._left -= 1
        if isinstance(node, _SKIPPED):
            return Ends(states)
        if isinstance(node, ast.If):
            return self._if(node, states, frame)
        if isinstance(node, ast.For | ast.AsyncFor | ast.While):
            return self._loop(node, states, frame)
        if isinstance(node, ast.With | ast.AsyncWith):
            return self._with(node, 0, states, frame)
        if isinstance(node, ast.Try) or type(node).__name__ == "TryStar":
            return self._try(node, states, frame)  # type: ignore[arg-type]
        if isinstance(node, ast.Match):
            return self._match(node, states, frame)
        return self._simple(node, states, frame)

    def _simple(self, node: ast.stmt, states: set[State], frame: Frame) -> Ends[State]:
        ends: Ends[State] = Ends()
        after = self._children(node, states, frame)
        if isinstance(node, ast.Return):
            if node.value is not None:
                frame.result = self._key(node.value, frame)
            ends.returned = after
        elif isinstance(node, ast.Raise):
            self._note_raise(after)
        elif isinstance(node, ast.Break):
            ends.broken = after
        elif isinstance(node, ast.Continue):
            ends.continued = after
        else:
            ends.normal = after
            self._assign(node, frame)
        return ends

    def _assign(self, node: ast.stmt, frame: Frame) -> None:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            self._bind(node.targets[0], node.value, frame)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            self._bind(node.target, node.value, frame)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            frame.texts.pop(node.target.id, None)

    def _bind(self, target: ast.expr, value: ast.expr, frame: Frame) -> None:
        if not isinstance(target, ast.Name):
            return
        key = self._key(value, frame)
        if isinstance(value, ast.Name) and value.id in frame.texts:
            frame.texts[target.id] = frame.texts[value.id]
        else:
            frame.texts[target.id] = (value, frame)
        if any(isinstance(inner, ast.Name) and inner.id == target.id for inner in ast.walk(value)):
            del frame.texts[target.id]  # made from itself: its text is no more to be followed
        if key is not None:
            frame.keys[target.id] = key

    def _key(self, value: ast.expr, frame: Frame) -> Key | None:
        inner = value.value if isinstance(value, ast.Await) else value
        known = self._results.pop(inner, None) if isinstance(inner, ast.Call) else None
        return known if known is not None else self._deeds.key_of(value, frame)

    def _if(self, node: ast.If, states: set[State], frame: Frame) -> Ends[State]:
        states = self._expression(node.test, states, frame)
        outcome = self._decided(node.test, frame)
        if outcome is not None:
            return self._block(node.body if outcome else node.orelse, states, frame)
        ends = self._block(node.body, states, frame)
        other = self._block(node.orelse, states, frame)
        ends.leave(other)
        ends.normal |= other.normal
        return ends

    def _match(self, node: ast.Match, states: set[State], frame: Frame) -> Ends[State]:
        states = self._expression(node.subject, states, frame)
        ends: Ends[State] = Ends(states)
        for case in node.cases:
            other = self._block(case.body, states, frame)
            ends.leave(other)
            ends.normal |= other.normal
        return ends

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, states: set[State], frame: Frame) -> Ends[State]:
        test = node.test if isinstance(node, ast.While) else None
        if not isinstance(node, ast.While):
            states = self._expression(node.iter, states, frame)
        endless = isinstance(test, ast.Constant) and bool(test.value)
        ends: Ends[State] = Ends()
        entered: set[State] = set(states)
        for _ in range(_ROUNDS):
            before = len(entered)
            at_test = self._expression(test, entered, frame) if test is not None else entered
            body = self._block(node.body, at_test, frame)
            ends.returned |= body.returned
            ends.broken |= body.broken
            entered |= body.normal | body.continued
            if len(entered) == before:
                break
        rest = self._block(node.orelse, set() if endless else entered, frame)
        ends.normal = ends.broken | rest.normal
        ends.broken = rest.broken
        ends.continued = rest.continued
        ends.returned |= rest.returned
        return ends

    def _try(self, node: ast.Try, states: set[State], frame: Frame) -> Ends[State]:
        self._raised.append(set())
        ends = self._block(node.body, states, frame)
        raised = self._raised.pop()
        if node.handlers:
            after: Ends[State] = Ends()
            for handler in node.handlers:
                other = self._block(handler.body, set(raised), frame)
                after.leave(other)
                after.normal |= other.normal
            rest = self._block(node.orelse, ends.normal, frame)
            ends.leave(rest)
            ends.normal = rest.normal | after.normal
            ends.leave(after)
        else:
            self._note_raise(raised)
        if node.finalbody:
            ends = self._finally(node.finalbody, ends, raised, frame)
        return ends

    def _finally(self, body: list[ast.stmt], ends: Ends[State], raised: set[State], frame: Frame) -> Ends[State]:
        through: Ends[State] = Ends()
        for way in ("normal", "returned", "broken", "continued"):
            states: set[State] = getattr(ends, way)
            if states:
                final = self._block(body, states, frame)
                through.leave(final)
                getattr(through, way).update(final.normal)
        self._note_raise(raised)
        return through

    # -- with

    def _with(self, node: ast.With | ast.AsyncWith, at: int, states: set[State], frame: Frame) -> Ends[State]:
        if at == len(node.items):
            return self._block(node.body, states, frame)
        item = node.items[at]
        call = item.context_expr
        function = self._deeds.function_called(call, any_object=True) if isinstance(call, ast.Call) else None
        if function is not None and is_manager(function) and self._may_enter(function, frame):
            assert isinstance(call, ast.Call)
            return self._managed(node, at, call, function, states, frame)
        made = made_by(self._deeds, call, frame) if isinstance(call, ast.Call) else None
        if made is not None and made.enter not in self._running:
            return self._entered(node, at, made, states, frame)
        states = self._expression(call, states, frame)
        key = self._key(call, frame)
        if isinstance(item.optional_vars, ast.Name) and key is not None:
            frame.keys[item.optional_vars.id] = key
        begin, event = block_events(self._deeds, call, frame) or (None, self._exit(call, key))
        states = self._apply([begin], states) if begin is not None else states
        ends = self._with(node, at + 1, states, frame)
        for way in (ends.normal, ends.returned, ends.broken, ends.continued):
            if way and event is not None:
                after = self._apply([event], way)
                way.clear()
                way.update(after)
        return ends

    def _exit(self, call: ast.expr, key: Key | None) -> Event | None:
        """What the end of a block does: ``closing`` and aiosqlite's connections close, sqlite3's commit; that of a
        cursor leaves the connection as it is."""
        opened = self._deeds.opened.get(call.value if isinstance(call, ast.Await) else call)
        closes = isinstance(call, ast.Call) and name_of_call(call) in _CLOSERS
        if _is_cursor(call.args[0] if isinstance(call, ast.Call) and closes and call.args else call):
            return None
        if closes or (opened is not None and opened.driver == "aiosqlite"):
            return Event(Deed.CLOSE, call, key)
        return Event(Deed.COMMIT, call, key)

    def _entered(
        self, node: ast.With | ast.AsyncWith, at: int, made: Made, states: set[State], frame: Frame
    ) -> Ends[State]:
        """Run the body of the block between ``__enter__`` and ``__exit__`` of a class of the module."""
        call = node.items[at].context_expr
        assert isinstance(call, ast.Call)
        states = self._arguments(call, states, frame)
        entering = made.frame(made.enter, frame)
        states = self._called(made.enter, states, entering)
        name = node.items[at].optional_vars
        if isinstance(name, ast.Name) and entering.result is not None:
            frame.keys[name.id] = entering.result
        if isinstance(name, ast.Name) and made.gives_itself:
            frame.keys[name.id] = self._deeds.object_key(made.enter, made.attributes)
        self._raised.append(set())
        ends = self._with(node, at + 1, states, frame)
        raised = self._raised.pop()
        self._note_raise(self._called(made.leave, raised, made.frame(made.leave, frame)))
        for way in (ends.normal, ends.returned, ends.broken, ends.continued):
            if way:
                after = self._called(made.leave, set(way), made.frame(made.leave, frame))
                way.clear()
                way.update(after)
        return ends

    def _managed(
        self,
        node: ast.With | ast.AsyncWith,
        at: int,
        call: ast.Call,
        function: Function,
        states: set[State],
        frame: Frame,
    ) -> Ends[State]:
        """Run the body of the block where the manager yields."""
        states = self._arguments(call, states, frame)
        inner = self._enter(call, function, frame)
        name = node.items[at].optional_vars
        bodies: list[Ends[State]] = []

        def resume(at_yield: set[State], key: Key | None) -> set[State]:
            if isinstance(name, ast.Name) and key is not None:
                frame.keys[name.id] = key
            body = self._with(node, at + 1, at_yield, frame)
            bodies.append(body)
            return body.normal | body.returned | body.broken | body.continued

        self._yields[inner] = resume
        after = self._called(function, states, inner)
        del self._yields[inner]
        ends: Ends[State] = Ends()
        for way in ("normal", "returned", "broken", "continued"):
            if any(getattr(body, way) for body in bodies):
                getattr(ends, way).update(after)
        return ends


def _is_cursor(node: ast.expr) -> bool:
    call = node.value if isinstance(node, ast.Await) else node
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in _CURSORS
