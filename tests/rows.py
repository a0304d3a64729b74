"""Rows of two engines made comparable: only what ``data/facts/README.md`` names is forgiven."""

from __future__ import annotations

import datetime
import decimal
import json
import re
import uuid
from collections.abc import Sequence
from typing import Any

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(\.\d+)?(Z|[+-]\d\d(?::?\d\d)?)?")


def plain(value: Any) -> Any:
    """A value as JSON's types: numbers, text, lists, dicts; times as ISO text in UTC."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
        return _moment(value.isoformat(" "))
    if isinstance(value, (datetime.date, datetime.time, datetime.timedelta, uuid.UUID)):
        return str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return _text(value) if isinstance(value, str) else value


def _text(value: str) -> Any:
    if value[:1] in {"[", "{"}:
        try:
            return plain(json.loads(value))
        except ValueError:
            return value
    return _moment(value)


def _moment(value: str) -> str:
    found = _MOMENT.fullmatch(value)
    if found is None or found[4] not in {None, "Z", "+00", "+0000", "+00:00"}:
        return value
    fraction = (found[3] or "").rstrip("0").rstrip(".")
    return f"{found[1]} {found[2]}{fraction}"


def equal(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return abs(one - other) <= 1e-9 * max(1.0, abs(one), abs(other))
    return bool(one == other)


def same_rows(one: Sequence[Sequence[Any]], other: Sequence[Sequence[Any]], ordered: bool) -> bool:
    """Compare results, as multisets where the query orders nothing."""
    left, right = ([plain(list(row)) for row in rows] for rows in (one, other))
    if not ordered:
        left, right = sorted(left, key=_sort_key), sorted(right, key=_sort_key)
    return equal(left, right)


def _sort_key(row: Any) -> str:
    return repr([f"{item:.9g}" if isinstance(item, (int, float)) else repr(item) for item in row])
