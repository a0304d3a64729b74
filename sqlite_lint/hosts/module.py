"""One parsed Python file: where its nodes stand, what its names are bound to."""

from __future__ import annotations

import ast
import enum
from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeAlias, TypeVar, overload

from sqlite_lint.text import LineIndex, Span

N = TypeVar("N", bound=ast.AST)
M = TypeVar("M", bound=ast.AST)
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
COMPREHENSIONS: Final = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# Nodes without a place, of which ast keeps one instance for all trees: they have no parent of their own.
_SHARED: Final = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, *COMPREHENSIONS)


# Operators and contexts are shared between trees' nodes, and have no place of their own.
_NO_CHILDREN: Final = frozenset(
    ["ctx", "op", "ops", "id", "attr", "kind", "type_comment", "level", "is_async", "conversion"]
)
_STRINGS: Final = frozenset(["name", "arg", "module", "asname", "rest", "simple"])
_FIELDS: Final[dict[type[ast.AST], tuple[str, ...]]] = {ast.Constant: (), ast.Global: (), ast.Nonlocal: ()}


def _child_fields(kind: type[ast.AST]) -> tuple[str, ...]:
    """The fields of a kind of node that hold nodes."""
    return tuple(name for name in kind._fields if name not in _NO_CHILDREN and name not in _STRINGS)


class BindingKind(enum.Enum):
    ASSIGN = "assign"  # name = value, name: T = value, (name := value)
    AUGMENT = "augment"  # name += value
    APPEND = "append"  # name.append(value), name.add(value), name.insert(0, value)
    EXTEND = "extend"  # name.extend(value), name.update(value)
    ITERATE = "iterate"  # for name in value
    PARAM = "param"  # value is the default
    IMPORT = "import"
    DEF = "def"
    WITH = "with"  # with value as name
    OTHER = "other"  # except, del, global, match: nothing is known of the value


@dataclass(slots=True, eq=False)  # not frozen: modules have thousands, and frozen ones are four times as dear to make
class Binding:
    """One place that gives a name its value.

    ``path`` leads through nested tuples to the name: (1,) for b in ``a, b = value``.  ``dotted`` is set for imports.
    """

    kind: BindingKind
    name: str
    node: ast.AST
    scope: Scope
    value: ast.expr | None = None
    path: tuple[int, ...] = ()
    annotation: ast.expr | None = None
    dotted: str = ""


@dataclass(slots=True, eq=False)
class Scope:
    """A module, class, function, lambda or comprehension and the names that it binds, in source order.

    Attributes of ``self`` and ``cls`` are kept as names "self.x" in the scope of the method.
    """

    node: ast.AST
    parent: Scope | None
    names: dict[str, list[Binding]] = field(default_factory=dict)
    outer_names: set[str] = field(default_factory=set)  # global, nonlocal

    def lookup(self, name: str) -> tuple[Scope, list[Binding]] | None:
        """The scope that binds ``name`` as seen from inside this one, and its bindings; None for builtins."""
        scope: Scope | None = self
        own = True
        while scope is not None:
            found = scope.names.get(name)
            if found and name not in scope.outer_names and (own or not isinstance(scope.node, ast.ClassDef)):
                return scope, found
            # A comprehension sees the names of the class body around it only in its first iterable; being lenient
            # here can only find more.
            own = own and isinstance(scope.node, COMPREHENSIONS)
            scope = scope.parent
        return None

    @property
    def function(self) -> Scope:
        """The nearest scope that is no comprehension: where ``:=`` binds."""
        scope = self
        while isinstance(scope.node, COMPREHENSIONS) and scope.parent is not None:
            scope = scope.parent
        return scope


