"""Collects the uses of SQL of one module."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from sqlite_lint.hosts.alternative import Alternative
from sqlite_lint.hosts.evaluate import Evaluator
from sqlite_lint.hosts.expectations import is_probe
from sqlite_lint.hosts.model import Engine, HostResult, ParamStyle, Sink, SqlUse, Unreached
from sqlite_lint.hosts.module import Module
from sqlite_lint.hosts.params import params_of
from sqlite_lint.hosts.shape import (
    VERBS,
    first_word,
    is_expression,
    is_fragment,
    is_plain_verb,
    is_statement,
    opens_statement,
)
from sqlite_lint.hosts.sinks import (
    SinkCall,
    argument,
    doubles_percents,
    find_sink,
    is_sink_name,
    seems_raw,
    takes_sql,
    values_of,
)
from sqlite_lint.hosts.supply import is_written, supplies
from sqlite_lint.hosts.templates import without_doubled_percents, without_escaped_colons
from sqlite_lint.hosts.unsunk import candidates, engine_fragments
from sqlite_lint.hosts.wrappers import Parameter, Wrapper, WrapperCalls, takes_all, wrapper_of
from sqlite_lint.sql.tokens import HOLE

if TYPE_CHECKING:
    from sqlite_lint.config import Config
    from sqlite_lint.hosts.evidence import EvidenceFinder
    from sqlite_lint.hosts.supply import Supply
    from sqlite_lint.project import Project

_RANK: Final = {Engine.SQLITE: 0, Engine.UNKNOWN: 1, Engine.OTHER: 2}


class Finder:
    """One pass over a module: sinks first, then their wrappers, then strings that no sink takes."""

    def __init__(self, module: Module, project: Project, config: Config, *, wrappers_only: bool = False) -> None:
        self.module = module
        self.project = project
        self.config = config
        self.wrappers_only = wrappers_only
        self.evaluator = Evaluator(module, project)
        self.uses: dict[tuple[object, ...], SqlUse] = {}
        self.unreached: list[Unreached] = []
        self.wrappers: dict[Parameter, Wrapper] = {}
        self.called: set[Parameter] = set()
        self.feeds: dict[Parameter, list[Parameter]] = {}  # parameters given on to others
        self.waiting: list[tuple[SinkCall, list[Parameter]]] = []
        self.covered: set[int] = set()  # where the parts of used texts begin in the source
        self._sorted: list[int] = []
        self.seen: dict[tuple[ast.Call, bool, bool], tuple[bool, list[Parameter]]] = {}
        self.calls = 0
        self._queue: deque[tuple[SinkCall, Parameter | None]] = deque()

    def find_wrappers(self) -> None:
        """Follow the sinks to the functions that hand SQL on to them."""
        texts: list[SinkCall] = []
        for call in self.module.calls:
            sink = find_sink(call, self.module)
            if sink is not None and sink.sink is Sink.TEXT and not sink.certain:
                texts.append(sink)  # text() inside execute() belongs to the execute
            elif sink is not None:
                self._queue.append((sink, None))
        self._work()
        for sink in texts:
            self._queue.append((sink, None))
        self._work()

    def result(self) -> HostResult:
        self.find_wrappers()
        self._project_wrappers()
        self._work()
        self._without_sink()
        self._report_waiting()
        connections = ()
        if self._has_connections:
            from sqlite_lint.hosts.connection import find_connections

            connections = find_connections(self.module, self.project)  # type: ignore[assignment]
        uses = tuple(sorted(self.uses.values(), key=lambda use: (use.anchor, use.text.text)))
        unreached = tuple(sorted(self.unreached, key=lambda one: one.anchor))
        return HostResult(uses, unreached, connections, calls=self.calls, module=self.module)

    @property
    def _has_connections(self) -> bool:
        low = self.module.text.lower()
        return any(mark in low for mark in ("sqlite", "apsw", "connect", "engine", "database"))

    @cached_property
    def evidence(self) -> EvidenceFinder:
        from sqlite_lint.hosts.evidence import EvidenceFinder

        return EvidenceFinder(self.module, self.project, self.config.dialects)

    @cached_property
    def wrapper_calls(self) -> WrapperCalls:
        return WrapperCalls(self.evaluator)

    # -- sinks

    def _work(self) -> None:
        while self._queue:
            sink, caller = self._queue.popleft()
            key = (sink.call, sink.statements, sink.shaped)
            if key not in self.seen:
                self.seen[key] = False, []  # a function that calls itself
                self.seen[key] = self._sink(sink)
            reached, handed = self.seen[key]
            if caller is not None:
                for parameter in handed:
                    self.feeds.setdefault(parameter, []).append(caller)
                if reached:
                    self.called.add(caller)

    def _sink(self, sink: SinkCall) -> tuple[bool, list[Parameter]]:
        """Note what a sink is given; tell whether that can be read, and which parameters are handed on to it."""
        reached = False
        reasons: list[Alternative] = []
        handed: list[Parameter] = []
        for given in sink.arguments:
            texts = self._alternatives(given)
            for text in texts:
                if text.is_text and self._is_sql(text, sink):
                    reached = True
                    if not self.wrappers_only:
                        self._use(text, sink, given, alone=len(texts) == 1)
                elif not text.is_text:
                    reasons.append(text)
                handed += self._hand_on(text, sink)
        if reached:
            if sink.certain:
                self.calls += 1
        elif reasons and not any(text.builder for text in reasons) and seems_raw(sink):
            if handed:
                self.waiting.append((sink, handed))
            else:
                self._unreached(sink, reasons[0].reason)
        return reached, handed

    def _alternatives(self, given: ast.expr) -> list[Alternative]:
        if isinstance(given, ast.Starred):
            return self._spread(given.value)
        found = self.evaluator.ask(given)
        if isinstance(given, ast.Attribute) and not any(text.is_text or text.leading for text in found):
            # ``query.sql`` of a record whose way here cannot be followed: any record of this file will do.
            values = self.evaluator.classes.any_record_fields(given.attr)
            records = [text for value in values for text in self.evaluator.ask(value)]
            return [text for text in records if text.is_text and is_statement(text.text.text)] or found
        return found

    def _spread(self, given: ast.expr) -> list[Alternative]:
        """The texts that stand first in what ``execute(*given)`` spreads."""
        items = [state.items[0] for state in self.evaluator.sequences.lists(given, None) if state.items]
        if items:
            return [text for expr, frame in items for text in self.evaluator.texts(expr, frame)]
        place = self.evaluator.place(given, given.id) if isinstance(given, ast.Name) else None
        if place is not None and takes_all(binding := place[1][-1]):
            return [Alternative.parameter(self.module.span(given), binding)]
        return self.evaluator.ask(given)

    def _is_sql(self, text: Alternative, sink: SinkCall) -> bool:
        sql = text.text.text
        if sink.shaped:
            return is_statement(sql)
        if not sink.statements:
            return sink.sink is Sink.TEXT or is_fragment(sql) or is_statement(sql)
        if takes_sql(sink) or (sink.certain and text.wrapped):
            return True
        if first_word(sql) in VERBS and (is_statement(sql) or sink.sink is Sink.WRAPPER):
            return True
        # ``run("exec " + command)`` may be anything: the receiver's driver tells.
        opens = first_word(sql) in VERBS or text.leading is not None or sql.lstrip().startswith(HOLE)
        return opens and (is_plain_verb(sql) or self._has_driver(sink))

    def _has_driver(self, sink: SinkCall) -> bool:
        return self.evidence.evidence(sink.call, ()).driver is not None

    def _unreached(self, sink: SinkCall, reason: str) -> None:
        self.unreached.append(Unreached(self.module.span(sink.call), sink.sink, reason or "it is computed at run time"))

    def _use(self, text: Alternative, sink: SinkCall, given: ast.expr, *, alone: bool) -> None:
        self.covered.update(piece.src.start for piece in text.text.pieces if piece.src is not None)
        self._add(text, sink.sink, given, sink, alone=alone)

    def _add(
        self, text: Alternative, kind: Sink, anchor: ast.expr, sink: SinkCall | None, *, alone: bool = False
    ) -> None:
        sql = text.text
        found = self.evidence.evidence(sink.call if sink is not None else None, text.origins)
        style = found.paramstyle
        if style is ParamStyle.UNKNOWN and text.wrapped:
            style = ParamStyle.COLON
        if style is ParamStyle.COLON:
            sql = without_escaped_colons(sql)
        elif sink is not None and doubles_percents(sink, found.driver, sql.text):
            sql = without_doubled_percents(sql)
        values = sink.values if sink is not None else None
        repeated = not is_written(text, sink.call if sink is not None else None, self.module)
        supplied: tuple[Supply, ...] = ()
        if alone and sink is not None and not repeated:
            own = self.evidence.receiver_library(sink.call)
            supplied = supplies(sink, found.driver, own, self.evaluator)
        use = SqlUse(
            text=sql,
            sink=kind,
            anchor=self.module.span(anchor),
            engine=found.engine,
            reason=found.reason,
            driver=found.driver,
            paramstyle=style,
            params=params_of(values, kind is Sink.EXECUTEMANY, self.evaluator),
            is_fragment=self._is_fragment(text, sink),
            expects_error=found.expects_error,
            min_version=found.min_version,
            chosen_by_type=found.chosen_by_type,
            assembled=text.doubtful,
            probe=sink is not None and is_probe(self.module, sink.call),
            repeated=repeated,
            elsewhere=text.elsewhere and not any(piece.kind.name == "VERBATIM" for piece in sql.pieces),
            supplies=supplied,
        )
        key = (sql.text, sql.pieces)
        known = self.uses.get(key)
        if known is not None:
            better = use if _RANK[use.engine] < _RANK[known.engine] else known
            use = replace(better, supplies=(*known.supplies, *use.supplies))
        self.uses[key] = use

    def _is_fragment(self, text: Alternative, sink: SinkCall | None) -> bool:
        sql = text.text.text
        if sink is None:
            return not is_statement(sql)
        if text.leading is not None and sql.lstrip().startswith(HOLE):
            return True
        if not sink.statements:
            return not opens_statement(sql) or not is_statement(sql)
        return sql.lstrip().startswith(HOLE) and not opens_statement(sql.lstrip().lstrip(HOLE))

    # -- wrappers

    def _hand_on(self, text: Alternative, sink: SinkCall) -> list[Parameter]:
        """Note that the parameters in ``text`` reach this sink, and look at the calls that fill them."""
        handed = []
        for binding in text.params:
            whole = binding is text.leading and sink.statements and not sink.shaped
            if sink.shaped or (not whole and not text.is_text):
                continue
            found = wrapper_of(binding, sink.sink, whole, self.evaluator)
            if found is None:
                continue
            key, wrapper = found
            if whole:
                handed.append(key)
            if key not in self.wrappers:
                self.wrappers[key] = wrapper
                self._queue.extend((call, key) for call in self.wrapper_calls.of(key[0], wrapper))
        return handed

    def _project_wrappers(self) -> None:
        """Calls of wrappers that other modules of the project define, or the configuration names."""
        named = set(self.config.wrappers)
        known = self.project.wrappers
        if not named and not known:
            return
        for call in self.module.calls:
            name = self.module.called_name(call)
            if name in named:
                given = argument(call, 0)
                if given is not None:
                    sink = SinkCall(call, Sink.WRAPPER, (given,), certain=False, values=values_of(call, given))
                    self._queue.append((sink, None))
            for wrapper in known.get(name, ())[:4]:
                given = wrapper.argument(call)
                if given is not None:
                    values = values_of(call, given)
                    sink = SinkCall(call, Sink.WRAPPER, (given,), certain=False, values=values, shaped=True)
                    self._queue.append((sink, None))

    def _report_waiting(self) -> None:
        """Sinks whose text is a parameter: reached where some call in sight gives it, be it through others."""
        called = list(self.called)
        for key in called:
            fed = [other for other in self.feeds.get(key, ()) if other not in self.called]
            self.called.update(fed)
            called += fed
        for sink, handed in self.waiting:
            _, name = handed[0]
            if any(key in self.called for key in handed):
                self.calls += 1
            elif not is_sink_name(function_name := self.wrappers[handed[0]].name):
                # Calls of a sink of the project's own are looked at as such.
                self._unreached(sink, f"parameter {name!r} of {function_name}(), which no call in this file fills")

    # -- strings without a sink

    def _without_sink(self) -> None:
        for expr, literals in candidates(self.module):
            if all(map(self._is_covered, literals)):
                continue
            texts = self.evaluator.ask(expr)
            for text in texts:
                if text.is_text and not self._covered(text) and is_statement(text.text.text):
                    self._add(text, Sink.NONE, expr, None)

        for expr in engine_fragments(self.module):
            for text in self.evaluator.ask(expr):
                sql = text.text.text
                if not self._covered(text) and not is_statement(sql) and is_expression(sql):
                    self._add(text, Sink.NONE, expr, None)

    def _covered(self, text: Alternative) -> bool:
        literals = [o for o in text.origins if isinstance(o, ast.Constant | ast.JoinedStr)]
        return bool(literals) and all(map(self._is_covered, literals))

    def _is_covered(self, literal: ast.AST) -> bool:
        """Tell whether a part of the literal is in a text that a sink takes."""
        if len(self._sorted) != len(self.covered):
            self._sorted = sorted(self.covered)
        start, end = self.module.span(literal)
        at = bisect_left(self._sorted, start)
        return at < len(self._sorted) and self._sorted[at] < end


def wrappers_of(finder: Finder) -> Iterable[Wrapper]:
    """The wrappers that hand on a whole statement."""
    return [wrapper for wrapper in finder.wrappers.values() if wrapper.whole and wrapper.position >= 0]
