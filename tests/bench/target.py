"""target.py - what is measured: `floor`, the embedded server, the services as separate programs; and the tools that measure it."""

import contextlib
import json
import os
import pathlib
import subprocess

from apart import Apart, postgres_folder
from server import Server
from wait import wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
TOOLS = BUILD / "tests/bench"
GIT = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"]
SEQUENTIAL, QUEUED = 60, 1000  # Of a round
LOG_LINES, LOG_LINE_BYTES = 1_000_000, 100
GET_SECONDS, GET_CONNECTIONS = 1, 32


def call(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise SystemExit(f"{' '.join(str(word) for word in command[:2])}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def client(*arguments):
    return json.loads(call(TOOLS / "bench-client", *arguments))


def memory_kb(pid, key, file="smaps_rollup"):
    text = pathlib.Path(f"/proc/{pid}/{file}").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(key + ":"))


def cpu_seconds(pid, ended=False):
    """Of a process, and if so asked of those of its children that have ended."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(int(field) for field in fields[11:15 if ended else 13]) / os.sysconf("SC_CLK_TCK")


def cpu_of_children(pid):
    total = 0
    for child in children(pid):
        with contextlib.suppress(OSError):  # It has ended, and counts with its parent
            total += cpu_seconds(child)
    return total


def children(pid):
    return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class Target:
    """What is measured: where to post a job, how to write one, where to look."""

    def __init__(self, folder, url, token, pid, post_job, show_job, other):
        self.folder, self.url, self.token, self.pid = folder, url, token, pid
        self.post_job, self.show_job, self.other = post_job, show_job, other
        self.socket = folder / "stamp"

    def stamp(self):
        return f"{TOOLS / 'bench-stamp'} {self.socket}"

    def body(self, name, command, label="linux", shell="sh"):
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps({"name": name, "runs_on": [label], "steps": [{"run": command, "shell": shell}]}))
        return path

    def queue(self, count):
        """Jobs that no agent can take."""
        client("queue", self.url, self.token, count, self.post_job, self.body("waiting", "true", "no-agent-has-this"), self.show_job)

    def latency(self, count, post, body, show):
        return client("latency", self.url, self.token, count, self.socket, post, body, show)

    def agents(self):
        return []

    def pss(self):
        """At rest, in MB: the server's, and the largest agent's where it has some."""
        return " / ".join(f"{size / 1024:.1f}" for size in (
            memory_kb(self.pid, "Pss"), *sorted(memory_kb(pid, "Pss") for pid in self.agents())[-1:]))

    def job_latency(self):
        return self.latency(SEQUENTIAL, self.post_job, self.body("stamp", self.stamp()), self.show_job)

    def processes(self):
        return [self.pid]

    def cpu(self):
        return sum(cpu_seconds(pid) for pid in self.processes())

    def burst(self, count=QUEUED, shell="sh"):
        before = self.cpu()
        body = self.body("true", "true", shell=shell)
        got = client("burst", self.url, self.token, count, self.post_job, body, self.show_job)
        return {**got, "cpu_ms": (self.cpu() - before) * 1000 / count}

    def log(self, lines):
        """From the job's first process to finished, sealed log included; what another request waits meanwhile."""
        pathlib.Path(f"/proc/{self.pid}/clear_refs").write_text("5")
        before = memory_kb(self.pid, "VmRSS", "status")
        body = self.body("log", f"{self.stamp()}; cat {lines}")
        watch = subprocess.Popen([str(TOOLS / "bench-client"), "get", self.url, self.token, "2", "1", "1000", self.other],
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        got = self.latency(1, self.post_job, body, self.show_job)
        slowest = json.loads(watch.communicate()[0])["slowest"]
        return {"mb_per_second": LOG_LINES * LOG_LINE_BYTES / 1e6 / (got["ran_p50"] / 1000), "seconds": got["ran_p50"] / 1000,
                "slowest": slowest,
                "growth_mb": max(0, memory_kb(self.pid, "VmHWM", "status") - before) / 1024}

    def get(self, path):
        return client("get", self.url, self.token, GET_SECONDS, GET_CONNECTIONS, 0, path)["requests_per_second"]

class Floor(Target):
    def __init__(self, folder, slots):
        folder.mkdir()
        self.process = subprocess.Popen([TOOLS / "bench-floor", folder / "data", str(slots)], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, text=True)
        url = self.process.stdout.readline().strip()
        super().__init__(folder, url, "", self.process.pid, "/jobs", "/jobs/", "/jobs/1")

    def stop(self):
        self.process.kill()
        self.process.wait()


class Ours(Target):
    """The embedded server with some local agents, and a project whose workflow does nothing but stamp."""

    def __init__(self, folder, agents, options=()):
        folder.mkdir()
        # A job says that it began through a socket of this machine, which one in a sandbox does not reach; and `floor` has none
        self.server = Server(str(BUILD / "opencicd"), folder, agents=agents, options=["--isolation", "off", *options])
        self.server.start()
        api = self.server.api
        super().__init__(folder, f"http://{api.host}", api.token, self.server.process.pid, "/api/v1/jobs", "/api/v1/jobs/",
                         "/api/v1/agents")

    def add_project(self):
        repository = self.folder / "repository"
        workflow = repository / ".github/workflows/bench.yml"
        workflow.parent.mkdir(parents=True)
        workflow.write_text(f"on: workflow_dispatch\njobs:\n  bench:\n    runs-on: linux\n    steps:\n      - run: {self.stamp()}\n        shell: sh\n")
        for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Begin"]):
            call(*GIT, "-C", repository, *arguments)
        self.server.api.post("/projects", {"name": "bench", "url": str(repository)})

    def run_latency(self):
        body = self.folder / "run.json"
        body.write_text(json.dumps({"workflow": "bench.yml", "ref": "main"}))
        return self.latency(SEQUENTIAL, "/api/v1/projects/bench/runs", body, "/api/v1/runs/")

    def agents(self):
        return [pid for pid in self.server.own_processes() if pid != self.pid]

    def stop(self):
        self.server.stop()


class Replicas(Apart):
    """Agents ask the gateways themselves: a proxy in Python would cost more than what is measured."""

    replicas = 1

    @property
    def numbers(self):
        return range(1, self.replicas + 1)

    def start_agent(self, name, *options, host):
        gateway = self.hosts[int(name.rsplit("-", 1)[1]) % len(self.hosts)]
        super().start_agent(name, "--isolation", "off", host=gateway)

    def add_agents(self, count):
        for number in range(self.agents, self.agents + count):
            self.start_agent(f"apart-{number + 1}", host="")
        self.agents += count
        wait_until(self.agents_are_idle, 60, "the agents to be idle")


class TwoReplicas(Replicas):
    replicas = 2


class Services(Target):
    """Each service and the gateway as a program of its own, on PostgreSQL."""

    def __init__(self, folder, replicas, agents):
        folder.mkdir()
        kind = TwoReplicas if replicas == 2 else Replicas
        self.server = kind(str(BUILD / "opencicd"), folder / "system", agents=agents)
        try:
            self.server.start()
        except BaseException:
            self.server.stop()
            raise
        super().__init__(folder, f"http://{self.server.hosts[0]}", self.server.api.token, self.server.processes["scheduler-1"].pid,
                         "/api/v1/jobs", "/api/v1/jobs/", "/api/v1/agents")

    def processes(self):
        return [process.pid for process in self.server.processes.values()]

    def database_cpu(self):
        """Of PostgreSQL's processes; a connection that has ended counts with their parent."""
        parent = int((self.server.postgres.folder / "data/postmaster.pid").read_text().splitlines()[0])
        return cpu_seconds(parent, ended=True) + cpu_of_children(parent)

    def burst(self, count=QUEUED, shell="sh"):
        before, commits = self.database_cpu(), self.commits()
        got = super().burst(count, shell)
        return {**got, "database_ms": (self.database_cpu() - before) * 1000 / count, "commits": (self.commits() - commits) / count}

    def commits(self):
        url = self.server.postgres.url
        return int(call(postgres_folder() / "psql", "-XAtc", "select sum(xact_commit) from pg_stat_database", url))

    def stop(self):
        self.server.stop()
