import os, sqlite3
def serve():
    con = sqlite3.connect("shop.db", timeout=30)
    con.execute("CREATE TABLE IF NOT EXISTS t (x)")
    con.close()
    pid = os.fork()
    if pid == 0:
        con = sqlite3.connect("shop.db", timeout=30)
        con.execute("INSERT INTO t VALUES (1)")
        os._exit(0)
def serve2():
    pid = os.fork()
    con = sqlite3.connect("shop.db", timeout=30)
    if pid == 0:
        con.execute("INSERT INTO t VALUES (1)")
        os._exit(0)
