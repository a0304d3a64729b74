"""``sqlite-lint -``: checks or fixes the text on standard input."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from contextlib import redirect_stdout

from sqlite_lint.cache import prepare
from sqlite_lint.check_command import cache_dir, finish, report_errors, run_options
from sqlite_lint.cli import FAILED, OK
from sqlite_lint.config_file import Resolver
from sqlite_lint.discover import Found, is_excluded
from sqlite_lint.hosts.prefilter import may_concern
from sqlite_lint.projects import Projects
from sqlite_lint.runner import Outcome, process, unreadable
from sqlite_lint.source import Source, SourceError, decode, encode


def check_stdin(options: Namespace, resolver: Resolver) -> int:
    """Check standard input under the name ``--stdin-filename`` (default: a Python file in the current directory).

    With --fix the text, mended or not, goes to stdout, and findings to stderr.
    """
    path = os.path.abspath(options.stdin_filename or "stdin.py")
    config = resolver.for_directory(os.path.dirname(path))
    data = sys.stdin.buffer.read()
    outcome = Outcome(path, concerned=False)
    source = Source("", data=data)
    if not (options.force_exclude and is_excluded(path, config, config.root or os.getcwd())):
        try:
            source = decode(data, path)
            if path.lower().endswith(".sql") or may_concern(data):
                chosen = run_options(options)
                mode = "diff" if chosen.mode == "fix" else chosen.mode  # nothing is written to a file
                found = Found(path, config)
                outcome = process(found, source, chosen._replace(mode=mode), Projects(_facts_dir(options, found)))
        except SourceError as error:
            outcome = Outcome(path, unreadable(path, config, error))
    if options.show_files:
        print(path)
        return OK
    if options.add_noqa:
        from sqlite_lint.add_noqa import with_noqa

        _write(with_noqa(source.text, path, outcome.diagnostics), source)
        report_errors([outcome], unread=True)
        return FAILED if outcome.error else OK
    texts = {path: outcome.after if outcome.after is not None else source.text}
    if options.fix and not options.diff:
        fixed = outcome.after if outcome.before is not None and outcome.after is not None else None
        _write(fixed if fixed is not None else source.text, source)
        with redirect_stdout(sys.stderr):
            return finish([outcome], options, texts)
    return finish([outcome], options, texts)


def _facts_dir(options: Namespace, found: Found) -> str | None:
    """The cache of the project's facts: an editor asks about one file again and again."""
    directory = cache_dir(options, [found])
    return None if directory is None else prepare(directory)


def _write(text: str, source: Source) -> None:
    """Write a text as it came in; what could not be decoded comes back as it was."""
    sys.stdout.flush()
    sys.stdout.buffer.write(encode(text, source) if source.text else source.data)
    sys.stdout.buffer.flush()
