"""actions.py - what a scenario can do between the trigger and the end, by name: rows of "actions" in its scenario.json.

An action is a function (world, arguments of the row...); what it cannot do it raises.
"""

import base64
import contextlib
import errno
import os
import pathlib
import signal
import sqlite3
import subprocess
import threading

import local_runs
import stored
import shells
from apart import Viewer
from git_server import GitServer
from match import differences
from open_id import check_sign_ins
from rights import check_rights
from server import command_of
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


def kill_guard_of(world, job, run="run"):
    """SIGKILL to the guard of the agent that has the job."""
    agent = world.server.agent_process(world.job(job, run)["agent_name"])
    guards = [name for name in os.listdir("/proc") if name.isdigit()
              and command_of(name)[:1] and command_of(name)[0].endswith("/opencicd-guard") and command_of(name)[1] == str(agent)]
    if len(guards) != 1:
        raise Differs(f"agent {agent} has {len(guards)} guards")
    os.kill(int(guards[0]), signal.SIGKILL)


def start_agent(world, name, options=(), until_idle=True, user=None):
    """Start one more agent and wait until the server knows it, unless it may be gone before anybody looks. `user` is its number, if we may
    choose."""
    process = world.server.start_agent(name, *world.fill(list(options)), user=user if os.geteuid() == 0 else None)
    world.agents[name] = process

    def knows_it():
        if process.poll() is not None:
            raise Differs(f"agent {name} ended with {process.returncode}")
        return any(agent["name"] == name and agent["state"] == "idle" for agent in world.api.get("/agents")["items"])
    if until_idle:
        wait_until(knows_it, ACTION_SECONDS, f"agent {name} to register")


def wait_for_agent_end(world, name, status=0, seconds=ACTION_SECONDS):
    wait_until(lambda: world.agents[name].poll() is not None, seconds, f"agent {name} to end")
    if world.agents[name].returncode != status:
        raise Differs(f"agent {name} ended with {world.agents[name].returncode}, not {status}")


def wait_for_no_process(world, words, seconds=ACTION_SECONDS):
    """Wait until no process on this machine has these words as its arguments."""
    def all_gone():
        return not [name for name in os.listdir("/proc") if name.isdigit() and words == command_of(name)[1:-1]]
    wait_until(all_gone, seconds, f"processes with the arguments {words} to be gone")


def wait_for_pause(world, words, paused=True, seconds=ACTION_SECONDS):
    """Wait until every process with these words as its arguments is stopped, or until none of them is."""
    def state_of(name):
        return pathlib.Path("/proc", name, "stat").read_text().rsplit(")", 1)[1].split()[0]

    def is_so():
        states = [state_of(name) for name in os.listdir("/proc") if name.isdigit() and words == command_of(name)[1:-1]]
        return states and all((state == "T") == paused for state in states)
    wait_until(is_so, seconds, f"processes with the arguments {words} to be {'paused' if paused else 'going on'}")


def memory_of(pid, key):
    return next(int(line.split()[1]) // 1024 for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(key))


def watch_memory(world, job, run="run"):
    """Of the agent that has the job, from now on."""
    pid = world.server.agent_process(world.job(job, run)["agent_name"])
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")  # Its peak is what it has now
    world.watched = pid, memory_of(pid, "VmRSS")


def memory_grew_at_most(world, megabytes):
    pid, before = world.watched
    grew = memory_of(pid, "VmHWM") - before
    if grew > megabytes:
        raise Differs(f"the agent grew by {grew} MB to {before + grew}")


def kill_server(world):
    world.server.kill()


def start_server(world):
    world.server.start()


def is_nowhere(world, text, but=""):
    """No file of the server or of its agents holds the text, plain or in base64: databases, logs, blobs, spools, what the programs say. Except files of that name."""
    wanted = [text.encode(), *(base64.b64encode(b" " * shift + text.encode())[shift and 4:-4] for shift in range(3))]
    held = []
    # What an agent sets aside is removed meanwhile
    for path in (pathlib.Path(folder, name) for folder, _, names in os.walk(world.server.folder) for name in names):
        if path.is_file() and not path.is_symlink() and path.name != but:
            with contextlib.suppress(OSError):
                held += [str(path)] if any(form in path.read_bytes() for form in wanted) else []
    for job in world.run()["jobs"]:  # Stored compressed
        answer = world.api.ask("GET", f"/jobs/{job['id']}/log")
        held += [f"the log of {job['name']}"] if any(form in answer.body for form in wanted) else []
    if held:
        raise Differs(f"{text!r} is in {', '.join(held)}")


def touch(world, path):
    """Make a file that a job of this scenario waits for."""
    pathlib.Path(world.fill(path)).touch()


def push(world, files, message="Change"):
    """Commit files (path: content) on main."""
    for path, content in files.items():
        place = world.repository / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
    world.git("add", "-A")
    world.git("commit", "-q", "-m", message)


def git(world, arguments):
    """Run git in the scenario's repository."""
    world.git(*world.fill(arguments))


def event(world, event, run="run", **more):
    """Report an event; it makes one run, which the scenario knows by this name from now on."""
    answer = world.api.ask("POST", world.fill("/projects/{project}/events"), world.fill({"event": event, **more}))
    items = answer.json["items"] if answer.status in (200, 201) else []
    if len(items) != 1:
        raise Differs(f"event {event}: {answer.status} {answer.text[:500]}")
    world.runs[run] = items[0]["id"]


def publish(world, repository, files, tag):
    """Commit files in another repository, actions/OWNER/NAME in the scenario's folder, and put the tag there."""
    place = pathlib.Path(world.folder) / "actions" / repository
    place.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(content)
    for command in (["init", "-q"], ["add", "-A"],
                    ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "x"], ["tag", "-f", tag]):
        subprocess.run(["git", "-C", str(place), *command], check=True, capture_output=True, stdin=subprocess.DEVNULL)


