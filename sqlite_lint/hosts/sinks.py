"""Which calls take SQL, and in which of their arguments."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import Final, NamedTuple

from sqlite_lint.hosts.expressions import last_name
from sqlite_lint.hosts.model import Sink
from sqlite_lint.hosts.module import Module
from sqlite_lint.hosts.prefilter import RECEIVERS
from sqlite_lint.regex import regex


class SinkCall(NamedTuple):
    """A call that takes SQL in ``arguments``.

    ``certain``: the name says so, and a call without readable text is reported as unreached.  ``values`` is the
    argument with the bound values, if there is one.  ``statements`` is False where parts of statements are usual.
    """

    call: ast.Call
    sink: Sink
    arguments: tuple[ast.expr, ...]
    certain: bool
    values: ast.expr | None = None
    statements: bool = True
    shaped: bool = False  # only texts with the shape of a statement count


_EXECUTING: Final = {
    "execute": Sink.EXECUTE,
    "executemany": Sink.EXECUTEMANY,
    "executescript": Sink.EXECUTESCRIPT,
    "exec_driver_sql": Sink.EXECUTE,
    "execute_fetchall": Sink.EXECUTE,
    "execute_insert": Sink.EXECUTE,
    "execute_sql": Sink.EXECUTE,
    "read_sql": Sink.READ_SQL,
    "read_sql_query": Sink.READ_SQL,
    "read_database": Sink.READ_SQL,
    "read_database_uri": Sink.READ_SQL,
}
# Names that other libraries use for other things as well: only a statement's shape tells.
_FETCHING: Final = frozenset(
    [
        "fetch_all",
        "fetch_one",
        "fetch_val",
        "fetchall",
        "fetchone",
        "fetchmany",
        "fetchval",
        "fetchrow",
        "fetch",
        "fetch_row",
        "fetch_value",
        "iterate",
        "query",
        "query_all",
        "query_one",
        "raw",
        "run_sql",
        "scalar",
        "scalars",
        "stream",
        "exec",
        "sql",
        "executor_execute",
        "run_query",
        "execute_query",
        "get_all",
        "select_all",
        "select_one",
        "execute_many",
        "execute_script",
        "execute_async",
        "execute_write",
        "execute_read",
        "db_execute",
        "do_execute",
        "safe_execute",
    ]
)
_TEXT: Final = {
    "text": 0,
    "TextClause": 0,
    "DDL": 0,
    "RawSQL": 0,
    "literal_column": 0,
    "CheckConstraint": 0,
    "Computed": 0,
    "SQL": 0,
    "create_view": 1,
    "create_check_constraint": 2,
}
_LIBRARIES: Final = regex(
    r"^(?:sqlalchemy|sqlmodel|peewee|playhouse|alembic|django|flask_sqlalchemy|sa|op|db|sql|orm|pw)(?:$|\.)"
)
_KEYWORDS: Final = ("sql", "query", "statement", "stmt", "operation", "clause", "sqltext", "q", "text")
_NOT_DATABASES: Final = regex(
    r"(?i)(?:executor|pool|runner|task|command|cmd|tool|agent|action|workflow|job|step|node|graph|client|service|http|"
    r"redis|pipeline|pipe|hook|plugin|handler|strategy|operator|es|opensearch|shell|ssh|sandbox|kernel|interpreter|es_client|gql|transport)$"
)
_DATABASES: Final = regex(rf"(?i)(?:^|_|\.)(?:{RECEIVERS})\d?$")
_SQL_NAMES: Final = regex(r"(?i)(?:sql|query|queries|stmt|statement|ddl|pragma)")


@lru_cache(maxsize=1024)
def _is_database(name: str) -> bool:
    return _DATABASES.search(name) is not None


@lru_cache(maxsize=1024)
def _is_no_database(name: str) -> bool:
    return _NOT_DATABASES.search(name) is not None


def name_of_call(call: ast.Call) -> str:
    function = call.func
    return last_name(function)


def is_sink_name(name: str) -> bool:
    """Tell whether calls of a function of this name are taken for sinks wherever they stand."""
    return name.lstrip("_") in _EXECUTING


def receiver_name(call: ast.Call) -> str:
    """The last name of what the method is called on: ``cursor`` for ``self.cursor().execute``."""
    if not isinstance(call.func, ast.Attribute):
        return ""
    node = call.func.value
    while True:
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Await | ast.Subscript):
            node = node.value
        else:
            break
    return last_name(node)


def find_sink(call: ast.Call, module: Module) -> SinkCall | None:
    """What kind of sink ``call`` is by its name; None for other calls."""
    name = module.called_name(call)
    if is_sink_name(name):
        name = name.lstrip("_")
        return _executing(call, name)
    if name in _FETCHING and isinstance(call.func, ast.Attribute):
        given = argument(call, 0)
        if given is None:
            return None
        return SinkCall(call, Sink.WRAPPER, (given,), False, values_of(call, given), shaped=True)
    if name in _TEXT:
        return _text(call, name, module)
    if name == "RunSQL":
        return SinkCall(call, Sink.TEXT, tuple(_run_sql(call)), True)
    if name == "extra" and isinstance(call.func, ast.Attribute):
        parts = tuple(_extra(call))
        return SinkCall(call, Sink.TEXT, parts, False, statements=False) if parts else None
    given = _of_service(call)
    if given is not None:
        return SinkCall(call, Sink.WRAPPER, (given,), False, shaped=True)
    return _handed_over(call)


_SERVICES: Final = {
    "start_query_execution": ("QueryString",),  # Athena
    "start_query": ("queryString", "QueryStatement"),  # CloudWatch, CloudTrail
    "create_named_query": ("QueryString",),
    "execute_statement": ("Statement", "Sql", "sql"),  # DynamoDB, Redshift, Aurora
    "batch_execute_statement": ("Sqls", "sql"),
    "select_object_content": ("Expression",),  # S3
}
"""Methods of boto3 that take SQL, none of it SQLite's, and the keywords that it stands behind."""


