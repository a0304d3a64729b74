import sqlite3
from flask import Flask
app = Flask(__name__)
conn = sqlite3.connect("app.db", check_same_thread=False)  # SQL553

@app.route("/add", methods=["POST"])
def add():
    conn.execute("INSERT INTO t VALUES (1)")
    conn.commit()
    return "ok"
