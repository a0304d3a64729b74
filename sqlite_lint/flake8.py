"""The plugin for flake8 (6 and 7): the same findings at the same places as on the command line."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from sqlite_lint import __version__

if TYPE_CHECKING:
    import ast

    from sqlite_lint.config import Config
    from sqlite_lint.config_file import Resolver
    from sqlite_lint.diagnostic import Diagnostic
    from sqlite_lint.projects import Projects

Report = tuple[int, int, str, type[Any]]


class Plugin:
    """Checks one file for flake8, which hands over its tree, name and lines."""

    name: ClassVar[str] = "sqlite-lint"
    version: ClassVar[str] = __version__
    _resolver: ClassVar[Resolver | None] = None
    _projects: ClassVar[Projects | None] = None
    _stdin_name: ClassVar[str] = "stdin"
    _no_cache: ClassVar[bool] = False

    def __init__(self, tree: ast.Module, filename: str, lines: list[str]) -> None:
        self._tree = tree
        self._path = os.path.abspath(self._stdin_name if filename in ("-", "stdin") else filename)
        self._text = "".join(lines)

    def run(self) -> Iterator[Report]:
        """Yield row (from 1), column (from 0), text and type of each finding, as flake8 wants them."""
        from sqlite_lint.discover import is_excluded
        from sqlite_lint.hosts.prefilter import may_concern
        from sqlite_lint.runner import REPORT_AT, describe

        if not may_concern(self._text.encode("utf-8", "surrogatepass")):
            return
        config = self._config()
        if is_excluded(self._path, config, config.root or os.getcwd()):
            return
        try:
            for found in self._findings(config):
                yield found.start.row, found.start.column - 1, f"{found.code} {found.message}", type(self)
        except Exception as error:  # the last resort: a traceback would end flake8 for all files
            text = f"SQL001 internal error: {describe(error)}; please report it at {REPORT_AT}"
            yield 1, 0, text, type(self)

    def _findings(self, config: Config) -> tuple[Diagnostic, ...]:
        from sqlite_lint.cache import default_directory, prepare
        from sqlite_lint.linter import lint_source
        from sqlite_lint.projects import Projects

        cls = type(self)
        if cls._projects is None:
            cls._projects = Projects(None if cls._no_cache else prepare(default_directory(config)))
        project = cls._projects.of(self._path, config)
        return lint_source(self._text, self._path, config, project, tree=self._tree).diagnostics

    @classmethod
    def add_options(cls, manager: Any) -> None:
        """Register our options; each can also stand in flake8's own configuration file."""
        add = manager.add_option
        add("--sqlite-target-version", default=None, parse_from_config=True, metavar="VERSION",
            help="oldest SQLite that runs the code (default: that of [tool.sqlite-lint], else 3.40)")  # fmt: skip
        add("--sqlite-config", default=None, parse_from_config=True, normalize_paths=True, metavar="FILE",
            help="configuration file of sqlite-lint (default: the nearest one of each file)")  # fmt: skip
        add("--sqlite-isolated", action="store_true", default=False, parse_from_config=True,
            help="read no configuration file of sqlite-lint")  # fmt: skip
        add("--sqlite-no-cache", action="store_true", default=False, parse_from_config=True,
            help="do not keep the facts learnt of the project in .sqlite_lint_cache")  # fmt: skip
        add("--sqlite-schema", default="", parse_from_config=True, comma_separated_list=True, normalize_paths=True,
            metavar="FILES", help="scripts or databases with all tables, instead of the configuration's")  # fmt: skip
        for key, text in (
            ("wrappers", "functions of the project that hand SQL on"),
            ("functions", "SQL functions registered with create_function"),
        ):
            add(f"--sqlite-{key}", default="", parse_from_config=True, comma_separated_list=True, metavar="NAMES",
                help=f"{text}, in addition to the configuration's")  # fmt: skip

    @classmethod
    def parse_options(cls, options: Namespace) -> None:
        """Take the options over; a wrong one ends flake8 with a message."""
        from sqlite_lint.config_file import ConfigError

        cls._projects = None
        cls._no_cache = options.sqlite_no_cache
        cls._stdin_name = getattr(options, "stdin_display_name", "stdin")
        try:
            cls._resolver = _resolver(options)
            cls._resolver.for_directory(os.getcwd())
        except ConfigError as error:
            raise _execution_error(error) from error

    def _config(self) -> Config:
        from sqlite_lint.config_file import ConfigError, Resolver

        resolver = self._resolver or Resolver()
        try:
            return resolver.for_directory(os.path.dirname(self._path))
        except ConfigError as error:
            raise _execution_error(error) from error


def _execution_error(error: Exception) -> Exception:
    """The error that ends flake8 with a message instead of a traceback."""
    from flake8.exceptions import ExecutionError  # type: ignore[import-untyped]

    made: Exception = ExecutionError(f"sqlite-lint: {error}")
    return made


def _resolver(options: Namespace) -> Resolver:
    from sqlite_lint.config_file import ConfigError, Resolver, target_version
    from sqlite_lint.settings import with_selection

    target = None
    if options.sqlite_target_version:
        try:
            target = target_version(options.sqlite_target_version)
        except ValueError as error:
            raise ConfigError(f"sqlite-target-version: {error}") from None
    wanted = _opted_in(options)

    def override(config: Config) -> Config:
        if wanted:
            config = with_selection(config, (), (), wanted)
        return config._replace(
            target_version=target or config.target_version,
            wrappers=(*config.wrappers, *options.sqlite_wrappers),
            functions=(*config.functions, *options.sqlite_functions),
            schema=tuple(options.sqlite_schema) or config.schema,
            ignore_noqa=config.ignore_noqa or bool(getattr(options, "disable_noqa", False)),
        )

    return Resolver(override, isolated=options.sqlite_isolated, explicit=options.sqlite_config or None)


def _opted_in(options: Namespace) -> tuple[str, ...]:
    """The rules that flake8's own --select and --extend-select name: flake8 drops findings, it cannot ask for any."""
    named = [*(getattr(options, "select", None) or ()), *(getattr(options, "extend_select", None) or ())]
    return tuple(code for code in named if code.startswith("SQL") and code != "SQL")
