import sqlite3
from socketserver import ThreadingTCPServer, StreamRequestHandler
class H(StreamRequestHandler):
    def handle(self):
        c.execute("INSERT INTO t VALUES (1)")
c = sqlite3.connect("app.db", check_same_thread=False)  # SQL553
