"""What a construct is that some SQLite version was the first to have, and helpers to detect one."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from sqlite_lint.sql.tokens import Kind
from sqlite_lint.text import Span

if TYPE_CHECKING:
    from sqlite_lint.sql.statement import Statement

Version = tuple[int, int]


class Effect(enum.Enum):
    """What an older SQLite does with a construct."""

    SYNTAX = "syntax"  # it refuses the statement
    FUNCTION = "function"  # it lacks the function, or takes other numbers of arguments
    MEANING = "meaning"  # it runs, with another result


class Feature(NamedTuple):
    """A use of a construct, at ``span`` of the script; ``since`` is None where stock builds have it in no version.

    ``stand_in`` is what an older engine can be given in its place: (span, text of the same length).  ``function`` is
    the name of a scalar or aggregate function, which a program can register where the engine lacks it.
    """

    name: str
    since: Version | None
    span: Span
    effect: Effect = Effect.SYNTAX
    stand_in: tuple[Span, str] | None = None
    function: str = ""

    def complaint(self, target: Version) -> str:
        """The sentence that says what SQLite is needed, and what the target is."""
        if self.since is None:
            return f"{self.name} is not in stock builds of SQLite"
        return f"{self.name} needs SQLite {_dotted(self.since)}; the target is {_dotted(target)}"


def _dotted(version: Version) -> str:
    return f"{version[0]}.{version[1]}"


Detector = Callable[["Statement", int], Iterator[Feature]]


class Detectors(dict[str, list[Detector]]):
    """For each key of a token the functions that look whether a construct begins there."""

    def on(self, *keys: str) -> Callable[[Detector], Detector]:
        """Register the decorated function for tokens with these keys."""

        def register(detector: Detector) -> Detector:
            for key in keys:
                self.setdefault(key, []).append(detector)
            return detector

        return register


def feature_at(
    s: Statement, name: str, minor: int | None, first: int, last: int | None = None, effect: Effect = Effect.SYNTAX
) -> Feature:
    """A construct that 3.``minor`` brought, at the tokens from ``first`` to ``last``."""
    span = s.span_of(first, first if last is None else last)
    return Feature(name, None if minor is None else (3, minor), span, effect)


def with_blank(s: Statement, feature: Feature, first: int, last: int) -> Feature:
    """The feature with a blank to stand in for the tokens from ``first`` to ``last``."""
    span = s.span_of(first, last)
    return feature._replace(stand_in=(span, " " * (span.end - span.start)))


def is_word(s: Statement, index: int) -> bool:
    """Tell a keyword from a quoted name, and from a column or table of that name (``t.strict``)."""
    return s.tokens[index].kind is Kind.WORD and s.key(index - 1) != "." and s.key(index + 1) != "."


def nearest_before(s: Statement, index: int, *keys: str) -> int | None:
    """The nearest of ``keys`` before ``index`` in the same brackets and the same statement of a body."""
    depth = s.depth[index]
    for i in range(index - 1, -1, -1):
        if s.depth[i] < depth or (s.depth[i] == depth and s.key(i) == ";"):
            return None
        if s.depth[i] == depth and s.key(i) in keys and s.tokens[i].kind is Kind.WORD:
            return i
    return None


def nearest_after(s: Statement, index: int, *keys: str) -> int | None:
    """The nearest of ``keys`` after ``index`` in the same brackets and the same statement of a body."""
    depth = s.depth[index]
    for i in range(index + 1, len(s.tokens)):
        if s.depth[i] < depth or (s.depth[i] == depth and s.key(i) == ";"):
            return None
        if s.depth[i] == depth and s.key(i) in keys and s.tokens[i].kind is Kind.WORD:
            return i
    return None
