"""fake_forge.py - a forge in one of three dialects: repositories over git's HTTP, the part of the API that open-cicd calls, and webhooks.

One idea: what happened (a push, a pull request) becomes deliveries, and whoever plays decides which of them arrive, how often and in which
order. A renamed repository answers 301 at its old name, a request without the token 401, and `limits` are answered before anything else.
"""

import http.server
import json
import os
import pathlib
import re
import subprocess
import threading
import urllib.parse

from dialects import DIALECTS

ZEROS = "0" * 40


def git(folder, *args, **more):
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org",
                   "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org"}
    done = subprocess.run(["git", "-C", str(folder), *args], capture_output=True, text=True, env=environment,
                          stdin=subprocess.DEVNULL, check=False, **more)
    if done.returncode:
        raise RuntimeError(f"git {args}: {done.stderr}")
    return done.stdout.strip()


class Repository:
    """One repository: `bare` is what is served, `work` where commits are made."""

    def __init__(self, forge, number, name, fork_of=None):
        self.forge, self.number, self.name, self.fork_of = forge, number, name, fork_of
        self.hooks, self.pulls = {}, {}
        self.statuses, self.shown = {}, []  # By (sha, context): what is shown; all that was posted, in order
        self.bare = forge.folder / f"{number}.git"
        self.work = forge.folder / f"{number}"
        git(forge.folder, "init", "-q", "--bare", "-b", "main", str(self.bare))
        git(forge.folder, "init", "-q", "-b", "main", str(self.work))
        git(self.work, "remote", "add", "origin", str(self.bare))

    def commit(self, files=None, message="change", onto=None):
        """A commit on `onto` (default: where the last one was made); its id."""
        if onto:
            git(self.work, "checkout", "-q", "--detach", onto)
        for name, text in (files or {}).items():
            path = self.work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        git(self.work, "add", "-A")
        git(self.work, "commit", "-q", "--allow-empty", "-m", message)
        return git(self.work, "rev-parse", "HEAD")

    def head(self, ref):
        done = subprocess.run(["git", "-C", str(self.bare), "rev-parse", "-q", "--verify", ref + "^{commit}"],
                              capture_output=True, text=True, check=False)
        return done.stdout.strip() or None

    def has(self, sha):
        return subprocess.run(["git", "-C", str(self.bare), "cat-file", "-e", sha + "^{commit}"], capture_output=True, check=False).returncode == 0

    def show(self, sha, status):
        self.statuses[sha, status["context"]] = status
        self.shown.append((sha, status["context"], status["state"]))

    def refs(self):
        return dict(reversed(line.split()) for line in git(self.bare, "for-each-ref", "--format=%(objectname) %(refname)").splitlines())

    def push(self, ref, sha, actor="ada"):
        """Sets a ref (sha None: removes it); gives the deliveries that the forge would send."""
        before = self.head(ref) or ZEROS
        git(self.work, "push", "-q", "-f", "origin", f"{sha or ''}:{ref}")
        deliveries = self.forge.dialect.push(self, ref, before, sha or ZEROS, actor)
        for pull in self.pulls.values():
            if sha and pull["source"] is self and ref == "refs/heads/" + pull["branch"] and pull["open"]:
                deliveries += pull["base"].move_pull(pull, sha, actor)
        for other in self.forge.repositories.values():
            for pull in other.pulls.values() if other is not self else ():
                if sha and pull["source"] is self and ref == "refs/heads/" + pull["branch"] and pull["open"]:
                    deliveries += other.move_pull(pull, sha, actor)
        return deliveries

    def set_pull_ref(self, number, sha, source):
        ref = self.forge.dialect.pull_ref % number
        git(self.bare, "fetch", "-q", str(source.bare), f"+{sha}:{ref}")

    def open_pull(self, branch, source=None, actor="ada"):
        source = source or self
        number = max(self.pulls, default=0) + 1
        head = source.head("refs/heads/" + branch)
        pull = {"number": number, "branch": branch, "source": source, "base": self, "open": True, "sha": head, "author": actor}
        self.pulls[number] = pull
        self.set_pull_ref(number, head, source)
        return self.forge.dialect.pull(self, pull, "opened", actor, None)

    def move_pull(self, pull, sha, actor):
        before, pull["sha"] = pull["sha"], sha
        self.set_pull_ref(pull["number"], sha, pull["source"])
        return self.forge.dialect.pull(self, pull, "synchronize", actor, before)

    def close_pull(self, number, actor="ada"):
        self.pulls[number]["open"] = False
        return self.forge.dialect.pull(self, self.pulls[number], "closed", actor, None)


