"""A call that is followed into a function of the same file."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from sqlite_lint.hosts.module import Binding, Function
from sqlite_lint.text import Span


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A call that is followed into a function of this file: its parameters are the call's arguments."""

    function: Function
    call: ast.Call
    method: bool
    outer: Frame | None
    depth: int = 1

    def argument(self, binding: Binding) -> ast.expr | None:
        """The expression given for the parameter that ``binding`` is."""
        for keyword in self.call.keywords:
            if keyword.arg == binding.name:
                return keyword.value
        arguments = self.function.args
        names = [arg.arg for arg in (*arguments.posonlyargs, *arguments.args)][1 if self.method else 0 :]
        if binding.name in names:
            place = names.index(binding.name)
            given = self.call.args[: place + 1]
            if len(given) > place and not any(isinstance(arg, ast.Starred) for arg in given):
                return given[place]
        return None


class Foreign(ast.Constant):
    """A text of another module, in the place of an expression of this one."""

    place: Span
