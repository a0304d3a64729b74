import sqlite3
from fastapi import FastAPI
app = FastAPI()
db = sqlite3.connect("app.db", check_same_thread=False)  # SQL553
db.row_factory = sqlite3.Row

@app.get("/x")
def x():
    cur = db.cursor()
    cur.execute("INSERT INTO t VALUES (1)")
    db.commit()
