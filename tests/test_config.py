"""The configuration: where it is found, what it may say, and how its errors read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sqlite_lint.config import Config
from sqlite_lint.config_file import ConfigError, Resolver, from_table, read_config, with_setting
from sqlite_lint.selection import enabled_codes
from sqlite_lint.settings import with_selection


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_all_keys_are_read(tmp_path: Path) -> None:
    path = write(
        tmp_path / "pyproject.toml",
        """
        [tool.sqlite-lint]
        target-version = "3.35"
        select = ["SQL1", "SQL401"]
        ignore = ["ilike"]
        extend-select = ["ALL"]
        per-file-ignores = { "tests/*" = ["SQL101"] }
        exclude = ["build"]
        extend-exclude = ["legacy/*.py"]
        busy-timeout = 2.5
        ilike-fix = "like"
        wrappers = ["run_query"]
        dialects = { "pg/**" = "postgresql", "my/*" = "MySQL" }
        functions = ["slugify"]
        schema = ["schema.sql"]
        """,
    )
    assert read_config(str(path)) == Config(
        target_version=(3, 35),
        select=("SQL1", "SQL401"),
        ignore=("ilike",),
        extend_select=("ALL",),
        per_file_ignores={"tests/*": ("SQL101",)},
        exclude=("build",),
        extend_exclude=("legacy/*.py",),
        busy_timeout=2.5,
        ilike_fix="like",
        wrappers=("run_query",),
        dialects={"pg/**": "postgresql", "my/*": "mysql"},
        functions=("slugify",),
        schema=("schema.sql",),
        root=str(tmp_path),
    )


def test_own_file_needs_no_table(tmp_path: Path) -> None:
    path = write(tmp_path / "sqlite-lint.toml", 'target-version = "3.44.1"')
    assert read_config(str(path)).target_version == (3, 44)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"selct": []}, ["selct", "unknown key", "did you mean 'select'?"]),
        ({"target_version": "3.40"}, ["target_version", "did you mean 'target-version'?"]),
        ({"select": "SQL101"}, ["select", "list of strings", "not a string"]),
        ({"select": ["SQL101", 5]}, ["select", "a list with a number in it"]),
        ({"select": ["SQL1O1"]}, ["select", "unknown rule 'SQL1O1'", "did you mean 'SQL101'?"]),
        ({"ignore": ["ilik"]}, ["ignore", "unknown rule 'ilik'", "did you mean 'ilike'?"]),
        ({"per-file-ignores": {"a.py": ["XYZ"]}}, ["per-file-ignores", '"a.py"', "unknown rule 'XYZ'"]),
        ({"per-file-ignores": ["a.py"]}, ["per-file-ignores", "must be a table"]),
        ({"target-version": 3.4}, ["target-version", "as a string"]),
        ({"target-version": "4.0"}, ["target-version", "no version of SQLite 3"]),
        ({"target-version": "new"}, ["target-version", "no version of SQLite 3"]),
        ({"busy-timeout": "5"}, ["busy-timeout", "number of seconds", "not a string"]),
        ({"busy-timeout": True}, ["busy-timeout", "not a boolean"]),
        ({"busy-timeout": 5000}, ["busy-timeout", "milliseconds"]),
        ({"busy-timeout": 0}, ["busy-timeout", "more than 0"]),
        ({"ilike-fix": "glob"}, ["ilike-fix", '"lower" or "like"']),
        ({"dialects": {"x": "postgrsql"}}, ["dialects", '"x"', "did you mean 'postgresql'?"]),
        ({"dialects": {"x": 1}}, ["dialects", "name of an engine"]),
        ({"wrappers": {}}, ["wrappers", "not a table"]),
        ({"wrappers": ["db.run"]}, ["wrappers", "'db.run' is no name of a function", "write 'run'"]),
        ({"wrappers": [""]}, ["wrappers", "'' is no name"]),
        ({"ignore": [" "]}, ["ignore", "unknown rule ''"]),
    ],
)
def test_errors_name_file_and_key(table: dict[str, object], words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        from_table(table, "pyproject.toml", None)
    message = str(caught.value)
    assert message.startswith("pyproject.toml: ")
    assert [word for word in words if word not in message] == []


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("sqlite-lint = 3", "tool.sqlite-lint: must be a table"),
        ('sqlite-lint.schema = ["absent.sql"]', "schema: "),
    ],
)
def test_errors_that_show_only_when_it_is_used_name_the_file(tmp_path: Path, setting: str, words: str) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text(f"[tool]\n{setting}\n")
    with pytest.raises(ConfigError) as caught:
        Resolver().for_directory(str(tmp_path))
    assert str(caught.value).startswith(f"{path}: {words}")


def test_a_pyproject_that_cannot_be_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text("")

    def denied(*_: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", denied)
    with pytest.raises(ConfigError, match=r"pyproject\.toml: permission denied"):
        Resolver().for_directory(str(tmp_path))


@pytest.mark.parametrize("text", ["[tool.sqlite-lint", "a = " + "[" * 5000, "\udcff"])
def test_a_file_that_is_no_toml_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "sqlite-lint.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match="is not valid TOML"):
        read_config(str(path))


def test_the_nearest_configuration_governs_a_directory(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", '[tool.sqlite-lint]\ntarget-version = "3.30"')
    write(tmp_path / "a" / "pyproject.toml", '[project]\nname = "no-table-of-ours"')
    write(tmp_path / "a" / "b" / "sqlite-lint.toml", 'target-version = "3.31"')
    resolver = Resolver()
    assert resolver.for_directory(str(tmp_path / "a")).target_version == (3, 30)
    assert resolver.for_directory(str(tmp_path / "a" / "b" / "c")).target_version == (3, 31)


def test_isolated_reads_no_file(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "[tool.sqlite-lint]\nselct = 1")
    assert Resolver(isolated=True).for_directory(str(tmp_path)) == Config(root=os.getcwd())


def test_a_setting_of_the_command_line_is_toml() -> None:
    assert with_setting(Config(), 'target-version="3.31"').target_version == (3, 31)
    with pytest.raises(ConfigError, match="--config: busy: unknown key; did you mean 'busy-timeout'"):
        with_setting(Config(), "busy=1")


def codes(**settings: object) -> frozenset[str]:
    return enabled_codes(Config(**settings), "src/app.py")  # type: ignore[arg-type]


def test_everything_by_default_is_enabled() -> None:
    assert {"SQL001", "SQL002", "SQL003", "SQL101", "SQL401"} <= codes()


def test_select_narrows_but_keeps_unreadable_files() -> None:
    assert codes(select=("SQL101",)) == {"SQL001", "SQL101"}


def test_a_beginning_selects_a_family() -> None:
    chosen = codes(select=("SQL1",))
    assert "SQL102" in chosen
    assert "SQL401" not in chosen


def test_the_longest_selector_decides() -> None:
    chosen = codes(select=("SQL1",), ignore=("SQL",), extend_select=("SQL401",))
    assert "SQL101" in chosen
    assert "SQL401" in chosen
    assert "SQL402" not in chosen


def test_ignore_wins_over_an_equally_long_selector() -> None:
    assert "SQL101" not in codes(select=("SQL101",), ignore=("ilike",))
    assert codes(ignore=("ALL",)) == frozenset()


@pytest.mark.parametrize("pattern", ["src/*", "src", "app.py", "*.py", "**/app.py", "{src,lib}/*.py", "!tests/*"])
def test_per_file_ignores_cover_their_files(pattern: str) -> None:
    assert "SQL101" not in codes(per_file_ignores={pattern: ("SQL101",)})


@pytest.mark.parametrize("pattern", ["tests/*", "app", "lib/**/*.py", "!src/*", "src/app.pyi"])
def test_noop_per_file_ignores_of_other_files(pattern: str) -> None:
    assert "SQL101" in codes(per_file_ignores={pattern: ("SQL101",)})


def test_patterns_count_from_the_configurations_directory(tmp_path: Path) -> None:
    config = Config(per_file_ignores={"src/*": ("SQL101",)}, root=str(tmp_path))
    assert "SQL101" not in enabled_codes(config, str(tmp_path / "src" / "a.py"))
    assert "SQL101" in enabled_codes(config, str(tmp_path / "lib" / "src2" / "a.py"))


def test_the_command_line_overrules_the_files_selection() -> None:
    config = Config(select=("SQL1",), ignore=("SQL401", "SQL002"))
    assert with_selection(config, ("SQL401",), (), ()).ignore == ()
    assert with_selection(config, (), ("SQL101",), ("sql401",)).ignore == ("SQL002", "SQL101")
