"""agent_clauses.py - what every agent promises (docs/agent-protocol.md, the sentences marked §), one function a sentence.

`server` is the played one, `agent` the process; `concerns` says whether a clause is for agents that are pushed to, parked, or both.
"""

import hashlib
import pathlib
import urllib.parse
from datetime import datetime, timezone

from played_server import AGENT, SECONDS
from wait import wait_until

CLAUSES = []


def concerns(*parked):
    def keep(clause):
        clause.parked = parked
        CLAUSES.append(clause)
        return clause
    return keep


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def is_now(text):
    return bool(text) and abs((datetime.fromisoformat(text.replace("Z", "+00:00")) - datetime.now(timezone.utc)).total_seconds()) < 60


def ready(server):
    server.wait_for("POST", "/heartbeat")


def runs_whole(server, job, text):
    final = server.finished(job)
    log = bytes(server.logs[job])
    wait_until(lambda: text in bytes(server.logs[job]), SECONDS, f"{text} in the log")
    check(final["log_sha256"] == hashlib.sha256(log).hexdigest() and final["log_size"] == len(log), "the log is not whole")
    return final


@concerns(False, True)
def it_registers_with_a_key_that_it_made_and_is_the_same_one_after_a_restart(server, agent):
    ready(server)
    check(server.keys[0].startswith("oca_") and len(server.keys[0]) >= 36, "it brings no key of its own")
    check(server.seen("POST", "/register")[0][2] in ("Bearer registration-token", f"Bearer {server.keys[0]}"), "with which token?")
    agent.kill()
    count = len(server.seen("POST", "/register"))
    agent.start()
    check(server.wait_for("POST", "/register", count + 1)[2] == f"Bearer {server.keys[0]}", "its key is its token")


@concerns(False, True)
def a_lost_answer_to_its_registration_makes_no_second_agent(server, agent):
    server.deaf["register"] = 2
    ready(server)
    check(len(set(server.keys)) == 1, f"it brought {len(set(server.keys))} keys")


@concerns(False, True)
def its_heartbeats_name_the_job_that_it_has(server, agent):
    ready(server)
    server.wait_for("POST", f"/agents/{AGENT}/heartbeat", 2, job="")
    server.give(agent, server.offer("j1", "echo ready; exec tail -f /dev/null"))
    server.wait_for("POST", f"/agents/{AGENT}/heartbeat", job="j1", attempt=1)
    server.order = "kill"
    server.finished("j1")


@concerns(False, True)
def it_dates_its_reports_that_it_has_no_job(server, agent):
    first = server.wait_for("POST", f"/agents/{AGENT}/heartbeat")
    check(len(server.seen("POST", "/register")) == 1 and first[3]["job"] == "", "its first heartbeat")
    check(is_now(first[3].get("sent_at")), f"when it said so: {first[3].get('sent_at')}")
    if not server.url_of_agent:
        asked = urllib.parse.parse_qs(urllib.parse.urlsplit(server.wait_for("GET", "/next")[1]).query)
        check(is_now(asked.get("sent_at", [""])[0]), f"when it asked: {asked}")


@concerns(False, True)
def it_runs_a_job_and_sends_the_whole_log_with_its_checksum(server, agent):
    ready(server)
    check(server.give(agent, server.offer("j1", "seq 1 50000; echo last")) == 202, "it does not take the job")
    final = runs_whole(server, "j1", b"\n49999\n50000\nlast\n")
    check(final["result"] == "success" and final["attempt"] == 1, f"it ended as {final['result']}")
    check(all(step["state"] == "finished" for step in final["steps"]) and final["steps"], "its steps have not ended")


@concerns(False, True)
def a_step_that_fails_fails_the_job(server, agent):
    ready(server)
    server.give(agent, server.offer("j1", "exit 3"))
    final = server.finished("j1")
    check(final["result"] == "failure", f"it ended as {final['result']}")
    check(any(step["exit_code"] == 3 for step in final["steps"]), "no step has exit code 3")


@concerns(False)
def it_refuses_what_the_server_did_not_sign(server, agent):
    ready(server)
    offer, other = server.offer("j1", "echo mine"), b'{"job":"j2"}'
    check(server.ask_agent("POST", "/jobs", offer, key="oca_" + 40 * "x") == 401, "another key lets in")
    check(server.ask_agent("POST", "/jobs", offer, agent="a2") == 401, "another agent's offer is taken")
    check(server.ask_agent("POST", "/jobs", offer, send=other.ljust(len(str(offer)))) in (400, 401), "another body is taken")
    check(server.ask_agent("POST", "/jobs", offer, seconds_ago=60) == 410, "an old signature is taken")
    check(server.health()["status"] == "idle", "it is busy")
    check(server.ask_agent("POST", "/jobs", offer) == 202, "the right one is refused")
    runs_whole(server, "j1", b"mine\n")


