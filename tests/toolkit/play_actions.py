"""play_actions.py PROGRAM FOLDER - bundles the actions of actions/ with the packages in FOLDER/node_modules, and runs them in a workflow, by the
server and an agent. A step that is as it should be counts as passed."""

import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from server import Server  # noqa: E402
from wait import wait_until  # noqa: E402

SOURCES = pathlib.Path(__file__).resolve().parent / "actions"
GIT = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false"]
RUN_SECONDS = 300
INPUTS = {
    "core": "a text: {}, by-default: {default: '${{ github.ref_name }} of o'}, lines: {}, flag: {}, fail: {}, missing: {}",
    "tools": "expect: {}", "glob": "hash: {}", "github": "token: {}",
}
FAILS = {"core fails where it says so"}
FILES = {"src/a.c": "a\n", "src/deep/b.c": "b\n", "src/x.o": "o"}
IN_LOG = ["a secret: ***", "##[warning]and here", "post has the state of main", "##[group]folded"]
NOT_IN_LOG = ["hidden-value\n", "only when asked for"]


def bundle_action(folder, repository, source, inputs="", post=""):
    """One main file, as its author makes it."""
    shutil.copy(source, folder)  # Packages are looked for beside the file
    home = repository / source.stem
    (home / "dist").mkdir(parents=True)
    subprocess.run([folder / "node_modules/.bin/esbuild", folder / source.name, "--bundle", "--platform=node", "--format=esm",
                    "--log-level=error", f"--outfile={home}/dist/index.mjs",
                    "--banner:js=import {createRequire as requireOf} from 'node:module'; const require = requireOf(import.meta.url);"],
                   check=True, stdin=subprocess.DEVNULL)
    (home / "action.yml").write_text(f"name: {source.stem}\ninputs: {{{inputs}}}\n"
                                     f"runs: {{using: node20, main: dist/index.mjs{post}}}\n")


def bundle(folder, repository):
    for source in sorted(SOURCES.glob("*.mjs")):
        bundle_action(folder, repository, source, INPUTS.get(source.stem, ""), ", post: dist/index.mjs" if source.stem == "core" else "")


def make_repository(folder):
    repository = folder / "repository"
    bundle(folder, repository)
    for name, text in FILES.items():
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        (repository / name).write_text(text)
    (repository / ".github/workflows").mkdir(parents=True)
    shutil.copy(SOURCES / "workflow.yml", repository / ".github/workflows/ci.yml")
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Begin"]):
        subprocess.run([*GIT, "-C", repository, *command], check=True, stdin=subprocess.DEVNULL)
    return repository


def run_workflow(api, repository):
    api.post("/projects", {"name": "site", "url": str(repository)})
    run = api.post("/projects/site/runs", {"workflow": "ci.yml", "ref": "main", "inputs": {"who": "ada"}})["id"]
    wait_until(lambda: api.get(f"/runs/{run}")["state"] == "finished", RUN_SECONDS, "the run to end")
    return api.get(f"/runs/{run}")


def check(api, run):
    """How many steps were as they should be, and what was wrong."""
    held, problems, log = 0, [], ""
    for job in run["jobs"]:
        log += api.ask("GET", f"/jobs/{job['id']}/log").text
        for step in api.get(f"/jobs/{job['id']}")["steps"]:
            wanted = "failure" if step["name"] in FAILS else "success"
            if step["outcome"] == wanted:
                held += 1
            else:
                problems.append(f"{job['name']}: {step['name']} is {step['outcome']}")
    problems += [f"the log has no {text!r}" for text in IN_LOG if text not in log]
    problems += [f"the log has {text!r}" for text in NOT_IN_LOG if text in log]
    said = api.get(f"/runs/{run['id']}/annotations")["items"]
    if not any((one["title"], one["file"], one["line"], one["end_line"]) == ("A title", "src/a.c", 3, 4) for one in said):
        problems.append(f"the annotations are {said}")
    return held, problems + check_tests(api, run), log


def check_tests(api, run):
    tests = api.get(f"/runs/{run['id']}/tests")
    found = [(one["suite"], one["name"], one["message"], one["file"]) for one in tests["failures"]]
    if (tests["passed"], tests["failed"], found) == (400, 1, [("sums", "adds up", "4 is not 5", "reports/out/junit.xml")]):
        return []
    return [f"of the report that the toolkit uploaded, {tests} is known"]


def play(make, run, check):
    """The main program of a play: a repository made in FOLDER, its workflow run on a server with one agent, and what came of it."""
    program, folder = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    repository = make(folder)
    server = Server(program, folder, agents=1).start()
    try:
        held, problems, log = check(server.api, run(server.api, repository))
    finally:
        stopped = server.stop()
    problems += [stopped] if stopped else []
    for problem in problems:
        print(f"FAIL {problem}")
    if problems:
        print(log[-8000:], server.log_tail())
    print(f"{held} passed, {len(problems)} failed")
    sys.exit(len(problems) > 0)


if __name__ == "__main__":
    play(make_repository, run_workflow, check)
