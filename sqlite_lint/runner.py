"""Runs the linter over many files: reads, prefilters, asks the cache, and works on the rest, in parallel if it pays."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlite_lint.diagnostic import Diagnostic
from sqlite_lint.directories import Directories
from sqlite_lint.forks import can_fork
from sqlite_lint.hosts.prefilter import may_concern
from sqlite_lint.projects import Projects, warm
from sqlite_lint.source import Source, SourceError, decode, is_plain, read_bytes, write_source
from sqlite_lint.text import Span

if TYPE_CHECKING:
    from sqlite_lint.cache import Cache
    from sqlite_lint.config import Config
    from sqlite_lint.discover import Found
    from sqlite_lint.project import Project
    from sqlite_lint.report import FileReport, StatementReport, UnreachedReport

PARALLEL_WEIGHT: Final = 300_000
"""So much source must have passed the prefilter before a second process earns its start (see ``_weight``)."""

MANY_FILES: Final = 500
"""So many files are looked at for rules and for the project's facts in one go."""

REPORT_AT: Final = "https://github.com/sqlite-lint/sqlite-lint/issues"


class Options(NamedTuple):
    """How to run.  ``jobs`` is the number of processes, None to choose; ``cache_dir`` is None for no cache.

    ``mode`` is "check", "fix" (write the fixes) or "diff" (make them, write nothing).  ``details`` keeps the list of
    statements of each file, which the cache does not have.  ``named`` are the paths as the user gave them.
    """

    mode: str = "check"
    unsafe: bool = False
    jobs: int | None = 1
    cache_dir: str | None = None
    details: bool = False
    named: tuple[str, ...] = ()


class Outcome(NamedTuple):
    """What a run says of one file, by its absolute path.

    ``concerned`` is False for a file that the prefilter passed over.  ``before`` and ``after`` are the texts around a
    fix.  ``error`` is an error of the linter itself, ``trouble`` a reason why fixes were not written.
    """

    path: str
    diagnostics: tuple[Diagnostic, ...] = ()
    concerned: bool = True
    checked: int = 0
    partly: int = 0
    other: int = 0
    other_reasons: tuple[str, ...] = ()
    unreached_count: int = 0
    statements: tuple[StatementReport, ...] = ()
    unreached: tuple[UnreachedReport, ...] = ()
    fixed: tuple[Diagnostic, ...] = ()
    before: str | None = None
    after: str | None = None
    error: str = ""
    trouble: str = ""


Progress = Callable[[int, int], None]


def run(
    files: Sequence[Found],
    options: Options,
    progress: Progress = lambda done, total: None,
    directories: Directories | None = None,
) -> list[Outcome]:
    """Check or fix ``files``; the outcomes are in their order.  Nothing is raised for a file's sake.

    ``directories`` holds what is known already of the directories in which they are.
    """
    from sqlite_lint.cache import Cache

    cache = Cache(options.cache_dir, many=len(files) > 50)
    named = [Path(os.path.abspath(path)) for path in options.named]
    projects = Projects(cache.directory, tuple(named), directories)
    if len(files) >= MANY_FILES and cache.is_empty():
        projects.scan(files, (options.jobs or _processors()) if can_fork() else 1)
    outcomes: dict[str, Outcome] = {}
    waiting: list[tuple[Found, Source]] = []
    for count, found in enumerate(files):
        progress(count, len(files))
        first = _first_look(found, options, cache, projects)
        if isinstance(first, Outcome):
            outcomes[found.path] = first
        else:
            waiting.append((found, first))
    done = len(files) - len(waiting)
    for (found, source), outcome in zip(waiting, _work(waiting, options, projects), strict=True):
        outcomes[found.path] = outcome
        cache.store(found, source.data, outcome, projects.of(found.path, found.config).digest)
        done += 1
        progress(done, len(files))
    cache.save()
    return [outcomes[found.path] for found in files]


def _first_look(found: Found, options: Options, cache: Cache, projects: Projects) -> Outcome | Source:
    """The outcome of a file that needs no linting, or its source."""
    needs_text = options.details or options.mode != "check"
    known = cache.by_stat(found, lambda: projects.of(found.path, found.config).digest)
    if known is not None and not (needs_text and known.concerned and (options.details or known.diagnostics)):
        return known
    if found.path in projects.unconcerned:
        return _unconcerned(found, cache)
    try:
        data = read_bytes(found.path)
        certain = found.path.lower().endswith(".sql") or may_concern(data)
        if not certain and (len(data) > _LARGE or is_plain(data)):
            return _unconcerned(found, cache)
        source = decode(data, found.path)
    except SourceError as error:
        return Outcome(found.path, _unreadable(found, error))
    if not certain:
        return _unconcerned(found, cache)
    if not needs_text:
        known = cache.by_content(found, data, lambda: projects.of(found.path, found.config).digest)
        if known is not None:
            return known
    return source


