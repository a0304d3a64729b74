"""The configuration of a run of the command line: options on top of the nearest file's settings."""

from __future__ import annotations

import os
from argparse import Namespace

from sqlite_lint.config import Config
from sqlite_lint.config_file import ConfigError, Resolver, selectors, target_version, with_setting


def resolver_for(options: Namespace) -> Resolver:
    """Build the resolver that the options of ``check`` describe; raises ConfigError for wrong values."""
    given = options.config or []
    files = [item for item in given if _is_file(item)]
    settings = [item for item in given if not _is_file(item)]
    if len(files) > 1:
        raise ConfigError("--config: only one configuration file can be given")
    if files and options.isolated:
        raise ConfigError("--config: cannot be used together with --isolated")
    chosen = {name: _selectors(options, name) for name in ("select", "ignore", "extend_select")}
    target = None
    if options.target_version is not None:
        try:
            target = target_version(options.target_version)
        except ValueError as error:
            raise ConfigError(f"--target-version: {error}") from None

    def override(config: Config) -> Config:
        for setting in settings:
            config = with_setting(config, setting)
        config = with_selection(config, **chosen)
        if target is not None:
            config = config._replace(target_version=target)
        excluded = tuple(pattern for patterns in options.exclude or () for pattern in patterns)
        if excluded:
            config = config._replace(extend_exclude=(*config.extend_exclude, *excluded))
        if options.schema:
            config = config._replace(schema=tuple(map(os.path.abspath, options.schema)))
        return config._replace(ignore_noqa=True) if options.ignore_noqa else config

    return Resolver(override, isolated=options.isolated, explicit=files[0] if files else None)


def with_selection(
    config: Config, select: tuple[str, ...], ignore: tuple[str, ...], extend_select: tuple[str, ...]
) -> Config:
    """Put a selection of the command line over that of the file, which gives way where both name a rule."""
    if select:
        config = config._replace(select=select, extend_select=(), ignore=())
    named = {selector.upper() for selector in extend_select}
    kept = tuple(selector for selector in config.ignore if selector.upper() not in named)
    return config._replace(ignore=(*kept, *ignore), extend_select=(*config.extend_select, *extend_select))


def _is_file(item: str) -> bool:
    return os.path.isfile(item) or "=" not in item


def _selectors(options: Namespace, name: str) -> tuple[str, ...]:
    given = [code for codes in getattr(options, name) or () for code in codes]
    if not given:
        return ()
    try:
        return selectors(given)
    except ValueError as error:
        raise ConfigError(f"--{name.replace('_', '-')}: {error}") from None
