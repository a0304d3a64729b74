"""Names that a mistyped one may stand for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqlite_lint.sql import nearest as module
from sqlite_lint.sql.nearest import nearest

NAMES = st.text("abcd_", min_size=1, max_size=9)


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("custmers", ["orders", "customers"], ("customers",)),
        ("cutsomers", ["orders", "customers"], ("customers",)),
        ("customerid", ["customer_id", "customer"], ("customer_id",)),
        ("created", ["created_at", "id"], ("created_at",)),
        ("created", ["created_at", "created_by"], ("created_at", "created_by")),
        ("id", ["ix", "pid"], ()),
        ("orders", ["borders", "order"], ("borders", "order")),
        ("orders", ["products"], ()),
        ("log_2025", ["log_2026"], ()),
        ("log_2025", ["logs_2025"], ("logs_2025",)),
    ],
)
def test_nearest_names(name: str, known: list[str], expected: tuple[str, ...]) -> None:
    assert nearest(name, known) == expected


def _whole_distance(one: str, other: str) -> int:
    """Optimal string alignment as it is defined."""
    rows = [[i + j if not i * j else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            same = one[i - 1] == other[j - 1]
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (not same))
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


@given(NAMES, NAMES, st.integers(0, 2))
def test_distance_is_exact_up_to_its_bound(one: str, other: str, most: int) -> None:
    assert min(module._distance(one, other, most), most + 1) == min(_whole_distance(one, other), most + 1)


@given(NAMES, st.lists(NAMES, max_size=60))
def test_index_finds_what_comparing_one_by_one_finds(name: str, known: list[str]) -> None:
    few = nearest(name, known)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_FEW", 0)
        assert nearest(name, known) == few
