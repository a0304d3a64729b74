"""The facts of a Python module; only one in a hundred is parsed for them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sqlite_lint.facts import NOTHING, FileFacts
from sqlite_lint.facts.models import MARKS, loose_tables, read_models
from sqlite_lint.facts.texts import (
    DDL,
    OPENS,
    URL,
    django_engines,
    peewee_engines,
    pragmas,
    registered_functions,
    stamps,
)
from sqlite_lint.hosts.expressions import last_name
from sqlite_lint.regex import regex

if TYPE_CHECKING:
    import ast

# Each begins with a literal, which is what makes the search fast.
_STATEMENTS: Final = tuple(
    (pattern.split(b"\\", 1)[0], re.compile(pattern))
    for pattern in (
        rb"select\s[^\"';]{1,1500}?\sfrom\s",
        rb"insert\s+(?:or\s+\w+\s+)?into\s",
        rb"replace\s+into\s",
        rb"update\s+[^\s\"']+\s+set\s",
        rb"delete\s+from\s",
        rb"create\s+(?:\w+\s+){0,2}(?:table|index|view|trigger)\s",
        rb"alter\s+table\s",
        rb"drop\s+(?:table|index|view|trigger)\s",
        rb"pragma\s+\w",
    )
)
_BEFORE_BYTES: Final = frozenset({b'"', b"'", b"\n", b"(", b";"})
_SINK: Final = regex(
    rb"\.(?:(?:execute(?:many|script|_sql)?|exec_driver_sql|read_sql\w*)\(\s*(?:[\w.]*text\(\s*)?([a-z_]\w*)\s*[,)]"
    rb"|(?:query|raw|sql|run|fetch\w*)\(\s*(\w*(?:sql|query|stmt|statement|command|script)\w*)\s*[,)])"
)
_CONSTANT: Final = regex(
    rb"^[ \t]{0,20}(?:[A-Za-z_]\w*(?:[ \t]*:[^=\n]{1,60})?[ \t]*=|return\b)\s*(?:[\w.]+\(\s*)?"  # NAME: str = text(
    rb"[\[({]?\s*(?:[rbf]{0,2}[\"']\w+[\"']\s*:\s*)?[\[({]?\s*"  # [ or {"key":
    rb"[rbf]{0,2}[\"']{1,3}\s*(?:--[^\n]*\s*)?"  # quotes, a comment
    rb"(?:select\s|insert\s+(?:or\s+\w+\s+)?into\s|replace\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|pragma\s|begin\b"
    rb"|(?:create|alter|drop)\s+(?:\w+\s+){0,2}(?:table|index|view|trigger)\s|with\s+(?:recursive\s+)?[\w{}]+\s*(?:\(|as\b))",
    re.MULTILINE,
)
_ATOMIC: Final = regex(r"\bfrom django\b|\bimport django\b")
_IMPORT: Final = regex(rb"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import|import[ \t]+([\w., \t]+))", re.MULTILINE)
_REWRITES: Final = regex(
    r"\b(?:sql|query|stmt|statement|command)\.replace\("
    r"|(?:\bexecute\w*\(\s*|\b(?:sql|query|stmt|statement|command)\s*=\s*)[\w.]*"
    r"(?:convert|translat|rewrit|adapt|transform|transpil|placeholder|qmark|normaliz|sqlite|\bsub)\w*\("
)
_FIRST_WORD: Final = regex(
    r"(?:\s|;|--[^\n]*\n|/\*.*?\*/)*(?:create|alter|begin|pragma|drop|savepoint|delete|insert|update|with)\b",
    re.IGNORECASE | re.DOTALL,
)
_PRELOADS: Final = regex(r"^[ \t]*preload_app[ \t]*=[ \t]*True\b", re.MULTILINE)
_SCHEME: Final = regex(
    rb"(?:sqlite|postgres|mysql|mariadb|mssql|oracle|duckdb|cockroachdb|clickhouse|snowflake|bigquery|redshift|libsql)[\w+]*\Z"
)


def may_tell(low: bytes) -> bool:
    """Tell whether a module that no rule concerns may tell something; ``low`` is it in lower case."""
    if b"psycopg" in low or b"asyncpg" in low or b"__tablename__" in low:
        return True
    return b"django" in low and (b"atomic" in low or b"models.model" in low or b"migrations.migration" in low)


def stamp_facts(data: bytes, low: bytes) -> FileFacts:
    """The functions of a module that return the time as text: all that one without SQL may tell otherwise."""
    if b".isoformat(" in low or b"%y-%m-%dt" in low:
        found = stamps(data.decode("utf-8", "replace"))
        return FileFacts(stamps=found) if found else NOTHING
    return NOTHING


def python_facts(data: bytes, lower: bytes) -> FileFacts:
    """The facts of a module; ``lower`` is ``data`` in lower case."""
    from sqlite_lint.hosts.libraries import imported_engines, imported_libraries

    text = data.decode("utf-8", "replace")
    has_sql = _has_statement(lower)
    has_url = _has_url(lower)
    modules = _imported(data)
    facts = FileFacts(
        drivers=sorted(imported_engines(modules) | (peewee_engines(text) if b"database(" in lower else set())),
        libraries=sorted(imported_libraries(modules)),
        django=django_engines(text) if b"backends" in lower or b"engine" in lower else [],
        imports=sorted(set(modules)),
        pragmas=pragmas(text) if b"pragma" in lower else [],
        functions=registered_functions(text)
        if b"func" in lower or b"aggregate" in lower or b"load_extension" in lower
        else [],
        opens=b"sqlite" in lower and OPENS.search(text) is not None,
        stamps=stamps(text) if b".isoformat(" in lower or b"%y-%m-%dt" in lower else [],
        preloads=b"preload_app" in lower and _PRELOADS.search(text) is not None,
        by_hand=b"sqlite" in lower and (b"isolation_level" in lower or b"autocommit" in lower),
        atomic_upgrade=_atomic_upgrade(text) if b"atomic" in lower and _ATOMIC.search(text) is not None else 0,
    )
    has_wrapper = b"def " in lower and (
        _has_wrapper(data) or (b"execute" in lower and _REWRITES.search(text) is not None)
    )
    has_models = any(mark in lower for mark in MARKS)
    facts = facts._replace(loose=loose_tables(text))
    if has_url or has_wrapper or has_models or (has_sql and (_CONSTANT.search(lower) or DDL.search(text))):
        return _from_tree(facts, text, has_url, has_sql or has_wrapper, has_models)
    tells = has_sql or facts.drivers or facts.libraries or facts.django or facts.pragmas or facts.functions
    return facts if tells or facts.atomic_upgrade or facts.loose or facts.preloads or facts.stamps else NOTHING


def _atomic_upgrade(text: str) -> int:
    """The line of the first block of ``transaction.atomic`` that reads and then writes through Django's models."""
    import ast

    from sqlite_lint.hosts.atomic import DJANGO, blocks, first_upgrade

    try:
        for node, body in blocks(_tree(text)):
            function = node.func if isinstance(node, ast.Call) else node
            name = last_name(function)
            if name == "atomic" and first_upgrade(body, DJANGO) is not None:
                return node.lineno
    except (SyntaxError, ValueError, RecursionError):
        pass
    return 0


