"""What each SQLite version added to the language, found on tokens.

The versions are those of https://sqlite.org/changes.html, checked on builds from 3.24 to 3.54
(tests/data/facts/versions.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sqlite_lint.sql import features_change, features_query, formats
from sqlite_lint.sql.calls import calls
from sqlite_lint.sql.feature import Detector, Effect, Feature
from sqlite_lint.sql.functions import function_since, table_function_since, versioned_functions
from sqlite_lint.sql.tokens import Kind

if TYPE_CHECKING:
    from sqlite_lint.sql.statement import Statement

Version = tuple[int, int]

_DETECTORS: Final[Mapping[str, list[Detector]]] = {
    key: features_query.DETECTORS.get(key, []) + features_change.DETECTORS.get(key, [])
    for key in [*features_query.DETECTORS, *features_change.DETECTORS]
}
_CONSTRUCTS: Final = frozenset(_DETECTORS)
_MOST_PLACES: Final = 200


@lru_cache(maxsize=1)
def _function_names() -> frozenset[str]:
    return frozenset(name.upper() for name in versioned_functions()) | formats.TRIGGERS


@lru_cache(maxsize=4)
def features(statement: Statement) -> tuple[Feature, ...]:
    """The constructs and functions of ``statement`` that some version of SQLite was the first to have, by place."""
    keys = statement.keys
    found = list(features_query.separated_numbers(statement))
    if not keys.isdisjoint(_CONSTRUCTS):
        found += _constructs(statement)
    if not keys.isdisjoint(_function_names()) or Kind.QUOTED in statement.kinds:
        found += _functions(statement)
    found.sort(key=lambda feature: feature.span)
    return tuple(found)


def _constructs(statement: Statement) -> Iterator[Feature]:
    """Look round each place where a construct may begin, but not round thousands of them."""
    seen: dict[str, int] = {}
    for i, token in enumerate(statement.tokens):
        if token.key in _DETECTORS:
            seen[token.key] = count = seen.get(token.key, 0) + 1
            if count <= _MOST_PLACES:
                for detector in _DETECTORS[token.key]:
                    yield from detector(statement, i)


def _functions(statement: Statement) -> Iterator[Feature]:
    for call in calls(statement):
        if call.in_from:
            if (since := table_function_since(call.name)) is not None:
                yield Feature(f"{call.name}()", since, call.span, Effect.FUNCTION)
            continue
        since = function_since(call.name, call.arity)
        if since is not None and since > (3, 0):
            first = function_since(call.name, None)
            name = f"{call.name}()"
            if first != since:
                name += f" with {call.arity} argument" + "s" * (call.arity != 1)
            yield Feature(name, since, call.span, Effect.FUNCTION, function=call.name)
        yield from formats.features(statement, call)


def has(target: Version, since: Version | None) -> bool:
    """Tell whether SQLite ``target`` has what came with ``since``; None is what no stock build has."""
    return since is not None and since <= target


def for_older(statement: Statement, sql: str, engine: Version) -> str | None:
    """``sql``, which is as long as the statement, with stand-ins for what ``engine`` lacks; None if it needs none."""
    newer = [f for f in features(statement) if f.stand_in is not None and f.since is not None and f.since > engine]
    if not newer:
        return None
    start = statement.span.start
    for feature in newer:
        if feature.stand_in is not None:
            (first, end), text = feature.stand_in
            sql = sql[: first - start] + text + sql[end - start :]
    return sql


def has_no_stand_in(feature: Feature, engine: Version) -> bool:
    """Tell whether ``engine`` must refuse a construct, and could not be given anything in its place."""
    is_newer = feature.since is not None and feature.since > engine
    return is_newer and feature.effect is Effect.SYNTAX and feature.stand_in is None


def newer_than(statement: Statement, target: Version) -> tuple[Feature, ...]:
    """The constructs and functions of ``statement`` that SQLite ``target`` (major, minor) lacks, by place."""
    return tuple(feature for feature in features(statement) if not has(target, feature.since))
