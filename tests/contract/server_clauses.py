"""server_clauses.py - what the server promises its agents (docs/agent-protocol.md, the sentences marked §), one function a sentence.

A Hand is an agent that is played by hand: it says what a clause wants said, right or wrong, and judges the answers.
"""

import hashlib
import http.server
import itertools
import json
import pathlib
import sys
import subprocess
import threading
import time
import urllib.parse
from datetime import datetime, timezone

from wait import wait_until

CLAUSES, SECONDS, NUMBERS = [], 30, itertools.count(1)


def clause(function):
    CLAUSES.append(function)
    return function


def check(condition, what):
    if not condition:
        raise AssertionError(what)


class Hand:
    """Each has a label that no other has, so that jobs of one clause never reach another's."""

    def __init__(self, server):
        self.server, self.api = server, server.api
        self.name = f"hand-{next(NUMBERS)}"
        self.key = f"oca_{self.name}-{'k' * 40}"
        self.registration = (server.data / "registration-token").read_text().strip()
        self.id, self.token = "", self.key

    def register(self, token=None, key=None, name=None, url=""):
        answer = self.api.ask("POST", "/register", token=token or self.registration,
                              body={"name": name or self.name, "labels": [self.name], "url": url, "key": self.key if key is None else key})
        if answer.status == 201:
            self.id = answer.json["id"]
        return answer

    def beat(self, job="", attempt=0, agent=None, url=""):
        agent = agent or self.id
        return self.api.ask("POST", f"/agents/{agent}/heartbeat", token=self.key, body={"agent": agent, "job": job, "attempt": attempt, "url": url})

    def next(self, wait=10):
        return self.api.ask("GET", f"/agents/{self.id}/next?wait={wait}", token=self.key)

    def submit(self):
        return self.api.post("/jobs", {"name": "job", "runs_on": [self.name], "steps": [{"run": "true"}]})["id"]

    def offered(self):
        """Submit a job and take it, as a parked agent does."""
        job = self.submit()
        answer = self.next()
        check(answer.status == 200 and answer.json["job"] == job, f"next: {answer.status} {answer.text[:200]}")
        return answer.json

    def log(self, offer, first, data, range_text=None):
        headers = {"Content-Range": range_text or f"bytes {first}-{first + len(data) - 1}/*", "Log-Step": "1"}
        return self.api.ask("PATCH", f"/jobs/{offer['job']}/log", data, headers, token=offer["token"])

    def status(self, offer, state, token=None, **more):
        body = {"job": offer["job"], "attempt": offer["attempt"], "state": state, **more}
        return self.api.ask("POST", f"/jobs/{offer['job']}/status", body, token=token or offer["token"])

    def finish(self, offer, data=b"", result="success", **more):
        return self.status(offer, "finished", **{"result": result, "log_size": len(data), "log_sha256": hashlib.sha256(data).hexdigest(), **more})

    def job(self, offer):
        return self.api.get(f"/jobs/{offer['job']}")


def is_now(text):
    return abs((datetime.fromisoformat(text.replace("Z", "+00:00")) - datetime.now(timezone.utc)).total_seconds()) < 60


@clause
def a_registration_may_be_repeated_with_the_same_key_and_with_no_other(hand):
    first = hand.register()
    check(first.status == 201, f"{first.status} {first.text}")
    check(first.json["token"] == "" and first.json["lease_seconds"] > 0 and first.json["heartbeat_seconds"] > 0, first.text)
    check(is_now(first.json["server_time"]), "server_time")
    again = hand.register()
    check(again.status == 201 and again.json["id"] == first.json["id"], f"{again.status} {again.text}")
    check(hand.register(token=hand.key).json["id"] == first.json["id"], "its key is no token")
    check(hand.register(key="oca_" + 40 * "o").status == 409, "another key takes the name")
    check(hand.register(key="").status == 409, "no key takes the name")
    check(hand.register(key="oca_short").status == 422, "a short key is taken")
    check(hand.register(token="oca_unknown-unknown-unknown-unknown-unknown").status == 401, "an unknown token")


@clause
def an_agent_may_report_only_about_itself(hand):
    hand.register()
    other = Hand(hand.server)
    other.register()
    check(hand.beat().status == 200, "its own heartbeat")
    check(hand.beat(agent=other.id).status == 403, "another's heartbeat")
    check(hand.api.ask("GET", f"/agents/{other.id}/next?wait=0", token=hand.key).status == 403, "another's jobs")
    offer = hand.offered()
    theirs = dict(other.offered(), token=offer["token"])
    check(hand.status(theirs, "running").status == 403, "a token for another job")
    check(hand.log(theirs, 0, b"x").status == 403, "a token for another log")
    hand.finish(offer)


