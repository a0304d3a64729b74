"""Dates and times among the values that a call binds, as far as the source shows them.

``isoformat()`` puts a ``T`` between date and time unless it is told otherwise, and sqlite3 stores the objects
themselves by adapters of its own (https://docs.python.org/3/library/sqlite3.html#default-adapters-and-converters-deprecated).
"""

from __future__ import annotations

import ast
import enum
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.expressions import last_name
from sqlite_lint.hosts.lookup import returned

if TYPE_CHECKING:
    from sqlite_lint.hosts.evaluate import Evaluator
    from sqlite_lint.hosts.module import Binding


class Time(enum.Enum):
    """What a value of Python's ``datetime`` module is bound as."""

    ISO = "iso"  # text with a T: datetime.isoformat()
    DATETIME = "datetime"  # the object
    DATE = "date"
    LOCAL = "local"  # text with a space, in the machine's own time zone: str(datetime.now())


_DEEPEST: Final = 6
_CLOCKS: Final = frozenset({"datetime", "timezone", "dt_util"})
_OF_DATETIME: Final = frozenset(
    {"now", "utcnow", "fromtimestamp", "utcfromtimestamp", "strptime", "combine", "today", "fromisoformat"}
)
_STILL_DATETIME: Final = frozenset({"astimezone", "replace"})
_TEXT_EDITS: Final = frozenset({"replace", "strip", "rstrip"})
_ANNOTATIONS: Final = {"datetime": Time.DATETIME, "date": Time.DATE}
_TIMEDELTAS: Final = frozenset({"timedelta", "relativedelta"})


def time_of(expr: ast.expr, evaluator: Evaluator, depth: int = _DEEPEST) -> Time | None:
    """What time the expression gives; None unless the source leaves no doubt."""
    if not depth:
        return None
    if isinstance(expr, ast.Call):
        return _of_call(expr, evaluator, depth - 1)
    if isinstance(expr, ast.Name):
        return _of_name(expr, evaluator, depth - 1)
    if isinstance(expr, ast.BinOp):
        return _of_sum(expr, evaluator, depth - 1)
    if isinstance(expr, ast.JoinedStr):
        first = expr.values[0] if expr.values else None
        plain = isinstance(first, ast.FormattedValue) and first.format_spec is None and first.conversion == -1
        found = time_of(first.value, evaluator, depth - 1) if plain and isinstance(first, ast.FormattedValue) else None
        return Time.ISO if found is Time.ISO and len(expr.values) <= 2 else None
    if isinstance(expr, ast.IfExp):
        sides = {time_of(side, evaluator, depth - 1) for side in (expr.body, expr.orelse) if not _is_none(side)}
        return sides.pop() if len(sides) == 1 else None
    return None


def _of_call(call: ast.Call, evaluator: Evaluator, depth: int) -> Time | None:
    function = call.func
    if isinstance(function, ast.Name):
        if function.id in _ANNOTATIONS:
            return _ANNOTATIONS[function.id]
        if function.id == "str" and len(call.args) == 1:
            return Time.LOCAL if _is_local(call.args[0], evaluator, depth) else None
        return _of_function(function, evaluator, depth)
    if not isinstance(function, ast.Attribute):
        return None
    receiver, name = function.value, function.attr
    last = last_name(receiver)
    if name == "isoformat":
        is_spaced = bool(call.args) or any(keyword.arg != "timespec" for keyword in call.keywords)
        if is_spaced and _is_text(call, "sep", " ") and _is_local(receiver, evaluator, depth):
            return Time.LOCAL
        return Time.ISO if not is_spaced and time_of(receiver, evaluator, depth) is Time.DATETIME else None
    if name == "strftime":
        if _is_text(call, "format", "%Y-%m-%dT"):
            return Time.ISO
        is_whole = _is_text(call, "format", "%Y-%m-%d %H")
        return Time.LOCAL if is_whole and _is_local(receiver, evaluator, depth) else None
    if name == "utcnow" or (name in _OF_DATETIME and last in _CLOCKS):
        return Time.DATETIME
    if name in _ANNOTATIONS and last in {"datetime", "dt"} and (call.args or call.keywords):
        return _ANNOTATIONS[name]
    if last == "date" and name in {"today", "fromisoformat", "fromtimestamp"}:
        return Time.DATE
    if name in _STILL_DATETIME | _TEXT_EDITS | {"date"}:
        return _of_method(name, time_of(receiver, evaluator, depth))
    methods = [evaluator.classes.method(owner, name) for owner in evaluator.classes.owners(receiver, None)]
    return _of_returns(methods[0], evaluator, depth) if len(methods) == 1 else None


