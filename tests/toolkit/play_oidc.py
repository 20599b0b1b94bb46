"""play_oidc.py PROGRAM FOLDER - runs the workflow oidc.yml, whose action gets identities through @actions/core and verifies them with jose.
A step that succeeds counts as passed."""

import pathlib
import shutil
import subprocess
import sys

from play_actions import GIT, RUN_SECONDS, bundle_action, play

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from wait import wait_until  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent


def make_repository(folder):
    repository = folder / "repository"
    bundle_action(folder, repository, HERE / "oidc.mjs", "expect: {}")
    (repository / ".github/workflows").mkdir(parents=True)
    shutil.copy(HERE / "oidc.yml", repository / ".github/workflows/ci.yml")
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Begin"]):
        subprocess.run([*GIT, "-C", repository, *command], check=True, stdin=subprocess.DEVNULL)
    return repository


def run_workflow(api, repository):
    # An administrator of the run's own: what it does with it must not be in its log
    admin = api.post("/tokens", {"role": "ADMIN", "name": "replaces keys"})["token"]
    api.post("/projects", {"name": "site", "url": str(repository)})
    run = api.post("/projects/site/runs", {"workflow": "ci.yml", "ref": "main", "inputs": {"admin": admin}})["id"]
    wait_until(lambda: api.get(f"/runs/{run}")["state"] == "finished", RUN_SECONDS, "the run to end")
    return api.get(f"/runs/{run}")


def check(api, run):
    """How many steps succeeded, and what was wrong."""
    held, problems, log = 0, [], ""
    for job in run["jobs"]:
        text = api.ask("GET", f"/jobs/{job['id']}/log").text
        log += text
        for step in api.get(f"/jobs/{job['id']}")["steps"]:
            if step["outcome"] == "success":
                held += 1
            else:
                problems.append(f"{job['name']}: {step['name']} is {step['outcome']}")
    if "token=***" not in log:
        problems.append("the token of the request is not masked")
    given = [line for line in api.ask("GET", "/metrics").text.splitlines() if line.startswith("opencicd_id_tokens_total")]
    if not any('result="given"' in line and int(line.split()[-1]) == 6 for line in given):
        problems.append(f"identities are counted as {given}")
    return held, problems, log


if __name__ == "__main__":
    play(make_repository, run_workflow, check)
