"""Attributes of the file's own classes: class constants, ``self.x``, fields of records."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, TypeVar

from sqlite_lint.hosts.expressions import last_name
from sqlite_lint.hosts.flow import Flow, State
from sqlite_lint.hosts.module import Binding, BindingKind, Function, name_of
from sqlite_lint.regex import regex

if TYPE_CHECKING:
    from sqlite_lint.hosts.evaluate import Evaluator
    from sqlite_lint.hosts.frame import Frame

S = TypeVar("S", bound=State)
_MAX_RECORDS: Final = 200
_BASE: Final = regex(r"_*(?:Base|Abstract)|.*(?:Base|ABC|Mixin)$")
_WRITTEN: Final = frozenset([BindingKind.ASSIGN, BindingKind.APPEND, BindingKind.EXTEND, BindingKind.AUGMENT])


class Classes:
    """The part of an ``Evaluator`` that knows classes."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._methods: dict[ast.ClassDef, dict[str, Function]] = {}
        self._attributes: dict[ast.ClassDef, dict[str, list[list[Binding]]]] = {}
        self._subclasses: dict[str, list[ast.ClassDef]] | None = None
        self._records: dict[str, list[ast.expr]] | None = None
        self._bases: dict[ast.ClassDef, bool] = {}
        self._memo: dict[tuple[str, ast.ClassDef, str], list[object]] = {}

    def states(self, what: str, expr: ast.Attribute, frame: Frame | None, flow: Flow[S]) -> list[S]:
        """What ``owner.name`` may be, as ``flow`` sees it: set in this method before, in the class, or in its kin."""
        module = self._evaluator.module
        before = [
            state
            for owner in self.owners(expr.value, frame)
            for state in self._class_states(what, owner, expr.attr, flow)
        ]
        key = name_of(expr)
        if key is None:
            return before
        scope = module.scope_of(expr).function
        bindings = scope.names.get(key)
        if not bindings or isinstance(scope.node, ast.ClassDef):
            return before
        return flow.at(bindings, scope.node, expr, before)

    def _class_states(self, what: str, owner: ast.ClassDef, name: str, flow: Flow[S]) -> list[S]:
        key = (what, owner, name)
        if key in self._memo:
            return self._memo[key]  # type: ignore[return-value]
        self._memo[key] = []  # a cycle of attributes that define each other ends here
        found: list[S] = []
        below = self._below(owner)
        for related in self._family(owner):
            found = self._own_states(related, name, flow)
            if found:
                if any(name in self._evaluator.module.scopes[other].names for other in below):
                    found = _of_class(found, owner, name, owner)
                break
        else:
            for other in below:
                found += _of_class(self._own_states(other, name, flow), owner, name, other)
        self._memo[key] = list(found)
        return found

    def _own_states(self, owner: ast.ClassDef, name: str, flow: Flow[S]) -> list[S]:
        scopes = self._evaluator.module.scopes
        body = scopes[owner].names.get(name, [])
        found = flow.at(body, owner, None, []) if body else []
        growing: list[list[Binding]] = []
        for bindings in self._in_methods(owner).get(name, ()):
            if bindings[0].kind is BindingKind.ASSIGN:
                found = [*found, *flow.at(bindings, bindings[0].scope.node, None, [])]
            else:
                growing.append(bindings)
        # What other methods add to a list or text, each on its own.
        base = found[:1]
        for bindings in growing:
            found = [*found, *(s for s in flow.at(bindings, bindings[0].scope.node, None, base) if s not in base)]
        return found

    def _in_methods(self, owner: ast.ClassDef) -> dict[str, list[list[Binding]]]:
        """Bindings of ``self.name`` by name, one list for each method."""
        known = self._attributes.get(owner)
        if known is None:
            known = self._attributes[owner] = {}
            for method in self.methods(owner).values():
                names = self._evaluator.module.scopes[method].names
                own = method.args.args[0].arg if method.args.args else ""
                for key, bindings in names.items():
                    if own and key.startswith(own + ".") and bindings[0].kind in _WRITTEN:
                        known.setdefault(key[len(own) + 1 :], []).append(bindings)
        return known

    def methods(self, owner: ast.ClassDef) -> dict[str, Function]:
        known = self._methods.get(owner)
        if known is None:
            known = self._methods[owner] = {
                statement.name: statement
                for statement in owner.body
                if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef)
            }
        return known

    def method(self, owner: ast.ClassDef, name: str) -> Function | None:
        """The method of this name in the class, or in one that it derives from."""
        for related in self._family(owner):
            found = self.methods(related).get(name)
            if found is not None:
                return found
        return None

    def is_base(self, method: Function) -> bool:
        """Tell whether a method's class is made to be derived from, by its name or by what it leaves open."""
        owner = self._evaluator.module.parents[method]
        if not isinstance(owner, ast.ClassDef):
            return False
        known = self._bases.get(owner)
        if known is None:
            known = self._bases[owner] = _BASE.match(owner.name) is not None or any(
                isinstance(node, ast.Raise) and "NotImplementedError" in ast.dump(node)
                for other in self.methods(owner).values()
                for node in other.body
            )
        return known

    def owners(self, expr: ast.expr, frame: Frame | None) -> list[ast.ClassDef]:
        """The classes of which ``expr`` may be an instance, or which it is."""
        module = self._evaluator.module
        if isinstance(expr, ast.Call):
            if isinstance(expr.func, ast.Name) and expr.func.id in ("super", "type"):
                inside = module.class_of(expr)
                return [] if inside is None else [inside]
            named = last_name(expr.func)
            # Other calls may return anything, and following each link of a long chain would cost too much.
            return self.owners(expr.func, frame) if named.lstrip("_")[:1].isupper() else []
        if isinstance(expr, ast.Attribute):
            if expr.attr == "__class__":
                return self.owners(expr.value, frame)
            return [
                c
                for value, inner in self._evaluator.expressions(expr, frame)[:4]
                if isinstance(value, ast.Call)
                for c in self.owners(value, inner)
            ]
        if not isinstance(expr, ast.Name):
            return []
        place = self._evaluator.place(expr, expr.id)
        if place is None:
            return []
        first = place[1][0]
        if first.kind is BindingKind.DEF:
            return [first.node] if isinstance(first.node, ast.ClassDef) else []
        if first.kind is BindingKind.PARAM:
            return self._of_parameter(first)
        values = self._evaluator.expressions(expr, frame)[:4]
        return [c for value, inner in values if isinstance(value, ast.Call) for c in self.owners(value, inner)]

    def _of_parameter(self, binding: Binding) -> list[ast.ClassDef]:
        """The class for ``self`` and ``cls``, and for a parameter annotated with a class of this file."""
        module = self._evaluator.module
        function = binding.scope.node
        parent = module.parents.get(function)
        if isinstance(parent, ast.ClassDef) and isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            plain = [*function.args.posonlyargs, *function.args.args]
            if plain and plain[0] is binding.node:
                return [parent]
        annotation = binding.annotation
        name = annotation.value if isinstance(annotation, ast.Constant) else getattr(annotation, "id", None)
        found = module.scopes[module.tree].names.get(name, []) if isinstance(name, str) else []
        return [b.node for b in found if isinstance(b.node, ast.ClassDef)]

    def foreign(self, expr: ast.Attribute) -> str | None:
        """The dotted name of an attribute that a class of this file has from one of another file."""
        module = self._evaluator.module
        for owner in self.owners(expr.value, None):
            for related in self._family(owner):
                for base in related.bases:
                    dotted = module.dotted(base)
                    if dotted is not None and dotted.split(".")[0] not in module.scopes[module.tree].names:
                        return f"{dotted}.{expr.attr}"
                    if isinstance(base, ast.Name) and base.id in module.imports:
                        return f"{module.imports[base.id]}.{expr.attr}"
        return None

    def record_fields(self, expr: ast.Attribute, frame: Frame | None) -> list[tuple[ast.expr, Frame | None]]:
        """The arguments from which records of the file's own classes, or of unknown ones, take the field."""
        if not isinstance(expr.value, ast.Name | ast.Attribute | ast.Subscript):
            return []
        behind = self._evaluator.expressions(expr.value, frame)
        calls = [(value, inner) for value, inner in behind if isinstance(value, ast.Call)]
        return [(given, inner) for call, inner in calls if (given := self._field(call, expr.attr)) is not None]

    def any_record_fields(self, name: str) -> list[ast.expr]:
        """What any record made in this file, of a class with a capital letter, is given for the field."""
        if self._records is None:
            self._records = {}
            for call in self._evaluator.module.calls:
                func = call.func
                called = last_name(func)
                for field in self._fields(call) if called[:1].isupper() else ():
                    given = self._field(call, field)
                    if given is not None:
                        self._records.setdefault(field, []).append(given)
        return self._records.get(name, [])[:_MAX_RECORDS]

    def _fields(self, call: ast.Call) -> list[str]:
        names = [keyword.arg for keyword in call.keywords if keyword.arg]
        for owner in self.owners(call.func, None) if isinstance(call.func, ast.Name) else []:
            names += self._positional(owner)
        return list(dict.fromkeys(names))

    def _positional(self, owner: ast.ClassDef) -> list[str]:
        """The fields of a class in the order of its constructor's parameters."""
        init = self.methods(owner).get("__init__")
        if init is not None:
            return [arg.arg for arg in init.args.args[1:]]
        return [s.target.id for s in owner.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)]

    def _field(self, call: ast.Call, name: str) -> ast.expr | None:
        for keyword in call.keywords:
            if keyword.arg == name:
                return keyword.value
        for owner in self.owners(call.func, None) if isinstance(call.func, ast.Name) else []:
            names = self._positional(owner)
            if name in names and names.index(name) < len(call.args):
                return call.args[names.index(name)]
        return None

    def _family(self, owner: ast.ClassDef) -> list[ast.ClassDef]:
        """The class and the classes of this file that it derives from, nearest first."""
        names = self._evaluator.module.scopes[self._evaluator.module.tree].names
        found = [owner]
        for related in found:
            for base in related.bases:
                for binding in names.get(base.id, []) if isinstance(base, ast.Name) else []:
                    if isinstance(binding.node, ast.ClassDef) and binding.node not in found:
                        found.append(binding.node)
        return found

    def _below(self, owner: ast.ClassDef) -> list[ast.ClassDef]:
        """The classes of this file that derive from ``owner`` directly."""
        if self._subclasses is None:
            self._subclasses = {}
            for cls in self._evaluator.module.classes:
                for base in cls.bases:
                    if isinstance(base, ast.Name):
                        self._subclasses.setdefault(base.id, []).append(cls)
        return self._subclasses.get(owner.name, [])


def _of_class(states: list[S], owner: ast.ClassDef, name: str, which: ast.ClassDef) -> list[S]:
    """The states of an attribute that classes set differently: which of them an object is of is assumed."""
    assumed = (state.assume(f"{name} of {owner.name}", which.name) for state in states)
    return [state for state in assumed if state is not None]


def is_property(node: ast.AST) -> bool:
    """Tell whether ``node`` is a function that reads like an attribute."""
    if not isinstance(node, ast.FunctionDef):
        return False
    names = {last_name(d) for d in node.decorator_list}
    return bool(names & {"property", "cached_property", "classproperty"})
