"""engine.py - a container engine of a scenario's own: dockerd on a socket and a data folder of its own, with images made of this machine's
files, as no registry can be asked.

Its networks are in a namespace of its own, unless `ports` are to be published on this machine.

    opencicd-test/busybox   busybox-static alone, as root
    opencicd-test/tools     the same, and bash, git and node with the libraries that they need
    opencicd-test/runner    with `recipe`: what compose/images/runner makes of the tools
"""

import itertools
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tarfile
import tempfile
import urllib.parse

from http.client import HTTPConnection
import socket

from wait import wait_until

START_SECONDS = 60
RECIPE = pathlib.Path(__file__).resolve().parents[2] / "compose/images/runner"
LABEL = "opencicd.agent"
# Engines that share a machine's network share its packet filter too, and so would one that somebody works with.
OWN_NETWORK = ["unshare", "--net", "sh", "-c", 'busybox ip link set lo up && exec "$@"', "sh"]
SUBNETS = itertools.count(os.getpid() % 200)  # Engines that run at once must not take the same addresses


def missing():
    """Why no engine can run here; "" where one can."""
    if os.geteuid() != 0:
        return "dockerd runs as root only"
    for program, package in (("dockerd", "docker.io"), ("busybox", "busybox-static")):
        if not shutil.which(program):
            return f"there is no {program} (package {package})"
    return ""


