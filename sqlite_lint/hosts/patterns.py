"""What a pattern of a ``match`` statement says of the engine."""

from __future__ import annotations

import ast

from sqlite_lint.hosts.conditions import Conditions, Truth
from sqlite_lint.hosts.engines import ANY, NONE, engines, mention


def pattern_truth(pattern: ast.pattern, conditions: Conditions) -> Truth:
    """The engines for which a pattern may match, and those for which it may not."""
    if isinstance(pattern, ast.MatchValue):
        names = conditions.denotes(pattern.value)
    elif isinstance(pattern, ast.MatchOr):
        parts = [pattern_truth(each, conditions) for each in pattern.patterns]
        true, false = NONE, ANY
        for part in parts:
            true, false = true | part.true, false & part.false
        return Truth(true, false)
    elif isinstance(pattern, ast.MatchClass):
        names = mention(ast.unparse(pattern.cls).rpartition(".")[2]).names
    elif isinstance(pattern, ast.MatchAs):
        return pattern_truth(pattern.pattern, conditions) if pattern.pattern is not None else Truth(ANY, NONE)
    elif isinstance(pattern, ast.MatchSequence):
        # One position of several: the others may still fail.
        true = ANY
        for each in pattern.patterns:
            part = pattern_truth(each, conditions)
            true &= part.true
        return Truth(true, ANY)
    else:
        return Truth(ANY, ANY)
    return Truth(engines(names), ~engines(names)) if names else Truth(ANY, ANY)
