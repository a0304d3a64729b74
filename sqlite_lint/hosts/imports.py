"""How a fix may name what the standard library offers: by an import that is there, or by a new one."""

from __future__ import annotations

import ast

from sqlite_lint.hosts.module import Module
from sqlite_lint.text import Edit, Span


def name_for(module: Module, library: str, name: str) -> tuple[str, tuple[Edit, ...]] | None:
    """What to write for ``library.name`` in ``module``, and the edits that import it.

    None where the new name is taken already, or where there is no import beside which a new one could stand.
    """
    for local, dotted in module.imports.items():
        if dotted == f"{library}.{name}":
            return local, ()
        if dotted == library:
            return f"{local}.{name}", ()
    if module.scopes[module.tree].lookup(name) is not None:
        return None
    imports = [node for node in module.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    beside = [node for node in imports if getattr(node, "module", None) != "__future__"]
    if not beside:
        return None
    first = _place(beside, library)
    start = module.span(first).start
    if module.text[module.text.rfind("\n", 0, start) + 1 : start]:
        return None
    newline = "\r\n" if "\r\n" in module.text else "\n"
    return name, (Edit(Span(start, start), f"from {library} import {name}{newline}"),)


def _place(imports: list[ast.Import | ast.ImportFrom], library: str) -> ast.Import | ast.ImportFrom:
    """The import before which the new one stands in the order of the alphabet, as sorters without sections have it."""
    for node in imports:
        if isinstance(node, ast.ImportFrom) and (node.module or "~") > library:
            return node
    return imports[0]
