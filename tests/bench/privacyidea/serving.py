"""privacyIDEA in a folder of its own, served by gunicorn on loopback: for the scripts beside this one."""
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

BIN = Path(sys.executable).parent


class Served:
    """Set up over `database` (a URL of SQLAlchemy's), with these users and an administrator who is logged in; `more` is text for its configuration."""

    def __init__(self, folder, database, users, workers=1, more=""):
        self.folder, self.token = Path(folder), None
        config = self.folder / "pi.cfg"
        config.write_text(f"""
SUPERUSER_REALM = ["super"]
SQLALCHEMY_DATABASE_URI = "{database}"
SECRET_KEY = "bench bench bench bench bench bench"
PI_PEPPER = "bench"
PI_ENCFILE = "{folder}/enckey"
PI_AUDIT_KEY_PRIVATE = "{folder}/private.pem"
PI_AUDIT_KEY_PUBLIC = "{folder}/public.pem"
PI_LOGLEVEL = 30
PI_LOGFILE = "{folder}/pi.log"
{more}
""")
        os.environ["PRIVACYIDEA_CONFIGFILE"] = str(config)
        (self.folder / "wsgi.py").write_text(
            f"from privacyidea.app import create_app\napplication = create_app(config_name='production', config_file={str(config)!r})\n")
        (self.folder / "passwd").write_text("".join(
            f"{user}:x:{1000 + number}:1000:{user},,,:/home/{user}:/bin/false\n" for number, user in enumerate(users)))
        for words in (["setup", "create_enckey"], ["setup", "create_audit_keys"], ["setup", "create_tables"],
                      ["admin", "add", "admin", "-p", "admin123"]):
            subprocess.run([BIN / "pi-manage", *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.server = subprocess.Popen(
            [BIN / "gunicorn", "-w", str(workers), "-b", f"127.0.0.1:{self.port}", "--log-level", "error", "wsgi:application"],
            cwd=folder, stdout=subprocess.DEVNULL, stderr=open(self.folder / "gunicorn.log", "w"))
        try:
            self._wait()
            self.token = self.ask("POST", "/auth", username="admin", password="admin123")["result"]["value"]["token"]
            self.ask("POST", "/resolver/pw", type="passwdresolver", fileName=str(self.folder / "passwd"))
            self.ask("POST", "/realm/corp", resolvers="pw")
            self.ask("POST", "/defaultrealm/corp")
        except BaseException:
            self.stop()
            raise

    def ask(self, method, path, **fields):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if self.token and not path.startswith("/ttype"):
            headers["Authorization"] = self.token
        text = urllib.parse.urlencode(fields)
        if method == "GET":
            connection.request(method, f"{path}?{text}", headers=headers)
        else:
            connection.request(method, path, text, headers)
        answer = connection.getresponse()
        body = json.loads(answer.read())
        assert answer.status == 200 and body["result"]["status"], (path, body)
        return body

    def workers(self):
        """The processes that answer."""
        return Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children").read_text().split()

    def stop(self):
        self.server.send_signal(signal.SIGTERM)
        self.server.wait(20)

    def _wait(self):
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert self.server.poll() is None, (self.folder / "gunicorn.log").read_text()
                time.sleep(0.1)
        raise SystemExit("gunicorn does not listen")
