"""scenario.py - one scenario: a folder named after the sentence that it proves, played and judged.

workflow.yml    what is run
expect.json     "run" and "runs" (as the API shows them, jobs by name), "logs" (of "JOB" or "JOB@ATTEMPT"), "step_output" (of
                "JOB#STEP": the command that prints the same), "summaries" (by job), "attempts" (by job), "artifacts" (name: {file: content}),
                "failure" (the digest of the run), "refused" (the trigger's answer)
scenario.json   optional: "actions", "server" ({"own", "apart": as separate programs on
                PostgreSQL, "agents", "options", "environment", "disk_mb"}), "engine" (of containers: {"images", "ports", "recipe"}), "seconds", "needs" ("sandbox", "limits"), "object_format" of the repository, and
                "trigger" (more of its body, or false)
files/          optional: what else is in the repository
"""

import hashlib
import json
import pathlib
import subprocess
import urllib.parse

from actions import ACTIONS, Differs
from api import Refused
from match import differences
from world import World

RUN_SECONDS = 60
NEEDS_OWN_SERVER = {"kill_agent_of", "kill_guard_of", "kill_server", "start_server", "start_agent"}


class Scenario:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.name = self.folder.name
        self.expect = json.loads((self.folder / "expect.json").read_text())
        more = self.folder / "scenario.json"
        self.plan = json.loads(more.read_text()) if more.exists() else {}
        self.actions = self.plan.get("actions", [])
        self.seconds = self.plan.get("seconds", RUN_SECONDS)

    @property
    def server_options(self):
        """None where it can share a server with others."""
        wanted = self.plan.get("server", {} if "engine" in self.plan else None)
        if wanted is None and not any(action["do"] in NEEDS_OWN_SERVER for action in self.actions):
            return None
        return {key: value for key, value in (wanted or {}).items() if key != "own"}

    def play(self, server, folder):
        """The differences between what came and what is expected; empty when it is proven."""
        world = World(self, server, folder)
        try:
            world.make_repository()
            world.register()
            if self.plan.get("trigger", {}) is not False:
                found = self.begin(world)
                if found or "refused" in self.expect:
                    return found
            for action in self.actions:
                ACTIONS[action["do"]](world, **{key: value for key, value in action.items() if key != "do"})
            for name in world.runs:
                world.wait_for_run(name, seconds=self.seconds)
            return list(self.judge(world))
        except Differs as error:
            return list(error.args)
        finally:
            if world.git_server:
                world.git_server.stop()

    def begin(self, world):
        answer = world.trigger(**self.plan.get("trigger", {}))
        want = self.expect.get("refused", {"status": 201})
        return list(differences({"status": answer.status, "json": answer.json, "text": answer.text}, want, "trigger"))

    def judge(self, world):
        runs = {**({"run": self.expect["run"]} if "run" in self.expect else {}), **self.expect.get("runs", {})}
        for name, want in runs.items():
            yield from judge_run(world.run(name), want, name)
        for place, want in self.expect.get("logs", {}).items():
            job, _, attempt = place.partition("@")
            try:
                text = world.log(job, attempt or None).decode(errors="replace")
            except Refused as error:
                yield str(error)
                continue
            yield from differences(text, want, f"log of {place}")
        for place, command in self.expect.get("step_output", {}).items():
            yield from judge_step_output(world, place, command)
        for job, want in self.expect.get("summaries", {}).items():
            answer = world.api.ask("GET", f"/jobs/{world.job(job)['id']}/summary")
            yield from differences(answer.text, want, f"summary of {job}")
        for job, want in self.expect.get("attempts", {}).items():
            got = world.api.get(f"/jobs/{world.job(job)['id']}/attempts")["items"]
            yield from differences(sorted(got, key=lambda item: item["attempt"]), want, f"attempts of {job}")
        if "failure" in self.expect:
            digest = world.api.get(f"/runs/{world.runs['run']}/failure")
            yield from differences(digest, world.fill(self.expect["failure"]), "failure")
        yield from judge_artifacts(world, self.expect.get("artifacts"))


def judge_run(run, want, name):
    """Jobs are expected by name, all of them."""
    jobs = {job["name"]: job for job in run["jobs"]}
    if "jobs" in want and set(want["jobs"]) != set(jobs):
        yield f"{name} has the jobs {sorted(jobs)}, not {sorted(want['jobs'])}"
    yield from differences({**run, "jobs": jobs}, want, name)


def judge_step_output(world, place, command):
    job, _, step = place.partition("#")
    printed = subprocess.run(["sh", "-c", command], check=True, capture_output=True, stdin=subprocess.DEVNULL).stdout
    want = hashlib.sha256(printed).hexdigest(), len(printed)
    got = world.step_output(job, int(step))
    if got != want:
        yield f"output of {place} is {got[1]} bytes {got[0]}, not the {want[1]} bytes {want[0]} of `{command}`"


def judge_artifacts(world, want):
    if want is None:
        return
    items = {item["name"]: item for item in world.api.get(f"/runs/{world.runs['run']}/artifacts")["items"]}
    if set(items) != set(want):
        yield f"the run has the artifacts {sorted(items)}, not {sorted(want)}"
        return
    for name, files in want.items():
        artifact = world.api.get(f"/artifacts/{items[name]['id']}")
        paths = {file["path"] for file in artifact["files"]}
        if paths != set(files):
            yield f"artifact {name} has the files {sorted(paths)}, not {sorted(files)}"
            continue
        for path, content in files.items():
            answer = world.api.ask("GET", f"/artifacts/{artifact['id']}/files/{urllib.parse.quote(path)}")
            yield from differences(answer.text, content, f"{name}/{path}")
