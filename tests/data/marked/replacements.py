import os
import shutil
import sqlite3
from contextlib import closing

DB = "/srv/shop/shop.db"
con = sqlite3.connect(DB, timeout=5)


def restore(backup):
    shutil.copy(backup, DB)  # SQL703
    os.replace(backup, DB)  # SQL703
    shutil.move(backup, DB)  # SQL703
    os.rename(backup, DB)  # SQL703


def wipe():
    os.remove(DB)  # SQL702
    shutil.rmtree("/srv/shop")  # SQL702


def corrupt(path):
    db = sqlite3.connect(path, timeout=5)
    rows = db.execute("SELECT 1").fetchall()
    os.remove(path)  # SQL702
    db.execute("INSERT INTO t VALUES (1)")
    db.close()


def ok(path):
    db = sqlite3.connect(path, timeout=5)
    db.execute("SELECT 1")
    db.close()
    os.remove(path)


def ok2(path):
    with closing(sqlite3.connect(path, timeout=5)) as db:
        db.execute("SELECT 1")
    os.remove(path)


def ok3(path):
    if os.path.exists(path):
        os.remove(path)
    db = sqlite3.connect(path, timeout=5)
    db.execute("SELECT 1")
    return db


def restore_ok(backup):
    con.close()
    os.replace(backup, DB)
