"""api.py - the server's HTTP API as a scenario speaks it: JSON in, JSON out, no retries."""

import http.client
import json
import urllib.parse

ANSWER_SECONDS = 60


class Refused(Exception):
    """The server answered with an error, or with what is not the API's."""


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode("utf-8", errors="replace")

    @property
    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Api:
    def __init__(self, url, token):
        self.host = urllib.parse.urlsplit(url).netloc
        self.token = token

    def ask(self, method, path, body=None, headers=None, token=None):
        """Any request, any answer. A body that is not bytes goes as JSON."""
        all_headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            all_headers["Content-Type"] = "application/json"
        connection = http.client.HTTPConnection(self.host, timeout=ANSWER_SECONDS)
        try:
            try:
                connection.request(method, "/api/v1" + path, body, {**all_headers, **(headers or {})})
            except (BrokenPipeError, ConnectionResetError):
                if connection.sock is None:  # Nobody was there
                    raise
                # Refused before it was read whole: the answer is there
            response = connection.getresponse()
            return Answer(response.status, dict(response.headers), response.read())
        finally:
            connection.close()

    def need(self, method, path, body=None):
        """The JSON of a request that must succeed."""
        answer = self.ask(method, path, body)
        if answer.status >= 300:
            raise Refused(f"{method} {path}: {answer.status} {answer.text[:1000]}")
        return answer.json

    def get(self, path):
        return self.need("GET", path)

    def post(self, path, body=None):
        return self.need("POST", path, {} if body is None else body)
