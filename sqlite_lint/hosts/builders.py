"""Names by which query builders are known: what they build is no text."""

from __future__ import annotations

import ast
from typing import Final

BUILDERS: Final = frozenset(
    [
        "select",
        "insert",
        "update",
        "delete",
        "union",
        "union_all",
        "intersect",
        "exists",
        "func",
        "table",
        "and_",
        "or_",
        "Select",
        "Insert",
        "Update",
        "Delete",
        "CreateTable",
        "DropTable",
        "CreateIndex",
        "DropIndex",
        "AddConstraint",
        "DropConstraint",
        "CreateSchema",
        "DropSchema",
        "CreateView",
        "where",
        "values",
        "filter",
        "filter_by",
        "select_from",
        "order_by",
        "group_by",
        "limit",
        "offset",
        "returning",
        "on_conflict_do_update",
        "on_conflict_do_nothing",
        "join",
        "outerjoin",
        "with_for_update",
        "options",
        "subquery",
        "cte",
        "distinct",
        "having",
        "prefix_with",
        "from_select",
        "add_columns",
        "with_only_columns",
        "scalar_subquery",
        "join_from",
        "on_duplicate_key_update",
        "next_value",
        "Sequence",
        "into",
        "from_",
        "columns",
        "set",
    ]
)
CHAINED: Final = frozenset(
    [
        *(
            "where",
            "filter_by",
            "select_from",
            "order_by",
            "group_by",
            "returning",
            "on_conflict_do_update",
            "outerjoin",
        ),
        *("on_conflict_do_nothing", "with_for_update", "subquery", "having", "with_only_columns", "scalar_subquery"),
    ]
)
BUILDER_TYPES: Final = frozenset(
    [
        "Select",
        "Insert",
        "Update",
        "Delete",
        "Executable",
        "ClauseElement",
        "SelectBase",
        "Selectable",
        "TypedReturnsRows",
        "ColumnElement",
        "QuerySet",
        "Query",
    ]
)


def is_builder_annotation(annotation: ast.expr | None) -> bool:
    if annotation is None:
        return False
    names = {
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(annotation)
        if isinstance(node, ast.Name | ast.Attribute)
    }
    return bool(names & BUILDER_TYPES)