@lru_cache(maxsize=1)
def _tree(text: str) -> ast.Module:
    """The tree of the module that is looked at, which several facts are read from."""
    from sqlite_lint.hosts.parsing import parse

    return parse(text)


def _has_statement(lower: bytes) -> bool:
    """Tell whether a statement seems to begin at a string's or a line's beginning."""
    for literal, pattern in _STATEMENTS:
        if literal in lower:
            for found in pattern.finditer(lower):
                before = lower[max(found.start() - 80, 0) : found.start()].rstrip(b" \t")
                if not before or before[-1:] in _BEFORE_BYTES:
                    return True
    return False


def _has_url(lower: bytes) -> bool:
    """Tell whether an engine URL seems to stand in a file; most files with a URL have those of web pages."""
    at = lower.find(b"://")
    while at >= 0:
        if _SCHEME.search(lower, max(at - 30, 0), at):
            return True
        at = lower.find(b"://", at + 3)
    return False


def _has_wrapper(data: bytes) -> bool:
    """Tell whether a function seems to hand a parameter to a sink."""
    names = {one or other for one, other in _SINK.findall(data)}
    return any(re.search(rb"def \w+\([^)]*\b" + name + rb"\b", data) for name in names)


def _from_tree(facts: FileFacts, text: str, has_url: bool, has_sql: bool, has_models: bool) -> FileFacts:
    """Add what only the syntax tree tells; a file that cannot be parsed tells nothing more."""
    from sqlite_lint.hosts.modulefacts import module_sql

    try:
        tree = _tree(text)
        if has_url:
            facts = facts._replace(urls=_urls_of_strings(tree))
        if has_models:
            models, added = read_models(tree)
            facts = facts._replace(models=[list(model) for model in models], added=added)
        if has_sql:
            sql = module_sql(text, tree)
            facts = facts._replace(
                wrappers=[[w.name, w.owner, w.position, w.keyword, w.sink.value] for w in sql.wrappers],
                constants={key: _plain(value) for key, value in sql.constants.items()},
                ddl=_ddl_of(tree) if DDL.search(text) else [],
            )
            facts = facts._replace(rewriters=_rewriters_of(text, tree))
        return facts._replace(imports=_imports_of(tree))
    except Exception:
        # Whatever is wrong with this file is said where it is linted itself; here it only tells nothing.
        return facts


