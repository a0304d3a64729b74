"""Reads the texts that an expression may have at run time, without running anything.

Each expression gives a few ``Alternative`` texts; what cannot be read becomes a hole in them.  The work is bounded by
the number of alternatives, the depth and a budget for each question.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from sqlite_lint.hosts.alternative import Alternative, combine, exclusive, limited
from sqlite_lint.hosts.builders import is_builder_annotation
from sqlite_lint.hosts.flow import Flow
from sqlite_lint.hosts.frame import Foreign, Frame
from sqlite_lint.hosts.literal import Field, read_literal
from sqlite_lint.hosts.module import COMPREHENSIONS, Binding, BindingKind, Module, Scope
from sqlite_lint.hosts.sqltext import SqlText
from sqlite_lint.hosts.trails import Trails, condition_of
from sqlite_lint.sql.tokens import HOLE
from sqlite_lint.text import Span

if TYPE_CHECKING:
    from sqlite_lint.project import Project

T = TypeVar("T")

_CONTAINERS: Final = (ast.Lambda, ast.List, ast.Tuple, ast.Dict, ast.Set, *COMPREHENSIONS)

MAX_DEPTH: Final = 30
_MAX_FRAMES: Final = 4
_BUDGET: Final = 4000


class Evaluator:
    """Answers for one module; remembers what it found for each expression."""

    def __init__(self, module: Module, project: Project | None = None) -> None:
        from sqlite_lint.hosts.calls import Calls
        from sqlite_lint.hosts.classes import Classes
        from sqlite_lint.hosts.sequences import Sequences

        self.module = module
        self.project = project
        self.trails = Trails(module)
        self.calls = Calls(self)
        self.classes = Classes(self)
        self.sequences = Sequences(self)
        self._memo: dict[ast.AST, list[Alternative]] = {}
        self._active: set[tuple[str, int, int]] = set()
        self.truncated = False
        self._depth = 0
        self._left = _BUDGET

    def ask(self, expr: ast.expr) -> list[Alternative]:
        """The alternatives of ``expr``; none where it certainly is no text (a number, None)."""
        self._left = _BUDGET
        return [text for text in self.texts(expr) if not text.number]

    def texts(self, expr: ast.expr, frame: Frame | None = None) -> list[Alternative]:
        if frame is None and expr in self._memo:
            return self._memo[expr]
        found = self.guarded("texts", expr, frame, lambda: limited(self._evaluate(expr, frame)))
        if found is None:
            return [self.hole(expr, "it is too complex to follow")]
        if frame is None and not self.truncated:
            self._memo[expr] = found
        return found

    def guarded(self, what: str, expr: ast.expr, frame: Frame | None, work: Callable[[], T]) -> T | None:
        """The result of ``work``; None where it would go round in circles, too deep or on for too long."""
        key = (what, id(expr), id(frame))
        if self._depth >= MAX_DEPTH or self._left <= 0 or key in self._active:
            self.truncated = True
            return None
        if not self._active:
            self.truncated = False
        self._active.add(key)
        self._depth += 1
        self._left -= 1
        try:
            return work()
        finally:
            self._active.discard(key)
            self._depth -= 1

    def hole(self, expr: ast.expr, reason: str, *, builder: bool = False) -> Alternative:
        return Alternative.hole(self.module.span(expr), reason, builder=builder)

    # -- expressions

    def _evaluate(self, expr: ast.expr, frame: Frame | None) -> list[Alternative]:
        if isinstance(expr, ast.Constant):
            return self._constant(expr)
        if isinstance(expr, ast.JoinedStr):
            return self._formatted(expr, frame)
        if isinstance(expr, ast.Name):
            return self._name(expr, frame)
        if isinstance(expr, ast.BinOp):
            return self._operation(expr, frame)
        if isinstance(expr, ast.Call):
            return self.calls.texts(expr, frame)
        if isinstance(expr, ast.Attribute):
            return self._attribute(expr, frame)
        if isinstance(expr, ast.Subscript):
            return self._subscript(expr, frame)
        if isinstance(expr, ast.IfExp):
            return self._choice(expr, frame)
        if isinstance(expr, ast.BoolOp):
            return [found for value in expr.values for found in self.texts(value, frame)]
        if isinstance(expr, ast.NamedExpr | ast.Await):
            return self.texts(expr.value, frame)
        if isinstance(expr, ast.Compare | ast.UnaryOp):
            return [self.hole(expr, "an expression of a query builder", builder=True)]
        if isinstance(expr, _CONTAINERS):
            return []
        return [self.hole(expr, "it is computed at run time")]

    def _constant(self, expr: ast.Constant) -> list[Alternative]:
        if isinstance(expr.value, int | float) and hasattr(expr, "lineno"):
            number = SqlText.opaque(str(expr.value), self.module.span(expr))
            return [replace(Alternative.of(number, expr), number=True)]
        if not isinstance(expr.value, str | bytes):
            return []
        if isinstance(expr, Foreign):
            return [replace(Alternative.of(SqlText.opaque(str(expr.value), expr.place)), elsewhere=True)]
        texts = [part for part in self._literal(expr) if isinstance(part, SqlText)]
        return [Alternative.of(texts[0] if len(texts) == 1 else SqlText.join(texts), expr)]

    def _literal(self, expr: ast.Constant | ast.JoinedStr) -> list[SqlText | Field]:
        return read_literal(self.module.text, self.module.span(expr), expr)

    def _formatted(self, expr: ast.JoinedStr, frame: Frame | None) -> list[Alternative]:
        values = [value for value in expr.values if isinstance(value, ast.FormattedValue)]
        choices: list[list[Alternative]] = []
        for part in self._literal(expr):
            if isinstance(part, SqlText):
                choices.append([Alternative.of(part)])
            else:
                choices.append(self.field(values[part.index].value if part.plain else None, part.span, frame))
        return [replace(found, origins=(expr, *found.origins)) for found in combine(choices)]

    def field(self, expr: ast.expr | None, src: object, frame: Frame | None) -> list[Alternative]:
        """What a field of a template may be filled with: texts that can be read, else a hole at ``src``."""
        place = src if isinstance(src, Span) else None
        hole = Alternative.hole(place, "")
        if expr is None:
            return [hole]
        found: list[Alternative] = []
        for choice in self.texts(expr, frame):
            if choice.builder:
                choice = hole
            elif not choice.is_text and HOLE in choice.text.text:
                choice = replace(choice.mapped(SqlText.hole(place)), reason="")
            found.append(replace(choice, wrapped=False, number=False))
        distinct: dict[tuple[object, ...], Alternative] = {}
        for choice in found or [hole]:
            distinct.setdefault((choice.text.text, *sorted(choice.assumed.items(), key=str)), choice)
        return exclusive(limited(distinct.values()), ast.dump(expr))

    def _operation(self, expr: ast.BinOp, frame: Frame | None) -> list[Alternative]:
        if isinstance(expr.op, ast.Add):
            return self._sum(expr, frame)
        if isinstance(expr.op, ast.Mod):
            return self.calls.percent(expr, frame)
        if isinstance(expr.op, ast.Mult):
            for side in (expr.left, expr.right):
                found = [text for text in self.texts(side, frame) if text.is_text and not text.number]
                if found:
                    return found
            return []
        return [self.hole(expr, "an expression of a query builder", builder=True)]

    def _sum(self, expr: ast.BinOp, frame: Frame | None) -> list[Alternative]:
        """``a + b + c``, which nests to the left, without recursion."""
        operands: list[ast.expr] = []
        left: ast.expr = expr
        while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add):
            operands.append(left.right)
            left = left.left
        operands.append(left)
        operands.reverse()
        choices = [self._operand(operand, frame) for operand in operands]
        if not any(choice.is_text for part in choices for choice in part):
            builder = any(choice.builder for part in choices for choice in part)
            return [self._none_of(choices, expr, builder)]
        return [found.via(expr) for found in combine(choices)]

    def _operand(self, expr: ast.expr, frame: Frame | None) -> list[Alternative]:
        return [text for text in self.texts(expr, frame) if not text.number] or [self.hole(expr, "it is no text")]

    def _none_of(self, choices: Sequence[Sequence[Alternative]], expr: ast.expr, builder: bool) -> Alternative:
        reasons = [choice.reason for part in choices for choice in part if choice.reason]
        leading = [choice.leading for choice in choices[0]]
        found = self.hole(expr, reasons[0] if reasons else "it is computed at run time", builder=builder)
        return replace(found, leading=leading[0] if leading else None)

    def _choice(self, expr: ast.IfExp, frame: Frame | None) -> list[Alternative]:
        condition, positive = condition_of(expr.test)
        chosen = [found.assume(condition, positive) for found in self.texts(expr.body, frame)]
        otherwise = [found.assume(condition, not positive) for found in self.texts(expr.orelse, frame)]
        return [found for found in (*chosen, *otherwise) if found is not None]

    def _subscript(self, expr: ast.Subscript, frame: Frame | None) -> list[Alternative]:
        if isinstance(expr.slice, ast.Slice):
            return self.calls.sliced(expr, expr.slice, frame)
        found: list[Alternative] = []
        items = self.sequences.items_at(expr, frame)
        for item, item_frame in items:
            found += self.texts(item, item_frame)
        return [text.via(expr) for text in found] if items else [self.hole(expr, "a subscript")]

    def _attribute(self, expr: ast.Attribute, frame: Frame | None) -> list[Alternative]:
        if expr.attr == "value":
            inner = [found for found in self.texts(expr.value, frame) if found.is_text]
            if inner:
                return inner
        dotted = self.imported_name(expr)
        if dotted is not None:
            return self.imported(dotted, expr)
        flow = self.flow(lambda binding: self.bound(binding, expr, frame), frame)
        found = self.classes.states("texts", expr, frame, flow)
        for value, value_frame in self.classes.record_fields(expr, frame):
            found = [*found, *self.texts(value, value_frame)]
        foreign = None if found else self.classes.foreign(expr)
        if foreign is not None:
            found = self.constant(foreign, expr)
        return found or [self.hole(expr, f"the value of {ast.unparse(expr)!r} is not written in this file")]

    # -- names

    def _name(self, expr: ast.Name, frame: Frame | None) -> list[Alternative]:
        place = self.place(expr, expr.id)
        if place is None:
            return [self.hole(expr, f"the name {expr.id!r} is not bound in this file")]
        scope, bindings, use = place
        flow = self.flow(lambda binding: self.bound(binding, expr, frame), frame)
        beginning = (
            [self.hole(expr, f"{expr.id!r} is put together from too many parts")] if len(bindings) > 1000 else []
        )
        return flow.at(bindings, scope.node, use, beginning)

    def place(self, expr: ast.expr, name: str) -> tuple[Scope, list[Binding], ast.expr | None] | None:
        """The scope and bindings of a name as used in ``expr``; the use is None where the order says nothing."""
        inner = self.module.scope_of(expr)
        found = inner.lookup(name)
        if found is None:
            return None
        scope, bindings = found
        order = self.module.order
        if isinstance(scope.node, ast.ClassDef) and scope.parent is not None:
            # A class body reads the names around it until it binds its own: ``QUERY = QUERY``.
            first = bindings[0].node
            if order.get(first, 0) > order.get(expr, 0) or any(
                around is first for around in self.module.ancestors(expr)
            ):
                outer = scope.parent.lookup(name)
                return None if outer is None else (*outer, None)
        same = scope is inner or (scope is inner.function and not isinstance(scope.node, COMPREHENSIONS))
        ordered = same and not isinstance(scope.node, COMPREHENSIONS)
        return scope, bindings, expr if ordered else None

    def flow(self, start: object, frame: Frame | None) -> Flow[Alternative]:
        def extend(state: Alternative, binding: Binding) -> Iterable[Alternative]:
            if binding.kind is not BindingKind.AUGMENT or binding.value is None:
                return [state]
            added = self._operand(binding.value, frame)
            if state.builder:
                return [state]
            return [both.via(binding.node) for choice in added if (both := state.plus(choice)) is not None]

        return Flow(self.module, self.trails, start, extend, limited)  # type: ignore[arg-type]

    def bound(self, binding: Binding, expr: ast.expr, frame: Frame | None) -> list[Alternative]:
        """The texts that a binding gives to the name which ``expr`` reads."""
        kind = binding.kind
        if kind is BindingKind.PARAM:
            return self._parameter(binding, expr, frame)
        if kind is BindingKind.IMPORT:
            return self.imported(binding.dotted, expr)
        if kind is BindingKind.ASSIGN or kind is BindingKind.ITERATE:
            found: list[Alternative] = []
            rows = self.sequences.rows_of(binding, frame)
            loop = f"row of {self.module.order[binding.node]}"
            for row, (value, value_frame) in rows:
                texts = [text.via(binding.node) for text in self.texts(value, value_frame)]
                if len(rows) > 1 and kind is BindingKind.ITERATE:
                    texts = [in_row for text in texts if (in_row := text.assume(loop, row)) is not None]
                found += texts
            if rows:
                return found
        from sqlite_lint.hosts.classes import is_property

        if kind is BindingKind.DEF and isinstance(expr, ast.Attribute) and is_property(binding.node):
            return [found for value, _ in self.calls.returned(binding.node) for found in self.texts(value)]
        if kind is BindingKind.DEF:
            return [self.hole(expr, "a function or class", builder=True)]
        return [self.hole(expr, f"the value of {binding.name!r} is not written in this file")]

    def _parameter(self, binding: Binding, expr: ast.expr, frame: Frame | None) -> list[Alternative]:
        around = frame
        while around is not None and around.function is not binding.scope.node:
            around = around.outer
        if around is not None:
            given = around.argument(binding)
            if given is not None:
                return self.texts(given, around.outer)
            if binding.value is not None:
                return self.texts(binding.value)
        found = [] if binding.value is None else [text.via(binding.node) for text in self.texts(binding.value)]
        if is_builder_annotation(binding.annotation):
            return [self.hole(expr, "an object of a query builder", builder=True)]
        return [*found, Alternative.parameter(self.module.span(expr), binding)]

    def imported(self, dotted: str, expr: ast.expr) -> list[Alternative]:
        """The text of a constant of another module of the project."""
        return self.constant(dotted, expr) or [self.hole(expr, f"{dotted} is defined in another file")]

    def imported_name(self, expr: ast.expr) -> str | None:
        """The dotted name of a name or attribute that an import brings in."""
        root = expr
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name) or root.id not in self.module.imports:
            return None
        return self.module.dotted(expr)

    def constant(self, dotted: str, expr: ast.expr) -> list[Alternative]:
        """The same, or nothing; ``name()`` stands for what a function returns."""
        return [found for constant in self.foreign(dotted, expr) for found in self._constant(constant)]

    def foreign(self, dotted: str, expr: ast.expr) -> list[Foreign]:
        """The texts that a dotted name of another module stands for, as expressions in the place of ``expr``."""
        value = self.project.find_constant(self.module.path, dotted) if self.project is not None else None
        if value is None:
            return []
        found = []
        for text in (value,) if isinstance(value, str) else value:
            constant = Foreign(text)
            constant.place = self.module.span(expr)
            found.append(constant)
        return found

    # -- expressions behind names

    def expressions(self, expr: ast.expr, frame: Frame | None) -> list[tuple[ast.expr, Frame | None]]:
        """The expressions that a name or attribute stands for; ``expr`` itself where it is none."""
        return self.sequences.expressions(expr, frame)