class UnixConnection(HTTPConnection):
    def __init__(self, path):
        super().__init__("docker", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def libraries_of(program):
    """The loader and the libraries of a program, as absolute paths."""
    out = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    return re.findall(r"(/\S+)(?= \(0x)", out)


def copy_program(root, program):
    """A program with what it is linked to, where it is here; links become what they lead to."""
    for path in [program, *libraries_of(os.path.realpath(program))]:
        place = root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            shutil.copy2(os.path.realpath(path), place)


def make_busybox(root):
    for folder in ("bin", "etc", "tmp", "root", "home/user"):
        (root / folder).mkdir(parents=True)
    (root / "tmp").chmod(0o1777)
    shutil.copy2(shutil.which("busybox"), root / "bin/busybox")
    names = subprocess.run(["busybox", "--list"], capture_output=True, text=True, check=True).stdout.split()
    for name in names:
        if name != "busybox":
            (root / "bin" / name).symlink_to("busybox")
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home/user:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\nuser:x:1000:\n")


def make_tools(root):
    make_busybox(root)
    for name in ("bash", "git", "node"):
        program = shutil.which(name)
        copy_program(root, program)
        if program.rpartition("/")[0] not in ("/bin", "/usr/bin"):
            (root / "usr/bin").mkdir(parents=True, exist_ok=True)
            (root / "usr/bin" / name).symlink_to(program)


MAKERS = {"busybox": make_busybox, "tools": make_tools}


class Engine:
    def __init__(self, images=("busybox",), ports=False, recipe=False):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="oce-"))  # Short: its sockets have addresses of 108 bytes
        self.images, self.ports, self.recipe = images, ports, recipe
        self.socket = str(self.folder / "docker.sock")
        self.subnet = next(SUBNETS) % 200
        self.process = self.keeper = None
        self.containerd = str(self.folder / "c.sock")

    @property
    def environment(self):
        return {"OPENCICD_DOCKER_HOST": self.socket, "OPENCICD_CONTAINER_PULL": "missing"}

    def ask(self, method, path, body=None, kind="application/json"):
        connection = UnixConnection(self.socket)
        try:
            connection.request(method, path, body, {"Content-Type": kind})
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:500]}")
        return text

    def begin_containerd(self):
        """Which has the containers, and outlives dockerd, as where the system starts both."""
        config = self.folder / "containerd.toml"
        config.write_text(f'version = 2\nroot = "{self.folder}/c/root"\nstate = "{self.folder}/c/state"\n'
                          f'disabled_plugins = ["io.containerd.grpc.v1.cri"]\n[grpc]\naddress = "{self.containerd}"\n')
        with open(self.folder / "containerd.log", "ab") as log:
            self.keeper = subprocess.Popen(["containerd", "--config", str(config)], stdin=subprocess.DEVNULL, stdout=log,
                                           stderr=log, start_new_session=True)
        wait_until(lambda: pathlib.Path(self.containerd).exists(), START_SECONDS, "containerd")

    def launch(self):
        if not self.keeper:
            self.begin_containerd()
        with open(self.folder / "dockerd.log", "ab") as log:
            self.process = subprocess.Popen(
                [*([] if self.ports else OWN_NETWORK), "dockerd", "--containerd", self.containerd, "--host", f"unix://{self.socket}", "--data-root", str(self.folder / "data"),
                 "--exec-root", str(self.folder / "exec"), "--pidfile", str(self.folder / "dockerd.pid"),
                 "--bridge", "none", "--iptables=false", "--ip6tables=false", "--ip-masq=false",
                 "--default-address-pool", f"base=10.{self.subnet}.0.0/16,size=24"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        wait_until(self.is_ready, START_SECONDS, "the container engine")

    def is_ready(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"dockerd ended with {self.process.returncode}: {self.log_tail()}")
        try:
            return bool(self.ask("GET", "/_ping"))
        except OSError:
            return False

    def log_tail(self):
        return (self.folder / "dockerd.log").read_text(errors="replace")[-1500:]

    def start(self):
        self.launch()
        for name in self.images:
            self.import_image(name)
        if self.recipe:
            self.build_recipe()
        return self

    def build_recipe(self):
        """compose/images/runner, on the image of tools: Debian's registry cannot be asked, so no package is added."""
        with tempfile.TemporaryFile() as archive:
            with tarfile.open(fileobj=archive, mode="w") as tar:
                tar.add(RECIPE, arcname=".", filter=owned_by_root)
            archive.seek(0)
            given = urllib.parse.quote(json.dumps({"BASE": "opencicd-test/tools:1", "PACKAGES": ""}))
            said = self.ask("POST", f"/build?t=opencicd-test/runner:1&buildargs={given}&networkmode=none", archive.read(), "application/x-tar")
        if b"errorDetail" in said:
            raise RuntimeError(said[-1000:].decode(errors="replace"))

    def import_image(self, name):
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as archive:
            root = pathlib.Path(folder) / "root"
            root.mkdir()
            MAKERS[name](root)
            with tarfile.open(fileobj=archive, mode="w") as tar:
                tar.add(root, arcname=".", filter=owned_by_root)
            archive.seek(0)
            changes = urllib.parse.quote("ENV PATH=/usr/bin:/bin")
            self.ask("POST", f"/images/create?fromSrc=-&repo=opencicd-test/{name}&tag=1&changes={changes}", archive.read(), "application/x-tar")

    def stop(self, number=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(START_SECONDS)

    def end(self):
        """With everything in it, also where containers outlive it."""
        if self.process and self.process.poll() is None:
            for one in self.listed("/containers/json?all=1"):
                self.ask("DELETE", f"/containers/{one['Id']}?force=1")
        self.stop()
        if self.keeper:
            self.keeper.terminate()
            self.keeper.wait(START_SECONDS)
        for place in reversed(self.mounted()):  # An engine that was killed leaves its own
            subprocess.run(["umount", "--lazy", place], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def mounted(self):
        places = [line.split()[1] for line in pathlib.Path("/proc/self/mounts").read_text().splitlines()]
        return [place for place in places if place.startswith(f"{self.folder}/")]

    def listed(self, path):
        found = json.loads(self.ask("GET", path))
        return found.get("Volumes") or [] if isinstance(found, dict) else found

    def left(self):
        """What carries the label of an agent."""
        filters = "filters=" + urllib.parse.quote(json.dumps({"label": [LABEL]}))
        return [name for path in (f"/containers/json?all=1&{filters}", f"/networks?{filters}", f"/volumes?{filters}")
                for name in [one.get("Names") or one.get("Name") for one in self.listed(path)]]


def owned_by_root(info):
    info.uid = info.gid = 0
    info.uname = info.gname = "root"
    return info
