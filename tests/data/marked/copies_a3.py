import sqlite3
import subprocess
import boto3
import requests
import zipfile, tarfile, shutil
from google.cloud import storage

DB = "/srv/app/shop.db"
con = sqlite3.connect(DB, timeout=10)

def push():
    s3 = boto3.client("s3")
    s3.upload_file(DB, "bucket", "shop.db")  # SQL701
    s3.put_object(Bucket="b", Key="k", Body=open(DB, "rb"))  # SQL701
    s3.upload_fileobj(open(DB, "rb"), "bucket", "key")  # SQL701
    storage.Client().bucket("b").blob("x").upload_from_filename(DB)  # SQL701
    requests.post("https://x", files={"file": open(DB, "rb")})  # SQL701
    with open(DB, "rb") as f:  # SQL701
        requests.put("https://x", data=f)

def by_hand(target):
    with open(DB, "rb") as src, open(target, "wb") as dst:  # SQL701
        shutil.copyfileobj(src, dst)

def by_hand2(target):
    data = open(DB, "rb").read()  # SQL701
    open(target, "wb").write(data)

def zips(out):
    with zipfile.ZipFile(out, "w") as z:
        z.write(DB, arcname="shop.db")  # SQL701
    with tarfile.open(out, "w:gz") as t:
        t.add(DB)  # SQL701
    z = zipfile.ZipFile(out, "w")
    z.write(DB)  # SQL701

def archive():
    shutil.make_archive("/backups/app", "gztar", "/srv/app")  # SQL701
    shutil.copytree("/srv/app", "/backups/app")  # SQL701

def sub():
    subprocess.check_call(["rsync", "-a", DB, "host:/backups/"])  # SQL701
    subprocess.run(["tar", "-czf", "/b.tgz", "-C", "/srv/app", "shop.db"])  # SQL701
    subprocess.run(f"cp {DB} /backups/", shell=True)  # SQL701
    subprocess.run(["scp", DB, "host:"])  # SQL701
    subprocess.run(["sh", "-c", f"cp {DB} /backups"])  # SQL701
    subprocess.run("gzip -c " + DB + " > /backups/x.gz", shell=True)  # SQL701
    subprocess.run(["aws", "s3", "cp", DB, "s3://b/"])  # SQL701
    subprocess.run(["docker", "cp", "x:/a", "b"])
    cmd = ["cp", DB, "/backups"]
    subprocess.run(cmd)  # SQL701