_LARGE: Final = 1_000_000
_MOST_JOBS: Final = 8


def _unconcerned(found: Found, cache: Cache) -> Outcome:
    cache.store_unconcerned(found)
    return Outcome(found.path, concerned=False)


def _unreadable(found: Found, error: SourceError) -> tuple[Diagnostic, ...]:
    return unreadable(found.path, found.config, error)


def unreadable(path: str, config: Config, error: SourceError) -> tuple[Diagnostic, ...]:
    """The finding SQL001 for a file without a readable text, if it is not ignored there."""
    from sqlite_lint import catalog
    from sqlite_lint.selection import enabled_codes
    from sqlite_lint.text import Position

    if "SQL001" not in enabled_codes(config, path):
        return ()
    rule = catalog.rule("SQL001")
    place = Position(error.row, error.column)
    return (
        Diagnostic(
            code=rule.code,
            name=rule.name,
            message=rule.message.format(error=f"it {error.message}"),
            path=path,
            span=Span(0, 0),
            start=place,
            end=place,
            noqa_row=error.row,
            severity=rule.severity,
            help=rule.summary,
            url=rule.url,
        ),
    )


def _work(waiting: list[tuple[Found, Source]], options: Options, projects: Projects) -> Iterator[Outcome]:
    jobs = options.jobs or _worthwhile_jobs(waiting)
    if jobs <= 1 or len(waiting) < 2:
        for found, source in waiting:
            yield process(found, source, options, projects, jobs if can_fork() else 1)
        return
    from sqlite_lint.workers import in_processes

    for found, _ in waiting:
        projects.of(found.path, found.config)  # once, here, and not in every process
    if can_fork():
        warm()
    yield from in_processes(min(jobs, len(waiting)), waiting, options, projects)


def _processors() -> int:
    return min(os.cpu_count() or 1, _MOST_JOBS)


def _worthwhile_jobs(waiting: Iterable[tuple[Found, Source]]) -> int:
    return min(_processors(), 1 + sum(_weight(source) for _, source in waiting) // PARALLEL_WEIGHT)


def _weight(source: Source) -> int:
    """How much work a source is, in bytes of Python: a statement of SQL is as much as a thousand of them."""
    return len(source.data) + 1000 * (source.data.count(b"execute") + source.data.count(b";\n"))


def process(found: Found, source: Source, options: Options, projects: Projects, jobs: int = 1) -> Outcome:
    """Lint or fix one file; an error of ours is caught here, so that the other files are still checked.

    ``jobs`` is the number of processes that may share in it.
    """
    try:
        project = projects.of(found.path, found.config)
        if options.mode == "check":
            from sqlite_lint.linter import lint_source

            report = lint_source(source.text, found.path, found.config, project, jobs=jobs)
            return _outcome(report, options, source.text)
        return _fixed(found, source, options, project)
    except Exception as error:  # the last resort against a traceback
        return Outcome(found.path, error=describe(error))


def describe(error: Exception) -> str:
    """One line about an unexpected error: what it is and where in this package it was raised."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    place = "" if at is None else f" ({os.path.basename(at.tb_frame.f_code.co_filename)}:{at.tb_lineno})"
    text = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {text}{place}"


def _fixed(found: Found, source: Source, options: Options, project: Project) -> Outcome:
    from sqlite_lint.fixer import fix_source

    result = fix_source(source.text, found.path, found.config, project, unsafe=options.unsafe)
    outcome = _outcome(result.remaining, options, result.text)
    if result.text == source.text:
        return outcome
    outcome = outcome._replace(fixed=result.applied, before=source.text, after=result.text)
    if options.mode == "fix":
        try:
            write_source(found.path, source, result.text)
        except SourceError as error:
            from sqlite_lint.linter import lint_source

            report = lint_source(source.text, found.path, found.config, project)
            return _outcome(report, options, source.text)._replace(trouble=error.message)
    return outcome


def _outcome(report: FileReport, options: Options, text: str) -> Outcome:
    states = Counter(statement.state for statement in report.statements)
    reasons = Counter(s.reason for s in report.statements if s.state == "other" and s.reason)
    return Outcome(
        report.path,
        report.diagnostics,
        checked=states["checked"],
        partly=states["partly"],
        other=states["other"],
        other_reasons=tuple(reason for reason, _ in reasons.most_common(1)),
        unreached_count=len(report.unreached),
        statements=report.statements if options.details else (),
        unreached=report.unreached if options.details else (),
        after=text if report.diagnostics else None,
    )
