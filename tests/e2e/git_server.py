"""git_server.py - repositories over HTTP, from `git http-backend`, that answer nobody until they are let go.

One idea: a host that is slow, or gone, is a server whose gate is closed; what waits at it goes on when the gate opens.
"""

import contextlib
import http.server
import os
import subprocess
import threading
import urllib.parse


class GitServer:
    """Serves the repositories below a folder, at `url`, from its start to stop()."""

    def __init__(self, root):
        self.gate = threading.Event()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler_for(str(root), self.gate))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def let_go(self):
        self.gate.set()

    def stop(self):
        self.gate.set()
        self.server.shutdown()
        self.server.server_close()


def handler_for(root, gate):
    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            gate.wait()
            done = subprocess.run(["git", "http-backend"], input=body, capture_output=True, env=self.environment(root))
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.send_response(int(headers.pop("Status", "200").split()[0]))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        do_GET = do_POST = answer

        def environment(self, root):
            path, _, query = self.path.partition("?")
            path = urllib.parse.unquote(path)
            return {**os.environ, "GIT_PROJECT_ROOT": root, "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
                    "QUERY_STRING": query, "REQUEST_METHOD": self.command,
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""), "REMOTE_ADDR": "127.0.0.1"}

        def log_message(self, *_):
            pass

    return Handler
