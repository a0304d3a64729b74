"""Patterns, conditions and fix templates, on rules made up for the purpose."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sqlite_lint.catalog import rules
from sqlite_lint.config import Config
from sqlite_lint.hosts.model import ParamStyle, Sink, SqlUse
from sqlite_lint.hosts.sqltext import SqlText
from sqlite_lint.match import Matcher
from sqlite_lint.pattern import PatternError, expand
from sqlite_lint.rule import Hit, Rule, SqlContext
from sqlite_lint.spec import SpecError, load_rule
from sqlite_lint.sql.schema import Schema
from sqlite_lint.sql.statement import split
from sqlite_lint.sql.witness import Verdict, VerdictKind
from sqlite_lint.text import Applicability, Edit, Span, apply_edits

HEAD = 'code = "SQL999"\nname = "made-up"\nsummary = "s"\nmessage = "found {text}"\n'


def rule(front: str, code: str = "SQL999") -> Rule:
    return load_rule(f"+++\n{HEAD.replace('SQL999', code)}{front}\n+++\n", "SQL999-made-up.md")


def hits(sql: str, *fronts: str, driver: str | None = None, target: tuple[int, int] = (3, 40)) -> list[Hit]:
    matcher = Matcher([rule(front, f"SQL99{number}") for number, front in enumerate(fronts)])
    use = SqlUse(SqlText.verbatim(sql), Sink.EXECUTE, Span(0, 0), driver=driver, paramstyle=ParamStyle.SQLITE)
    verdict = Verdict(VerdictKind.UNKNOWN)
    context = SqlContext(Config(functions=("own_function",)), use, verdict, Schema(), target)
    return [hit for statement in split(sql) for _, hit in matcher.hits(statement, context)]


def fixed(sql: str, pattern: str, fix: str, more: str = "") -> str:
    """``sql`` with the first finding mended."""
    found = hits(sql, f"[[detect]]\npattern = {pattern!r}\nfix = {fix!r}\n{more}")
    assert found, "nothing found"
    assert found[0].fix is not None, found[0].withheld
    return apply_edits(sql, [Edit(*edit) for edit in found[0].fix.edits])


def shown(sql: str, front: str, **settings: object) -> Iterator[str]:
    for hit in hits(sql, front, **settings):  # type: ignore[arg-type]
        yield sql[hit.span.start : hit.span.end]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT a || b ~~ c AND d", "SELECT a || b LIKE c AND d"),
        ("SELECT NOT a ~~ lower(b) || 'x' OR c", "SELECT NOT a LIKE lower(b) || 'x' OR c"),
        ("SELECT a ~~ CASE WHEN b THEN 'x' END, c", "SELECT a LIKE CASE WHEN b THEN 'x' END, c"),
        ("SELECT t.a~~'x'", "SELECT t.a LIKE 'x'"),
        ("SELECT a\n  ~~ -- why\n  'x'", "SELECT a\n  LIKE -- why\n  'x'"),
    ],
)
def test_operands_reach_as_far_as_precedence_says(sql: str, expected: str) -> None:
    assert fixed(sql, "$x ~~ $y", "$x LIKE $y") == expected


@pytest.mark.parametrize(
    ("sql", "fix", "expected"),
    [
        ("SELECT a /* one */ ^ b /* two */", "power($x, $y)", "SELECT power(a /* one */ , b) /* two */"),
        ("SELECT a ^ b", "f($y)", "SELECT f(b)"),
        ("SELECT a ^ b", "f($y, $x)", "SELECT f(b, a)"),
        ("SELECT a ^ b", "f($x, $x, $y)", "SELECT f(a, a, b)"),
        ("SELECT a^b", "$x XOR $y", "SELECT a XOR b"),
        ("SELECT a ^ b, c", "1", "SELECT 1, c"),
        ("SELECT a ^ b", "$x", "SELECT a"),
    ],
)
def test_template_replaces_only_what_stands_between_the_operands(sql: str, fix: str, expected: str) -> None:
    assert fixed(sql, "$x ^ $y", fix) == expected


def test_fix_is_withheld_where_it_would_lose_a_comment() -> None:
    found = hits("SELECT a IS /* not */ UNKNOWN", "[[detect]]\npattern = '$x IS UNKNOWN'\nfix = '$x = 1'")
    assert found[0].fix is None
    assert found[0].withheld == "a comment stands inside the construct"


def test_arguments_keep_their_layout() -> None:
    front = "[[function]]\nname = 'strpos'\nargs = '2'\nfix = 'instr($args)'"
    sql = "SELECT strpos(\n  a, -- text\n  'x'\n)"
    found = hits(sql, front)
    assert found[0].fix is not None
    assert apply_edits(sql, [Edit(*e) for e in found[0].fix.edits]) == "SELECT instr(\n  a, -- text\n  'x'\n)"


def test_default_expression_gets_brackets() -> None:
    sql = "CREATE TABLE t (a TEXT DEFAULT now())"
    assert fixed(sql, "now()", "datetime('now')") == "CREATE TABLE t (a TEXT DEFAULT (datetime('now')))"
    assert fixed(sql, "now()", "CURRENT_TIMESTAMP") == "CREATE TABLE t (a TEXT DEFAULT CURRENT_TIMESTAMP)"


def test_deleting_a_clause_takes_the_space_before_it() -> None:
    assert fixed("SELECT a FROM t FOR UPDATE", "FOR UPDATE", "") == "SELECT a FROM t"
    assert fixed("SELECT a FROM t -- c\nFOR UPDATE", "FOR UPDATE", "") == "SELECT a FROM t -- c\n"
    assert fixed("SELECT DISTINCTROW a", "SELECT DISTINCTROW $x", "SELECT $x") == "SELECT a"
    assert fixed("SELECT DISTINCTROW a", "SELECT DISTINCTROW $x", "SELECT$x") == "SELECT a"


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE now (a)",
        "INSERT INTO now (a) VALUES (1)",
        "WITH now (a) AS (SELECT 1) SELECT 1",
        "CREATE INDEX i ON now (a)",
        "CREATE TABLE t (a INTEGER REFERENCES now (id))",
        "SELECT x.now(1)",
        "SELECT now FROM t",
        "SELECT 'now()' AS \"now()\" -- now()",
        "CREATE TABLE t (at now(3))",
    ],
)
def test_noop_where_a_name_is_no_call(sql: str) -> None:
    assert hits(sql, "[[function]]\nname = 'now'") == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT now()",
        "now()",
        "SELECT f(1, now ())",
        "INSERT INTO t VALUES (now())",
        "UPDATE t SET a = now() WHERE b > now()",
        "CREATE TABLE t (at TEXT DEFAULT now())",
        "SELECT pg_catalog.now()",
        "SELECT 1 FROM t ORDER BY now() DESC",
    ],
)
def test_calls_are_found_wherever_an_expression_may_stand(sql: str) -> None:
    assert hits(sql, "[[function]]\nname = 'now'")


def test_noop_for_functions_that_the_connection_has() -> None:
    assert hits("SELECT own_function(1)", "[[function]]\nname = 'own_function'") == []
    assert hits("SELECT md5(1)", "[[function]]\nname = 'md5'", driver="django") == []
    assert hits("SELECT md5(1)", "[[function]]\nname = 'md5'", driver="sqlite3")


def test_longer_pattern_wins_over_the_one_inside_it() -> None:
    outer = "[[detect]]\npattern = '$x ILIKE ANY ('"
    inner = "[[detect]]\npattern = 'ANY ('"
    sql = "SELECT a ILIKE ANY (b), c = ANY (d)"
    assert [sql[h.span.start : h.span.end] for h in hits(sql, inner, outer)] == ["ILIKE ANY", "ANY"]


def test_first_entry_whose_conditions_hold_counts() -> None:
    front = """
