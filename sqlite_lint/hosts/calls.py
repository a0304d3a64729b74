"""Calls that give a text: methods of strings, wrappers of texts, functions of this file."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.alternative import Alternative, combine
from sqlite_lint.hosts.module import BindingKind, Function
from sqlite_lint.hosts.sqltext import SqlText
from sqlite_lint.hosts.templates import TemplateField, TemplatePart, dollar_parts, format_parts, percent_parts
from sqlite_lint.sql.tokens import HOLE
from sqlite_lint.text import Span

if TYPE_CHECKING:
    from sqlite_lint.hosts.evaluate import Evaluator, Frame

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
_BUILDERS: Final = frozenset(
    [
        "select",
        "insert",
        "update",
        "delete",
        "union",
        "union_all",
        "intersect",
        "exists",
        "func",
        "table",
        "and_",
        "or_",
        "Select",
        "Insert",
        "Update",
        "Delete",
        "CreateTable",
        "DropTable",
        "CreateIndex",
        "DropIndex",
        "AddConstraint",
        "DropConstraint",
        "CreateSchema",
        "DropSchema",
        "CreateView",
        "where",
        "values",
        "filter",
        "filter_by",
        "select_from",
        "order_by",
        "group_by",
        "limit",
        "offset",
        "returning",
        "on_conflict_do_update",
        "on_conflict_do_nothing",
        "join",
        "outerjoin",
        "with_for_update",
        "options",
        "subquery",
        "cte",
        "distinct",
        "having",
        "prefix_with",
        "from_select",
        "add_columns",
        "with_only_columns",
        "scalar_subquery",
        "join_from",
        "on_duplicate_key_update",
        "next_value",
        "Sequence",
        "into",
        "from_",
        "columns",
        "set",
    ]
)
_CHAINED: Final = frozenset(
    [
        *(
            "where",
            "filter_by",
            "select_from",
            "order_by",
            "group_by",
            "returning",
            "on_conflict_do_update",
            "outerjoin",
        ),
        *("on_conflict_do_nothing", "with_for_update", "subquery", "having", "with_only_columns", "scalar_subquery"),
    ]
)
_STRIPS: Final = {"strip": (True, True), "lstrip": (True, False), "rstrip": (False, True)}
_MAX_FRAMES: Final = 4
_MAX_RETURNS: Final = 12


class Calls:
    """The part of an ``Evaluator`` that knows calls."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._returns: dict[ast.AST, list[tuple[ast.expr, None]]] = {}
        self._yields: dict[ast.AST, list[ast.expr]] = {}

    def texts(self, call: ast.Call, frame: Frame | None) -> list[Alternative]:
        found = self._known(call, frame)
        if found is not None:
            return [text.via(call) for text in found]
        if isinstance(call.func, ast.Attribute) and call.func.attr in _CHAINED:
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
        if name in _SAME_TEXT or name in _STRIPS:
            found = self._evaluator.texts(function.value, frame)
            if not any(text.is_text for text in found):
                return None if name == "compile" else [t for t in found if t.leading or t.builder] or None
            return [_stripped(text, name, call) for text in found] if name in _STRIPS else found
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
        return [_replaced(text, olds[0], news[0]) for text in texts]

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
        bounds = [_number(bound) for bound in (part.lower, part.upper)]
        if part.step is not None or "unknown" in bounds:
            return [self._evaluator.hole(expr, "a slice")]
        found = []
        for text in texts:
            whole = text.text
            start, end, _ = slice(*bounds).indices(len(whole.text))
            found.append(replace(text.mapped(whole.cut(Span(start, max(start, end)))), assembled=True))
        return found

    # -- functions of this file

    def frames(self, call: ast.Call, frame: Frame | None) -> list[Frame]:
        """The frames of a call of functions of this file; none for others, and where calls nest too deep."""
        from sqlite_lint.hosts.evaluate import Frame as NewFrame

        depth = 1 if frame is None else frame.depth + 1
        if depth > _MAX_FRAMES:
            return []
        return [NewFrame(function, call, method, frame, depth) for function, method in self.callees(call.func, frame)]

    def callees(self, func: ast.expr, frame: Frame | None) -> list[tuple[Function, bool]]:
        """The functions of this file that ``func`` names, and whether their first parameter is the object."""
        if isinstance(func, ast.Name):
            place = self._evaluator.place(func, func.id)
            if place is None:
                return []
            last = place[1][-1]
            if last.kind is BindingKind.DEF:
                known = isinstance(last.node, ast.FunctionDef | ast.AsyncFunctionDef)
                return [(last.node, False)] if known else []  # type: ignore[list-item]
            if last.kind in (BindingKind.ASSIGN, BindingKind.ITERATE):
                behind = self._evaluator.sequences.values_of(last, frame)
                return [
                    found
                    for expr, inner in behind[:_MAX_RETURNS]
                    if isinstance(expr, ast.Name) and expr.id != func.id
                    for found in self.callees(expr, inner)
                ]
        if isinstance(func, ast.Attribute):
            for owner in self._evaluator.classes.owners(func.value, frame):
                method = self._evaluator.classes.method(owner, func.attr)
                if method is not None:
                    return [(method, not any(_named(d) == "staticmethod" for d in method.decorator_list))]
        return []

    def returned(self, function: ast.AST) -> list[tuple[ast.expr, None]]:
        """What a function returns, in source order."""
        self._scan(function)
        return self._returns[function]

    def yielded(self, function: ast.AST) -> list[ast.expr]:
        self._scan(function)
        return self._yields[function]

    def _scan(self, function: ast.AST) -> None:
        if function in self._returns:
            return
        returns: list[tuple[ast.expr, None]] = []
        yields: list[ast.expr] = []
        stack: list[ast.AST] = list(getattr(function, "body", []))[::-1]
        while stack:
            node = stack.pop()
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
                continue
            if isinstance(node, ast.Return) and node.value is not None:
                returns.append((node.value, None))
            elif isinstance(node, ast.Yield) and node.value is not None:
                yields.append(node.value)
            stack.extend(reversed(list(ast.iter_child_nodes(node))))
        self._returns[function] = returns[:_MAX_RETURNS]
        self._yields[function] = yields

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
                if node.attr in _BUILDERS:
                    return True
                node = node.value
            elif isinstance(node, ast.Subscript):
                node = node.value
            elif isinstance(node, ast.Name):
                if node.id in _BUILDERS:
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


