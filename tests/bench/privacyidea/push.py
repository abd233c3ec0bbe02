"""privacyIDEA's push token in poll mode, whole log-ins: trigger the challenge, poll as the phone, confirm as the phone, ask whether it is confirmed.

Usage: push.py FOLDER. Sets privacyIDEA up in the folder (SQLite), serves it by one gunicorn worker of its own process, prints the worker's id,
and for each line "COUNT" that it reads, makes so many log-ins and prints "done". Nothing of a log-in is skipped and no password is hashed.
"""
import base64
import datetime
import sys

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from serving import Served

served = Served(sys.argv[1], f"sqlite:///{sys.argv[1]}/pi.sqlite", ["bench"])
ask, port = served.ask, served.port
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
    workers = served.workers()
    assert len(workers) == 1, workers
    print(workers[0], flush=True)
    for line in sys.stdin:
        for _ in range(int(line)):
            log_in()
        print("done", flush=True)
finally:
    served.stop()
