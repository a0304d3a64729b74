"""The tables of models and migrations: known by name as far as the source is certain."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqlite_lint.project import load_project
from sqlite_lint.sql.schema import Schema


def names(directory: Path, **files: str) -> Schema:
    (directory / "pyproject.toml").write_text("")
    for name, text in files.items():
        path = directory / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return load_project(directory).names


def columns(schema: Schema, table: str) -> set[str]:
    found = schema.table(table)
    assert found is not None and not found.open, found
    return {column.name for column in found.columns}


DECLARATIVE = """
from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

class Base(DeclarativeBase):
    created: Mapped[str]

class Stamped:
    updated = Column("updated_on", String)

    @declared_attr
    def owner_id(cls):
        return Column(Integer)

class User(Stamped, Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    mail = Column("email", String)
"""


def test_declarative_models_have_the_columns_of_their_bases(tmp_path: Path) -> None:
    found = columns(names(tmp_path, models=DECLARATIVE), "users")
    assert {"id", "email", "created", "updated_on", "owner_id"} <= found
    assert "nme" not in found


def test_bases_are_found_in_other_modules(tmp_path: Path) -> None:
    base = "from sqlalchemy.orm import declarative_base\nBase = declarative_base()\nclass Mixin(Base):\n    __abstract__ = True\n    note = Column(String)\n"
    model = "from base import Mixin\nclass User(Mixin):\n    __tablename__ = 'users'\n    id = Column(Integer)\n"
    assert {"id", "note"} <= columns(names(tmp_path, base=base, models=model), "users")


@pytest.mark.parametrize(
    "source",
    [
        "class User(Unknown):\n    __tablename__ = 'users'\n    id = Column(Integer)\n",
        "class User(make_base()):\n    __tablename__ = 'users'\n    id = Column(Integer)\n",
        "Base = declarative_base(cls=Other)\nclass User(Base):\n    __tablename__ = 'users'\n    id = Column(Integer)\n",
        "Base = automap_base()\nclass User(Base):\n    __tablename__ = 'users'\n    id = Column(Integer)\n",
        "users = Table('users', metadata, Column('id'), *more)\n",
        "users = Table('users', metadata, autoload_with=engine)\n",
        "users = Table('users', metadata, Column('id'), **options)\n",
        "users = Table('users', metadata, Column('id'), extra)\n",
        "from sqlalchemy import text\nframe.to_sql('users', engine)\n",
    ],
)
def test_what_cannot_be_read_closes_no_table(source: str, tmp_path: Path) -> None:
    table = names(tmp_path, models=source).table("users")
    assert table is None or table.open


def test_tables_and_migrations_are_read(tmp_path: Path) -> None:
    schema = names(
        tmp_path,
        tables="from sqlalchemy import Table\nusers = Table('users', metadata, Column('id', Integer), Column('name', String), UniqueConstraint('name'))\n",
        migration="import sqlalchemy as sa\ndef upgrade():\n    op.create_table('tags', sa.Column('id', sa.Integer()), sa.Column('label'))\n"
        "    op.add_column('users', sa.Column('nick', sa.String()))\n"
        "    op.alter_column('tags', 'label', new_column_name='title')\n",
    )
    assert {"id", "name"} <= columns(schema, "users")
    assert {"id", "label"} <= columns(schema, "tags")
    assert {"nick", "title"} <= schema.anywhere
    assert not schema.partial


def test_django_names_tables_after_the_application(tmp_path: Path) -> None:
    schema = names(
        tmp_path,
        shop__models="from django.db import models\nclass Base(models.Model):\n    stamp = models.DateTimeField()\n"
        "    class Meta:\n        abstract = True\nclass Order(Base):\n    buyer = models.ForeignKey('Buyer', models.CASCADE)\n"
        "    total = models.IntegerField(db_column='sum')\nclass Buyer(models.Model):\n    name = models.TextField()\n"
        "    class Meta:\n        db_table = 'people'\n",
        shop__migrations__0001="from django.db import migrations\nclass Migration(migrations.Migration):\n"
        "    operations = [migrations.AddField(model_name='order', name='old', field=models.TextField())]\n",
    )
    assert {"id", "stamp", "buyer_id", "sum"} <= columns(schema, "shop_order")
    assert {"id", "name"} <= columns(schema, "people")
    assert "old" in schema.anywhere
    assert schema.partial  # Django and its applications have tables of their own


def test_types_of_models_are_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "models.py").write_text(DECLARATIVE)
    assert load_project(tmp_path).schema.table("users") is None
