import sqlite3
import functools
from sqlalchemy import create_engine

engine = create_engine("sqlite://", echo=True)
_conn = None

def get():
    global _conn
    if _conn is None:
        _conn = sqlite3.connect(":memory:")
    return _conn

@functools.lru_cache
def get2():
    return sqlite3.connect(":memory:")

def init():
    c = get()
    c.execute("CREATE TABLE t (x)")
    d = get2()
    d.execute("CREATE TABLE t (x)")

def use():
    get().execute("SELECT x FROM t")
    get2().execute("SELECT x FROM t")

def schema(con):
    con.execute("CREATE TABLE z (x)")

def one():
    con = sqlite3.connect(":memory:")
    schema(con)
    con.execute("INSERT INTO z VALUES (1)")

def two():
    con = sqlite3.connect(":memory:")
    con.execute("CREATE TABLE z (x)")
    con.execute("INSERT INTO z VALUES (1)")

class DB:
    def __init__(self, path=":memory:"):
        self.path = path
        self.con = self.open()
        self.con.execute("CREATE TABLE z (x)")
    def open(self):
        return sqlite3.connect(self.path)
    def add(self):
        self.con.execute("INSERT INTO z VALUES (1)")

def load(tmp):
    c = sqlite3.connect(":memory:")
    c.execute("ATTACH ? AS other", (tmp,))
    c.execute("INSERT INTO other.z SELECT 1")
