"""What the DDL of a project says about JSON: columns that give JSON values as they are, and indexes on expressions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlite_lint.sql.comparison import Range
from sqlite_lint.sql.definition import ColumnDefinition, definition, table_name
from sqlite_lint.sql.schema import Affinity, affinity_of
from sqlite_lint.sql.scope import scope_of
from sqlite_lint.sql.tokens import Kind
from sqlite_lint.sql.value import Source, value_of

if TYPE_CHECKING:
    from sqlite_lint.sql.statement import Statement


@dataclass(slots=True)
class JsonColumns:
    """Columns of views, and generated columns without a type, by their tables; names in lower case.

    ``keys`` holds their names in upper case, ``indexes`` the name of an index by the expression that it is on,
    ``checked`` the columns of a table that a CHECK with json_valid() keeps in order.
    """

    columns: dict[str, set[str]] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    indexes: dict[str, str] = field(default_factory=dict)
    checked: dict[str, set[str]] = field(default_factory=dict)

    def learn(self, statement: Statement) -> None:
        """Take in a CREATE statement that extracts from JSON.  Never raises."""
        kind = next((key for i in range(1, 4) if (key := statement.key(i)) in {"TABLE", "VIEW", "INDEX"}), "")
        if kind == "INDEX":
            self._learn_index(statement)
        elif kind == "TABLE":
            self._learn_table(statement)
        elif kind == "VIEW":
            self._learn_view(statement)

    def merge(self, other: JsonColumns) -> None:
        for table, names in other.columns.items():
            self._add(table, names)
        self.indexes.update(other.indexes)
        for table, names in other.checked.items():
            self.checked.setdefault(table, set()).update(names)

    def holds(self, table: str, name: str) -> bool:
        return name in self.columns.get(table, ())

    def index_on(self, statement: Statement, expression: Range) -> str:
        """The name of the index on this expression; "" if none is known."""
        return self.indexes.get(_normal(statement, expression), "") if self.indexes else ""

    def _add(self, table: str, names: set[str]) -> None:
        if names:
            self.columns.setdefault(table, set()).update(names)
            self.keys.update(name.upper() for name in names)

    def _learn_table(self, statement: Statement) -> None:
        table = definition(statement)
        if table is not None:
            name = statement.tokens[table.table[1] - 1].name
            self._add(name, {statement.tokens[c.name].name for c in table.columns if gives_json(statement, c)})
            checked = {
                statement.tokens[i + 2].name for i in statement.find("JSON_VALID") if statement.key(i + 1) == "("
            }
            self.checked.setdefault(name, set()).update(checked)

    def _learn_view(self, statement: Statement) -> None:
        at = next(statement.find("VIEW"))
        view = table_name(statement, at + 1)
        queries = [q for q in scope_of(statement).queries if statement.around[q.at.first] < 0]
        if view is None or not queries:
            return
        query = queries[0]
        named = query.outputs
        if statement.key(view[1]) == "(":
            names = [statement.tokens[first].name for first, _ in statement.arguments(view[1])]
            named = dict(zip(names, query.results, strict=True)) if len(names) == len(query.results) else {}
        found = {name for name, value in named.items() if value_of(statement, value).source is Source.JSON}
        self._add(statement.tokens[view[1] - 1].name, found)

    def _learn_index(self, statement: Statement) -> None:
        on = next(statement.find("ON"), None)
        table = None if on is None else table_name(statement, on + 1)
        if on is None or table is None or statement.key(table[1]) != "(":
            return
        name = statement.tokens[on - 1].text
        first, end = next(iter(statement.arguments(table[1])), (0, 0))  # an index serves its first expression
        if statement.key(end - 1) in {"ASC", "DESC"}:
            end -= 1
        if first < end:
            self.indexes.setdefault(_normal(statement, Range(first, end)), name)


def checked_names(statement: Statement) -> set[str]:
    """The names that stand in json_valid(), in lower case."""
    calls = (i for i in statement.find("JSON_VALID") if statement.key(i + 1) == "(" and statement.key(i + 2))
    return {statement.tokens[i + 2].name for i in calls}


def gives_json(statement: Statement, column: ColumnDefinition) -> bool:
    """Tell whether a column is generated from a JSON value, and has no type that would convert it."""
    part = column.part("GENERATED", "AS")
    declared = statement.text_of(column.name + 1, column.type_end)
    if part is None or affinity_of(declared) is not Affinity.BLOB:
        return False
    opening = next((i for i in range(part.start, part.end) if statement.key(i) == "("), None)
    if opening is None or opening not in statement.partner:
        return False
    return value_of(statement, Range(opening + 1, statement.partner[opening])).source is Source.JSON


def _normal(statement: Statement, expression: Range) -> str:
    """An expression without the differences that mean nothing: space, case of names, a table before a column."""
    first, end = expression
    while statement.key(first) == "(" and statement.partner.get(first) == end - 1:
        first, end = first + 1, end - 1
    words = []
    for i in range(first, end):
        token = statement.tokens[i]
        if token.key == "." or statement.key(i + 1) == ".":
            continue
        words.append(token.name if token.kind in (Kind.WORD, Kind.QUOTED) else token.text)
    return " ".join(words)
