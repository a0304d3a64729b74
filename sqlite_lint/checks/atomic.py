"""SQL503 for frameworks: blocks that an ORM begins without a lock, and settings that make it do so.

Which of them fail was measured with Django 4.2 and 6.1, peewee, Tortoise ORM, databases and apsw.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.atomic import OF_CLASSES, blocks, first_upgrade
from sqlite_lint.hosts.blocks import block_events
from sqlite_lint.hosts.deeds import Deed
from sqlite_lint.hosts.insertion import into_call, into_dict, quote_of, usual_quote
from sqlite_lint.hosts.keys import Frame
from sqlite_lint.hosts.model import Connection, Engine, Known, Target
from sqlite_lint.regex import regex
from sqlite_lint.rule import SourceHit
from sqlite_lint.text import Applicability, Edit, Span

if TYPE_CHECKING:
    from sqlite_lint.hosts.deeds import Deeds
    from sqlite_lint.hosts.model import HostResult
    from sqlite_lint.hosts.module import Module
    from sqlite_lint.rule import FileContext

_ATOMIC_REQUESTS: Final = regex(r"ATOMIC_REQUESTS\W+True")
_BLOCKS: Final = regex(r"\.(?:atomic|transaction|savepoint)\(|\bin_transaction\(|\bwith db:")
_TORTOISE: Final = "tortoise.transactions.in_transaction"


# -- blocks


def of_blocks(deeds: Deeds, context: FileContext) -> Iterator[SourceHit]:
    """Blocks of peewee and Tortoise that read and then write through their models."""
    module = deeds.module
    if not ("peewee" in context.text or "tortoise" in context.text) or not _BLOCKS.search(context.text):
        return
    frame = Frame(module.tree)
    on_sqlite = context.project.engine({"tortoise"})[0] is Engine.SQLITE
    for node, body in blocks(module.tree):
        if isinstance(node, ast.Call) and module.dotted(node.func) == _TORTOISE:
            write = first_upgrade(body, OF_CLASSES) if on_sqlite else None
        else:
            events = block_events(deeds, node, frame)
            connection = deeds.connection_of(events[0].key) if events is not None else None
            begins = events is not None and events[0].deed is Deed.BEGIN
            shared = connection is not None and connection.target is not Target.MEMORY and not connection.area
            write = first_upgrade(body, OF_CLASSES) if begins and shared else None
        if write is not None:
            yield of_block(deeds, node, write)


def of_block(deeds: Deeds, node: ast.expr, write: ast.AST) -> SourceHit:
    """The finding at what begins a block; peewee takes the kind of the transaction as an argument."""
    module = deeds.module
    events = block_events(deeds, node, Frame(module.tree))
    connection = deeds.connection_of(events[0].key) if events is not None else None
    edits: tuple[Edit, ...] = ()
    if isinstance(node, ast.Call) and connection is not None and connection.driver == "peewee":
        quote = usual_quote(module.text)
        place = into_call(module, node, f"{quote}IMMEDIATE{quote}")
        if place is not None and not node.args and getattr(node.func, "attr", "") != "savepoint":
            edits = (Edit(Span(place.offset, place.offset), place.text),)
    return SourceHit(
        module.span(node.func if isinstance(node, ast.Call) else node),
        message=f"this block begins a transaction without a lock, reads and then writes (line {_row(write)}): it fails "
        "at once where another connection wrote in between, whatever the busy timeout",
        fix_title="Begin with the write lock",
        edits=edits,
        applicability=Applicability.SAFE,
        withheld=None if edits else "the library has no argument for it here: begin by hand, with BEGIN IMMEDIATE",
    )


def _row(node: ast.AST) -> int:
    return getattr(node, "lineno", 0)


# -- settings


def of_settings(result: HostResult, context: FileContext) -> Iterator[SourceHit]:
    """Django's DATABASES, where requests or blocks of the project read and then write in a transaction."""
    module = result.module
    if module is None or not any(connection.driver == "django" for connection in result.connections):
        return
    if _ATOMIC_REQUESTS.search(context.text):
        who = "with `ATOMIC_REQUESTS` each request is a transaction that begins without a lock: one"
    elif (place := context.project.atomic_upgrade) is not None:
        who = f"`transaction.atomic` begins without a lock: a block as in {place[0]}, line {place[1]},"
    else:
        return
    for connection in result.connections:
        mode = connection.transaction_mode
        if connection.driver != "django" or connection.area or connection.target is Target.MEMORY:
            continue
        if mode is None or (mode.known and str(mode.value).upper() in ("DEFERRED", "NONE")):
            yield _of_setting(module, connection, mode, who)


def _of_setting(module: Module, connection: Connection, mode: Known | None, who: str) -> SourceHit:
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
        message=f"{who} that reads and then writes fails at once where another connection wrote in between, whatever "
        "the timeout",
        fix_title="Begin each transaction with the write lock (Django 5.1 or later)",
        edits=edits,
        applicability=Applicability.UNSAFE,
        withheld=None if edits else "the options are put together elsewhere",
    )
