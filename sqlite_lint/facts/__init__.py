"""What one file of a project tells of the whole: drivers, engine URLs, wrappers, SQL constants, DDL, pragmas.

Files are only read, never run.  Cheap tests on bytes come first, as most files of a project have nothing to say.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

MAX_BYTES: Final = 2_000_000  # larger files are data, not settings or modules


_NONE: Final[list[Any]] = []  # shared by all that have none: facts are never changed
_EMPTY: Final[dict[str, Any]] = {}


class FileFacts(NamedTuple):
    """The facts of one file; plain lists, strings and dicts throughout, as they are cached as JSON.

    ``drivers`` are the engines whose drivers it imports, ``libraries`` the libraries that it imports and that take SQL,
    ``urls`` the engines of engine URLs, ``django`` those of Django's DATABASES, ``dependencies`` those whose drivers
    the project requires.  ``imports`` are dotted names, relative ones with their leading dots.  ``wrappers`` are
    (name, owner, position, keyword, sink).  ``functions`` are SQL functions that it registers,
    ``rewriters`` functions of its own that change the SQL that they are given (hosts.rewriting.Rewriting).
    ``opens`` tells that it seems to open a SQLite database.
    ``by_hand`` tells that it speaks of an isolation level or of autocommit, ``preloads`` that gunicorn loads the
    application before it forks its workers.
    ``atomic_upgrade`` is the line of the first ``transaction.atomic`` block that reads and then writes, 0 for none.
    ``models`` are (class, table, columns, bases), ``loose`` tables that it makes in a way that is not read ("*" stands
    for any), ``added`` columns that its migrations give to some table (facts.models).  ``stamps`` are its functions
    that return the time as text with a T.
    """

    drivers: list[str] = _NONE
    libraries: list[str] = _NONE
    urls: list[str] = _NONE
    django: list[str] = _NONE
    dependencies: list[str] = _NONE
    imports: list[str] = _NONE
    wrappers: list[list[Any]] = _NONE
    constants: dict[str, Any] = _EMPTY
    ddl: list[str] = _NONE
    pragmas: list[list[str]] = _NONE
    functions: list[str] = _NONE
    rewriters: dict[str, int] = _EMPTY
    opens: bool = False
    by_hand: bool = False
    preloads: bool = False
    atomic_upgrade: int = 0
    models: list[list[Any]] = _NONE
    loose: list[str] = _NONE
    added: list[str] = _NONE
    stamps: list[str] = _NONE

    def __bool__(self) -> bool:
        return any(self)

    def as_json(self) -> dict[str, Any]:
        """The fields that say something."""
        return {name: value for name, value in zip(self._fields, self, strict=True) if value}

    @classmethod
    def from_json(cls, data: object) -> FileFacts | None:
        """The inverse of ``as_json``; None for anything else."""
        if not isinstance(data, dict):
            return None
        defaults = cls()._asdict()
        fits = all(name in defaults and isinstance(value, type(defaults[name])) for name, value in data.items())
        return cls(**data) if fits else None


NOTHING: Final = FileFacts()


class Look(NamedTuple):
    """What a first look at a file shows: whether a rule may concern it, and its facts, None where it has none."""

    concerned: bool
    facts: FileFacts | None


def look(name: str, data: bytes) -> Look:
    """Look at a file of this name and content; never raises.

    A file whose text cannot be read as it stands counts as concerned: reading it tells why.
    """
    if len(data) > MAX_BYTES:
        return Look(True, None)
    lower = name.lower()
    if lower.endswith((".py", ".pyi")):
        from sqlite_lint.facts.python import may_tell, python_facts, stamp_facts
        from sqlite_lint.hosts.prefilter import may_concern
        from sqlite_lint.source import is_plain

        low = data.lower()
        concerned = may_concern(data, low)
        tells = concerned or may_tell(low) or "gunicorn" in lower
        facts = python_facts(data, low) if tells else stamp_facts(data, low)
        return Look(concerned or not is_plain(data), None if facts is NOTHING else facts or None)
    from sqlite_lint.facts.settings import settings_facts, sql_facts

    text = data.decode("utf-8", "replace")
    facts = sql_facts(text) if lower.endswith(".sql") else settings_facts(lower.rpartition("/")[2], text)
    return Look(True, facts or None)


def read_facts(name: str, data: bytes) -> FileFacts:
    """The facts of a file of this name and content; never raises."""
    return look(name, data).facts or NOTHING
