"""The ways that Python has of opening SQLite: what each call takes, and what it sets by itself.

Default timeouts were measured with ``PRAGMA busy_timeout`` on a fresh connection of each library.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Opener(NamedTuple):
    """A callable that opens SQLite.

    ``path`` names the argument with the file (position 0) or URL; ``timeout`` the one with the busy timeout in
    seconds, at ``timeout_position`` if it may be given by position.  ``pragmas`` names an argument with pragmas.
    ``add`` is what to add to a call without timeout, with ``{}`` for the number.  ``default`` is in seconds.
    ``reads_query`` says that parameters of the URL reach the driver.
    """

    driver: str
    path: str = "database"
    timeout: str | None = "timeout"
    timeout_position: int | None = None
    default: float = 5.0
    url: bool = False
    reads_query: bool = False
    pragmas: str | None = None
    add: str = "timeout={}"
    add_unit: str = "s"


_DBAPI_MODULES: Final = {
    "sqlite3": "sqlite3",
    "sqlite3.dbapi2": "sqlite3",
    "_sqlite3": "sqlite3",
    "pysqlite2.dbapi2": "sqlite3",
    "pysqlite3": "pysqlite3",
    "pysqlite3.dbapi2": "pysqlite3",
    "sqlean": "sqlean",
    "sqlean.dbapi2": "sqlean",
    "sqlcipher3": "sqlcipher3",
    "sqlcipher3.dbapi2": "sqlcipher3",
    "pysqlcipher3.dbapi2": "sqlcipher3",
    "libsql": "libsql",
}
_PEEWEE: Final = ("peewee.SqliteDatabase", "playhouse.sqlite_ext.SqliteExtDatabase", "playhouse.apsw_ext.APSWDatabase")
_PEEWEE_MORE: Final = (
    "playhouse.sqlite_ext.CSqliteExtDatabase",
    "playhouse.cysqlite_ext.CySqliteDatabase",
    "playhouse.sqlcipher_ext.SqlCipherDatabase",
    "playhouse.sqlcipher_ext.SqlCipherExtDatabase",
    "playhouse.sqliteq.SqliteQueueDatabase",
)
# The pool's own ``timeout`` is how long to wait for a free connection, not for a lock.
_PEEWEE_POOLED: Final = (
    "playhouse.pool.PooledSqliteDatabase",
    "playhouse.pool.PooledSqliteExtDatabase",
    "playhouse.pool.PooledCSqliteExtDatabase",
)
_ENGINES: Final = (
    "sqlalchemy.create_engine",
    "sqlalchemy.engine.create_engine",
    "sqlalchemy.ext.asyncio.create_async_engine",
    "sqlalchemy.ext.asyncio.engine.create_async_engine",
    "sqlmodel.create_engine",
)


def _openers() -> Mapping[str, Opener]:
    found: dict[str, Opener] = {}
    for module, driver in _DBAPI_MODULES.items():
        found[f"{module}.connect"] = found[f"{module}.Connection"] = Opener(driver, timeout_position=1)
    found["aiosqlite.connect"] = Opener("aiosqlite")
    found["apsw.Connection"] = Opener("apsw", path="filename", timeout=None, default=0.0, add="", add_unit="ms")
    found["sqlite_utils.Database"] = found["sqlite_utils.db.Database"] = Opener(
        "sqlite_utils", path="filename_or_conn", timeout=None, add=""
    )
    for name in (*_PEEWEE, *_PEEWEE_MORE):
        found[name] = Opener("peewee", pragmas="pragmas")
    for name in _PEEWEE_POOLED:
        found[name] = Opener(
            "peewee", timeout=None, pragmas="pragmas", add='pragmas={"busy_timeout": {}}', add_unit="ms"
        )
    for name in _ENGINES:
        found[name] = Opener("sqlalchemy", path="url", url=True, reads_query=True)
    found["databases.Database"] = found["databases.core.Database"] = Opener("databases", path="url", url=True)
    found["playhouse.db_url.connect"] = Opener("peewee", path="url", url=True, reads_query=True)
    return found


OPENERS: Final = _openers()
# Openers known by their last two names, for modules that hand a driver on: ``from app.compat import sqlite3``.
BY_SUFFIX: Final = frozenset({"sqlite3.connect", "aiosqlite.connect", "apsw.Connection", "sqlcipher3.connect"})


def opener_of(dotted: str) -> Opener | None:
    """The opener that a dotted name stands for."""
    found = OPENERS.get(dotted)
    if found is None:
        suffix = ".".join(dotted.lstrip(".").rsplit(".", 2)[-2:])
        found = OPENERS.get(suffix) if suffix in BY_SUFFIX else None
    return found
