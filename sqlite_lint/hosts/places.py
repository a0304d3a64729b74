"""What the place of a text says of its engine: the configuration, the file's path, the head of a .sql file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from sqlite_lint.hosts.engines import SQLITE, named, text_engines, title
from sqlite_lint.hosts.model import Engine
from sqlite_lint.regex import regex


def path_engines(relative: str) -> frozenset[str]:
    """The engines that a path names; its last part that names any decides."""
    parts = [part for part in relative.replace("\\", "/").split("/") if part not in {"", ".", ".."}]
    if parts:
        parts[-1] = re.sub(r"(?<=.)\.(py|pyi|sql)\Z", "", parts[-1])
    for part in reversed(parts):
        found = named(part.replace(".", "_").replace("-", "_"))
        if found:
            return found
    return frozenset()


def configured_engine(path: str, root: str | None, dialects: Mapping[str, str]) -> tuple[Engine, str] | None:
    """What the configuration's ``dialects`` says of a path: ``{"legacy/pg/*": "postgresql"}``."""
    if not dialects:
        return None
    from sqlite_lint.globs import matches

    for pattern, dialect in dialects.items():
        if matches([pattern], path, root):
            if dialect.lower() in {"sqlite", "sqlite3"}:
                return Engine.SQLITE, "the configuration says so"
            return Engine.OTHER, f"the configuration says {title(dialect.lower())}"
    return None


_TWO_ENDED: Final = regex(
    r"\b(?:from|to|into|port\w*|migrat\w*|convert\w*|unlike|like|instead|both|not|no|compat\w*|originally|formerly|once|"
    r"replac\w*|than|or|e\.g|such as|mimic\w*|emulat\w*|style|inspired)\b",
    re.IGNORECASE,
)


_ONLY: Final = regex(r"\b([A-Za-z][A-Za-z0-9]*)[ -](?:only|specific)\b", re.IGNORECASE)


def docstring_engines(docstring: str, beside_sqlite: bool = False) -> frozenset[str]:
    """The engine that a docstring's first sentence plainly says its code is for; none where SQLite may be meant too.

    In a file that speaks of SQLite as well (``beside_sqlite``), it must say so in words such as "PostgreSQL only".
    """
    sentence = re.split(r"\.\s|\n\s*\n", docstring.strip(), maxsplit=1)[0][:300]
    if _TWO_ENDED.search(sentence):
        return frozenset()
    spoken = (_ONLY if beside_sqlite else re.compile(r"[A-Za-z][A-Za-z0-9]*")).findall(sentence)
    names = frozenset().union(*map(named, spoken))
    return names if len(names) == 1 and SQLITE not in names else frozenset()


_HEADER_DIALECT: Final = regex(
    r"\b(?:dialect|engine|database|for|target|vendor|backend|flavou?r)\s*[:=]?\s*([A-Za-z0-9+]+)"
    r"|\b([A-Za-z0-9]+)[ -](?:only|specific|dialect|schema|migrations?|ddl)\b",
    re.IGNORECASE,
)
_DUMPS: Final = (
    ("-- PostgreSQL database dump", "postgresql"),
    ("-- MySQL dump", "mysql"),
    ("-- MariaDB dump", "mysql"),
    ("-- phpMyAdmin SQL Dump", "mysql"),
    ("/*!40101 SET", "mysql"),
    ("/*M!", "mysql"),
)


def header_engines(head: str) -> tuple[str | None, frozenset[str]]:
    """The engine of which a file is a dump, and the engines that its first comments name."""
    for mark, engine in _DUMPS:
        if mark in head:
            return engine, frozenset()
    comments = " ".join(re.findall(r"--[^\n]*|/\*.*?\*/|\{#.*?#\}", head, re.DOTALL)[:6])
    said = frozenset().union(*(text_engines(word) for pair in _HEADER_DIALECT.findall(comments) for word in pair))
    return None, said | {SQLITE} if "sqlite" in comments.lower() else said
