from pathlib import Path
import sqlite3
import shutil
from sqlalchemy import create_engine

DATA = Path(__file__).parent / "data"
FILE = DATA / "app.sqlite"
engine = create_engine(f"sqlite:///{FILE}", connect_args={"timeout": 20})

def dump(to: Path):
    to.write_bytes(FILE.read_bytes())  # SQL701
    shutil.copy(str(FILE), to)  # SQL701
    FILE.copy(to)  # SQL701

def save(path):
    conn = sqlite3.connect(path, timeout=10)
    conn.execute("INSERT INTO t VALUES (1)")
    conn.commit()
    shutil.copy(path, path + ".bak")  # SQL701
    conn.close()
