"""held_job.py - a server, and a job of it that is held by this program: what a step of that job would find in its environment.

The job is leased as docs/agent-protocol.md says, and kept with heartbeats until the end. So the packages of GitHub's toolkit meet the real
server with a real job's credential, whether or not an agent runs their actions.
"""

import base64
import json
import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from server import Server  # noqa: E402


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def runtime_token(offer):
    """As common/base/runtime_token.h says: the job's token where a JWT has its signature."""
    run, job = offer["run"] or offer["job"], offer["job"]
    fields = offer["token"].split(".")  # ocj_2, key, job, attempt, issued, expires, MAC
    claims = {"scp": f"Actions.Results:{run}:{job}", "nbf": int(fields[4]), "exp": int(fields[5]), "ac": "[]"}
    return ".".join([encoded(b'{"typ":"JWT","alg":"none"}'), encoded(json.dumps(claims).encode()),
                     encoded(offer["token"].encode())])


LEASE = ["--lease-seconds", "3600"]  # However slow the machine is, the job stays this program's


class HeldJob:
    def __init__(self, server, name="holder"):
        self.api, self.ended = server.api, threading.Event()
        token = (server.data / "registration-token").read_text().strip()
        registered = self.api.ask("POST", "/register", {"name": name, "labels": [name]}, token=token).json
        self.agent, self.key = registered["id"], registered["token"]
        self.lease = registered["lease_seconds"]
        self.thread = threading.Thread(target=self.keep, daemon=True)

    def take(self, label="holder", project=""):
        """Submits a job of a run's own, of no project where none is named, and is leased it."""
        self.api.post("/jobs", {"name": "held", "project": project, "runs_on": [label], "steps": [{"run": "true"}]})
        self.offer = self.api.ask("GET", f"/agents/{self.agent}/next?wait=30", token=self.key).json
        self.report("running")
        self.thread.start()
        return self

    def report(self, state, **more):
        body = {"attempt": self.offer["attempt"], "state": state, **more}
        return self.api.ask("POST", f"/jobs/{self.offer['job']}/status", body, token=self.offer["token"])

    def keep(self):
        while not self.ended.wait(self.lease / 3):
            self.report("running")

    def end(self):
        """The attempt is over: its credential is good for nothing but reading."""
        self.ended.set()
        self.thread.join()
        return self.report("finished", result="success", log_size=0,
                           log_sha256="e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")

    def environment(self, folder):
        url = f"http://{self.api.host}"
        return {"ACTIONS_RUNTIME_URL": url + "/", "ACTIONS_RESULTS_URL": url + "/",
                "ACTIONS_CACHE_URL": url + "/", "ACTIONS_CACHE_SERVICE_V2": "True",
                "ACTIONS_RUNTIME_TOKEN": runtime_token(self.offer), "GITHUB_SERVER_URL": "http://opencicd.ghe.localhost",
                "GITHUB_API_URL": url + "/api/v1", "GITHUB_WORKSPACE": str(folder), "RUNNER_TEMP": str(folder),
                "GITHUB_RETENTION_DAYS": "30", "GITHUB_REPOSITORY": "o/r", "JOB_TOKEN": self.offer["token"],
                "RUN": self.offer["run"] or self.offer["job"], "JOB": self.offer["job"]}
