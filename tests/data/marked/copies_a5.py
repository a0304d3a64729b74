import shutil as sh, sqlite3, os
from shutil import copy2 as cp2, move

class Settings:
    db_path = "/var/lib/x/orders.db"

settings = Settings()

def connect():
    return sqlite3.connect(settings.db_path, timeout=30)

def backup(dst):
    sh.copy(settings.db_path, dst)  # SQL701
    cp2(settings.db_path, dst)  # SQL701

def backup_to(source_path, dst):
    sh.copy(source_path, dst)  # SQL701

def main():
    connect()
    backup_to(settings.db_path, "/backups")