[[function]]
name = "f"
args = "1"
message = "one"
[[function]]
name = "f"
args = "2-3"
message = "few"
[[function]]
name = "f"
message = "any"
"""
    found = [h.message for h in hits("SELECT f(1), f(1, (2, 3)), f(1, 2, 3), f(), f(1, 2, 3, 4)", front)]
    assert found == ["one", "few", "few", "any", "any"]


@pytest.mark.parametrize(
    ("where", "sql", "count"),
    [
        ("first = true", "SHOW x; SELECT SHOW", 1),
        ('keyword = ["SHOW"]', "SHOW x; SELECT SHOW", 1),
        ('clause = ["WHERE"]', "SELECT SHOW FROM t WHERE SHOW", 1),
        ('not_clause = ["WHERE"]', "SELECT SHOW FROM t WHERE SHOW", 1),
        ('previous = [","]', "SELECT SHOW, SHOW", 1),
        ('next_not = [","]', "SELECT SHOW, SHOW", 1),
        ('previous_clause = ["FROM"]', "SELECT a FROM t WHERE b = SHOW; SELECT a FROM t SHOW", 1),
        ('holds = ["a"]', "SELECT SHOW; SELECT SHOW", 0),
        ('driver = ["sqlite3"]', "SELECT SHOW", 0),
        ('sink = ["execute"]', "SELECT SHOW", 1),
        ('paramstyle = ["sqlite"]', "SELECT SHOW", 1),
        ('config = { ilike-fix = "lower" }', "SELECT SHOW", 1),
        ('lacks = "own_function"', "SELECT SHOW", 0),
    ],
)
def test_conditions(where: str, sql: str, count: int) -> None:
    assert len(hits(sql, f"[[detect]]\npattern = 'SHOW'\nwhere = {{ {where} }}")) == count


@pytest.mark.parametrize(
    ("kind", "operand"),
    [
        ("string", "'a'"),
        ("number", "1.5"),
        ("integer", "1"),
        ("integer", "count(*)"),
        ("param", ":a"),
        ("null", "NULL"),
        ("word", "a"),
        ("name", '"a b"'),
        ("path", "t.a"),
        ("call", "f(a, b)"),
        ("cast", "CAST(a AS TEXT)"),
        ("cast", "a::text"),
        ("array", "ARRAY[1, 2]"),
        ("subquery", "(SELECT 1)"),
        ("row", "(1, 2)"),
        ("brackets", "(1)"),
        ("blob", "x'00'"),
        ("json", "a ->> 'b'"),
        ("expression", "a + 1"),
    ],
)
def test_kinds_of_operands(kind: str, operand: str) -> None:
    front = f"[[detect]]\npattern = '$x IS UNKNOWN'\nwhere = {{ is = {{ x = '{kind}' }} }}"
    assert hits(f"SELECT {operand} IS UNKNOWN", front)
    assert hits(f"SELECT {operand} IS UNKNOWN", front.replace("is =", "is_not =")) == []


def test_what_sqlite_has_at_the_target_is_silent_and_named_below() -> None:
    front = "[[function]]\nname = 'string_agg'\nsince = '3.44'"
    assert hits("SELECT string_agg(a)", front, target=(3, 44)) == []
    assert hits("SELECT string_agg(a)", front)[0].message == "{text} needs SQLite 3.44; the target is 3.40"


def test_fix_that_needs_a_newer_sqlite_is_not_offered_below_it() -> None:
    front = "[[detect]]\npattern = 'SHOW'\nfix = 'x'\nneeds = '3.44'\n[[detect]]\npattern = 'SHOW'"
    assert hits("SELECT SHOW", front)[0].fix is None
    assert hits("SELECT SHOW", front, target=(3, 44))[0].fix is not None


def test_caveat_makes_a_fix_unsafe_and_stands_in_its_title() -> None:
    fix = hits("SELECT SHOW", "[[detect]]\npattern = 'SHOW'\nfix = 'x'\ncaveat = 'perhaps'")[0].fix
    assert fix is not None
    assert (fix.title, fix.applicability) == ("Write `x` (perhaps)", Applicability.UNSAFE)


def test_only_the_construct_is_pointed_at() -> None:
    assert list(shown("SELECT abc::numeric(10, 2)", "[[detect]]\npattern = '$x::$type'")) == ["::numeric(10, 2)"]
    assert list(shown("SELECT f(a, b)", "[[function]]\nname = 'f'")) == ["f"]
    assert list(shown("SELECT f()", "[[function]]\nname = 'f'")) == ["f()"]
    assert list(shown("SELECT a - INTERVAL '1 day'", "[[detect]]\npattern = '$x - INTERVAL $interval'")) == [
        "- INTERVAL '1 day'"
    ]


def test_patterns_that_cannot_be_looked_for_are_refused() -> None:
    for pattern in ("", "$x", "$x $y FOO", "{A|{B|C}}", "$unknown FOO", "A $x B $x"):
        with pytest.raises(PatternError):
            list(expand(pattern))


@pytest.mark.parametrize(
    "front",
    [
        "[[detect]]\nfix = 1\nnonsense = 2",
        "nonsense = 1",
        "[[detect]]\npattern = 'a'\napplicability = 'often'",
        "severity = 'bad'",
        "scope = 'world'",
        "[[detect]",
    ],
)
def test_a_page_that_does_not_follow_the_format_is_refused(front: str) -> None:
    with pytest.raises(SpecError):
        rule(front)


def test_unknown_condition_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown condition"):
        hits("SELECT A", "[[detect]]\npattern = 'A'\nwhere = { nonsense = 1 }")


def test_unknown_filter_is_refused() -> None:
    with pytest.raises(KeyError):
        hits("SELECT A 'x'", "[[detect]]\npattern = 'A $s'\nfix = '$s:nonsense'")


_CATALOG = Matcher(rules())
_SOUP = sorted({word for r in rules() for d in r.detects for word in d.pattern.replace("$args", "a").split()})
_MORE = (
    "( ) [ ] , . ; :: - + * a b t.x 1 2.5 'x' '1 day' \"q\" ? :p %s \ue000 CASE WHEN END SELECT FROM WHERE AND -- /*c*/"
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*_SOUP, *_MORE.split(" ")]), max_size=25), st.sampled_from([" ", "", "\n"]))
def test_no_text_makes_the_rules_fail(words: list[str], joint: str) -> None:
    sql = joint.join(words)
    use = SqlUse(SqlText.verbatim(sql), Sink.EXECUTE, Span(0, 0))
    context = SqlContext(Config(), use, Verdict(VerdictKind.UNKNOWN), Schema(), (3, 40))
    for statement in split(sql):
        for found, hit in _CATALOG.hits(statement, context):
            assert (hit.message or found.message).format_map(hit.values)
            assert statement.span.start <= hit.span.start <= hit.span.end <= statement.span.end
            if hit.fix is not None:
                assert apply_edits(sql, [Edit(*edit) for edit in hit.fix.edits]) != sql