@concerns(False, True)
def it_does_not_begin_a_stale_offer(server, agent):
    ready(server)
    check(server.give(agent, server.offer("j1", "echo stale", seconds_ago=5)) in (202, 410), "how it refuses")
    server.wait_for("POST", "/heartbeat", len(server.seen("POST", "/heartbeat")) + 2)
    check(not server.seen("POST", "/jobs/j1/status") and "j1" not in server.logs, "it began it")
    server.give(agent, server.offer("j2", "echo fresh"))
    runs_whole(server, "j2", b"fresh\n")


@concerns(False, True)
def it_takes_an_attempt_once(server, agent):
    ready(server)
    server.give(agent, server.offer("j1", "echo once"))
    runs_whole(server, "j1", b"once\n")
    wait_until(lambda: server.give(agent, server.offer("j1", "echo twice")) in ((202,) if agent.parked else (410,)), SECONDS, "its refusal")
    server.give(agent, server.offer("j1", "echo second", attempt=2))
    server.finished("j1", 2)
    check(b"twice" not in server.logs["j1"], "it ran it again")


@concerns(False, True)
def it_takes_an_attempt_once_also_if_it_is_killed_and_started_again(server, agent):
    ready(server)
    server.give(agent, server.offer("j1", "echo once; exec tail -f /dev/null"))
    wait_until(lambda: b"once\n" in server.logs.get("j1", b""), SECONDS, "the job to run")
    agent.kill()
    registered, heartbeats = len(server.seen("POST", "/register")), len(server.seen("POST", "/heartbeat"))
    agent.start()
    server.wait_for("POST", "/register", registered + 1)
    server.wait_for("POST", "/heartbeat", heartbeats + 1)
    again = server.offer("j1", "echo twice")
    wait_until(lambda: server.give(agent, again) in ((202,) if agent.parked else (410,)), SECONDS, "its refusal")
    server.give(agent, server.offer("j1", "echo second", attempt=2))
    server.finished("j1", 2)
    check(b"twice" not in server.logs["j1"], "it ran it again")


@concerns(False)
def it_answers_409_while_it_has_another_job_and_202_for_the_one_that_it_has(server, agent):
    ready(server)
    offer = server.offer("j1", "echo ready; exec tail -f /dev/null")
    check(server.give(agent, offer) == 202, "it does not take the job")
    wait_until(lambda: b"ready\n" in server.logs.get("j1", b""), SECONDS, "the job to run")
    check(server.give(agent, server.offer("j2", "true")) == 409, "it takes a second one")
    check(server.give(agent, offer) == 202, "it refuses the one it has")
    check(server.health() == {"status": "busy", "job": "j1"}, f"its health is {server.health()}")
    check(server.ask_agent("DELETE", "/jobs/j1?attempt=2") == 404, "it cancels for another attempt")
    check(server.ask_agent("DELETE", "/jobs/j1?attempt=1&hard=1") == 202, "it does not cancel")
    check(server.finished("j1")["result"] == "cancelled", "it was not cancelled")


@concerns(False, True)
def it_goes_back_to_the_log_offset_that_the_server_names(server, agent):
    server.cut_log = 1000
    ready(server)
    server.give(agent, server.offer("j1", "seq 1 300000; echo last"))
    runs_whole(server, "j1", b"\n299999\n300000\nlast\n")
    check(server.cut_log is None, "nothing was cut")


@concerns(False, True)
def it_stops_a_job_that_is_cancelled(server, agent):
    ready(server)
    server.give(agent, server.offer("j1", "echo ready; exec tail -f /dev/null"))
    wait_until(lambda: b"ready\n" in server.logs.get("j1", b""), SECONDS, "the job to run")
    server.order = "cancel"
    check(server.finished("j1")["result"] == "cancelled", "it was not cancelled")


