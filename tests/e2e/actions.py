"""actions.py - what a scenario can do between the trigger and the end, by name: rows of "actions" in its scenario.json.

An action is a function (world, arguments of the row...); what it cannot do it raises.
"""

import os
import signal

from match import differences
from wait import wait_until

ACTION_SECONDS = 60


class Differs(Exception):
    """What came is not what the scenario expects; its arguments are the differences."""


def wait_for_log(world, job, text, run="run", seconds=ACTION_SECONDS):
    def has_it():
        state = world.job(job, run)
        return state["attempt"] > 0 and text.encode() in (world.log(job, run=run) if has_log(world, state) else b"")
    wait_until(has_it, seconds, lambda: f"{text!r} in the log of {job}; {world.summary(run)}")


def has_log(world, job):
    return world.api.ask("GET", f"/jobs/{job['id']}/log/info").status == 200


def wait_for_job(world, job, run="run", seconds=ACTION_SECONDS, **want):
    """Wait until the job is as described, as in expect.json."""
    wait_until(lambda: not list(differences(world.job(job, run), want, job)), seconds,
               lambda: f"job {job} to be {want}; {world.summary(run)}")


def wait_for_run(world, run="run", state="finished", seconds=ACTION_SECONDS):
    world.wait_for_run(run, state, seconds)


def trigger(world, run, **more):
    answer = world.trigger(run, **more)
    if answer.status != 201:
        raise Differs(f"trigger {run}: {answer.status} {answer.text[:500]}")


def cancel(world, run="run", hard=False):
    world.api.post(f"/runs/{world.runs[run]}/cancel", {"hard": hard})


def rerun(world, run="run", only="all", job=None):
    body = {"only": only, **({"job": world.job(job, run)["id"]} if job else {})}
    world.api.post(f"/runs/{world.runs[run]}/rerun", body)


def kill_agent_of(world, job, run="run"):
    """SIGKILL to the agent that has the job; its children stay behind, as they would."""
    os.kill(world.server.agent_process(world.job(job, run)["agent_name"]), signal.SIGKILL)


def kill_server(world):
    world.server.kill()


def start_server(world):
    world.server.start()


def push(world, files, message="Change"):
    """Commit files (path: content) on main."""
    for path, content in files.items():
        place = world.repository / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
    world.git("add", "-A")
    world.git("commit", "-q", "-m", message)


def request(world, method, path, body=None, raw=None, repeat=1, headers=None, token=None, answer=None):
    """One request and what must come. `raw` is a body as text, `repeat` times; `token` another credential."""
    content = raw.encode() * repeat if raw is not None else body
    got = world.api.ask(method, world.fill(path), content, headers, token)
    seen = {"status": got.status, "json": got.json, "text": got.text, "headers": got.headers}
    found = list(differences(seen, answer or {"status": 200}, f"{method} {path}"))
    if found:
        raise Differs(*found)


def cli(world, arguments, output=None, status=0):
    """Run `opencicd` as a user would; `output` describes stdout and stderr together."""
    done = world.server.run_cli(*[world.fill(word) for word in arguments], cwd=world.repository)
    seen = {"status": done.returncode, "output": done.stdout + done.stderr}
    want = {"status": status, **({"output": output} if output is not None else {})}
    found = list(differences(seen, want, "opencicd " + " ".join(arguments)))
    if found:
        raise Differs(*found, seen["output"][-1000:])


ACTIONS = {action.__name__: action for action in (
    wait_for_log, wait_for_job, wait_for_run, trigger, cancel, rerun, kill_agent_of, kill_server, start_server, push,
    request, cli)}
