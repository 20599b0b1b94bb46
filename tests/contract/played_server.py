"""played_server.py - a server as an agent sees it, played from a script, and the agent's process beside it.

It keeps every request, a log by offsets as the collector does, and misbehaves where a clause asks for it: `away` answers 503, `deaf`
takes a request and closes without an answer, `fenced` answers 409 to every word about a job.
"""

import contextlib
import hashlib
import hmac
import http.client
import http.server
import json
import os
import re
import signal
import subprocess
import threading
import time
import urllib.parse
from datetime import datetime, timezone

from wait import wait_until

AGENT, SECONDS = "a1", 30


def text_of(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class PlayedServer:
    def __init__(self):
        self.lock = threading.Condition()
        self.requests, self.logs, self.finals, self.tokens, self.parked_offers = [], {}, {}, {}, []
        self.keys, self.url_of_agent, self.order = [], "", "go_on"
        self.away = self.fenced = self.refuses_own = False
        self.deaf, self.cut_log, self.next_offer = {}, None, None
        played = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                size = int(self.headers.get("Content-Length", 0))
                status, answer = played.answer(self.command, self.path, self.headers, self.rfile.read(size))
                if status is None:
                    self.close_connection = True
                    return
                data = b"" if status == 204 else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = do_PUT = handle_any

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.handle_error = lambda *_: None  # An agent that was killed hears no answer
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def __enter__(self):
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()

    # ---- what it answers

    def answer(self, method, path, headers, body):
        route = urllib.parse.urlsplit(path).path
        kind = route.rsplit("/", 1)[1]
        with self.lock:
            sent = json.loads(body) if body and kind != "log" else {}
            self.requests.append((method, path, headers.get("Authorization", ""), sent))
            self.lock.notify_all()
            if self.away:
                return 503, {"detail": "away"}
            status, answer = self.take(kind, route, headers, sent, body)
            if self.deaf.get(kind, 0) > 0:
                self.deaf[kind] -= 1
                return None, None
            return status, answer

    def take(self, kind, route, headers, sent, body):
        orders = {"order": self.order, "lease_seconds": 3, "server_time": text_of(time.time())}
        if kind == "register":
            self.keys += [sent["key"]] if sent.get("key") else []  # With its own token it need not bring it again
            self.url_of_agent = sent["url"]
            return 201, {"id": AGENT, "name": sent["name"], "token": "", "lease_seconds": 3, "heartbeat_seconds": 1,
                         "server_time": text_of(time.time())}
        if kind == "heartbeat":
            return 200, {**orders, "order": "go_on"}
        if kind == "next":
            self.lock.wait_for(lambda: self.parked_offers, timeout=1)
            return (200, self.parked_offers.pop(0)) if self.parked_offers else (204, {})
        if self.fenced:
            return 409, {"code": "CONFLICT", "detail": "another attempt has it"}
        job = route.split("/")[-2]
        own = headers["Authorization"].removeprefix("Bearer ") in self.keys  # The agent's, with a final status
        if own and self.refuses_own:
            return 403, {"code": "FORBIDDEN", "detail": "not with this token"}
        if not own and self.tokens.setdefault(job, headers["Authorization"]) != headers["Authorization"]:
            self.tokens[job], self.logs[job] = headers["Authorization"], bytearray()  # Each attempt has a log of its own
        if kind == "log":
            return self.take_log(job, headers, body)
        return self.take_status(job, sent, orders)

    def take_log(self, job, headers, body):
        first = int(re.fullmatch(r"bytes (\d+)-\d+/\*", headers["Content-Range"])[1])
        log = self.logs.setdefault(job, bytearray())
        if self.cut_log is not None and len(log) > self.cut_log:
            del log[self.cut_log:]
            self.cut_log = None
        if first > len(log):
            return 416, {"offset": len(log), "sealed": False}
        log += body[len(log) - first:]
        return 202, {"offset": len(log), "sealed": False}

    def take_status(self, job, sent, orders):
        if sent["state"] == "finished":
            log, at = self.logs.setdefault(job, bytearray()), sent.get("log_offset", 0)
            for piece in sent.get("log", []):
                data = piece["text"].encode()
                log += data[len(log) - at:] if at + len(data) > len(log) else b""
                at += len(data)
            if sent["log_size"] != len(log) or sent["log_sha256"] != hashlib.sha256(log).hexdigest():
                return 416, {"detail": "this is not the log that is stored"}
            self.finals[job, sent["attempt"]] = sent
            if sent.get("next"):
                orders["next"], self.next_offer = [self.next_offer] if self.next_offer else [], None
        return 200, orders

    # ---- what a clause asks of it

    def seen(self, method, end, **fields):
        """Requests whose path ends so and whose JSON has these fields."""
        return [request for request in list(self.requests)
                if request[0] == method and urllib.parse.urlsplit(request[1]).path.endswith(end)
                and all(request[3].get(name) == value for name, value in fields.items())]

    def wait_for(self, method, end, count=1, **fields):
        wait_until(lambda: len(self.seen(method, end, **fields)) >= count, SECONDS, f"{count} of {method} {end} {fields}")
        return self.seen(method, end, **fields)[count - 1]

    def finished(self, job, attempt=1):
        """The final status that was taken."""
        wait_until(lambda: (job, attempt) in self.finals, SECONDS, f"the final status of attempt {attempt} of {job}")
        return self.finals[job, attempt]

    def offer(self, job, script, attempt=1, seconds_ago=0):
        steps = [{"run": script, "shell": "sh"}]
        return {"job": job, "attempt": attempt, "run": "r1", "project": "demo", "key": "k", "name": "k", "token": f"ocj_{job}.{attempt}",
                "lease_seconds": 3, "offered_at": text_of(time.time() - seconds_ago), "valid_seconds": 2, "repository": "",
                "ref": "", "sha": "", "contexts": {}, "definition": {"key": "k", "steps": steps}}

    def give(self, agent, offer):
        """Push it, or park it; the status that the agent answered."""
        if agent.parked:
            with self.lock:
                self.parked_offers.append(offer)
                self.lock.notify_all()
            return 202
        return self.ask_agent("POST", "/jobs", offer)

    def ask_agent(self, method, path, body=None, agent=AGENT, key=None, seconds_ago=0, send=None):
        data = json.dumps(body).encode() if body is not None else b""
        secret = (key or self.keys[-1]).encode()
        push_key = hashlib.blake2b(b"push:" + secret, digest_size=32).hexdigest()
        stamp, total = str(int((time.time() - seconds_ago) * 1e6)), hashlib.sha256(data).hexdigest()
        lines = "\n".join(["v1", method, path, agent, stamp, total])
        headers = {"Opencicd-Agent": agent, "Opencicd-Time": stamp, "Opencicd-Content-SHA256": total,
                   "Opencicd-Signature": "v1=" + hmac.new(push_key.encode(), lines.encode(), hashlib.sha256).hexdigest()}
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.url_of_agent).netloc, timeout=SECONDS)
        try:
            connection.request(method, path, send if send is not None else data, headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def health(self):
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.url_of_agent).netloc, timeout=SECONDS)
        try:
            connection.request("GET", "/health")
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def story(self):
        return "\n".join(f"    {method} {path} {json.dumps(sent)[:200]}" for method, path, _, sent in self.requests[-12:])


class AgentProcess:
    def __init__(self, kind, command, parked, server, folder):
        self.kind, self.command, self.parked, self.server, self.folder = kind, command, parked, server, folder
        self.process = None

    def start(self):
        # The program is pushed to unless it is told otherwise, the example asks unless it is.
        how = ["--isolation", "off", *(["--parked"] if self.parked else ["--agent-listen", "127.0.0.1:0"])] if self.kind == "program" else \
            ([] if self.parked else ["--listen", "127.0.0.1:0"])
        how += ["--shutdown-seconds", "5"] if self.kind == "program" else []
        environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENCICD_")}
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [*self.command, "--url", self.server.url, "--name", "ada", "--work-dir", str(self.folder / "work"), *how],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, start_new_session=True,
                env={**environment, "OPENCICD_REGISTRATION_TOKEN": "registration-token"})
        return self

    def __enter__(self):
        return self.start()

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def __exit__(self, *_):
        self.kill()

    def log_tail(self):
        return "\n".join(f"    {line}" for line in (self.folder / "log").read_text(errors="replace").splitlines()[-15:])