def _named(decorator: ast.expr) -> str:
    return decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, "id", "")


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


def _number(bound: ast.expr | None) -> int | str | None:
    if bound is None:
        return None
    negative = isinstance(bound, ast.UnaryOp) and isinstance(bound.op, ast.USub)
    inner = bound.operand if isinstance(bound, ast.UnaryOp) and negative else bound
    if isinstance(inner, ast.Constant) and isinstance(inner.value, int):
        return -inner.value if negative else inner.value
    return "unknown"


def _stripped(text: Alternative, method: str, call: ast.Call) -> Alternative:
    """The text without white space, or the given characters, at its ends."""
    characters: str | None = None
    if call.args:
        if not (isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)):
            return text
        characters = call.args[0].value
    whole = text.text
    left, right = _STRIPS[method]
    start = len(whole.text) - len(whole.text.lstrip(characters)) if left else 0
    end = len(whole.text.rstrip(characters)) if right else len(whole.text)
    if (start, end) == (0, len(whole.text)):
        return text
    return text.mapped(whole.cut(Span(start, max(start, end))))


def _replaced(text: Alternative, old: str, new: Alternative) -> Alternative:
    whole = text.text
    changes: list[tuple[Span, SqlText | None]] = []
    at = whole.text.find(old)
    while at >= 0:
        changes.append((Span(at, at + len(old)), new.text))
        at = whole.text.find(old, at + len(old))
    if not changes:
        return text
    origins = tuple(dict.fromkeys((*text.origins, *new.origins)))
    return replace(text.mapped(whole.substitute(changes)), origins=origins)
