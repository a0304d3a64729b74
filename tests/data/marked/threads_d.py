import sqlite3
from concurrent.futures import ThreadPoolExecutor
class Store:
    def __init__(self):
        self.conn = sqlite3.connect("app.db", check_same_thread=False)  # SQL553
    def save(self, x):
        self.conn.execute("INSERT INTO t VALUES (?)", (x,))
        self.conn.commit()
def main():
    s = Store()
    with ThreadPoolExecutor(8) as pool:
        for i in range(10):
            pool.submit(s.save, i)
