"""A text that an expression may have, put together part by part without copying what came before."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from sqlite_lint.hosts.sqltext import SqlText
from sqlite_lint.sql.tokens import HOLE

if TYPE_CHECKING:
    from sqlite_lint.hosts.module import Binding
    from sqlite_lint.text import Span

MAX_ALTERNATIVES: Final = 16
MAX_WRITTEN: Final = 500
MAX_ASSUMPTIONS: Final = 40
MAX_ORIGINS: Final = 100

Assumptions: TypeAlias = Mapping[str, object]
"""What was taken to hold on the way to a text: the outcome of a condition, the row of a loop, the filling of a field.

Never changed once made.
"""

NOTHING: Final[Assumptions] = {}


def agreed(one: Assumptions, other: Assumptions) -> Assumptions | None:
    """Both together; None where they contradict each other."""
    if not one or not other:
        return one or other
    fewer, more = (one, other) if len(one) < len(other) else (other, one)
    if any(more.get(key, value) != value for key, value in fewer.items()):
        return None
    # Past so many assumptions a text is doubtful anyway, and each further one would cost as much as all before it.
    return more if len(more) >= MAX_ASSUMPTIONS or fewer.keys() <= more.keys() else {**one, **other}


class _Link(NamedTuple):
    before: _Link | None
    part: SqlText


@dataclass(frozen=True, slots=True, eq=False)
class Alternative:
    """One text that an expression may have at run time.

    ``origins`` are the nodes of this file that it came through, the literal first.  ``reason`` says why a text that
    is nothing but a hole could not be read.  ``builder`` marks an object of a query builder, which is no text.
    ``leading`` is the parameter that the text begins with; ``params`` are all parameters that it holds.
    """

    chain: _Link | None = None
    origins: tuple[ast.AST, ...] = ()
    assumed: Assumptions = field(default_factory=dict)
    assembled: bool = False
    elsewhere: bool = False
    builder: bool = False
    reason: str = ""
    leading: Binding | None = None
    params: tuple[Binding, ...] = ()
    wrapped: bool = False  # went through text() or its like
    begun: bool = False  # more than white space stands before what is added next
    number: bool = False  # a number, which only a template turns into text

    @classmethod
    def of(cls, text: SqlText, origin: ast.AST | None = None) -> Alternative:
        return cls(_Link(None, text), () if origin is None else (origin,))

    @classmethod
    def hole(cls, src: Span | None, reason: str, *, builder: bool = False) -> Alternative:
        return cls(_Link(None, SqlText.hole(src)), reason=reason, builder=builder)

    @classmethod
    def parameter(cls, src: Span | None, binding: Binding) -> Alternative:
        reason = f"parameter {binding.name!r} of a function"
        return cls(_Link(None, SqlText.hole(src)), reason=reason, leading=binding, params=(binding,))

    @property
    def text(self) -> SqlText:
        parts = self.parts()
        return parts[0] if len(parts) == 1 else SqlText.join(parts)

    def _origins_with(self, others: tuple[ast.AST, ...]) -> tuple[ast.AST, ...]:
        """Both texts' origins; the first hundred of a long sum stand for all."""
        if not others or len(self.origins) >= MAX_ORIGINS:
            return self.origins
        return tuple(dict.fromkeys((*self.origins, *others)))

    @property
    def _begins(self) -> bool:
        return self.chain is not None and bool(self.chain.part.text.strip())

    def parts(self) -> list[SqlText]:
        parts = []
        link = self.chain
        while link is not None:
            parts.append(link.part)
            link = link.before
        parts.reverse()
        return parts

    @property
    def is_text(self) -> bool:
        """Tell whether anything but holes and white space is known of it."""
        return any(part.text.replace(HOLE, "").strip() for part in self.parts())

    @property
    def written(self) -> bool:
        """Tell whether it is one literal as it stands, not a combination."""
        return self.chain is not None and self.chain.before is None and not self.assembled

    def assume(self, condition: str, outcome: object) -> Alternative | None:
        """This text where ``condition`` had the ``outcome``; None where it is known to have had another."""
        known = self.assumed
        if condition in known:
            return self if known[condition] == outcome else None
        if len(known) >= MAX_ASSUMPTIONS:
            return self
        return self._changed(self.origins, {**known, condition: outcome})

    def _changed(self, origins: tuple[ast.AST, ...], assumed: Assumptions) -> Alternative:
        """What ``replace`` would give, in a fifth of its time."""
        return Alternative(
            self.chain,
            origins,
            assumed,
            self.assembled,
            self.elsewhere,
            self.builder,
            self.reason,
            self.leading,
            self.params,
            self.wrapped,
            self.begun,
            self.number,
        )

    def truth(self) -> bool | None:
        """What ``if`` makes of it; None where that is not known."""
        parts = [part.text for part in self.parts()]
        if any(part.replace(HOLE, "") for part in parts):
            return True
        return None if any(parts) else False

    @property
    def doubtful(self) -> bool:
        """Tell whether independent choices made it, so that this very combination may never occur.

        Nor need a loop over what the program is given ever take no turn.
        """
        if self.assembled or self.written:
            return self.assembled
        if any(outcome is False and key.startswith("turn ") for key, outcome in self.assumed.items()):
            return True
        # Rows of loops and fillings of fields do all come together; outcomes of conditions need not.
        return sum(not key.startswith(("row ", "field ")) for key in self.assumed) > 1

    def mapped(self, text: SqlText, origin: ast.AST | None = None) -> Alternative:
        """The same alternative with another text."""
        changed = replace(self, chain=_Link(None, text))
        return changed if origin is None else changed.via(origin)

    def via(self, origin: ast.AST) -> Alternative:
        if origin in self.origins:
            return self
        return self._changed((*self.origins, origin), self.assumed)

    def plus(self, other: Alternative) -> Alternative | None:
        """Both texts, one after the other; None where their assumptions exclude each other."""
        assumed = agreed(self.assumed, other.assumed)
        if assumed is None:
            return None
        chain = self.chain
        for part in other.parts():
            chain = _Link(chain, part)
        begins = self.begun or self.leading is not None or self._begins
        return Alternative(
            chain,
            self._origins_with(other.origins),
            assumed,
            self.assembled or other.assembled,
            self.elsewhere or other.elsewhere,
            False,
            self.reason or other.reason,
            self.leading if begins else other.leading,
            tuple(dict.fromkeys((*self.params, *other.params))) if other.params else self.params,
            self.wrapped or other.wrapped,
            begun=begins or other.begun or other._begins,
        )


