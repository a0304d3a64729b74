"""Finds what the rules look for in a statement: patterns by their first literal token, checks by their tokens.

Where the patterns of several rules meet at a token, the one with more literal tokens wins: ``ILIKE ANY (`` is one
fault, not an ``ILIKE`` and an ``ANY``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final, NamedTuple

from sqlite_lint.condition import Condition, with_schema
from sqlite_lint.pattern import Anchor, Found, Pattern, anchors
from sqlite_lint.placeholders import guarded
from sqlite_lint.rule import Detect, Hit, Rule, Scope, SourceHit, SqlContext, SqlFix
from sqlite_lint.sql.statement import Statement
from sqlite_lint.template import Bound, Template
from sqlite_lint.text import Applicability

REMOVE: Final = "Remove the statement"
_SHOWN: Final = 60  # characters of an operand that a message quotes


class _Case:
    """One way in which a rule uses a pattern; what it needs is made when it is first needed."""

    def __init__(self, rule: Rule, detect: Detect, order: int) -> None:
        self.rule: Final = rule
        self.detect: Final = detect
        self.order: Final = order

    @cached_property
    def condition(self) -> Condition:
        return Condition(self.detect.where, self.detect.call)

    @cached_property
    def template(self) -> Template | None:
        return None if self.detect.fix is None else Template(self.detect.fix)


class _Sought(NamedTuple):
    """A pattern's text, and the keys that a statement must hold for it."""

    text: str
    needed: frozenset[str]


class _Match(NamedTuple):
    case: _Case
    found: Found
    template: Bound | None


class Matcher:
    """All rules of the scope STATEMENT, ready to be asked.

    ``known`` holds the anchors of patterns, as ``pattern.anchors`` gives them, where the caller has them already.
    """

    def __init__(self, rules: Iterable[Rule], known: Mapping[str, list[Anchor]] | None = None) -> None:
        self._cases: dict[str, list[_Case]] = {}
        self._patterns: dict[str, Pattern] = {}
        self._by_key: dict[str, list[_Sought]] = {}
        self._by_kind: dict[int, list[_Sought]] = {}
        self._checks: list[Rule] = []
        self._checks_by_key: dict[str, list[int]] = {"": []}
        rules = list(rules)
        self._codes: Final = frozenset(rule.code for rule in rules)
        known = known or {}
        order = 0
        for rule in rules:
            if rule.scope is not Scope.STATEMENT:
                continue
            if rule.check:
                for key in rule.tokens or ("",):
                    self._checks_by_key.setdefault(key, []).append(len(self._checks))
                self._checks.append(rule)
            for detect in rule.detects:
                for anchor in known.get(detect.pattern) or anchors(detect.pattern):
                    order += 1
                    self._add(anchor, _Case(rule, detect, order))

    def _add(self, anchor: Anchor, case: _Case) -> None:
        text, key, kinds, needed = anchor
        cases = self._cases.get(text)
        if cases is not None:
            cases.append(case)
            return
        self._cases[text] = [case]
        sought = _Sought(text, frozenset(needed))
        if key:
            self._by_key.setdefault(key, []).append(sought)
        for kind in kinds:
            self._by_kind.setdefault(kind, []).append(sought)

    def hits(
        self, statement: Statement, context: SqlContext, chosen: frozenset[str] | None = None
    ) -> Iterator[tuple[Rule, Hit | SourceHit]]:
        """What the rules of the codes ``chosen`` (None: all rules) find in ``statement``, patterns first."""
        chosen = self._codes if chosen is None else chosen
        claimed: set[int] = set()
        for match in _without_rivals(self._matches(statement, context, chosen)):
            claimed.update(statement.tokens[i].start for i in match.found.claims)
            yield match.case.rule, _hit(statement, match, context)
        for rule in self._checks_for(statement):
            if rule.code in chosen:
                for hit in rule.load_check()(statement, context):
                    if isinstance(hit, SourceHit):
                        yield rule, hit
                    elif hit.span.start not in claimed:
                        yield rule, guarded(statement, hit)

    def _checks_for(self, statement: Statement) -> Iterator[Rule]:
        """The rules whose check looks for a token that the statement has, or for no certain one."""
        numbers = set(self._checks_by_key[""])
        for key in statement.keys & self._checks_by_key.keys():
            numbers.update(self._checks_by_key[key])
        return (self._checks[number] for number in sorted(numbers))

    def _matches(self, statement: Statement, context: SqlContext, chosen: frozenset[str]) -> Iterator[_Match]:
        keys = statement.keys
        by_key = {key: texts for key in keys & self._by_key.keys() if (texts := _possible(self._by_key[key], keys))}
        by_kind = {kind: texts for kind, sought in self._by_kind.items() if (texts := _possible(sought, keys))}
        for index, token in enumerate(statement.tokens):
            for text in (*by_key.get(token.key, ()), *by_kind.get(token.kind, ())):
                match = self._match(text, statement, index, context, chosen)
                if match is not None:
                    yield match

    def _match(
        self, text: str, statement: Statement, index: int, context: SqlContext, chosen: frozenset[str]
    ) -> _Match | None:
        pattern = self._patterns.get(text)
        if pattern is None:
            pattern = self._patterns[text] = Pattern(text)
        found = pattern.match(statement, index)
        if found is None:
            return None
        for case in self._cases[text]:
            detect = case.detect
            if case.rule.code not in chosen:
                continue
            if detect.since is not None and context.target >= detect.since:
                continue
            if detect.needs is not None and context.target < detect.needs:
                continue
            if not case.condition.holds(statement, found, context):
                continue
            whole = with_schema(statement, found) if detect.call else found
            if case.template is None:
                return _Match(case, whole, None)
            template = case.template.bind(statement, whole)
            if template is not None:
                return _Match(case, whole, template)
        return None


