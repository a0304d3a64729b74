import shutil, sqlite3, os, subprocess
from contextlib import closing

DB = "/srv/app/shop.db"

def connect():
    return sqlite3.connect(DB, timeout=10)

def backup(dst):
    src = connect()
    tmp = "/tmp/snap.db"
    out = sqlite3.connect(tmp, timeout=5)
    with out:
        src.backup(out)
    out.close()
    src.close()
    shutil.copy(tmp, dst)
    shutil.move(tmp, dst)
    subprocess.run(["gzip", tmp])

def vacuum(dst):
    con = sqlite3.connect(DB, timeout=5)
    con.execute("VACUUM INTO ?", ("/tmp/vac.db",))
    con.close()
    shutil.copy2("/tmp/vac.db", dst)

def vacuum2(dst):
    snap = "/tmp/snap2.db"
    with closing(sqlite3.connect(DB, timeout=5)) as con:
        con.execute(f"VACUUM INTO '{snap}'")
    with open(snap, "rb") as f:
        upload(f)

def restore(backup):
    shutil.copy(backup, DB)
    con = connect()

def install_template():
    if not os.path.exists(DB):
        shutil.copy("/usr/share/app/template.db", DB)

def sqlite_tool():
    subprocess.run(["sqlite3", DB, ".backup /tmp/x.db"], check=True)
    subprocess.run(f"sqlite3 {DB} '.backup /tmp/y.db'", shell=True)
    subprocess.run(["gzip", "/tmp/x.db"])

def is_sqlite(path):
    with open(DB, "rb") as f:
        return f.read(16) == b"SQLite format 3\x00"

def quiesce(dst):
    con = sqlite3.connect(DB, timeout=10)
    con.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    con.close()
    shutil.copy(DB, dst)
