import sqlite3, aiosqlite
from contextlib import closing
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.pool import QueuePool, NullPool, StaticPool
import sqlalchemy.pool as sp
import sqlalchemy as sa
from playhouse.pool import PooledSqliteDatabase
URL = "sqlite:///:memory:"
app = Flask(__name__)
e1 = create_engine(URL)  # SQL555
e2 = create_engine(URL, poolclass=QueuePool, pool_size=5)  # SQL555
e3 = sa.create_engine("sqlite+pysqlite://", poolclass=sp.NullPool)  # SQL555
e4 = create_engine(URL, poolclass=sp.StaticPool)
e5 = create_engine("sqlite:///file.db", poolclass=NullPool)
e6 = create_engine(URL, creator=lambda: sqlite3.connect("file:x?mode=memory&cache=shared", uri=True))
db = PooledSqliteDatabase(":memory:", max_connections=8)  # SQL555

DB = ":memory:"

def init():
    conn = sqlite3.connect(DB)
    conn.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)")
    conn.commit()
    conn.close()

def add(name):
    conn = sqlite3.connect(DB)  # SQL555
    conn.execute("INSERT INTO users (name) VALUES (?)", (name,))
    conn.commit()
    conn.close()

async def ainit():
    async with aiosqlite.connect(":memory:") as db:
        await db.execute("CREATE TABLE logs (x)")

async def alog(x):
    async with aiosqlite.connect(":memory:") as db:  # SQL555
        await db.execute("INSERT INTO logs VALUES (?)", (x,))
        await db.commit()
