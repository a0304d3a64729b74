"""Keeps what was read from the rules' pages, as Python keeps compiled modules: in ``__pycache__`` beside them.

Reading hundreds of pages of TOML and their patterns takes a fifth of a second, loading them from here some
milliseconds.  A cache that cannot be read or written is done without.  A wheel has them parsed already.
"""

from __future__ import annotations

import marshal
import os
import sys
from pathlib import Path
from typing import Any, Final, NamedTuple

_MODULES: Final = ("rule_cache.py", "spec.py", "pattern.py", "sql/tokens.py", "sql/primary.py")
"""A change of one of these makes the cache worthless."""


class Pages(NamedTuple):
    """The front matter of each page by its file's name, and the anchors of each pattern."""

    fronts: dict[str, dict[str, Any]]
    anchors: dict[str, list[tuple[Any, ...]]]


SHIPPED: Final = "pages.json"


def ship(path: Path, pages: Pages) -> None:
    """Write the pages for a wheel."""
    import json

    path.write_text(json.dumps(pages, separators=(",", ":")), encoding="utf-8")


def shipped(directory: Path) -> Pages | None:
    """The pages that came parsed with the wheel; None in a checkout."""
    try:
        data = (directory / SHIPPED).read_bytes()
    except OSError:
        return None
    import json

    return Pages(*json.loads(data))


def stamp(directory: Path, names: list[str]) -> tuple[Any, ...]:
    """What the cache depends on: the pages, and the code that reads them."""
    here = os.path.dirname(__file__)
    paths = [os.path.join(here, module) for module in _MODULES] + [os.path.join(directory, name) for name in names]
    return (sys.version_info[:3], *names, *[(s.st_mtime_ns, s.st_size) for s in map(os.stat, paths)])


def load(directory: Path, wanted: tuple[Any, ...]) -> Pages | None:
    """The pages as kept for this stamp; None where there are none."""
    try:
        found, fronts, anchors = marshal.loads(_path(directory).read_bytes())
    except (OSError, EOFError, ValueError, TypeError):
        return None
    return Pages(fronts, anchors) if found == wanted else None


def save(directory: Path, wanted: tuple[Any, ...], pages: Pages) -> None:
    """Keep the pages; where that is not possible, nothing happens."""
    if sys.dont_write_bytecode:
        return
    path = _path(directory)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(exist_ok=True)
        temporary.write_bytes(marshal.dumps((wanted, *pages)))
        temporary.replace(path)
    except (OSError, ValueError):
        return


def _path(directory: Path) -> Path:
    return directory / "__pycache__" / f"pages.{sys.implementation.cache_tag}.marshal"
