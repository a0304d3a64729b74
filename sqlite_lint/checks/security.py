"""What lets others run code, read a key, or change a statement."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.areas import area_of
from sqlite_lint.hosts.insertion import after_statement
from sqlite_lint.hosts.model import Engine
from sqlite_lint.hosts.module import Module
from sqlite_lint.hosts.sinks import name_of_call
from sqlite_lint.regex import regex
from sqlite_lint.rule import SourceHit
from sqlite_lint.sql.statement import split
from sqlite_lint.sql.tokens import HOLE, Kind, Token
from sqlite_lint.text import Applicability, Edit, Span

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import HostResult, SqlUse
    from sqlite_lint.rule import FileContext
    from sqlite_lint.sql.statement import Statement

_SWITCHES: Final = frozenset({"enable_load_extension", "enableloadextension"})
_LOADS: Final = regex(r"(?i)load")
_KEYS: Final = frozenset({"key", "rekey", "hexkey", "hexrekey", "textkey", "textrekey"})
_ESCAPED: Final = regex(r"replace\(|quote|escape")
_COMPARING: Final = frozenset({"=", "==", "<", ">", "<=", ">=", "<>", "!=", "LIKE", "GLOB", "IS"})
_VERBS: Final = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"})
# What is filled in is a name, a placeholder or a piece of SQL by the look of it: no parameter could take its place.
_NO_VALUE: Final = regex(
    r"(?i)ph\b|place_?holder|param|marks?\b|col|field|table|alias|expr|cond|where|clause|sql|query|join|schema|\bkey\b|\bop\b|now|\?"
)


# -- extensions


def extensions_left_on(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL540: loading of extensions is switched on, and never off."""
    module = result.module
    if module is None or area_of(context.path, context.project) == "test":
        return
    switches = [call for call in module.calls if name_of_call(call) in _SWITCHES and len(call.args) == 1]
    off = {module.function_of(call) for call in switches if _constant(call.args[0]) in (False, 0)}
    for call in switches:
        function = module.function_of(call)
        if (
            _constant(call.args[0]) in (True, 1)
            and function not in off
            and not _is_off_in_callee(module, function, off)
        ):
            yield _left_on(module, call)


def _is_off_in_callee(
    module: Module, function: ast.AST | None, off: set[ast.FunctionDef | ast.AsyncFunctionDef | None]
) -> bool:
    """Tell whether the methods of one class, or a function that is called, switch it off again."""
    names = {each.name for each in off if each is not None}
    owner = module.parents.get(function) if function is not None else None
    if isinstance(owner, ast.ClassDef):
        return any(each is not None and module.parents.get(each) is owner for each in off)
    return any(name_of_call(call) in names for call in module.calls)


