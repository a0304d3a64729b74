import sqlite3, os, shutil
from datetime import date

DATABASE_PATH = os.environ.get("DATABASE_PATH", "/var/lib/app/data.sqlite3")

def get_db():
    db = sqlite3.connect(DATABASE_PATH, timeout=10)
    db.execute("PRAGMA journal_mode=WAL")
    return db

def nightly_backup():
    dest = f"/backups/{date.today()}.sqlite3"
    shutil.copyfile(DATABASE_PATH, dest)  # SQL701
    return dest
