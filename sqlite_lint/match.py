"""Finds what the rules look for in a statement: patterns by their first literal token, checks by their tokens.

Where the patterns of several rules meet at a token, the one with more literal tokens wins: ``ILIKE ANY (`` is one
fault, not an ``ILIKE`` and an ``ANY``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from sqlite_lint.condition import Condition, with_schema
from sqlite_lint.hosts.model import ParamStyle, Sink
from sqlite_lint.pattern import Anchor, Found, Pattern, anchors
from sqlite_lint.placeholders import guarded
from sqlite_lint.rule import Check, Detect, Hit, Rule, Scope, SourceHit, SqlContext, SqlFix
from sqlite_lint.sql.statement import Statement
from sqlite_lint.sql.tokens import Kind, Token
from sqlite_lint.sql.witness import VerdictKind
from sqlite_lint.template import Bound, Template
from sqlite_lint.text import Applicability

REMOVE: Final = "Remove the statement"
_SHOWN: Final = 60  # characters of an operand that a message quotes
_MOST_PLANS: Final = 4096


class _Case:
    """One way in which a rule uses a pattern; what it needs is made when it is first needed."""

    def __init__(self, rule: Rule, detect: Detect, order: int) -> None:
        self.rule: Final = rule
        self.detect: Final = detect
        self.order: Final = order

    @cached_property
    def condition(self) -> Condition:
        return Condition(self.detect.where, self.detect.call)

    def may_hold(self, situation: _Situation) -> bool:
        """Tell whether the case can hold for a statement of which nothing but its situation is known."""
        since, needs, where = self.detect.since, self.detect.needs, self.detect.where
        return (
            _is_wanted(self.rule, situation)
            and (since is None or situation.target < since)
            and (needs is None or situation.target >= needs)
            and situation.driver in where.get("driver", (situation.driver,))
            and situation.paramstyle.value in where.get("paramstyle", (situation.paramstyle.value,))
            and situation.sink.value in where.get("sink", (situation.sink.value,))
            and situation.keyword in where.get("keyword", (situation.keyword,))
            and situation.words.issuperset(where.get("holds", ()))
            and (situation.refused or not where.get("refused"))
        )

    @cached_property
    def template(self) -> Template | None:
        return None if self.detect.fix is None else Template(self.detect.fix)


class _Sought:
    """A pattern, the keys that a statement must hold for it, and what must follow the token looked for."""

    def __init__(self, text: str, needed: frozenset[str], next_key: str, next_kinds: frozenset[int]) -> None:
        self.text: Final = text
        self.needed: Final = needed
        self._next_key: Final = next_key
        self._next_kinds: Final = next_kinds

    @cached_property
    def pattern(self) -> Pattern:
        return Pattern(self.text)

    def may_stand_before(self, following: Token | None) -> bool:
        if self._next_key:
            return following is not None and following.key == self._next_key
        return not self._next_kinds or (following is not None and following.kind in self._next_kinds)


class _Situation(NamedTuple):
    """All that decides which rules are asked about a statement, but for the order of its tokens."""

    words: frozenset[str]  # those of its keys that some rule looks for
    kinds: frozenset[Kind]
    keyword: str
    valid: bool
    refused: bool
    chosen: frozenset[str]
    target: tuple[int, int]
    driver: str | None
    paramstyle: ParamStyle
    sink: Sink


class _Plan(NamedTuple):
    """What there is to look for in the statements of one situation."""

    by_key: Mapping[str, Sequence[_Sought]]
    by_kind: Mapping[int, Sequence[_Sought]]
    cases: Mapping[str, Sequence[_Case]]  # those of each pattern that may hold
    checks: Sequence[tuple[Rule, Check]]


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
        self._by_key: dict[str, list[_Sought]] = {}
        self._by_kind: dict[int, list[_Sought]] = {}
        self._checks: list[Rule] = []
        self._plans: dict[_Situation, _Plan] = {}
        rules = list(rules)
        self._codes: Final = frozenset(rule.code for rule in rules)
        known = known or {}
        order = 0
        for rule in rules:
            if rule.scope is not Scope.STATEMENT:
                continue
            if rule.check:
                self._checks.append(rule)
            for detect in rule.detects:
                for anchor in known.get(detect.pattern) or anchors(detect.pattern):
                    order += 1
                    self._add(anchor, _Case(rule, detect, order))
        sought = [each for group in (self._by_key, self._by_kind) for texts in group.values() for each in texts]
        self._vocabulary: Final = frozenset(self._by_key).union(
            *(each.needed for each in sought),
            *(rule.tokens for rule in self._checks),
            *(case.detect.where.get("holds", ()) for cases in self._cases.values() for case in cases),
        )

    def _add(self, anchor: Anchor, case: _Case) -> None:
        text, key, kinds, needed, next_key, next_kinds = anchor
        cases = self._cases.get(text)
        if cases is not None:
            cases.append(case)
            return
        self._cases[text] = [case]
        sought = _Sought(text, frozenset(needed), next_key, frozenset(next_kinds))
        if key:
            self._by_key.setdefault(key, []).append(sought)
        for kind in kinds:
            self._by_kind.setdefault(kind, []).append(sought)

    def hits(
        self, statement: Statement, context: SqlContext, chosen: frozenset[str] | None = None
    ) -> Iterator[tuple[Rule, Hit | SourceHit]]:
        """What the rules of the codes ``chosen`` (None: all rules) find in ``statement``, patterns first.

        Rules of grammar explain why SQLite refuses a statement: none is asked about what it accepts as a whole.
        """
        valid = context.verdict.parses and not context.verdict.partial
        use = context.use
        plan = self._plan(
            _Situation(
                statement.keys & self._vocabulary,
                statement.kinds,
                statement.keyword,
                valid,
                context.verdict.kind is VerdictKind.REFUSED,
                self._codes if chosen is None else chosen,
                context.target,
                use.driver,
                use.paramstyle,
                use.sink,
            )
        )
        claimed: set[int] = set()
        for match in _without_rivals(_matches(statement, context, plan)):
            claimed.update(statement.tokens[i].start for i in match.found.claims)
            yield match.case.rule, _hit(statement, match, context)
        for rule, check in plan.checks:
            for hit in check(statement, context):
                if isinstance(hit, SourceHit):
                    yield rule, hit
                elif hit.span.start not in claimed:
                    yield rule, guarded(statement, hit)

    def _plan(self, situation: _Situation) -> _Plan:
        plan = self._plans.get(situation)
        if plan is None:
            if len(self._plans) >= _MOST_PLANS:
                self._plans.clear()
            plan = self._plans[situation] = self._plan_for(situation)
        return plan

    def _plan_for(self, situation: _Situation) -> _Plan:
        words, kinds = situation.words, situation.kinds
        cases: dict[str, list[_Case]] = {}

        def possible(sought: list[_Sought]) -> list[_Sought]:
            found = []
            for each in sought:
                if each.needed <= words and (able := [c for c in self._cases[each.text] if c.may_hold(situation)]):
                    cases[each.text] = able
                    found.append(each)
            return found

        by_key = {key: found for key in words & self._by_key.keys() if (found := possible(self._by_key[key]))}
        by_kind: dict[int, list[_Sought]] = {
            kind: found for kind in kinds & self._by_kind.keys() if (found := possible(self._by_kind[kind]))
        }
        checks = [(rule, rule.load_check()) for rule in self._checks if _is_asked(rule, situation)]
        return _Plan(by_key, by_kind, cases, checks)


def _is_wanted(rule: Rule, situation: _Situation) -> bool:
    return rule.code in situation.chosen and not (situation.valid and rule.grammar)


def _is_asked(rule: Rule, situation: _Situation) -> bool:
    """Tell whether the check of a rule is called at all."""
    if rule.tokens and situation.words.isdisjoint(rule.tokens):
        return False
    return _is_wanted(rule, situation) and not (rule.kinds and situation.kinds.isdisjoint(rule.kinds))


def _matches(statement: Statement, context: SqlContext, plan: _Plan) -> Iterator[_Match]:
    by_key, by_kind, cases, _ = plan
    tokens = statement.tokens
    for index, token in enumerate(tokens):
        sought = (*by_key.get(token.key, ()), *by_kind.get(token.kind, ()))
        if not sought:
            continue
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        for each in sought:
            if each.may_stand_before(following):
                match = _match(each.pattern, cases[each.text], statement, index, context)
                if match is not None:
                    yield match


def _match(
    pattern: Pattern, cases: Sequence[_Case], statement: Statement, index: int, context: SqlContext
) -> _Match | None:
    found = pattern.match(statement, index)
    if found is None:
        return None
    for case in cases:
        detect = case.detect
        if not case.condition.holds(statement, found, context):
            continue
        whole = with_schema(statement, found) if detect.call else found
        if case.template is None:
            return _Match(case, whole, None)
        template = case.template.bind(statement, whole)
        if template is not None:
            return _Match(case, whole, template)
    return None


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
