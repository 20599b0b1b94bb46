"""apart.py - the system as separate programs: two of each service and of the gateway, on a PostgreSQL of their own, with two
agents behind a proxy.

It stands for a Server in a scenario. Each program can be killed, replaced and started again by its name, "logs-2".
"""

import contextlib
import glob
import http.client
import json
import os
import pathlib
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading

from api import Api
from server import START_SECONDS, STOP_SECONDS, Server
from wait import wait_until

SERVICES = ("identity", "scheduler", "logs", "artifacts", "scm")


def postgres_folder():
    """Where its programs are; None where it is not installed."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    return pathlib.Path(found[-1]) if found else None


def free_ports(count):
    """Below those that the kernel gives to whoever takes any: nobody takes one until the program that is to have it does."""
    found = []
    while len(found) < count:
        port = random.randrange(10000, 32000)
        with socket.socket() as one, contextlib.suppress(OSError):
            one.bind(("127.0.0.1", port))
            found += [] if port in found else [port]
    return found


class Postgres:
    """In a folder beside the others': its user may not be able to enter theirs."""

    def __init__(self):
        self.folder, self.port = pathlib.Path(tempfile.mkdtemp(prefix="opencicd-postgres-")), free_ports(1)[0]
        self.url = f"postgres://opencicd@127.0.0.1:{self.port}/postgres"

    def do(self, program, *arguments):
        """It refuses to run as root: then it runs as a user of its own."""
        user = {}
        if os.getuid() == 0:
            names = [name for name in ("postgres", "nobody") if name in {row.pw_name for row in pwd.getpwall()}]
            row = pwd.getpwnam(names[0])
            user = {"user": row.pw_uid, "group": row.pw_gid, "extra_groups": []}
            os.chown(self.folder, row.pw_uid, row.pw_gid)
        subprocess.run([postgres_folder() / program, "-D", str(self.folder / "data"), *arguments], check=True, cwd=self.folder,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **user)

    def start(self):
        self.do("initdb", "-U", "opencicd", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        self.go()

    def go(self):
        self.do("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", f"-p {self.port} -c listen_addresses=127.0.0.1"
                " -c unix_socket_directories='' -c max_connections=100", "start")

    def halt(self):
        self.do("pg_ctl", "-w", "-m", "immediate", "stop")

    def stop(self):
        if (self.folder / "data/postmaster.pid").exists():
            self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)


class FailoverApi(Api):
    """Asks another gateway where one does not listen, as a proxy in front of them would."""

    def __init__(self, hosts, token):
        super().__init__(f"http://{hosts[0]}", token)
        self.hosts = hosts

    def ask(self, *arguments, **named):
        for host in self.hosts:
            self.host = host
            try:
                return super().ask(*arguments, **named)
            except (ConnectionRefusedError, http.client.BadStatusLine, ConnectionResetError) as error:
                refused = error
        raise refused


class Proxy:
    """What stands in front of the gateways: each connection goes to the first of them that takes it."""

    def __init__(self, hosts):
        self.hosts, self.listener = hosts, socket.create_server(("127.0.0.1", 0), backlog=64)
        self.host = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):  # Closed: the end
            while True:
                threading.Thread(target=self.serve, args=(self.listener.accept()[0],), daemon=True).start()

    def serve(self, client):
        with client, contextlib.suppress(OSError):
            with self.reach() as server:
                other = threading.Thread(target=self.pass_on, args=(server, client), daemon=True)
                other.start()
                self.pass_on(client, server)
                other.join()

    def reach(self):
        for host in self.hosts:
            with contextlib.suppress(OSError):
                return socket.create_connection(tuple(host.split(":")), timeout=60)
        raise OSError("no gateway")

    @staticmethod
    def pass_on(source, target):
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                target.sendall(piece)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.listener.close()


