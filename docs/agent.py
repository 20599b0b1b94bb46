#!/usr/bin/env python3
"""An agent for open-cicd in plain Python: docs/agent-protocol.md in code, to read or to build another one from.

    OPENCICD_REGISTRATION_TOKEN=... docs/agent.py --url http://server:8080 --labels linux,python [--listen 127.0.0.1:0]

It runs `run:` steps with bash or sh, knows env, if: always()/failure()/success(), continue-on-error, GITHUB_ENV, GITHUB_OUTPUT and
lookups such as ${{ matrix.os }}. It fails a job that needs more, naming what, and does not mask secrets: it is an example, not a sandbox.
"""

import argparse
import contextlib
import hashlib
import hmac
import http.client
import http.server
import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import subprocess
import threading
import time
import urllib.parse
from datetime import datetime, timedelta, timezone

PIECE, GATHER_SECONDS, SIGNED_SECONDS, STOP_SECONDS = 1 << 20, 0.1, 10, 7.5
FINAL = (401, 403, 404, 409, 410)  # Retrying would not help


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def now_text():
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Server:
    def __init__(self, url):
        self.host, self.ahead = urllib.parse.urlsplit(url).netloc, None

    def ask(self, method, path, token, body=None, headers=None, seconds=30):
        """Status and JSON; 503 and {} if there was no answer. A bytes body is sent as it is."""
        kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        connection = http.client.HTTPConnection(self.host, timeout=seconds)
        try:
            connection.request(method, path, data, {"Authorization": f"Bearer {token}", "Content-Type": kind, **(headers or {})})
            response = connection.getresponse()
            answer = json.loads(response.read() or b"{}")
        except (OSError, ValueError, http.client.HTTPException):
            return 503, {}
        finally:
            connection.close()
        if answer.get("server_time"):  # Offers and signatures are dated by the server's clock
            self.ahead = moment(answer["server_time"]) - timedelta(seconds=time.monotonic())
        return response.status, answer

    def now(self):
        """The server's time as far as it is known, or None."""
        return (self.ahead + timedelta(seconds=time.monotonic())).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if self.ahead else None

    def age(self, dated):
        """Seconds since a time by the server's clock."""
        return (self.ahead + timedelta(seconds=time.monotonic()) - dated).total_seconds() if self.ahead else float("inf")


