"""Regular expressions that are compiled at their first use.

A run needs few of the expressions that its modules hold; to compile them all was a sixth of a run over one file.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _Lazy:
    """Stands for a ``re.Pattern``: each of its methods is looked up at its first use, and kept."""

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self.pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        value = getattr(re.compile(self.pattern, self._flags), name)
        setattr(self, name, value)
        return value


def regex(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Stand in for ``re.compile``; an error in ``pattern`` (re.error) is raised at the first use, not here."""
    return cast("re.Pattern[AnyStr]", _Lazy(pattern, flags))