@clause
def an_offer_has_all_that_a_job_needs_and_is_repeated_until_the_job_begins(hand):
    hand.register()
    check(hand.next(wait=0).status == 204, "there is nothing")
    offer = hand.offered()
    check(offer["attempt"] == 1 and offer["token"] and offer["lease_seconds"] > 0, "attempt, token, lease")
    check(is_now(offer["offered_at"]) and 0 < offer["valid_seconds"] < offer["lease_seconds"], "how long it is good")
    check(offer["definition"]["steps"] == [{"run": "true"}] and "github" in offer["contexts"], "the job")
    again = hand.next().json
    check(again["job"] == offer["job"] and again["attempt"] == 1, "another offer")
    check(hand.status(offer, "running").json["order"] == "go_on", "its first word")
    check(hand.job(offer)["state"] == "running", "it does not run")
    hand.finish(offer)


@clause
def a_log_grows_without_gaps_and_an_overlap_does_no_harm(hand):
    hand.register()
    offer = hand.offered()
    first = hand.log(offer, 0, b"one\n")
    check(first.status == 202 and first.json["offset"] == 4, f"{first.status} {first.text}")
    gap = hand.log(offer, 10, b"three\n")
    check(gap.status == 416 and gap.json["offset"] == 4, f"a gap: {gap.status} {gap.text}")
    overlap = hand.log(offer, 0, b"one\ntwo\n")
    check(overlap.status == 202 and overlap.json["offset"] == 8, f"an overlap: {overlap.status} {overlap.text}")
    check(hand.log(offer, 0, b"x", "bytes 0-5/*").status == 400, "a range that is not the body's")
    check(hand.finish(offer, b"one\ntwo\n").status == 200, "the final status")
    check(hand.api.ask("GET", f"/jobs/{offer['job']}/log").body == b"one\ntwo\n", "the log")


@clause
def a_job_ends_once_its_log_is_whole_and_the_same_final_status_may_be_repeated(hand):
    hand.register()
    offer = hand.offered()
    hand.log(offer, 0, b"one\n")
    check(hand.finish(offer, b"other\n").status in (416, 422), "another size is taken")
    check(hand.finish(offer, b"two\n").status in (416, 422), "another checksum is taken")
    check(hand.job(offer)["state"] != "finished", "it ended")
    check(hand.finish(offer, b"one\n", log_sha256="").status in (400, 422), "no checksum is taken")
    check(hand.finish(offer, b"one\nrest\n", log_offset=4, log=[{"step": 1, "text": "rest\n"}]).status == 200, "the end with the rest")
    check(hand.finish(offer, b"one\nrest\n", log_offset=4, log=[{"step": 1, "text": "rest\n"}]).status == 200, "said again")
    check(hand.finish(offer, b"one\nrest\n", result="failure").status == 409, "another result")
    check(hand.status(offer, "running").status == 409, "a word after the end")
    check(hand.log(offer, 9, b"more\n").status == 409, "more of the log")
    check(hand.job(offer)["result"] == "success", "how it ended")


@clause
def the_agents_own_final_status_may_bring_it_the_next_job(hand):
    hand.register()
    offer, second = hand.offered(), hand.submit()
    check(offer["chained"], "the offer does not allow it")
    check(hand.finish(offer, next=True).status == 422, "the job's token asks for another job")
    check(hand.status(offer, "running", token=hand.key, next=True).status == 422, "a job that runs asks for another")
    other = Hand(hand.server)
    other.register()
    check(hand.finish(offer, token=other.key).status == 403, "another agent ends it")
    for what in ("the end", "the same end again, as after a lost answer"):
        given = hand.finish(offer, token=hand.key, next=True).json["next"]
        check([(one["job"], one["attempt"]) for one in given] == [(second, 1)], f"{what} brings {given}")
    check(hand.finish(given[0], token=hand.key, next=True).json["next"] == [], "there is another")
    check(hand.job(given[0])["result"] == "success", "how the second ended")


@clause
def a_job_whose_agent_is_silent_goes_to_another_and_the_old_attempt_is_refused(hand):
    hand.register()
    offer = hand.offered()
    hand.status(offer, "running")
    wait_until(lambda: hand.job(offer)["state"] == "queued", SECONDS, "the lease to expire")
    check(hand.status(offer, "running").status == 409, "an old attempt speaks")
    check(hand.beat(offer["job"], 1).json["order"] == "kill", "an old attempt is let run")
    second = hand.next().json
    check(second["job"] == offer["job"] and second["attempt"] == 2 and second["token"] != offer["token"], "the second attempt")
    check(hand.log(offer, 0, b"x").status in (401, 403, 409), "an old attempt logs")
    check(hand.finish(second).status == 200, "the second attempt ends it")


@clause
def a_job_that_is_given_back_goes_to_another_agent_at_once(hand):
    hand.register()
    offer = hand.offered()
    check(hand.status(offer, "running", given_back=True).status == 422, "a job that runs is given back")
    check(hand.finish(offer, b"half\n", "cancelled", given_back=True).status == 416, "without its log")
    hand.log(offer, 0, b"half\n")
    check(hand.finish(offer, b"half\n", "cancelled", given_back=True, reason="going home").status == 200, "it is not taken back")
    check(hand.job(offer)["state"] in ("queued", "assigned"), "it does not wait for an agent")
    check(hand.finish(offer, b"half\n", "cancelled", given_back=True).status == 409, "its attempt is not over")
    second = hand.next().json
    check(second["job"] == offer["job"] and second["attempt"] == 2, "the second attempt")
    old = [one for one in hand.api.get(f"/jobs/{offer['job']}/attempts")["items"] if one["attempt"] == 1][0]
    check((old["result"], old["reason"], old["log_size"]) == ("cancelled", "going home", 5), f"the first attempt: {old}")
    check(hand.api.ask("GET", f"/jobs/{offer['job']}/log?attempt=1").body == b"half\n", "the first attempt's log")
    check(hand.finish(second).status == 200, "the second attempt ends it")


