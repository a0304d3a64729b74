"""The set of rules: every page in ``rules/``, found by its file name, in the order of the codes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlite_lint import rule_cache
from sqlite_lint.regex import regex
from sqlite_lint.rule import Hit, Rule, SourceHit, SqlContext
from sqlite_lint.rule_cache import Pages
from sqlite_lint.spec import examples, parse_toml, rule_from, split_page

if TYPE_CHECKING:
    from sqlite_lint.match import Matcher
    from sqlite_lint.sql.statement import Statement

_PAGE: Final = regex(r"SQL\d{3}-[a-z0-9-]+\.md\Z")


@lru_cache(maxsize=1)
def directory() -> Path:
    """Where the rules' pages are: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / "rules"
    return inside if inside.is_dir() else package.parent / "rules"


@lru_cache(maxsize=1)
def _pages() -> Pages:
    shipped = rule_cache.shipped(directory())
    if shipped is not None:
        return shipped
    stamp = rule_cache.stamp(directory(), _names())
    pages = rule_cache.load(directory(), stamp)
    if pages is None:
        pages = parsed_pages()
        rule_cache.save(directory(), stamp, pages)
    return pages


def _names() -> list[str]:
    return sorted(name for name in os.listdir(directory()) if _PAGE.match(name))


def parsed_pages() -> Pages:
    """The front matter of all pages, and the anchors of their patterns, read from the pages themselves."""
    from sqlite_lint.pattern import anchors

    names = _names()
    fronts = {name: parse_toml(split_page(_text(name), name)[0], name) for name in names}
    found = [rule_from(front, name) for name, front in fronts.items()]
    return Pages(fronts, {d.pattern: anchors(d.pattern) for rule in found for d in rule.detects})


def _text(name: str) -> str:
    return (directory() / name).read_text("utf-8")


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """All rules in the order of their codes; their bodies and examples are read by ``page`` only."""
    return tuple(rule_from(front, name) for name, front in _pages().fronts.items())


@lru_cache(maxsize=1)
def _by_name() -> dict[str, Rule]:
    return {key: rule for rule in rules() for key in (rule.code.lower(), rule.name)}


def rule(code_or_name: str) -> Rule:
    """The rule with this code or name, in any case; raises KeyError."""
    return _by_name()[code_or_name.lower()]


def page(code_or_name: str) -> Rule:
    """The rule with the body and the examples of its page; raises KeyError."""
    found = rule(code_or_name)
    _, body = split_page(_text(found.path), found.path)
    return found._replace(body=body, examples=tuple(examples(body, found.path)))


@lru_cache(maxsize=1)
def _matcher() -> Matcher:
    from sqlite_lint.match import Matcher

    return Matcher(rules(), _pages().anchors)


def statement_hits(
    statement: Statement, context: SqlContext, chosen: frozenset[str]
) -> Iterator[tuple[Rule, Hit | SourceHit]]:
    """What the rules in ``chosen`` find in a statement: one finding a fault."""
    return _matcher().hits(statement, context, chosen)