def _possible(sought: list[_Sought], keys: frozenset[str]) -> list[str]:
    return [each.text for each in sought if each.needed <= keys]


def _without_rivals(matches: Iterable[_Match]) -> list[_Match]:
    """Of matches that claim a token in common, keep the one that claims most; then the one written first."""
    ranked = sorted(matches, key=lambda m: (-len(m.found.claims), m.case.order))
    taken: set[int] = set()
    kept = []
    for match in ranked:
        if taken.isdisjoint(match.found.claims):
            taken.update(match.found.claims)
            kept.append(match)
    return sorted(kept, key=lambda m: m.found.claims)


def _hit(statement: Statement, match: _Match, context: SqlContext) -> Hit:
    detect, found = match.case.detect, match.found
    message = detect.message
    if message is None and detect.since is not None:
        message = _needs(detect.since, context)
    first, end = _shown(detect.show, found)
    span = statement.span_of(first, end - 1)
    values = {name: _shortened(statement.text_of(*at)) for name, at in found.captures.items()}
    values["text"] = _shortened(statement.text[span.start : span.end])
    if detect.remove:
        return Hit(span, values, message, SqlFix(REMOVE, ((statement.whole, ""),), Applicability.UNSAFE, script=True))
    if match.template is None:
        return Hit(span, values, message)
    edits = match.template.edits(statement, found)
    if isinstance(edits, str):
        return Hit(span, values, message, withheld=edits)
    title = detect.title or _title(match.template.text(statement))
    if detect.caveat:
        title = f"{title} ({detect.caveat})"
    return Hit(span, values, message, SqlFix(title, edits, detect.applicability))


def _shown(show: str, found: Found) -> tuple[int, int]:
    if show == "all":
        return found.start, found.end
    return found.captures[show] if show else found.shown


def _needs(since: tuple[int, int], context: SqlContext) -> str:
    return f"{{text}} needs SQLite {since[0]}.{since[1]}; the target is {context.target[0]}.{context.target[1]}"


def _title(replacement: str) -> str:
    return f"Write `{_shortened(replacement)}`" if replacement.strip() else "Remove it"


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
