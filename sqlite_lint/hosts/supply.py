"""How many values a call supplies for the parameters of its statement, as far as its source leaves no doubt."""

from __future__ import annotations

import ast
import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.alternative import MAX_ORIGINS
from sqlite_lint.hosts.model import Sink, ValueType
from sqlite_lint.hosts.module import BindingKind
from sqlite_lint.hosts.params import value_type
from sqlite_lint.hosts.sinks import receiver_name, values_of
from sqlite_lint.regex import regex

if TYPE_CHECKING:
    from sqlite_lint.hosts.alternative import Alternative
    from sqlite_lint.hosts.evaluate import Evaluator
    from sqlite_lint.hosts.module import Module
    from sqlite_lint.hosts.sinks import SinkCall
    from sqlite_lint.text import Span

_METHODS: Final = frozenset({"execute", "executemany", "execute_fetchall", "execute_insert"})
_CURSORS: Final = regex(r"(?i)(?:^|_)(?:cur|curs|cursor|con|conn|connection)\d?\Z")
_COMPREHENSIONS: Final = (ast.ListComp, ast.GeneratorExp)
_REPEATED: Final = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.List, ast.Tuple, ast.Lambda)
_KEEPING: Final = frozenset({"dedent", "cleandoc", "strip", "lstrip", "rstrip", "text", "DDL", "execute"})
_STRICT: Final = frozenset({"sqlite3", "aiosqlite"})
_QUESTION_MARKS: Final = frozenset({"sqlite3", "aiosqlite", "apsw", None})


class SupplyKind(enum.Enum):
    SEQUENCE = "sequence"
    MAPPING = "mapping"
    TEXT = "text"  # of which each character counts as a value
    NUMBER = "number"  # which is no collection of values


@dataclass(frozen=True, slots=True)
class Supply:
    """What a call supplies: ``count`` values, or those by ``names``.

    ``span`` is the place of the values.  ``count`` is None for a text that is not known.  ``bracketed`` tells that
    brackets stand around a single value, as in ``("text")``.
    """

    kind: SupplyKind
    span: Span
    count: int | None = None
    names: frozenset[str] = frozenset()
    bracketed: bool = False


def supplies(sink: SinkCall, driver: str | None, own: str | None, evaluator: Evaluator) -> tuple[Supply, ...]:
    """What a call supplies for one execution, or for each row of executemany that is in sight.

    ``driver`` is the library behind the call as far as the module tells, ``own`` that of the very receiver.
    """
    call = sink.call
    function = call.func
    if sink.sink not in (Sink.EXECUTE, Sink.EXECUTEMANY) or not isinstance(function, ast.Attribute):
        return ()
    if function.attr not in _METHODS or driver not in _QUESTION_MARKS:
        return ()
    if len(call.args) + len(call.keywords) > 2 or any(isinstance(arg, ast.Starred) for arg in call.args):
        return ()
    if any(keyword.arg is None for keyword in call.keywords):
        return ()
    reader = _Reader(evaluator, strict=_is_driver(call, driver, own))
    values = values_of(call, sink.arguments[0])
    if values is None:
        return ()
    if sink.sink is Sink.EXECUTEMANY:
        return tuple(found for row in reader.rows(values) for found in reader.supply(row))
    return tuple(reader.supply(values))


def is_written(text: Alternative, call: ast.Call | None, module: Module) -> bool:
    """Tell whether all of a text stands in the source once: nothing is joined or repeated at run time."""
    if text.doubtful or text.elsewhere or not text.origins or len(text.origins) >= MAX_ORIGINS:
        return False
    return all(_is_whole(origin, call, module) for origin in text.origins)


def _is_whole(origin: ast.AST, call: ast.Call | None, module: Module) -> bool:
    for node in (origin, *module.ancestors(origin)):
        if node is call or isinstance(node, ast.stmt):
            return True
        if isinstance(node, ast.Call):
            if module.called_name(node) not in _KEEPING:
                return False
        elif isinstance(node, _REPEATED) or (isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Add)):
            return False
    return True


def _is_driver(call: ast.Call, driver: str | None, own: str | None) -> bool:
    """Tell whether the receiver is a driver's connection or cursor, and no class with a method of the same name."""
    if own is not None:
        return own in _STRICT
    return driver in _STRICT and _CURSORS.search(receiver_name(call)) is not None


class _Reader:
    """Reads the values of one call; ``strict`` where the driver's own method takes them as they are."""

    def __init__(self, evaluator: Evaluator, *, strict: bool) -> None:
        self.evaluator = evaluator
        self.module = evaluator.module
        self.strict = strict

    def rows(self, values: ast.expr) -> Iterator[ast.expr]:
        values = self._behind(values, (ast.List, ast.Tuple))
        if isinstance(values, ast.List | ast.Tuple):
            yield from (row for row in values.elts if not isinstance(row, ast.Starred))
        elif isinstance(values, _COMPREHENSIONS):
            yield values.elt

    def supply(self, values: ast.expr) -> Iterator[Supply]:
        """What one expression supplies; nothing where that is not certain."""
        span = self.module.span(values)
        behind = self._behind(values, (ast.Tuple,))
        if isinstance(behind, ast.Tuple | ast.List):
            if not any(isinstance(element, ast.Starred) for element in behind.elts):
                yield Supply(SupplyKind.SEQUENCE, span, len(behind.elts))
        elif isinstance(behind, ast.Dict):
            names = [key.value for key in behind.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
            if len(names) == len(behind.keys):
                yield Supply(SupplyKind.MAPPING, span, names=frozenset(names))
        elif self.strict:
            yield from self._scalar(values, span)

    def _scalar(self, values: ast.expr, span: Span) -> Iterator[Supply]:
        kind = value_type(values, self.evaluator)
        bracketed = self.module.text[: span.start].rstrip().endswith("(")
        if kind is ValueType.TEXT:
            text = self._behind(values, (ast.Constant,))
            count = len(text.value) if isinstance(text, ast.Constant) and isinstance(text.value, str) else None
            yield Supply(SupplyKind.TEXT, span, count, bracketed=bracketed)
        elif kind is ValueType.NUMBER:
            yield Supply(SupplyKind.NUMBER, span, bracketed=bracketed)

    def _behind(self, values: ast.expr, kinds: tuple[type[ast.expr], ...]) -> ast.expr:
        """The display that a name stands for, where it is bound once; the expression itself otherwise."""
        if not isinstance(values, ast.Name):
            return values
        place = self.evaluator.place(values, values.id)
        bindings = place[1] if place is not None else []
        if len(bindings) != 1 or bindings[0].kind is not BindingKind.ASSIGN or bindings[0].path:
            return values
        value = bindings[0].value
        return value if isinstance(value, kinds) else values
