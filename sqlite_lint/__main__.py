"""``python -m sqlite_lint``."""

from __future__ import annotations

import sys

from sqlite_lint.cli import main

if __name__ == "__main__":
    sys.exit(main())
