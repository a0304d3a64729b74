"""Types of the values that a call binds, as far as the source shows them."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.expressions import last_name
from sqlite_lint.hosts.model import Params, ValueType
from sqlite_lint.hosts.times import Time, time_of

if TYPE_CHECKING:
    from sqlite_lint.hosts.evaluate import Evaluator
    from sqlite_lint.hosts.frame import Frame

_BY_CALL: Final = {
    "str": ValueType.TEXT,
    "repr": ValueType.TEXT,
    "isoformat": ValueType.TEXT,
    "strftime": ValueType.TEXT,
    "lower": ValueType.TEXT,
    "upper": ValueType.TEXT,
    "strip": ValueType.TEXT,
    "format": ValueType.TEXT,
    "join": ValueType.TEXT,
    "hexdigest": ValueType.TEXT,
    "getenv": ValueType.TEXT,
    "input": ValueType.TEXT,
    "int": ValueType.NUMBER,
    "float": ValueType.NUMBER,
    "bool": ValueType.NUMBER,
    "len": ValueType.NUMBER,
    "time": ValueType.NUMBER,
    "round": ValueType.NUMBER,
    "bytes": ValueType.BLOB,
    "encode": ValueType.BLOB,
    "digest": ValueType.BLOB,
    "memoryview": ValueType.BLOB,
}
_BY_DUMPS: Final = {
    **dict.fromkeys(["json", "simplejson", "ujson"], ValueType.TEXT),
    **dict.fromkeys(["orjson", "msgpack", "pickle", "cPickle", "marshal", "cloudpickle", "dill"], ValueType.BLOB),
}
_BY_ANNOTATION: Final = {
    "str": ValueType.TEXT,
    "int": ValueType.NUMBER,
    "float": ValueType.NUMBER,
    "bool": ValueType.NUMBER,
    "bytes": ValueType.BLOB,
    "bytearray": ValueType.BLOB,
    "None": ValueType.NULL,
}

_COLLECTIONS: Final = frozenset(
    {"list", "tuple", "set", "frozenset", "sequence", "iterable", "collection", "iterator", "mutablesequence"}
)


def params_of(values: ast.expr | None, many: bool, evaluator: Evaluator) -> Params:
    """Types of the values given in ``values``; with ``many``, of the first row of several."""
    if values is None:
        return Params()
    found = [_params(expr, frame, many, evaluator) for expr, frame in evaluator.expressions(values, None)[:8]]
    known = _merged(found) if found else Params()
    return Params(each=_element_type(values, evaluator)) if known == Params() and not many else known


def _params(expr: ast.expr, frame: Frame | None, many: bool, evaluator: Evaluator) -> Params:
    if many:
        rows = evaluator.sequences.lists(expr, frame)
        if not rows or not rows[0].items:
            return Params()
        expr = rows[0].items[0][0]
    if isinstance(expr, ast.Tuple | ast.List):
        if any(isinstance(element, ast.Starred) for element in expr.elts):
            return Params(each=_element_type(expr, evaluator))
        return Params(
            positional=tuple(value_type(element, evaluator) for element in expr.elts),
            texts={place: text for place, e in enumerate(expr.elts) if (text := _text(e)) is not None},
            times=_times(enumerate(expr.elts), evaluator),
        )
    if isinstance(expr, ast.Dict):
        entries = {
            key.value: value
            for key, value in zip(expr.keys, expr.values, strict=True)
            if isinstance(key, ast.Constant) and isinstance(key.value, str)
        }
        if len(entries) == len(expr.keys):
            return Params(
                named={name: value_type(value, evaluator) for name, value in entries.items()},
                texts={name: text for name, value in entries.items() if (text := _text(value)) is not None},
                times=_times(entries.items(), evaluator),
            )
    return Params(each=_element_type(expr, evaluator))


def _element_type(expr: ast.expr, evaluator: Evaluator, depth: int = 4) -> ValueType:
    """The one type of all that a collection holds: ``[int(i) for i in ids]``, or a parameter ``ids: list[int]``."""
    if not depth:
        return ValueType.UNKNOWN
    if isinstance(expr, ast.ListComp | ast.GeneratorExp | ast.SetComp):
        target, source = expr.generators[-1].target, expr.generators[-1].iter
        if isinstance(expr.elt, ast.Name) and isinstance(target, ast.Name) and expr.elt.id == target.id:
            return _element_type(source, evaluator, depth - 1)
        return value_type(expr.elt, evaluator)
    if isinstance(expr, ast.Tuple | ast.List | ast.Set):
        return _same(
            [
                _element_type(e.value, evaluator, depth - 1) if isinstance(e, ast.Starred) else value_type(e, evaluator)
                for e in expr.elts
            ]
        )
    if isinstance(expr, ast.BinOp) and isinstance(expr.op, ast.Add):
        return _same([_element_type(side, evaluator, depth - 1) for side in (expr.left, expr.right)])
    if isinstance(expr, ast.Call) and isinstance(expr.func, ast.Name) and expr.args:
        if expr.func.id in {"list", "tuple", "set", "sorted", "frozenset"}:
            return _element_type(expr.args[0], evaluator, depth - 1)
        if expr.func.id == "map" and isinstance(expr.args[0], ast.Name):
            return _BY_CALL.get(expr.args[0].id, ValueType.UNKNOWN)
    place = evaluator.place(expr, expr.id) if isinstance(expr, ast.Name) else None
    if place is None or len(place[1]) != 1:
        return ValueType.UNKNOWN
    binding = place[1][0]
    if binding.annotation is not None:
        return _of_elements(binding.annotation)
    if binding.kind.value == "assign" and binding.value is not None and not binding.path:
        return _element_type(binding.value, evaluator, depth - 1)
    return ValueType.UNKNOWN


def _of_elements(annotation: ast.expr) -> ValueType:
    """The type of the elements of ``list[int]``, ``Sequence[str]`` or ``tuple[int, ...]``."""
    if not isinstance(annotation, ast.Subscript):
        return ValueType.UNKNOWN
    name = last_name(annotation.value)
    if name in {"Optional", "Annotated"}:
        inner = annotation.slice.elts[0] if isinstance(annotation.slice, ast.Tuple) else annotation.slice
        return _of_elements(inner)
    if name.lower() not in _COLLECTIONS:
        return ValueType.UNKNOWN
    items = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
    return _same([_of_annotation(e) for e in items if not (isinstance(e, ast.Constant) and e.value is ...)])


def _times(values: Iterable[tuple[int | str, ast.expr]], evaluator: Evaluator) -> dict[int | str, Time]:
    return {key: time for key, value in values if (time := time_of(value, evaluator)) is not None}


def _text(expr: ast.expr) -> str | None:
    return expr.value if isinstance(expr, ast.Constant) and isinstance(expr.value, str) else None


def _merged(found: list[Params]) -> Params:
    """What holds of all of several values: of another number of them, nothing is known."""
    first, *others = found
    if not others:
        return first
    each = _same([params.each for params in found])
    texts = {key: text for key, text in first.texts.items() if all(other.texts.get(key) == text for other in others)}
    times = {key: time for key, time in first.times.items() if all(other.times.get(key) == time for other in others)}
    rows = [other.positional for other in found if other.positional is not None]
    if len(rows) == len(found) and len({len(row) for row in rows}) == 1:
        return Params(
            positional=tuple(_same(list(column)) for column in zip(*rows, strict=True)), texts=texts, times=times
        )
    tables = [other.named for other in found if other.named is not None]
    if len(tables) == len(found) and len({frozenset(table) for table in tables}) == 1:
        return Params(
            named={name: _same([table[name] for table in tables]) for name in tables[0]}, texts=texts, times=times
        )
    return Params(each=each)


def value_type(expr: ast.expr, evaluator: Evaluator, depth: int = 6) -> ValueType:
    """The type of a value to bind; UNKNOWN unless the source leaves no doubt."""
    if not depth:
        return ValueType.UNKNOWN
    if isinstance(expr, ast.Constant):
        return _of_value(expr.value)
    if isinstance(expr, ast.JoinedStr):
        return ValueType.TEXT
    if isinstance(expr, ast.UnaryOp) and isinstance(expr.op, ast.USub | ast.Not):
        return ValueType.NUMBER if isinstance(expr.op, ast.Not) else value_type(expr.operand, evaluator, depth - 1)
    if isinstance(expr, ast.Compare):
        return ValueType.NUMBER
    if isinstance(expr, ast.IfExp):
        return _same([value_type(side, evaluator, depth - 1) for side in (expr.body, expr.orelse)])
    if isinstance(expr, ast.BinOp):
        if isinstance(expr.op, ast.Mod) and value_type(expr.left, evaluator, depth - 1) is ValueType.TEXT:
            return ValueType.TEXT
        return _same([value_type(side, evaluator, depth - 1) for side in (expr.left, expr.right)])
    if isinstance(expr, ast.Call):
        if evaluator.module.called_name(expr) == "dumps":
            library = (evaluator.module.dotted(expr.func) or "").split(".")[0]
            return _BY_DUMPS.get(library, ValueType.UNKNOWN)
        return _BY_CALL.get(evaluator.module.called_name(expr), ValueType.UNKNOWN)
    if isinstance(expr, ast.Name):
        return _of_name(expr, evaluator, depth)
    return ValueType.UNKNOWN


def _of_name(expr: ast.Name, evaluator: Evaluator, depth: int) -> ValueType:
    place = evaluator.place(expr, expr.id)
    if place is None:
        return ValueType.UNKNOWN
    bindings = place[1]
    annotated = {_of_annotation(b.annotation) for b in bindings if b.annotation is not None}
    if len(annotated) == 1 and len(bindings) == 1:
        return annotated.pop()
    types = []
    for binding in bindings[:8]:
        if binding.annotation is not None:
            types.append(_of_annotation(binding.annotation))
        elif binding.kind.value == "assign" and binding.value is not None and not binding.path:
            types.append(value_type(binding.value, evaluator, depth - 1))
        elif binding.kind.value == "augment" and types:
            continue
        else:
            return ValueType.UNKNOWN
    return _same(types)


def _of_annotation(annotation: ast.expr | None) -> ValueType:
    """The type that an annotation promises; ``str | None`` counts as text, as NULL compares with nothing."""
    if isinstance(annotation, ast.Constant):
        if annotation.value is None:
            return ValueType.NULL
        if isinstance(annotation.value, str):
            return _BY_ANNOTATION.get(annotation.value.strip(), ValueType.UNKNOWN)
    if isinstance(annotation, ast.Name):
        return _BY_ANNOTATION.get(annotation.id, ValueType.UNKNOWN)
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        return _same([_of_annotation(annotation.left), _of_annotation(annotation.right)])
    if isinstance(annotation, ast.Subscript) and isinstance(annotation.value, ast.Name):
        if annotation.value.id == "Optional":
            return _of_annotation(annotation.slice)
        if annotation.value.id == "Annotated" and isinstance(annotation.slice, ast.Tuple):
            return _of_annotation(annotation.slice.elts[0])
    return ValueType.UNKNOWN


def _of_value(value: object) -> ValueType:
    if value is None:
        return ValueType.NULL
    if isinstance(value, str):
        return ValueType.TEXT
    if isinstance(value, int | float):
        return ValueType.NUMBER
    return ValueType.BLOB if isinstance(value, bytes) else ValueType.UNKNOWN


def _same(types: list[ValueType]) -> ValueType:
    """The one type among ``types``, NULL aside."""
    found = set(types) - {ValueType.NULL}
    if not found:
        return ValueType.NULL if types else ValueType.UNKNOWN
    return found.pop() if len(found) == 1 else ValueType.UNKNOWN
