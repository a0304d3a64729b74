import sqlite3, apsw, os
from sqlalchemy import event, text, create_engine
from django.db import connection
engine = create_engine("sqlite:///x.db")

@event.listens_for(engine, "connect")
def load(dbapi_conn, rec):
    dbapi_conn.enable_load_extension(True)  # SQL540
    dbapi_conn.execute("SELECT load_extension('vec0')")

class A:
    def open(self):
        self.con = apsw.Connection("x.db")
        self.con.enable_load_extension(1)  # SQL540
        self.con.load_extension("x")

    def attach(self, other):
        self.con.execute("ATTACH DATABASE '" + other + "' AS o")  # SQL541
        self.con.execute("ATTACH '%s' AS o" % other)  # SQL541
        self.con.execute("ATTACH '{}' AS o".format(other))  # SQL541
        self.con.execute(f"attach database 'file:{other}?mode=ro' as o")  # SQL541
        self.con.execute(f'ATTACH "{other}" AS o')  # SQL541
        with engine.connect() as c:
            c.execute(text(f"ATTACH '{other}' AS o"))  # SQL541

def key(con, k):
    con.execute('PRAGMA key="hunter2"')  # SQL542
    con.execute("PRAGMA key('hunter2')")  # SQL542
    con.execute("PRAGMA rekey = 'hunter3'")  # SQL542
    con.execute("ATTACH 'a.db' AS a KEY 'k3y'")  # SQL542
    con.execute(f"PRAGMA key = '{k}'")
    con.execute("PRAGMA foreign_keys = 'ON'")
    con.execute("PRAGMA cipher_compatibility = 3")
def fine(con, k):
    con.execute("ATTACH ? AS o", (k,))
    con.execute("ATTACH DATABASE ':memory:' AS o")
    n = "x"
    con.execute(f"ATTACH DATABASE ':memory:' AS {k}")
def fine2(con):
    con.enable_load_extension(True)
    con.load_extension("x")
    con.enable_load_extension(False)
def setext(con, on):
    con.enable_load_extension(on)
