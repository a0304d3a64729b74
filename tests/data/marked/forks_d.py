import os, sqlite3
def serve():
    con = sqlite3.connect("shop.db", timeout=30)
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
    else:
        con.execute("INSERT INTO t VALUES (1)")  # SQL554
        os._exit(0)
