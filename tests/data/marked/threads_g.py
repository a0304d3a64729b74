import sqlite3
from threading import Thread
def main():
    conn = sqlite3.connect("app.db", check_same_thread=False)  # SQL553
    def save(x):
        conn.execute("INSERT INTO t VALUES (?)", (x,))
        conn.commit()
    for i in range(3):
        Thread(target=save, args=(i,)).start()
