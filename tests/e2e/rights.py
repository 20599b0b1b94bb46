"""rights.py - every route of the API by every kind of caller, against the table of rights_table.py; and what their lists hold.

One server, three projects: `own` and `theirs` are private, `open` is public. A caller is let in where the answer is not 401, 403 or 404.
"""

import hashlib
import http.client
import itertools
import json
import re

import rights_table as table
from wait import wait_until
from world import number_of_run

RANKS = {None: 0, "MEMBER": 1, "VIEWER": 2, "DEVELOPER": 3, "MAINTAINER": 4, "ADMIN": 5}
MACHINES = ("registrar", "agent", "own job", "their job")
LEAST = {table.VIEW: 2, table.DEVELOP: 3, table.MAINTAIN: 4}
EVERYWHERE = {table.ALL_VIEW: 2, table.ALL_DEVELOP: 3, table.ALL_ADMIN: 5}
LISTS = {table.LIST_VIEW: 2, table.LIST_DEVELOP: 3}
FORBIDDEN, HIDDEN, NOT_SIGNED_IN = {403}, {404}, {401}
REFUSED = {401, 403, 404}
HOLDS_SECONDS = 30  # It is 3, on a machine that is not busy


class Caller:
    def __init__(self, name, token, everywhere=None, **roles):
        self.name, self.token, self.everywhere, self.roles = name, token, everywhere, roles

    @property
    def machine(self):
        return self.name in MACHINES

    def rank(self, place):
        return max(RANKS[self.everywhere], RANKS[self.roles.get(place)])

    @property
    def best(self):
        return max([RANKS[self.everywhere], *(RANKS[role] for role in self.roles.values())])


def wanted_of_job(caller, kind, place):
    """The same for what jobs may: one names itself, or what its token says without a name."""
    its = caller.name == {"own": "own job", "theirs": "their job"}.get(place)
    if kind in (table.ANY_JOB, table.JOB_LIST):
        return {}
    if kind in (table.JOB_READ, table.JOB_DEVELOP, table.JOB_VIEW):
        return {} if its else {403, 404}
    return {} if its and kind in (table.JOB, table.JOB_AGENT, table.OWN_JOB_LIST) else FORBIDDEN


def wanted(caller, kind, place):
    """What must not come: the statuses of a refusal that are right, or none for who is let in."""
    public = place == "open"
    signed_in = not caller.machine and caller.token is not None
    if caller.name.endswith("job") and kind not in (table.OPEN, table.SIGNED):
        return wanted_of_job(caller, kind, place)
    kind = {table.JOB_READ: table.READ, table.JOB_LIST: table.LIST, table.OWN_JOB_LIST: table.LIST,
            table.JOB_DEVELOP: table.DEVELOP, table.JOB_VIEW: table.VIEW}.get(kind, kind)
    if kind == table.OPEN:
        return {}
    if kind == table.SIGNED:
        return FORBIDDEN
    if caller.token is None:
        return {} if kind == table.LIST or (kind == table.READ and public) else NOT_SIGNED_IN
    if kind in (table.JOB, table.ANY_JOB, table.NO_JOB, table.JOB_AGENT, table.AGENT, table.REGISTER):
        may = {table.JOB_AGENT: caller.name == "agent", table.AGENT: caller.name == "agent",
               table.REGISTER: caller.name in ("registrar", "agent") or caller.everywhere == "ADMIN"}
        return {} if may.get(kind) else FORBIDDEN
    if not signed_in:
        return FORBIDDEN
    if kind in (table.SIGNED_IN, table.LIST):
        return {}
    if kind == table.ACCOUNT:
        return FORBIDDEN | HIDDEN
    if kind in EVERYWHERE:
        return {} if RANKS[caller.everywhere] >= EVERYWHERE[kind] else FORBIDDEN
    if kind in LISTS:
        return {} if caller.best >= LISTS[kind] else FORBIDDEN
    if kind == table.READ:
        return {} if public or caller.rank(place) >= 2 else HIDDEN
    if caller.rank(place) >= LEAST[kind]:
        return {}
    if caller.best < LEAST[kind] or caller.rank(place) >= 2 or public:
        return FORBIDDEN  # The gateway sees that it has no such role anywhere, or it sees the project anyway
    return HIDDEN


