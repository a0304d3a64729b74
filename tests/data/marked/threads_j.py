import sqlite3
from fastapi import APIRouter, Depends
router = APIRouter()
_conn = sqlite3.connect("app.db", check_same_thread=False)  # SQL553
def get_conn():
    return _conn
@router.post("/x")
def x():
    c = get_conn()
    c.execute("INSERT INTO t VALUES (1)")
    c.commit()
