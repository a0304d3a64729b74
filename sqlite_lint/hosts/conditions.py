"""What a condition says of the engine: ``dialect.name == "postgresql"``, ``is_sqlite(url)``, ``isinstance(...)``."""

from __future__ import annotations

import ast
from typing import Final, NamedTuple

from sqlite_lint.hosts.engines import ANY, NONE, Engines, denoted, engines, mention, named, text_engines, vocabulary
from sqlite_lint.hosts.expressions import constant_truth, elements, is_none, may_name_engine, suffix, union
from sqlite_lint.hosts.libraries import library
from sqlite_lint.hosts.lookup import FUNCTIONS, Lookup, is_self, returned
from sqlite_lint.hosts.module import Module

_DEPTH: Final = 6


class Truth(NamedTuple):
    """The engines for which a condition may hold, and those for which it may fail."""

    true: Engines
    false: Engines

    def __invert__(self) -> Truth:
        return Truth(self.false, self.true)


SILENT: Final = Truth(ANY, ANY)

# Besides an engine's name, a flag's name may hold only these; "sqlite_path" or "postgres_pool" is an object.
_ASKING: Final = vocabulary(
    "is are use uses used using on for with running run runs want wants needs only target targets targeting"
)
_FLAG: Final = vocabulary(
    "db database backend engine dialect mode flag enabled enable url uri dsn connection conn vendor driver "
    "store storage like family variant server current active s my our default"
)
_SETTINGS: Final = vocabulary("get getenv getboolean getbool get_bool bool config env setting getoption")
_DENYING: Final = vocabulary("not non no without isnt never except skip exclude unless")
_KEEPING: Final = vocabulary("lower upper strip casefold value name get str get_name")


