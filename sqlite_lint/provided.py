"""Functions that SQLite lacks, but that a driver, an ORM or the project registers on its connections."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlite_lint.rule import SqlContext

_BY_DRIVER: Final = {
    # https://github.com/django/django/blob/main/django/db/backends/sqlite3/_functions.py
    "django": frozenset(
        {"regexp", "bitxor", "cot", "lpad", "md5", "repeat", "reverse", "rpad", "sha1", "sha224", "sha256", "sha384",
         "sha512", "rand", "stddev_pop", "stddev_samp", "var_pop", "var_samp"}
    ),
    # https://github.com/sqlalchemy/sqlalchemy/blob/main/lib/sqlalchemy/dialects/sqlite/pysqlite.py
    "sqlalchemy": frozenset({"regexp"}),
    # https://github.com/coleifer/peewee/blob/master/peewee.py
    "peewee": frozenset({"regexp", "date_part", "date_trunc"}),
}  # fmt: skip


def is_provided(name: str, context: SqlContext) -> bool:
    """Tell whether the connection that runs the SQL has the function ``name`` (lower case) beside SQLite's own."""
    if name in context.functions or name in _BY_DRIVER.get(context.use.driver or "", ()):
        return True
    return bool(context.config.functions) and name in _configured(context.config.functions)


@lru_cache(maxsize=8)
def _configured(functions: tuple[str, ...]) -> frozenset[str]:
    return frozenset(function.lower() for function in functions)
