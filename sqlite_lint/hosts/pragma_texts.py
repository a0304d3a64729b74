"""Reads which pragmas a call sets, from its text or from the table that the text is filled from."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from sqlite_lint.hosts.connection_arguments import known
from sqlite_lint.hosts.model import Known
from sqlite_lint.hosts.module import Function, Module
from sqlite_lint.hosts.values import UNKNOWN, Values
from sqlite_lint.regex import regex
from sqlite_lint.sql.tokens import HOLE

_PRAGMA: Final = regex(
    rf"""(?ix) \b pragma \s+ (?:\w+\.)? (\w+) \s* (?: = | \( ) \s* ( '[^']*' | "[^"]*" | {HOLE} | [^\s;)'"]+ )"""
)
_OPEN_PRAGMA: Final = regex(rf"(?i)\bpragma\s+(?:\w+\.)?{HOLE}")
_SETTING: Final = regex(r"(?i)\s*(?!pragma\b)\w+\s*(=.*)?")
_MAX_NODES: Final = 400


class PragmaTexts:
    """Reads pragmas in one module."""

    def __init__(self, module: Module, values: Values) -> None:
        self._module = module
        self._values = values
        self._arguments: dict[tuple[int, str], list[ast.expr]] = {}

    def note_argument(self, function: Function, parameter: str, argument: ast.expr) -> None:
        """Remember what the module hands to a parameter of one of its functions."""
        self._arguments.setdefault((id(function), parameter), []).append(argument)

    def set_by(self, call: ast.Call, last: str) -> tuple[dict[str, Known], bool]:
        """Pragmas with values that a call sets, and whether it may set others."""
        if last == "pragma":
            return self._pragma_method(call)
        pragmas: dict[str, Known] = {}
        is_open = False
        for argument in [*call.args, *(keyword.value for keyword in call.keywords)]:
            texts = [v.value for v in self._values.of(argument) if isinstance(v.value, str)]
            for text in texts:
                pragmas.update(read_pragmas(text))
            if any(_OPEN_PRAGMA.search(text) for text in texts):
                found, resolved = self._by_arguments(argument), True
                if not found:
                    found, resolved = self._table(argument)
                pragmas.update(found)
                is_open = is_open or not (found or resolved)
            elif not texts or any(v.value is UNKNOWN for v in self._values.of(argument)):
                for text in self._texts(argument):
                    pragmas.update(read_pragmas(text))
        return pragmas, is_open

    def _pragma_method(self, call: ast.Call) -> tuple[dict[str, Known], bool]:
        """``connection.pragma("busy_timeout", 5000)``, as apsw and peewee have it."""
        if len(call.args) < 2:
            return {}, False
        name = self._values.sole(call.args[0])
        value = known(self._module, self._values, call.args[1])
        if isinstance(name, str):
            return {name.lower(): value or Known(known=False)}, False
        found, resolved = self._table(call.args[0])
        return found, not (found or resolved)

    def _table(self, node: ast.expr) -> tuple[dict[str, Known], bool]:
        """Pragmas of the tables that fill a template: dicts, pairs, keywords; and whether any table was found."""
        pragmas: dict[str, Known] = {}
        resolved = False
        for part in self._parts(node):
            pairs: list[tuple[ast.expr | None, ast.expr]] = []
            if isinstance(part, ast.Dict):
                pairs = list(zip(part.keys, part.values, strict=True))
            elif isinstance(part, ast.Tuple | ast.List) and len(part.elts) == 2:
                pairs = [(part.elts[0], part.elts[1])]
            elif isinstance(part, ast.Constant) and isinstance(part.value, str) and _SETTING.fullmatch(part.value):
                resolved = True
                name, _, value = part.value.partition("=")
                pragmas.setdefault(name.strip().lower(), Known(value.strip(), bool(value)))
            for key, value_node in pairs:
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    resolved = True
                    value_known = known(self._module, self._values, value_node)
                    pragmas[key.value.lower()] = value_known or Known(known=False)
        return pragmas, resolved

    def _by_arguments(self, node: ast.expr) -> dict[str, Known]:
        """Pragmas that callers name: ``def set(name, value): execute(f"PRAGMA {name} = {value}")``."""
        given: list[list[ast.expr]] = []
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                for binding in self._values.bindings(part):
                    arguments = self._arguments.get((id(binding.scope.node), binding.name))
                    if arguments is not None:
                        given.append(arguments)
        if len(given) != 2 or len(given[0]) != len(given[1]):
            return {}
        pragmas: dict[str, Known] = {}
        for name, value in zip(*given, strict=True):
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                pragmas[name.value.lower()] = known(self._module, self._values, value) or Known(known=False)
        return pragmas

    def _texts(self, node: ast.expr) -> Iterator[str]:
        for part in self._parts(node):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.value

    def _parts(self, node: ast.expr) -> Iterator[ast.AST]:
        """The nodes of an expression and of all that its names are bound to, loops and parameters included."""
        stack: list[ast.AST] = [node]
        seen: set[int] = set()
        while stack and len(seen) < _MAX_NODES:
            part = stack.pop()
            if id(part) in seen:
                continue
            seen.add(id(part))
            yield part
            stack.extend(ast.iter_child_nodes(part))
            if isinstance(part, ast.Name | ast.Attribute):
                for binding in self._values.bindings(part):
                    if binding.value is not None:
                        stack.append(binding.value)
                    owner = binding.scope.node
                    stack.extend(self._arguments.get((id(owner), binding.name), ()))


def read_pragmas(text: str) -> dict[str, Known]:
    """Pragmas that a text sets, lower-case; values as written, unknown where a hole stands for them."""
    found: dict[str, Known] = {}
    for match in _PRAGMA.finditer(text):
        value = match[2].strip("'\"")
        found[match[1].lower()] = Known(None, False) if HOLE in value else Known(value)
    return found
