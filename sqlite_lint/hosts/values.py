"""What an expression is worth, as far as one file shows: numbers, texts with holes, dicts.

Nothing is executed.  An expression may have several values (branches, several assignments); each is a ``Value``, and
``UNKNOWN`` stands for those that cannot be read.  For texts whose place in the source matters see ``evaluate.py``.
"""

from __future__ import annotations

import ast
import enum
import operator
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from sqlite_lint.hosts.module import Binding, BindingKind, Module
from sqlite_lint.sql.tokens import HOLE

MAX_VALUES: Final = 12
MAX_DEPTH: Final = 12


class Unknown(enum.Enum):
    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN


@dataclass(frozen=True, slots=True)
class Value:
    """One value of an expression and the node that writes it.

    ``fallback`` marks a value that counts only where no other is given: the default of an environment variable, of a
    parameter, the right side of ``or``.
    """

    value: object
    node: ast.expr
    fallback: bool = False

    @property
    def known(self) -> bool:
        return self.value is not UNKNOWN


_NUMERIC: Final[dict[type[ast.operator], Callable[[float, float], float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}
# Functions and methods that hand on the text of their argument or receiver, as far as a file name is concerned.
_SAME_TEXT: Final = frozenset({"str", "fspath", "abspath", "expanduser", "realpath", "normpath", "expandvars", "quote"})
_SAME_PATH: Final = frozenset({"resolve", "absolute", "expanduser", "as_posix", "strip", "as_uri", "__str__"})
_PATHS: Final = frozenset({"Path", "PurePath", "PosixPath", "join", "joinpath"})
_ENVIRONMENT: Final = frozenset({"os.environ.get", "os.getenv", "environ.get", "getenv", "os.environ.setdefault"})


class Values:
    """Reads values in one module."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._classes = {cls.name: cls for cls in module.classes}
        self._members: dict[tuple[ast.AST, str, str], list[Binding]] = {}

    def of(self, node: ast.expr | None) -> tuple[Value, ...]:
        """All values of ``node``, at most ``MAX_VALUES``; () for None."""
        if node is None:
            return ()
        return tuple(_limited(self._read(node, MAX_DEPTH), node))

    def sole(self, node: ast.expr | None) -> object:
        """The value of ``node`` if it has exactly one and that is certain; else ``UNKNOWN``."""
        found = self.of(node)
        return found[0].value if len(found) == 1 and not found[0].fallback else UNKNOWN

    def _read(self, node: ast.expr, depth: int) -> Iterator[Value]:
        if depth <= 0:
            yield Value(UNKNOWN, node)
        elif isinstance(node, ast.Constant):
            yield Value(node.value, node)
        elif isinstance(node, ast.Name):
            yield from self._name(node, depth - 1)
        elif isinstance(node, ast.Attribute):
            yield from self._attribute(node, depth - 1)
        elif isinstance(node, ast.IfExp):
            yield from self._read(node.body, depth - 1)
            yield from self._read(node.orelse, depth - 1)
        elif isinstance(node, ast.BoolOp):
            for place, operand in enumerate(node.values):
                for value in self._read(operand, depth - 1):
                    yield replace(value, fallback=True) if place else value
        elif isinstance(node, ast.NamedExpr | ast.Await | ast.Starred):
            yield from self._read(node.value, depth - 1)
        elif isinstance(node, ast.UnaryOp):
            yield from self._negative(node, depth - 1)
        elif isinstance(node, ast.BinOp):
            yield from self._binary(node, depth - 1)
        elif isinstance(node, ast.JoinedStr):
            yield from self._template(node, depth - 1)
        elif isinstance(node, ast.Call):
            yield from self._call(node, depth - 1)
        elif isinstance(node, ast.Dict | ast.List | ast.Tuple | ast.Set):
            yield Value(node, node)
        else:
            yield Value(UNKNOWN, node)

    # -- names

    def bindings(self, node: ast.expr) -> list[Binding]:
        """The places that bind a name, ``self.name`` or ``Class.name``; [] where none is in sight."""
        module = self._module
        if isinstance(node, ast.Name):
            found = module.scope_of(node).lookup(node.id)
            return found[1] if found else []
        if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)):
            return []
        owner, key = node.value.id, f"{node.value.id}.{node.attr}"
        if owner in ("self", "cls"):
            holder: ast.AST | None = module.class_of(node)
        else:
            holder = self._classes.get(owner)
            if holder is None and (holder := self._made_of(node.value, node.attr)) is not None:
                key = f"self.{node.attr}"
        if holder is None:
            return []
        place = (holder, node.attr, key)
        if place not in self._members:
            found_here = [*module.scopes[holder].names.get(node.attr, ())]
            for statement in holder.body:  # type: ignore[attr-defined]
                if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                    found_here += module.scopes[statement].names.get(key, ())
            self._members[place] = found_here
        return self._members[place]

    def _made_of(self, name: ast.Name, attribute: str) -> ast.ClassDef | None:
        """The class of this module of which a name holds the one object, where that is not given the attribute."""
        found = self._module.scope_of(name).lookup(name.id)
        call = found[1][0].value if found is not None and len(found[1]) == 1 else None
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.args:
            return None
        if any(keyword.arg in (None, attribute) for keyword in call.keywords):
            return None
        stored = found is not None and f"{name.id}.{attribute}" in found[0].names
        return None if stored else self._classes.get(call.func.id)

    def _name(self, node: ast.Name, depth: int) -> Iterator[Value]:
        bindings = self.bindings(node)
        if not bindings:
            yield Value(UNKNOWN, node)
        for binding in bindings:
            yield from self._bound(binding, node, depth)

    def _attribute(self, node: ast.Attribute, depth: int) -> Iterator[Value]:
        bindings = self.bindings(node)
        may_differ = isinstance(node.value, ast.Name) and node.value.id not in {"self", "cls", *self._classes}
        if not bindings or may_differ:  # settings are read from elsewhere: what the class says is a default
            yield Value(UNKNOWN, node)
        for binding in bindings:
            for value in self._bound(binding, node, depth):
                yield replace(value, fallback=value.fallback or may_differ)

    def _bound(self, binding: Binding, use: ast.expr, depth: int) -> Iterator[Value]:
        if binding.value is None or binding.path:
            yield Value(UNKNOWN, use)
        elif binding.kind is BindingKind.ASSIGN:
            yield from self._read(binding.value, depth)
        elif binding.kind is BindingKind.PARAM:
            yield Value(UNKNOWN, use)
            for value in self._read(binding.value, depth):
                yield replace(value, fallback=True)
        elif binding.kind is BindingKind.AUGMENT:
            for value in self._read(binding.value, depth):
                yield Value(HOLE + value.value if isinstance(value.value, str) else UNKNOWN, use)
        else:
            yield Value(UNKNOWN, use)

    # -- operators

    def _negative(self, node: ast.UnaryOp, depth: int) -> Iterator[Value]:
        for value in self._read(node.operand, depth):
            if isinstance(node.op, ast.USub) and isinstance(value.value, int | float):
                yield Value(-value.value, node, value.fallback)
            elif isinstance(node.op, ast.Not) and isinstance(value.value, bool):
                yield Value(not value.value, node, value.fallback)
            else:
                yield Value(UNKNOWN, node)

    def _binary(self, node: ast.BinOp, depth: int) -> Iterator[Value]:
        if isinstance(node.op, ast.Mod):
            for value in self._read(node.left, depth):
                text = value.value
                yield Value(re.sub(r"%(\(\w+\))?[sdr]", HOLE, text) if isinstance(text, str) else UNKNOWN, node)
            return
        left = _limited(self._read(node.left, depth), node.left)
        right = _limited(self._read(node.right, depth), node.right)
        for one, other in product(left, right):
            yield Value(_combined(node.op, one.value, other.value), node, one.fallback or other.fallback)

    def _template(self, node: ast.JoinedStr, depth: int) -> Iterator[Value]:
        choices = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                choices.append([_as_text(value.value) for value in _limited(self._read(part.value, depth), part.value)])
            else:
                choices.append([_as_text(part.value) if isinstance(part, ast.Constant) else HOLE])
        count = 1
        for options in choices:
            count *= len(options)
            if count > MAX_VALUES:
                yield Value("".join(options[0] if len(options) == 1 else HOLE for options in choices), node)
                return
        for parts in product(*choices):
            yield Value("".join(parts), node)

    # -- calls

    def _call(self, node: ast.Call, depth: int) -> Iterator[Value]:
        name = self._module.dotted(node.func) or ""
        last = node.func.attr if isinstance(node.func, ast.Attribute) else name.rpartition(".")[2]
        if name in _ENVIRONMENT or (last == "get" and name.endswith("environ.get")):
            yield Value(UNKNOWN, node)
            for value in self._read(node.args[1], depth) if len(node.args) > 1 else ():
                yield replace(value, fallback=True)
        elif last == "dict" and not node.args:
            yield Value(node, node)
        elif last in ("int", "float") and len(node.args) == 1:
            yield from self._number(node, depth)
        elif last in _PATHS and (node.args or isinstance(node.func, ast.Attribute)):
            yield from self._path(node, last, depth)
        elif last in _SAME_TEXT and len(node.args) == 1:
            yield from self._read(node.args[0], depth)
        elif isinstance(node.func, ast.Attribute) and last in _SAME_PATH and not node.args:
            yield from self._read(node.func.value, depth)
        elif isinstance(node.func, ast.Attribute) and last == "format":
            for value in self._read(node.func.value, depth):
                text = value.value
                yield Value(re.sub(r"\{[^{}]*\}", HOLE, text) if isinstance(text, str) else UNKNOWN, node)
        else:
            yield Value(UNKNOWN, node)

    def _number(self, node: ast.Call, depth: int) -> Iterator[Value]:
        for value in self._read(node.args[0], depth):
            yield Value(_as_number(value.value), node, value.fallback)

    def _path(self, node: ast.Call, last: str, depth: int) -> Iterator[Value]:
        if len(node.args) == 1 and last == "Path":
            yield from self._read(node.args[0], depth)
            return
        if not node.args:
            yield Value(HOLE, node)
            return
        before = node.args[:-1]
        if last == "joinpath" and isinstance(node.func, ast.Attribute):
            before = [node.func.value, *before]
        above = "/".join(self._certain_text(part, depth) for part in before).rstrip("/") if before else HOLE
        for value in self._read(node.args[-1], depth):
            yield Value(f"{above}/{_as_text(value.value)}", node, value.fallback)

    def _certain_text(self, node: ast.expr, depth: int) -> str:
        """The text of ``node`` if it has one only, a hole in its place if not."""
        found = _limited(self._read(node, depth), node)
        return _as_text(found[0].value) if len(found) == 1 else HOLE

    # -- dicts

    def entries(self, node: ast.expr, depth: int = 4) -> dict[str, ast.expr] | None:
        """Keys and values of a dict literal or ``dict(key=value)``, as written; None where it is neither, or open:
        a ``**other`` that cannot be read, a computed key."""
        found: dict[str, ast.expr] = {}
        pairs: Iterable[tuple[ast.expr | None, ast.expr]]
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
        elif isinstance(node, ast.Call) and self._module.dotted(node.func) == "dict" and not node.args:
            pairs = [(ast.Constant(k.arg) if k.arg else None, k.value) for k in node.keywords]
        else:
            return None
        for key, value in pairs:
            if key is None:
                merged = self.of(value) if depth else ()
                sole = merged[0].value if len(merged) == 1 else None
                inner = self.entries(sole, depth - 1) if isinstance(sole, ast.expr) else None
                if inner is None:
                    return None
                found.update(inner)
                continue
            name = key.value if isinstance(key, ast.Constant) else self.sole(key)
            if not isinstance(name, str):
                return None
            found[name] = value
        return found


def _limited(values: Iterable[Value], node: ast.expr) -> list[Value]:
    found: list[Value] = []
    for value in values:
        if len(found) == MAX_VALUES:
            return [*found[:-1], Value(UNKNOWN, node)]
        found.append(value)
    return found


def _combined(op: ast.operator, left: object, right: object) -> object:
    if isinstance(left, int | float) and isinstance(right, int | float):
        compute = _NUMERIC.get(type(op))
        if isinstance(op, ast.Pow):
            compute = operator.pow if abs(right) < 20 and abs(left) < 1000 else None
        try:
            return compute(left, right) if compute else UNKNOWN
        except (ArithmeticError, ValueError):
            return UNKNOWN
    if isinstance(op, ast.Div):
        return f"{_as_text(left)}/{_as_text(right)}"
    if isinstance(op, ast.Add) and (isinstance(left, str) or isinstance(right, str)):
        return _as_text(left) + _as_text(right)
    return UNKNOWN


def _as_number(value: object) -> object:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return UNKNOWN


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else HOLE
