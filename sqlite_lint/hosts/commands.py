"""Commands of the system that a Python file runs: which program, and the words that it is given."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from sqlite_lint.hosts.sinks import name_of_call
from sqlite_lint.regex import regex
from sqlite_lint.sql.tokens import HOLE

if TYPE_CHECKING:
    from sqlite_lint.hosts.module import Module

# A word of a command: its text, or the expression whose value it is.
Word: TypeAlias = "ast.expr | str"

_RUNNERS: Final = frozenset({"run", "call", "check_call", "check_output", "Popen", "system", "popen", "getoutput",
                             "create_subprocess_exec", "create_subprocess_shell"})  # fmt: skip
_ONE_WORD_EACH: Final = frozenset({"create_subprocess_exec"})
_SHELLS: Final = frozenset({"sh", "bash", "zsh", "dash"})
_WRAPPERS: Final = frozenset({"sudo", "nice", "ionice", "env", "time", "nohup", "doas"})
_SEPARATORS: Final = frozenset({"&&", "||", ";", "|", "&"})
_FIELD: Final = regex("\0([0-9]+)\0")
_LAST_FIELD: Final = regex("(?<=:)\0([0-9]+)\0\\Z")  # the path of {container}:{path}
_FORMAT_FIELD: Final = regex(r"\{\w*(?:![rsa])?(?::[^{}]*)?\}")
_PERCENT_FIELD: Final = regex(r"%s|%r")


class Command(NamedTuple):
    """One program that a call runs, with what it is given."""

    call: ast.Call
    program: str
    words: tuple[Word, ...]


def commands(module: Module) -> Iterator[Command]:
    """All commands of the calls of ``subprocess``, ``os.system`` and their like, as far as they can be read."""
    for call in module.calls:
        name = name_of_call(call)
        if name not in _RUNNERS or not call.args:
            continue
        first = _written(module, call.args[0])
        if name in _ONE_WORD_EACH:
            yield from _command(call, [_word(argument) for argument in call.args])
        elif isinstance(first, ast.List | ast.Tuple):
            yield from _command(call, [_word(argument) for argument in first.elts])
        else:
            yield from _shell(call, first)


def _written(module: Module, node: ast.expr) -> ast.expr:
    """The list or text behind a name that is bound once: ``cmd = ["cp", ...]``."""
    if isinstance(node, ast.Name):
        found = module.scope_of(node).lookup(node.id)
        if found is not None and len(found[1]) == 1 and found[1][0].value is not None and not found[1][0].path:
            return found[1][0].value
    if isinstance(node, ast.Call) and name_of_call(node) == "split" and node.args:  # shlex.split(text)
        return node.args[0]
    return node


def _word(node: ast.expr) -> Word:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        fields = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
        text = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        if len(fields) == 1 and (not text or text == "if="):
            return fields[0]
        if len(fields) > 1 and isinstance(node.values[-1], ast.FormattedValue) and text.endswith(":"):
            return fields[-1]  # the path of {container}:{path}
    return node


def _command(call: ast.Call, words: list[Word]) -> Iterator[Command]:
    while words and isinstance(words[0], str) and words[0] in _WRAPPERS:
        words = words[1:]
        while words and isinstance(words[0], str) and (words[0].startswith("-") or "=" in words[0]):
            words = words[1:]
    if not words or not isinstance(words[0], str):
        return
    program = words[0].replace("\\", "/").rsplit("/", 1)[-1]
    if program in _SHELLS and len(words) > 2 and words[1] in ("-c", "-lc", "-ec"):
        script = words[2]
        yield from _shell(call, ast.Constant(script) if isinstance(script, str) else script)
    else:
        yield Command(call, program, tuple(words[1:]))


def _shell(call: ast.Call, node: ast.expr) -> Iterator[Command]:
    """The commands of a line for a shell."""
    words: list[Word] = []
    for word in _shell_words(node):
        if isinstance(word, str) and word in _SEPARATORS:
            yield from _command(call, words)
            words = []
        else:
            words.append(word)
    yield from _command(call, words)


def _shell_words(node: ast.expr) -> Iterator[Word]:
    """The words of a command line; a word that is only what is filled in is the expression of that."""
    fields: list[ast.expr] = []
    text = _template(node, fields)
    lexer = shlex.shlex(text, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError:
        return
    for word in words:
        field = _FIELD.fullmatch(word.removeprefix("if=")) or _LAST_FIELD.search(word)
        yield fields[int(field[1])] if field else _FIELD.sub(HOLE, word)


def _template(node: ast.expr, fields: list[ast.expr]) -> str:
    """The text of an expression, in which a number between NULs stands for one of ``fields``."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_template(part, fields) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return _field(node.value, fields)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _template(node.left, fields) + _template(node.right, fields)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant):
        values = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
        return _filled(str(node.left.value), _PERCENT_FIELD, values, fields)
    function = node.func if isinstance(node, ast.Call) else None
    if isinstance(function, ast.Attribute) and function.attr == "format" and isinstance(function.value, ast.Constant):
        assert isinstance(node, ast.Call)
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        return _filled(str(function.value.value), _FORMAT_FIELD, given, fields)
    return _field(node, fields)


def _field(node: ast.expr, fields: list[ast.expr]) -> str:
    if isinstance(node, ast.Call) and name_of_call(node) == "quote" and node.args:  # shlex.quote(path)
        node = node.args[0]
    fields.append(node)
    return f"\0{len(fields) - 1}\0"


def _filled(text: str, field: re.Pattern[str], values: list[ast.expr], fields: list[ast.expr]) -> str:
    rest = iter(values)

    def fill(match: re.Match[str]) -> str:
        value = next(rest, None)
        return match[0] if value is None else _field(value, fields)

    return field.sub(fill, text)
