"""The measured cases that are not found, each with its reason.

``data/facts/open.txt`` lists those whose rule is still to be written: it only shrinks, and tests fail when a case in it
is found.
"""

from __future__ import annotations

from tests.facts import FACTS


def _by_id(groups: dict[str, str]) -> dict[str, str]:
    return {case: reason for reason, cases in groups.items() for case in cases.split()}


OPEN = frozenset((FACTS / "open.txt").read_text(encoding="utf-8").split())

REASONED_ERRORS = _by_id(
    {
        "the state of the connection decides": "tx_commit_none tx_nested_begin tx_rollback_none",
        "the tables that are there decide": "table_case ins_fewer_cols",
        "the name before the dot may be an attached database": "my_db_qualified",
        "the data decide: an integer overflows": "math_sum_overflow",
        "a key that begins with $ is a path on SQLite, and nearly always meant as one": "json_key_dollar",
        "%% in a text is harmless, the %s beside it is reported": "par_pct_escape",
    }
)

REASONED_DIFFERENCES = _by_id(
    {
        "the data decide: a value of another type is stored as it is": """
            affinity_store_float_int affinity_store_numeric_scale affinity_store_text_int bool_store_any
            int_col_bad_text dt_insert_bad dt_insert_t json_bad_store my_varchar_overflow
            varchar_overflow my_unsigned arr_insert_literal""",
        "the data decide: rounding, overflow, division by zero, the order of rows": """
            math_div_zero_col math_int4_overflow math_round_exact math_decimal_exact
            math_decimal_filter limit_negative agg_bare_nogroup
            scalar_subq_many my_group_order my_log""",
        "the data decide: letters beyond ASCII, texts that differ in case or in spaces at the end (MySQL's collations)": """
            str_lower_unicode my_case_insensitive_eq my_group_case my_trailing_space""",
        "the data decide: rounding of a half": "my_round",
        "SQLite's own literal of a BLOB: only beside the origin's schema it is known to be a string of bits": "lit_x_bytes",
        "what the program does with the name or the length of the text decides": "my_json_type dt_current_timestamp_len",
        "the origin refuses it, SQLite takes it": """
            having_alias in_empty join_no_on lit_dqs_typo my_adjacent upsert_no_target_update
            tx_begin_immediate quoted_case_lookup col_fk_missing_table my_having_alias
            text_int_cmp lit_hex_0x""",
        "a column's constraint or type decides, at another place": "pk_int_null pk_null fk_not_enforced",
    }
)

ERRORS = {**REASONED_ERRORS, **dict.fromkeys(OPEN, "open")}
SILENT_DIFFERENCES = {**REASONED_DIFFERENCES, **dict.fromkeys(OPEN, "open")}

NOT_IN_FILES = _by_id(
    {
        "a .sql file that loads data with psql's COPY is PostgreSQL's": "adm_copy_from",
    }
)

REPORTED_THOUGH_SAME = _by_id(
    {
        "text in double quotes is text only while no column has that name: SQL402": "my_dq_escape my_dqs",
        "MySQL loses the columns left out just as SQLite does, and neither says so: SQL460": "my_replace",
    }
)
