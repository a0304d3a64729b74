import os
import sqlite3

class Repo:
    def __init__(self, filename="orders.db"):
        self.filename = filename
        self.db = sqlite3.connect(self.filename, timeout=10)

    def snapshot(self, where):
        os.system("cp " + self.filename + " " + where)  # SQL701
        os.system("cp %s %s" % (self.filename, where))  # SQL701
        os.system(f"tar czf {where}/backup.tgz {self.filename}")  # SQL701
        os.system("tar czf {} {}".format(where, self.filename))  # SQL701
