import os, sqlite3
con = sqlite3.connect("shop.db", timeout=30)
def child():
    con.execute("INSERT INTO t VALUES (1)")  # SQL554
def serve():
    pid = os.fork()
    if pid == 0:
        child()
        os._exit(0)
    if pid > 0:
        return