class Conditions:
    """Reads conditions of one module."""

    def __init__(self, module: Module, lookup: Lookup) -> None:
        self._module = module
        self._lookup = lookup
        self._known: dict[ast.AST, Truth] = {}

    def truth(self, test: ast.expr, depth: int = _DEPTH) -> Truth:
        known = self._known.get(test)
        if known is None:
            self._known[test] = SILENT  # a name defined by itself
            known = self._known[test] = self._read(test, depth) if depth else SILENT
        return known

    def _read(self, test: ast.expr, depth: int) -> Truth:
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return ~self.truth(test.operand, depth)
        if isinstance(test, ast.BoolOp):
            return self._bool_op(test, depth)
        if isinstance(test, ast.Compare):
            return self._compare(test, depth)
        if isinstance(test, ast.Call):
            return self._call(test, depth)
        if isinstance(test, ast.NamedExpr):
            return self.truth(test.value, depth)
        if isinstance(test, ast.Await):
            return self.truth(test.value, depth)
        if isinstance(test, ast.IfExp):
            return self._chosen(test, depth)
        if isinstance(test, ast.Name | ast.Attribute):
            return self._flag(test, depth)
        if (
            isinstance(test, ast.Subscript)
            and isinstance(test.slice, ast.Constant)
            and isinstance(test.slice.value, str)
        ):
            return self._flag_name(test.slice.value, called=False)
        return SILENT

    def _bool_op(self, test: ast.BoolOp, depth: int) -> Truth:
        conjunction = isinstance(test.op, ast.And)
        parts = [self.truth(value, depth) for value in test.values]
        if not conjunction:
            parts = [~part for part in parts]
        true, false = ANY, NONE
        for part in parts:
            false = false | (true & part.false)
            true = true & part.true
        return Truth(true, false) if conjunction else Truth(false, true)

    # -- comparisons

    def _compare(self, test: ast.Compare, depth: int) -> Truth:
        if len(test.ops) != 1:
            return SILENT
        left, op, right = test.left, test.ops[0], test.comparators[0]
        if isinstance(op, ast.Eq | ast.Is):
            return self._equal(left, right, depth)
        if isinstance(op, ast.NotEq | ast.IsNot):
            return ~self._equal(left, right, depth)
        if isinstance(op, ast.In):
            return self._member(left, right, depth)
        if isinstance(op, ast.NotIn):
            return ~self._member(left, right, depth)
        return SILENT

    def _equal(self, left: ast.expr, right: ast.expr, depth: int) -> Truth:
        for constant, other in ((right, left), (left, right)):
            if isinstance(constant, ast.Constant) and isinstance(constant.value, bool):
                truth = self.truth(other, depth)
                return truth if constant.value else ~truth
            if is_none(constant):
                return ~self._given(other, depth)
        for one, other in ((right, left), (left, right)):
            found = self.denotes(one, depth)
            if found:
                return Truth(engines(found), ~engines(found)) if may_name_engine(other) else SILENT
            found = suffix(one)
            if found:
                return Truth(engines(found), ANY)
        return SILENT

    def _member(self, left: ast.expr, right: ast.expr, depth: int) -> Truth:
        if isinstance(right, ast.Name):
            value = self._lookup.value(right)
            if isinstance(value, ast.Tuple | ast.List | ast.Set | ast.Dict | ast.Call):
                right = value
            elif value is None and (found := named(right.id)) and right.id.lower().endswith("s"):
                return Truth(engines(found), ANY)
        members = elements(right)
        if members is None:
            found = self.denotes(left, depth)  # "sqlite" in url
            return Truth(engines(found), ~engines(found)) if found and may_name_engine(right) else SILENT
        known = [self.denotes(member, depth) for member in members]
        if not any(known):
            return SILENT
        names = engines(frozenset().union(*known))
        whole = all(found or is_none(member) for found, member in zip(known, members, strict=True))
        return Truth(names if whole else ANY, ~names if may_name_engine(left) else ANY)

    def denotes(self, node: ast.expr, depth: int = _DEPTH) -> frozenset[str]:
        """The engines that an expression stands for: ``"postgresql"``, ``Dialect.PG``, a constant that holds such."""
        if isinstance(node, ast.Constant):
            return text_engines(node.value) if isinstance(node.value, str) else frozenset()
        if isinstance(node, ast.Attribute):
            if node.attr in _KEEPING:
                return self.denotes(node.value, depth)
            return denoted(node.attr) if node.attr[:1].isupper() or not is_self(node.value) else frozenset()
        if isinstance(node, ast.Name):
            value = self._lookup.value(node) if depth else None
            if isinstance(value, ast.Constant | ast.Attribute):
                return self.denotes(value, depth - 1)
            found = denoted(node.id)
            return found if node.id.isupper() or node.id[:1].isupper() else frozenset()
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and (node.func.attr in _KEEPING or node.func.attr == "dialect"):
                return self.denotes(node.func.value, depth) or (
                    denoted(node.func.value.id) if isinstance(node.func.value, ast.Name) else frozenset()
                )
            if len(node.args) == 1:  # DatabaseType("postgresql"), str("postgresql")
                return self.denotes(node.args[0], depth) if isinstance(node.args[0], ast.Constant) else frozenset()
        return frozenset()

    def _given(self, node: ast.expr, depth: int) -> Truth:
        """What it says that a value is not None: ``schema = name if dialect == "postgresql" else None``."""
        values = self._values(node) if isinstance(node, ast.Name | ast.Attribute) else [node]
        return self._chosen(values[0], depth - 1) if len(values) == 1 and isinstance(values[0], ast.IfExp) else SILENT

    def _chosen(self, value: ast.IfExp, depth: int) -> Truth:
        """What the truth of a conditional expression says, where one of its arms is false."""
        truth = self.truth(value.test, depth)
        body, orelse = constant_truth(value.body), constant_truth(value.orelse)
        true = false = ANY
        if orelse is False or body is True:
            true = truth.true if orelse is False else true
            false = truth.false if body is True else false
        elif body is False or orelse is True:
            true = truth.false if body is False else true
            false = truth.true if orelse is True else false
        return Truth(true, false)

    def all_denoted(self, value: ast.expr) -> Engines:
        """The engines that an expression or a display of several stands for; ANY where one of them says nothing."""
        parts = elements(value) or [value]
        known = [self.denotes(part) for part in parts]
        return engines(frozenset().union(*known)) if all(known) else ANY

    # -- calls

    def _call(self, test: ast.Call, depth: int) -> Truth:
        function = test.func
        if isinstance(function, ast.Name):
            if function.id in {"isinstance", "issubclass"} and len(test.args) == 2:
                return self._isinstance(test.args[1])
            if function.id == "bool" and len(test.args) == 1:
                return self.truth(test.args[0], depth)
            if function.id == "any" and len(test.args) == 1:
                return self._any(test.args[0], depth)
            own = self._lookup.function(function.id)
            return (
                self._own(own, depth) or self._setting(test, function.id) or self._flag_name(function.id, called=True)
            )
        if isinstance(function, ast.Attribute):
            if function.attr in {"startswith", "endswith", "__eq__", "__contains__"} and len(test.args) == 1:
                return self._affix(test.args[0])
            if function.attr in {"match", "search", "fullmatch"} and test.args:
                return self._affix(test.args[0])
            own = self._lookup.method(function)
            known = self._own(own, depth) or self._setting(test, function.attr)
            return known or self._flag_name(function.attr, called=True)
        return SILENT

    def _setting(self, call: ast.Call, name: str) -> Truth | None:
        """``os.environ.get("USE_POSTGRES")``, ``config("IS_SQLITE", cast=bool)``."""
        first = call.args[0] if call.args else None
        if name not in _SETTINGS or not isinstance(first, ast.Constant) or not isinstance(first.value, str):
            return None
        return self._flag_name(first.value, called=False)

    def _own(self, function: ast.FunctionDef | ast.AsyncFunctionDef | None, depth: int) -> Truth | None:
        """The truth of a function of the module that only returns a condition."""
        if function is None:
            return None
        results = returned(function)
        if len(results) != 1:
            return None
        truth = self.truth(results[0], depth - 1)
        return None if truth == SILENT else truth

    def _affix(self, argument: ast.expr) -> Truth:
        parts = argument.elts if isinstance(argument, ast.Tuple) else [argument]
        found: set[str] = set()
        whole, suffix = True, False
        for part in parts:
            text = part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else ""
            here = text_engines(text.lstrip("^.")) if text else self.denotes(part)
            suffix = suffix or text.startswith(".")
            found |= here
            whole = whole and bool(here)
        if not found:
            return SILENT
        names = engines(found)
        return Truth(names if whole else ANY, ANY if suffix else ~names)

    def _isinstance(self, classes: ast.expr) -> Truth:
        parts = classes.elts if isinstance(classes, ast.Tuple) else union(classes)
        found: set[str] = set()
        whole = certain = True
        for part in parts:
            name = part.attr if isinstance(part, ast.Attribute) else part.id if isinstance(part, ast.Name) else ""
            dotted = self._module.dotted(part) or ""
            lib = library(dotted)
            if lib is not None and lib.engine is not None:
                found.add(lib.engine)
                certain = False  # what is no connection may be a path that becomes one
                continue
            here = mention(name).names
            if "Error" in name or "Exception" in name:
                return SILENT
            found |= here
            whole = whole and bool(here)
        if not found:
            return SILENT
        names = engines(found)
        return Truth(names if whole else ANY, ~names if certain else ANY)

    def _any(self, argument: ast.expr, depth: int) -> Truth:
        """``any(url.startswith(p) for p in ("postgres", "mysql"))``."""
        if not isinstance(argument, ast.GeneratorExp | ast.ListComp) or len(argument.generators) != 1:
            return SILENT
        if any(isinstance(each, ast.Not | ast.NotIn | ast.NotEq) for each in ast.walk(argument.elt)):
            return SILENT
        known = [self.denotes(member, depth) for member in elements(argument.generators[0].iter) or ()]
        if not known or not all(known):
            return SILENT
        names = engines(frozenset().union(*known))
        return Truth(names, ~names)

    # -- flags

    def _flag(self, node: ast.Name | ast.Attribute, depth: int) -> Truth:
        values = self._values(node)
        for value in values:
            truth = self.truth(value, depth - 1)
            if truth != SILENT:
                return truth if len(values) == 1 else SILENT
        name = node.id if isinstance(node, ast.Name) else node.attr
        if isinstance(node, ast.Name) and name in self._module.imports and not name.isupper() and "is" not in name:
            return SILENT
        return self._flag_name(name, called=False)

    def _values(self, node: ast.Name | ast.Attribute) -> list[ast.expr]:
        if isinstance(node, ast.Name):
            value = self._lookup.value(node)
            return [] if value is None else [value]
        values = [each.value for each in self._lookup.attribute(node) if each.value is not None and not each.path]
        method = self._lookup.method(node)
        return values or (returned(method) if isinstance(method, FUNCTIONS) else [])

    def _flag_name(self, name: str, called: bool) -> Truth:
        """What a flag's own name says: ``IS_SQLITE``, ``using_pg()``, ``not_postgres``."""
        found = mention(name)
        if not found.names:
            return SILENT
        rest = set(found.rest) - _DENYING
        asking = rest & _ASKING
        others = rest - _ASKING
        if (
            others - _FLAG
            or (called and not asking)
            or (others - {"mode", "flag", "backend", "enabled"} and not asking)
        ):
            return SILENT
        names = engines(found.names)
        of, _, kind = name.partition("_is_")
        if mention(of).names and mention(kind).names:
            return Truth(names, names)  # mysql_is_mariadb: asked of MySQL only, whatever the answer
        truth = Truth(names, ~names)
        return ~truth if _DENYING.intersection(found.rest) else truth
