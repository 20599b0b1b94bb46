"""open_id.py - people sign in by an OpenID provider that is played here, over HTTP as a browser does it: what is wrong is refused, in words.

One idea: the provider says what a test makes it say; each case is a sign-in of its own, with one thing wrong.
"""

import base64
import hashlib
import http.client
import http.server
import json
import subprocess
import threading
import time
import urllib.parse

from wait import wait_until

SECRET = "s e+c/ret"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    """An RSA key, by the openssl program."""

    def __init__(self, folder, name):
        self.file, self.name = folder / f"{name}.pem", name
        subprocess.run(["openssl", "genrsa", "-out", self.file, "2048"], check=True, capture_output=True)

    def sign(self, text):
        done = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.file], input=text.encode(), check=True, capture_output=True)
        return base64url(done.stdout)

    @property
    def public(self):
        done = subprocess.run(["openssl", "rsa", "-in", self.file, "-noout", "-modulus"], check=True, capture_output=True, text=True)
        return {"kty": "RSA", "use": "sig", "kid": self.name, "e": "AQAB", "n": base64url(bytes.fromhex(done.stdout.strip().partition("=")[2]))}


class Provider:
    """Discovery, keys and a token endpoint whose codes work once, with their verifier."""

    def __init__(self, folder):
        self.key, self.other = Key(folder, "one"), Key(folder, "two")
        self.codes, self.claims, self.head, self.signer = {}, {}, {}, self.key
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler_for(self))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def say(self, claims=None, head=None, signer=None):
        self.claims, self.head, self.signer = claims or {}, head or {}, signer or self.key

    def visit(self, url):
        """What the redirect brings back: state and code."""
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
        code = f"code-{len(self.codes)}"
        self.codes[code] = {**asked, "used": False}
        return {"state": asked["state"], "code": code, "iss": self.url}

    def discovery(self):
        return {"issuer": self.url, "authorization_endpoint": self.url + "/authorize", "token_endpoint": self.url + "/token",
                "jwks_uri": self.url + "/keys", "authorization_response_iss_parameter_supported": True}

    def exchange(self, form, proof):
        code = self.codes.get(form.get("code"))
        wanted = base64.b64encode(f"ci:{urllib.parse.quote(SECRET, safe='')}".encode()).decode()
        if proof != f"Basic {wanted}":
            return 401, {"error": "invalid_client"}
        challenge = base64url(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if not code or code["used"] or challenge != code["code_challenge"] or form.get("redirect_uri") != code["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        code["used"] = True
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.token(code)}

    def token(self, code):
        now = int(time.time())
        head = {"alg": "RS256", "kid": "one", **self.head}
        body = {"iss": self.url, "sub": "4711", "aud": "ci", "nonce": code["nonce"], "iat": now, "exp": now + 300,
                "preferred_username": "ada", **self.claims}
        text = ".".join(base64url(json.dumps(part).encode()) for part in (head, body))
        return f"{text}." + ("" if head["alg"] == "none" else self.signer.sign(text))


def handler_for(provider):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.answer(200, {"/.well-known/openid-configuration": provider.discovery,
                              "/keys": lambda: {"keys": [provider.key.public]}}[self.path]())

        def do_POST(self):
            form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.answer(*provider.exchange(form, self.headers.get("Authorization")))

        def answer(self, status, content):
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler


class Visitor:
    """A browser: it keeps cookies, and says that its requests are the page's own."""

    def __init__(self, host):
        self.host, self.cookies = host, {}

    def post(self, path, body, site="same-origin"):
        connection = http.client.HTTPConnection(self.host, timeout=60)
        try:
            cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            connection.request("POST", "/api/v1" + path, json.dumps(body), {
                "Content-Type": "application/json", "Sec-Fetch-Site": site, "Cookie": cookie})
            response = connection.getresponse()
            for name, _, rest in (header.partition("=") for header in response.headers.get_all("Set-Cookie", [])):
                self.cookies[name] = rest.partition(";")[0]
            return response.status, json.loads(response.read() or b"{}")
        finally:
            connection.close()

    def begin(self, provider):
        status, flow = self.post("/sign-in/begin", {"provider": "acme", "to": "/runs"})
        if status != 201:
            raise AssertionError(f"begin: {status} {flow}")
        return provider.visit(flow["url"])


def check_sign_ins(world):
    """What differs from what should be."""
    provider = Provider(world.folder)
    try:
        world.api.need("PUT", "/providers/acme", {"issuer": provider.url, "client_id": "ci", "client_secret": SECRET, "create": True,
                                                  "private_networks": True})
        return list(differences(world, provider))
    finally:
        provider.stop()


def wrong_tokens(provider):
    """What the provider says, and what of it is said to the visitor."""
    now = int(time.time())
    yield {"claims": {"nonce": "x"}}, "of another sign-in"
    yield {"claims": {"aud": "cd"}}, "for another client"
    yield {"claims": {"aud": ["ci", "cd"]}}, "another client"
    yield {"claims": {"iss": "https://evil.example.org"}}, "of another issuer"
    yield {"claims": {"exp": now - 61}}, "has expired"
    yield {"claims": {"iat": now + 600}}, "of the future"
    yield {"head": {"alg": "none"}}, "is not signed with"
    yield {"head": {"alg": "HS256"}}, "is not signed with"
    yield {"head": {"kid": "two"}, "signer": provider.other}, "does not publish"
    yield {"signer": provider.other}, "signature that is wrong"


def differences(world, provider):
    def expect(what, got, status, text=""):
        if got[0] != status or text not in json.dumps(got[1]):
            yield f"{what}: {got}, not {status} with {text!r}"

    def finish(visitor, answer, **change):
        return visitor.post("/sign-in/finish", {**answer, **change})

    for says, text in wrong_tokens(provider):
        visitor = Visitor(world.api.host)
        provider.say(**says)
        yield from expect(says, finish(visitor, visitor.begin(provider)), 401, text)
        if "opencicd_session" in visitor.cookies:
            yield f"{says}: it is signed in"
    provider.say()
    one, other = Visitor(world.api.host), Visitor(world.api.host)
    answer, others = one.begin(provider), other.begin(provider)
    yield from expect("another browser's answer", finish(other, answer), 401, "another browser")
    yield from expect("another site's page", one.post("/sign-in/finish", answer, site="cross-site"), 403)
    yield from expect("another provider's answer", finish(other, others, iss="https://evil.example.org"), 401, "not of acme")
    others = other.begin(provider)
    yield from expect("another one's code", finish(other, others, code=answer["code"]), 401, "used before")
    yield from expect("the same state again", finish(other, others), 401, "begin again")
    yield from expect("a right answer", finish(one, answer), 201, '"to": "/runs"')
    yield from expect("a right answer again", finish(one, answer), 401, "begin again")
    if not one.cookies.get("opencicd_session", "").startswith("ocs_"):
        yield f"no session: {one.cookies}"
    again = one.begin(provider)
    yield from expect("a code that was used", finish(one, again, code=answer["code"]), 401, "used before")
    check_audit(world)


def check_audit(world):
    """Who signed in, and that others were refused; and that an account was made. It is kept a moment after it happened."""
    wanted = {("sign_in_finish", "ada", "OK"), ("sign_in_finish", "", "UNAUTHORIZED"), ("user_add", "ada", "OK")}
    seen = set()

    def all_there():
        seen.update((item["action"], item["actor"], item["result"]) for item in world.api.need("GET", "/audit?limit=100")["items"])
        return wanted <= seen

    wait_until(all_there, 30, lambda: f"{wanted - seen} to be in the audit")
