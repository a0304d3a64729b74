"""The cheap question before any parsing: what must pass, and what should not."""

from __future__ import annotations

import pytest

from sqlite_lint.hosts.prefilter import may_concern


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1",
        "  select a from t",
        "import sqlite3",
        "import apsw",
        "cursor.execute(query)",
        "Q = 'SELECT * FROM t'",
        'Q = "select a\\n  from t"',
        'Q = """\n    SELECT a\n    FROM t\n"""',
        "Q = '\\nINSERT INTO t VALUES (1)'",
        "Q = ('update t set a = 1')",
        "Q = f'DELETE FROM {t}'",
        "Q = 'create unique index i on t (a)'",
        "Q = 'VACUUM'",
        "Q = 'BEGIN IMMEDIATE'",
        "path = 'shop.db'",
        "os.remove(path + '.db-wal')",
        "shutil.copy2(settings.db_path, target)",
        "self._conn.execute(x)",
        "get_db().execute(x)",
        "db\n    .execute(x)",
        "pool.execute(queries.INSERT_USER, user)",
        "pool.execute(f'{verb} x')",
        "await handle.executemany(x, rows)",
        "store.run(text(x)); handle.execute(text(x))",
    ],
)
def test_what_a_rule_may_concern_passes(text: str) -> None:
    assert may_concern(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "import os\n",
        "def update(self):\n    update = self.update\n    return update\n",
        "message = 'Select one of the options from the list'",
        "message = 'select one'",
        "raise ValueError('Delete the file first')",
        "select = 1\nfrom typing import Any\n",
        "words = ['create', 'drop', 'begin']",
        "\u00e9t\u00e9 = 'caf\u00e9'",
        "shutil.copy2(path, target)",
        "print(db_path)",
        "def copy(db_path): ...",
        "await device.execute(Clean())",
        "service.files().list(pageSize=10).execute()",
        "command.execute(context)",
        "subdb.executer(x)",
    ],
)
def test_noop_code_and_english(text: str) -> None:
    assert not may_concern(text.encode())
