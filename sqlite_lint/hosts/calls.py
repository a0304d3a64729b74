"""Calls that give a text: methods of strings, wrappers of texts, functions of this file."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.alternative import Alternative, combine
from sqlite_lint.hosts.builders import BUILDERS, CHAINED
from sqlite_lint.hosts.callees import Callees
from sqlite_lint.hosts.sqltext import SqlText
from sqlite_lint.hosts.templates import TemplateField, TemplatePart, dollar_parts, format_parts, percent_parts
from sqlite_lint.hosts.text_methods import STRIPS, number, replaced, stripped
from sqlite_lint.sql.tokens import HOLE
from sqlite_lint.text import Span

if TYPE_CHECKING:
    from sqlite_lint.hosts.frame import Frame

# White space, case and encoding do not matter to what is found in a statement.
_SAME_TEXT: Final = frozenset(
    [
        *(
            "encode",
            "decode",
            "lower",
            "upper",
            "expandtabs",
            "casefold",
            "title",
            "capitalize",
            "center",
            "ljust",
            "rjust",
        ),
        *("bindparams", "params", "columns", "execution_options", "self_group", "compile", "as_string", "tostring"),
    ]
)
_WRAPPERS: Final = {"text": 0, "TextClause": 0, "DDL": 0, "literal_column": 0, "SQL": 0, "RawSQL": 0}
_UNCHANGED: Final = {
    "dedent": 0,
    "cleandoc": 0,
    "indent": 0,
    "str": 0,
    "cast": 1,
    "Template": 0,
    "bytes": 0,
    "mark_safe": 0,
    "LiteralString": 0,
    "intern": 0,
    "deepcopy": 0,
    "copy": 0,
    "escape": 0,
}
_MAX_RETURNS: Final = 12


class Calls(Callees):
    """The part of an ``Evaluator`` that knows calls."""

    def texts(self, call: ast.Call, frame: Frame | None) -> list[Alternative]:
        found = self._known(call, frame)
        if found is not None:
            return [text.via(call) for text in found]
        if isinstance(call.func, ast.Attribute) and call.func.attr in CHAINED:
            return [self._evaluator.hole(call, "an object of a query builder", builder=True)]
        followed = [text.via(call) for inner in self.frames(call, frame) for text in self._returned_texts(inner)]
        if any(text.is_text or text.builder for text in followed):
            return followed
        found = self._imported(call)
        if found:
            return found
        if self._builds(call, frame) or self._extends(call, frame):
            return [self._evaluator.hole(call, "an object of a query builder", builder=True)]
        return [self._evaluator.hole(call, f"the result of {_shown(call.func)}()")]

    def _returned_texts(self, inner: Frame) -> list[Alternative]:
        """What a function of this file returns; of a base class's method, what one of many engines may replace."""
        returned = self.returned(inner.function)
        found = [text.via(value) for value, _ in returned for text in self._evaluator.texts(value, inner)]
        if inner.method and self._evaluator.classes.is_base(inner.function):
            return [replace(text, assembled=True) for text in found]
        return found

    def _known(self, call: ast.Call, frame: Frame | None) -> list[Alternative] | None:
        """The texts of a call whose meaning is known; None for other calls."""
        function = call.func
        name = self._evaluator.module.called_name(call)
        for table, wrapped in ((_WRAPPERS, True), (_UNCHANGED, False)):
            place = table.get(name)
            if place is not None and len(call.args) > place and not isinstance(call.args[place], ast.Starred):
                found = self._evaluator.texts(call.args[place], frame)
                return [replace(text, wrapped=text.wrapped or wrapped) for text in found]
        if name in ("text", "TextClause") and (given := _keyword(call, "text")) is not None:
            return [replace(text, wrapped=True) for text in self._evaluator.texts(given, frame)]
        if not isinstance(function, ast.Attribute):
            return None
        method = self._METHODS.get(name)
        if method is not None:
            return method(self, call, function.value, frame)
        if name in _SAME_TEXT or name in STRIPS:
            found = self._evaluator.texts(function.value, frame)
            if not any(text.is_text for text in found):
                return None if name == "compile" else [t for t in found if t.leading or t.builder] or None
            return [stripped(text, name, call) for text in found] if name in STRIPS else found
        return None

    # -- methods of strings

    def _join(self, call: ast.Call, base: ast.expr, frame: Frame | None) -> list[Alternative] | None:
        if len(call.args) != 1:
            return None
        separators = [text for text in self._evaluator.texts(base, frame) if not text.builder][:2]
        if not separators or (
            isinstance(base, ast.Name | ast.Attribute) and not separators[0].is_text and HOLE in separators[0].text.text
        ):
            return None
        given = call.args[0]
        if (
            isinstance(given, ast.Call)
            and isinstance(given.func, ast.Attribute)
            and given.func.attr in ("split", "splitlines")
        ):
            return self._evaluator.texts(given.func.value, frame)  # " ".join(sql.split()): other white space
        lists = self._evaluator.sequences.lists(given, frame)
        if not lists:
            return [Alternative.hole(self._evaluator.module.span(call), "the joined texts are computed at run time")]
        # An empty list is seldom joined in earnest: the code around it asks first.
        lists = [state for state in lists if state.items] or lists
        found: list[Alternative] = []
        for separator in separators:
            for state in lists:
                choices: list[list[Alternative]] = []
                for item, item_frame in state.items:
                    if choices:
                        choices.append([separator])
                    choices.append(self._evaluator.field(item, self._span(item, call), item_frame))
                joined = [replace(text, assembled=text.assembled or state.doubtful) for text in combine(choices)]
                for condition, outcome in state.assumed.items():
                    joined = [text for j in joined if (text := j.assume(condition, outcome)) is not None]
                found += joined
        return found

    def _span(self, item: ast.expr, otherwise: ast.expr) -> Span:
        return self._evaluator.module.span(item if hasattr(item, "lineno") else otherwise)

    def _format(self, call: ast.Call, base: ast.expr, frame: Frame | None) -> list[Alternative] | None:
        templates = self._evaluator.texts(base, frame)
        if not any(text.is_text for text in templates):
            return [replace(t, reason=t.reason) for t in templates if t.leading] or None
        by_name = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
        positional = call.args if not any(isinstance(arg, ast.Starred) for arg in call.args) else []
        count = iter(range(len(positional)))

        def value(field: TemplateField) -> ast.expr | None:
            if field.key.isdigit() or not field.key:
                place = int(field.key) if field.key else next(count, len(positional))
                return positional[place] if place < len(positional) else None
            return by_name.get(field.key)

        found: list[Alternative] = []
        for template in templates:
            count = iter(range(len(positional)))
            found += self._filled(template, format_parts(template.text), value, frame)
        return found

    def _format_map(self, call: ast.Call, base: ast.expr, frame: Frame | None) -> list[Alternative] | None:
        entries = _entries(call.args[0]) if call.args else {}
        return self._named_fields(base, format_parts, entries, frame)

    def _substitute(self, call: ast.Call, base: ast.expr, frame: Frame | None) -> list[Alternative] | None:
        entries = _entries(call.args[0]) if call.args else {}
        entries.update({keyword.arg: keyword.value for keyword in call.keywords if keyword.arg})
        return self._named_fields(base, dollar_parts, entries, frame)

    def _named_fields(
        self,
        base: ast.expr,
        parts: Callable[[SqlText], list[TemplatePart]],
        entries: dict[str, ast.expr],
        frame: Frame | None,
    ) -> list[Alternative] | None:
        templates = self._evaluator.texts(base, frame)
        if not any(text.is_text for text in templates):
            return None
        return [
            text
            for template in templates
            for text in self._filled(template, parts(template.text), lambda field: entries.get(field.key), frame)
        ]

    def _replace(self, call: ast.Call, base: ast.expr, frame: Frame | None) -> list[Alternative] | None:
        texts = self._evaluator.texts(base, frame)
        if len(call.args) < 2 or not any(text.is_text for text in texts):
            return [text for text in texts if text.leading] or None
        olds = [text.text.text for text in self._evaluator.texts(call.args[0], frame)]
        if len(olds) != 1 or not olds[0] or HOLE in olds[0]:
            return texts
        news = self._evaluator.field(call.args[1], self._evaluator.module.span(call.args[1]), frame)
        return [replaced(text, olds[0], news[0]) for text in texts]

    def _removeprefix(self, call: ast.Call, base: ast.expr, frame: Frame | None) -> list[Alternative] | None:
        return self._evaluator.texts(base, frame)

    def _get(self, call: ast.Call, base: ast.expr, frame: Frame | None) -> list[Alternative] | None:
        if not call.args:
            return None
        items = self._evaluator.sequences.entries(base, call.args[0], frame)
        if not items:
            return None
        items += [(arg, frame) for arg in call.args[1:2]]
        return [text for item, inner in items for text in self._evaluator.texts(item, inner)]

    _METHODS: Final[dict[str, Callable[[Calls, ast.Call, ast.expr, Frame | None], list[Alternative] | None]]] = {
        "join": _join,
        "format": _format,
        "format_map": _format_map,
        "substitute": _substitute,
        "safe_substitute": _substitute,
        "replace": _replace,
        "removeprefix": _removeprefix,
        "removesuffix": _removeprefix,
        "get": _get,
        "pop": _get,
    }

    # -- templates

    def percent(self, expr: ast.BinOp, frame: Frame | None) -> list[Alternative]:
        """``template % values``."""
        templates = self._evaluator.texts(expr.left, frame)
        if not any(text.is_text for text in templates):
            return [text for text in templates if text.leading] or [
                self._evaluator.hole(expr, "it is computed at run time", builder=not templates)
            ]
        right = expr.right
        if isinstance(right, ast.Name):
            behind = self._evaluator.expressions(right, frame)
            if len(behind) == 1 and isinstance(behind[0][0], ast.Tuple | ast.Dict):
                right = behind[0][0]
        by_name = _entries(right)
        many = right.elts if isinstance(right, ast.Tuple) else [right]
        positional = many if not any(isinstance(value, ast.Starred) for value in many) else []
        found: list[Alternative] = []
        for template in templates:
            count = iter(range(len(positional)))

            def value(field: TemplateField, count: Iterable[int] = count) -> ast.expr | None:
                if field.key:
                    return by_name.get(field.key)
                place = next(iter(count), len(positional))
                return positional[place] if place < len(positional) and not isinstance(right, ast.Dict) else None

            found += self._filled(template, percent_parts(template.text), value, frame)
        return [text.via(expr) for text in found]

    def _filled(
        self,
        template: Alternative,
        parts: Sequence[TemplatePart],
        value: Callable[[TemplateField], ast.expr | None],
        frame: Frame | None,
    ) -> list[Alternative]:
        choices: list[list[Alternative]] = [[replace(template, chain=None)]]
        for part in parts:
            if isinstance(part, SqlText):
                choices.append([Alternative.of(part)])
            else:
                given = value(part)
                choices.append(self._evaluator.field(given if part.plain else None, part.src, frame))
        return combine(choices)

    def sliced(self, expr: ast.Subscript, part: ast.Slice, frame: Frame | None) -> list[Alternative]:
        """``text[a:b]`` with numbers for ``a`` and ``b``."""
        texts = self._evaluator.texts(expr.value, frame)
        bounds = [number(bound) for bound in (part.lower, part.upper)]
        if part.step is not None or "unknown" in bounds:
            return [self._evaluator.hole(expr, "a slice")]
        found = []
        for text in texts:
            whole = text.text
            start, end, _ = slice(*bounds).indices(len(whole.text))
            found.append(replace(text.mapped(whole.cut(Span(start, max(start, end)))), assembled=True))
        return found

    def _imported(self, call: ast.Call) -> list[Alternative]:
        """What a function of another module of the project returns, where that is SQL."""
        dotted = self._evaluator.imported_name(call.func)
        if dotted is None and isinstance(call.func, ast.Attribute):
            dotted = self._evaluator.classes.foreign(call.func)
        return self._evaluator.constant(dotted + "()", call) if dotted is not None else []

    # -- query builders

    def _extends(self, call: ast.Call, frame: Frame | None) -> bool:
        """Tell whether an unknown function is given a query to extend: ``stmt = with_permissions(stmt, user)``."""
        names = [arg for arg in call.args if isinstance(arg, ast.Name)]
        return any(text.builder for name in names for text in self._evaluator.texts(name, frame))

    def _builds(self, call: ast.Call, frame: Frame | None) -> bool:
        """Tell whether a call, or one in its chain, makes or extends an object of a query builder."""
        node: ast.expr = call
        while True:
            if isinstance(node, ast.Call):
                node = node.func
            elif isinstance(node, ast.Attribute):
                if node.attr in BUILDERS:
                    return True
                node = node.value
            elif isinstance(node, ast.Subscript):
                node = node.value
            elif isinstance(node, ast.Name):
                if node.id in BUILDERS:
                    return True
                return (
                    any(text.builder for text in self._evaluator.texts(node, frame)) if node is not call.func else False
                )
            else:
                return False


def _shown(func: ast.expr) -> str:
    if isinstance(func, ast.Attribute):
        return func.attr
    return func.id if isinstance(func, ast.Name) else "a call"


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    return None


def _entries(expr: ast.expr) -> dict[str, ast.expr]:
    """The values of a dictionary display, or of ``dict(a=..)``, by their keys."""
    if isinstance(expr, ast.Dict):
        return {
            key.value: value
            for key, value in zip(expr.keys, expr.values, strict=True)
            if isinstance(key, ast.Constant) and isinstance(key.value, str)
        }
    if isinstance(expr, ast.Call) and isinstance(expr.func, ast.Name) and expr.func.id == "dict":
        return {keyword.arg: keyword.value for keyword in expr.keywords if keyword.arg}
    return {}
