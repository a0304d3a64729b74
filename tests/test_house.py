"""The project itself: which module may know which, how long modules are, what is documented."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import sqlite_lint
from sqlite_lint import catalog

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "sqlite_lint"
MODULES = sorted(path for path in PACKAGE.rglob("*.py"))
LONGEST_MODULE = 350

# From the ground up: a module may import from its own floor and from those below it.  Types alone, under
# TYPE_CHECKING, may come from anywhere.
FLOORS = (
    {"text", "regex", "config", "globs", "directories", "forks", "cache_files"},
    {"diagnostic", "report", "collected", "sql"},
    {"hosts", "comments", "source", "facts", "project", "schema_files"},
    {"rule", "spec", "pattern", "condition", "capture", "provided", "placeholders", "template", "match", "rule_cache"}
    | {"filters", "filter_literals", "filter_times", "filter_patterns"},
    {"checks", "catalog"},
    {"selection", "suppress"},
    {"lift", "linter", "shared_text"},
    {"verify", "fixer"},
)
IMPORTERS_OF_SQLGLOT = ("sql/", "match.py")
IMPORTERS_OF_LIBCST = ()  # our own reader of literals is as exact and costs nothing to import: test_literal_libcst.py


def _part(module: str) -> str:
    """The file or sub-package directly below the package: "sqlite_lint.hosts.python" is of "hosts"."""
    return module.split(".")[1] if "." in module else ""


def _floor(part: str) -> int:
    """Surfaces (cli, flake8, runner, output, ...) stand on top of everything else."""
    return next((number for number, parts in enumerate(FLOORS) if part in parts), len(FLOORS))


def _only_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def _imports(node: ast.AST) -> Iterator[str]:
    """Dotted names that the code below ``node`` imports when it runs."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            for alias in child.names:
                yield f"{child.module}.{alias.name}" if child.module == "sqlite_lint" else str(child.module)
        elif not _only_for_types(child):
            yield from _imports(child)


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_modules_import_only_from_below(path: Path) -> None:
    part = _name(path).partition("/")[0].removesuffix(".py")
    known = {p.stem for p in PACKAGE.iterdir()}
    upwards = [
        name
        for name in _imports(_tree(path))
        if name.startswith("sqlite_lint.") and _part(name) in known and _floor(_part(name)) > _floor(part)
    ]
    assert upwards == []


def test_every_floor_exists() -> None:
    known = {path.stem for path in PACKAGE.iterdir()}
    assert set().union(*FLOORS) - known == set()


@pytest.mark.parametrize(("library", "allowed"), [("sqlglot", IMPORTERS_OF_SQLGLOT), ("libcst", IMPORTERS_OF_LIBCST)])
def test_dear_libraries_have_few_importers(library: str, allowed: tuple[str, ...]) -> None:
    importers = [_name(path) for path in MODULES if any(n.split(".")[0] == library for n in _imports(_tree(path)))]
    assert [name for name in importers if not name.startswith(allowed)] == []


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_modules_are_short(path: Path) -> None:
    length = path.read_text(encoding="utf-8").count("\n")
    assert length <= LONGEST_MODULE


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_modules_say_what_they_are_for(path: Path) -> None:
    tree = _tree(path)
    assert ast.get_docstring(tree)
    annotated = any(isinstance(node, ast.arg | ast.AnnAssign) for node in ast.walk(tree))
    assert not annotated or "from __future__ import annotations" in path.read_text(encoding="utf-8")


def test_importing_the_package_loads_nothing_dear() -> None:
    dear = ["sqlglot", "libcst", "sqlite3", "json", "tomllib", "flake8", "multiprocessing", "asyncio"]
    code = f"import sys, sqlite_lint; print([name for name in {dear} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


@pytest.mark.parametrize("rule", catalog.rules(), ids=lambda rule: rule.code)
def test_every_rule_explains_itself(rule: catalog.Rule) -> None:
    page = (ROOT / "rules" / f"{rule.code}-{rule.name}.md").read_text(encoding="utf-8")
    for heading in ("## What it does", "## Why is this bad", "## Examples", "## References"):
        assert heading in page
    assert rule.summary and not rule.summary.endswith(".")
    assert rule.message
    assert rule.since


def test_codes_and_names_are_unique_and_well_formed() -> None:
    rules = catalog.rules()
    assert len({rule.code for rule in rules}) == len({rule.name for rule in rules}) == len(rules)
    assert [rule.code for rule in rules if not re.fullmatch(r"SQL[0-8]\d\d", rule.code)] == []
    assert [rule.name for rule in rules if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)] == []


def test_every_check_is_used_by_a_rule() -> None:
    used = {rule.check.partition(":")[0] for rule in catalog.rules() if rule.check}
    public = {
        path.stem for path in (PACKAGE / "checks").glob("*.py") if re.search(r"^def check", path.read_text(), re.M)
    }
    assert public - used == set()


def test_the_changelog_knows_this_version() -> None:
    assert f"## {sqlite_lint.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_sub_packages_are_packaged() -> None:
    listed = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    packages = {path.parent for path in MODULES}
    dotted = [".".join(path.relative_to(ROOT).parts) for path in packages]
    assert [name for name in dotted if f'"{name}"' not in listed] == []