def _constant(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _left_on(module: Module, call: ast.Call) -> SourceHit:
    assert isinstance(call.func, ast.Attribute)
    receiver = module.source(call.func.value)
    edits: tuple[Edit, ...] = ()
    last = _last_load(module, call)
    if last is not None and isinstance(call.func.value, ast.Name | ast.Attribute):
        place = after_statement(module, last, f"{receiver}.{call.func.attr}(False)")
        if place is not None:
            edits = (Edit(Span(place.offset, place.offset), place.text),)
    return SourceHit(
        module.span(call),
        {"receiver": receiver},
        fix_title="Switch it off after loading",
        edits=edits,
        applicability=Applicability.UNSAFE,
        withheld=None if edits else "where the last extension is loaded is not seen here",
    )


def _last_load(module: Module, call: ast.Call) -> ast.stmt | None:
    """The last statement beside the call that loads an extension."""
    statement = module.parents[call]
    block = module.parents.get(statement)
    body: list[ast.stmt] = getattr(block, "body", [])
    if not isinstance(statement, ast.Expr) or statement not in body:
        return None
    after = body[body.index(statement) + 1 :]
    loading = [
        each
        for each in after
        if isinstance(each, ast.Expr | ast.Assign)
        and any(isinstance(node, ast.Call) and _LOADS.search(name_of_call(node)) for node in ast.walk(each))
    ]
    return loading[-1] if loading else None


# -- statements


def attached_text(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL541: a path that is written into the text of ATTACH."""
    for use, statement in _statements(result, context, "attach"):
        path = statement.tokens[2 if statement.key(1) == "DATABASE" else 1] if len(statement.tokens) > 2 else None
        if statement.keyword != "ATTACH" or path is None or not path.has_hole:
            continue
        if path.kind in (Kind.STRING, Kind.HOLE, Kind.QUOTED) and not _is_escaped(result, use, context):
            yield SourceHit(_place(use, path))


def literal_key(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL542: the key of an encrypted database in the source."""
    if area_of(context.path, context.project) == "test":
        return
    for use, statement in _statements(result, context, "key"):
        value = _key(statement)
        if value is not None and not value.has_hole and len(value.text) > 2:
            yield SourceHit(_place(use, value))
    module = result.module
    for call in module.calls if module is not None and "passphrase" in context.text else ():
        for keyword in call.keywords:
            if keyword.arg == "passphrase" and "SqlCipher" in name_of_call(call) and _constant(keyword.value):
                assert module is not None
                yield SourceHit(module.span(keyword.value))


def _key(statement: Statement) -> Token | None:
    """The literal that is given as a key: ``PRAGMA key = '...'``, ``ATTACH ... KEY '...'``."""
    tokens = statement.tokens
    for i in range(1, len(tokens) - 1):
        given = tokens[i + 1] if statement.keyword == "ATTACH" and tokens[i].key == "KEY" else None
        if statement.keyword == "PRAGMA" and tokens[i].name in _KEYS and tokens[i + 1].key in ("=", "(") and i < 4:
            given = tokens[i + 2] if i + 2 < len(tokens) else None
        if given is not None and given.kind in (Kind.STRING, Kind.QUOTED, Kind.BLOB):
            return given
    return None


def built_text(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL543: a value that is written into the text of a statement."""
    if area_of(context.path, context.project) == "test":
        return
    for use, statement in _statements(result, context, ""):
        if statement.keyword not in _VERBS or not statement.has_holes:
            continue
        for i, token in enumerate(statement.tokens):
            if token.has_hole and _is_value(statement, i) and not _is_escaped(result, use, context):
                span = _place(use, token)
                if token.kind is Kind.STRING or not _NO_VALUE.search(context.text[span.start : span.end]):
                    yield SourceHit(span)


def _is_value(statement: Statement, i: int) -> bool:
    token = statement.tokens[i]
    if token.kind is Kind.STRING:
        return True
    return token.kind is Kind.HOLE and statement.key(i - 1) in _COMPARING and statement.key(i + 1) not in (".", "(")


def _statements(result: HostResult, context: FileContext, word: str) -> Iterator[tuple[SqlUse, Statement]]:
    for use in result.uses:
        if use.engine is Engine.OTHER or use.elsewhere or word not in use.text.text.lower():
            continue
        if word in ("", "attach") and HOLE not in use.text.text:
            continue
        for statement in split(use.text.text):
            yield use, statement


def _place(use: SqlUse, token: Token) -> Span:
    return use.text.locate(Span(token.start, token.end)) or use.anchor


def _is_escaped(result: HostResult, use: SqlUse, context: FileContext) -> bool:
    """Tell whether the quotes in what is filled in are doubled, as far as the function around shows."""
    module = result.module
    call = next((c for c in module.calls if c.args and module.span(c.args[0]) == use.anchor), None) if module else None
    function = module.function_of(call) if module is not None and call is not None else None
    text = module.source(function) if module is not None and function is not None else ""
    return _ESCAPED.search(text or context.text[use.anchor.start : use.anchor.end]) is not None
