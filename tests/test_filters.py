"""What the filters of fix templates make of a text."""

from __future__ import annotations

import sqlite3

import pytest

from sqlite_lint.filters import FILTERS


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("unescape", r"E'it\'s'", "'it''s'"),
        ("unescape", r"E'it''s'", "'it''s'"),
        ("unescape", r"E'a\\b'", r"'a\b'"),
        ("unescape", r"e'\u00e9\x41\101'", "'éAA'"),
        ("unescape", r"E'a\nb'", "('a' || char(10) || 'b')"),
        ("unescape", r"E'\n'", "char(10)"),
        ("unescape", r"E'\000'", None),
        ("unescape", r"E'\ud800'", None),
        ("unescape", "E''", "''"),
        ("unicode_escapes", r"U&'\0041\+0000e9\\'", r"'Aé\'"),
        ("unprefixed", "N'a''b'", "'a''b'"),
        ("bits", "B'1010'", "10"),
        ("undollared", "$$it's$$", "'it''s'"),
        ("undollared", "$q$a $$ b$q$", "'a $$ b'"),
        ("array_items", "'{1, 3,NULL}'", "1, 3, NULL"),
        ("array_items", "'{a,b}'", "'a', 'b'"),
        ("array_items", "'{}'", None),
        ("array_items", "'{\"a,b\"}'", None),
        ("minus", "'7 days'", "'-7 days'"),
        ("plus", "'1 day 2 hours'", "'+1 day', '+2 hours'"),
        ("minus", "'2 weeks'", "'-14 days'"),
        ("plus", "'-1 month'", "'-1 month'"),
        ("plus", "'1 day ago'", "'-1 day'"),
        ("plus", "'01:30:00'", "'+1 hour', '+30 minutes'"),
        ("minus", "'P1Y2M'", "'-1 year', '-2 months'"),
        ("minus", "'1.5 hours'", "'-1.5 hours'"),
        ("minus", "7 DAY", "'-7 days'"),
        ("plus", "'3' MONTH", "'+3 months'"),
        ("minus", ":n HOUR", "'-' || :n || ' hours'"),
        ("minus", ":n WEEK", None),
        ("minus", "'a while'", None),
        ("minus", "''", None),
        ("units", "'1 day'", "' days'"),
        ("units", "'2 days'", None),
        ("strftime", "'YYYY-MM-DD HH24:MI:SS'", "'%Y-%m-%d %H:%M:%S'"),
        ("strftime", "'DD/MM/YYYY'", "'%d/%m/%Y'"),
        ("strftime", "'YYYY\"T\"HH24'", "'%YT%H'"),
        ("strftime", "'Mon YYYY'", None),
        ("strftime", "'HH12'", None),
        ("strftime_of_mysql", "'%Y-%m-%d %H:%i:%s'", "'%Y-%m-%d %H:%M:%S'"),
        ("strftime_of_mysql", "'%M'", None),
        ("colon", "%(name)s", ":name"),
        ("colon", "%(a.b)s", None),
        ("field", "year", "'%Y'"),
        ("field", "'month'", "'%m'"),
        ("field", "week", None),
        ("json_path", "'{items,0,sku}'", "'$.items[0].sku'"),
        ("json_path", "'{a b}'", "'$.\"a b\"'"),
        ("json_path", "'{}'", None),
        ("key", "'dims'", ".dims"),
        ("key", "'0'", "[0]"),
        ("key", "'a\"b'", None),
        ("glob", "'^SKU-'", "'SKU-*'"),
        ("glob", "'x'", "'*x*'"),
        ("glob", "'^x$'", "'x'"),
        ("glob", "'a.b'", None),
        ("like", "'^la'", "'la%'"),
        ("like", "'a_b'", None),
        ("like", "'é'", None),
        ("outside", "'^[0-9]+$'", "'*[^0-9]*'"),
        ("outside", "'^[^0-9]+$'", "'*[0-9]*'"),
        ("outside", "'[0-9]+'", None),
        ("similar", "'SKU-%_'", "'SKU-*?'"),
        ("similar", "'a|b'", None),
        ("less_one", "1", "0"),
        ("less_one", "0", None),
        ("contained", "'{\"a\": \"it''s\"}'", "->> 'a' = 'it''s'"),
        ("contained", "'{\"a\": true}'", "-> 'a' = 'true'"),
        ("contained", '\'{"a": 1, "b": 2}\'', None),
        ("contained", "'[1]'", None),
        ("blob", r"'\xDEAD'", "X'DEAD'"),
        ("blob", "'abc'", None),
        ("upper", "abc", "ABC"),
    ],
)
def test_filter(name: str, text: str, expected: str | None) -> None:
    assert FILTERS[name](text) == expected


@pytest.mark.parametrize(
    ("literal", "value"),
    [(r"E'tab\there'", "tab\there"), (r"E'\\\''", "\\'"), (r"E'\n\n'", "\n\n"), (r"E'\342'", "\xe2")],
)
def test_unescaped_literal_is_the_same_text_on_sqlite(literal: str, value: str) -> None:
    made = FILTERS["unescape"](literal)
    assert sqlite3.connect(":memory:").execute(f"SELECT {made}").fetchone()[0] == value
