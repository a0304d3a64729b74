"""Strings that may be SQL although no sink in sight takes them: constants, returned texts, arguments."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from sqlite_lint.hosts.expressions import last_name
from sqlite_lint.hosts.module import Module
from sqlite_lint.hosts.sinks import is_sink_name, name_of_call
from sqlite_lint.regex import regex

_VERB: Final = regex(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/|\()*"
    r"(?:select|insert|update|delete|replace|with|create|alter|drop|pragma|explain|truncate|merge|attach)\b",
    re.IGNORECASE | re.DOTALL,
)
_SQLITE_KEYS: Final = frozenset(["sqlite", "sqlite3"])
_OTHER_KEY: Final = regex(r"(?:postgres|pg|psql|mysql|maria|oracle|mssql|sqlserver|default)")
_TALKING: Final = regex(
    r"(?i)^(?:print|pprint|warn|warning|debug|info|error|exception|critical|log|trace|fatal|echo|secho|write|writelines|fail|skip|"
    r"add_argument|option|argument|help|field|match|search|compile|sub|startswith|endswith|index|find|count|assert\w+|"
    r"replace|removeprefix|removesuffix|split|partition|xfail|gettext|ugettext|_|format_html|message|describe|title|"
    r"ArgumentParser|add_parser|echo_via_pager|prompt|confirm|Panel|Markdown|TODO)$"
)
_EXCEPTION: Final = regex(r"(?:Error|Exception|Warning)$")
_TALKING_KEYWORDS: Final = frozenset(
    [
        *(
            "help",
            "description",
            "doc",
            "message",
            "msg",
            "title",
            "label",
            "epilog",
            "reason",
            "usage",
            "prompt",
            "match",
        )
    ]
)
_TALKING_NAME: Final = regex(
    r"(?i)(?:^|_)(?:help|usage|docs?|description|message|msg|prompt|title|label|hint|epilog|banner|explanation)(?:_|$)"
)
_TALKING_END: Final = regex(
    r"(?i)(?:^|_)(?:prompts?|helps?|help_texts?|usages?|payloads?|injections?|few_?shots?|examples?|snippets?)\Z"
)
_SQL_NAME: Final = regex(r"(?i)sql|quer|stmt|statement|ddl")
_MOST_READS: Final = 20
_HTTP: Final = frozenset({"get", "post", "put", "patch", "request", "fetch", "stream"})
_PROMPTS: Final = regex(r"(?:^|[\\/])[a-z_]*prompts?(?:[\\/][^\\/]*)?\.py\Z")
_STRING_METHODS: Final = frozenset(
    [
        *(
            "format",
            "strip",
            "lstrip",
            "rstrip",
            "join",
            "replace",
            "format_map",
            "lower",
            "upper",
            "encode",
            "substitute",
        )
    ]
)


def candidates(module: Module) -> Iterator[tuple[ast.expr, list[ast.AST]]]:
    """Expressions to look at, each with its literals; the widest one around each literal, and each only once."""
    if _PROMPTS.search(module.path):
        return  # what a language model is told
    found: dict[ast.expr, list[ast.AST]] = {}
    known: dict[ast.AST, ast.expr | None] = {}
    for node in module.of(ast.Constant, ast.JoinedStr, ast.BinOp):
        continued = _continued(node, module)
        if continued:
            widest = _widest(node, module, known)
            if widest is not None:
                found.setdefault(widest, []).extend(continued)
            continue
        if isinstance(node, ast.Constant):
            if not isinstance(node.value, str) or len(node.value) < 8 or _VERB.match(node.value) is None:
                continue
            if isinstance(module.parents[node], ast.JoinedStr):
                continue
        elif not isinstance(node, ast.JoinedStr) or not _opens(node):
            continue
        widest = _widest(node, module, known)
        if widest is not None:
            found.setdefault(widest, []).append(node)
    yield from found.items()


def engine_fragments(module: Module) -> Iterator[ast.expr]:
    """Parts of statements in tables of SQL per engine: what stands under "sqlite" beside other engines' keys."""
    for node in module.of(ast.Dict):
        names = [key.value.lower() for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
        if not any(name in _SQLITE_KEYS for name in names) or not any(_OTHER_KEY.match(name) for name in names):
            continue
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and str(key.value).lower() in _SQLITE_KEYS:
                entries = value.values if isinstance(value, ast.Dict) else [value]
                yield from (e for e in entries if isinstance(e, ast.Constant | ast.JoinedStr | ast.BinOp))


def _continued(node: ast.AST, module: Module) -> list[ast.AST]:
    """The literals with which an expression goes on from a name that holds a beginning: ``BASE + " WHERE a = ?"``."""
    if isinstance(node, ast.JoinedStr):
        first = node.values[0] if node.values else None
        literals: list[ast.AST] = [node] if any(isinstance(part, ast.Constant) for part in node.values) else []
        left: ast.AST | None = first.value if isinstance(first, ast.FormattedValue) else None
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parent = module.parents[node]
        if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Add) and parent.left is node:
            return []  # a part of a longer sum
        literals = []
        left = node
        while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add):
            literals += [left.right] if isinstance(left.right, ast.Constant | ast.JoinedStr) else []
            left = left.left
    else:
        return []
    return literals if literals and isinstance(left, ast.Name) and _holds_beginning(left, module) else []