def serve_repository(world):
    """The scenario's repository over HTTP as {git}/a%20repository, from a server that answers nobody yet."""
    world.git_server = GitServer(world.folder)


def let_git_server_go(world):
    world.git_server.let_go()


def fill_disk(world):
    """Take what is left of the server's small disk."""
    with open(world.server.data / "filler", "wb", buffering=0) as file:
        piece = 1 << 20
        while piece:
            try:
                file.write(b"x" * piece)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                piece //= 2


def free_disk(world):
    (world.server.data / "filler").unlink()


def migrate_from_the_future(world):
    """Say in every database of the stopped server that a newer program has been there."""
    edit_databases(world, "insert into schema_version (part, version, name, applied_at) "
                          "select part, max(version) + 1, 'from the future', 0 from schema_version group by part")


def forget_the_future(world):
    edit_databases(world, "delete from schema_version where name = 'from the future'")


def edit_databases(world, sql):
    for path in world.server.data.glob("*.db"):
        with contextlib.closing(sqlite3.connect(path)) as database, database:
            database.execute(sql)


def server_refuses_to_start(world, output, seconds=ACTION_SECONDS):
    world.server.launch()
    wait_until(lambda: world.server.process.poll() is not None, seconds, "the server to end")
    found = list(differences(world.server.log_tail(10), output, "the server's last words"))
    if world.server.process.returncode == 0:
        found.append("the server ended with 0")
    if found:
        raise Differs(*found)


def request(world, method, path, body=None, raw=None, repeat=1, headers=None, token=None, answer=None, until=False):
    """One request and what must come. `raw` is a body as text, `repeat` times; `token` another credential. With `until` it is made
    again and again until that comes."""
    content = raw.encode() * repeat if raw is not None else world.fill(body)
    found = []

    def comes():
        got = world.api.ask(method, world.fill(path), content, headers, token)
        seen = {"status": got.status, "json": got.json, "text": got.text, "headers": got.headers}
        found[:] = differences(seen, {"status": 200, **(world.fill(answer) or {})}, f"{method} {path}")
        return not found

    if until:
        wait_until(comes, ACTION_SECONDS, lambda: "; ".join(found))
    elif not comes():
        raise Differs(*found)


def cli(world, arguments, output=None, status=0, folder=None, text_in=""):
    """Run `opencicd` as a user would, in the repository or another folder; `output` describes stdout and stderr together, `text_in` is
    what comes by a pipe."""
    done = world.server.run_cli(*world.fill(arguments), cwd=world.fill(folder) if folder else world.repository,
                                environment={"XDG_CACHE_HOME": str(local_runs.cache_of(world)),
                                             "XDG_CONFIG_HOME": str(local_runs.cache_of(world) / "config")}, text_in=text_in)
    seen = {"status": done.returncode, "output": done.stdout + done.stderr}
    want = {"status": status, **({"output": world.fill(output)} if output is not None else {})}
    found = list(differences(seen, want, "opencicd " + " ".join(arguments)))
    if found:
        raise Differs(*found, seen["output"][-1000:])


def follow(world, job):
    """Watch a job's log live from now on; `followed` judges what was seen."""
    world.viewer = Viewer(world.server, world.job(job)["id"])
    world.watching = threading.Thread(target=world.viewer.watch, daemon=True)
    world.watching.start()


def followed(world, job, connections):
    """The viewer saw the whole log, byte for byte, over at least so many connections."""
    world.watching.join(ACTION_SECONDS)
    log = world.log(job).decode()
    if not world.viewer.ended or world.viewer.text != log:
        raise Differs(f"the viewer saw {len(world.viewer.text)} of {len(log)} characters, the end: {world.viewer.ended}")
    if world.viewer.connections < connections:
        raise Differs(f"the viewer was never cut off: {world.viewer.connections} connections")


