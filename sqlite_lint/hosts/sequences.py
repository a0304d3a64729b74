"""Reads lists, tuples and dictionaries of texts: what a loop runs over, what ``join`` joins, what a key selects."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from sqlite_lint.hosts.containers import ListState, NamedExpression, Table, constant_of, longest
from sqlite_lint.hosts.engines import vocabulary
from sqlite_lint.hosts.expressions import last_name
from sqlite_lint.hosts.flow import Flow, State
from sqlite_lint.hosts.module import Binding, BindingKind

if TYPE_CHECKING:
    from sqlite_lint.hosts.evaluate import Evaluator
    from sqlite_lint.hosts.frame import Frame

    Item: TypeAlias = tuple[ast.expr, Frame | None]
    Container: TypeAlias = ast.Dict | ast.Tuple | ast.List

S = TypeVar("S", bound=State)
T = TypeVar("T")

_MAX_LISTS: Final = 8
_MAX_VALUES: Final = 500
_FEW_VALUES: Final = 16
_SPREADS: Final = 4
_ALLOWANCE: Final = 20_000
_COPYING: Final = vocabulary("list tuple set sorted reversed frozenset iter deque unique tqdm")


class Sequences:
    """The part of an ``Evaluator`` that knows containers."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._memo: dict[ast.AST, list[Item]] = {}
        self._allowance = _ALLOWANCE
        self._tables: dict[ast.Dict, Table] = {}

    def _allowed(self, items: list[T]) -> list[T]:
        """As many of ``items`` as one question may have; long tables asked for again and again are cut short."""
        if len(items) <= _FEW_VALUES:
            return items
        self._allowance -= len(items)
        return items[: _MAX_VALUES if self._allowance > 0 else _FEW_VALUES]

    # -- names

    def expressions(self, expr: ast.expr, frame: Frame | None) -> list[Item]:
        """The expressions that a name or attribute may stand for; ``expr`` itself where it is neither."""
        if isinstance(expr, ast.IfExp):
            return [item for side in (expr.body, expr.orelse) for item in self.expressions(side, frame)]
        if isinstance(expr, ast.NamedExpr | ast.Await):
            return self.expressions(expr.value, frame)
        if isinstance(expr, ast.Subscript) and not isinstance(expr.slice, ast.Slice):
            return [found for item in self.items_at(expr, frame) for found in self.expressions(*item)]
        if not isinstance(expr, ast.Name | ast.Attribute):
            return [(expr, frame)]
        if frame is None and expr in self._memo:
            return self._memo[expr]
        found = self._evaluator.guarded("expressions", expr, frame, lambda: self._behind(expr, frame))
        if frame is None and found is not None and not self._evaluator.truncated:
            self._memo[expr] = found
        return found or []

    def _behind(self, expr: ast.Name | ast.Attribute, frame: Frame | None) -> list[Item]:
        def start(binding: Binding) -> list[NamedExpression]:
            return [
                NamedExpression(found)
                for value, value_frame in self.values_of(binding, frame)
                for found in self.expressions(value, value_frame)
            ]

        def extend(state: NamedExpression, binding: Binding) -> list[NamedExpression]:
            return [state]

        states = self._run("expressions", expr, frame, self._flow(start, extend, _many))
        return [state.item for state in states]

    def _flow(
        self,
        start: Callable[[Binding], Iterable[S]],
        extend: Callable[[S, Binding], Iterable[S]],
        limit: Callable[[Iterable[S]], list[S]],
    ) -> Flow[S]:
        return Flow(self._evaluator.module, self._evaluator.trails, start, extend, limit)

    def _run(self, what: str, expr: ast.Name | ast.Attribute, frame: Frame | None, flow: Flow[S]) -> list[S]:
        if isinstance(expr, ast.Attribute):
            return self._evaluator.classes.states(what, expr, frame, flow)
        place = self._evaluator.place(expr, expr.id)
        if place is None:
            return []
        scope, bindings, use = place
        return flow.at(bindings, scope.node, use, [])

    def values_of(self, binding: Binding, frame: Frame | None) -> list[Item]:
        """The expressions that a binding gives to its name."""
        return [item for _, item in self.rows_of(binding, frame)]

    def rows_of(self, binding: Binding, frame: Frame | None) -> list[tuple[int, Item]]:
        """The same, each with the number of the row in which a loop comes upon it."""
        value = binding.value
        if binding.kind is BindingKind.PARAM:
            around = frame
            while around is not None and around.function is not binding.scope.node:
                around = around.outer
            given = around.argument(binding) if around is not None else None
            if given is not None and around is not None:
                return [(0, (given, around.outer))]
        if value is None:
            return []
        if binding.kind is BindingKind.ITERATE:
            rows = list(enumerate(item for state in self.lists(value, frame) for item in state.items))
        elif binding.kind in (BindingKind.ASSIGN, BindingKind.PARAM):
            rows = [(0, (value, frame))]
        else:
            return []
        for place in binding.path:
            rows = [(row, found) for row, item in rows for found in self._element(item, place)]
        return self._allowed(rows)

    def _element(self, item: Item, place: int) -> list[Item]:
        """The element at ``place`` of what is unpacked."""
        found = []
        for expr, frame in self.expressions(*item):
            if isinstance(expr, ast.Tuple | ast.List):
                if place < len(expr.elts) and not any(isinstance(e, ast.Starred) for e in expr.elts[: place + 1]):
                    found.append((expr.elts[place], frame))
            elif isinstance(expr, ast.Call):
                found += self._returned_element(expr, frame, place)
        return found

    def _returned_element(self, call: ast.Call, frame: Frame | None, place: int) -> list[Item]:
        calls = self._evaluator.calls
        return [
            item
            for inner in calls.frames(call, frame)
            for value, _ in calls.returned(inner.function)
            for item in self._element((value, inner), place)
        ]

    # -- lists

    def lists(self, expr: ast.expr, frame: Frame | None) -> list[ListState]:
        """The lists that ``expr`` may be; none where that cannot be read."""
        found = self._evaluator.guarded("lists", expr, frame, lambda: self._lists(expr, frame))
        return _first(found or [])

    def _lists(self, expr: ast.expr, frame: Frame | None) -> list[ListState]:
        if isinstance(expr, ast.List | ast.Tuple | ast.Set):
            return self._display(expr.elts, frame)
        if isinstance(expr, ast.Dict) and expr.keys:
            return [ListState(tuple((key, frame) for key in expr.keys if key is not None))]
        if isinstance(expr, ast.DictComp):
            return [ListState(((expr.key, frame),))]
        if isinstance(expr, ast.ListComp | ast.SetComp | ast.GeneratorExp):
            return [ListState(((expr.elt, frame),))]
        if isinstance(expr, ast.Name | ast.Attribute):
            return self._named(expr, frame)
        if isinstance(expr, ast.BinOp):
            return self._combined(expr, frame)
        if isinstance(expr, ast.IfExp):
            return [*self.lists(expr.body, frame), *self.lists(expr.orelse, frame)]
        if isinstance(expr, ast.BoolOp):
            return [state for value in expr.values for state in self.lists(value, frame)]
        if isinstance(expr, ast.NamedExpr | ast.Await):
            return self.lists(expr.value, frame)
        if isinstance(expr, ast.Subscript):
            if isinstance(expr.slice, ast.Slice):
                return self.lists(expr.value, frame)
            return [state for item in self.items_at(expr, frame) for state in self.lists(*item)]
        if isinstance(expr, ast.Call):
            return self._call(expr, frame)
        if isinstance(expr, ast.Constant) and isinstance(expr.value, str) and len(expr.value) == 1:
            return [ListState(((expr, frame),))]
        return []

    def _display(self, elements: list[ast.expr], frame: Frame | None) -> list[ListState]:
        items: list[Item] = []
        for element in elements:
            if isinstance(element, ast.Starred):
                spread = self.lists(element.value, frame)
                items += longest(spread)
            else:
                items.append((element, frame))
        return [ListState(tuple(items))]

    def _named(self, expr: ast.Name | ast.Attribute, frame: Frame | None) -> list[ListState]:
        def start(binding: Binding) -> list[ListState]:
            return [state for item in self.values_of(binding, frame) for state in self.lists(*item)]

        def extend(state: ListState, binding: Binding) -> list[ListState]:
            if binding.value is None:
                return [state]
            if binding.kind is BindingKind.APPEND:
                added = [ListState(((binding.value, frame),))]
            else:
                added = self.lists(binding.value, frame)
            both = [state.plus(more.items, more.assumed) for more in added]
            return [longer for longer in both if longer is not None] or [state]

        found = self._run("lists", expr, frame, self._flow(start, extend, _first))
        return found or self._foreign(expr)

    def _foreign(self, expr: ast.Name | ast.Attribute) -> list[ListState]:
        """A list of texts that another module of the project defines."""
        dotted = self._evaluator.imported_name(expr)
        if dotted is None and isinstance(expr, ast.Attribute):
            dotted = self._evaluator.classes.foreign(expr)
        items = self._evaluator.foreign(dotted, expr) if dotted is not None else []
        return [ListState(tuple((item, None) for item in items))] if items else []

    def _combined(self, expr: ast.BinOp, frame: Frame | None) -> list[ListState]:
        if isinstance(expr.op, ast.Mult):
            return self.lists(expr.left, frame) or self.lists(expr.right, frame)
        if not isinstance(expr.op, ast.Add | ast.BitOr):
            return []
        left, right = self.lists(expr.left, frame), self.lists(expr.right, frame)
        if not left or not right:
            return left or right
        both = [a.plus(b.items, b.assumed) for a in left for b in right]
        return [state for state in both if state is not None]

    def _call(self, call: ast.Call, frame: Frame | None) -> list[ListState]:
        function = call.func
        name = last_name(function)
        if isinstance(function, ast.Attribute):
            if name in ("values", "items", "keys") and not call.args:
                return self._of_dict(function.value, name, frame)
            if name in ("split", "splitlines") and (call.args or name == "splitlines"):
                # Each part of a script is a statement of the whole.
                target = call.args[0] if _is_library(function.value) else function.value
                return [ListState(((target, frame),))]
            if name == "copy":
                return self.lists(function.value, frame)
        if name in _COPYING and call.args:
            return self.lists(call.args[0], frame)
        if name == "enumerate" and call.args:
            return [_numbered(state) for state in self.lists(call.args[0], frame)]
        if name == "zip":
            return self._zipped(call, frame)
        if name == "filter" and len(call.args) == 2:
            return self.lists(call.args[1], frame)
        if name in ("chain", "from_iterable"):
            return [ListState(tuple(i for arg in call.args for state in self.lists(arg, frame) for i in state.items))]
        found: list[ListState] = []
        for inner in self._evaluator.calls.frames(call, frame):
            yielded = self._evaluator.calls.yielded(inner.function)
            if yielded:
                found.append(ListState(tuple((value, inner) for value in yielded), doubtful=len(yielded) > 1))
            for value, _ in self._evaluator.calls.returned(inner.function):
                found += self.lists(value, inner)
        return found

    def _of_dict(self, expr: ast.expr, method: str, frame: Frame | None) -> list[ListState]:
        found = []
        for value, value_frame in self.expressions(expr, frame):
            if isinstance(value, ast.Dict) and value.keys:  # an empty one is filled elsewhere, by keys
                pairs = [(k, v) for k, v in zip(value.keys, value.values, strict=True) if k is not None]
            elif isinstance(value, ast.DictComp):
                pairs = [(value.key, value.value)]
            else:
                continue
            if method == "items":
                items: list[ast.expr] = [ast.Tuple([key, entry], ast.Load()) for key, entry in pairs]
            else:
                items = [key if method == "keys" else entry for key, entry in pairs]
            found.append(ListState(tuple((item, value_frame) for item in items)))
        return found

    def _zipped(self, call: ast.Call, frame: Frame | None) -> list[ListState]:
        columns = [longest(self.lists(arg, frame)) for arg in call.args]
        rows: list[Item] = []
        for place in range(max(map(len, columns), default=0)):
            # A column that cannot be read does not keep the others from being read.
            row = [column[place] if place < len(column) else (ast.Constant(None), None) for column in columns]
            inner = next((row_frame for _, row_frame in row if row_frame is not None), None)
            rows.append((ast.Tuple([expr for expr, _ in row], ast.Load()), inner))
        return [ListState(tuple(rows))] if rows else []

    # -- keys

    def items_at(self, expr: ast.Subscript, frame: Frame | None) -> list[Item]:
        """What ``container[key]`` may be: the entry of a constant key, or each entry."""
        found: list[Item] = []
        key = expr.slice
        for value, value_frame in self.expressions(expr.value, frame):
            if isinstance(value, ast.Dict | ast.Tuple | ast.List):
                found += self._entries(value, key, value_frame)
            elif isinstance(value, ast.Call):
                found += [
                    (keyword.value, value_frame)
                    for keyword in value.keywords
                    if isinstance(value.func, ast.Name)
                    and value.func.id == "dict"
                    and (not isinstance(key, ast.Constant) or keyword.arg == key.value)
                ]
        return self._allowed(found)

    def entries(self, container: ast.expr, key: ast.expr, frame: Frame | None) -> list[Item]:
        """The same for ``container.get(key)``."""
        found: list[Item] = []
        for value, value_frame in self.expressions(container, frame):
            if isinstance(value, ast.Dict):
                found += self._entries(value, key, value_frame)
        return self._allowed(found)

    def _entries(self, container: Container, key: ast.expr, frame: Frame | None, depth: int = _SPREADS) -> list[Item]:
        wanted = constant_of(key)
        if not isinstance(container, ast.Dict):
            elements = container.elts
            if isinstance(wanted, int) and -len(elements) <= wanted < len(elements):
                return [(elements[wanted], frame)]
            return [(element, frame) for element in elements]
        table = self._tables.get(container)
        if table is None:
            table = self._tables[container] = Table(container)
        found = [(value, frame) for value in table.values(wanted, key)]
        for value in table.spread if depth else ():  # ``d = {**d, ...}`` spreads itself
            for inner, inner_frame in self.expressions(value, frame):
                if isinstance(inner, ast.Dict):
                    found += self._entries(inner, key, inner_frame, depth - 1)
        return found


def _is_library(expr: ast.expr) -> bool:
    return isinstance(expr, ast.Name) and expr.id in ("sqlparse", "shlex", "re")


def _numbered(state: ListState) -> ListState:
    return replace(
        state,
        items=tuple(
            (ast.Tuple([ast.Constant(n), expr], ast.Load()), frame) for n, (expr, frame) in enumerate(state.items)
        ),
    )


def _first(states: Iterable[S]) -> list[S]:
    """At most ``_MAX_LISTS`` states: the first and the last ones."""
    found = list(states)
    return found if len(found) <= _MAX_LISTS else [*found[: _MAX_LISTS // 2], *found[-_MAX_LISTS // 2 :]]


def _many(states: Iterable[S]) -> list[S]:
    return list(states)[:_MAX_VALUES]
