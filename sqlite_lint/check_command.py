"""``sqlite-lint check``: from the options to output and exit status."""

from __future__ import annotations

import os
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sqlite_lint import summary
from sqlite_lint.cli import FAILED, FOUND, OK
from sqlite_lint.config_file import ConfigError, Resolver
from sqlite_lint.directories import Directories
from sqlite_lint.output import FOR_PEOPLE, render
from sqlite_lint.output.findings import Findings
from sqlite_lint.runner import REPORT_AT, Options, Outcome, run
from sqlite_lint.settings import resolver_for

if TYPE_CHECKING:
    from sqlite_lint.discover import Found


def check(options: Namespace) -> int:
    """Run the command and return the exit status."""
    started = time.monotonic()
    try:
        _one_action(options)
        resolver = resolver_for(options)
        if options.paths == ["-"] or (options.stdin_filename and not options.paths):
            from sqlite_lint.stdin_command import check_stdin

            return check_stdin(options, resolver)
        directories = Directories()
        files = _files(options, resolver, directories)
    except ConfigError as error:
        return complain(str(error))
    if options.show_files:
        for found in files:
            print(found.path)
        return OK
    if not files:
        warn("no Python or SQL files found under the given paths")
    outcomes = run(files, run_options(options, cache_dir(options, files)), progress_line(started), directories)
    if options.verbose:
        _tell(files, outcomes, started)
    return finish(outcomes, options)


def _one_action(options: Namespace) -> None:
    """Refuse options of which only one could be obeyed."""
    actions = [name for name in ("show_files", "show_sql", "add_noqa") if getattr(options, name)]
    actions += [name for name in ("fix", "diff") if getattr(options, name)][:1]
    if len(actions) > 1:
        first, second = (f"--{name.replace('_', '-')}" for name in actions[:2])
        raise ConfigError(f"{first}: cannot be used together with {second}")


def _files(options: Namespace, resolver: Resolver, directories: Directories) -> Sequence[Found]:
    from sqlite_lint.discover import discover

    if "-" in options.paths:
        raise ConfigError("standard input (-) cannot be checked together with files")
    paths = options.paths or ["."]
    return discover(paths, resolver, force_exclude=options.force_exclude, directories=directories)


def run_options(options: Namespace, cached_in: str | None = None) -> Options:
    mode = "diff" if options.diff else "fix" if options.fix else "check"
    if options.add_noqa or options.show_sql:
        mode = "check"
    return Options(
        mode=mode,
        unsafe=options.unsafe_fixes,
        jobs=options.jobs,
        cache_dir=None if options.add_noqa else cached_in,
        details=options.show_sql or options.add_noqa,
        named=tuple(options.paths),
    )


def cache_dir(options: Namespace, files: Sequence[Found]) -> str | None:
    """Where results are kept: as given, else as the configuration of the first file has it."""
    from sqlite_lint.cache import default_directory

    if options.no_cache or not files:
        return None
    if options.cache_dir:
        return os.path.abspath(str(options.cache_dir))
    return default_directory(files[0].config)


def finish(outcomes: Sequence[Outcome], options: Namespace, texts: dict[str, str] | None = None) -> int:
    """Print what a run found, and return the exit status."""
    report_errors(outcomes, unread=options.show_sql or options.add_noqa or options.diff)
    if options.show_sql:
        from sqlite_lint.show_sql import show_sql

        show_sql(outcomes, options.output_format)
        status = OK
    elif options.add_noqa:
        from sqlite_lint.noqa_command import write_noqa

        status = write_noqa(outcomes, options.quiet)
    elif options.diff:
        status = _print_diffs(outcomes, options)
    else:
        _print_findings(outcomes, options, texts or {})
        found = any(outcome.diagnostics for outcome in outcomes)
        fixed = options.exit_non_zero_on_fix and any(outcome.fixed for outcome in outcomes)
        status = FOUND if fixed or (found and not options.exit_zero) else OK
    return FAILED if any(outcome.error for outcome in outcomes) else status


def report_errors(outcomes: Sequence[Outcome], *, unread: bool) -> None:
    """Tell on stderr of files that could not be checked or fixed.

    ``unread`` asks for those that could not be read or parsed, too: where no findings are printed, nothing else tells.
    """
    for outcome in outcomes:
        if outcome.error:
            complain(f"internal error in {outcome.path}: {outcome.error}; please report it at {REPORT_AT}")
        if outcome.trouble:
            warn(f"{outcome.path}: {outcome.trouble}")
        for found in outcome.diagnostics if unread else ():
            if found.code == "SQL001":
                warn(f"{outcome.path}:{found.start.row}:{found.start.column}: {found.message}")


