"""Finds the SQL in a Python file: what sinks are given, what wrappers hand on, and what is SQL by its shape."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

from sqlite_lint.hosts.model import HostResult
from sqlite_lint.hosts.parsing import parse
from sqlite_lint.text import LineIndex, Span

if TYPE_CHECKING:
    from sqlite_lint.config import Config
    from sqlite_lint.project import Project


def read_python(text: str, path: str, project: Project, config: Config, tree: ast.Module | None = None) -> HostResult:
    """All SQL, connections and calls out of reach in ``text``; never raises.

    ``tree`` saves parsing again where a caller has it already.  A text that is no Python gives ``HostResult.error``.
    """
    try:
        tree = parse(text) if tree is None else tree
    except SyntaxError as error:
        return HostResult(error=_message(error), error_span=_place(error, text))
    except (RecursionError, MemoryError):
        return HostResult(error="too deeply nested to be parsed")
    except ValueError as error:
        return HostResult(error=str(error))
    from sqlite_lint.hosts.finder import Finder
    from sqlite_lint.hosts.module import Module

    module = Module(text, path, tree)
    return Finder(module, project, config).result()


def _message(error: SyntaxError) -> str:
    """What the parser says, and whose parser it is: the file may be written for a newer one."""
    return f"{error.msg or 'invalid syntax'} (as Python {sys.version_info[0]}.{sys.version_info[1]} reads it)"


def _place(error: SyntaxError, text: str) -> Span:
    """Where the parser stopped; the file's beginning where it does not say."""
    lines = LineIndex(text)
    row = error.lineno or 1
    if not 1 <= row <= lines.rows:
        return Span(0, 0)
    start = lines.line_start(row)
    column = min(max((error.offset or 1) - 1, 0), len(lines.line(row)))
    return Span(start + column, start + column)
