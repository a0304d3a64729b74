"""Every way of opening SQLite in one file, as one ``Connection`` each (see ``model.py``)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.areas import area_of
from sqlite_lint.hosts.module import Module
from sqlite_lint.regex import regex

if TYPE_CHECKING:
    from sqlite_lint.hosts.connection_arguments import Opened
    from sqlite_lint.hosts.connection_flow import ConnectionFlow, Setting
    from sqlite_lint.hosts.model import Connection, Known
    from sqlite_lint.project import Project

_CONCERNED: Final = ("sqlite", "apsw", "sqlean", "libsql", "sqlcipher", "_engine")
_TEST_CLASS: Final = regex(r"Test[A-Z_]|Test$|.*Tests?$|.*TestCase$|Testing")
# Frameworks whose pragmas are set by listeners and signals that may stand in any module of the project.
_CONFIGURED_FROM_AFAR: Final = frozenset({"sqlalchemy", "django", "tortoise", "peewee"})


def find_connections(module: Module, project: Project | None = None) -> tuple[Connection, ...]:
    """All places of ``module`` that open SQLite, in source order."""
    if not module.mentions(_CONCERNED):
        return ()
    opened = list(_opened(module))
    if not opened:
        return ()
    from sqlite_lint.hosts.connection_flow import ConnectionFlow
    from sqlite_lint.hosts.values import Values

    flow = ConnectionFlow(module, Values(module), [found.node for found in opened])
    area = area_of(module.path, project)
    connections = [_completed(module, found, flow, project, area) for found in opened]
    return tuple(sorted(connections, key=lambda connection: connection.span))


def _opened(module: Module) -> Iterator[Opened]:
    from sqlite_lint.hosts.connection_calls import CallReader
    from sqlite_lint.hosts.connection_settings import SettingsReader
    from sqlite_lint.hosts.values import Values

    values = Values(module)
    yield from CallReader(module, values).read()
    yield from SettingsReader(module, values).read()


def _completed(module: Module, found: Opened, flow: ConnectionFlow, project: Project | None, area: str) -> Connection:
    """Add what the rest of the file says of a connection: pragmas, the place for a fix, the scope."""
    connection, node = found
    is_engine = connection.driver == "sqlalchemy"
    settings = flow.settings_of(node, is_engine)
    pragmas: dict[str, Known] = dict(connection.pragmas)
    for setting in settings:
        pragmas.update(setting.pragmas)
    is_open = connection.pragmas_open or any(setting.open for setting in settings)
    is_open = is_open or _may_be_set_elsewhere(connection, flow.unlinked, project)
    if connection.driver == "apsw":
        connection = _apsw(module, connection, node)
    return replace(
        connection,
        pragmas=pragmas,
        pragmas_open=is_open,
        area="test" if _in_test(module, node) else area,
        scope=_scope_name(module, node),
    )


def _may_be_set_elsewhere(connection: Connection, unlinked: list[Setting], project: Project | None) -> bool:
    if any("busy_timeout" in setting.pragmas for setting in unlinked):
        return True
    if connection.driver not in _CONFIGURED_FROM_AFAR or project is None:
        return False
    return any(name == "busy_timeout" for name, *_ in project.pragmas)


def _apsw(module: Module, connection: Connection, node: ast.expr) -> Connection:
    """apsw has a method instead of an argument: the fix is a line after the one that opens the connection."""
    from sqlite_lint.hosts.insertion import after_statement, before_statement

    if "connection_hooks" in module.text or "bestpractice" in module.text:
        return replace(connection, timeout_may_be_elsewhere=True)
    method = "setbusytimeout" if ".setbusytimeout(" in module.text else "set_busy_timeout"
    statement = module.parents.get(node)
    place = None
    if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is node:
        target = statement.targets[-1] if isinstance(statement, ast.Assign) else statement.target
        if isinstance(target, ast.Name | ast.Attribute):
            place = after_statement(module, statement, f"{module.source(target)}.{method}({{}})")
    elif isinstance(statement, ast.withitem):
        block = module.parents[statement]
        if isinstance(block, ast.With) and isinstance(statement.optional_vars, ast.Name):
            place = before_statement(module, block.body[0], f"{statement.optional_vars.id}.{method}({{}})")
    if place is None:
        return replace(connection, insert_withheld="the new connection has no name on a line of its own")
    return replace(connection, insert_timeout=(place.offset, place.text), insert_unit="ms")


def _in_test(module: Module, node: ast.AST) -> bool:
    for parent in module.ancestors(node):
        if isinstance(parent, ast.ClassDef) and _TEST_CLASS.match(parent.name):
            return True
        if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef) and (
            parent.name.startswith("test_") or any("fixture" in ast.unparse(d) for d in parent.decorator_list)
        ):
            return True
    return False


def _scope_name(module: Module, node: ast.AST) -> str:
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    names = [parent.name for parent in module.ancestors(node) if isinstance(parent, kinds)]
    return ".".join(reversed(names))
