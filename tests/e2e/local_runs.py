"""local_runs.py - what scenarios of `opencicd run` do besides running it: change files, and look what is left."""

import os
import pathlib

from server import command_of
from wait import wait_until

END_SECONDS = 20


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


def files_are(world, folder, files):
    """What is below the folder, all of it."""
    top = pathlib.Path(world.fill(folder))
    got = {str(path.relative_to(top)): path.read_text() for path in top.rglob("*") if path.is_file()}
    if got != files:
        raise AssertionError(f"{top} has {got}, not {files}")


ACTIONS = {action.__name__: action for action in (write, files_are, nothing_is_left_by_run)}
