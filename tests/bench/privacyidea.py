"""privacyIDEA's push token in poll mode, whole log-ins: trigger the challenge, poll as the phone, confirm as the phone, ask whether it is confirmed.

Usage: privacyidea.py FOLDER. Sets privacyIDEA up in the folder (SQLite), serves it by one gunicorn worker of its own process, prints the worker's id,
and for each line "COUNT" that it reads, makes so many log-ins and prints "done". Nothing of a log-in is skipped and no password is hashed.
"""
import base64
import datetime
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

folder = Path(sys.argv[1])
bin_folder = Path(sys.executable).parent
config = folder / "pi.cfg"
config.write_text(f"""
SUPERUSER_REALM = ["super"]
SQLALCHEMY_DATABASE_URI = "sqlite:///{folder}/pi.sqlite"
SECRET_KEY = "bench bench bench bench bench bench"
PI_PEPPER = "bench"
PI_ENCFILE = "{folder}/enckey"
PI_AUDIT_KEY_PRIVATE = "{folder}/private.pem"
PI_AUDIT_KEY_PUBLIC = "{folder}/public.pem"
PI_LOGLEVEL = 30
PI_LOGFILE = "{folder}/pi.log"
""")
os.environ["PRIVACYIDEA_CONFIGFILE"] = str(config)
(folder / "wsgi.py").write_text(
    f"from privacyidea.app import create_app\napplication = create_app(config_name='production', config_file={str(config)!r})\n")
(folder / "passwd").write_text("bench:x:1000:1000:Bench,,,:/home/bench:/bin/false\n")


def manage(*words):
    subprocess.run([bin_folder / "pi-manage", *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)


manage("setup", "create_enckey")
manage("setup", "create_audit_keys")
manage("setup", "create_tables")
manage("admin", "add", "admin", "-p", "admin123")

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
server = subprocess.Popen([bin_folder / "gunicorn", "-w", "1", "-b", f"127.0.0.1:{port}", "--log-level", "error", "wsgi:application"],
                          cwd=folder, stdout=subprocess.DEVNULL, stderr=open(folder / "gunicorn.log", "w"))
token = None


def ask(method, path, **fields):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if token and not path.startswith("/ttype"):
        headers["Authorization"] = token
    text = urllib.parse.urlencode(fields)
    if method == "GET":
        connection.request(method, f"{path}?{text}", headers=headers)
    else:
        connection.request(method, path, text, headers)
    answer = connection.getresponse()
    body = json.loads(answer.read())
    assert answer.status == 200 and body["result"]["status"], (path, body)
    return body


def up():
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert server.poll() is None, (folder / "gunicorn.log").read_text()
            time.sleep(0.1)
    raise SystemExit("gunicorn does not listen")


up()
token = ask("POST", "/auth", username="admin", password="admin123")["result"]["value"]["token"]
ask("POST", "/resolver/pw", type="passwdresolver", fileName=str(folder / "passwd"))
ask("POST", "/realm/corp", resolvers="pw")
ask("POST", "/defaultrealm/corp")
ask("POST", "/policy/push", scope="enrollment", active="true",
    action=f"push_firebase_configuration=poll only, push_registration_url=http://127.0.0.1:{port}/ttype/push")
key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
pem = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
public = "".join(pem.splitlines()[1:-1]).replace("+", "-").replace("/", "_")
begun = ask("POST", "/token/init", type="push", genkey="1", user="bench", realm="corp")["detail"]
serial = begun["serial"]
ask("POST", "/ttype/push", serial=serial, fbtoken="poll", pubkey=public, enrollment_credential=begun["enrollment_credential"])


def signed(text):
    return base64.b32encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()


def log_in():
    asked = ask("POST", "/validate/triggerchallenge", user="bench", realm="corp")
    transaction = asked["detail"]["transaction_id"]
    now = datetime.datetime.now(datetime.timezone.utc).isoformat()
    waiting = ask("GET", "/ttype/push", serial=serial, timestamp=now, signature=signed(f"{serial}|{now}"))["result"]["value"]
    nonce = waiting[-1]["nonce"]
    assert ask("POST", "/ttype/push", serial=serial, nonce=nonce, signature=signed(f"{nonce}|{serial}"))["result"]["value"]
    done = ask("POST", "/validate/check", user="bench", realm="corp", transaction_id=transaction, **{"pass": ""})
    assert done["result"]["value"] is True, done


try:
    log_in()
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    assert len(children) == 1, children
    print(children[0], flush=True)
    for line in sys.stdin:
        for _ in range(int(line)):
            log_in()
        print("done", flush=True)
finally:
    server.send_signal(signal.SIGTERM)
    server.wait(20)