class Apart(Server):
    numbers = (1, 2)  # Of its replicas

    def __init__(self, program, folder, options=(), environment=None, agents=2):
        super().__init__(program, folder, options, environment, agents)
        self.postgres = Postgres()
        self.names = [f"{service}-{number}" for service in (*SERVICES, "gateway") for number in self.numbers]
        self.ports = dict(zip(self.names, free_ports(len(self.names))))
        self.processes = {}
        self.proxy = Proxy(self.hosts)

    @property
    def data(self):
        return self.data_folder

    def run_cli(self, *arguments, environment=None, **options):
        own = {"OPENCICD_DATABASE_URL": self.postgres.url, "OPENCICD_URL": f"http://{self.hosts[0]}",
               "OPENCICD_TOKEN_FILE": str(self.data / "admin-token")}
        return super().run_cli(*arguments, environment={**own, **(environment or {})}, **options)

    @property
    def hosts(self):
        return [f"127.0.0.1:{self.ports[f'gateway-{number}']}" for number in self.numbers]

    def start(self):
        self.folder.mkdir(exist_ok=True)
        self.postgres.start()
        for name in self.names:
            self.begin(name)
            self.wait_for(name, "/healthz")
        for name in self.names:
            self.wait_for(name, "/readyz")
        self.api = FailoverApi(self.hosts, (self.data / "admin-token").read_text().strip())
        for number in range(self.agents):
            self.start_agent(f"apart-{number + 1}", *(["--parked"] if number % 2 else []), host=self.proxy.host)
        wait_until(self.agents_are_idle, START_SECONDS, "the agents to be idle")
        return self

    def start_agent(self, name, *options, host):
        token = (self.data / "registration-token").read_text().strip()
        with open(self.log, "ab") as log:
            subprocess.Popen([self.program, "agent", "--url", f"http://{host}", "--name", name, "--work-dir",
                              str(self.folder / name), *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                             start_new_session=True, env={**self.environment, "OPENCICD_REGISTRATION_TOKEN": token})

    def agents_are_idle(self):
        return len([one for one in self.api.get("/agents")["items"] if one["state"] == "idle"]) >= self.agents

    def begin(self, name):
        service, address = name.rsplit("-", 1)[0], f"127.0.0.1:{self.ports[name]}"
        where = "--listen" if service == "gateway" else "--probe-listen"
        with open(self.log, "ab") as log:
            self.processes[name] = subprocess.Popen(
                [f"{self.program}-{service}", "--database-url", self.postgres.url, "--data-dir", str(self.data_folder),
                 where, address, *self.options], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment,
                start_new_session=True)

    def begin_without_database(self, name):
        """Until it says that it waits."""
        said = len(self.log.read_bytes())
        self.begin(name)

        def waits():
            if self.processes[name].poll() is not None:
                raise RuntimeError(f"{name} ended with {self.processes[name].returncode}")
            return b"waiting for the database" in self.log.read_bytes()[said:]
        wait_until(waits, START_SECONDS, f"{name} to wait for the database")

    def probe(self, name, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[name], timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def wait_for(self, name, path, status=200):
        def answers():
            if self.processes[name].poll() is not None:
                raise RuntimeError(f"{name} ended with {self.processes[name].returncode}")
            return self.probe(name, path) == status
        wait_until(answers, START_SECONDS, f"{name} to answer {path} with {status}")

    def kill_one(self, name):
        self.processes[name].kill()
        self.processes[name].wait()

    def end_one(self, name):
        self.processes[name].send_signal(signal.SIGTERM)

    def stop(self):
        problems = []
        for process in self.processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for name, process in self.processes.items():
            try:
                if process.wait(STOP_SECONDS) != 0:
                    problems.append(f"{name} ended with {process.returncode}")
            except subprocess.TimeoutExpired:
                problems.append(f"{name} did not end within {STOP_SECONDS} s of SIGTERM")
        super().stop()
        self.proxy.close()
        self.postgres.stop()
        return "; ".join(problems)


class Viewer:
    """Follows a log over whichever gateway is there, from where it was, until its end."""

    def __init__(self, server, job):
        self.server, self.job, self.text, self.seen, self.connections = server, job, "", None, 0
        self.ended = False

    def watch(self):
        while not self.ended:
            host = self.server.hosts[self.connections % len(self.server.hosts)]
            self.connections += 1
            with contextlib.suppress(OSError, http.client.HTTPException):
                self.watch_at(host)

    def watch_at(self, host):
        headers = {"Authorization": f"Bearer {self.server.api.token}", "Accept": "text/event-stream"}
        if self.seen is not None:
            headers["Last-Event-ID"] = self.seen
        connection = http.client.HTTPConnection(host, timeout=20)
        try:
            connection.request("GET", f"/api/v1/jobs/{self.job}/log/stream", headers=headers)
            answer, event = connection.getresponse(), {}
            for line in answer if answer.status == 200 else ():
                key, _, value = line.decode().rstrip("\n").partition(": ")
                if key:
                    event[key] = value
                    continue
                self.take(event)
                event = {}
        finally:
            connection.close()

    def take(self, event):
        if event.get("event") == "log":
            self.text += json.loads(event["data"])["text"]
        self.ended = self.ended or event.get("event") == "end"
        self.seen = event.get("id", self.seen)
