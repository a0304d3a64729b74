"""Compare two states of Python source: a fix may change the literals and calls it edits, and nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Final

from sqlite_lint.hosts.parsing import parse
from sqlite_lint.text import Edit, LineIndex, Span

_GROWING: Final = (ast.Call, ast.Dict, ast.List, ast.Tuple)
"""Nodes that a fix may give more items: a keyword of a call, an entry of a dict."""
_BLOCKS: Final = frozenset({"body", "orelse", "finalbody"})
"""Fields that hold statements: a fix may add a line with a call or an import."""


def tree_damage(before: str, after: str, edits: Iterable[Edit]) -> str:
    """Say how the code around the edits would change; "" if it would not."""
    try:
        old, new = parse(before), parse(after)
        same = _Comparison(before, edits).same(old, new)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "the result would not be valid Python"
    return "" if same else "it would change the Python code around it"


class _Comparison:
    def __init__(self, before: str, edits: Iterable[Edit]) -> None:
        self.lines = LineIndex(before)
        spans_and_texts = list(edits)
        self.edits = [edit.span for edit in spans_and_texts]
        insertions = [edit for edit in spans_and_texts if edit.span.start == edit.span.end]
        self.adds_lines = any("\n" in edit.text for edit in insertions)
        self.wrapped = {edit.span.start for edit in insertions if edit.text.endswith("(")}
        self.singled = {edit.span.start for edit in insertions if edit.text in (",", ",)")}

    def same(self, old: object, new: object) -> bool:
        if isinstance(old, ast.AST):
            if self._is_wrapped(old, new) or self._is_singled(old, new):
                return True
            if type(old) is not type(new):
                if isinstance(new, ast.BinOp) and isinstance(old, ast.expr):
                    return self._touched(old) and self.same(old, new.left)  # an operand more: `x` to `x / 1000`
                return self._touched(old) and {type(old), type(new)} <= {ast.Constant, ast.UnaryOp}
            if isinstance(old, ast.Constant):
                return self._same_constant(old, new)
            if isinstance(old, ast.JoinedStr) and isinstance(new, ast.JoinedStr):
                return self._same_joined(old, new)
            grown = isinstance(old, _GROWING) and self._touched(old)
            return all(
                self._same_items(old, new)
                if name == "items" and isinstance(old, ast.With) and isinstance(new, ast.With)
                else self._same_block(getattr(old, name), getattr(new, name))
                if self.adds_lines and name in _BLOCKS
                else self._same_field(getattr(old, name), getattr(new, name), grown)
                for name in old._fields
            )
        return type(old) is type(new) and old == new

    def _is_wrapped(self, old: ast.AST, new: object) -> bool:
        """A call around an expression: ``connect(path)`` to ``closing(connect(path))``."""
        if not (self.wrapped and isinstance(old, ast.expr) and isinstance(new, ast.Call) and len(new.args) == 1):
            return False
        return not new.keywords and self._span(old).start in self.wrapped and self.same(old, new.args[0])

    def _is_singled(self, old: ast.AST, new: object) -> bool:
        """A tuple made of an expression: ``name`` to ``(name,)``."""
        if not (self.singled and isinstance(old, ast.expr) and isinstance(new, ast.Tuple) and len(new.elts) == 1):
            return False
        return self._span(old).end in self.singled and self.same(old, new.elts[0])

    def _same_items(self, old: ast.With, new: ast.With) -> bool:
        """Compare what a ``with`` enters; a fix may add a name that the same ``with`` binds."""
        added = new.items[len(old.items) :]
        names = {item.optional_vars.id for item in old.items if isinstance(item.optional_vars, ast.Name)}
        return all(
            self._same_field(getattr(a, field), getattr(b, field), False)
            for a, b in zip(old.items, new.items, strict=False)
            for field in a._fields
        ) and all(
            isinstance(item.context_expr, ast.Name) and item.context_expr.id in names and item.optional_vars is None
            for item in added
        )

    def _same_field(self, old: object, new: object, grown: bool) -> bool:
        if not isinstance(old, list) or not isinstance(new, list):
            return self.same(old, new)
        if len(old) == len(new):
            return all(self.same(a, b) for a, b in zip(old, new, strict=True))
        rest = iter(new)
        return grown and len(new) > len(old) and all(any(self.same(a, b) for b in rest) for a in old)

    def _same_block(self, old: object, new: object) -> bool:
        """Compare statements, of which the new ones may have calls more."""
        if not isinstance(old, list) or not isinstance(new, list):
            return self.same(old, new)
        rest = iter(new)
        for statement in old:
            for candidate in rest:
                if self.same(statement, candidate):
                    break
                if not _may_be_added(candidate):
                    return False
            else:
                return False
        return all(_may_be_added(added) for added in rest)

    def _same_constant(self, old: ast.Constant, new: object) -> bool:
        assert isinstance(new, ast.Constant)
        if type(old.value) is type(new.value) and old.value == new.value:
            return True
        return self._touched(old)

    def _same_joined(self, old: ast.JoinedStr, new: ast.JoinedStr) -> bool:
        fields = [ast.dump(value) for value in old.values if not isinstance(value, ast.Constant)]
        if fields != [ast.dump(value) for value in new.values if not isinstance(value, ast.Constant)]:
            return False
        return ast.dump(old) == ast.dump(new) or self._touched(old)

    def _touched(self, node: ast.AST) -> bool:
        span = self._span(node)
        return any(edit.start <= span.end and span.start <= edit.end for edit in self.edits)

    def _span(self, node: ast.AST) -> Span:
        """The node's span in characters; ast counts columns in bytes of UTF-8, from 0."""
        return Span(
            self._offset(node.lineno, node.col_offset),  # type: ignore[attr-defined]
            self._offset(node.end_lineno, node.end_col_offset),  # type: ignore[attr-defined]
        )

    def _offset(self, row: int, column: int) -> int:
        line = self.lines.line(row)
        return self.lines.line_start(row) + len(line.encode()[:column].decode(errors="ignore"))


def _may_be_added(statement: object) -> bool:
    if isinstance(statement, ast.ImportFrom):
        return True
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
