import sqlite3
import multiprocessing
def work(con, x):
    con.execute("INSERT INTO t VALUES (?)", (x,))  # SQL554
def main():
    con = sqlite3.connect("shop.db", timeout=30)
    ctx = multiprocessing.get_context("fork")
    p = ctx.Process(target=work, args=(con, 1))
    p.start()
