"""Blocks that a library runs as a transaction: which connection they begin it on, and how.

Measured: Django's ``atomic``, peewee's ``atomic``, ``transaction`` and ``with db``, databases' ``transaction`` and
apsw's ``with connection`` begin without a lock, as ``BEGIN`` does.
"""

from __future__ import annotations

import ast
from typing import Final

from sqlite_lint.hosts.deeds import Deed, Deeds, Event
from sqlite_lint.hosts.keys import DJANGO, Frame
from sqlite_lint.hosts.sinks import name_of_call

_METHODS: Final = {
    "peewee": frozenset({"atomic", "transaction", "savepoint"}),
    "databases": frozenset({"transaction"}),
}
_LOCKING: Final = frozenset({"IMMEDIATE", "EXCLUSIVE"})


def block_events(deeds: Deeds, node: ast.expr, frame: Frame) -> tuple[Event, Event] | None:
    """What a ``with node`` does to a connection at its beginning and at its end; None if it begins no transaction."""
    if isinstance(node, ast.Call):
        function = node.func
        if deeds.module.dotted(function) == "django.db.transaction.atomic":
            return Event(Deed.BEGIN, node, DJANGO), Event(Deed.COMMIT, node, DJANGO)
        if not isinstance(function, ast.Attribute):
            return None
        key = deeds.key_of(function.value, frame)
        connection = deeds.connection_of(key)
        if connection is None or name_of_call(node) not in _METHODS.get(connection.driver, ()):
            return None
        given = [deeds.values.sole(argument) for argument in (*node.args, *(k.value for k in node.keywords))]
        locks = any(isinstance(value, str) and value.upper() in _LOCKING for value in given)
        deed = Deed.BEGIN_NOW if locks else Deed.UNKNOWN if given else Deed.BEGIN
        return Event(deed, node, key), Event(Deed.COMMIT, node, key)
    key = deeds.key_of(node, frame)
    connection = deeds.connection_of(key)
    if connection is None or connection.driver not in ("apsw", "peewee") or "transaction_mode" in deeds.module.text:
        return None
    return Event(Deed.BEGIN, node, key), Event(Deed.COMMIT, node, key)
