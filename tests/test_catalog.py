"""The set of rules as a whole."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter

import pytest

from sqlite_lint import catalog
from sqlite_lint.condition import Condition
from sqlite_lint.pattern import expand
from sqlite_lint.rule import Scope
from sqlite_lint.template import Template


def test_rules_are_found_by_code_and_by_name_in_any_case() -> None:
    assert catalog.rule("sql101").name == "ilike"
    assert catalog.rule("ILIKE".lower()).code == "SQL101"
    with pytest.raises(KeyError):
        catalog.rule("SQL000")


def test_rules_are_in_the_order_of_their_codes() -> None:
    codes = [rule.code for rule in catalog.rules()]
    assert codes == sorted(codes)


def test_every_check_can_be_called() -> None:
    for rule in catalog.rules():
        if rule.check:
            assert callable(rule.load_check()), rule.code


def test_every_rule_finds_something_or_belongs_to_the_tool() -> None:
    for rule in catalog.rules():
        assert rule.scope is Scope.TOOL or rule.check or rule.detects, rule.code


def test_every_pattern_condition_and_template_can_be_read() -> None:
    for rule in catalog.rules():
        for detect in rule.detects:
            names = {part.text for pattern in expand(detect.pattern) for part in pattern.parts}
            Condition(detect.where, detect.call)
            if detect.fix is not None:
                Template(detect.fix)
                variables = set(re.findall(r"\$([a-z]+\d*)", detect.fix))
                assert variables <= names, (rule.code, detect.pattern, detect.fix)


def test_a_function_is_described_by_one_page_only() -> None:
    pages = {(rule.code, detect.pattern) for rule in catalog.rules() for detect in rule.detects if detect.call}
    counts = Counter(pattern for _, pattern in pages)
    assert [pattern for pattern, count in counts.items() if count > 1] == []


def test_summaries_are_one_line_without_a_full_stop() -> None:
    for rule in catalog.rules():
        assert "\n" not in rule.summary, rule.code
        assert not rule.summary.endswith("."), rule.code


def test_messages_quote_only_what_there_is() -> None:
    for rule in catalog.rules():
        for detect in rule.detects:
            known = {"text", *(part.text for pattern in expand(detect.pattern) for part in pattern.parts)}
            message = detect.message or rule.message
            assert set(re.findall(r"\{(\w+)\}", message)) <= known, (rule.code, detect.pattern, message)


def test_listing_the_rules_imports_neither_parser_nor_engine() -> None:
    code = "import sys; from sqlite_lint import catalog; catalog.rules(); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"sqlglot", "libcst", "sqlite3", "json"} & set(modules)
