"""Small questions about the expressions that stand in conditions."""

from __future__ import annotations

import ast
from typing import Final

from sqlite_lint.hosts.engines import mention, text_engines, vocabulary


def elements(node: ast.expr) -> list[ast.expr] | None:
    """The elements of a display, also inside ``frozenset(...)``; None for anything else."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return node.elts
    if isinstance(node, ast.Dict):
        return [key for key in node.keys if key is not None]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
        return elements(node.args[0]) if node.func.id in {"frozenset", "set", "tuple", "list"} else None
    return None


def union(node: ast.expr) -> list[ast.expr]:
    parts: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        parts.append(node.right)
        node = node.left
    return [*parts, node]


def constant_truth(node: ast.expr) -> bool | None:
    """Whether a constant counts as true; None for anything else."""
    return bool(node.value) if isinstance(node, ast.Constant) else None


def is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def suffix(node: ast.expr) -> frozenset[str]:
    """A file's suffix such as ".sqlite": a file without it may hold a database as well."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("."):
        return text_engines(node.value[1:])
    return frozenset()


_OTHER_SUBJECTS: Final = vocabulary(
    "error exc exception message msg table tablename tbl column path file filename sql query"
)


def may_name_engine(node: ast.expr) -> bool:
    """Tell whether what is compared with an engine's name may name the engine in use, and no error or table."""
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    names |= {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}
    last = {word for name in names for word in mention(name).rest}
    return not last & _OTHER_SUBJECTS


def version_floor(test: ast.expr, holds: bool) -> tuple[int, int] | None:
    """The least SQLite version where ``sqlite_version_info >= (3, 35, 0)`` holds, or ``< (3, 35)`` does not."""
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1):
        return None
    right = test.comparators[0]
    wanted = (ast.GtE, ast.Gt) if holds else (ast.Lt, ast.LtE)
    if not isinstance(test.ops[0], wanted) or not isinstance(right, ast.Tuple):
        return None
    if "sqlite_version" not in ast.unparse(test.left).lower():
        return None
    numbers = [each.value for each in right.elts if isinstance(each, ast.Constant) and isinstance(each.value, int)]
    if len(numbers) != len(right.elts) or not numbers:
        return None
    return numbers[0], numbers[1] if len(numbers) > 1 else 0


def last_name(node: ast.AST | None) -> str:
    """The name of ``name`` and of ``anything.name``; "" for what has none."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def called(node: ast.AST | None) -> str:
    """The bare name of the function or method that a call calls; "" for anything else."""
    return last_name(node.func) if isinstance(node, ast.Call) else ""


_EXITS: Final = vocabulary("exit _exit skip skipTest fail abort SkipTest")


def is_exit(node: ast.expr) -> bool:
    """``sys.exit()``, ``pytest.skip()``, ``self.skipTest()``."""
    if not isinstance(node, ast.Call):
        return False
    name = (
        node.func.attr
        if isinstance(node.func, ast.Attribute)
        else node.func.id
        if isinstance(node.func, ast.Name)
        else ""
    )
    return name in _EXITS


def is_plain_with(statement: ast.With | ast.AsyncWith) -> bool:
    """No ``suppress`` or ``raises``, which swallow what would leave the block."""
    text = " ".join(ast.unparse(item.context_expr) for item in statement.items)
    return "suppress" not in text and "aises" not in text


def blocks(node: ast.AST | None) -> list[list[ast.stmt]]:
    """The lists of statements that a statement or module holds."""
    found = (getattr(node, name, None) for name in ("body", "orelse", "finalbody"))
    return [block for block in found if isinstance(block, list)]
