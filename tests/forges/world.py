"""world.py - a server of its own with a fake forge beside it: what the tests of forges do to both, and wait for."""

import http.client
import os
import pathlib
import subprocess
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))

from fake_forge import FakeForge  # noqa: E402
from server import Server  # noqa: E402
from wait import wait_until  # noqa: E402

WAIT_SECONDS = 60
SETTLE_SECONDS = 240  # Each that comes late for a pull request waits some 8 s for the forge to move its ref, one after the other
WORKFLOW = """on:
  push:
  pull_request:
  pull_request_target:
  create:
  delete:
jobs:
  test:
    runs-on: nobody
    steps:
      - run: echo
"""


class Wrong(Exception):
    pass


def check(what, got, want):
    if got != want:
        raise Wrong(f"{what}: {got!r}, not {want!r}")


def wait_for(what, condition, seconds=WAIT_SECONDS):
    return wait_until(condition, seconds, what)


class World:
    def __init__(self, program, folder):
        self.program, self.folder = program, pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.server = Server(program, self.folder, agents=0).start()
        self.api, self.forges = self.server.api, {}

    def stop(self):
        for forge in self.forges.values():
            forge.stop()
        return self.server.stop()

    def cli(self, *args, text="", good=True):
        done = subprocess.run([self.program, *args, "--data-dir", str(self.server.data_folder)], input=text, capture_output=True,
                              text=True, timeout=120, check=False, env={**os.environ, "OPENCICD_TOKEN_FILE": ""})
        if good and done.returncode:
            raise Wrong(f"opencicd {' '.join(args)}: {done.stderr}")
        return done

    def start_agent(self):
        self.server.start_agent("ada", "--labels", "linux")
        wait_for("an agent", lambda: self.api.get("/agents")["items"])

    def forge(self, kind, credential=None, **more):
        name = f"{kind}-{len(self.forges)}"
        forge = self.forges[name] = FakeForge(kind, self.folder / name, **more)
        forge.name = name
        credential = credential or forge.token
        self.cli("forge", "add", "--private-networks", kind, name, forge.url, text=credential + "\n")
        return forge

    def repository(self, forge, name, files=None):
        """One with a commit on main, which is a project that has been read, with its webhook."""
        repository = forge.add(name)
        repository.push("refs/heads/main", repository.commit({".github/workflows/ci.yml": WORKFLOW, **(files or {})}))
        self.cli("project", "add", "--forge", forge.name, name)
        project = name.split("/")[-1]
        wanted = "none" if forge.kind == "git" else "active"
        wait_for("its webhook", lambda: self.link(project)["state"] == wanted)
        wait_for("its refs", lambda: self.link(project)["polled_at"])
        repository.project = project
        return repository

    def link(self, project):
        return self.api.get(f"/projects/{project}/forge")

    def send(self, repository, delivery, hook=None):
        """One delivery to the repository's webhook; the answer's status and JSON."""
        hook = hook or next(iter(repository.hooks.values()))
        headers, body = repository.forge.dialect.sign(hook, *delivery)
        return self.post(hook.get("url") or hook["config"]["url"], headers, body)

    def post(self, url, headers, body):
        parts = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=60)
        try:
            connection.request("POST", parts.path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def send_all(self, repository, deliveries):
        for one in deliveries:
            check("answer", self.send(repository, one)[0], 202)

    def deliveries(self, project=None, state=None):
        query = "&".join(f"{key}={value}" for key, value in (("project", project), ("state", state)) if value)
        rows, cursor = [], ""
        while True:
            page = self.api.get(f"/deliveries?limit=200&{query}&cursor={cursor}")
            rows += page["items"]
            cursor = page["next"]
            if not cursor:
                return rows

    def settle(self, project=None):
        """Until nothing waits."""
        wait_for("deliveries to be worked off", lambda: not self.deliveries(project, "received"), SETTLE_SECONDS)

    def compare(self, project):
        return self.api.post(f"/projects/{project}/forge/compare")

    def runs(self, project, event=None):
        rows, cursor = [], ""
        while True:
            page = self.api.get(f"/projects/{project}/runs?limit=200&cursor={cursor}")
            rows += page["items"]
            cursor = page["next"]
            if not cursor:
                return [row for row in rows if event in (None, row["event"])]


def play(tests, program, folder):
    """Runs the tests whose names are sentences; prints what failed, and the sum."""
    passed = failed = 0
    for number, test in enumerate(tests):
        world = World(program, pathlib.Path(folder) / str(number))
        try:
            test(world)
            problem = None
        except Exception as error:  # noqa: BLE001 - whatever it is, the next test is played
            problem = f"{type(error).__name__}: {error}"
        finally:
            problem = world.stop() or problem
        if problem:
            print(f"FAIL {test.__name__}\n    {problem}\n{world.server.log_tail()}")
        passed, failed = passed + (not problem), failed + bool(problem)
    print(f"{passed} passed, {failed} failed", flush=True)
    return failed
