"""From the source of one file to its findings."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Final

from sqlite_lint.collected import Collected
from sqlite_lint.diagnostic import Severity
from sqlite_lint.lift import lift_fix, message_of
from sqlite_lint.report import Analysis, FileReport, UnreachedReport
from sqlite_lint.text import Fix, LineIndex, Span

if TYPE_CHECKING:
    import ast

    from sqlite_lint.config import Config
    from sqlite_lint.hosts.model import Connection, HostResult, SqlUse, Unreached
    from sqlite_lint.project import Project
    from sqlite_lint.rule import Hit, Rule, SourceHit
    from sqlite_lint.shared_text import SharedTexts
    from sqlite_lint.sql.statement import Statement
    from sqlite_lint.sql.witness import Verdict


_WORTH_A_PROCESS: Final = 200
"""So many uses of SQL pay for another process."""

_SHARE_OF_THE_FILE: Final = 18
"""What is asked of a file as a whole takes about as long as one in so many of its uses."""

_NO_EXPANSION: Final = frozenset({"sqlite3", "aiosqlite", "apsw"})
"""Drivers that hand ``IN :ids`` to SQLite as it is; others put a list in its place."""


def lint_source(
    text: str,
    path: str,
    config: Config,
    project: Project | None = None,
    *,
    tree: ast.Module | None = None,
    noqa: bool = True,
    jobs: int = 1,
) -> FileReport:
    """Lint one source text; ``path`` tells its kind (.sql, else Python) and what per-file settings apply.

    ``tree`` is the text's syntax tree where the caller has it already.  With ``noqa=False`` suppressing comments are
    not looked at, for callers with a mechanism of their own.  ``jobs`` is the number of processes that may share in
    the work.
    """
    return analyse(text, path, config, project, tree=tree, noqa=noqa, jobs=jobs).report


def analyse(
    text: str,
    path: str,
    config: Config,
    project: Project | None = None,
    *,
    tree: ast.Module | None = None,
    noqa: bool = True,
    jobs: int = 1,
) -> Analysis:
    """As ``lint_source``, with all that was learnt on the way."""
    from sqlite_lint.hosts.prefilter import may_concern

    if path.lower().endswith(".sql") or may_concern(text.encode("utf-8", "surrogatepass")):
        from sqlite_lint.project import Project
        from sqlite_lint.schema_files import given_schema

        project = (project or Project.empty()).with_given(given_schema(config))
        try:
            result = _read(text, path, config, project, tree)
            analysis = _FileLinter(text, path, config, project, result, jobs).analysis()
        except RecursionError:  # chains of hundreds of attributes or subscripts
            from sqlite_lint.hosts.model import HostResult

            result = HostResult(error="too deeply nested to be followed")
            analysis = _FileLinter(text, path, config, project, result).analysis()
    else:
        analysis = Analysis(FileReport(path))
    if noqa and not config.ignore_noqa:
        analysis = _suppressed(analysis, text, config)
    return analysis


def _read(text: str, path: str, config: Config, project: Project, tree: ast.Module | None) -> HostResult:
    if path.lower().endswith(".sql"):
        from sqlite_lint.hosts.sqlfile import read_sql_file

        return read_sql_file(text, path, project, config)
    from sqlite_lint.hosts.python import read_python

    return read_python(text, path, project, config, tree=tree)


def _suppressed(analysis: Analysis, text: str, config: Config) -> Analysis:
    """The analysis without what comments silence, and with what is to be said of those comments."""
    from sqlite_lint.suppress import apply, mentions_directive

    if not mentions_directive(text):
        return analysis
    from sqlite_lint.selection import enabled_codes

    report = analysis.report
    found = apply(list(report.diagnostics), text, report.path, enabled_codes(config, report.path), analysis.uses)
    replacements = dict(analysis.replacements)
    for diagnostic in found:
        if diagnostic.fix is not None:  # a comment may stand inside SQL
            edits = tuple((edit.span, edit.text) for edit in diagnostic.fix.edits)
            replacements.setdefault((diagnostic.code, diagnostic.span), edits)
    kept = tuple(sorted(found, key=lambda d: d.sort_key))
    return analysis._replace(report=report._replace(diagnostics=kept), replacements=replacements)


class _FileLinter:
    """Lints what a host found in one file."""

    def __init__(
        self, text: str, path: str, config: Config, project: Project, result: HostResult, jobs: int = 1
    ) -> None:
        from sqlite_lint.selection import chosen_codes, enabled_codes

        self.text = text
        self.path = path
        self.config = config
        self.project = project
        self.result = result
        self.functions = project.functions | own_functions(text)
        self.schema, self.names = project.seen_in(path, result.uses)
        self.lines = LineIndex(text)
        self.enabled = enabled_codes(config, path)
        self.chosen = chosen_codes(config)
        self.jobs = jobs

    @cached_property
    def _shared_texts(self) -> SharedTexts:
        from sqlite_lint.shared_text import SharedTexts

        return SharedTexts(self.result.uses)

    def analysis(self) -> Analysis:
        first, *others = self._parts()
        for other in others:
            first.take_over(other)
        report = FileReport(
            self.path,
            tuple(sorted(first.found.values(), key=lambda d: d.sort_key)),
            tuple(first.statements),
            tuple(self._unreached(u) for u in self.result.unreached),
            self.result.calls,
        )
        return Analysis(report, self.result.uses, tuple(first.verdicts), first.replacements)

    def _parts(self) -> list[Collected]:
        """What is to be said of the file, part by part: thousands of uses are shared out among processes."""
        count = len(self.result.uses)
        jobs = min(self.jobs, count // _WORTH_A_PROCESS)
        if jobs < 2:
            return [self._lint_part(slice(0, count))]
        from sqlite_lint.forks import forked

        first = max(count // jobs - count // _SHARE_OF_THE_FILE, 0)
        rest = -(-(count - first) // (jobs - 1))
        return forked(self._lint_part, [slice(0, first), *(slice(at, at + rest) for at in range(first, count, rest))])

    def _lint_part(self, part: slice) -> Collected:
        """Lint some of the uses, and with the first of them the file as a whole."""
        self.collected = Collected(self.path, self.lines)
        for use in self.result.uses[part]:
            self._lint_use(use)
        if part.start == 0:
            if self.result.error is not None:
                self._add_tool_finding("SQL001", self.result.error_span, {"error": self.result.error})
            self._lint_source_rules()
        return self.collected

    def _unreached(self, unreached: Unreached) -> UnreachedReport:
        row, column = self.lines.position(unreached.anchor.start)
        return UnreachedReport(row, column, unreached.sink.value, unreached.reason)

    def _lint_use(self, use: SqlUse) -> None:
        from sqlite_lint.hosts.model import Engine
        from sqlite_lint.sql.statement import split

        for statement in split(use.text.text):
            if use.engine is Engine.OTHER:
                self._list(use, statement, None, "other", use.reason)
            elif use.elsewhere:
                self._list(use, statement, None, "partly", "it stands in another file, and is checked there")
            elif use.expects_error:
                self._list(use, statement, None, "other", "the code expects that it fails")
            else:
                self._lint_statement(use, statement)

    def _lint_statement(self, use: SqlUse, statement: Statement) -> None:
        from sqlite_lint import catalog
        from sqlite_lint.rule import SourceHit, SqlContext
        from sqlite_lint.sql.witness import VerdictKind, witness

        target = max(self.config.target_version, use.min_version or self.config.target_version)
        if use.is_fragment:
            verdict = witness(target).no_answer("only part of a statement")
        else:
            verdict = witness(target).ask(statement, expand=use.driver not in _NO_EXPANSION)
        context = SqlContext(self.config, use, verdict, self.schema, target, self.functions, self.names)
        valid = verdict.parses and not verdict.partial
        explained = False
        refused = verdict.kind is VerdictKind.REFUSED
        for rule, hit in catalog.statement_hits(statement, context, self.chosen):
            if rule.grammar and valid:
                continue
            if isinstance(hit, SourceHit):
                if rule.code in self.enabled:
                    self._add_source_hit(rule, hit)
                continue
            explained = explained or _explains(rule, hit, verdict)
            if rule.code in self.enabled:
                self._add_hit(rule, hit, use)
        if refused and not explained and not use.assembled and not _may_be_part(use, statement, verdict):
            self._add_refusal(use, statement, verdict)
        partly = use.is_fragment or verdict.partial or verdict.kind is VerdictKind.UNKNOWN
        reason = (verdict.reason or "parts of it are filled in at run time") if partly else ""
        self._list(use, statement, verdict, "partly" if partly else "checked", reason)

    def _add_refusal(self, use: SqlUse, statement: Statement, verdict: Verdict) -> None:
        span = verdict.span or statement.span
        self._add_tool_finding(
            "SQL002", use.text.locate(span) or use.anchor, {"error": verdict.message}, self._noqa_row(use, span)
        )

    def _lint_source_rules(self) -> None:
        from sqlite_lint import catalog
        from sqlite_lint.rule import FileContext, Scope

        context = FileContext(self.config, self.path, self.text, self.result, self.project)
        low = self.text.lower()
        for rule in catalog.rules():
            if rule.code not in self.enabled or rule.scope not in (Scope.CONNECTION, Scope.FILE):
                continue
            if rule.tokens and not any(word in low for word in rule.tokens):
                continue
            subjects: Iterable[Connection | HostResult]
            subjects = self.result.connections if rule.scope is Scope.CONNECTION else (self.result,)
            for subject in subjects:
                for hit in rule.load_check()(subject, context):
                    self._add_source_hit(rule, hit)

    def _list(self, use: SqlUse, statement: Statement, verdict: Verdict | None, state: str, reason: str) -> None:
        place = use.text.locate(statement.span) or use.anchor
        self.collected.list(statement.sql, place.start, use.sink.value, use.driver or "", state, reason, verdict)

    def _add_hit(self, rule: Rule, hit: Hit, use: SqlUse) -> None:
        from sqlite_lint.shared_text import SHARED

        span = use.text.locate(hit.span) or use.anchor
        fix, withheld = None, hit.withheld
        if hit.fix is not None:
            lifted = lift_fix(hit.fix, use)
            if not isinstance(lifted, str) and self._shared_texts.tears(lifted.edits, use):
                lifted = SHARED
            fix, withheld = (None, lifted) if isinstance(lifted, str) else (lifted, None)
        message = message_of(rule, hit.message, hit.values)
        added = self._add(rule, span, message, fix, withheld, self._noqa_row(use, hit.span), hit.severity)
        if added and fix is not None and hit.fix is not None:
            texts = [text for _, text in hit.fix.edits]
            pairs = zip((edit.span for edit in fix.edits), texts, strict=True)
            self.collected.replacements[rule.code, span] = tuple(pairs)

    def _add_source_hit(self, rule: Rule, hit: SourceHit) -> None:
        fix = Fix(hit.fix_title, hit.edits, hit.applicability) if hit.edits else None
        message = message_of(rule, hit.message, hit.values)
        added = self._add(rule, hit.span, message, fix, hit.withheld, None, hit.severity)
        if added:
            edits = tuple((edit.span, edit.text) for edit in hit.edits)
            self.collected.replacements[rule.code, hit.span] = edits

    def _add_tool_finding(self, code: str, span: Span, values: dict[str, str], noqa_row: int | None = None) -> None:
        from sqlite_lint import catalog

        if code in self.enabled:
            rule = catalog.rule(code)
            self._add(rule, span, message_of(rule, None, values), None, None, noqa_row)

    def _add(
        self,
        rule: Rule,
        span: Span,
        message: str,
        fix: Fix | None,
        withheld: str | None,
        noqa_row: int | None,
        severity: Severity | None = None,
    ) -> bool:
        """Add a finding; False where the same one is known already, and this one mends no more."""
        return self.collected.add(
            code=rule.code,
            name=rule.name,
            message=message,
            span=span,
            noqa_row=noqa_row,
            severity=severity or rule.severity,
            fix=fix,
            fix_withheld=withheld,
            help=rule.summary,
            url=rule.url,
        )

    def _noqa_row(self, use: SqlUse, span: Span) -> int | None:
        """The row of the end of the literal in which ``span`` stands: there a comment of Python can follow it."""
        end = use.text.literal_end(span.end)
        return None if end is None else self.lines.position(end).row


def own_functions(text: str) -> frozenset[str]:
    """The SQL functions that this very text registers; the project may know an older state of the file."""
    if "func" not in text and "aggregate" not in text and "load_extension" not in text:
        return frozenset()
    from sqlite_lint.facts.texts import registered_functions

    return frozenset(registered_functions(text))


def _may_be_part(use: SqlUse, statement: Statement, verdict: Verdict) -> bool:
    """Tell whether a text that nobody is seen to run may be put into another one, or go on elsewhere."""
    from sqlite_lint.hosts.model import Sink

    is_template = verdict.message == "incomplete input" or verdict.message.startswith('near "$')  # FROM $1
    return use.sink is Sink.NONE and (is_template or statement.key(0) == "(")


def _explains(rule: Rule, hit: Hit, verdict: Verdict) -> bool:
    """Tell whether what a rule found can be why SQLite refuses the statement: advice beside the place is not."""
    place = verdict.span
    is_error = (hit.severity or rule.severity) is Severity.ERROR and rule.default
    if rule.grammar or is_error or place is None:
        return True
    return hit.span.start <= place.end and place.start <= hit.span.end
