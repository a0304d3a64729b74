import sqlite3
from http.server import ThreadingHTTPServer, BaseHTTPRequestHandler
db = sqlite3.connect("app.db", check_same_thread=False)  # SQL553
class H(BaseHTTPRequestHandler):
    def do_GET(self):
        db.execute("INSERT INTO t VALUES (1)")
        db.commit()
ThreadingHTTPServer(("", 80), H).serve_forever()