def _is_text(call: ast.Call, keyword: str, beginning: str) -> bool:
    """Tell whether the first argument, or that of this name, is a text that begins so."""
    given = [*call.args[:1], *(each.value for each in call.keywords if each.arg == keyword)]
    text = given[0].value if given and isinstance(given[0], ast.Constant) else None
    return isinstance(text, str) and text.startswith(beginning)


def _is_local(expr: ast.expr, evaluator: Evaluator, depth: int) -> bool:
    """Tell whether the expression is a datetime without a zone, in the machine's own: ``datetime.now()``."""
    if not depth:
        return False
    if isinstance(expr, ast.BinOp) and isinstance(expr.op, ast.Add | ast.Sub):
        return _is_local(expr.left, evaluator, depth - 1)
    if isinstance(expr, ast.Name):
        found = evaluator.place(expr, expr.id)
        bindings = [] if found is None else found[1]
        return 0 < len(bindings) <= 4 and all(
            b.kind.value == "assign" and b.value is not None and not b.path and _is_local(b.value, evaluator, depth - 1)
            for b in bindings
        )
    if not isinstance(expr, ast.Call) or not isinstance(expr.func, ast.Attribute):
        return False
    receiver, name = expr.func.value, expr.func.attr
    if name == "replace" and all(keyword.arg != "tzinfo" for keyword in expr.keywords):
        return _is_local(receiver, evaluator, depth - 1)
    last = last_name(receiver)
    if last != "datetime" or expr.keywords:
        return False
    return len(expr.args) == {"now": 0, "today": 0, "fromtimestamp": 1}.get(name, -1)


def _of_method(name: str, receiver: Time | None) -> Time | None:
    if receiver is Time.DATETIME:
        return Time.DATE if name == "date" else receiver if name in _STILL_DATETIME else None
    return receiver if receiver is Time.ISO and name in _TEXT_EDITS else None


def _of_function(name: ast.Name, evaluator: Evaluator, depth: int) -> Time | None:
    """What a function of the module returns, if all its returns are alike."""
    found = evaluator.place(name, name.id)
    if found is None or len(found[1]) != 1:
        return None
    binding = found[1][0]
    if binding.dotted and evaluator.project is not None:
        here = evaluator.project.relative(evaluator.module.path)
        return Time.ISO if evaluator.project.modules.is_stamp(here, binding.dotted) else None
    return _of_returns(binding.node, evaluator, depth)


def _of_returns(node: ast.AST | None, evaluator: Evaluator, depth: int) -> Time | None:
    if not isinstance(node, ast.FunctionDef):
        return None
    times = {time_of(value, evaluator, depth) for value in returned(node)}
    return times.pop() if len(times) == 1 else None


def _of_name(name: ast.Name, evaluator: Evaluator, depth: int) -> Time | None:
    found = evaluator.place(name, name.id)
    if found is None or len(found[1]) > 4:
        return None
    times = {_of_binding(binding, evaluator, depth) for binding in found[1]}
    return times.pop() if len(times) == 1 else None


def _of_binding(binding: Binding, evaluator: Evaluator, depth: int) -> Time | None:
    if binding.annotation is not None:
        return _of_annotation(binding.annotation)
    if binding.kind.value == "assign" and binding.value is not None and not binding.path:
        return time_of(binding.value, evaluator, depth)
    return None


def _of_annotation(annotation: ast.expr) -> Time | None:
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr) and _is_none(annotation.right):
        annotation = annotation.left
    if isinstance(annotation, ast.Subscript) and getattr(annotation.value, "id", "") == "Optional":
        annotation = annotation.slice
    name = last_name(annotation)
    return _ANNOTATIONS.get(name)


def _of_sum(expr: ast.BinOp, evaluator: Evaluator, depth: int) -> Time | None:
    left = time_of(expr.left, evaluator, depth)
    if isinstance(expr.op, ast.Add):
        return left  # a timedelta later, or "Z" behind the text
    if isinstance(expr.op, ast.Sub) and isinstance(expr.right, ast.Call):
        function = expr.right.func
        name = last_name(function)
        return left if name in _TIMEDELTAS else None
    return None


def _is_none(expr: ast.expr) -> bool:
    return isinstance(expr, ast.Constant) and expr.value is None