class Module:
    """A file's tree with parents, scopes and character offsets; walked once, without recursion."""

    def __init__(self, text: str, path: str, tree: ast.Module) -> None:
        self.text = text
        self.path = path
        self.tree = tree
        self.parents: dict[ast.AST, ast.AST] = {}
        self.nodes: list[ast.AST] = []
        self.order: dict[ast.AST, int] = {}  # each node's number, parents before children
        self._by_kind: defaultdict[type[ast.AST], list[ast.AST]] = defaultdict(list)
        self._of: dict[tuple[type[ast.AST], ...], list[Any]] = {}
        self._ascii = text.isascii()
        self._lines = LineIndex(text)
        self._columns: dict[int, str] = {}
        self._walk()
        self.calls: Final = self.of(ast.Call)
        self.functions: Final[list[Function]] = self.of(ast.FunctionDef, ast.AsyncFunctionDef)
        self.classes: Final = self.of(ast.ClassDef)
        self.imports: Final[dict[str, str]] = {}
        for node in self.of(ast.Import, ast.ImportFrom):
            for local, dotted in imported_names(node):
                self.imports.setdefault(local, dotted)

    def _walk(self) -> None:
        parents, nodes, order, by_kind = self.parents, self.nodes, self.order, self._by_kind
        fields_of = _FIELDS.get
        stack: list[ast.AST] = [self.tree]
        pop, note = stack.pop, nodes.append
        while stack:
            node = pop()
            order[node] = len(nodes)
            note(node)
            kind = type(node)
            by_kind[kind].append(node)
            fields = fields_of(kind)
            if fields is None:
                fields = _FIELDS[kind] = _child_fields(kind)
            if not fields:
                continue
            children: list[ast.AST] = []
            for name in fields:
                value = getattr(node, name, None)
                if value.__class__ is list:
                    children += [item for item in value if isinstance(item, ast.AST)]
                elif isinstance(value, ast.AST):
                    children.append(value)
            for child in children:
                parents[child] = node
            children.reverse()
            stack += children

    @overload
    def of(self, kind: type[N], /) -> list[N]: ...
    @overload
    def of(self, kind: type[N], second: type[M], /) -> list[N | M]: ...
    @overload
    def of(self, *kinds: type[ast.AST]) -> list[Any]: ...
    def of(self, *kinds: type[ast.AST]) -> list[Any]:
        """All nodes of these kinds, in the order of the source."""
        found = self._of.get(kinds)
        if found is None:
            found = [node for kind in kinds for node in self._by_kind.get(kind, ())]
            if len(kinds) > 1:
                found.sort(key=self.order.__getitem__)
            self._of[kinds] = found
        return found

    @cached_property
    def last(self) -> dict[ast.AST, int]:
        """The greatest number in ``order`` inside each node: b is inside a if order[a] <= order[b] <= last[a]."""
        last: dict[ast.AST, int] = {}
        for node in reversed(self.nodes):
            upto = last.setdefault(node, self.order[node])
            parent = self.parents.get(node)
            if parent is not None and last.get(parent, -1) < upto:
                last[parent] = upto
        return last

    # -- places

    def offset(self, row: int, byte_column: int) -> int:
        """Character offset of a place as ``ast`` gives it: the row from 1, the column in UTF-8 bytes from 0."""
        start = self._lines.line_start(row)
        if self._ascii:
            return start + byte_column
        line = self._columns.get(row)
        if line is None:
            line = self._columns[row] = self._lines.line(row)
        if line.isascii():
            return start + byte_column
        return start + len(line.encode("utf-8", "surrogatepass")[:byte_column].decode("utf-8", "surrogatepass"))

    def span(self, node: ast.AST) -> Span:
        """The node's place in the text, in characters from 0; for nodes that have one (expressions, statements)."""
        return Span(
            self.offset(node.lineno, node.col_offset),  # type: ignore[attr-defined]
            self.offset(node.end_lineno, node.end_col_offset),  # type: ignore[attr-defined]
        )

    def source(self, node: ast.AST) -> str:
        start, end = self.span(node)
        return self.text[start:end]

    def call_at(self, span: Span) -> ast.Call | None:
        """The call that stands at this place."""
        return self._calls_by_span.get(span)

    @cached_property
    def _calls_by_span(self) -> dict[Span, ast.Call]:
        return {self.span(call): call for call in self.calls}

    # -- surroundings

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around ``node``, nearest first."""
        parent = self.parents.get(node)
        while parent is not None:
            yield parent
            parent = self.parents.get(parent)

    def is_inside(self, node: ast.AST, around: ast.AST) -> bool:
        """Tell whether ``node`` is ``around`` or a part of it; a node of another tree is in none."""
        order = self.order
        return node in order and order[around] <= order[node] <= self.last[around]

    def function_of(self, node: ast.AST) -> Function | None:
        for parent in self.ancestors(node):
            if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
                return parent
        return None

    def class_of(self, node: ast.AST) -> ast.ClassDef | None:
        """The class in whose body, or in whose method, ``node`` stands."""
        for parent in self.ancestors(node):
            if isinstance(parent, ast.ClassDef):
                return parent
        return None

    # -- names

    @cached_property
    def scopes(self) -> dict[ast.AST, Scope]:
        """Scopes by the node that opens them."""
        from sqlite_lint.hosts.scope import build_scopes

        return build_scopes(self)

    def scope_of(self, node: ast.AST) -> Scope:
        """The scope in which the names of the expression or statement ``node`` are looked up."""
        scopes = self.scopes
        child = node
        for parent in self.ancestors(node):
            scope = scopes.get(parent)
            if scope is not None and not _outside(parent, child):
                return scope
            child = parent
        return scopes[self.tree]

    def dotted(self, node: ast.AST) -> str | None:
        """``a.b.c`` for a chain of names, its first name replaced by what it imports; None for other expressions."""
        parts: deque[str] = deque()
        while isinstance(node, ast.Attribute):
            parts.appendleft(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        parts.appendleft(self.imports.get(node.id, node.id))
        return ".".join(parts)

    @cached_property
    def reads(self) -> Mapping[str, list[ast.Name]]:
        """Where each plain name is read, in the order of the source."""
        found: dict[str, list[ast.Name]] = {}
        for node in self.of(ast.Name):
            if isinstance(node.ctx, ast.Load):
                found.setdefault(node.id, []).append(node)
        return found

    def reads_within(self, name: str, around: ast.AST) -> list[ast.Name]:
        """Where a plain name is read inside of ``around``."""
        reads, place = self.reads.get(name, []), self.order.__getitem__
        return reads[
            bisect_left(reads, self.order[around], key=place) : bisect_right(reads, self.last[around], key=place)
        ]

    @cached_property
    def low(self) -> str:
        """The text in lower case, which need not be as long."""
        return self.text.lower()

    def mentions(self, words: Iterable[str]) -> bool:
        """Tell whether one of ``words``, in lower case, stands anywhere: the cheap test before a rule looks closer."""
        return any(word in self.low for word in words)

    @cached_property
    def called(self) -> frozenset[str]:
        """The last names of all that is called: the cheap test whether a rule on calls can concern this module."""
        return frozenset(map(self.called_name, self.calls))

    def called_name(self, call: ast.Call) -> str:
        """The last name of what is called, under the name that it was imported from; "" for other expressions."""
        function = call.func
        if isinstance(function, ast.Attribute):
            return function.attr
        if isinstance(function, ast.Name):
            return self.imports.get(function.id, function.id).rpartition(".")[2]
        return ""


def imported_names(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """Local names that an import binds, each with its dotted name; relative imports keep their leading dots."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.asname:
                yield alias.asname, alias.name
            else:
                first = alias.name.partition(".")[0]
                yield first, first
        return
    prefix = "." * node.level + (node.module or "")
    for alias in node.names:
        dotted = prefix + alias.name if prefix.endswith(".") or not prefix else f"{prefix}.{alias.name}"
        yield alias.asname or alias.name, dotted


def _outside(scope: ast.AST, child: ast.AST) -> bool:
    """Decorators, defaults, annotations and base classes belong to the scope around the one that they introduce."""
    if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return not isinstance(child, ast.stmt)
    if isinstance(scope, ast.Lambda):
        return child is not scope.body
    return False


def name_of(target: ast.expr) -> str | None:
    """The key under which a target is bound: ``name`` or ``self.name``; None for subscripts and longer chains."""
    if isinstance(target, ast.Name):
        return target.id
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        return f"{target.value.id}.{target.attr}"
    return None
