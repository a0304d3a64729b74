"""What the caches of results and of facts have in common: when a stamp can be trusted, how a file is replaced."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Final

RACY_NS: Final = 50_000_000
"""File systems stamp times in steps of some milliseconds: a younger change may hide behind the same stamp."""


def write_atomically(path: str, text: str) -> None:
    """Replace a cache file at once; a failure leaves the old one."""
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with open(temporary, "w", encoding="utf-8", errors="surrogatepass") as file:
            file.write(text)
        os.replace(temporary, path)
    except OSError:
        with suppress(OSError):
            os.unlink(temporary)