class FakeForge:
    def __init__(self, kind, folder, token="forge-token", password=None):
        self.kind, self.folder, self.token, self.password = kind, pathlib.Path(folder), token, password
        self.dialect = DIALECTS[kind]
        self.repositories, self.moved = {}, {}  # By id; old name: id
        self.limits, self.requests, self.last_hook = [], [], 0
        self.hold = None  # An Event: no status is taken before it is set
        self.folder.mkdir(parents=True)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler_for(self))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def add(self, name, fork_of=None):
        number = max(self.repositories, default=100) + 1
        self.repositories[number] = Repository(self, number, name, fork_of)
        return self.repositories[number]

    def rename(self, repository, name):
        self.moved[repository.name] = repository.number
        repository.name = name

    def named(self, name):
        """(repository, has it moved since?)"""
        for one in self.repositories.values():
            if name == one.name or name == str(one.number):
                return one, False
        return self.repositories.get(self.moved.get(name)), name in self.moved


def handler_for(forge):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def reply(self, status, body=None, headers=None):
            data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            try:
                self.wfile.write(data)
            except BrokenPipeError:  # Who asked was killed
                self.close_connection = True

        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path, _, query = self.path.partition("?")
            forge.requests.append((self.command, path))
            if path.startswith(forge.dialect.api):
                self.serve_api(path[len(forge.dialect.api):], urllib.parse.parse_qs(query), body)
            else:
                self.serve_git(path, query, body)

        do_GET = do_POST = do_DELETE = do_PATCH = do_PUT = answer

        def serve_api(self, path, query, body):
            if forge.hold and "/statuses/" in path:
                forge.hold.wait(60)
            if forge.limits:
                self.reply(*forge.limits.pop(0))
            elif self.headers.get("Authorization") != f"Bearer {forge.token}":
                self.reply(401, {"message": "Bad credentials"})
            else:
                self.reply(*forge.dialect.call(forge, self.command, path, query, json.loads(body) if body else None))

        def serve_git(self, path, query, body):
            found = re.match(r"/(.+?)(?:\.git)?(/info/refs|/git-upload-pack|/git-receive-pack)$", urllib.parse.unquote(path))
            repository, moved = forge.named(found[1]) if found else (None, False)
            if forge.password and self.headers.get("Authorization") != forge.password:
                self.reply(401, headers={"WWW-Authenticate": 'Basic realm="git"'})
            elif not repository:
                self.reply(404)
            elif moved:
                self.reply(301, headers={"Location": f"{forge.url}/{repository.name}.git{found[2]}?{query}"})
            else:
                self.run_git(f"/{repository.number}.git{found[2]}", query, body)

        def run_git(self, path, query, body):
            environment = {**os.environ, "GIT_PROJECT_ROOT": str(forge.folder), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
                           "QUERY_STRING": query, "REQUEST_METHOD": self.command, "REMOTE_ADDR": "127.0.0.1",
                           "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                           "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                           "GIT_PROTOCOL": self.headers.get("Git-Protocol", "")}
            if forge.password:
                environment["REMOTE_USER"] = "ada"  # Who is known may push
            done = subprocess.run(["git", "http-backend"], input=body, capture_output=True, env=environment, check=False)
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
            self.reply(int(headers.pop("Status", "200").split()[0]), content, headers)

        def log_message(self, *_):
            pass

    return Handler
