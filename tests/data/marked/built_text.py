import sqlite3
def q(con: sqlite3.Connection, name, uid, ids, col, table, days):
    con.execute("SELECT * FROM t WHERE name = '%s'" % name)  # SQL543
    con.execute("SELECT * FROM t WHERE name LIKE '%{}%'".format(name))  # SQL543
    con.execute("DELETE FROM t WHERE id = " + str(uid))  # SQL543
    con.execute(f"DELETE FROM t WHERE id = {uid}")  # SQL543
    con.execute(f"INSERT INTO t VALUES ('{name}')")  # SQL543
    con.execute(f"SELECT {col} FROM {table} WHERE id = ?", (uid,))
    con.execute(f"SELECT * FROM t WHERE id IN ({','.join('?' * len(ids))})", ids)
    ph = "?"
    con.execute(f"SELECT * FROM t WHERE id = {ph}", (uid,))
    con.execute("SELECT * FROM t WHERE id = ?", (uid,))