class Work:
    """One attempt at one job: its steps run in a thread, its log is a file, and it is reported until the server has everything."""

    def __init__(self, agent, offer):
        self.agent, self.offer, self.folder = agent, offer, agent.folder / "job"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.log, self.marks = open(self.folder / "log", "w+b", buffering=0), []  # (first byte, step)
        self.steps, self.outputs, self.order, self.process = [], {}, "go_on", None
        self.result, self.reason, self.ended, self.reported = None, "", threading.Event(), threading.Event()
        self.given_back, self.until = False, time.monotonic() + offer["valid_seconds"]  # When the lease ends, as far as this agent knows
        self.env, self.contexts = {}, dict(offer["contexts"], steps={}, env={}, job={"status": "success"})

    def say(self, data, step):
        if not self.marks or self.marks[-1][1] != step:
            self.marks.append((self.log.seek(0, 2), step))
        self.log.write(data)

    def text(self, value):
        """Text with its ${{ lookups }} replaced; anything else between them is refused."""
        def look_up(match):
            if not re.fullmatch(r"[\w-]+(\.[\w-]+)*", match[1]):
                raise ValueError(f"this agent does not evaluate {match[0]}")
            found = self.contexts
            for part in match[1].split("."):
                found = found.get(part, "") if isinstance(found, dict) else ""
            return found if isinstance(found, str) else "" if found is None else json.dumps(found)
        return re.sub(r"\$\{\{\s*(.*?)\s*\}\}", look_up, str(value))

    def may_run(self, condition):
        failed = self.contexts["job"]["status"]
        plain = re.sub(r"^\$\{\{\s*(.*?)\s*\}\}$", r"\1", str(condition)).strip()
        known = {"": failed == "success", "success()": failed == "success", "failure()": failed == "failure",
                 "always()": True, "cancelled()": failed == "cancelled", "True": failed == "success", "False": False}
        if plain not in known:
            raise ValueError(f"this agent does not evaluate if: {plain}")
        return known[plain]

    def run_step(self, number, step, order):
        if "uses" in step:
            raise ValueError(f"this agent does not run actions: {step['uses']}")
        files = {name: self.folder / name for name in ("GITHUB_ENV", "GITHUB_OUTPUT")}
        for path in files.values():
            path.write_text("")
        shell = step.get("shell") or self.offer["definition"].get("defaults", {}).get("run", {}).get("shell", "bash")
        env = {**self.env, **{k: self.text(v) for k, v in (step.get("env") or {}).items()}}
        work = self.folder / "workspace"
        work.mkdir(exist_ok=True)
        self.process = subprocess.Popen(
            [shell, "-e", "-c", self.text(step["run"])], cwd=work / self.text(step.get("working-directory", ".")),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
            env={**os.environ, "CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(work), **env,
                 **{name: str(path) for name, path in files.items()}})
        if self.order != order:
            self.obey(self.order)  # It came before there was a process
        for data in iter(lambda: self.process.stdout.read1(PIECE), b""):
            self.say(data, number)
        pairs = {name: dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
                 for name, path in files.items()}
        self.env.update(pairs["GITHUB_ENV"])
        self.contexts["env"].update(pairs["GITHUB_ENV"])
        return self.process.wait(), pairs["GITHUB_OUTPUT"]

    def run(self):
        definition = self.offer["definition"]
        try:
            for env in (definition.get("workflow-env"), definition.get("env")):
                self.env.update({k: self.text(v) for k, v in (env or {}).items()})
            self.contexts["env"].update(self.env)
            for number, step in enumerate(definition.get("steps", []), 1):
                row = {"number": number, "id": step.get("id", ""), "name": step.get("name") or f"Run {step.get('run', step.get('uses', ''))}"[:80],
                       "state": "running", "started_at": now_text()}
                self.steps.append(row)
                order = self.order
                runs = order != "kill" and self.may_run(step.get("if", ""))
                code, outputs = self.run_step(number, step, order) if runs else (0, {})
                ran = self.process is not None
                outcome = "skipped" if not ran else "success" if code == 0 else "cancelled" if self.order != "go_on" else "failure"
                forgiven = outcome == "failure" and str(step.get("continue-on-error", False)).lower() == "true"
                row.update(state="finished", outcome=outcome, conclusion="success" if forgiven else outcome,
                           finished_at=now_text(), exit_code=code if code >= 0 else 128 - code)
                self.contexts["steps"][row["id"]] = {"outputs": outputs, "outcome": outcome, "conclusion": row["conclusion"]}
                if row["conclusion"] in ("failure", "cancelled") and self.contexts["job"]["status"] == "success":
                    self.contexts["job"]["status"] = row["conclusion"]
                self.process = None
            self.outputs = {k: self.text(v) for k, v in (definition.get("outputs") or {}).items()}
            self.result = "cancelled" if self.order != "go_on" else self.contexts["job"]["status"]
            if self.given_back:
                self.say(b"This agent was shut down: the job runs again elsewhere.\n", len(self.steps))
        except (ValueError, OSError, KeyError) as error:
            self.result, self.reason = "failure", str(error)
            self.say(f"{error}\n".encode(), len(self.steps))
        self.ended.set()

    def obey(self, order):
        if order != "go_on" and not self.ended.is_set():
            self.order = order
            self.contexts["job"]["status"] = "cancelled"
            process = self.process
            if process:
                os.killpg(process.pid, signal.SIGKILL if order == "kill" else signal.SIGINT)

    def prolong(self, sent, orders):
        """The server has answered what was sent at that time: the lease lasts lease_seconds from then."""
        self.until = max(self.until, sent + orders.get("lease_seconds", 0))

    def watch(self):
        """Pauses the running step while the lease is over: another agent may have the job."""
        paused = False
        while not self.ended.wait(GATHER_SECONDS):
            over, process = time.monotonic() >= self.until, self.process
            if process and (over or paused):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGSTOP if over else signal.SIGCONT)
            paused = over

    def give_back(self):
        """This agent is shutting down: the job must run again elsewhere. It is interrupted, then killed, and reported in any case."""
        self.given_back = not self.ended.is_set() and self.order == "go_on"
        if self.given_back:
            self.reason = "the agent was shut down"
            self.obey("cancel")
            if not self.ended.wait(STOP_SECONDS):
                self.obey("kill")
        self.reported.wait(STOP_SECONDS)

    def status(self, state):
        return {"job": self.offer["job"], "attempt": self.offer["attempt"], "state": state, "steps": list(self.steps)}

    def send_piece(self, offset, size):
        """One piece of the log, of one step: the offset to continue from, or None if the server wants no more of this attempt."""
        step, end = 0, size
        for first, of in self.marks:
            if first <= offset:
                step, end = of, size
            elif end == size:
                end = first
        self.log.seek(offset)
        data = self.log.read(min(end - offset, PIECE))
        status, answer = self.agent.server.ask("PATCH", f"/jobs/{self.offer['job']}/log", self.offer["token"], data,
                                               {"Content-Range": f"bytes {offset}-{offset + len(data) - 1}/*", "Log-Step": str(step)})
        if status in FINAL:
            return None
        return answer["offset"] if status in (202, 416) else offset

    def report(self):
        """Reports until the final status is accepted. Temporary failures are retried for as long as the server is down."""
        offset, beat, path = 0, 0, f"/jobs/{self.offer['job']}/status"
        while offset is not None:
            ended = self.ended.wait(GATHER_SECONDS)
            size = os.fstat(self.log.fileno()).st_size
            if offset < size:
                offset = self.send_piece(offset, size)
            elif ended:
                self.log.seek(0)
                final = {**self.status("finished"), "result": self.result, "reason": self.reason, "outputs": self.outputs,
                         "given_back": self.given_back,
                         "log_size": size, "log_sha256": hashlib.sha256(self.log.read()).hexdigest()}
                status, _ = self.agent.server.ask("POST", path, self.offer["token"], final)
                if status == 416:
                    offset = 0  # Its log is shorter than it acknowledged: the next answer says where to continue
                elif status < 300 or status in FINAL or status in (400, 413, 422):
                    return
            elif time.monotonic() - beat > self.offer["lease_seconds"] / 3:
                sent = time.monotonic()
                status, orders = self.agent.server.ask("POST", path, self.offer["token"], self.status("running"))
                offset, beat = None if status in FINAL else offset, time.monotonic()
                self.prolong(sent, orders)
                self.obey(orders.get("order", "go_on"))
        self.obey("kill")  # Another attempt has the job
        self.ended.wait()


