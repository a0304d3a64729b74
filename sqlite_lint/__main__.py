"""``python -m sqlite_lint``."""

from __future__ import annotations

from sqlite_lint.cli import entry

if __name__ == "__main__":
    entry()
