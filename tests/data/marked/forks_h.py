import sqlite3
import multiprocessing
cache = sqlite3.connect("cache.db", timeout=30)
def fetch(k):
    cur = cache.cursor()  # SQL554
    cur.execute("SELECT v FROM c WHERE k = ?", (k,))
    return cur.fetchone()
if __name__ == "__main__":
    procs = [multiprocessing.Process(target=fetch, args=(i,)) for i in range(3)]