class Rights:
    def __init__(self, world):
        self.world, self.api, self.found = world, world.api, []
        self.numbers = itertools.count()
        self.connection = http.client.HTTPConnection(self.api.host, timeout=60)
        self.places = {"own": {}, "theirs": {}, "open": {}}

    # ---- requests ----

    def status(self, token, method, path, body=None):
        """The status alone: what follows a stream's head may have no end."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        if isinstance(body, bytes):
            headers["Content-Type"] = "application/octet-stream"
        elif body is not None:
            body, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        self.connection.request(method, "/api/v1" + path, body, headers)
        response = self.connection.getresponse()
        if response.getheader("Content-Type", "").startswith("text/event-stream"):
            self.connection.close()
        else:
            response.read()
        return response.status

    def items(self, token, path):
        found, cursor = [], ""
        while True:
            answer = self.api.ask("GET", f"{path}{'&' if '?' in path else '?'}limit=200&cursor={cursor}", token=token)
            found += answer.json["items"]
            cursor = answer.json["next"]
            if not cursor:
                return found

    def token(self, role, **more):
        return self.api.post("/tokens", {"role": role, **more})["token"]

    def forge(self, name):
        return self.api.post("/forges", {"name": name, "kind": "git", "url": "http://127.0.0.1:1", "private_networks": True})["id"]

    # ---- the world ----

    def make_projects(self):
        for name, place in self.places.items():
            project = self.api.post("/projects", {"name": f"rights-{name}", "url": str(self.world.repository)})
            place.update(project=project["id"], name="A_NAME", environment="live", unused="unused", part="0", step="1",
                         path="a.txt", subject="grace", group="some", user="gale", invitation="none", token="none", hook="none", provider="none", identity="none", delivery="none", shell="none", ticket="1.n.x", attempt="1", session="none", cache="1")
            self.api.need("PUT", f"/projects/{project['id']}/environments/live", {})
            wait_until(lambda: self.api.get(f"/projects/{project['id']}")["state"] == "ready", 60, "the project to be ready")
        self.api.need("PATCH", f"/projects/{self.places['open']['project']}", {"visibility": "public"})
        self.api.post("/users", {"name": "gale"})
        self.forge_id = forge = self.forge("plain")
        for place in self.places.values():
            place.update(forge=forge)

    def make_runs(self):
        """In each one that has ended, by an agent of the server."""
        agent = self.api.post("/register", {"name": "rights", "labels": ["rights"], "key": "oca_" + "r" * 40})
        self.agent_id, self.agent_token = agent["id"], "oca_" + "r" * 40
        for place in self.places.values():
            ended = self.api.post("/jobs", {"name": "ended", "project": place["project"], "runs_on": ["linux"], "steps": [{"run": "echo said"}]})
            place.update(ended=ended["run_id"], ended_job=ended["id"], agent=self.agent_id)
        for place in self.places.values():
            wait_until(lambda: self.api.get(f"/runs/{place['ended']}")["state"] == "finished", 60, "the runs to end")

    def take_jobs(self):
        """The jobs of ours, each by an agent that asks for it; the tokens that come with them."""
        self.job_tokens = {}
        for name in ("own", "theirs", "open"):
            key = f"oca_{name * 20}"[:60]
            agent = self.api.post("/register", {"name": f"taker-{name}", "labels": [f"taker-{name}"], "key": key})
            job = self.api.post("/jobs", {"name": "held", "project": self.places[name]["project"], "runs_on": [f"taker-{name}"],
                                          "steps": [{"run": "true"}]})
            offer = self.api.ask("GET", f"/agents/{agent['id']}/next?wait=30", token=key).json
            self.places[name].update(run=job["run_id"], job=job["id"], number="1", run_number=number_of_run(job["run_id"]))
            self.job_tokens[name] = offer["token"]
            answer = self.api.ask("POST", f"/jobs/{job['id']}/status", {"attempt": offer["attempt"], "state": "running"}, token=offer["token"])
            self.status(offer["token"], "PUT", f"/jobs/{job['id']}/summaries/1", b"# said")
            if answer.status != 200:
                raise RuntimeError(f"the job of {name} was not taken: {answer.status} {answer.text[:300]}")

    def make_artifact(self, name):
        place = self.places[name]
        answer = self.api.ask("POST", f"/jobs/{place['job']}/artifacts", {"name": f"a{next(self.numbers)}", "attempt": 1, "files": [{"path": "a.txt", "size": 1}]},
                              token=self.job_tokens[name])
        if answer.status != 201:
            raise RuntimeError(f"an artifact of {name}: {answer.status} {answer.text[:300]}")
        place["artifact"] = answer.json["id"]
        for method, path, body in (("PUT", "parts/0", b"x"), ("POST", "finish", {"sha256": hashlib.sha256(b"x").hexdigest()})):
            answer = self.api.ask(method, f"/artifacts/{place['artifact']}/{path}", body, token=self.job_tokens[name])
            if answer.status != 200:
                raise RuntimeError(f"an artifact of {name}: {answer.status} {answer.text[:300]}")

    def make_trials(self):
        for place in self.places.values():
            place["trial"] = self.api.post(f"/projects/{place['project']}/trials", {})["id"]

    def make_callers(self):
        own, theirs = self.places["own"]["project"], self.places["theirs"]["project"]
        self.callers = [Caller("nobody", None), Caller("agent", self.agent_token),
                        Caller("registrar", (self.world.server.data / "registration-token").read_text().strip()),
                        Caller("own job", self.job_tokens["own"]), Caller("their job", self.job_tokens["theirs"]),
                        Caller("member", self.token("MEMBER", subject="mo"), "MEMBER")]
        for role in ("VIEWER", "DEVELOPER", "MAINTAINER"):
            self.callers += [Caller(f"own {role}", self.token(role, projects=[own]), "MEMBER", own=role),
                             Caller(f"their {role}", self.token(role, projects=["rights-theirs"]), "MEMBER", theirs=role),
                             Caller(f"{role} everywhere", self.token(role), role)]
        self.callers.append(Caller("ADMIN", self.token("ADMIN"), "ADMIN"))
        self.api.need("PUT", "/groups/writers", {"members": ["ada", "grace"]})
        self.api.need("PUT", f"/projects/{own}/roles/group:writers", {"role": "DEVELOPER"})
        self.api.need("PUT", f"/projects/{theirs}/roles/ada", {"role": "VIEWER"})
        self.callers.append(Caller("ada", self.token("MEMBER", subject="ada"), "MEMBER", own="DEVELOPER", theirs="VIEWER"))
        self.api.need("PUT", "/roles/vera", {"role": "VIEWER"})
        self.callers.append(Caller("vera", self.token("MEMBER", subject="vera"), "VIEWER"))

    # ---- the table ----

    def fill(self, text, place):
        return re.sub(r"\{(\w+)\}", lambda match: str(self.places[place].get(match[1], match[0])), text)

    def fresh(self, made, place):
        """What the request will remove."""
        if made == "agent":
            key = f"oca_{'k' * 30}{next(self.numbers):010}"
            return {"agent": self.api.post("/register", {"name": f"gone-{next(self.numbers)}", "labels": ["none"], "key": key})["id"]}
        if made == "token":
            return {"token": self.api.post("/tokens", {"role": "VIEWER"})["id"]}
        if made == "forge":
            return {"forge": self.forge(f"gone-{next(self.numbers)}")}
        if made == "user":
            return {"user": self.api.post("/users", {"name": f"gone-{next(self.numbers)}"})["name"]}
        if made == "invitation":
            return {"invitation": self.api.post("/invitations", {})["id"]}
        if made == "artifact":
            self.make_artifact(place)
        elif made and made != "absent":
            method, path, body = made
            self.api.need(method, self.fill(path, place), body)
        return {}

    def ask_row(self, row, place, caller):
        method, path, kind, body, made = (*row, None, None)[:5]
        refusals = wanted(caller, kind, place)
        self.places[place].update(self.fresh(made, place) if not refusals or kind in (table.DEVELOP, table.MAINTAIN, table.JOB_DEVELOP) else {})
        if isinstance(body, dict):
            body = json.loads(self.fill(json.dumps(body), place))
        status = self.status(caller.token, method, self.fill(path, place), body)
        self.places[place].update(agent=self.agent_id, user="gale", forge=self.forge_id)
        missing = kind in (table.JOB, table.ANY_JOB, table.SIGNED_IN, table.AGENT) and status == 404 or made == "absent" and status == 404  # What it names is not there; it was let in
        good = status in refusals if refusals else status not in REFUSED or missing
        if not good or status >= 500:
            self.found.append(f"{method} {path} of {place} by {caller.name}: {status}, not {sorted(refusals) or 'let in'}")

    def ask_all(self):
        for row in table.ROWS:
            for caller in self.callers:
                for place in ("own", "open") if "{" in row[1] or row[3:4] and "{" in str(row[3]) else ("own",):
                    self.ask_row(row, place, caller)

    def no_route_is_missing(self):
        """Both ways: parameters by their place, not by their name."""
        def shape(method, path):
            return method, re.sub(r"\{\w+\}", "{}", path.split("?")[0].replace("/o/r/", "/{}/{}/"))
        document = self.api.get("/openapi.json")
        there = {shape(method.upper(), path) for path, methods in document["paths"].items() for method in methods if method != "head"}
        rows = {shape(row[0], row[1]) for row in table.ROWS}
        self.found += [f"{method} {path} has no row in rights_table.py" for method, path in sorted(there - rows)]
        self.found += [f"{method} {path} in rights_table.py is not a route" for method, path in sorted(rows - there)]

    # ---- what lists hold ----

    def look_into_lists(self):
        ids = {name: place["project"] for name, place in self.places.items()}
        for caller in self.callers:
            if caller.machine:
                continue
            sees = {name for name in ids if name == "open" or caller.rank(name) >= 2}
            everything = RANKS[caller.everywhere] >= 2
            for path, key in (("/projects", "id"), ("/runs", "project_id"), ("/jobs", "project_id")):
                got = {item[key] for item in self.items("" if caller.token is None else caller.token, path)} if caller.token else self.anonymous(path, key)
                others = got - set(ids.values())
                if got - others != {ids[name] for name in sees} or (others and not everything):
                    self.found.append(f"{path} by {caller.name} holds {sorted(name for name in ids if ids[name] in got)} and {len(others)} others, not {sorted(sees)}")

    def anonymous(self, path, key):
        connection = http.client.HTTPConnection(self.api.host, timeout=60)
        connection.request("GET", f"/api/v1{path}?limit=200")
        return {item[key] for item in json.loads(connection.getresponse().read())["items"]}

    # ---- what changes while it is used ----

    def a_role_ends(self):
        ada = next(caller for caller in self.callers if caller.name == "ada")
        path = f"/projects/{self.places['own']['project']}"
        if self.status(ada.token, "GET", path) != 200:
            self.found.append("ada does not see the project of her group")
        self.api.need("PUT", "/groups/writers", {"members": ["grace"]})
        if (status := self.status(ada.token, "GET", path)) != 404:  # At once, through the gateway that changed it
            self.found.append(f"ada left the group of a project, and sees it: {status}")

    def a_stream_ends_with_its_role(self):
        """Events of `theirs` come to vera as long as she has her role everywhere; then her stream ends, and no further event comes."""
        vera = next(caller for caller in self.callers if caller.name == "vera")
        stream = http.client.HTTPConnection(self.api.host, timeout=60)
        stream.request("GET", "/api/v1/events", headers={"Authorization": f"Bearer {vera.token}"})
        response = stream.getresponse()
        self.api.post("/jobs", {"name": "seen", "project": self.places["theirs"]["project"], "runs_on": ["nowhere"], "steps": [{"run": "true"}]})
        while b"job.state" not in (line := response.readline()):
            if not line:
                self.found.append("vera's stream of events ended before her role")
                return
        self.api.need("DELETE", "/roles/vera")
        hidden = self.api.post("/jobs", {"name": "hidden", "project": self.places["theirs"]["project"], "runs_on": ["nowhere"], "steps": [{"run": "true"}]})
        if hidden["id"].encode() in response.read():
            self.found.append("vera's stream shows an event after her role was taken away")
        stream.close()

    def a_project_becomes_private(self):
        place = self.places["open"]
        self.api.need("PATCH", f"/projects/{place['project']}", {"visibility": "private"})
        for path in (f"/projects/{place['project']}", f"/runs/{place['run']}", "/runs"):
            if (status := self.status(None, "GET", path)) != 401:
                self.found.append(f"{path} of a project that is not public any more: {status} for nobody")
        wait_until(lambda: self.status(None, "GET", f"/jobs/{place['ended_job']}/log") == 401, HOLDS_SECONDS,
                   "its log to be closed to everybody")


def check_rights(world):
    """An action of scenarios."""
    rights = Rights(world)
    rights.make_projects()
    rights.make_runs()
    rights.take_jobs()
    for name in rights.places:
        rights.make_artifact(name)
    rights.make_trials()
    rights.make_callers()
    rights.no_route_is_missing()
    rights.look_into_lists()
    rights.ask_all()
    rights.a_role_ends()
    rights.a_stream_ends_with_its_role()
    rights.a_project_becomes_private()
    return rights.found
