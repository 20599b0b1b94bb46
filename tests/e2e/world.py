"""world.py - what one scenario plays in: a git repository, a project, the runs it triggered, the server.

Names of places in requests: {project}, {address}, {git}, {run}, {run:NAME}, {run_id} (as github.run_id), {job:NAME}, {agent:NAME}, {artifact:NAME}, {sha:REVISION}.
"""

import hashlib
import pathlib
import re
import shutil
import subprocess

from api import Refused
from wait import wait_until

WORKFLOW = ".github/workflows/workflow.yml"
GIT = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main",
       "-c", "commit.gpgsign=false"]


def number_of_run(run):
    """What workflows see as github.run_id: FNV-1a of the id, 49 bits of it."""
    number = 14695981039346656037
    for byte in run.encode():
        number = (number ^ byte) * 1099511628211 % (1 << 64)
    return str(number >> 15 | 1)


class World:
    def __init__(self, scenario, server, folder):
        self.scenario, self.server = scenario, server
        self.folder = pathlib.Path(folder)
        self.repository = self.folder / "a repository"  # A blank must do no harm anywhere
        self.project = re.sub(r"[^A-Za-z0-9._-]", "-", scenario.name)[:100]
        self.runs = {}
        self.agents = {}
        self.git_server = None

    @property
    def api(self):
        return self.server.api

    def git(self, *arguments):
        return subprocess.run([*GIT, "-C", str(self.repository), *arguments], check=True, capture_output=True,
                              text=True, stdin=subprocess.DEVNULL).stdout.strip()

    def make_repository(self):
        """The scenario's workflow.yml and whatever stands in its files/, as one commit on main."""
        self.repository.mkdir(parents=True)
        self.git("init", "-q", f"--object-format={self.scenario.plan.get('object_format', 'sha1')}")
        files = self.scenario.folder / "files"
        if files.is_dir():
            shutil.copytree(files, self.repository, dirs_exist_ok=True)
        if (self.scenario.folder / "workflow.yml").exists():
            workflow = self.repository / WORKFLOW
            workflow.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.scenario.folder / "workflow.yml", workflow)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "Begin")

    def register(self):
        self.api.post("/projects", {"name": self.project, "url": str(self.repository)})

    def trigger(self, name="run", **more):
        """Trigger a run and keep its id under a name. The answer, whatever it is."""
        body = {"workflow": "workflow.yml", "ref": "main", **more}
        answer = self.api.ask("POST", f"/projects/{self.project}/runs", body)
        if answer.status == 201:
            self.runs[name] = answer.json["id"]
        return answer

    def run(self, name="run"):
        return self.api.get(f"/runs/{self.runs[name]}")

    def job(self, name, run="run"):
        """A job by what is shown of it, or by its key where that is unique."""
        jobs = self.run(run)["jobs"]
        found = [job for job in jobs if job["name"] == name] or [job for job in jobs if job["key"] == name]
        if len(found) != 1:
            raise Refused(f"run {run} has {len(found)} jobs {name}: {[job['name'] for job in jobs]}")
        return found[0]

    def log(self, job_name, attempt=None, run="run"):
        wanted = f"?attempt={attempt}" if attempt else ""
        answer = self.api.ask("GET", f"/jobs/{self.job(job_name, run)['id']}/log{wanted}")
        if answer.status != 200:
            raise Refused(f"log of {job_name}: {answer.status} {answer.text[:500]}")
        return answer.body

    def step_output(self, job_name, step):
        """SHA-256 and size of what a step itself printed: its part of the whole log, behind the head that the agent wrote."""
        steps = self.api.get(f"/jobs/{self.job(job_name)['id']}/log/info")["steps"]
        begin = next(row["offset"] for row in steps if row["step"] == step)
        end = min((row["offset"] for row in steps if row["offset"] > begin), default=None)
        printed = self.log(job_name)[begin:end].split(b"##[endgroup]\n", 1)[-1]
        return hashlib.sha256(printed).hexdigest(), len(printed)

    def wait_for_run(self, name="run", state="finished", seconds=60):
        wait_until(lambda: self.run(name)["state"] == state, seconds,
                   lambda: f"run {name} to be {state}; it is {self.summary(name)}")

    def summary(self, name="run"):
        run = self.run(name)
        jobs = ", ".join(f"{job['name']}: {job['state']}/{job['result']} attempt {job['attempt']}"
                         f" {job.get('reason') or job.get('wait_reason') or ''}".rstrip() for job in run["jobs"])
        return f"{run['state']}/{run['result']} [{jobs}]"

    def place(self, kind, name):
        """What stands for {kind:name}."""
        def of_page(path):
            return next(item["id"] for item in self.api.get(path)["items"] if item["name"] == name)
        return {
            "project": lambda: self.project, "address": lambda: self.api.host, "run": lambda: self.runs[name or "run"], "run_id": lambda: number_of_run(self.runs[name or "run"]),
            "job": lambda: self.job(name)["id"], "sha": lambda: self.git("rev-parse", name),
            "folder": lambda: str(self.folder), "git": lambda: self.git_server.url, "agent": lambda: of_page("/agents"), "artifact": lambda: of_page(f"/runs/{self.runs['run']}/artifacts"),
        }[kind]()

    def fill(self, value):
        """Put what they stand for in the place of names, in every text of a value."""
        if isinstance(value, dict):
            return {key: self.fill(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.fill(inner) for inner in value]
        if isinstance(value, str):
            return re.sub(r"\{(project|address|folder|git|run|run_id|job|agent|artifact|sha)(?::([^}]+))?\}",
                          lambda found: self.place(found[1], found[2]), value)
        return value
