"""server.py - one `opencicd up` of a scenario, in a folder of its own, with everything that it starts.

What it starts is known by a mark in the environment, so that whatever outlives a killed server can be found and ended by its id.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import uuid

from api import Api
from wait import wait_until

START_SECONDS = 30
STOP_SECONDS = 40
UNSHARE = ["unshare", "--mount"] if os.getuid() == 0 else ["unshare", "--map-root-user", "--mount"]
MARK = "E2E_SERVER_MARK"


def environment_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def command_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def can_mount():
    """May a process of ours have a small disk of its own? Some containers forbid it."""
    done = subprocess.run([*UNSHARE, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, stdin=subprocess.DEVNULL)
    return done.returncode == 0


class Server:
    def __init__(self, program, folder, options=(), environment=None, agents=2, disk_mb=None):
        self.program, self.folder, self.options, self.agents = program, pathlib.Path(folder), list(options), agents
        self.disk_mb = disk_mb
        self.data_folder = self.folder / "data"
        self.log = self.folder / "server.log"
        self.mark = uuid.uuid4().hex
        self.environment = {**os.environ, **(environment or {}), MARK: self.mark}
        for name in [name for name in os.environ if name.startswith("OPENCICD_")]:
            if name not in (environment or {}):
                del self.environment[name]
        self.process = None
        self.user_folder = None  # Of an agent of another user
        self.api = None
        self.port = 0  # Any free one, and the same again after a restart

    @property
    def data(self):
        """The data folder as others see it: a small disk is mounted for the server's eyes only."""
        return pathlib.Path(f"/proc/{self.process.pid}/root{self.data_folder}") if self.disk_mb else self.data_folder

    def start(self):
        (self.data_folder / "url").unlink(missing_ok=True)
        self.launch()
        wait_until(self.is_ready, START_SECONDS, "the server to be ready with its agents")
        return self

    def launch(self):
        """Start it without waiting until it is ready."""
        command = [self.program, "up", "--data-dir", str(self.data_folder), "--listen", f"127.0.0.1:{self.port}",
                   "--agents", str(self.agents), *self.options]
        if self.disk_mb:
            self.data_folder.mkdir(exist_ok=True)
            command = [*UNSHARE, "sh", "-c", f'mount -t tmpfs -o size={self.disk_mb}m none "$0" && exec "$@"',
                       str(self.data_folder), *command]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment,
                start_new_session=True)

    def is_ready(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"the server ended with {self.process.returncode}")
        url, token = self.data / "url", self.data / "admin-token"
        if not (url.exists() and token.exists() and url.read_text().strip() and token.read_text().strip()):
            return False
        self.api = Api(url.read_text().strip(), token.read_text().strip())
        self.port = int(self.api.host.rsplit(":", 1)[1])
        try:
            if self.api.ask("GET", "/readyz").status != 200:
                return False
            idle = [agent for agent in self.api.get("/agents")["items"] if agent["state"] in ("idle", "busy")]
        except OSError:
            return False
        return len(idle) >= self.agents

    def own_processes(self):
        """Ids of what this server started, itself and what outlived an earlier kill included."""
        want = f"{MARK}={self.mark}".encode()
        return [int(name) for name in os.listdir("/proc") if name.isdigit() and want in environment_of(name)]

    def agent_process(self, agent_name):
        for pid in self.own_processes():
            command = command_of(pid)
            if "agent" in command[0].split("/")[-1] + " ".join(command[1:2]) and any(agent_name == word or word.endswith("=" + agent_name) for word in command):
                return pid
        raise RuntimeError(f"no process of agent {agent_name} among {[command_of(p) for p in self.own_processes()]}")

    def start_agent(self, name, *options, user=None):
        """An agent of its own, beside those of the server. Ends with the scenario."""
        token = (self.data / "registration-token").read_text().strip()
        program, place, own = self.program, self.folder / f"agent-{name}", {}
        if user is not None:
            program, place, own = self.for_user(user)
        with open(self.folder / f"agent-{name}.log", "ab") as log:
            return subprocess.Popen(
                [program, "agent", "--url", f"http://{self.api.host}", "--name", name, "--work-dir", str(place), *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, user=user, group=user,
                extra_groups=None if user is None else [],
                env={**self.environment, **own, "OPENCICD_REGISTRATION_TOKEN": token})

    def for_user(self, user):
        """The programs, a work folder and variables for an agent of another user, who reaches neither our folder nor perhaps the build."""
        self.user_folder = pathlib.Path(tempfile.mkdtemp(prefix="opencicd-e2e-user-"))
        for path in [self.user_folder, *(self.user_folder / name for name in ("bin", "work"))]:
            path.mkdir(exist_ok=True)
            os.chown(path, user, user)
        for name in ("", "-agent", "-guard", "-sandbox", "-inside"):
            shutil.copy2(f"{self.program}{name}", self.user_folder / "bin")
        system = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        work = self.user_folder / "work"  # Its home too, as of the package's agent
        return str(self.user_folder / "bin/opencicd"), work, {"HOME": str(work), "PATH": system}

    def run_cli(self, *arguments, environment=None, text_in="", **options):
        own = {**self.environment, "OPENCICD_DATA_DIR": str(self.data), **(environment or {})}
        return subprocess.run([self.program, *arguments], env=own,
                              input=text_in, capture_output=True, text=True, timeout=120, **options)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """A polite end; a server that does not end, or ends badly, is an error."""
        problem = None
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                if self.process.wait(STOP_SECONDS) != 0:
                    problem = f"the server ended with {self.process.returncode}"
            except subprocess.TimeoutExpired:
                problem = f"the server did not end within {STOP_SECONDS} s of SIGTERM"
        for pid in self.own_processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if self.process:
            self.process.wait()
        if self.user_folder:
            shutil.rmtree(self.user_folder, ignore_errors=True)
        return problem

    def log_tail(self, lines=40):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""
