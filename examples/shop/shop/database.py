"""The one way to the database file."""

import sqlite3
from pathlib import Path

SCHEMA = Path(__file__).with_name("schema.sql")


class Database:
    """A connection with the few methods that the rest of the shop needs."""

    def __init__(self, path):
        self.connection = sqlite3.connect(path)
        self.connection.row_factory = sqlite3.Row
        self.connection.execute("PRAGMA foreign_keys = ON")
        self.connection.execute("PRAGMA journal_mode = WAL")

    def migrate(self):
        self.connection.executescript(SCHEMA.read_text(encoding="utf-8"))

    def all(self, sql, *params):
        return self.connection.execute(sql, params).fetchall()

    def one(self, sql, *params):
        return self.connection.execute(sql, params).fetchone()

    def value(self, sql, *params):
        row = self.one(sql, *params)
        return None if row is None else row[0]

    def transaction(self):
        """A context: committed at its end, rolled back where it raises."""
        return self.connection

    def close(self):
        self.connection.close()
