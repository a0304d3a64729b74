import glob
import os
import sqlite3
from pathlib import Path

DB = os.path.expanduser("~/.app/app.db")


def connect():
    return sqlite3.connect(DB, timeout=5)


def unlock():
    for suffix in ("-wal", "-shm"):
        try:
            os.remove(DB + suffix)  # SQL702
        except FileNotFoundError:
            pass


def unlock2(db_path):
    wal = db_path + "-wal"
    if os.path.exists(wal):
        os.unlink(wal)  # SQL702
    Path(f"{db_path}-shm").unlink(missing_ok=True)  # SQL702


def unlock3():
    for name in glob.glob("/var/lib/app/*.db-wal"):
        os.remove(name)  # SQL702
    for p in Path("/var/lib/app").glob("*.db-shm"):
        p.unlink()  # SQL702


def unlock4():
    os.system("rm -f " + DB + "-wal")  # SQL702
    os.system("rm -f /srv/app.db-wal /srv/app.db-shm")  # SQL702
    Path(DB).with_suffix(".db-wal").unlink()  # SQL702
    Path(DB).with_name("app.db-journal").unlink()  # SQL702
    os.rename(DB + "-wal", DB + "-wal.old")  # SQL702


class Store:
    def __init__(self, path: Path):
        self.path = path
        self.con = sqlite3.connect(path, timeout=5)

    def reset(self):
        os.remove(self.path)  # SQL702
        self.con = sqlite3.connect(self.path, timeout=5)

    def reset2(self):
        self.path.unlink()  # SQL702
        self.con = sqlite3.connect(self.path, timeout=5)

    def rotate(self):
        os.rename(self.path, str(self.path) + ".old")

    def reset_ok(self):
        self.con.close()
        os.remove(self.path)
        self.con = sqlite3.connect(self.path, timeout=5)

    def reset_ok2(self):
        self.close()
        self.path.unlink()

    def close(self):
        self.con.close()

    def reset_ok3(self):
        self.close()
        for suffix in ("", "-wal", "-shm"):
            Path(str(self.path) + suffix).unlink(missing_ok=True)
