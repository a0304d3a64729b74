"""sqlite-lint finds and fixes what breaks or silently misbehaves on SQLite.

The API of the package; everything else may change between releases::

    from sqlite_lint import fix_text, lint_paths, lint_text

    for finding in lint_text("SELECT * FROM t WHERE name ILIKE ?"):
        print(finding.start.row, finding.code, finding.message)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    from sqlite_lint.config import Config
    from sqlite_lint.diagnostic import Diagnostic

__all__ = ["__version__", "fix_text", "lint_paths", "lint_text"]
__version__ = "0.1.0"


def lint_text(text: str, path: str | PathLike[str] = "query.sql", config: Config | None = None) -> list[Diagnostic]:
    """Return the findings in a source text, in their order in it.

    The kind of source follows from ``path``: SQL for ``.sql``, Python otherwise; the file itself is neither read nor
    needed, and no configuration file is looked for.  ``config`` is a ``sqlite_lint.config.Config``; the default one
    targets SQLite 3.40.  A text that cannot be parsed gives the finding SQL001; nothing is raised.
    """
    from sqlite_lint.config import Config
    from sqlite_lint.linter import lint_source

    return list(lint_source(text, str(path), config or Config()).diagnostics)


def fix_text(
    text: str, path: str | PathLike[str] = "query.sql", config: Config | None = None, unsafe: bool = False
) -> str:
    """Return the text with all safe fixes made, and with ``unsafe=True`` all others, too.

    Each fix is verified before it counts; where none holds, the text comes back as it was.  Arguments as for
    ``lint_text``.
    """
    from sqlite_lint.config import Config
    from sqlite_lint.fixer import fix_source

    return fix_source(text, str(path), config or Config(), unsafe=unsafe).text


def lint_paths(
    paths: str | PathLike[str] | Iterable[str | PathLike[str]], config: Config | None = None
) -> list[Diagnostic]:
    """Return the findings in files, and in all .py, .pyi and .sql files below directories, ordered by path and place.

    Without ``config`` each file is checked with the settings of the nearest ``[tool.sqlite-lint]``, as on the command
    line; raises ``sqlite_lint.config_file.ConfigError`` where one of them is wrong.  ``Diagnostic.path`` is absolute.
    A file that cannot be read gives the finding SQL001.  Raises RuntimeError for an error inside sqlite-lint.
    """
    from os import PathLike

    from sqlite_lint.config_file import Resolver
    from sqlite_lint.discover import discover
    from sqlite_lint.runner import Options, run

    resolver = Resolver() if config is None else Resolver.fixed(config)
    named = (str(paths),) if isinstance(paths, str | PathLike) else tuple(map(str, paths))
    outcomes = run(discover(named, resolver), Options(named=named))
    for outcome in outcomes:
        if outcome.error:
            raise RuntimeError(f"{outcome.path}: {outcome.error}")
    return [diagnostic for outcome in outcomes for diagnostic in outcome.diagnostics]
