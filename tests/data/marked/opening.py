import sqlite3, tempfile, aiosqlite
from tempfile import NamedTemporaryFile
from sqlalchemy import create_engine
import apsw
def a():
    c = sqlite3.connect("file:/srv/x.db?immutable=1&mode=rwc", uri=True)  # SQL522
def b():
    c = sqlite3.connect("file:/srv/y.db?nolock=1", uri=True)  # SQL522
    c.execute("UPDATE t SET x = 1")
e = create_engine("sqlite:///file:/srv/z.db?nolock=1&mode=rw&uri=true")  # SQL522
def d():
    return sqlite3.connect("file:/srv/r.db?immutable=1", uri=True)
def f():
    c = apsw.Connection("file:/srv/q.db?immutable=1", flags=apsw.SQLITE_OPEN_URI | apsw.SQLITE_OPEN_READONLY)  # SQL522
    d = apsw.Connection("/srv/q.db")
class T:
    def __init__(self):
        self.path = NamedTemporaryFile(suffix=".db").name
        self.con = sqlite3.connect(self.path)  # SQL523
def g():
    with NamedTemporaryFile() as f:
        name = f.name
    return sqlite3.connect(name)  # SQL523
def h():
    f = NamedTemporaryFile(suffix=".db")
    return f, sqlite3.connect(f.name)
def i():
    fd, p = tempfile.mkstemp()
    return sqlite3.connect(p)
def j():
    p = tempfile.mktemp()
    return create_engine(f"sqlite:///{p}"), sqlite3.connect(str(p))  # SQL523
