import sqlite3, os
from pydantic_settings import BaseSettings
class S(BaseSettings):
    database_url: str = "sqlite+aiosqlite:////mnt/efs/shop.db"  # SQL520
    db_file: str = "/mnt/nfs/data/shop.sqlite3"  # SQL520
    other: str = "/mnt/nfs/data/shop.csv"
    g: str = "https://drive.google.com/a.db"
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:////mnt/efs/app.db"  # SQL520
def f(p="//fileserver/share/orders.db"):  # SQL520
    return sqlite3.connect(p)
def g():
    return sqlite3.connect(os.path.expanduser("~/Library/Mobile Documents/com~apple~CloudDocs/n.db"))  # SQL521
def h(user):
    return sqlite3.connect(f"/Users/{user}/OneDrive - Contoso/n.db")  # SQL521
def i(user):
    return sqlite3.connect("/content/drive/MyDrive/n.db")  # SQL521
def j(user):
    return sqlite3.connect("/var/lib/nfs/n.db")
def k(user):
    return sqlite3.connect("drive/n.db")
def l(user):
    return sqlite3.connect("/mnt/data/n.db")
def m(user):
    return sqlite3.connect("/data/efs-prod/n.db")  # SQL520
def n():
    return sqlite3.connect("file://///server/share/n.db?mode=ro", uri=True)
print("sqlite at //host/share/x.db is bad")
