"""What names and attributes of one module may hold, without any flow: on top of the module's scopes."""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from sqlite_lint.hosts.engines import vocabulary
from sqlite_lint.hosts.expressions import blocks
from sqlite_lint.hosts.module import Binding, BindingKind, Function, Module

FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
_TELLING: Final = vocabulary("dialect engine backend db_engine compiler vendor database_engine")
_LOOKED_BACK: Final = 40  # bindings of one name before a place


class Lookup:
    """Answers what a name, an attribute, a function's name stands for; several values where several are assigned."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self._orders: dict[int, list[int]] = {}
        self._sorted: dict[int, list[int]] = {}
        self._reads: dict[str, list[int]] = {}

    def name(self, node: ast.Name) -> list[Binding]:
        """The bindings of a name, in the nearest scope that has any, that can be in force at ``node``."""
        scope = self.module.scope_of(node)
        found = scope.lookup(node.id)
        if found is None:
            return []
        if len(found[1]) == 1 or found[0] is not scope:
            return found[1]
        return self._in_force(node, found[1])

    def _in_force(self, node: ast.AST, bindings: list[Binding]) -> list[Binding]:
        """Drop the bindings that a later one, on every way to ``node``, has replaced, and those after ``node``."""
        order = self.module.order
        around = set(self.module.ancestors(node))
        orders = self._orders.get(id(bindings))
        if orders is None:
            orders = self._orders[id(bindings)] = [order.get(each.node, -1) for each in bindings]
        if orders != self._sorted.setdefault(id(bindings), sorted(orders)):
            return bindings
        upto = bisect_left(orders, order[node])
        for place in range(upto - 1, max(upto - 1 - _LOOKED_BACK, -1), -1):
            binding = bindings[place]
            opens = binding.kind in {BindingKind.WITH, BindingKind.ITERATE} and binding.node in around
            if opens or (binding.kind is BindingKind.ASSIGN and self._always_before(binding.node, around)):
                last = orders[place]
                first = bisect_left(orders, last)
                return bindings[first : bisect_right(orders, order[node])]
        return bindings

    def _always_before(self, statement: ast.AST, around: set[ast.AST]) -> bool:
        """Tell whether ``statement`` stands in one of the blocks that lead to a node: all ways pass it."""
        parent = self.module.parents.get(statement)
        if parent not in around or statement in around:
            return False
        return any(self.holds(block, statement) and self._leads(block, around) for block in blocks(parent))

    def _leads(self, block: list[ast.stmt], around: set[ast.AST]) -> bool:
        inside = (node for node in around if self.module.parents.get(node) is self.module.parents.get(block[0]))
        return any(isinstance(node, ast.stmt) and self.holds(block, node) for node in inside)

    def holds(self, block: list[ast.stmt], node: ast.AST) -> bool:
        """Tell whether ``node`` stands in ``block``, however deep."""
        order = self.module.order
        return bool(block) and order[block[0]] <= order[node] <= self.module.last[block[-1]]

    def reads_between(self, name: str, first: int, last: int) -> list[ast.AST]:
        """Where a name is read, from one place in the module's order to another."""
        uses = self.references.get(name, [])
        if name not in self._reads:
            uses.sort(key=self.module.order.__getitem__)
            self._reads[name] = [self.module.order[use] for use in uses]
        places = self._reads[name]
        return uses[bisect_left(places, first) : bisect_right(places, last)]

    def value(self, node: ast.Name) -> ast.expr | None:
        """The one expression that a name is assigned; None where there are none or several."""
        bindings = self.name(node)
        if len(bindings) == 1 and bindings[0].kind is BindingKind.ASSIGN and not bindings[0].path:
            return bindings[0].value
        return None

    def attribute(self, node: ast.Attribute) -> list[Binding]:
        """What ``self.attr`` is given in the class around it and its bases in this module; else ``x.attr`` anywhere."""
        if not is_self(node.value):
            return self._attributes.get((None, node.attr), [])
        owner = self.module.class_of(node)
        seen: set[ast.ClassDef] = set()
        while owner is not None and owner not in seen:
            seen.add(owner)
            found = self._attributes.get((owner, node.attr))
            if found:
                return found
            bases = [self.classes.get(base.id) for base in owner.bases if isinstance(base, ast.Name)]
            owner = next((base for base in bases if base is not None), None)
        return []

    def annotations(self, node: ast.Name | ast.Attribute) -> list[ast.expr]:
        """The annotations of a name, or of an attribute in its class (dataclass fields and the like)."""
        if isinstance(node, ast.Name):
            return self.annotations_of(node.id, self.name(node), self.module.scope_of(node).node)
        owner = self.module.class_of(node) if is_self(node.value) else None
        found = [each.annotation for each in self.attribute(node) if each.annotation is not None]
        return found + self._annotations.get((owner, node.attr), [])

    def annotations_of(self, name: str, bindings: list[Binding], scope: ast.AST) -> list[ast.expr]:
        """The annotations of a name with these bindings, as read in ``scope``."""
        found = [each.annotation for each in bindings if each.annotation is not None]
        return found + self._annotations.get((scope, name), [])

    def function(self, name: str) -> Function | None:
        """The module's own function of this name; None where there is none or more than one."""
        found = self.functions.get(name, [])
        if len(found) == 1 and not isinstance(self.module.parents.get(found[0]), ast.ClassDef):
            return found[0]
        return None

    def method(self, node: ast.Attribute) -> Function | None:
        """The method or property that ``self.attr`` names in the class around it."""
        owner = self.module.class_of(node) if is_self(node.value) else None
        if owner is None:
            return None
        for function in self.functions.get(node.attr, ()):
            if self.module.parents.get(function) is owner:
                return function
        return None

    def calls_of(self, name: str) -> list[ast.Call]:
        """The calls of what goes by this name, as a plain name or as an attribute."""
        parents = self.module.parents
        found = [(node, parents.get(node)) for node in self.references.get(name, ())]
        return [call for node, call in found if isinstance(call, ast.Call) and call.func is node]

    def argument(self, function: Function, call: ast.Call, parameter: str) -> ast.expr | None:
        """What ``call`` hands to a parameter of ``function``; None where that cannot be told."""
        for keyword in call.keywords:
            if keyword.arg == parameter:
                return keyword.value
        names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
        if isinstance(self.module.parents.get(function), ast.ClassDef) and names[:1] in (["self"], ["cls"]):
            names = names[1:]
        if parameter not in names or any(isinstance(each, ast.Starred) for each in call.args):
            return None
        place = names.index(parameter)
        return call.args[place] if place < len(call.args) else None

    def names_around(self, node: ast.AST) -> Iterator[tuple[str, str]]:
        """What the code around ``node`` is called, nearest first: ("variable" | "function" | "class", its name)."""
        child = node
        for parent in self.module.ancestors(node):
            if isinstance(parent, ast.Assign) and child is parent.value:
                for target in parent.targets:
                    if isinstance(target, ast.Name | ast.Attribute):
                        yield "variable", target.id if isinstance(target, ast.Name) else target.attr
            elif isinstance(parent, ast.AnnAssign) and isinstance(parent.target, ast.Name | ast.Attribute):
                yield "variable", parent.target.id if isinstance(parent.target, ast.Name) else parent.target.attr
            elif isinstance(parent, FUNCTIONS):
                yield "function", parent.name
                yield from _annotated(parent)
            elif isinstance(parent, ast.ClassDef):
                yield "class", parent.name
                for base in parent.bases:
                    if isinstance(base, ast.Name | ast.Attribute):
                        yield "base class", base.id if isinstance(base, ast.Name) else base.attr
            child = parent

    @cached_property
    def functions(self) -> dict[str, list[Function]]:
        found: dict[str, list[Function]] = defaultdict(list)
        for function in self.module.functions:
            found[function.name].append(function)
        return found

    @cached_property
    def classes(self) -> dict[str, ast.ClassDef]:
        return {node.name: node for node in self.module.classes}

    @cached_property
    def references(self) -> dict[str, list[ast.AST]]:
        """Where each name is read, as a plain name or as an attribute."""
        found: dict[str, list[ast.AST]] = defaultdict(list)
        for node in self.module.of(ast.Name, ast.Attribute):
            if isinstance(node.ctx, ast.Load):
                found[node.id if isinstance(node, ast.Name) else node.attr].append(node)
        return found

    @cached_property
    def _attributes(self) -> dict[tuple[ast.AST | None, str], list[Binding]]:
        found: dict[tuple[ast.AST | None, str], list[Binding]] = defaultdict(list)
        for node, scope in self.module.scopes.items():
            owner = node if isinstance(node, ast.ClassDef) else self.module.class_of(node)
            for name, bindings in scope.names.items():
                first, dot, attribute = name.partition(".")
                if isinstance(node, ast.ClassDef) and not dot:
                    found[node, name] += bindings
                elif dot and first in {"self", "cls"}:
                    found[owner, attribute] += bindings
                elif dot:
                    found[None, attribute] += bindings
        return found

    @cached_property
    def _annotations(self) -> dict[tuple[ast.AST | None, str], list[ast.expr]]:
        found: dict[tuple[ast.AST | None, str], list[ast.expr]] = defaultdict(list)
        for node in self.module.of(ast.AnnAssign):
            if isinstance(node.target, ast.Name):
                found[self.module.scope_of(node).node, node.target.id].append(node.annotation)
            elif isinstance(node.target, ast.Attribute) and is_self(node.target.value):
                found[self.module.class_of(node), node.target.attr].append(node.annotation)
        return found


def _annotated(function: Function) -> Iterator[tuple[str, str]]:
    """The type of a parameter that says which engine is in use: ``dialect: PostgresDialect``."""
    registered = any(".register" in ast.unparse(each) for each in function.decorator_list)
    for each in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs):
        if isinstance(each.annotation, ast.Name | ast.Attribute) and (registered or each.arg in _TELLING):
            yield "parameter of type", ast.unparse(each.annotation).rpartition(".")[2]


def is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in {"self", "cls"}


def returned(function: Function) -> list[ast.expr]:
    """The expressions that a function returns or yields."""
    found: list[ast.expr] = []
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop()
        if isinstance(node, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            continue
        if isinstance(node, ast.Return | ast.Yield) and node.value is not None:
            found.append(node.value)
        stack.extend(ast.iter_child_nodes(node))
    return found