def _holds_beginning(name: ast.Name, module: Module) -> bool:
    """Tell whether a name is given a text that begins like a statement."""
    found = module.scope_of(name).lookup(name.id)
    values = [binding.value for binding in found[1][:8]] if found is not None else []
    return any(
        isinstance(value, ast.Constant) and isinstance(value.value, str) and _VERB.match(value.value) is not None
        for value in values
    )


def _opens(node: ast.JoinedStr) -> bool:
    first = node.values[0] if node.values else None
    return isinstance(first, ast.Constant) and isinstance(first.value, str) and _VERB.match(first.value) is not None


def _widest(node: ast.expr, module: Module, known: dict[ast.AST, ast.expr | None]) -> ast.expr | None:
    """The whole expression that ``node`` is part of; None where it is talk, a comparison or a docstring.

    ``known`` keeps the answers for sums, so that a long one is climbed only once.
    """
    widest: ast.expr | None = node
    child: ast.AST = node
    climbed: list[ast.AST] = []
    for parent in module.ancestors(node):
        if parent in known:
            widest = known[parent]
            break
        if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Add | ast.Mod):
            widest = parent
            climbed.append(parent)
        elif isinstance(parent, ast.Attribute) and parent.attr in _STRING_METHODS:
            call = module.parents[parent]
            if isinstance(call, ast.Call) and call.func is parent:
                widest = call
        elif isinstance(parent, ast.Call) and parent.func is child:
            pass
        elif _is_talk(parent, child) or _is_sent(parent, module) or _is_data_of_test(parent, module):
            widest = None
            break
        elif isinstance(parent, ast.stmt):
            break
        child = parent
    known.update(dict.fromkeys(climbed, widest))
    return widest


def _is_sent(node: ast.AST, module: Module) -> bool:
    """Tell whether a text goes over HTTP, to an engine that is there: ``post(url, json={"query": "SELECT ..."})``."""
    if not isinstance(node, ast.keyword) or node.arg not in {"json", "params", "data"}:
        return False
    call = module.parents[node]
    return isinstance(call, ast.Call) and name_of_call(call) in _HTTP


def _is_data_of_test(node: ast.AST, module: Module) -> bool:
    """Tell whether a text is for a test that runs no SQL, one of a parser, say.

    ``parametrize`` hands it over, or it has a name that is only read to be asserted, printed or sent.
    """
    if isinstance(node, ast.Assign):
        target = node.targets[0]
        return isinstance(target, ast.Name) and _is_only_told(target, module)
    if not isinstance(node, ast.Call) or name_of_call(node) != "parametrize":
        return False
    test = module.parents[node]
    return isinstance(test, ast.FunctionDef | ast.AsyncFunctionDef) and not any(
        isinstance(call, ast.Call) and is_sink_name(name_of_call(call)) for call in ast.walk(test)
    )


def _is_only_told(target: ast.Name, module: Module, depth: int = 2) -> bool:
    """Tell whether what reads a name, or what a loop takes from it, only asserts, prints or sends it."""
    reads = module.reads_within(target.id, module.scope_of(target).node)
    return 0 < len(reads) <= _MOST_READS and all(_is_told(read, module, depth) for read in reads)


def _is_told(read: ast.Name, module: Module, depth: int) -> bool:
    child: ast.AST = read
    for parent in module.ancestors(read):
        if isinstance(parent, ast.For) and read is parent.iter and depth:
            names = [node for node in ast.walk(parent.target) if isinstance(node, ast.Name)]
            return all(_is_only_told(name, module, depth - 1) for name in names)
        if _is_talk(parent, child) or _is_sent(parent, module):
            return True
        if isinstance(parent, ast.stmt):
            call = parent.value if isinstance(parent, ast.Expr) else None
            return isinstance(call, ast.Call) and name_of_call(call).startswith("assert")
        child = parent
    return False


def _names_talk(name: str) -> bool:
    """Tell whether a name is that of a text for people, or of one that an attacker would send."""
    if _TALKING_END.search(name) is not None:
        return True
    return _TALKING_NAME.search(name) is not None and _SQL_NAME.search(name) is None


def _is_talk(parent: ast.AST, child: ast.AST) -> bool:
    if isinstance(parent, ast.Expr):
        return isinstance(child, ast.Constant | ast.JoinedStr)  # a docstring, or a text out of use
    if isinstance(parent, ast.Raise | ast.Compare | ast.Assert):
        return True
    if isinstance(parent, ast.keyword):
        return parent.arg in _TALKING_KEYWORDS
    if isinstance(parent, ast.Assign | ast.AnnAssign) and child is parent.value:
        target = parent.targets[0] if isinstance(parent, ast.Assign) else parent.target
        return _names_talk(last_name(target))
    if isinstance(parent, ast.Subscript):
        return parent.slice is child
    if isinstance(parent, ast.Dict):
        return any(key is child for key in parent.keys)
    if isinstance(parent, ast.FormattedValue | ast.AnnAssign) and getattr(parent, "annotation", None) is child:
        return True
    if isinstance(parent, ast.Call) and child is not parent.func:
        name = last_name(parent.func)
        if name == "field" and isinstance(child, ast.keyword) and child.arg in {"default", "default_factory"}:
            return False  # of a dataclass
        return _TALKING.match(name) is not None or _EXCEPTION.search(name) is not None
    return False