@concerns(False, True)
def it_pauses_its_job_while_its_lease_is_over(server, agent):
    ready(server)
    folder = agent.folder
    server.give(agent, server.offer("j1", f"echo $$ > {folder}/pid; echo ready; until test -e {folder}/go; do :; done; echo late"))
    wait_until(lambda: b"ready\n" in server.logs.get("j1", b""), SECONDS, "the job to run")
    stat = pathlib.Path("/proc", (folder / "pid").read_text().strip(), "stat")
    server.away = True
    wait_until(lambda: stat.read_text().rsplit(")", 1)[1].split()[0] == "T", 4, "the job to be paused")  # Its lease is of 3 s
    server.away = False
    wait_until(lambda: stat.read_text().rsplit(")", 1)[1].split()[0] != "T", SECONDS, "the job to go on")
    (folder / "go").touch()
    check(runs_whole(server, "j1", b"late\n")["result"] == "success", "it did not succeed")


@concerns(False, True)
def it_gives_its_job_back_when_it_is_stopped(server, agent):
    ready(server)
    server.give(agent, server.offer("j1", "echo ready; exec tail -f /dev/null"))
    wait_until(lambda: b"ready\n" in server.logs.get("j1", b""), SECONDS, "the job to run")
    agent.process.terminate()
    final = runs_whole(server, "j1", b"ready\n")
    check(final.get("given_back") and final["result"] == "cancelled", f"it ended as {final}")
    check(b"shut" in server.logs["j1"], "its log does not say why")
    check(server.seen("POST", "/heartbeat", draining=True), "it did not say that it takes no other job")
    check(agent.process.wait(SECONDS) == 0, f"its exit status is {agent.process.returncode}")


@concerns(False, True)
def it_loses_nothing_while_the_server_is_down(server, agent):
    ready(server)
    server.give(agent, server.offer("j1", "echo ready; n=0; while [ $n -lt 200000 ]; do n=$((n+1)); done; echo late"))
    wait_until(lambda: b"ready\n" in server.logs.get("j1", b""), SECONDS, "the job to run")
    server.away = True
    server.wait_for("POST", "/heartbeat", len(server.seen("POST", "/heartbeat")) + 2)
    server.away = False
    runs_whole(server, "j1", b"ready\nlate\n")


@concerns(False, True)
def it_repeats_its_final_status_until_it_is_accepted(server, agent):
    ready(server)
    server.deaf["status"] = 3
    server.give(agent, server.offer("j1", "echo done"))
    first = server.wait_for("POST", "/jobs/j1/status", state="finished")[3]
    wait_until(lambda: server.deaf["status"] == 0, SECONDS, "all answers to be lost")
    again = server.wait_for("POST", "/jobs/j1/status", 2, state="finished")[3]
    check(all(first[name] == again[name] for name in ("result", "attempt", "log_size", "log_sha256")), "it says another end")


@concerns(False, True)
def it_drops_a_job_that_now_belongs_to_another_attempt(server, agent):
    ready(server)
    server.fenced = True
    server.give(agent, server.offer("j1", "echo ready; exec tail -f /dev/null"))
    wait_until(lambda: server.seen("POST", "/jobs/j1/status") or server.seen("PATCH", "/jobs/j1/log"), SECONDS, "a word about the job")
    count = len(server.seen("POST", "/heartbeat", job=""))
    server.wait_for("POST", "/heartbeat", count + 2, job="")
    server.fenced = False
    server.give(agent, server.offer("j2", "echo next"))
    runs_whole(server, "j2", b"next\n")


@concerns(False, True)
def it_runs_the_job_that_comes_with_the_answer_to_its_final_status(server, agent):
    ready(server)
    server.next_offer = server.offer("j2", "echo second")
    server.give(agent, {**server.offer("j1", "echo first"), "chained": True})
    runs_whole(server, "j1", b"first\n")
    if not server.finished("j1").get("next"):
        return  # It may ask so, and need not: then it is offered its jobs as any other
    check(server.seen("POST", "/jobs/j1/status", state="finished")[0][2].removeprefix("Bearer ") in server.keys, "it asks with the job's token")
    runs_whole(server, "j2", b"second\n")


@concerns(False, True)
def it_asks_for_no_job_with_a_final_status_unless_the_offer_allows_it(server, agent):
    ready(server)
    server.give(agent, server.offer("j1", "echo first"))
    runs_whole(server, "j1", b"first\n")
    check(not server.finished("j1").get("next"), "it asks")
    check(server.seen("POST", "/jobs/j1/status", state="finished")[0][2] == "Bearer ocj_j1.1", "not with the job's token")


@concerns(False, True)
def it_ends_its_job_with_the_jobs_token_if_its_own_is_refused(server, agent):
    ready(server)
    server.refuses_own = True
    server.give(agent, {**server.offer("j1", "echo first"), "chained": True})
    runs_whole(server, "j1", b"first\n")
