"""What other modules of a project may want to know of one: its constants of SQL and its wrappers of sinks."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sqlite_lint.hosts.alternative import Alternative
from sqlite_lint.hosts.evaluate import Evaluator
from sqlite_lint.hosts.module import BindingKind, Function, Module, Scope
from sqlite_lint.hosts.shape import is_fragment, is_statement
from sqlite_lint.hosts.wrappers import Wrapper

__all__ = ["ModuleSql", "Wrapper", "module_sql"]


class ModuleSql(NamedTuple):
    """``constants`` maps "NAME" or "Class.NAME" to a text, or several; HOLE stands for what is not known of it."""

    constants: Mapping[str, str | tuple[str, ...]]
    wrappers: tuple[Wrapper, ...]


def module_sql(text: str, tree: ast.Module, path: str = "") -> ModuleSql:
    """The facts of one module, whose ``text`` parses to ``tree``."""
    from sqlite_lint.config import Config
    from sqlite_lint.hosts.finder import Finder, wrappers_of
    from sqlite_lint.project import Project

    module = Module(text, path, tree)
    finder = Finder(module, Project.empty(), Config(), wrappers_only=True)
    finder.find_wrappers()
    return ModuleSql(dict(_constants(module, finder.evaluator)), tuple(wrappers_of(finder)))


def _constants(module: Module, evaluator: Evaluator) -> Iterator[tuple[str, str | tuple[str, ...]]]:
    classes = [statement for statement in module.tree.body if isinstance(statement, ast.ClassDef)]
    scopes: list[tuple[str, Scope]] = [("", module.scopes[module.tree])]
    scopes += [(cls.name + ".", module.scopes[cls]) for cls in classes]
    for prefix, scope in scopes:
        for name, bindings in scope.names.items():
            if "." in name or not any(b.kind is BindingKind.ASSIGN for b in bindings):
                continue
            values = [b.value for b in bindings if b.kind is BindingKind.ASSIGN and not b.path]
            texts = [text for value in values if value is not None for text in _texts(value, evaluator)]
            if texts:
                yield prefix + name, _one_or_several(texts)
    for function in module.functions:
        home = _prefix(function, module)
        if home is not None:
            texts = [
                text.text.text
                for value, _ in evaluator.calls.returned(function)
                for text in evaluator.ask(value)
                if text.is_text and is_statement(text.text.text)
            ]
            if texts:
                yield f"{home}{function.name}()", _one_or_several(texts)


def _prefix(function: Function, module: Module) -> str | None:
    """ "" for a function of the module, "Class." for a method; None for functions inside functions."""
    parent = module.parents[function]
    if isinstance(parent, ast.Module):
        return ""
    if isinstance(parent, ast.ClassDef) and isinstance(module.parents[parent], ast.Module):
        return parent.name + "."
    return None


def _one_or_several(texts: list[str]) -> str | tuple[str, ...]:
    distinct = tuple(dict.fromkeys(texts))
    return distinct[0] if len(distinct) == 1 else distinct


def _texts(value: ast.expr, evaluator: Evaluator) -> list[str]:
    found: list[Alternative] = evaluator.ask(value)
    if not any(text.is_text for text in found):
        entries = (
            [(entry, None) for entry in value.values]
            if isinstance(value, ast.Dict)
            else [item for state in evaluator.sequences.lists(value, None) for item in state.items]
        )
        found = [text for entry, frame in entries for text in evaluator.texts(entry, frame)]
    texts = [text.text.text for text in found if text.is_text]
    return [text for text in texts if is_statement(text) or is_fragment(text) or text.isidentifier()]