@clause
def a_cancel_is_the_order_in_the_next_answer(hand):
    hand.register()
    offer = hand.offered()
    hand.status(offer, "running")
    hand.api.post(f"/jobs/{offer['job']}/cancel")
    check(hand.status(offer, "running").json["order"] == "cancel", "the order")
    check(hand.beat(offer["job"], 1).json["order"] == "cancel", "the order in a heartbeat")
    hand.api.post(f"/jobs/{offer['job']}/cancel", {"hard": True})
    check(hand.status(offer, "running").json["order"] == "kill", "the hard order")
    check(hand.finish(offer, result="cancelled").status == 200, "its end")
    check(hand.job(offer)["result"] == "cancelled", "how it ended")


class Ear(http.server.ThreadingHTTPServer):
    """An agent that listens, and answers as it is told."""

    def __init__(self):
        ear = self
        self.heard, self.answers = [], []

        class Handler(http.server.BaseHTTPRequestHandler):
            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                ear.heard.append((self.command, self.path, self.headers, body))
                self.send_response(ear.answers.pop(0) if ear.answers else 202)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            do_POST = do_DELETE = handle_any

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.daemon_threads = True
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def wait(self, count, method):
        wait_until(lambda: len([1 for heard in self.heard if heard[0] == method]) >= count, SECONDS, f"{count} of {method}")
        return [heard for heard in self.heard if heard[0] == method][count - 1]


def check_signed(hand, heard):
    import hmac
    method, path, headers, body = heard
    lines = ["v1", method, path, hand.id, headers["Opencicd-Time"], hashlib.sha256(body).hexdigest()]
    key = hashlib.blake2b(b"push:" + hand.key.encode(), digest_size=32).hexdigest()
    made = hmac.new(key.encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()
    check(headers["Opencicd-Signature"] == "v1=" + made and headers["Opencicd-Agent"] == hand.id, "the signature")
    check(headers["Opencicd-Content-SHA256"] == lines[5], "the body's checksum")
    check(abs(int(lines[4]) / 1e6 - time.time()) < 60, "the signature's time")
    check("Authorization" not in headers and key not in str(headers), "a key was sent")


@clause
def pushed_requests_are_signed_and_a_busy_agent_is_asked_again(hand):
    ear = Ear()
    try:
        hand.register(url=f"http://127.0.0.1:{ear.server_port}")
        ear.answers = [409, 409]
        job = hand.submit()
        heard = ear.wait(3, "POST")
        check(urllib.parse.urlsplit(heard[1]).path == "/jobs", heard[1])
        check_signed(hand, heard)
        offer = json.loads(heard[3])
        check(offer["job"] == job and offer["attempt"] == 1 and is_now(offer["offered_at"]), "the offer")
        hand.status(offer, "running")
        hand.api.post(f"/jobs/{job}/cancel")
        stop = ear.wait(1, "DELETE")
        check(stop[1] == f"/jobs/{job}?attempt=1", stop[1])
        check_signed(hand, stop)
        hand.finish(offer, result="cancelled")
    finally:
        ear.shutdown()
        ear.server_close()


@clause
def an_agent_in_plain_python_runs_a_workflow(hand):
    example = pathlib.Path(__file__).resolve().parents[2] / "docs/agent.py"
    folder = hand.server.folder / "python-agent"
    for listen in ([], ["--listen", "127.0.0.1:0"]):
        name = f"python-{len(listen)}"
        agent = subprocess.Popen(
            [sys.executable, str(example), "--url", f"http://{hand.api.host}", "--name", name, "--labels", name, "--work-dir", str(folder / name), *listen],
            stdin=subprocess.DEVNULL, env={**hand.server.environment, "OPENCICD_REGISTRATION_TOKEN": hand.registration})
        try:
            job = hand.api.post("/jobs", {"name": "job", "runs_on": [name], "env": {"WHO": "world"}, "steps": [
                {"run": "echo \"hello $WHO\"; echo \"answer=42\" >> $GITHUB_OUTPUT", "id": "one"},
                {"run": "echo the answer is ${{ steps.one.outputs.answer }}"}]})["id"]
            wait_until(lambda: hand.api.get(f"/jobs/{job}")["state"] == "finished", SECONDS, "the job to end")
            log = hand.api.ask("GET", f"/jobs/{job}/log").text
            check(hand.api.get(f"/jobs/{job}")["result"] == "success" and log == "hello world\nthe answer is 42\n", log)
        finally:
            agent.kill()
            agent.wait()
