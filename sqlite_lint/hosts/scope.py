"""Builds the scopes of a module: which names each function, class and comprehension binds, and by what."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from sqlite_lint.hosts.module import SCOPES, Binding, BindingKind, Module, Scope, imported_names, name_of

_APPENDING: Final = {"append": 0, "add": 0, "appendleft": 0, "insert": 1}
_EXTENDING: Final = {"extend": 0, "update": 0}
_BINDING: Final = frozenset(
    [
        *(ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr, ast.For, ast.AsyncFor, ast.comprehension, ast.With),
        *(ast.AsyncWith, ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Call),
        *(ast.Global, ast.Nonlocal, ast.ExceptHandler, ast.MatchAs, ast.MatchStar),
    ]
)
_SOUGHT: Final = tuple(_BINDING.union(SCOPES))
_DEFINITIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_MUTATIONS: Final = frozenset({BindingKind.APPEND, BindingKind.EXTEND})


def build_scopes(module: Module) -> dict[ast.AST, Scope]:
    """All scopes of ``module`` by the node that opens each."""
    root = Scope(module.tree, None)
    scopes: dict[ast.AST, Scope] = {module.tree: root}
    mutations: list[Binding] = []
    for node in module.of(*_SOUGHT):
        scope = _scope_around(node, scopes, module)
        if isinstance(node, SCOPES):
            own = scopes[node] = Scope(node, scope)
            for binding in _parameters(node, own):
                own.names.setdefault(binding.name, []).append(binding)
        if type(node) not in _BINDING:
            continue
        for binding in _bindings(node, scope):
            if binding.kind in _MUTATIONS:
                mutations.append(binding)
            else:
                binding.scope.names.setdefault(binding.name, []).append(binding)
    _attach(mutations, module)
    return scopes


def _scope_around(node: ast.AST, scopes: dict[ast.AST, Scope], module: Module) -> Scope:
    """The scope in which ``node`` binds; those around it are known, as they begin before it."""
    child = node
    for parent in module.ancestors(node):
        scope = scopes.get(parent)
        if scope is not None:
            is_outside = isinstance(parent, _DEFINITIONS) and not isinstance(child, ast.stmt)
            return scope.parent or scope if is_outside else scope
        child = parent
    return scopes[module.tree]


def _attach(mutations: list[Binding], module: Module) -> None:
    """Give each ``name.append(...)`` to the scope that binds the name: a call binds none itself."""
    touched: dict[int, list[Binding]] = {}
    for binding in mutations:
        found = binding.scope.lookup(binding.name)
        if found is not None:
            bindings = found[1]
        elif "." in binding.name:
            bindings = binding.scope.names.setdefault(binding.name, [])
        else:
            continue
        bindings.append(binding)
        touched[id(bindings)] = bindings
    for bindings in touched.values():
        bindings.sort(key=lambda binding: module.order.get(binding.node, -1))


def _parameters(node: ast.AST, scope: Scope) -> Iterator[Binding]:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return
    arguments = node.args
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(arguments.defaults))
    defaults += arguments.defaults
    for arg, default in [
        *zip(plain, defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]:
        yield Binding(BindingKind.PARAM, arg.arg, arg, scope, default, annotation=arg.annotation)
    for rest in (arguments.vararg, arguments.kwarg):
        if rest is not None:
            yield Binding(BindingKind.OTHER, rest.arg, rest, scope)


def _bindings(node: ast.AST, scope: Scope) -> Iterator[Binding]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _targets(target, BindingKind.ASSIGN, node, scope, node.value)
    elif isinstance(node, ast.AnnAssign):
        if node.value is not None:
            yield from _targets(node.target, BindingKind.ASSIGN, node, scope, node.value, annotation=node.annotation)
    elif isinstance(node, ast.AugAssign):
        if isinstance(node.op, ast.Add):
            yield from _targets(node.target, BindingKind.AUGMENT, node, scope, node.value)
        else:
            yield from _targets(node.target, BindingKind.OTHER, node, scope, None)
    elif isinstance(node, ast.NamedExpr):
        yield Binding(BindingKind.ASSIGN, node.target.id, node, scope.function, node.value)
    elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        yield from _targets(node.target, BindingKind.ITERATE, node, scope, node.iter)
    elif isinstance(node, ast.With | ast.AsyncWith):
        for item in node.items:
            if item.optional_vars is not None:
                yield from _targets(item.optional_vars, BindingKind.WITH, node, scope, item.context_expr)
    elif isinstance(node, ast.Import | ast.ImportFrom):
        for local, dotted in imported_names(node):
            yield Binding(BindingKind.IMPORT, local, node, scope, dotted=dotted)
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield Binding(BindingKind.DEF, node.name, node, scope)
    elif isinstance(node, ast.Call):
        yield from _mutation(node, scope)
    else:
        yield from _opaque(node, scope)


def _opaque(node: ast.AST, scope: Scope) -> Iterator[Binding]:
    """Names bound to something that no expression in sight says."""
    if isinstance(node, ast.Global | ast.Nonlocal):
        scope.outer_names.update(node.names)
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        yield Binding(BindingKind.OTHER, node.name, node, scope)


def _targets(
    target: ast.expr,
    kind: BindingKind,
    node: ast.AST,
    scope: Scope,
    value: ast.expr | None,
    path: tuple[int, ...] = (),
    annotation: ast.expr | None = None,
) -> Iterator[Binding]:
    if isinstance(target, ast.Tuple | ast.List):
        starred = False
        for place, element in enumerate(target.elts):
            starred = starred or isinstance(element, ast.Starred)
            if starred:  # places after a star cannot be counted
                yield from _targets(element, BindingKind.OTHER, node, scope, None)
            else:
                yield from _targets(element, kind, node, scope, value, (*path, place))
        return
    if isinstance(target, ast.Starred):
        target = target.value
    name = name_of(target)
    if name is not None:
        yield Binding(kind, name, node, scope, value, path, annotation)


def _mutation(call: ast.Call, scope: Scope) -> Iterator[Binding]:
    """``names.append(value)`` and its like: a list that grows."""
    function = call.func
    if not isinstance(function, ast.Attribute) or call.keywords:
        return
    for table, kind in ((_APPENDING, BindingKind.APPEND), (_EXTENDING, BindingKind.EXTEND)):
        place = table.get(function.attr)
        name = name_of(function.value) if place is not None else None
        if name is not None and place is not None and len(call.args) == place + 1:
            yield Binding(kind, name, call, scope.function, call.args[place])