def go_on(world, name):
    """While one program is away, a run is triggered and ends. What was on its way to a program that was killed may or may not have
    been begun: that is said (504); and a gateway that ends says so (503). It is asked again here, as a user would."""
    def is_triggered():
        answer = world.trigger(name, workflow="short.yml")
        if answer.status not in (201, 503, 504):
            raise Differs(f"trigger {name}: {answer.status} {answer.text[:500]}")
        return answer.status == 201
    wait_until(is_triggered, ACTION_SECONDS, f"{name} to be triggered")
    world.wait_for_run(name, seconds=ACTION_SECONDS)


def kill_each(world):
    """SIGKILL each program in turn; a run ends without it; then it is started again."""
    for name in world.server.names:
        world.server.kill_one(name)
        go_on(world, f"without {name}")
        world.server.begin(name)
        world.server.wait_for(name, "/readyz")


def kill_program(world, name):
    """SIGKILL to one of separate programs, "artifacts-1"."""
    world.server.kill_one(name)


def begin_program(world, name):
    world.server.begin(name)
    world.server.wait_for(name, "/readyz")


def replace_each(world):
    """Of each service and of the gateway the first is told to end, and started again when it has ended; runs go on meanwhile."""
    for name in world.server.names[::2]:
        world.server.end_one(name)
        go_on(world, f"while {name} ends")
        if world.server.processes[name].wait(ACTION_SECONDS) != 0:
            raise Differs(f"{name} ended with {world.server.processes[name].returncode}")
        world.server.begin(name)
        world.server.wait_for(name, "/readyz")


def restart_postgres(world):
    """It goes away, which every service says of itself, and comes back. What starts meanwhile waits for it, and ends in order when it is told to."""
    world.server.postgres.halt()
    for name in ("scheduler-1", "logs-2", "identity-1", "artifacts-2"):
        world.server.wait_for(name, "/readyz", 503)
        world.server.wait_for(name, "/healthz")
    for name in ("scm-1", "gateway-2", "scm-2"):
        world.server.kill_one(name)
        world.server.begin_without_database(name)
    world.server.end_one("scm-2")
    if world.server.processes["scm-2"].wait(ACTION_SECONDS) != 0:
        raise Differs(f"scm-2, which waited for the database, ended with {world.server.processes['scm-2'].returncode}")
    world.server.postgres.go()
    world.server.begin("scm-2")
    for name in world.server.names:
        world.server.wait_for(name, "/readyz")
    go_on(world, "after the database")


def restart_engine(world, number="SIGTERM"):
    """The container engine ends, or is killed, and is started again."""
    world.server.engine.stop(getattr(signal, number))
    world.server.engine.launch()


def stop_engine(world, number="SIGTERM"):
    world.server.engine.stop(getattr(signal, number))


def start_engine(world):
    world.server.engine.launch()


def engine_has(world, containers):
    """Wait until so many containers of agents are there."""
    wait_until(lambda: len(world.server.engine.listed("/containers/json?all=1")) == containers, ACTION_SECONDS,
               lambda: f"{world.server.engine.left()} to be {containers} containers")


def nothing_is_left_at_the_engine(world):
    """Neither a container nor a network nor a volume of an agent."""
    wait_until(lambda: not world.server.engine.left(), ACTION_SECONDS, lambda: f"{world.server.engine.left()} to be gone")


def touch_in_workspaces(world, name):
    """Make a file in the workspace of every agent of the server, for a job that cannot see any other place."""
    for folder in world.server.data.glob("agents/*/workspace"):
        (folder / name).touch()


def every_route_is_asked_by_everybody(world):
    found = check_rights(world)
    if found:
        raise Differs(*found)


def people_sign_in_by_a_provider(world):
    found = check_sign_ins(world)
    if found:
        raise Differs(*found)


ACTIONS = {**local_runs.ACTIONS, **stored.ACTIONS, **shells.ACTIONS, **{action.__name__: action for action in (
    is_nowhere, wait_for_log, wait_for_job, wait_for_run, trigger, cancel, rerun, kill_agent_of, kill_guard_of, start_agent,
    wait_for_agent_end, wait_for_no_process, wait_for_pause, watch_memory, memory_grew_at_most, kill_server, start_server, push, publish, git,
    event, touch, kill_program, begin_program, migrate_from_the_future, forget_the_future, serve_repository, let_git_server_go, fill_disk, free_disk, server_refuses_to_start, request, cli, follow, followed, kill_each,
    replace_each, restart_postgres, restart_engine, stop_engine, start_engine, engine_has, nothing_is_left_at_the_engine, touch_in_workspaces,
    every_route_is_asked_by_everybody, people_sign_in_by_a_provider)}}
