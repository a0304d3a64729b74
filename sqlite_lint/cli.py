"""The command line: parses it, and hands over to the command."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, NoReturn

from sqlite_lint import __version__
from sqlite_lint.output import FORMATS

OK: Final = 0
FOUND: Final = 1
FAILED: Final = 2

_COMMANDS: Final = ("check", "rule", "rules")
_EPILOG: Final = """\
commands:
  sqlite-lint [check] [PATHS...]   check files and directories (this page)
  sqlite-lint rule CODE            explain a rule
  sqlite-lint rules                list all rules

exit status: 0 nothing found, 1 findings, 2 wrong usage or an internal error
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status; argparse itself exits with 2 on wrong usage."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # file names need not be valid text
    try:
        status = _dispatch(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FOUND
    except KeyboardInterrupt:
        return _interrupted()
    except OSError as error:  # the output cannot be written, or the working directory is gone
        print(f"sqlite-lint: error: {error}", file=sys.stderr)
        return FAILED
    except Exception as error:  # the last resort against a traceback
        if isinstance(error.__cause__, KeyboardInterrupt):  # Python 3.11 wraps what interrupts the making of a class
            return _interrupted()
        from sqlite_lint.runner import REPORT_AT, describe

        print(f"sqlite-lint: internal error: {describe(error)}; please report it at {REPORT_AT}", file=sys.stderr)
        return FAILED
    return status


def entry() -> NoReturn:
    """Run the command line as a process of its own.

    It ends at once, as mypy does: to give back the memory of thousands of trees piece by piece takes time, and is of no
    use to anybody.  Nor is much gained by looking for garbage after every seven hundred objects.
    """
    gc.set_threshold(50_000, 20, 50)
    status = main()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(status)


def _interrupted() -> int:
    wipe = "\r\x1b[K" if sys.stderr.isatty() else ""  # what is shown of the progress
    print(f"{wipe}sqlite-lint: interrupted", file=sys.stderr)
    return 130


def _dispatch(arguments: list[str]) -> int:
    command = "check"
    if arguments and arguments[0] in _COMMANDS:
        command = arguments.pop(0)
    if command == "check":
        options = check_parser().parse_args(arguments)
        from sqlite_lint.check_command import check

        return check(options)
    parser = argparse.ArgumentParser(prog=f"sqlite-lint {command}", allow_abbrev=False)
    if command == "rule":
        parser.description = "Explain a rule."
        parser.add_argument("code", help="code or name of the rule, such as SQL101 or ilike")
    else:
        parser.description = "List all rules."
    parser.add_argument("--output-format", choices=("text", "json"), default="text")
    options = parser.parse_args(arguments)
    from sqlite_lint import rules_command

    if command == "rule":
        return rules_command.explain(options.code, options.output_format)
    return rules_command.table(options.output_format)


def check_parser() -> argparse.ArgumentParser:
    """The options of ``sqlite-lint check``."""
    parser = argparse.ArgumentParser(
        prog="sqlite-lint",
        description="Finds and fixes what breaks or silently misbehaves on SQLite: "
        "in Python, in the SQL inside it, and in .sql files.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("paths", nargs="*", metavar="PATHS", help="files and directories (default: .); - for stdin")
    parser.add_argument("--version", action="version", version=f"sqlite-lint {__version__}")
    _add_fix_options(parser.add_argument_group("fixes"))
    _add_rule_options(parser.add_argument_group("rules"))
    _add_file_options(parser.add_argument_group("files and configuration"))
    _add_output_options(parser.add_argument_group("output"))
    return parser


def _add_fix_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--fix", action="store_true", help="apply safe fixes")
    group.add_argument("--unsafe-fixes", action="store_true", help="count, show and apply unsafe fixes, too")
    group.add_argument("--diff", action="store_true", help="show what --fix would change, and change nothing")
    group.add_argument("--show-fixes", action="store_true", help="list the fixes made")
    group.add_argument("--add-noqa", action="store_true", help="silence all findings by comments in the files")


def _add_rule_options(group: argparse._ArgumentGroup) -> None:
    codes = {"action": "append", "metavar": "CODES", "type": _codes}
    group.add_argument("--select", help="only these rules: codes, their beginnings, names, or ALL", **codes)  # type: ignore[arg-type]
    group.add_argument("--ignore", help="without these rules", **codes)  # type: ignore[arg-type]
    group.add_argument("--extend-select", help="these rules, too", **codes)  # type: ignore[arg-type]
    group.add_argument("--target-version", metavar="VERSION", help="oldest SQLite that runs the code (default: 3.40)")
    group.add_argument("--ignore-noqa", action="store_true", help="report what comments silence, too")


def _add_file_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--config", action="append", metavar="FILE|KEY=VALUE", help="configuration file, or one setting")
    group.add_argument("--isolated", action="store_true", help="read no configuration file")
    group.add_argument("--schema", action="append", metavar="FILE|DB", help="script or database with all tables")
    group.add_argument("--exclude", action="append", metavar="PATTERNS", type=_comma_separated, help="leave these out")
    group.add_argument("--force-exclude", action="store_true", help="leave excluded files out even if they are named")
    group.add_argument("--stdin-filename", metavar="PATH", help="name of the text on standard input")
    group.add_argument("--cache-dir", metavar="DIR", help="where results are kept (default: .sqlite_lint_cache)")
    group.add_argument("--no-cache", action="store_true", help="keep and use no results")
    group.add_argument("--jobs", metavar="N", type=_jobs, help="number of processes (default: as it pays)")
    group.add_argument("--show-files", action="store_true", help="list the files that would be checked")
    group.add_argument("--show-sql", action="store_true", help="list the SQL found, and what became of it")


def _add_output_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--output-format", choices=tuple(FORMATS), default="full", help="default: full")
    group.add_argument("--statistics", action="store_true", help="count findings by rule")
    group.add_argument("--exit-zero", action="store_true", help="exit with 0 in spite of findings")
    group.add_argument("--exit-non-zero-on-fix", action="store_true", help="exit with 1 if anything was fixed")
    group.add_argument("-q", "--quiet", action="store_true", help="findings only")
    group.add_argument("-v", "--verbose", action="store_true", help="say more about the run")


def _comma_separated(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _codes(text: str) -> list[str]:
    if not (codes := _comma_separated(text)):
        raise argparse.ArgumentTypeError("must name at least one rule")
    return codes


def _jobs(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a number from 1, not {text!r}")
    return int(text)
