"""Which functions SQLite, PostgreSQL and MySQL have, with how many arguments, and since which SQLite."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from sqlite_lint.sql import function_data, postgres_internals

Version = tuple[int, int]


_TABLE_FUNCTIONS: Final[Mapping[str, Version]] = {
    "json_each": (3, 9),
    "json_tree": (3, 9),
    "jsonb_each": (3, 51),
    "jsonb_tree": (3, 51),
}
_AGGREGATES: Final = frozenset({"string_agg", "jsonb_group_array", "jsonb_group_object"})


class Missing(NamedTuple):
    """A function that some version of SQLite has and the linked one lacks; ``arity`` -1 is any number."""

    name: str
    arity: int
    is_aggregate: bool


class _Function(NamedTuple):
    arity: int
    since: Version


def accepts(arities: Iterable[int], count: int) -> bool:
    """Tell whether one of ``arities`` takes ``count`` arguments: -1 is any number, -n at least n - 2."""
    return any(arity in (count, -1) or (arity < -2 and count >= -arity - 2) for arity in arities)


def _parse(data: str) -> dict[str, list[_Function]]:
    functions: dict[str, list[_Function]] = {}
    for entry in data.split():
        name, _, rest = entry.partition("/")
        arity, _, minor = rest.partition("@")
        functions.setdefault(name, []).append(_Function(int(arity), (3, int(minor or 0))))
    return functions


@lru_cache(maxsize=1)
def _sqlite() -> dict[str, list[_Function]]:
    return _parse(function_data.SQLITE)


@lru_cache(maxsize=1)
def rare_functions() -> frozenset[str]:
    """Functions of SQLite that only builds with uncommon options have: median(), soundex()."""
    return frozenset(_parse(function_data.RARE))


def _arities(functions: dict[str, list[_Function]], target: Version | None = None) -> Mapping[str, frozenset[int]]:
    return {
        name: arities
        for name, entries in functions.items()
        if (arities := frozenset(f.arity for f in entries if target is None or f.since <= target))
    }


@lru_cache(maxsize=8)
def functions_at(target: Version) -> Mapping[str, frozenset[int]]:
    """The functions of SQLite ``target`` (major, minor) with their numbers of arguments; see ``accepts``.

    Those of the usual build options count: mathematics, JSON, FTS3 to 5, R*Tree, Geopoly
    (https://sqlite.org/compile.html).
    """
    return _arities(_sqlite(), target)


@lru_cache(maxsize=1)
def postgres_functions() -> Mapping[str, frozenset[int]]:
    """PostgreSQL 15's functions with their numbers of arguments."""
    return _arities(_parse(function_data.POSTGRES))


@lru_cache(maxsize=1)
def internal_functions() -> frozenset[str]:
    """Functions behind PostgreSQL's operators, types and indexes, which statements can call by name, too."""
    return frozenset(postgres_internals.NAMES.split())


@lru_cache(maxsize=1)
def mysql_functions() -> Mapping[str, frozenset[int]]:
    """MySQL 8.0's and MariaDB 10.11's functions with their numbers of arguments.

    The spatial ``st_`` functions are left out: SpatiaLite, an extension of SQLite, has them as well.
    """
    return _arities(_parse(function_data.MYSQL))


def is_sqlite_function(name: str) -> bool:
    """Tell whether any version of SQLite has a function of this name in its usual builds."""
    return name.lower() in _sqlite() or name.lower() in _AS_WORDS


_AS_WORDS: Final = frozenset({"current_date", "current_time", "current_timestamp", "->", "->>"})


def function_since(name: str, count: int | None) -> Version | None:
    """The first SQLite with ``name`` for ``count`` arguments (None: any number); None where no version has it."""
    versions = [f.since for f in _sqlite().get(name.lower(), ()) if count is None or accepts((f.arity,), count)]
    return min(versions, default=None)


def table_function_since(name: str) -> Version | None:
    """The first SQLite with this table-valued function; None where stock builds have it in no version."""
    return _TABLE_FUNCTIONS.get(name.lower())


def missing_functions(present: Iterable[tuple[str, int]]) -> list[Missing]:
    """SQLite's functions that are not among ``present``, the linked library's (name, arity) in lower case."""
    have: dict[str, list[int]] = {}
    for name, arity in present:
        have.setdefault(name, []).append(arity)
    return [
        Missing(name, max(function.arity, -1), name in _AGGREGATES)
        for name, entries in _sqlite().items()
        for function in entries
        if -1 not in have.get(name, ()) and function.arity not in have.get(name, ())
    ]


@lru_cache(maxsize=1)
def versioned_functions() -> frozenset[str]:
    """Functions that some SQLite 3 lacks, or takes with fewer numbers of arguments."""
    return frozenset(name for name, entries in _sqlite().items() if any(f.since > (3, 0) for f in entries)).union(
        _TABLE_FUNCTIONS
    )
