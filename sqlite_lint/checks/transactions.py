"""What goes wrong between the beginning and the end of a transaction.

A transaction begun by BEGIN has no lock before its first statement.  If that one reads, a later write must raise the
read lock to a write lock, and SQLite refuses at once, without waiting, where another connection wrote in between or is
about to: waiting could not help (https://www.sqlite.org/lang_transaction.html).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple, TypeGuard

from sqlite_lint.checks.atomic import of_block, of_blocks, of_settings
from sqlite_lint.hosts.deeds import LEAVES_TRANSACTION, Deed, Deeds, Event, deeds_of
from sqlite_lint.hosts.expressions import last_name
from sqlite_lint.hosts.keys import Key
from sqlite_lint.hosts.model import Connection, Engine, SqlUse, Target
from sqlite_lint.hosts.walk import Walk
from sqlite_lint.regex import regex
from sqlite_lint.rule import SourceHit
from sqlite_lint.text import Applicability, Edit, Span

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import HostResult
    from sqlite_lint.hosts.module import Function, Module
    from sqlite_lint.rule import FileContext

_BEGIN: Final = regex(r"(?i)\bbegin(?:\s+deferred)?\b")
_CONCERNED: Final = regex(
    r"begin\b|autocommit\W{1,6}false|apsw|\.(?:atomic|transaction|savepoint)\(|sqlite(?:ext)?database"
)


class _Begun(NamedTuple):
    """A transaction without a lock, or with a read lock only."""

    key: Key | None
    begin: Event
    read: Event | None = None


class _Upgrades:
    """Follows transactions, and notes those that read and then write."""

    def __init__(self, deeds: Deeds) -> None:
        self.deeds = deeds
        self.found: dict[ast.AST, tuple[Event, Event]] = {}  # what begins, and what writes

    def step(self, state: _Begun | None, event: Event) -> Iterable[_Begun | None]:
        if state is None or event.deed is Deed.OPEN:
            return (self._begun(event),)
        if event.key != state.key and event.key is not None:
            return (state,)
        if event.deed is Deed.READ:
            return (state if state.read is not None else state._replace(read=event),)
        if event.deed in (Deed.WRITE, Deed.CHANGE) and state.read is not None:
            self.found.setdefault(state.begin.node, (state.begin, event))
        if event.deed in (Deed.COMMIT, Deed.ROLLBACK, Deed.SCRIPT) and state.begin.deed is Deed.OPEN:
            return (_Begun(state.key, state.begin),)  # autocommit=False: the next transaction begins at once
        return (state,) if event.deed in LEAVES_TRANSACTION else (None,)

    def _begun(self, event: Event) -> _Begun | None:
        if event.deed is Deed.BEGIN and self._shares_file(event.key):
            return _Begun(event.key, event)
        connection = self.deeds.opened.get(event.node) if event.deed is Deed.OPEN else None
        if connection is not None and connection.driver != "sqlalchemy" and _always_in_transaction(connection):
            return _Begun(event.key, event)
        return None

    def _shares_file(self, key: Key | None) -> bool:
        connection = self.deeds.connection_of(key)
        return connection is None or connection.target is not Target.MEMORY


def _always_in_transaction(connection: Connection) -> bool:
    autocommit = connection.autocommit
    known = autocommit is not None and autocommit.known and autocommit.value is False
    return known and connection.target is not Target.MEMORY


def upgrades(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """SQL503: a deferred transaction that reads and then writes."""
    yield from of_settings(result, context)
    deeds = deeds_of(result)
    if deeds is not None:
        yield from of_blocks(deeds, context)
    if deeds is None or _CONCERNED.search(deeds.module.low) is None:
        return
    uses = {use.anchor: use for use in result.uses}
    rule = _Upgrades(deeds)
    walk = Walk(deeds, rule.step)
    start = {None, *_standing(deeds)}
    for node in deeds.acting:
        walk.run(node, start)
    for begin, write in rule.found.values():
        if begin.deed is Deed.OPEN:
            yield from _of_connection(deeds, begin)
        elif begin.text is None:
            if isinstance(begin.node, ast.expr):
                yield of_block(deeds, begin.node, write.node)
        else:
            yield from _of_begin(deeds, begin, write, uses)
    for begin in _listeners(deeds):
        if begin.node not in rule.found:
            yield from _of_begin(deeds, begin, None, uses)
    yield from _of_engines(result, deeds.module)


def _standing(deeds: Deeds) -> Iterator[_Begun]:
    """Transactions that are open when a function begins: connections with autocommit=False, held by an attribute."""
    for call, connection in deeds.opened.items():
        if connection.driver == "sqlalchemy" or not _always_in_transaction(connection):
            continue
        for key in deeds.holders(call):
            if key[0] == "attribute":
                yield _Begun(key, deeds.opening(call))


def _of_connection(deeds: Deeds, begin: Event) -> Iterator[SourceHit]:
    connection = deeds.opened[begin.node]
    yield SourceHit(
        connection.autocommit.span if connection.autocommit and connection.autocommit.span else connection.span,
        message="with `autocommit=False` a transaction begins without a lock: it reads and then writes, which fails "
        "at once where another connection wrote in between",
        withheld="autocommit=True and BEGIN IMMEDIATE before the read are needed",
    )


def _of_begin(deeds: Deeds, begin: Event, write: Event | None, uses: dict[Span, SqlUse]) -> Iterator[SourceHit]:
    assert begin.text is not None
    anchor = deeds.module.span(begin.text)
    use = uses.get(anchor)
    if use is not None and (use.engine is Engine.OTHER or use.expects_error):
        return
    span, edits, withheld = anchor, (), "the text stands elsewhere"
    match = _BEGIN.search(use.text.text) if use is not None else None
    if use is not None and match is not None:
        edit = use.text.edit(Span(*match.span()), "BEGIN IMMEDIATE" if match[0] != "begin" else "begin immediate")
        span = use.text.locate(Span(*match.span())) or anchor
        edits, withheld = ((edit,), None) if isinstance(edit, Edit) else ((), edit)  # type: ignore[assignment]
    row = "" if write is None else f" (line {write.node.lineno})"  # type: ignore[attr-defined]
    how = "every transaction of this engine begins" if write is None else "this transaction begins"
    yield SourceHit(
        span,
        message=f"{how} without a lock, reads and then writes{row}: it fails at once where another connection wrote "
        "in between, whatever the busy timeout",
        fix_title="Begin with the write lock",
        edits=edits,
        applicability=Applicability.SAFE if write is not None else Applicability.UNSAFE,
        withheld=withheld,
    )


# -- events of SQLAlchemy


def _listeners(deeds: Deeds) -> Iterator[Event]:
    """BEGIN in listeners of SQLAlchemy's event "begin": all that the engine does then goes through it."""
    if '"begin"' not in deeds.module.text and "'begin'" not in deeds.module.text:
        return
    seen: list[Event] = []

    def note(state: None, event: Event) -> Iterable[None]:
        if event.deed is Deed.BEGIN:
            seen.append(event)
        return (state,)

    for function in _listening(deeds.module):
        Walk(deeds, note).run(function, {None})
    yield from seen


