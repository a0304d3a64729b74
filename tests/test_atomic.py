"""SQL503 for frameworks: which blocks read before they write, and where that is reported."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from sqlite_lint.config import Config
from sqlite_lint.hosts.atomic import DJANGO, OF_CLASSES, first_upgrade
from sqlite_lint.linter import lint_source
from sqlite_lint.project import Project, load_project

PEEWEE = "from peewee import SqliteDatabase\ndb = SqliteDatabase('x.db')\n"


def rows(source: str, project: Project | None = None, path: str = "app/db.py") -> list[int]:
    found = lint_source(source, path, Config(select=("SQL503",)), project).diagnostics
    return [diagnostic.start.row for diagnostic in found]


@pytest.mark.parametrize(
    ("body", "upgrades"),
    [
        ("x = Item.objects.get(pk=1)\nx.n = 1\nx.save()", True),
        ("x = get_object_or_404(Item, pk=1)\nx.save()", True),
        ("if not Item.objects.filter(a=1).exists():\n    Item.objects.create(a=1)", True),
        ("Item.objects.update_or_create(a=1)", True),
        ("n = Item.objects.count()\nfor x in y:\n    x.save()", True),
        ("await Item.objects.aget(pk=1)\nawait x.asave()", True),
        ("Item.objects.create(a=1)\nx = Item.objects.get(pk=1)\nx.save()", False),  # the lock is held already
        ("x = Item.objects.get(pk=1)\nreturn x", False),
        ("if a:\n    return Item.objects.get(pk=1)\nx.save()", False),
        ("if a:\n    x = Item.objects.get(pk=1)\nelse:\n    Item.objects.create(a=1)", False),
        ("Item.objects.filter(a=1).update(b=2)", False),
        ("n = settings.get('n')\nx.save()", False),
        ("items = Item.objects.filter(a=1)\nitems.delete()", False),
        ("def later():\n    return Item.objects.get(pk=1)\nx.save()", False),
    ],
)
def test_order_of_a_django_block(body: str, upgrades: bool) -> None:
    assert (first_upgrade(ast.parse(body).body, DJANGO) is not None) == upgrades


@pytest.mark.parametrize(
    ("body", "upgrades"),
    [
        ("x = Item.get(Item.id == 1)\nx.save()", True),
        ("for x in Item.select().where(Item.n > 1):\n    x.delete_instance()", True),
        ("Item.get_or_create(n=1)", True),
        ("n = Item.select().count()\nItem.insert(n=n).execute()", True),
        ("Item.update(n=1).where(Item.id == 1).execute()", False),
        ("x = settings.get('n')\nItem.create(n=x)", False),
        ("Item.create(n=1)\nItem.get_by_id(1).delete_instance()", False),
    ],
)
def test_order_of_a_block_of_models_with_methods(body: str, upgrades: bool) -> None:
    assert (first_upgrade(ast.parse(body).body, OF_CLASSES) is not None) == upgrades


UPGRADE = "x = Item.get_by_id(1)\n    x.save()\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (f"{PEEWEE}with db.atomic():\n    {UPGRADE}", [3]),
        (f"{PEEWEE}with db.transaction():\n    {UPGRADE}", [3]),
        (f"{PEEWEE}with db:\n    {UPGRADE}", [3]),
        (f"{PEEWEE}@db.atomic()\ndef f():\n    {UPGRADE}", [3]),
        (f"{PEEWEE}with db.atomic('IMMEDIATE'):\n    {UPGRADE}", []),
        (f"{PEEWEE}with db.connection_context():\n    {UPGRADE}", []),
        (f"from peewee import PostgresqlDatabase\ndb = PostgresqlDatabase('x')\nwith db.atomic():\n    {UPGRADE}", []),
        (f"from peewee import SqliteDatabase\ndb = SqliteDatabase(':memory:')\nwith db.atomic():\n    {UPGRADE}", []),
        (
            "import apsw\ncon = apsw.Connection('x.db')\nwith con:\n    con.execute('SELECT a FROM t')\n"
            "    con.execute('DELETE FROM t')\n",
            [3],
        ),
        (
            "import apsw\ncon = apsw.Connection('x.db')\ncon.transaction_mode = 'IMMEDIATE'\nwith con:\n"
            "    con.execute('SELECT a FROM t')\n    con.execute('DELETE FROM t')\n",
            [],
        ),
        (
            "from databases import Database\ndb = Database('sqlite:///x.db')\nasync def f():\n"
            "    async with db.transaction():\n        await db.fetch_all('SELECT a FROM t')\n"
            "        await db.execute('DELETE FROM t')\n",
            [4],
        ),
        (
            "from sqlalchemy import create_engine, event\ne = create_engine('sqlite:///x.db')\n"
            "def setup(con, record):\n    con.autocommit = False\nevent.listen(e, 'connect', setup)\n",
            [4],
        ),
        ("from sqlalchemy import create_engine\ne = create_engine(u, connect_args={'autocommit': False})\n", []),
    ],
)
def test_blocks_of_libraries(source: str, expected: list[int]) -> None:
    assert rows(source) == expected


SETTINGS = 'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "x.db", "OPTIONS": {%s}}}\n'
VIEW = "from django.db import transaction\n\n\n@transaction.atomic\ndef take(pk):\n    x = Item.objects.get(pk=pk)\n"


@pytest.mark.parametrize(
    ("options", "name", "view", "expected"),
    [
        ("", "shop/views.py", f"{VIEW}    x.save()\n", [1]),
        ("'transaction_mode': 'DEFERRED'", "shop/views.py", f"{VIEW}    x.save()\n", [1]),
        ("'transaction_mode': 'IMMEDIATE'", "shop/views.py", f"{VIEW}    x.save()\n", []),
        ("", "shop/views.py", VIEW, []),
        ("", "tests/test_views.py", f"{VIEW}    x.save()\n", []),
    ],
)
def test_django_is_reported_once_at_its_settings(
    tmp_path: Path, options: str, name: str, view: str, expected: list[int]
) -> None:
    (tmp_path / "manage.py").write_text("")
    for path, text in (("shop/settings.py", SETTINGS % options), (name, view)):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    project = load_project(tmp_path)
    assert rows(SETTINGS % options, project, str(tmp_path / "shop/settings.py")) == expected
    assert rows(view, project, str(tmp_path / name)) == []
