"""What a host finds in one file: SQL on its way to an engine, and connections."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sqlite_lint.hosts.sqltext import SqlText
from sqlite_lint.text import Span

if TYPE_CHECKING:
    from sqlite_lint.hosts.module import Module
    from sqlite_lint.hosts.supply import Supply
    from sqlite_lint.hosts.times import Time


class Sink(enum.Enum):
    """How the text reaches an engine."""

    FILE = "file"  # a .sql file
    EXECUTE = "execute"
    EXECUTEMANY = "executemany"
    EXECUTESCRIPT = "executescript"
    READ_SQL = "read_sql"  # pandas, polars
    TEXT = "text"  # sqlalchemy.text(), DDL(), op.execute(), RunSQL, .raw(), .extra(), peewee's SQL()
    WRAPPER = "wrapper"  # a function of the project's own that hands it on
    NONE = "none"  # no sink in sight: SQL beyond doubt by its shape


class Engine(enum.Enum):
    SQLITE = "sqlite"  # evidence says so
    OTHER = "other"  # evidence says another engine; ``SqlUse.reason`` says which and why
    UNKNOWN = "unknown"  # nothing shows: the user who runs sqlite-lint is believed


class ParamStyle(enum.Enum):
    """Placeholders that the driver takes (PEP 249); sqlite3's are ``?`` and ``:name``."""

    SQLITE = "sqlite"  # ?, ?1, :name, @name, $name go to SQLite as they are
    FORMAT = "format"  # %s and %(name)s are replaced by the driver or ORM (Django), also on SQLite
    COLON = "colon"  # sqlalchemy.text(): :name, and \\: for a colon
    UNKNOWN = "unknown"


class ValueType(enum.Enum):
    """The type of a bound value as far as the Python source shows it."""

    TEXT = "text"
    NUMBER = "number"  # int, float, bool
    BLOB = "blob"
    NULL = "null"
    UNKNOWN = "unknown"


class Params(NamedTuple):
    """Values bound in the same call: by position or by name (without its prefix); None where none are in sight.

    ``texts`` are those values that stand in the source as a plain string, by position (from 0) or by name; ``times``
    tells which are dates or times.  ``each`` is the type of all values by position where only that is known of them.
    """

    positional: tuple[ValueType, ...] | None = None
    named: Mapping[str, ValueType] | None = None
    texts: Mapping[int | str, str] = {}
    times: Mapping[int | str, Time] = {}
    each: ValueType = ValueType.UNKNOWN


@dataclass(frozen=True, slots=True)
class SqlUse:
    """One text that may reach an engine.

    ``anchor`` is the source span of the expression that is handed over: findings without a place of their own go
    there.  ``is_fragment`` marks part of a statement (``AND name ILIKE ?``): it is matched on tokens, the engine is
    not asked.  ``driver`` names the receiver's library ("sqlite3", "sqlalchemy", "django", ...), if known.
    ``expects_error`` marks code that wants the engine to refuse (``with pytest.raises(OperationalError)``).
    ``min_version`` is the SQLite version that a guard around it asks for (``sqlite_version_info >= (3, 35)``).
    """

    text: SqlText
    sink: Sink
    anchor: Span
    engine: Engine = Engine.UNKNOWN
    reason: str = ""
    driver: str | None = None
    paramstyle: ParamStyle = ParamStyle.UNKNOWN
    params: Params = field(default_factory=Params)
    is_fragment: bool = False
    expects_error: bool = False
    min_version: tuple[int, int] | None = None
    assembled: bool = False  # put together from optional parts: this combination may never occur
    elsewhere: bool = False  # the text stands in another file, and is looked at there
    chosen_by_type: bool = False  # it is written for values of one type, beside others for other types
    probe: bool = False  # the code tries it, and does something else where it fails
    repeated: bool = False  # parts of it may be repeated at run time: how many there are says nothing
    supplies: tuple[Supply, ...] = ()  # how many values the calls that run it supply

    @property
    def is_script(self) -> bool:
        """Tell whether the text may hold several statements."""
        return self.sink in (Sink.FILE, Sink.EXECUTESCRIPT)


class Unreached(NamedTuple):
    """A call that hands SQL to an engine, of which no text could be read."""

    anchor: Span
    sink: Sink
    reason: str


class Target(enum.Enum):
    """What a connection opens."""

    FILE = "file"
    MEMORY = "memory"
    UNKNOWN = "unknown"


class Known(NamedTuple):
    """A value as far as it can be read: ``known`` with its value, or given but not readable.

    ``fallback`` is the value that counts where no other is given (a parameter's default), None if there is none.
    """

    value: object = None
    known: bool = True
    span: Span | None = None  # where the value is written
    fallback: object = None


@dataclass(frozen=True, slots=True)
class Connection:
    """One place that opens SQLite, whatever the driver.

    ``span`` is what a finding underlines, ``call`` the whole expression, ``opener`` how the source calls it
    ("sqlite3.connect", "create_engine", "DATABASES").  ``timeout`` is the busy timeout as given at this place, in the
    unit ``timeout_unit`` ("s" or "ms"); None if it is not given.  ``default_timeout`` is what the driver sets without
    it, in seconds.  ``ignored_timeout`` is one that neither driver nor engine reads (``file:x?timeout=5``).
    ``insert_timeout`` is the edit that adds one, as (offset, text with a ``{}`` for the number in the unit
    ``insert_unit``); where it is None, ``insert_withheld`` says why.  ``pragmas`` are those seen to be set on this
    connection, lower-case, with their value; ``pragmas_open`` says that more may be set out of sight.  ``names`` are
    the files that it may open, as far as they can be read, ``query`` the parameters of their URI or URL.
    """

    driver: str
    span: Span
    call: Span
    opener: str = ""
    target: Target = Target.UNKNOWN
    path: Known | None = None
    timeout: Known | None = None
    timeout_unit: str = "s"
    default_timeout: float = 5.0
    ignored_timeout: Known | None = None
    timeout_may_be_elsewhere: bool = False  # **kwargs, a creator function, settings assembled at run time
    read_only: bool = False
    immutable: bool = False
    no_lock: bool = False
    names: tuple[str, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    pragmas: Mapping[str, Known] = field(default_factory=dict)
    pragmas_open: bool = False
    isolation: Known | None = None
    autocommit: Known | None = None
    check_same_thread: Known | None = None
    transaction_mode: Known | None = None  # Django's OPTIONS entry of this name
    pool: Known | None = None  # SQLAlchemy's poolclass: the name of the class
    area: str = ""  # "test", "side" (scripts, examples) or "": see areas.py
    insert_timeout: tuple[int, str] | None = None
    insert_unit: str = "s"
    insert_withheld: str = ""
    scope: str = ""  # qualified name of the function or class around it, "" for the module


class HostResult(NamedTuple):
    """All that a host found in one file.  ``error`` is set where the file could not be parsed (SQL001)."""

    uses: tuple[SqlUse, ...] = ()
    unreached: tuple[Unreached, ...] = ()
    connections: tuple[Connection, ...] = ()
    error: str | None = None
    error_span: Span = Span(0, 0)
    calls: int = 0  # calls of sinks of which a text could be read
    module: Module | None = None  # the parsed file, for checks that read the code around; None for .sql files
