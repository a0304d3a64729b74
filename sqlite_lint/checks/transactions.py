"""What goes wrong between the beginning and the end of a transaction.

A transaction begun by BEGIN has no lock before its first statement.  If that one reads, a later write must raise the
read lock to a write lock, and SQLite refuses at once, without waiting, where another connection wrote in between or is
about to: waiting could not help (https://www.sqlite.org/lang_transaction.html).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.hosts.deeds import LEAVES_TRANSACTION, Deed, Deeds, Event, deeds_of
from sqlite_lint.hosts.insertion import into_dict, quote_of
from sqlite_lint.hosts.keys import Key
from sqlite_lint.hosts.model import Connection, Engine, Known, SqlUse, Target
from sqlite_lint.hosts.walk import Walk
from sqlite_lint.rule import SourceHit
from sqlite_lint.text import Applicability, Edit, Span

if TYPE_CHECKING:
    from sqlite_lint.hosts.model import HostResult
    from sqlite_lint.hosts.module import Function, Module
    from sqlite_lint.rule import FileContext

_BEGIN: Final = re.compile(r"(?i)\bbegin(?:\s+deferred)?\b")
_ATOMIC_REQUESTS: Final = re.compile(r"ATOMIC_REQUESTS\W+True")
_CONCERNED: Final = re.compile(r"(?i)\bbegin\b|autocommit\s*=\s*False")


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
        if connection is not None and _always_in_transaction(connection):
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
    yield from _django(result, context)
    deeds = deeds_of(result)
    if deeds is None or not _CONCERNED.search(context.text):
        return
    uses = {use.anchor: use for use in result.uses}
    rule = _Upgrades(deeds)
    walk = Walk(deeds, rule.step)
    start = {None, *_standing(deeds)}
    for node in (deeds.module.tree, *deeds.module.functions):
        walk.run(node, start)
    for begin, write in rule.found.values():
        if begin.deed is Deed.OPEN:
            yield from _of_connection(deeds, begin)
        else:
            yield from _of_begin(deeds, begin, write, uses)
    for begin in _listeners(deeds):
        if begin.node not in rule.found:
            yield from _of_begin(deeds, begin, None, uses)


def _standing(deeds: Deeds) -> Iterator[_Begun]:
    """Transactions that are open when a function begins: connections with autocommit=False, held by an attribute."""
    for call, connection in deeds.opened.items():
        if not _always_in_transaction(connection):
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


def _listening(module: Module) -> Iterator[Function]:
    for function in module.functions:
        if any(isinstance(d, ast.Call) and _is_begin_event(d, "listens_for") for d in function.decorator_list):
            yield function
    for call in module.calls:
        if _is_begin_event(call, "listen") and len(call.args) > 2 and isinstance(call.args[2], ast.Name):
            yield from (f for f in module.functions if f.name == call.args[2].id)


def _is_begin_event(call: ast.Call, name: str) -> bool:
    last = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    event = call.args[1] if last == name and len(call.args) > 1 else None
    return isinstance(event, ast.Constant) and event.value == "begin"


# -- Django


def _django(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    module = result.module
    if module is None or not _ATOMIC_REQUESTS.search(context.text):
        return
    for connection in result.connections:
        mode = connection.transaction_mode
        if connection.driver != "django" or connection.area or connection.target is Target.MEMORY:
            continue
        if mode is not None and not (mode.known and str(mode.value).upper() in ("DEFERRED", "NONE")):
            continue
        yield _of_setting(module, connection, mode)


def _of_setting(module: Module, connection: Connection, mode: Known | None) -> SourceHit:
    edits: tuple[Edit, ...] = ()
    node = next((n for n in module.nodes if isinstance(n, ast.Constant) and module.span(n) == connection.span), None)
    settings = module.parents.get(node) if node is not None else None
    if isinstance(settings, ast.Dict) and mode is None:
        quote = quote_of(module, settings)
        entry = f"{quote}transaction_mode{quote}: {quote}IMMEDIATE{quote}"
        pairs = {k.value: v for k, v in zip(settings.keys, settings.values, strict=True) if isinstance(k, ast.Constant)}
        options = pairs.get("OPTIONS")
        place = None
        if isinstance(options, ast.Dict):
            place = into_dict(module, options, entry)
        elif options is None:
            place = into_dict(module, settings, f"{quote}OPTIONS{quote}: {{{entry}}}")
        if place is not None:
            edits = (Edit(Span(place.offset, place.offset), place.text),)
    return SourceHit(
        connection.span,
        message="with `ATOMIC_REQUESTS` each request is a transaction that begins without a lock: one that reads and "
        "then writes fails at once where another connection wrote in between, whatever the timeout",
        fix_title="Begin each transaction with the write lock (Django 5.1 or later)",
        edits=edits,
        applicability=Applicability.UNSAFE,
        withheld=None if edits else "the options are put together elsewhere",
    )