def _of_engines(result: HostResult, module: Module) -> Iterator[SourceHit]:
    """``autocommit=False``, given to an engine's connections or set by a listener of its event "connect"."""
    places = [
        connection.autocommit.span
        for connection in result.connections
        if connection.driver == "sqlalchemy" and not connection.area and _always_in_transaction(connection)
        if connection.autocommit is not None and connection.autocommit.span is not None
    ]
    if ".autocommit" in module.text and any(c.driver == "sqlalchemy" and not c.area for c in result.connections):
        for function in _listening(module, "connect"):
            places += [module.span(node.value) for node in ast.walk(function) if _sets_autocommit(node)]
    for span in places:
        yield SourceHit(
            span,
            message="with `autocommit=False` every transaction of this engine begins without a lock: one that reads "
            "and then writes fails at once where another connection wrote in between, whatever the busy timeout",
            withheld="isolation_level=None and a listener of the event `begin` with BEGIN IMMEDIATE are needed",
        )


def _sets_autocommit(node: ast.AST) -> TypeGuard[ast.Assign]:
    if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Attribute):
        return False
    value = node.value
    return node.targets[0].attr == "autocommit" and isinstance(value, ast.Constant) and value.value is False


def _listening(module: Module, name: str = "begin") -> Iterator[Function]:
    for function in module.functions:
        if any(isinstance(d, ast.Call) and _is_event(d, "listens_for", name) for d in function.decorator_list):
            yield function
    for call in module.calls:
        if _is_event(call, "listen", name) and len(call.args) > 2 and isinstance(call.args[2], ast.Name):
            yield from (f for f in module.functions if f.name == call.args[2].id)


def _is_event(call: ast.Call, function: str, name: str) -> bool:
    last = last_name(call.func)
    event = call.args[1] if last == function and len(call.args) > 1 else None
    return isinstance(event, ast.Constant) and event.value == name
