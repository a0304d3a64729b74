import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

import pytest

DB = Path("cache/app.db")


def get():
    return sqlite3.connect(DB, timeout=5)


def install(new):
    os.replace(new, DB)
    return get()


def remove_all():
    for p in (DB, Path(f"{DB}-wal"), Path(f"{DB}-shm")):
        p.unlink(missing_ok=True)


def remove_all2(path):
    for ext in ["", "-wal", "-shm", "-journal"]:
        f = path + ext
        if os.path.exists(f):
            os.remove(f)


def remove_all3(path):
    os.remove(path)
    for ext in ["-wal", "-shm"]:
        if os.path.exists(path + ext):
            os.remove(path + ext)


def remove_all4(path: Path):
    for f in path.parent.glob(path.name + "*"):
        f.unlink()


@pytest.fixture
def db():
    fd, path = tempfile.mkstemp(suffix=".db")
    os.close(fd)
    conn = sqlite3.connect(path, timeout=5)
    yield conn
    conn.close()
    os.unlink(path)


def build(target):
    tmp = str(target) + ".tmp"
    conn = sqlite3.connect(tmp, timeout=5)
    try:
        conn.execute("CREATE TABLE t (x)")
        conn.commit()
    finally:
        conn.close()
    os.replace(tmp, target)


def migrate(path):
    old = sqlite3.connect(path, timeout=5)
    new = sqlite3.connect(path + ".new", timeout=5)
    for row in old.execute("SELECT x FROM t"):
        new.execute("INSERT INTO t VALUES (?)", row)
    new.commit()
    new.close()
    old.close()
    os.rename(path + ".new", path)


def drop_corrupt(path):
    try:
        con = sqlite3.connect(path, timeout=5)
        con.execute("PRAGMA integrity_check")
    except sqlite3.DatabaseError:
        os.rename(path, path + ".corrupt")
        con = sqlite3.connect(path, timeout=5)
    return con
