import sqlite3
import asyncio
conn = sqlite3.connect("app.db", check_same_thread=False)  # SQL553
def save(x):
    conn.execute("INSERT INTO t VALUES (?)", (x,))
    conn.commit()
async def handler(x):
    await asyncio.to_thread(save, x)