def _rewriters_of(text: str, tree: ast.Module) -> dict[str, int]:
    if _REWRITES.search(text) is None:
        return {}
    from sqlite_lint.hosts.module import Module
    from sqlite_lint.hosts.rewriting import rewriters

    return {name: int(kind) for name, kind in rewriters(Module(text, "", tree)).items()}


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _imported(data: bytes) -> list[str]:
    found: list[str] = []
    for source, plain in _IMPORT.findall(data):
        names = [source] if source else [part.split()[0] for part in plain.split(b",") if part.split()]
        found += [name.decode("ascii", "replace") for name in names]
    if b"google.cloud" in data and re.search(rb"from\s+google\.cloud\s+import\s+[^\n]*bigquery", data):
        found.append("google.cloud.bigquery")
    return found


def _imports_of(tree: ast.Module) -> list[str]:
    """Dotted names of all that a module imports, also inside functions; expressions need not be looked at."""
    import ast

    found: set[str] = set()
    stack: list[ast.AST] = list(tree.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            found.add(module)
            found.update(module + ("" if module.endswith(".") else ".") + alias.name for alias in node.names)
        else:
            for name in ("body", "orelse", "handlers", "finalbody"):
                stack.extend(getattr(node, name, ()))
    return sorted(found)


def _urls_of_strings(tree: ast.Module) -> list[str]:
    """The engines of strings that begin with an engine URL; docstrings tell of what might be."""
    import ast

    from sqlite_lint.hosts.engines import url_engines

    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found: set[str] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in docstrings:
            continue
        scheme, colon, rest = node.value[:200].partition("://")
        # "postgresql://" alone is a prefix to compare with, "sqlite://" is memory.
        if colon and URL.match(node.value) and (rest or scheme.lower().startswith("sqlite")):
            found |= url_engines(node.value)
    return sorted(found)


def _ddl_of(tree: ast.Module) -> list[str]:
    """The texts with CREATE TABLE and ALTER TABLE in a module, holes for what is filled in."""
    import ast

    from sqlite_lint.sql.tokens import HOLE

    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    found: list[str] = []
    for node in ast.walk(tree):
        text = ""
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            text = node.value
        elif isinstance(node, ast.JoinedStr):
            text = "".join(
                part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else HOLE
                for part in node.values
            )
        if DDL.search(text[:200_000]) and _FIRST_WORD.match(text):
            found.append(text)
    return found
