import sqlite3
import threading
def work(conn):
    conn.execute("INSERT INTO t VALUES (1)")
    conn.commit()
def main():
    conn = sqlite3.connect("app.db", check_same_thread=False)  # SQL553
    threads = [threading.Thread(target=work, args=(conn,)) for _ in range(4)]
    for t in threads: t.start()
