"""Where one more argument, dict entry, query parameter or statement can be written into Python source."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import NamedTuple

from sqlite_lint.hosts.model import Connection
from sqlite_lint.hosts.module import Module
from sqlite_lint.text import Span


class Insertion(NamedTuple):
    """Text to insert at a character offset."""

    offset: int
    text: str


def into_call(module: Module, call: ast.Call, item: str) -> Insertion | None:
    """Add the argument ``item`` at the end of a call; None for ``f(x for x in y)``, which would need brackets."""
    elements: list[ast.expr] = [*call.args, *(keyword.value for keyword in call.keywords)]
    if len(elements) == 1 and isinstance(elements[0], ast.GeneratorExp):
        end = module.span(elements[0]).end
        if module.text[end - 1 : end] == ")" and end == module.span(call).end:
            return None
    opening = module.text.find("(", module.span(call.func).end)
    return _into_brackets(module, call, opening, elements, item)


def into_dict(module: Module, node: ast.Dict, item: str) -> Insertion | None:
    """Add the entry ``item`` at the end of a dict literal."""
    return _into_brackets(module, node, module.span(node).start, node.values, item)


def _into_brackets(
    module: Module, node: ast.expr, opening: int, elements: list[ast.expr], item: str
) -> Insertion | None:
    closing = module.span(node).end - 1
    if not elements:
        inside = module.text[opening + 1 : closing]
        return Insertion(opening + 1, item) if "#" not in inside else None
    start, end = max((module.span(element) for element in elements), key=_end)
    last, comma = _last_token(module.text, end, closing)
    if comma is None:
        return Insertion(last, f", {item}")
    line_end = module.text.find("\n", comma)
    if not 0 <= line_end < closing:
        return Insertion(comma + 1, f" {item}")
    line_start = module.text.rfind("\n", 0, start) + 1
    indent = module.text[line_start:start]
    key_start = len(indent) - len(indent.lstrip())
    if not _only_key(module, elements, line_start):
        return Insertion(comma + 1, f" {item},")
    newline = "\r\n" if module.text[line_end - 1] == "\r" else "\n"
    return Insertion(line_end - (newline == "\r\n"), f"{newline}{indent[:key_start]}{item},")


def _end(span: Span) -> int:
    return span.end


def _only_key(module: Module, elements: list[ast.expr], line_start: int) -> bool:
    """Tell whether the last element has its line to itself, so that a new one should get a line too."""
    return all(module.span(element).end <= line_start for element in elements[:-1])


def _last_token(text: str, start: int, closing: int) -> tuple[int, int | None]:
    """Look at what follows the last element up to the closing bracket: brackets around it, comments, a comma.

    Gives the offset after the last token that is no comma, and the comma's own offset.
    """
    last, comma = start, None
    at = start
    while at < closing:
        char = text[at]
        if char == "#":
            newline = text.find("\n", at)
            at = closing if newline < 0 else newline
        elif char == ",":
            comma = at
        elif char == ")":
            last = at + 1
        at += 1
    return last, comma


def into_url(module: Module, node: ast.expr, parameter: str, has_query: bool) -> Insertion | None:
    """Add a query parameter at the end of a URL: in the literal that ends it, or after ``"sqlite:///" + path``."""
    separator = "&" if has_query else "?"
    last = node
    while isinstance(last, ast.BinOp) and isinstance(last.op, ast.Add):
        last = last.right
    source = module.source(last)
    quote = source[-1:]
    is_text = isinstance(last, ast.JoinedStr) or (isinstance(last, ast.Constant) and isinstance(last.value, str))
    if is_text and quote in ("'", '"'):
        width = 3 if source.endswith(quote * 3) and len(source) > 5 else 1
        return Insertion(module.span(last).end - width, f"{separator}{parameter}")
    if isinstance(node, ast.BinOp) and last is not node:
        quote = quote_of(module, node)
        return Insertion(module.span(node).end, f" + {quote}{separator}{parameter}{quote}")
    return None


def after_statement(module: Module, statement: ast.stmt, item: str) -> Insertion | None:
    """Add a statement on the line after ``statement``; None where it shares its lines with others."""
    start, end = module.span(statement)
    line_start = module.text.rfind("\n", 0, start) + 1
    line_end = module.text.find("\n", end)
    rest = module.text[end : line_end if line_end >= 0 else len(module.text)].strip()
    indent = module.text[line_start:start]
    if indent.strip() or (rest and not rest.startswith("#")):
        return None
    newline = "\r\n" if "\r\n" in module.text else "\n"
    at = line_end if line_end >= 0 else len(module.text)
    if module.text[at - 1 : at] == "\r":
        at -= 1
    return Insertion(at, f"{newline}{indent}{item}")


def before_statement(module: Module, statement: ast.stmt, item: str) -> Insertion | None:
    """Add a statement on the line before ``statement``; None where that stands on another one's line."""
    start = module.span(statement).start
    line_start = module.text.rfind("\n", 0, start) + 1
    indent = module.text[line_start:start]
    if indent.strip():
        return None
    newline = "\r\n" if "\r\n" in module.text else "\n"
    return Insertion(start, f"{item}{newline}{indent}")


def quote_of(module: Module, node: ast.AST) -> str:
    """The quote that the source uses in ``node``: new strings look like their neighbours."""
    return usual_quote(module.source(node))


def usual_quote(source: str) -> str:
    """The quote that stands in ``source`` most often."""
    return "'" if source.count("'") > source.count('"') else '"'


def inserting(connection: Connection, place: Insertion | None, unit: str, reason: str) -> Connection:
    """``connection`` with the place for a timeout in ``unit``, or with the reason why there is none."""
    if place is None:
        return replace(connection, insert_withheld=reason)
    return replace(connection, insert_timeout=(place.offset, place.text), insert_unit=unit)
