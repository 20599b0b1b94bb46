"""local_runs.py - what scenarios of `opencicd run` do besides running it: change files, and look what is left."""

import os
import pathlib
import re
import signal
import subprocess

from match import differences
from server import command_of
from wait import wait_until

END_SECONDS = 20
RUN_SECONDS = 60


def cache_of(world):
    return world.folder / "cache"


def write(world, path, text):
    """A file of the working tree; `text` null removes it."""
    place = world.repository / path
    if text is None:
        place.unlink()
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)


def processes_in(folder):
    return [command for command in (command_of(name) for name in os.listdir("/proc") if name.isdigit())
            if any(str(folder) in word for word in command)]


def left_behind(world):
    folder = cache_of(world) / "opencicd" / "run"
    return [*(str(path) for path in folder.glob("*")), *processes_in(folder)]


def nothing_is_left_by_run(world):
    """Neither a folder nor a process, nor an object in the user's repository."""
    wait_until(lambda: not left_behind(world), END_SECONDS, lambda: f"{left_behind(world)} to be gone")
    lost = world.git("fsck", "--unreachable", "--no-reflogs")
    if lost:
        raise AssertionError(f"the repository has objects that are not its own: {lost}")


def shell(world, command):
    """A command in the scenario's folder, beside the repository."""
    subprocess.run(["sh", "-ec", world.fill(command)], check=True, cwd=world.folder, stdin=subprocess.DEVNULL)


def files_are(world, folder, files):
    """What is below the folder, all of it."""
    top = pathlib.Path(world.fill(folder))
    got = {str(path.relative_to(top)): path.read_text() for path in top.rglob("*") if path.is_file()}
    if got != files:
        raise AssertionError(f"{top} has {got}, not {files}")


def begin(world, arguments):
    """Start `opencicd` without waiting; `says`, `interrupt` and `ends` are about it."""
    world.cli_output = world.folder / "cli.txt"
    with open(world.cli_output, "wb") as output:
        world.cli = subprocess.Popen(
            [world.server.program, *world.fill(arguments)], cwd=world.repository, stdin=subprocess.DEVNULL, stdout=output,
            stderr=output, env={**world.server.environment, "XDG_CACHE_HOME": str(cache_of(world))})


def says(world, text):
    wait_until(lambda: re.search(text, world.cli_output.read_text()), RUN_SECONDS,
               lambda: f"{text!r} in {world.cli_output.read_text()[-2000:]!r}")


def interrupt(world, number="SIGINT"):
    world.cli.send_signal(getattr(signal, number))


def ends(world, status, output=None):
    got = world.cli.wait(RUN_SECONDS)
    found = list(differences({"status": got, "output": world.cli_output.read_text()},
                             {"status": status, **({"output": output} if output else {})}, "opencicd"))
    if found:
        raise AssertionError(found)


def age_what_is_left(world):
    """What a run that was killed has left is some minutes old by now, and its agents have ended."""
    folder = cache_of(world) / "opencicd" / "run"
    wait_until(lambda: not processes_in(folder), RUN_SECONDS, lambda: f"{processes_in(folder)} to end")
    left = list(folder.glob("*"))
    if not left:
        raise AssertionError("the run that was killed has left nothing")
    for path in left:
        os.utime(path, (1, 1))


ACTIONS = {action.__name__: action for action in (write, shell, files_are, begin, says, interrupt, ends, age_what_is_left, nothing_is_left_by_run)}
