"""Nothing but findings is printed: sqlglot's warnings about SQL it cannot write are none."""

from __future__ import annotations

import logging

import pytest

from sqlite_lint import lint_text


def test_no_library_warns(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        lint_text("SELECT to_char(a, 'YYYY'), b'01', max(c), min(c) FROM t GROUP BY to_char(a, 'YYYY')")
    assert caplog.records == []
