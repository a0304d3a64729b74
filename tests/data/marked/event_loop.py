import sqlite3, asyncio, contextlib
import sqlite3 as sq
from contextlib import closing
import aiosqlite, apsw
from fastapi import FastAPI, Depends
from discord.ext import commands
app = FastAPI()
conn = sqlite3.connect("bot.db", check_same_thread=False)
cursor = conn.cursor()

@app.get("/a")
async def a():
    return conn.execute("SELECT * FROM t").fetchall()  # SQL556

@app.get("/b")
async def b():
    cursor.execute("SELECT * FROM t")  # SQL556
    return cursor.fetchall()

def get_db():
    db = sqlite3.connect("x.db", timeout=5)
    db.row_factory = sqlite3.Row
    return db

async def c():
    db = get_db()
    try:
        rows = db.execute("SELECT * FROM t").fetchall()  # SQL556
    finally:
        db.close()
    return rows

def load():
    with closing(get_db()) as db:
        return db.execute("SELECT 1 FROM t").fetchall()

async def d():
    return load()  # SQL556

async def e():
    return await asyncio.to_thread(load)

async def f():
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, load)

async def g():
    def work():
        with sqlite3.connect("x.db") as db:
            return db.execute("SELECT 1 FROM t").fetchall()
    return await asyncio.to_thread(work)

async def h():
    async with aiosqlite.connect("x.db") as db:
        await db.execute("INSERT INTO t VALUES (1)")
        await db.commit()

async def i():
    with sqlite3.connect("x.db") as db:
        db.execute("INSERT INTO t VALUES (1)")  # SQL556

class Cog(commands.Cog):
    def __init__(self):
        self.db = sq.connect("cog.db")
        self.c = self.db.cursor()

    async def on_message(self, m):
        self.c.execute("INSERT INTO m VALUES (?)", (m,))  # SQL556
        self.db.commit()

    async def x(self):
        self._save(1)  # SQL556

    def _save(self, m):
        self.db.execute("INSERT INTO m VALUES (?)", (m,))

    async def y(self):
        await self.conn2.execute("INSERT INTO m VALUES (?)", (1,))

def dep():
    db = sqlite3.connect("x.db")
    try:
        yield db
    finally:
        db.close()

@app.get("/j")
async def j(db: sqlite3.Connection = Depends(dep)):
    return db.execute("SELECT 1 FROM t").fetchall()  # SQL556

@app.get("/k")
def k(db: sqlite3.Connection = Depends(dep)):
    return db.execute("SELECT 1 FROM t").fetchall()

@contextlib.contextmanager
def session():
    db = sqlite3.connect("x.db")
    try:
        yield db
    finally:
        db.close()

async def l():
    with session() as db:
        db.execute("UPDATE t SET x = 1")  # SQL556

@contextlib.asynccontextmanager
async def lifespan(app):
    conn.execute("CREATE TABLE IF NOT EXISTS t (x)")
    yield

async def m():
    c = sqlite3.connect(":memory:")
    c.execute("SELECT 1 FROM t")

async def n():
    c = apsw.Connection("x.db")
    c.execute("INSERT INTO t VALUES (1)")  # SQL556