def _print_findings(outcomes: Sequence[Outcome], options: Namespace, texts: dict[str, str]) -> None:
    known = {outcome.path: outcome.after for outcome in outcomes if outcome.after is not None}
    findings = Findings(
        (diagnostic for outcome in outcomes for diagnostic in outcome.diagnostics),
        {**known, **texts},
        unsafe=options.unsafe_fixes,
        colour=wants_colour(sys.stdout),
    )
    if options.statistics:
        _print_statistics(outcomes, options)
    else:
        write = sys.stdout.write
        for piece in render(options.output_format, findings):
            write(piece)
    if options.output_format not in FOR_PEOPLE or options.quiet:
        return
    if options.show_fixes and any(outcome.fixed for outcome in outcomes):
        print("Fixed:", *summary.fixed_lines(outcomes, findings.shown), sep="\n")
    note = summary.other_engine_note(outcomes)
    if note:
        print(note)
    print(summary.last_line(outcomes))


def _print_statistics(outcomes: Sequence[Outcome], options: Namespace) -> None:
    rows = summary.statistics(outcomes, options.unsafe_fixes)
    if options.output_format.startswith("json"):
        import json

        keys = ("count", "code", "name", "fixable")
        print(json.dumps([dict(zip(keys, row, strict=True)) for row in rows], indent=2))
        return
    width = max((len(str(times)) for times, *_ in rows), default=0)
    for times, code, name, fixable in rows:
        print(f"{str(times).rjust(width)}\t{code}\t{'[*]' if fixable else '[ ]'} {name}")


def _print_diffs(outcomes: Sequence[Outcome], options: Namespace) -> int:
    from sqlite_lint.output.diff import unified

    changed = [outcome for outcome in outcomes if outcome.before is not None and outcome.after is not None]
    findings = Findings((), colour=wants_colour(sys.stdout))
    for outcome in changed:
        sys.stdout.writelines(unified(outcome, findings))
    sys.stdout.flush()
    if not options.quiet:
        would = sum(len(outcome.fixed) for outcome in changed)
        if options.show_fixes and changed:
            print("Would fix:", *summary.fixed_lines(changed, findings.shown), sep="\n", file=sys.stderr)
        print(f"Would fix {summary.count(would, 'finding')}." if would else "Nothing to fix.", file=sys.stderr)
    return FOUND if changed and not options.exit_zero else OK


def wants_colour(stream: object) -> bool:
    """Colour on a terminal; NO_COLOR (no-color.org) and FORCE_COLOR overrule that, in this order."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    isatty: Callable[[], bool] = getattr(stream, "isatty", lambda: False)
    return isatty() and os.environ.get("TERM") != "dumb"


def progress_line(started: float) -> Callable[[int, int], None]:
    """Shows how far the run is: on stderr, if that is a terminal, and only after a second."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return lambda done, total: None
    shown = started + 0.9

    def show(done: int, total: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if done >= total and shown > started + 0.9:
            sys.stderr.write("\r\x1b[K")
        elif now - shown >= 0.1 and done < total:
            shown = now
            sys.stderr.write(f"\r\x1b[KChecking {done} of {total} files")
        sys.stderr.flush()

    return show


def _tell(files: Sequence[Found], outcomes: Sequence[Outcome], started: float) -> None:
    concerned = sum(outcome.concerned for outcome in outcomes)
    unreached = sum(outcome.unreached_count for outcome in outcomes)
    seconds = time.monotonic() - started
    warn(f"{summary.count(len(files), 'file')}, {concerned} with SQL or connections, {seconds:.2f} s", kind="info")
    if unreached:
        warn(f"of {summary.count(unreached, 'call')} no SQL could be read; --show-sql lists them", kind="info")
    for root in sorted({found.config.root or "" for found in files}):
        warn(f"configuration: {root or 'none'}", kind="info")


def complain(message: str) -> int:
    print(f"sqlite-lint: error: {message}", file=sys.stderr)
    return FAILED


def warn(message: str, kind: str = "warning") -> None:
    print(f"sqlite-lint: {kind}: {message}", file=sys.stderr)
