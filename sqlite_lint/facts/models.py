"""The tables that a module's models and migrations describe: SQLAlchemy, Alembic, Django, and calls that make tables.

Only names are read, and rather too many than too few: each attribute of a model may be a column.  What cannot be read
leaves the table open.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from sqlite_lint.regex import regex

MARKS: Final = (b"__tablename__", b"column(", b"models.model", b"migrations.migration", b"declarative")
"""Bytes, in lower case, of which a module with models or migrations holds one."""

ANY: Final = "*"
_MAKES_TABLES: Final = regex(
    r"""\b(?:to_sql|batch_alter_table|rename_table|add_fields|create_view|create_table)\(\s*(?:\w+\s*=\s*)?[rbf]?["'](\w+)["']"""
    r"""|(?:db|database)\[\s*["'](\w+)["']\s*\]"""
)
_MAKING: Final = ("to_sql(", "alter_table(", "rename_table(", "add_fields(", "create_view(", "create_table(", "db[",
                  "database[")  # fmt: skip
_NAMES_BY_ITSELF: Final = regex(
    r"^[ \t]*(?:from|import)[ \t]+(?:peewee|playhouse|pony|tortoise|sqlmodel|flask_sqlalchemy|django|sqlite_utils"
    r"|dataset|ormar|piccolo|sqlobject|rows|records)\b|\.to_sql\(\s*[^\"'\s)]",
    re.MULTILINE,
)
_COLUMN_CALLS: Final = frozenset({"Column", "mapped_column"})
_TABLE_CALLS: Final = frozenset({"Table", "create_table"})
_MIGRATIONS: Final = frozenset({"AddField", "RenameField", "AlterField", "CreateModel"})


class Model(NamedTuple):
    """A class, or a table that a call makes (then ``name`` is empty).

    ``table`` is the table's name where it is written; ``columns`` are all names that may be columns; ``bases`` are the
    last names of base classes, of which "?" stands for what cannot be read.
    """

    name: str
    table: str
    columns: list[str]
    bases: list[str]


def loose_tables(text: str) -> list[str]:
    """The tables that a module's text names in passing; "*" where it makes tables whose names it does not say."""
    makes = any(word in text for word in _MAKING)
    found = {name for groups in (_MAKES_TABLES.findall(text) if makes else ()) for name in groups if name}
    if _NAMES_BY_ITSELF.search(text):
        found.add(ANY)
    return sorted(found)


def read_models(tree: ast.Module) -> tuple[list[Model], list[str]]:
    """The models of a module, and the columns that its migrations give to some table."""
    models: list[Model] = []
    columns: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            models.append(_of_class(node))
        elif isinstance(node, ast.Assign) and _called(node.value) in {"declarative_base", "automap_base"}:
            models += [Model(t.id, "", [], _base_of(node.value)) for t in node.targets if isinstance(t, ast.Name)]
        elif isinstance(node, ast.Call):
            name = _called(node)
            if name in _TABLE_CALLS:
                models += _of_call(node)
            elif name == "add_column":
                columns.update(_column_names(node))
            elif name in _MIGRATIONS or name == "alter_column":
                columns.update(_migrated(node))
    return models, sorted(columns)


def _base_of(value: ast.expr) -> list[str]:
    """``declarative_base(cls=Base)`` has the columns of another class; ``automap_base()`` those of a database."""
    if _called(value) == "automap_base":
        return ["?"]
    keywords = value.keywords if isinstance(value, ast.Call) else []
    return ["?" for keyword in keywords if keyword.arg in {"cls", None}]


def _of_class(node: ast.ClassDef) -> Model:
    columns: set[str] = set()
    table = ""
    for statement in node.body:
        if isinstance(statement, ast.ClassDef) and statement.name == "Meta":
            table = _meta(statement) or table
        for name, value in _bound(statement):
            if name == "__tablename__":
                table = _text(value) or "?"
            elif name == "__table__" or (name == "__abstract__" and table == "?"):
                continue
            else:
                columns.update((name, f"{name}_id", *_spelt(value)))
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            columns.add(statement.name)  # a declared_attr
            if statement.name == "__tablename__":
                table = "?"
    bases = [_last(base) for base in node.bases]
    unread = ["?"] if any(isinstance(base, ast.Starred) for base in node.bases) else []
    return Model(node.name, table, sorted(columns), [base for base in bases if base] + unread)


def _bound(statement: ast.stmt) -> Iterator[tuple[str, ast.expr | None]]:
    if isinstance(statement, ast.Assign):
        yield from ((target.id, statement.value) for target in statement.targets if isinstance(target, ast.Name))
    elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        yield statement.target.id, statement.value
    elif isinstance(statement, ast.If | ast.Try):
        for inner in (*statement.body, *statement.orelse):
            yield from _bound(inner)


def _meta(node: ast.ClassDef) -> str:
    """The table that Django's Meta names; its app is kept as ``app.``."""
    named = {name: _text(value) for statement in node.body for name, value in _bound(statement)}
    return named.get("db_table") or (f"{named['app_label']}." if named.get("app_label") else "")


def _spelt(value: ast.expr | None) -> Iterator[str]:
    """The names that ``Column("name", ...)``, ``db_column="name"`` and ``name="name"`` give a column."""
    for node in ast.walk(value) if value is not None else ():
        if isinstance(node, ast.Call):
            if node.args and (text := _text(node.args[0])):
                yield text
            for keyword in node.keywords:
                if keyword.arg in {"db_column", "name", "column_name"} and (text := _text(keyword.value)):
                    yield text


def _of_call(node: ast.Call) -> Iterator[Model]:
    """``Table("name", metadata, Column(...), ...)`` and ``op.create_table("name", Column(...), ...)``."""
    name = _text(node.args[0]) if node.args else None
    if not name:
        return
    rest = node.args[1:]
    if _called(node) == "Table":
        rest = rest[1:]
    plain = all(isinstance(argument, ast.Call) for argument in rest) and bool(rest)
    loaded = any(keyword.arg is None or keyword.arg.startswith("autoload") for keyword in node.keywords)
    yield Model("", name, sorted(_column_names(node)), [] if plain and not loaded else ["?"])


def _column_names(node: ast.AST) -> set[str]:
    calls = (inner for inner in ast.walk(node) if isinstance(inner, ast.Call) and _called(inner) in _COLUMN_CALLS)
    return {text for call in calls if (text := _text(call.args[0] if call.args else None))}


def _migrated(node: ast.Call) -> Iterator[str]:
    """The columns of a migration's operation: of Django's, each short text may be one."""
    for keyword in node.keywords:
        if keyword.arg in {"name", "new_name", "new_column_name"} and (text := _text(keyword.value)):
            yield from (text, f"{text}_id")
    for inner in ast.walk(node):
        if isinstance(inner, ast.Tuple) and inner.elts and (text := _text(inner.elts[0])):
            yield from (text, f"{text}_id")
        elif isinstance(inner, ast.keyword) and inner.arg == "db_column" and (text := _text(inner.value)):
            yield text


def _called(node: ast.AST) -> str:
    return _last(node.func) if isinstance(node, ast.Call) else ""


def _last(node: ast.AST) -> str:
    if isinstance(node, ast.Subscript):
        return _last(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Call):
        return "?"
    return node.id if isinstance(node, ast.Name) else "?"


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
