"""Parses Python source that is not ours."""

from __future__ import annotations

import ast
import warnings


def parse(text: str) -> ast.Module:
    """The tree of a module; raises what ``ast.parse`` raises, and says nothing of invalid escapes: others do."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)