def limited(alternatives: Iterable[Alternative], limit: int = MAX_ALTERNATIVES) -> list[Alternative]:
    """At most ``limit`` combinations: the first, with the fewest optional parts, and the last, with all of them.

    Texts that are written out whole are not combinations, and many more of them are kept; not so of what could not be
    read, which tells nothing.
    """
    found = list(alternatives)
    if len(found) > 1 and all(alternative.builder for alternative in found):
        return found[:1]  # objects of a query builder are all alike here
    if len(found) <= limit:
        return found
    written: list[Alternative] = []
    combined: list[Alternative] = []
    for alternative in found:
        (written if alternative.written and alternative.is_text else combined).append(alternative)
    if len(combined) > limit:
        half = limit // 2
        combined = [replace(kept, assembled=True) for kept in (*combined[:half], *combined[-half:])]
    return [*written[:MAX_WRITTEN], *combined]


def combine(parts: Sequence[Sequence[Alternative]]) -> list[Alternative]:
    """The texts that arise when one alternative of each part follows the other, as many as ``limited`` allows."""
    found = [Alternative()]
    for choices in parts:
        joined = (before.plus(choice) for before in found for choice in choices)
        found = limited([both for both in joined if both is not None])
    return found


def exclusive(choices: list[Alternative], name: str) -> list[Alternative]:
    """The choices, so that two fields with the same name are filled alike."""
    if len(choices) < 2:
        return choices
    key = f"field {name} among {sorted({id(origin) for choice in choices for origin in choice.origins})}"
    assumed = [choice.assume(key, choice.text.text) for choice in choices]
    return [choice for choice in assumed if choice is not None]
