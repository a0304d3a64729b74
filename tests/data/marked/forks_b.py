import multiprocessing as mp
import sqlite3
db = sqlite3.connect("shop.db", timeout=30)
def work(x):
    db.execute("INSERT INTO t VALUES (?)", (x,))  # SQL554
p = mp.Process(target=work, args=(1,))
p.start()
