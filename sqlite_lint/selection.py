"""Which rules apply to which file."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from sqlite_lint import catalog
from sqlite_lint.config import Config
from sqlite_lint.globs import matches

ALWAYS = frozenset({"SQL001"})
"""A file that cannot be read is reported whatever is selected; only ``ignore`` and ``per-file-ignores`` silence it."""


def enabled_codes(config: Config, path: str) -> frozenset[str]:
    """The codes of the rules that apply to the file ``path``.

    A selector is a code, the beginning of one (``SQL1``), a rule's name, or ``ALL``.  The longest selector that fits a
    code decides; where an ignored and a selected one are equally long, the code is ignored.
    """
    ignored = [
        selector
        for pattern, selectors in config.per_file_ignores.items()
        if matches((pattern.removeprefix("!"),), path, config.root) is not pattern.startswith("!")
        for selector in selectors
    ]
    return _enabled(config.select, config.extend_select, config.ignore, tuple(ignored))


def chosen_codes(config: Config) -> frozenset[str]:
    """The codes of the rules that are looked for: those that are ignored explain a refusal all the same."""
    return _enabled(config.select, config.extend_select, (), ())


@lru_cache(maxsize=64)
def _enabled(
    select: tuple[str, ...], extend: tuple[str, ...], ignore: tuple[str, ...], per_file: tuple[str, ...]
) -> frozenset[str]:
    enabled = set()
    for rule in catalog.rules():
        chosen = _weight((*select, *extend), rule.code, rule.name)
        if rule.code in ALWAYS or (not select and rule.default):
            chosen = max(chosen, 0)
        if chosen >= 0 and chosen > _weight(ignore, rule.code, rule.name):
            enabled.add(rule.code)
        if _weight(per_file, rule.code, rule.name) >= 0:
            enabled.discard(rule.code)
    return frozenset(enabled)


def _weight(selectors: Iterable[str], code: str, name: str) -> int:
    """How closely the best of ``selectors`` fits a rule; -1 if none does."""
    return max((_fit(selector, code, name) for selector in selectors), default=-1)


def _fit(selector: str, code: str, name: str) -> int:
    upper = selector.upper()
    if upper == "ALL":
        return 0
    if selector.lower() == name:
        return len(code)
    return len(upper) if code.startswith(upper) else -1


def unknown_selector(selectors: Iterable[str]) -> str | None:
    """The first selector that names no rule; None if all do."""
    for selector in selectors:
        if not selector or not any(_fit(selector, rule.code, rule.name) >= 0 for rule in catalog.rules()):
            return selector
    return None
