"""Finds and reads the configuration: ``[tool.sqlite-lint]`` of pyproject.toml, or sqlite-lint.toml."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from sqlite_lint.config import Config

FILE_NAMES: Final = (".sqlite-lint.toml", "sqlite-lint.toml", "pyproject.toml")
ENGINES: Final = (
    "sqlite", "postgresql", "mysql", "mariadb", "oracle", "mssql", "duckdb", "snowflake", "bigquery", "spark",
    "clickhouse", "other",
)  # fmt: skip


class ConfigError(Exception):
    """A setting that cannot be used; the message names the file, the key and, if there is one, the nearest name."""


def config_file_in(directory: str) -> str | None:
    """The configuration file of this very directory; a pyproject.toml without our table is none."""
    for name in FILE_NAMES:
        path = os.path.join(directory, name)
        if os.path.isfile(path) and (name != "pyproject.toml" or _has_table(path)):
            return path
    return None


def _has_table(path: str) -> bool:
    """Tell whether a pyproject.toml configures this tool; a cheap look spares most projects the parser."""
    data = _read(path)
    return b"sqlite-lint" in data and _tool_table(_parse(data, path), path) is not None


def _tool_table(document: Mapping[str, Any], path: str) -> Any:
    if os.path.basename(path) != "pyproject.toml":
        return document
    tool = document.get("tool")
    return tool.get("sqlite-lint") if isinstance(tool, Mapping) else None


def read_config(path: str) -> Config:
    """Read one configuration file; raises ConfigError."""
    table = _tool_table(_parse(_read(path), path), path)
    if table is None:
        raise ConfigError(f"{path}: has no table [tool.sqlite-lint]")
    if not isinstance(table, Mapping):
        raise ConfigError(f"{path}: tool.sqlite-lint: must be a table")
    return from_table(table, path, root=os.path.dirname(os.path.abspath(path)))


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise ConfigError(f"{path}: {(error.strerror or str(error)).lower()}") from error


def _parse(data: bytes, path: str) -> Mapping[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        document: Mapping[str, Any] = tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is not valid TOML: {error}") from error
    except RecursionError:
        raise ConfigError(f"{path}: is not valid TOML: it is nested too deeply") from None
    return document


def from_table(table: Mapping[str, Any], place: str, root: str | None) -> Config:
    """Build a Config from the keys of ``[tool.sqlite-lint]``; ``place`` names the file in errors."""
    values: dict[str, Any] = {}
    for key, value in table.items():
        reader = READERS.get(key)
        if reader is None:
            raise ConfigError(f"{place}: {key}: unknown key{nearest(key, READERS)}")
        try:
            values[key.replace("-", "_")] = reader(value)
        except ValueError as error:
            raise ConfigError(f"{place}: {key}: {error}") from None
    return Config(root=root)._replace(**values)


def with_setting(config: Config, setting: str) -> Config:
    """Apply one ``KEY=VALUE`` of the command line, in TOML (``select = ["SQL1"]``); raises ConfigError."""
    table = _parse(setting.encode("utf-8", "surrogateescape"), f"--config {setting!r}")
    made = from_table(table, "--config", config.root)
    return config._replace(**{key.replace("-", "_"): getattr(made, key.replace("-", "_")) for key in table})


def nearest(name: str, known: Iterable[str]) -> str:
    """``; did you mean ...?`` where a known name is close, else the empty string."""
    from difflib import get_close_matches

    names = list(known)
    close = get_close_matches(name.replace("_", "-"), names, n=len(names) or 1, cutoff=0.5)
    # Many codes differ from a mistyped one by one digit: the one that begins alike is meant, and of these the first.
    found = max(sorted(close, key=names.index), key=lambda each: _common_beginning(each, name), default=None)
    return f"; did you mean {found!r}?" if found else ""


def _common_beginning(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _strings(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"must be a list of strings, not {_kind(value)}")
    return tuple(value)


def _names(value: object) -> tuple[str, ...]:
    names = _strings(value)
    for name in names:
        if not name.isidentifier():
            last = name.rpartition(".")[2]
            advice = f"; write {last!r}" if last.isidentifier() else ""
            raise ValueError(f"{name!r} is no name of a function or method{advice}")
    return names


def selectors(value: object) -> tuple[str, ...]:
    """Check rule selectors (codes, their beginnings, names, ALL); raises ValueError."""
    from sqlite_lint import catalog
    from sqlite_lint.selection import unknown_selector

    chosen = tuple(selector.strip() for selector in _strings(value))
    unknown = unknown_selector(chosen)
    if unknown is not None:
        known = [name for rule in catalog.rules() for name in (rule.code, rule.name)]
        close = nearest(unknown.upper(), known) or nearest(unknown.lower(), known)
        raise ValueError(f"unknown rule {unknown!r}{close}")
    return chosen


def target_version(value: object) -> tuple[int, int]:
    """Read a SQLite version, ``"3.40"``; raises ValueError."""
    if isinstance(value, float):
        raise ValueError(f'write the version as a string: "{value}" (a number cannot tell 3.4 from 3.40)')
    if not isinstance(value, str):
        raise ValueError(f'must be a version as a string, such as "3.40", not {_kind(value)}')
    parts = value.strip().split(".")
    if len(parts) not in (2, 3) or not all(part.isascii() and part.isdigit() for part in parts) or parts[0] != "3":
        raise ValueError(f'{value!r} is no version of SQLite 3; write it as "3.40"')
    return 3, int(parts[1])


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"must be a number of seconds, not {_kind(value)}")
    if not 0 < value < 3600:
        raise ValueError(f"must be between 0 and 3600 seconds; {value} looks like milliseconds" if value > 0
                         else "must be more than 0 seconds")  # fmt: skip
    return float(value)


def _ilike_fix(value: object) -> str:
    if value not in ("lower", "like"):
        raise ValueError(f'must be "lower" or "like", not {value!r}')
    return str(value)


def _table(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"must be a table, not {_kind(value)}")
    return value


def _per_file(value: object) -> dict[str, tuple[str, ...]]:
    def read(pattern: str, codes: object) -> tuple[str, ...]:
        try:
            return selectors(codes)
        except ValueError as error:
            raise ValueError(f'"{pattern}": {error}') from None

    return {pattern: read(pattern, codes) for pattern, codes in _table(value).items()}


def _dialects(value: object) -> dict[str, str]:
    read = {}
    for pattern, engine in _table(value).items():
        if not isinstance(engine, str):
            raise ValueError(f'"{pattern}": must be the name of an engine, not {_kind(engine)}')
        name = {"postgres": "postgresql"}.get(engine.lower(), engine.lower())
        if name not in ENGINES:
            raise ValueError(f'"{pattern}": unknown engine {engine!r}{nearest(name, ENGINES)}')
        read[pattern] = name
    return read


def _kind(value: object) -> str:
    names = {bool: "a boolean", str: "a string", int: "a number", float: "a number", list: "a list", dict: "a table"}
    if isinstance(value, list):
        wrong = next((item for item in value if not isinstance(item, str)), None)
        return "a list" if wrong is None else f"a list with {_kind(wrong)} in it"
    return names.get(type(value), f"a {type(value).__name__}")


READERS: Final[Mapping[str, Callable[[object], Any]]] = {
    "target-version": target_version,
    "select": selectors,
    "ignore": selectors,
    "extend-select": selectors,
    "per-file-ignores": _per_file,
    "exclude": _strings,
    "extend-exclude": _strings,
    "busy-timeout": _seconds,
    "ilike-fix": _ilike_fix,
    "wrappers": _names,
    "dialects": _dialects,
    "functions": _strings,
    "schema": _strings,
}
"""The keys of ``[tool.sqlite-lint]``; each reader returns the value of the Config field of the same name."""


def _with_readable_schema(config: Config, place: str) -> Config:
    """The same configuration; raises ConfigError where the schema that it names cannot be read.

    ``place`` names the file that names the schema; it is empty for the command line.
    """
    if config.schema:
        from sqlite_lint.schema_files import SchemaError, given_schema

        try:
            given_schema(config)
        except SchemaError as error:
            raise ConfigError(f"{place}: {error}" if place else str(error)) from None
    return config


class Resolver:
    """Gives each directory its configuration: that of the nearest file, with the command line's settings on top."""

    def __init__(
        self,
        override: Callable[[Config], Config] = lambda config: config,
        *,
        isolated: bool = False,
        explicit: str | None = None,
    ) -> None:
        self._override = override
        self._fixed: Config | None = None
        if explicit is not None:
            self._fixed = self._made(explicit)
        elif isolated:
            self._fixed = self._made(None)
        self._known: dict[str, Config] = {}

    def _made(self, path: str | None) -> Config:
        read = Config(root=os.getcwd()) if path is None else read_config(path)
        config = self._override(read)
        return _with_readable_schema(config, path if path is not None and config.schema == read.schema else "")

    @classmethod
    def fixed(cls, config: Config) -> Resolver:
        """A resolver that gives every file the same configuration."""
        return cls(lambda _: config, isolated=True)

    def for_directory(self, directory: str) -> Config:
        """The configuration for files in the absolute ``directory``; raises ConfigError."""
        if self._fixed is not None:
            return self._fixed
        passed = []
        while directory not in self._known:
            passed.append(directory)
            path = config_file_in(directory)
            if path is not None:
                self._known[directory] = self._made(path)
            elif os.path.dirname(directory) == directory:
                self._known[directory] = self._made(None)
            else:
                directory = os.path.dirname(directory)
        config = self._known[directory]
        self._known.update(dict.fromkeys(passed, config))
        return config
