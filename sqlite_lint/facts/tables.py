"""The tables of a project, put together from what its files say: DDL, models and their bases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlite_lint.facts.models import ANY, Model

if TYPE_CHECKING:
    from sqlite_lint.facts import FileFacts
    from sqlite_lint.sql.schema import Schema

_WITHOUT_COLUMNS: Final = frozenset(
    {"object", "DeclarativeBase", "DeclarativeBaseNoMeta", "MappedAsDataclass", "AsyncAttrs", "Model", "Generic", "ABC",
     "Protocol"}
)  # fmt: skip
"""Base classes of libraries, which bring no columns."""


def learnt(files: Mapping[str, FileFacts], given: Schema | None) -> Schema:
    """Tables and columns as DDL gives them, without what is for another engine, and those given.

    What only tests create are tables of their own, of any database: nothing is concluded from what they lack.
    """
    from sqlite_lint.hosts.places import path_engines
    from sqlite_lint.project import is_test_path
    from sqlite_lint.sql.schema import Schema
    from sqlite_lint.sql.statement import split

    schema, tests = Schema(), Schema()
    if given is not None:
        schema.merge(given)
    for name, facts in sorted(files.items()):
        engines = path_engines(name) if facts.ddl else frozenset()
        if engines and "sqlite" not in engines:
            continue
        learner = tests if is_test_path(name) else schema
        for text in facts.ddl:
            for statement in split(text):
                learner.learn(statement)
    for name, table in tests.tables.items():
        known = schema.table(name)
        tests.tables[name] = replace(table, open=known is None, kind=table.kind if known is None else known.kind)
    schema.merge(tests)
    return schema


def with_scripts(schema: Schema, texts: Iterable[str]) -> Schema:
    """What is known before, and what some scripts create."""
    from sqlite_lint.sql.schema import Schema
    from sqlite_lint.sql.statement import split

    if not texts:
        return schema
    made = Schema()
    made.merge(schema)
    for text in texts:
        for statement in split(text):
            made.learn(statement)
    return made


def with_models(known: Schema, files: Mapping[str, FileFacts]) -> Schema:
    """What is known, and the tables of all models; those that are not known in full are open."""
    from sqlite_lint.sql.schema import Column, Schema, Table

    if not any(facts.models or facts.added or facts.loose for facts in files.values()):
        return known
    schema = Schema()
    schema.merge(known)

    classes: dict[str, list[Model]] = {}
    for facts in files.values():
        for name, *rest in facts.models:
            if name:
                classes.setdefault(name, []).append(Model(name, *rest))
    read: set[str] = set()
    for path, facts in files.items():
        schema.anywhere.update(name.lower() for name in facts.added)
        for record in facts.models:
            model = Model(*record)
            for table in _tables_of(model, path, classes):
                if table == "?":
                    schema.partial = True
                    continue
                columns, is_open = _columns(model, classes)
                made = tuple(Column(each.lower(), spelling=each) for each in columns)
                schema.add(Table(table.lower(), columns=made, open=is_open or not made, spelling=table))
                read.add(table.lower())
    for name in sorted({name for facts in files.values() for name in facts.loose}):
        if name == ANY:
            schema.partial = True
        elif name.lower() not in read:
            schema.add(Table(name.lower(), open=True, spelling=name))
    return schema


def _tables_of(model: Model, path: str, classes: Mapping[str, list[Model]]) -> Iterator[str]:
    """The name of the model's table: as written, as Django makes it from the application's and the class's, or none."""
    if model.table and not model.table.endswith("."):
        yield model.table
    elif _is_django(model, classes):
        app = model.table.removesuffix(".") or _application(path)
        if app:
            yield f"{app}_{model.name.lower()}"


def _is_django(model: Model, classes: Mapping[str, list[Model]]) -> bool:
    """Tell whether Django's Model is among a class's bases; each name is looked at once, however many bear it."""
    seen: set[str] = set()
    waiting: list[str] = list(model.bases)
    while waiting:
        base = waiting.pop()
        if base == "Model":
            return True
        if base not in seen:
            seen.add(base)
            waiting += (each for parent in classes.get(base, ()) for each in parent.bases)
    return False


def _application(path: str) -> str:
    """The directory of models.py, or that around a package ``models``."""
    parts = path.removesuffix(".py").split("/")
    at = next((i for i in range(len(parts) - 1, 0, -1) if parts[i] == "models"), 0)
    return parts[at - 1] if at else ""


def _columns(model: Model, classes: Mapping[str, list[Model]]) -> tuple[list[str], bool]:
    """All names that may be columns of a model or its bases, and whether a base is not known."""
    found: dict[str, None] = dict.fromkeys(["id", *model.columns])
    seen = {model.name}
    is_open = False
    waiting: list[str] = list(model.bases)
    while waiting:
        base = waiting.pop()
        if base in seen:
            continue
        seen.add(base)
        parents: Iterable[Model] = classes.get(base, ())
        is_open = is_open or (not parents and base not in _WITHOUT_COLUMNS)
        for parent in parents:
            found.update(dict.fromkeys([*parent.columns, f"{parent.name}_ptr_id"]))
            waiting += parent.bases
    return list(found), is_open