class Taken(set):
    """The attempts that were taken last, also in a file: none is started twice, not even if this agent is killed and started again."""

    def __init__(self, path, kept=4096):
        super().__init__(path.read_text().split("\n")[-kept:] if path.exists() else [])
        self.file = open(path, "a", buffering=1)

    def add(self, attempt):
        super().add(attempt)
        self.file.write(attempt + "\n")


class Agent:
    def __init__(self, options):
        self.options, self.server, self.folder = options, Server(options.url), pathlib.Path(options.work_dir).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.id, self.url, self.work, self.lock = "", "", None, threading.Lock()
        self.taken = Taken(self.folder / "taken")
        self.stopping = threading.Event()
        key = self.folder / "key"
        if not key.exists():  # Kept before it is sent: a lost answer to the registration loses nothing
            with open(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write("oca_" + secrets.token_urlsafe(32))
        self.key = key.read_text()
        self.push_key = hashlib.blake2b(b"push:" + self.key.encode(), digest_size=32).hexdigest()

    def register(self):
        ask = {"name": self.options.name, "labels": self.options.labels.split(","), "url": self.url, "os": "Linux", "arch": "X64", "key": self.key}
        while True:
            status, answer = self.server.ask("POST", "/register", self.key, ask)
            if status in (401, 403, 404):
                status, answer = self.server.ask("POST", "/register", os.environ.get("OPENCICD_REGISTRATION_TOKEN", ""), ask)
            if status == 201:
                self.id = answer["id"]
                return answer["heartbeat_seconds"]
            if status < 500:
                raise SystemExit(f"the server refuses this agent: {answer.get('detail', status)}")
            time.sleep(1)

    def take(self, offer):
        """The HTTP status of the answer to an offer."""
        attempt = f"{offer['job']} {offer['attempt']}"
        with self.lock:
            if self.work and f"{self.work.offer['job']} {self.work.offer['attempt']}" == attempt:
                return 202
            if attempt in self.taken or self.server.age(moment(offer["offered_at"])) > offer["valid_seconds"]:
                return 410
            if self.work or self.stopping.is_set():
                return 409
            self.taken.add(attempt)
            self.work = Work(self, offer)
        threading.Thread(target=self.work.run).start()
        threading.Thread(target=self.work.watch).start()
        threading.Thread(target=self.finish, args=[self.work]).start()
        return 202

    def finish(self, work):
        work.report()
        self.work = None
        work.reported.set()

    def let_in(self, request, body):
        """Is this request the server's? 0, or the status to refuse it with."""
        get = request.headers.get
        lines = ["v1", request.command, request.path, self.id, get("Opencicd-Time", ""), hashlib.sha256(body).hexdigest()]
        made = "v1=" + hmac.new(self.push_key.encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()
        if get("Opencicd-Agent") != self.id or not hmac.compare_digest(made, get("Opencicd-Signature", "")):
            return 401
        dated = datetime.fromtimestamp(int(lines[4]) / 1e6, timezone.utc)
        return 0 if abs(self.server.age(dated)) <= SIGNED_SECONDS else 410

    def answer(self, request):
        if (request.command, request.path) == ("GET", "/health"):
            return 200, {"status": "busy" if self.work else "idle", "job": self.work.offer["job"] if self.work else ""}
        body = request.rfile.read(min(int(request.headers.get("Content-Length", 0)), 4 << 20))
        refused = self.let_in(request, body)
        url, work = urllib.parse.urlsplit(request.path), self.work
        if refused or request.command == "POST" and url.path == "/jobs":
            return refused or self.take(json.loads(body)), {}
        wanted = urllib.parse.parse_qs(url.query)
        if not work or url.path != f"/jobs/{work.offer['job']}" or wanted.get("attempt", [str(work.offer["attempt"])]) != [str(work.offer["attempt"])]:
            return 404, {}
        if request.command == "DELETE":
            work.obey("kill" if "hard" in wanted else "cancel")
            return 202, {}
        return 200, work.status("finished" if work.ended.is_set() else "running")

    def listen(self):
        agent = self

        class Handler(http.server.BaseHTTPRequestHandler):
            timeout = 10

            def handle_any(self):
                status, answer = agent.answer(self)
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_DELETE = handle_any

            def log_message(self, *_):
                pass

        host, port = self.options.listen.rsplit(":", 1)
        listener = http.server.ThreadingHTTPServer((host, int(port)), Handler)
        self.url = f"http://{host}:{listener.server_port}"
        threading.Thread(target=listener.serve_forever, daemon=True).start()

    def ask_for_jobs(self):
        while not self.stopping.is_set():
            sent_at = self.server.now()
            path = f"/agents/{self.id}/next?wait=30" + (f"&sent_at={sent_at}" if sent_at else "")
            status, offer = (0, {}) if self.work else self.server.ask("GET", path, self.key, seconds=60)
            taken = self.take(offer) if status == 200 and offer.get("job") else 0
            if taken != 202 and status != 204:
                time.sleep(0.1 if self.work or taken else 1)

    def main(self):
        if self.options.listen:
            self.listen()
        pause = self.register()
        if not self.options.listen:
            threading.Thread(target=self.ask_for_jobs, daemon=True).start()
        signal.signal(signal.SIGTERM, lambda *_: self.stopping.set())
        while True:
            stopping = self.stopping.is_set()
            sent_at, work = self.server.now(), self.work  # In this order: a job that arrives in between is not disowned
            beat = {"agent": self.id, "sent_at": sent_at, "url": self.url, "job": work.offer["job"] if work else "",
                    "attempt": work.offer["attempt"] if work else 0, "draining": stopping}
            sent = time.monotonic()
            status, orders = self.server.ask("POST", f"/agents/{self.id}/heartbeat", self.key, beat)
            if status in FINAL:
                pause = self.register()
            elif work and work is self.work:
                if orders.get("order", "kill") != "kill":
                    work.prolong(sent, orders)
                work.obey(orders.get("order", "go_on"))
            if stopping:
                return work.give_back() if work else None
            self.stopping.wait(pause)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--name", default="python")
    parser.add_argument("--labels", default="linux,self-hosted,python")
    parser.add_argument("--work-dir", default="agent-work")
    parser.add_argument("--listen", default="", help="HOST:PORT on which jobs are pushed; without it the agent asks for them")
    Agent(parser.parse_args()).main()
