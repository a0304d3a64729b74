"""The set of rules: every page in ``rules/``, found by its file name, in the order of the codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlite_lint.rule import Hit, Rule, SqlContext
from sqlite_lint.spec import examples, load_rule

if TYPE_CHECKING:
    from sqlite_lint.match import Matcher
    from sqlite_lint.sql.statement import Statement

_PAGE: Final = re.compile(r"SQL\d{3}-[a-z0-9-]+\.md\Z")


@lru_cache(maxsize=1)
def directory() -> Path:
    """Where the rules' pages are: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / "rules"
    return inside if inside.is_dir() else package.parent / "rules"


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """All rules in the order of their codes; their examples are read by ``page`` only."""
    paths = sorted(path for path in directory().iterdir() if _PAGE.match(path.name))
    return tuple(load_rule(path.read_text("utf-8"), path.name, with_examples=False) for path in paths)


@lru_cache(maxsize=1)
def _by_name() -> dict[str, Rule]:
    return {key: rule for rule in rules() for key in (rule.code.lower(), rule.name)}


def rule(code_or_name: str) -> Rule:
    """The rule with this code or name, in any case; raises KeyError."""
    return _by_name()[code_or_name.lower()]


@lru_cache(maxsize=1)
def codes() -> frozenset[str]:
    """The codes of all rules: any may explain why SQLite refuses a statement, even where it is not selected."""
    return frozenset(rule.code for rule in rules())


def page(code_or_name: str) -> Rule:
    """The rule with the examples of its page; raises KeyError."""
    found = rule(code_or_name)
    return replace(found, examples=tuple(examples(found.body, found.path)))


@lru_cache(maxsize=1)
def _matcher() -> Matcher:
    from sqlite_lint.match import Matcher

    return Matcher(rules())


def statement_hits(statement: Statement, context: SqlContext, enabled: frozenset[str]) -> Iterator[tuple[Rule, Hit]]:
    """What the rules in ``enabled`` find in a statement; one finding a fault, whatever else is enabled."""
    for found, hit in _matcher().hits(statement, context):
        if found.code in enabled:
            yield found, hit
