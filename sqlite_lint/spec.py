"""Reads a rule from its page: TOML front matter, then Markdown whose fenced examples are the rule's tests.

``rules/README.md`` describes the format.  A page that does not follow it raises ``SpecError`` with file and line, so
that a mistake shows when the page is written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlite_lint.diagnostic import Severity
from sqlite_lint.regex import regex
from sqlite_lint.rule import Detect, Example, Rule, Scope
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.text import Applicability

FENCE: Final = "+++"
KINDS: Final = ("setup", "bad", "good", "instead", "ok", "rows", "run", "prints")

_INFO: Final = regex(r"^```(?P<language>[a-z-]+)[ ]+(?P<kind>[a-z]+)(?P<options>(?:[ ]+\S+=\S+)*)[ ]*$")
_MARKER: Final = regex(r"^\s*(?:--|#)?\s*\^+(?:\.\.\.)?(?:\s+(?:\^+(?:\.\.\.)?|[A-Z]+\d{3}))*\s*$")
_CARETS: Final = regex(r"(?P<carets>\^+)(?P<on>\.\.\.)?(?:\s+(?P<code>[A-Z]+\d{3}))?")
_DETECT_KEYS: Final = frozenset(
    {"pattern", "fix", "title", "applicability", "caveat", "message", "where", "since", "needs", "show", "remove"}
)
_FUNCTION_KEYS: Final = _DETECT_KEYS - {"pattern"} | {"name", "args"}
_RULE_KEYS: Final = frozenset(Rule._fields) - {"detects", "body", "examples", "path"}


class SpecError(ValueError):
    """A rule's page does not follow the format."""


def load_rule(text: str, path: str, *, with_examples: bool = True) -> Rule:
    """Read the page ``text`` of the file ``path``; raises SpecError."""
    front, body = split_page(text, path)
    return rule_from(parse_toml(front, path), path, body, with_examples)


def split_page(text: str, path: str) -> tuple[str, str]:
    """Front matter and Markdown of a page."""
    parts = text.split(FENCE + "\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise SpecError(f"{path}: the page must begin with TOML between two lines {FENCE}")
    return parts[1], parts[2]


def parse_toml(text: str, path: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        data: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SpecError(f"{path}: {error}") from None
    return data


def rule_from(data: Mapping[str, Any], path: str, body: str = "", with_examples: bool = True) -> Rule:
    """Build the rule that the front matter ``data`` describes; raises SpecError."""
    rest = dict(data)
    detects = [*_detects(rest.pop("detect", []), path), *_functions(rest.pop("function", []), path)]
    unknown = set(rest) - _RULE_KEYS
    if unknown:
        raise SpecError(f"{path}: unknown key {', '.join(sorted(unknown))}")
    try:
        return Rule(
            **{
                **rest,
                "severity": Severity(rest.get("severity", "error")),
                "scope": Scope(rest.get("scope", "statement")),
                "tokens": tuple(rest.get("tokens", ())),
                "kinds": frozenset(Kind.named(kind) for kind in rest.get("kinds", ())),
            },
            detects=tuple(detects),
            body=body,
            examples=tuple(examples(body, path)) if with_examples else (),
            path=path,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SpecError(f"{path}: {error}") from None


def _detects(tables: list[dict[str, Any]], path: str) -> Iterator[Detect]:
    for table in tables:
        _check_keys(table, _DETECT_KEYS, path, "detect")
        patterns = table.get("pattern", ())
        for pattern in [patterns] if isinstance(patterns, str) else patterns:
            yield _detect(pattern, table, path)


def _functions(tables: list[dict[str, Any]], path: str) -> Iterator[Detect]:
    for table in tables:
        _check_keys(table, _FUNCTION_KEYS, path, "function")
        names = table["name"]
        where = dict(table.get("where", {}))
        if "args" in table:
            where["args"] = str(table["args"])
        for name in [names] if isinstance(names, str) else names:
            yield _detect(f"{name}($args)", {**table, "where": where}, path, call=True)


def _check_keys(table: Mapping[str, Any], known: frozenset[str], path: str, what: str) -> None:
    if unknown := set(table) - known:
        raise SpecError(f"{path}: unknown key in [[{what}]]: {', '.join(sorted(unknown))}")


def _detect(pattern: str, table: Mapping[str, Any], path: str, call: bool = False) -> Detect:
    fix, caveat = table.get("fix"), table.get("caveat", "")
    applicability = table.get("applicability", "unsafe" if caveat else "safe")
    try:
        return Detect(
            pattern=pattern,
            fix=fix,
            title=table.get("title", ""),
            caveat=caveat,
            applicability=Applicability[applicability.upper()],
            message=table.get("message"),
            where=table.get("where", {}),
            since=parse_version(table["since"]) if "since" in table else None,
            needs=parse_version(table["needs"]) if "needs" in table else None,
            show=table.get("show", ""),
            remove=table.get("remove", False),
            call=call,
        )
    except (KeyError, ValueError) as error:
        raise SpecError(f"{path}: {pattern}: {error}") from None


def parse_version(text: str) -> tuple[int, int]:
    """``"3.40"`` as (3, 40); raises ValueError."""
    major, minor = text.split(".")[:2]
    return int(major), int(minor)


def examples(body: str, path: str = "") -> Iterator[Example]:
    """The fenced examples of a page that have a kind, each with the set-up before it."""
    lines = body.split("\n")
    setup = ""
    at = 0
    while at < len(lines):
        opening = lines[at]
        at += 1
        if not opening.startswith("```"):
            continue
        try:
            end = lines.index("```", at)
        except ValueError:
            raise SpecError(f"{path}: a fence is not closed: {opening}") from None
        info = _INFO.match(opening)
        if info:
            if info["kind"] not in KINDS:
                raise SpecError(f"{path}: unknown kind of example: {info['kind']}")
            code = "\n".join(lines[at:end]) + "\n"
            options = dict(option.split("=", 1) for option in info["options"].split())
            if info["kind"] == "setup":
                setup = code
            else:
                yield Example(info["kind"], info["language"], code, setup, options, at)
        at = end + 1


def split_markers(code: str) -> tuple[str, list[tuple[int, int, int | None, str | None]]]:
    """Take the marker lines out of an example.

    Returns the code without them and the marks: row and column from 1, the exclusive end column (None where the span
    goes on beyond its first row), and the code that stands beside it.
    """
    kept: list[str] = []
    marks: list[tuple[int, int, int | None, str | None]] = []
    for line in code.split("\n"):
        if not _MARKER.match(line):
            kept.append(line)
            continue
        for found in _CARETS.finditer(line):
            end = None if found["on"] else found.end("carets") + 1
            marks.append((len(kept), found.start() + 1, end, found["code"]))
    return "\n".join(kept), marks
