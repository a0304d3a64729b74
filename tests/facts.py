"""The measured facts under tests/data/facts, for tests."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

FACTS = Path(__file__).parent / "data" / "facts"

Version = tuple[int, int]


@lru_cache(maxsize=1)
def dialect_cases() -> list[dict[str, Any]]:
    """One dict for each case of dialect.jsonl; README.md beside it says what the fields mean."""
    return [json.loads(line) for line in (FACTS / "dialect.jsonl").read_text(encoding="utf-8").splitlines()]


@lru_cache(maxsize=1)
def function_facts() -> dict[str, Any]:
    return json.loads((FACTS / "functions.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def version(text: str | None) -> Version | None:
    """``"<=3.24"`` and ``"3.38.5"`` as (3, 24) and (3, 38); None for None."""
    if text is None:
        return None
    major, minor = text.lstrip("<=").split(".")[:2]
    return int(major), int(minor)


def setup_for_sqlite(case: dict[str, Any]) -> list[str]:
    """The statements that make a case's data on SQLite."""
    setup = case["setup"]
    if isinstance(setup, dict):
        setup = setup.get("sqlite", setup.get("all", []))
    return [setup] if isinstance(setup, str) else list(setup)


def checks(case: dict[str, Any], engine: str) -> list[str]:
    """The statements that show what the case has done."""
    found = case.get("check", [])
    return list(found[engine] if isinstance(found, dict) else found)
