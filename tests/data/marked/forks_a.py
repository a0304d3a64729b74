import multiprocessing as mp
import multiprocessing
import os
import sqlite3
import apsw
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import Pool, get_context

db = sqlite3.connect("shop.db", timeout=30)

def work(x):
    return db.execute("SELECT 1 FROM t WHERE x = ?", (x,)).fetchone()  # SQL554

def run():
    with Pool(4) as p:
        p.map(work, range(3))
