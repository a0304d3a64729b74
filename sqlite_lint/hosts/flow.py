"""Which of a name's bindings reach a place, and in which combinations: a small walk over if, for, try and match.

The walk is bounded: loops run zero times or once, and at most as many states as ``limit`` allows are kept.
"""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby, islice
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from sqlite_lint.hosts.module import Binding, BindingKind, Module, name_of
from sqlite_lint.hosts.trails import LOOPS, Step, Trails

_MAX_EVENTS: Final = 3000
_MAX_EXITS: Final = 20
_MAX_BLOCK: Final = 300
_SETTING: Final = frozenset(BindingKind) - {BindingKind.AUGMENT, BindingKind.APPEND, BindingKind.EXTEND}


class State(Protocol):
    """What the walk keeps of a name: immutable, with the conditions it depends on."""

    def assume(self: S, condition: str, outcome: object) -> S | None: ...

    def truth(self) -> bool | None:
        """What ``if`` makes of it; None where that is not known."""


S = TypeVar("S", bound=State)


class _Event(NamedTuple):
    binding: Binding
    trail: tuple[Step, ...]


class Flow(Generic[S]):
    """One walk: ``start`` gives the states after a binding that sets a name, ``extend`` after one that adds to it."""

    def __init__(
        self,
        module: Module,
        trails: Trails,
        start: Callable[[Binding], Iterable[S]],
        extend: Callable[[S, Binding], Iterable[S]],
        limit: Callable[[Iterable[S]], list[S]],
    ) -> None:
        self._module = module
        self._trails = trails
        self._start = start
        self._extend = extend
        self._limit = limit
        self._use: dict[ast.AST, str] = {}
        self._name = ""

    def at(self, bindings: Sequence[Binding], scope: ast.AST, use: ast.AST | None, before: list[S]) -> list[S]:
        """States at ``use`` (None: at the scope's end); ``before`` are those that hold when the scope is entered."""
        order = self._module.order
        self._name = bindings[0].name
        if use is None:
            return self._walk(self._since_last(islice(reversed(bindings), _MAX_EVENTS), scope, ()), 0, before)
        around = {parent: child for child, parent in _steps(self._module, use)}
        trail = self._trails.trail(use, scope)
        self._use = {step.owner: step.branch for step in trail}
        upto = bisect_left(bindings, order[use], key=lambda binding: order.get(binding.node, -1))
        earlier = (b for b in islice(reversed(bindings[:upto]), _MAX_EVENTS) if _effective(b, around))
        events = self._since_last(earlier, scope, trail)
        states = self._asked(use, trail, events, self._walk(events, 0, before))
        return self._limit([*states, *self._from_later(bindings[upto:], events, scope, trail, states)])

    def _asked(self, use: ast.AST, trail: tuple[Step, ...], events: Sequence[_Event], states: list[S]) -> list[S]:
        """The states that the conditions around and before a use leave of the name that they ask for."""
        order = self._module.order
        since = max((order.get(event.binding.node, -1) for event in events), default=-1)
        for test, holds in (*self._tests_around(trail), *_tests_before(self._module, use)):
            if _asked_name(test.test) == self._name and order[test] > since:
                outcome = self._trails.condition(test)[1] is holds
                states = [state for state in states if state.truth() is not (not outcome)]
        return states

    def _tests_around(self, trail: tuple[Step, ...]) -> Iterable[tuple[ast.If, bool]]:
        for owner, branch in ((step.owner, step.branch) for step in trail):
            if isinstance(owner, ast.If):
                chain = self._trails.chain(owner)
                upto = len(chain) if branch == "orelse" else int(branch[1:])
                yield from ((link, False) for link in chain[:upto])
                yield from ((link, True) for link in chain[upto : upto + 1] if branch[0] == "#")

    def _from_later(
        self,
        later: Sequence[Binding],
        events: Sequence[_Event],
        scope: ast.AST,
        trail: tuple[Step, ...],
        states: list[S],
    ) -> list[S]:
        """States that a former round of a loop around the use leaves behind."""
        loops = [step.owner for step in trail if isinstance(step.owner, LOOPS)]
        if not later or not loops:
            return []
        if events and any(step.owner is loops[0] for step in events[0].trail) and events[0].binding.kind in _SETTING:
            return []
        ahead: list[_Event] = []
        for binding in later[:_MAX_EVENTS]:
            event = self._event(binding, scope)
            if not any(step.owner is loops[0] for step in event.trail):
                break
            ahead.append(event)
        if not ahead:
            return []
        used, self._use = self._use, dict.fromkeys(loops, "body")
        try:
            return self._walk(ahead, 0, states)
        finally:
            self._use = used

    def _event(self, binding: Binding, scope: ast.AST) -> _Event:
        return _Event(binding, self._trails.trail(binding.node, scope))

    def _since_last(self, bindings: Iterable[Binding], scope: ast.AST, trail: tuple[Step, ...]) -> list[_Event]:
        """The events from the last one on that certainly sets the name before the use; ``bindings`` go backwards."""
        events: list[_Event] = []
        for binding in bindings:
            event = self._event(binding, scope)
            events.append(event)
            if binding.kind in _SETTING and event.trail == trail[: len(event.trail)]:
                break
        events.reverse()
        return events

    def _walk(self, events: Sequence[_Event], depth: int, states: list[S]) -> list[S]:
        for _, group in groupby(events, key=lambda event: _owner_key(event, depth)):
            members = list(group)
            owner = members[0].trail[depth].owner if len(members[0].trail) > depth else None
            if owner is None:
                for event in members:
                    states = self._apply(event.binding, states)
            else:
                states = self._limit(self._compound(owner, members, depth, states))
        return states

    def _apply(self, binding: Binding, states: list[S]) -> list[S]:
        if binding.kind in _SETTING:
            return self._limit(self._start(binding))
        return self._limit([after for state in states for after in self._extend(state, binding)])

    def _compound(self, owner: ast.AST, events: list[_Event], depth: int, states: list[S]) -> list[S]:
        by_branch: dict[str, list[_Event]] = {}
        for event in events:
            by_branch.setdefault(event.trail[depth].branch, []).append(event)

        def run(branch: str, before: list[S]) -> list[S]:
            chosen = by_branch.get(branch)
            return self._walk(chosen, depth + 1, before) if chosen else before

        inside = self._use.get(owner)
        if isinstance(owner, ast.If):
            return self._either(owner, run, inside, states)
        if isinstance(owner, LOOPS):
            if inside == "body":
                return run("body", states)
            turn = f"turn of {self._module.order[owner]}"
            return run("orelse", [*_assuming(states, turn, False), *_assuming(run("body", states), turn, True)])
        if isinstance(owner, ast.Match):
            if inside is not None:
                return run(inside, states)
            cases = [run(f"#{n}", states) for n, case in enumerate(owner.cases) if not _leaves(case.body)]
            whole = any(isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None for case in owner.cases)
            return [state for case in cases for state in case] + ([] if whole else states)
        return self._attempt(owner, run, inside, states)

    def _either(
        self, owner: ast.If, run: Callable[[str, list[S]], list[S]], inside: str | None, states: list[S]
    ) -> list[S]:
        """The states after a chain of ``if`` and ``elif``, or in one of its branches, ``inside``."""
        chain = self._trails.chain(owner)
        entered: list[list[S]] = []  # the states at the beginning of each body
        rest = states
        for number, link in enumerate(chain):
            if number:
                rest = run(f"?{number}", rest)
            if inside == f"?{number}":
                break
            entered.append(self._branching(link, rest, True))
            rest = self._branching(link, rest, False)
            if inside == f"#{number}":
                break
        found: list[S] = [] if inside is None and _leaves(chain[-1].orelse) else run("orelse", rest)
        if inside is not None and inside[0] in "?#":
            found = rest if inside[0] == "?" else []
        for number in reversed(range(len(entered))):
            found = self._assuming_of(chain[number], found, False)
            if inside == f"#{number}" or (inside is None and not _leaves(chain[number].body)):
                after = run(f"#{number}", entered[number])
                found = self._limit([*self._assuming_of(chain[number], after, True), *found])
        return found

    def _branching(self, link: ast.If, states: list[S], holds: bool) -> list[S]:
        """Those of ``states`` with which the condition of ``link`` may hold, or fail."""
        found = self._assuming_of(link, states, holds)
        if _asked_name(link.test) != self._name:
            return found
        outcome = holds is self._trails.condition(link)[1]
        return [state for state in found if state.truth() is not (not outcome)]

    def _assuming_of(self, link: ast.If, states: list[S], holds: bool) -> list[S]:
        condition, positive = self._trails.condition(link)
        return _assuming(states, condition, positive is holds)

    def _attempt(
        self, owner: ast.AST, run: Callable[[str, list[S]], list[S]], inside: str | None, states: list[S]
    ) -> list[S]:
        done = run("body", states)
        if inside == "body":
            return done
        if inside is not None and inside.startswith("#"):
            return run(inside, self._limit([*states, *done]))
        found = [] if _leaves(getattr(owner, "body", [])) else run("orelse", done)
        if inside == "orelse":
            return found
        for number, handler in enumerate(getattr(owner, "handlers", ())):
            if inside == "finalbody" or not _leaves(handler.body):
                found = [*found, *(s for s in run(f"#{number}", states) if s not in found)]
        return run("finalbody", self._limit(found))


