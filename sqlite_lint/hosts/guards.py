"""Which engines can be in use where a node of the code runs: branches, early exits, dicts keyed by dialect, decorators.

A guard is any code that decides by the engine in use.  Each gives a set of engines; all guards around a place hold at
once, so their sets are intersected.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Final

from sqlite_lint.hosts.conditions import Conditions, Truth
from sqlite_lint.hosts.engines import ANY, NONE, Engines, engines, mention, named, vocabulary
from sqlite_lint.hosts.exits import Exits, narrow
from sqlite_lint.hosts.expressions import called, elements
from sqlite_lint.hosts.lookup import FUNCTIONS, Lookup, returned
from sqlite_lint.hosts.marks import Marks, class_engines
from sqlite_lint.hosts.module import COMPREHENSIONS, Function, Module
from sqlite_lint.hosts.patterns import pattern_truth

_CALLERS: Final = 20  # how far to look for the callers of callers
_REFERENCES: Final = 24  # a function used more often than this is no helper of one branch

_KEYWORDS: Final = vocabulary(
    "dialect dialects vendor engine backend db_type database_type db_vendor bind read provider dbms only_on on"
)
_ASKING: Final = vocabulary("only if on for when requires require guard needs unless except not dialect engine")
_SETTING_UP: Final = vocabulary("setUp setUpClass asyncSetUp setup_method setup_class")
_MAKING: Final = vocabulary("__init__ __new__ __post_init__ __attrs_post_init__ model_post_init")


class Guards:
    """Reads the guards of one module."""

    def __init__(self, module: Module, lookup: Lookup) -> None:
        self._module = module
        self.lookup = lookup
        self._conditions = Conditions(module, lookup)
        self._marks = Marks(self._conditions)
        self._exits = Exits(module, lookup, self._conditions)
        self._places: dict[ast.AST, Engines] = {}
        self._uses: dict[ast.AST, Engines] = {}
        self._depth = 0
        self._classes: dict[tuple[ast.ClassDef, bool], Engines] = {}

    def at(self, node: ast.AST) -> Engines:
        """The engines with which ``node`` may run, as the guards around it and around its callers say."""
        found = self._around(node)
        if found.excludes_sqlite or found.only_sqlite:
            return found
        return narrow(self._by_callers(node), found)

    # -- guards around a place

    def _around(self, node: ast.AST) -> Engines:
        """Intersect the guards of all ancestors; each ancestor's own answer is kept, as many nodes share it."""
        path: list[tuple[ast.AST, ast.AST]] = []
        child, found = node, ANY
        for parent in self._module.ancestors(node):
            known = self._places.get(child)
            if known is not None:
                found = known
                break
            path.append((child, parent))
            child = parent
        for child, parent in reversed(path):
            found = narrow(found, self._step(child, parent))
            self._places[child] = found
        return found

    def _step(self, child: ast.AST, parent: ast.AST) -> Engines:
        """What ``parent`` says of the engines for its part ``child``."""
        step = self._steps.get(type(parent))
        found = ANY if step is None else step(child, parent)
        if isinstance(child, ast.stmt):
            found = narrow(found, self._exits.before(child, parent))
        return found

    @cached_property
    def _steps(self) -> dict[type[ast.AST], Callable[[ast.AST, Any], Engines]]:
        """What reads the guards that each kind of node is, for a part of it."""
        return {
            **dict.fromkeys((ast.If, ast.While), self._branch),
            ast.IfExp: self._if_exp,
            ast.BoolOp: self._bool_op,
            **dict.fromkeys(COMPREHENSIONS, self._comprehension),
            ast.match_case: self._case,
            ast.Dict: self._dict,
            ast.Tuple: lambda child, parent: self._labelled(child, parent.elts),
            ast.List: self._command,
            ast.keyword: self._keyword,
            ast.Call: self._call,
            **dict.fromkeys((ast.With, ast.AsyncWith), self._inside),
            **dict.fromkeys((ast.For, ast.AsyncFor), self._loop),
            ast.Attribute: self._chained,
            ast.Assign: self._assigned,
            **dict.fromkeys((*FUNCTIONS, ast.ClassDef), self._definition),
        }

    def _if_exp(self, child: ast.AST, parent: ast.IfExp) -> Engines:
        truth = self._conditions.truth(parent.test)
        return truth.true if child is parent.body else truth.false if child is parent.orelse else ANY

    def _keyword(self, child: ast.AST, parent: ast.keyword) -> Engines:
        return _engines(mention(parent.arg).names) if parent.arg and named(parent.arg) else ANY

    def _loop(self, child: ast.AST, parent: ast.For | ast.AsyncFor) -> Engines:
        return self._conditions.all_denoted(parent.iter) if child in parent.body and elements(parent.iter) else ANY

    def _branch(self, child: ast.AST, parent: ast.If | ast.While) -> Engines:
        if child is parent.test:
            return ANY
        truth = self._conditions.truth(parent.test)
        if truth == (ANY, ANY):
            return ANY
        return (
            truth.true if self.lookup.holds(parent.body, child) else truth.false if isinstance(parent, ast.If) else ANY
        )

    def _bool_op(self, child: ast.AST, parent: ast.BoolOp) -> Engines:
        found = ANY
        for value in parent.values:
            if value is child:
                break
            truth = self._conditions.truth(value)
            found &= truth.true if isinstance(parent.op, ast.And) else truth.false
        return found

    def _comprehension(self, child: ast.AST, parent: ast.AST) -> Engines:
        found = ANY
        if not isinstance(child, ast.comprehension):
            for generator in getattr(parent, "generators", ()):
                for test in generator.ifs:
                    found &= self._conditions.truth(test).true
        return found

    def _case(self, child: ast.AST, case: ast.match_case) -> Engines:
        match = self._module.parents[case]
        assert isinstance(match, ast.Match)
        found = ANY
        for each in match.cases:
            truth = pattern_truth(each.pattern, self._conditions)
            if each.guard is not None:
                guard = self._conditions.truth(each.guard)
                truth = Truth(truth.true & guard.true, truth.false | guard.false)
            if each is case:
                return found & truth.true
            found &= truth.false
        return found

    def _dict(self, child: ast.AST, parent: ast.Dict) -> Engines:
        for key, value in zip(parent.keys, parent.values, strict=True):
            if value is not child and isinstance(key, ast.Constant) and key.value in _KEYWORDS:
                names = self._conditions.denotes(value)
                if names:
                    return engines(names)
        for key, value in zip(parent.keys, parent.values, strict=True):
            if value is child and key is not None:
                if isinstance(key, ast.Tuple):
                    return _engines(frozenset().union(*(self._conditions.denotes(each) for each in key.elts)))
                return _engines(self._conditions.denotes(key) or class_engines(key))
        return ANY

    def _labelled(self, child: ast.AST, parts: Sequence[ast.expr]) -> Engines:
        """``("postgresql", "SELECT ...")``: a text beside an engine's name, or a list of them."""
        for part in parts:
            if part is child:
                continue
            names = self._conditions.denotes(part)
            if isinstance(part, ast.Tuple | ast.List | ast.Set):
                names = frozenset().union(*(self._conditions.denotes(each) for each in part.elts))
            if names:
                return engines(names)
        return ANY

    def _command(self, child: ast.AST, parent: ast.List) -> Engines:
        """``["psql", "-c", "SELECT ..."]``."""
        return self._labelled(child, [part for part in parent.elts if isinstance(part, ast.Constant)])

    def _call(self, child: ast.AST, parent: ast.Call) -> Engines:
        found = ANY
        for keyword in parent.keywords:
            if keyword is not child and keyword.arg in _KEYWORDS:
                found &= self._conditions.all_denoted(keyword.value)
        if child in parent.args:
            others = [each for each in parent.args if isinstance(each, ast.Constant | ast.Attribute | ast.Tuple)]
            found = narrow(found, self._labelled(child, others))
        return found

    def _chained(self, child: ast.AST, attribute: ast.Attribute) -> Engines:
        """``DDL("...").execute_if(dialect="postgresql")`` and ``stmt.compile(dialect=postgresql.dialect())``."""
        call = self._module.parents.get(attribute)
        if isinstance(call, ast.Call) and call.func is attribute:
            for keyword in call.keywords:
                if keyword.arg in {"dialect", "vendor"}:
                    return self._conditions.all_denoted(keyword.value)
                if keyword.arg == "callable_":
                    return self._asked_by(keyword.value)
        return ANY

    def _asked_by(self, condition: ast.expr) -> Engines:
        """A function that tells whether to run: ``lambda ddl, target, bind, **kw: bind.dialect.name == "mysql"``."""
        function = self.lookup.function(condition.id) if isinstance(condition, ast.Name) else None
        values = [condition.body] if isinstance(condition, ast.Lambda) else returned(function) if function else []
        return self._conditions.truth(values[0]).true if len(values) == 1 else ANY

    def _inside(self, child: ast.AST, parent: ast.With | ast.AsyncWith) -> Engines:
        """``with only_on("postgresql"):`` and its like; a connection named for an engine is no guard."""
        found = ANY
        for item in parent.items:
            call = item.context_expr
            if child in parent.body and isinstance(call, ast.Call) and _ASKING.intersection(mention(called(call)).rest):
                found &= self._marks.decorator(call)
        return found

    def _assigned(self, child: ast.AST, assign: ast.Assign) -> Engines:
        """``QUERIES["postgresql"] = "..."``, and a default that a later branch replaces."""
        if child is not assign.value:
            return ANY
        target = assign.targets[0]
        if isinstance(target, ast.Subscript):
            return _engines(self._conditions.denotes(target.slice))
        return self._exits.surviving(assign, target.id) if isinstance(target, ast.Name) else ANY

    # -- definitions

    def _definition(self, child: ast.AST, parent: Function | ast.ClassDef) -> Engines:
        if child in parent.decorator_list:
            return ANY
        found = ANY
        for decorator in parent.decorator_list:
            found &= self._marks.decorator(decorator)
        if isinstance(parent, ast.ClassDef):
            alone = isinstance(child, FUNCTIONS) and child.name in _SETTING_UP | _MAKING
            key = (parent, alone)
            if key not in self._classes:
                self._classes[key] = self._class(parent, alone)
            found &= self._classes[key]
        return found

    def _class(self, node: ast.ClassDef, alone: bool) -> Engines:
        """What a class says of its methods; ``alone`` leaves out those that set it up."""
        found = ANY
        for statement in node.body:
            if isinstance(statement, ast.Assign | ast.AnnAssign):
                found &= self._marks.assignment(statement)
            elif isinstance(statement, FUNCTIONS):
                if statement.name in _SETTING_UP:
                    found &= ANY if alone else self._exits.block(statement.body)
                elif statement.name in _MAKING:
                    found &= ANY if alone else self._exits.demanded(statement.body)
                else:
                    found &= self._marks.property(statement)
        return found

    @cached_property
    def module_marks(self) -> Engines:
        """What marks at the top of a test module say."""
        found = ANY
        for statement in self._module.tree.body:
            if isinstance(statement, ast.Assign | ast.AnnAssign):
                found &= self._marks.assignment(statement)
        return found

    # -- callers

    def _by_callers(self, node: ast.AST) -> Engines:
        """The engines with which the function or class around ``node`` is used, if all its uses are guarded."""
        for parent in self._module.ancestors(node):
            if isinstance(parent, (*FUNCTIONS, ast.ClassDef)):
                found = self._uses.get(parent)
                if found is None:
                    self._uses[parent] = ANY  # a function that calls itself
                    found = self._uses[parent] = self._by_uses(parent)
                if found != ANY:
                    return found
        return ANY

    def _by_uses(self, definition: Function | ast.ClassDef) -> Engines:
        if len(self.lookup.functions.get(definition.name, ())) > 1 or self._depth >= _CALLERS:
            return ANY
        module = self._module
        first, last = module.order[definition], module.last[definition]
        uses = self.lookup.references.get(definition.name, [])
        outside = [use for use in uses if not first <= module.order[use] <= last]
        if not outside or len(outside) > _REFERENCES:
            return ANY
        found = NONE
        self._depth += 1
        for use in outside:
            found |= self.at(use)
            if found == ANY:
                break
        self._depth -= 1
        return found


def _engines(names: frozenset[str]) -> Engines:
    return engines(names) if names else ANY
