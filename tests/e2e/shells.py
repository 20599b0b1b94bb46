"""shells.py - actions of scenarios that hold a failed job and look into it: `opencicd shell` at a terminal of its own, as a person uses it."""

import contextlib
import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import threading

from wait import wait_until

SHELL_SECONDS = 60


class Shell:
    """`opencicd shell` with a terminal: what is typed goes in, what it shows is kept."""

    def __init__(self, world, job, columns=80, rows=24):
        self.master, tty = pty.openpty()
        self.text = ""
        self.resize(columns, rows)
        environment = {**world.server.environment, "OPENCICD_URL": f"http://{world.api.host}", "OPENCICD_TOKEN": world.api.token, "TERM": "xterm"}
        self.process = subprocess.Popen([world.server.program, "shell", world.job(job)["id"]], env=environment, stdin=tty, stdout=tty, stderr=tty,
                                        start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(tty)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        with contextlib.suppress(OSError):  # At its end
            while data := os.read(self.master, 65536):
                self.text += data.decode(errors="replace")

    def resize(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text):
        os.write(self.master, text.encode())


def hold(world, job, run="run", minutes=10, only="failed"):
    """Run it again, held if it fails, and wait until the job is."""
    world.api.post(f"/runs/{world.runs[run]}/rerun", {"only": only, "hold_minutes": minutes})
    wait_until(lambda: world.job(job, run)["held_until"], SHELL_SECONDS, lambda: f"{job} to be held; {world.summary(run)}")


def open_shell(world, job, columns=80, rows=24):
    world.shell = shell = Shell(world, job, columns, rows)
    wait_until(lambda: "# " in shell.text or "$ " in shell.text, SHELL_SECONDS, lambda: f"a prompt; there is {shell.text[-500:]!r}")


def type_text(world, text):
    world.shell.type(world.fill(text))


def resize_window(world, columns, rows):
    world.shell.resize(columns, rows)


def shell_shows(world, text, seconds=SHELL_SECONDS):
    wait_until(lambda: world.fill(text) in world.shell.text, seconds, lambda: f"{text!r} in the shell, which shows {world.shell.text[-500:]!r}")


def shell_ends(world, status=0, seconds=SHELL_SECONDS):
    wait_until(lambda: world.shell.process.poll() is not None, seconds, lambda: f"the shell to end; it shows {world.shell.text[-500:]!r}")
    if world.shell.process.returncode != status:
        raise AssertionError(f"the shell ended with {world.shell.process.returncode}, not {status}: {world.shell.text[-500:]!r}")


def leave_shell(world):
    """Its terminal is closed, as where a window is."""
    os.killpg(world.shell.process.pid, signal.SIGKILL)
    world.shell.process.wait()


def replace_gateways(world):
    """Each gateway ends and is started again, one after the other."""
    for name in [name for name in world.server.names if name.startswith("gateway")]:
        world.server.kill_one(name)
        world.server.begin(name)
        world.server.wait_for(name, "/readyz")


def audited(world, **want):
    """Wait until there is such an entry in the audit."""
    def has_it():
        entries = world.api.get("/audit?limit=200")["items"]
        return any(all(str(entry[key]).startswith(str(world.fill(value))) for key, value in want.items()) for entry in entries)
    wait_until(has_it, SHELL_SECONDS, lambda: f"an entry of the audit with {want}")


ACTIONS = {action.__name__: action for action in (
    hold, open_shell, type_text, resize_window, shell_shows, shell_ends, leave_shell, replace_gateways, audited)}
