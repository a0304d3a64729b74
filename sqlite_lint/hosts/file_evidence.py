"""Which engine is a .sql file for?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.engines import SQLITE, title
from sqlite_lint.hosts.evidence import Evidence, names_of
from sqlite_lint.hosts.model import Engine
from sqlite_lint.hosts.places import configured_engine, header_engines, path_engines
from sqlite_lint.regex import regex

if TYPE_CHECKING:
    from sqlite_lint.project import Project

_OF_DBT: Final = regex(r"\{\{-?\s*(?:config|ref|source)\s*\(|\{%-?\s*(?:macro|snapshot|materialization)\b")
"""Templates of dbt, which runs them on a warehouse; of SQLite it knows by a plug-in that few use."""


def file_evidence(text: str, path: str, project: Project, dialects: Mapping[str, str] | None = None) -> Evidence:
    """Weigh the evidence for a .sql file: the configuration, its first comments, its path, the project."""
    configured = configured_engine(path, project.root, dialects or {})
    if configured is not None:
        return Evidence(*configured)
    dump, said = header_engines(text[:2000])
    if dump:
        return Evidence(Engine.OTHER, f"a dump of {title(dump)}")
    if "{" in text and _OF_DBT.search(text):
        said = said or frozenset({"dbt"})
    for found, where in ((said, "its beginning names"), (path_engines(project.relative(path)), "its path names")):
        if SQLITE in found:
            return Evidence(Engine.SQLITE, f"{where} SQLite")
        if found:
            return Evidence(Engine.OTHER, f"{where} {names_of(found)}")
    return Evidence(*project.engine(frozenset()))