def _assuming(states: Iterable[S], condition: str, outcome: object) -> list[S]:
    return [assuming for state in states if (assuming := state.assume(condition, outcome)) is not None]


def _asked_name(test: ast.expr) -> str | None:
    """The name whose truth is asked for: ``if name``, ``if not name``."""
    while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test = test.operand
    return name_of(test)


def _tests_before(module: Module, use: ast.AST) -> Iterable[tuple[ast.If, bool]]:
    """``if not name: return``: the tests before a statement, in its block, after which control comes by no more."""
    statement = next((node for node in module.ancestors(use) if isinstance(node, ast.stmt)), use)
    block = getattr(module.parents.get(statement), "body", ())
    if isinstance(block, list) and len(block) <= _MAX_BLOCK and statement in block:
        place = block.index(statement)
        for before in block[max(place - _MAX_EXITS, 0) : place]:
            if isinstance(before, ast.If) and not before.orelse and _leaves(before.body):
                yield before, False


def _owner_key(event: _Event, depth: int) -> int:
    return id(event.trail[depth].owner) if len(event.trail) > depth else 0


def _steps(module: Module, node: ast.AST) -> Iterable[tuple[ast.AST, ast.AST]]:
    child = node
    for parent in module.ancestors(node):
        yield child, parent
        child = parent


def _effective(binding: Binding, around: dict[ast.AST, ast.AST]) -> bool:
    """Tell whether a binding that begins before the use has happened there: ``sql = sql + x`` reads the old value."""
    node = binding.node
    child = around.get(node)
    if child is None:
        return True
    if isinstance(node, ast.For | ast.AsyncFor | ast.With | ast.AsyncWith):
        return isinstance(child, ast.stmt)
    return isinstance(node, ast.ExceptHandler | ast.comprehension)


def _leaves(body: Sequence[ast.stmt]) -> bool:
    """Tell whether control never gets past ``body``."""
    while body:
        last = body[-1]
        if isinstance(last, ast.Return | ast.Raise | ast.Continue):
            return True
        if not isinstance(last, ast.If) or not _leaves(last.body):
            return False
        body = last.orelse
    return False
