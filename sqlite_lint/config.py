"""Settings of a run: frozen, and independent of everything else in the package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

DEFAULT_TARGET = (3, 40)


@dataclass(frozen=True)
class Config:
    """All settings, as read from ``[tool.sqlite-lint]`` and the command line.

    ``target_version`` is the oldest SQLite the code must run on.  ``busy_timeout`` is in seconds.  ``root`` is the
    directory that path patterns are relative to, or None.
    """

    target_version: tuple[int, int] = DEFAULT_TARGET
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    extend_exclude: tuple[str, ...] = ()
    busy_timeout: float = 5.0
    ilike_fix: str = "lower"  # "lower": LOWER(x) LIKE LOWER(y); "like": plain LIKE
    wrappers: tuple[str, ...] = ()
    dialects: Mapping[str, str] = field(default_factory=dict)
    functions: tuple[str, ...] = ()
    schema: tuple[str, ...] = ()
    ignore_noqa: bool = False  # report what comments silence, too
    root: str | None = None
