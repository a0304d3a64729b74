"""Filters of fix templates: ``$s:minus`` is what the filter ``minus`` makes of the text that ``$s`` stands for.

Each takes the source text of one metavariable and gives the text for the fix, or None where it cannot say it: then the
pattern is tried with the next entry of the rule's page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlite_lint.filter_literals import (
    array_items,
    bits,
    blob,
    colon,
    less_one,
    undollared,
    unescape,
    unicode_escapes,
    unprefixed,
    upper,
)
from sqlite_lint.filter_patterns import contained, glob, json_path, key, like, outside, similar
from sqlite_lint.filter_times import field, minus, plus, strftime, strftime_of_mysql, units

FILTERS: Final[dict[str, Callable[[str], str | None]]] = {
    function.__name__: function
    for function in (
        unescape,
        unicode_escapes,
        unprefixed,
        bits,
        undollared,
        upper,
        array_items,
        plus,
        minus,
        units,
        strftime,
        strftime_of_mysql,
        blob,
        colon,
        field,
        json_path,
        key,
        glob,
        like,
        outside,
        similar,
        less_one,
        contained,
    )
}
