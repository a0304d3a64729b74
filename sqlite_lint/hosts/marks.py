"""What decorators and marks say of the engine: ``skipUnless(...)``, ``pytest.mark.postgres``, ``only_on("mysql")``."""

from __future__ import annotations

import ast
from typing import Final

from sqlite_lint.hosts.conditions import Conditions, Truth
from sqlite_lint.hosts.engines import ANY, Engines, engines, mention, named, vocabulary
from sqlite_lint.hosts.expressions import elements
from sqlite_lint.hosts.lookup import returned
from sqlite_lint.hosts.module import Function

_SKIPPING: Final = vocabulary("skip skipif exclude excluded excludes fails fail not no without xfail except")
_ATTRIBUTES: Final = vocabulary(
    "__only_on__ __dialect__ __backend__ vendor dialect dialect_name required_db_vendor backend backend_name db_type "
    "database_type db_engine db_backend engine_name flavor"
)
_UNRELATED: Final = vocabulary("patch object command option argument route dataclass")


class Marks:
    """Reads the marks of classes, functions and modules."""

    def __init__(self, conditions: Conditions) -> None:
        self._conditions = conditions

    def assignment(self, statement: ast.Assign | ast.AnnAssign) -> Engines:
        """``pytestmark = pytest.mark.postgres``, ``__only_on__ = "postgresql"``, ``vendor = "mysql"``."""
        target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
        name = target.id if isinstance(target, ast.Name) else ""
        if name == "pytestmark" and statement.value is not None:
            found = ANY
            for mark in elements(statement.value) or [statement.value]:
                found &= self.decorator(mark)
            return found
        if name.lower() in _ATTRIBUTES and isinstance(statement.value, ast.Constant | ast.Attribute):
            return self._conditions.all_denoted(statement.value)
        return ANY

    def property(self, function: Function) -> Engines:
        """``def dialect(self): return "postgresql"``."""
        values = returned(function) if function.name in _ATTRIBUTES else []
        if len(values) != 1 or not isinstance(values[0], ast.Constant | ast.Attribute):
            return ANY
        return self._conditions.all_denoted(values[0])

    def decorator(self, decorator: ast.expr) -> Engines:
        """The engines with which what is decorated so may run."""
        call = decorator if isinstance(decorator, ast.Call) else None
        name = ast.unparse(call.func if call else decorator)
        last = name.rpartition(".")[2]
        if call and call.args and last.lower().replace("_", "") in {"skipif", "skipunless"}:
            return self._skipped(call.args[0], "unless" in last.lower())
        said = set(mention(name).rest)
        skipping = bool(_SKIPPING & said) and "unless" not in said
        names = mention(last).names
        if not names and call is not None and last not in _UNRELATED:
            if last == "parametrize":
                return self._conditions.all_denoted(call.args[1]) if len(call.args) > 1 else ANY
            names = self._mentioned(call)
        if not names:
            return ANY
        return ~engines(names) if skipping else engines(names)

    def _skipped(self, condition: ast.expr, unless: bool) -> Engines:
        truth = self._conditions.truth(condition)
        if truth == (ANY, ANY):
            names = self._conditions.denotes(condition)
            truth = Truth(engines(names), ~engines(names)) if names else truth
        return truth.true if unless else truth.false

    def _mentioned(self, call: ast.Call) -> frozenset[str]:
        """The engines that a decorator's arguments stand for."""
        found: set[str] = set()
        for argument in [*call.args, *(keyword.value for keyword in call.keywords)]:
            parts = argument.elts if isinstance(argument, ast.Tuple | ast.List | ast.Set) else [argument]
            for part in parts:
                found |= self._conditions.denotes(part) or class_engines(part)
        return frozenset(found)


def class_engines(node: ast.expr) -> frozenset[str]:
    """The engines that a class's name speaks of: ``PostgresEngine``."""
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return named(name) if name[:1].isupper() else frozenset()
