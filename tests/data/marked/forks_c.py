import sqlite3
from concurrent.futures import ProcessPoolExecutor
class J:
    def __init__(self):
        self.db = sqlite3.connect("shop.db", timeout=30)
    def one(self, x):
        self.db.execute("INSERT INTO t VALUES (?)", (x,))  # SQL554
    def run(self):
        with ProcessPoolExecutor() as ex:
            list(ex.map(self.one, [1]))