def _of_service(call: ast.Call) -> ast.expr | None:
    keywords = _SERVICES.get(name_of_call(call), ()) if call.keywords else ()
    return next((keyword.value for keyword in call.keywords if keyword.arg in keywords), None)


def is_service(call: ast.AST | None) -> bool:
    """Tell whether a call hands its text to a service of AWS."""
    return isinstance(call, ast.Call) and _of_service(call) is not None


def _handed_over(call: ast.Call) -> SinkCall | None:
    """A method that is given to another function, with its arguments: ``to_thread(conn.execute, sql, values)``."""
    for place, given in enumerate(call.args[:-1]):
        if isinstance(given, ast.Attribute) and given.attr in _EXECUTING:
            sql = call.args[place + 1]
            return SinkCall(call, _EXECUTING[given.attr], (sql,), certain=False, values=values_of(call, sql))
    return None


def _executing(call: ast.Call, name: str) -> SinkCall | None:
    spread = bool(call.args) and isinstance(call.args[0], ast.Starred)
    given = call.args[0] if spread else argument(call, 0)
    if given is None:
        return None
    by_function = isinstance(call.func, ast.Name) and name == "execute"
    certain = name != "execute_sql" and (name != "execute" or not (by_function or _is_no_database(receiver_name(call))))
    return SinkCall(call, _EXECUTING[name], (given,), certain, values_of(call, given))


def _text(call: ast.Call, name: str, module: Module) -> SinkCall | None:
    given = argument(call, _TEXT[name])
    if given is None:
        return None
    dotted = module.dotted(call.func) or ""
    known = _LIBRARIES.match(dotted) is not None and (dotted != name)
    if not known and name in ("SQL", "Computed", "create_view"):
        known = False
    return SinkCall(call, Sink.TEXT, (given,), False, statements=False, shaped=not known)


def argument(call: ast.Call, place: int) -> ast.expr | None:
    """The positional argument at ``place``, or the keyword that stands for SQL."""
    if len(call.args) > place:
        given = call.args[: place + 1]
        return None if any(isinstance(arg, ast.Starred) for arg in given) else given[place]
    for keyword in call.keywords:
        if keyword.arg in _KEYWORDS:
            return keyword.value
    return None


def values_of(call: ast.Call, sql: ast.expr) -> ast.expr | None:
    """The argument with the values to bind: the one after the SQL, or a keyword."""
    for keyword in call.keywords:
        if keyword.arg in ("parameters", "params", "args", "values", "bindings", "seq_of_parameters"):
            return keyword.value
    for place, given in enumerate(call.args[:-1]):
        if given is sql:
            following = call.args[place + 1]
            return None if isinstance(following, ast.Starred) else following
    return None


def doubles_percents(sink: SinkCall, driver: str | None, text: str) -> bool:
    """Tell whether ``%%`` stands for a percent sign: Django fills in ``%s`` where there are values."""
    if name_of_call(sink.call) in {"raw", "RawSQL", "extra"}:
        return "%s" in text or "%(" in text
    return driver == "django" and sink.values is not None


def _run_sql(call: ast.Call) -> list[ast.expr]:
    """``RunSQL(sql, reverse_sql)``, each a text, or a list of texts and of (text, parameters)."""
    found: list[ast.expr] = []
    given = [*call.args[:2], *(k.value for k in call.keywords if k.arg in ("sql", "reverse_sql"))]
    for part in given:
        if isinstance(part, ast.List | ast.Tuple):
            found += [e.elts[0] if isinstance(e, ast.Tuple | ast.List) and e.elts else e for e in part.elts]
        else:
            found.append(part)
    return [part for part in found if not isinstance(part, ast.Attribute)]


def _extra(call: ast.Call) -> list[ast.expr]:
    found: list[ast.expr] = []
    for keyword in call.keywords:
        if keyword.arg == "where" and isinstance(keyword.value, ast.List | ast.Tuple):
            found += keyword.value.elts
        elif keyword.arg == "select" and isinstance(keyword.value, ast.Dict):
            found += keyword.value.values
    return found


def seems_raw(sink: SinkCall) -> bool:
    """Tell by its names whether a call whose text cannot be read takes SQL as text.

    A session of SQLAlchemy takes none: it wants text() or an object of the query builder.
    """
    if not sink.certain:
        return False
    if sink.sink is not Sink.EXECUTE or name_of_call(sink.call).lstrip("_") != "execute":
        return True
    given = sink.arguments[0]
    named = last_name(given)
    receiver = receiver_name(sink.call)
    if re.search(r"(?i)session|sess$", receiver):
        return "sql" in named.lower()
    return _is_database(receiver) or _SQL_NAMES.search(named) is not None


def takes_sql(sink: SinkCall) -> bool:
    """Tell whether the receiver is named like a database, so that any text given is SQL."""
    return _is_database(receiver_name(sink.call))
