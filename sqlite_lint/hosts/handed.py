"""Calls that another callable makes: ``asyncio.to_thread(shutil.copy2, a, b)`` is ``shutil.copy2(a, b)``."""

from __future__ import annotations

import ast
from typing import Final

from sqlite_lint.hosts.sinks import name_of_call

# Callables that call one of their arguments with those after it: its position, and whether keywords are handed on.
INDIRECT: Final = {
    "partial": (0, True),
    "to_thread": (0, True),
    "submit": (0, True),
    "run_in_executor": (1, False),
    "run_sync": (0, False),
    "run_in_threadpool": (0, True),
    "do": (0, True),  # schedule.every().day.do(f, a)
    "call_later": (1, False),
}


def made_by(call: ast.Call) -> ast.Call:
    """The call that ``call`` has another callable make, at its own place; ``call`` itself where it makes none."""
    position, keywords = INDIRECT.get(name_of_call(call), (-1, False))
    if not 0 <= position < len(call.args) or not isinstance(call.args[position], ast.Name | ast.Attribute):
        return call
    given = ast.Call(call.args[position], call.args[position + 1 :], call.keywords if keywords else [])
    return ast.copy_location(given, call)
