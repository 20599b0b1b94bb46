"""play.py PROGRAM FOLDER [NAME...] - what a forge does, and what becomes of it here: each test is a server and a fake forge of its own."""

import os
import sys
import threading

from dialects import ZEROS
from fake_forge import git
from world import check, play, wait_for

KINDS = ("github", "gitea", "gitlab")


def heads_of(runs):
    return sorted((run["event"], run["ref"], run["sha"]) for run in runs)


def a_push_on_each_forge_becomes_a_run_of_its_head(world):
    for kind in KINDS:
        repository = world.repository(world.forge(kind), f"acme/{kind}")
        sha = repository.commit(message="second")
        deliveries = repository.push("refs/heads/main", sha)
        world.send_all(repository, deliveries)
        world.settle()
        check(kind, heads_of(world.runs(repository.project)), [("push", "refs/heads/main", sha)])
        run = world.runs(repository.project)[0]
        check("actor", run["actor"], "ada")
        world.send_all(repository, deliveries)  # Twice
        world.settle()
        check("runs after a duplicate", len(world.runs(repository.project)), 1)


def branches_and_tags_are_created_and_removed_as_on_github(world):
    for kind in KINDS:
        repository = world.repository(world.forge(kind), f"acme/{kind}")
        sha = repository.commit(message="second")
        for ref in ("refs/heads/topic", "refs/tags/v1"):
            world.send_all(repository, repository.push(ref, sha))
        world.settle()
        world.send_all(repository, repository.push("refs/heads/topic", None))
        world.settle()
        got = sorted((run["event"], run["ref"]) for run in world.runs(repository.project))
        check(kind, got, [("create", "refs/heads/topic"), ("create", "refs/tags/v1"), ("delete", "refs/heads/main"),
                          ("push", "refs/heads/topic"), ("push", "refs/tags/v1")])


def of_pushes_that_come_late_only_the_newest_head_runs(world):
    repository = world.repository(world.forge("gitea"), "acme/late")
    pushes = [repository.push("refs/heads/main", repository.commit(message=str(i))) for i in range(4)]
    for deliveries in reversed(pushes):
        world.send_all(repository, deliveries)
    world.settle()
    check("runs", heads_of(world.runs("late")), [("push", "refs/heads/main", repository.head("refs/heads/main"))])


def what_no_webhook_brought_is_found_by_comparing_refs(world):
    for kind in KINDS:
        repository = world.repository(world.forge(kind), f"acme/{kind}")
        sha = repository.commit(message="second")
        repository.push("refs/heads/main", sha)  # Lost
        repository.push("refs/heads/topic", sha)
        repository.open_pull("topic")
        world.compare(repository.project)
        world.settle()
        got = sorted((run["event"], run["sha"] == sha) for run in world.runs(repository.project))
        check(kind, got, [("create", True), ("pull_request", True), ("pull_request_target", True), ("push", True), ("push", True)])
        world.compare(repository.project)
        world.settle()
        check("runs after comparing again", len(world.runs(repository.project)), 5)
        repository.push("refs/heads/topic", None)
        world.compare(repository.project)
        world.settle()
        check("delete", len(world.runs(repository.project, "delete")), 1)


def restart(world):
    world.server.kill()
    world.server.start()
    world.api = world.server.api


def a_push_that_was_answered_survives_a_kill_at_any_moment(world):
    forge = world.forge("github")
    repository = world.repository(forge, "acme/killed")
    world.cli("forge", "set", "killed", "--no-poll")  # Else comparing refs would find it
    pushed = []
    for size in range(1, 6):
        forge.password = "another" if size == 1 else None  # Git is refused: the delivery waits for certain
        for number in range(size):
            pushed.append(("push", f"refs/heads/b{size}-{number}", repository.commit(message=f"{size} {number}")))
            world.send_all(repository, repository.push(*pushed[-1][1:])[:1])
        if size == 1:
            check("waiting", len(world.deliveries("killed", "received")), 1)
        restart(world)
    forge.password = None
    world.settle("killed")
    check("runs", heads_of(world.runs("killed")), sorted(pushed))


def a_repository_is_followed_when_it_is_renamed(world):
    for kind in KINDS:
        forge = world.forge(kind, password=None)
        repository = world.repository(forge, f"acme/{kind}")
        forge.rename(repository, f"acme/{kind}-new")
        sha = repository.commit(message="second")
        world.send_all(repository, repository.push("refs/heads/main", sha))
        wait_for("the new name", lambda: world.link(repository.project)["full_name"] == f"acme/{kind}-new")
        wait_for("its webhook", lambda: world.link(repository.project)["state"] == "active")
        wait_for("its run", lambda: heads_of(world.runs(repository.project)) == [("push", "refs/heads/main", sha)])
        check("webhooks", len(repository.hooks), 1)


def a_webhook_that_was_removed_or_switched_off_is_made_again(world):
    for kind in KINDS:
        repository = world.repository(world.forge(kind), f"acme/{kind}")
        first = next(iter(repository.hooks.values()))
        repository.hooks.clear()
        check("state", world.api.post(f"/projects/{repository.project}/forge/check")["state"], "active")
        second = next(iter(repository.hooks.values()))
        check("another webhook", second["id"] != first["id"], True)
        second["active"], second["alert_status"] = False, "disabled"
        world.api.post(f"/projects/{repository.project}/forge/check")
        check("webhooks", [(one["active"], one.get("alert_status", "executable")) for one in repository.hooks.values()], [(True, "executable")])
        world.api.post(f"/projects/{repository.project}/forge/check")
        check("webhooks", len(repository.hooks), 1)
        world.api.need("DELETE", f"/projects/{repository.project}")
        wait_for("the webhook to go with its project", lambda repository=repository: not repository.hooks)


def limits_and_a_revoked_token_are_shown_and_pass(world):
    forge = world.forge("github")
    repository = world.repository(forge, "acme/site")
    forge.limits = [(429, {"message": "slow down"}, {"Retry-After": "1"})]
    check("after a short limit", world.api.post("/projects/site/forge/check")["state"], "active")
    forge.limits = [(403, {"message": "secondary rate limit"}, {"Retry-After": "600"})]
    link = world.api.post("/projects/site/forge/check")
    check("a long limit", (link["state"], "600 s" in link["state_reason"]), ("failed", True))
    forge.token = "another"
    link = world.api.post("/projects/site/forge/check")
    check("a revoked token", (link["state"], "401" in link["state_reason"]), ("failed", True))
    world.cli("forge", "add", "--private-networks", "github", forge.name, forge.url, text="another\n")
    check("with the new token", world.api.post("/projects/site/forge/check")["state"], "active")
    check("webhooks", len(repository.hooks), 1)


def what_is_not_signed_with_the_secret_is_refused(world):
    repository = world.repository(world.forge("github"), "acme/site")
    hook = next(iter(repository.hooks.values()))
    delivery = repository.push("refs/heads/main", repository.commit())[0]
    for secret in ("", "wrong"):
        check("answer", world.send(repository, delivery, {**hook, "secret": secret})[0], 403)
    url = hook["config"]["url"]
    check("an unknown address", world.post(url[:-3] + "abc", {"Content-Type": "application/json"}, b"{}")[0], 403)
    check("a large body to an unknown address", world.post(url[:-3] + "abc", {"Content-Type": "application/json"}, b" " * (2 << 20))[0], 403)
    headers, body = repository.forge.dialect.sign(hook, *delivery)
    check("form", world.post(url, {**headers, "Content-Type": "application/x-www-form-urlencoded"}, b"payload=" + body)[0], 403)
    check("deliveries", world.deliveries("site"), [])
    check("good", world.send(repository, delivery)[0], 202)


def a_delivery_of_another_repository_is_ignored(world):
    forge = world.forge("github")
    repository, other = world.repository(forge, "acme/site"), forge.add("acme/other")
    delivery = repository.forge.dialect.push(other, "refs/heads/main", ZEROS, "1" * 40, "eve")[0]
    status, text = world.send(repository, delivery)
    check("answer", (status, "another repository" in text), (202, True))
    check("deliveries", world.deliveries("site"), [])


def a_large_push_is_taken_without_its_commits(world):
    repository = world.repository(world.forge("github"), "acme/site")
    sha = repository.commit(message="second")
    headers, body = repository.push("refs/heads/main", sha)[0]
    body["commits"] = [{"id": f"{i:040x}", "message": "m" * 400, "timestamp": "2026-01-01T00:00:00Z"} for i in range(20000)]
    check("answer", world.send(repository, (headers, body))[0], 202)
    world.settle()
    check("runs", heads_of(world.runs("site")), [("push", "refs/heads/main", sha)])


def a_pull_request_of_a_fork_waits_for_the_approval_of_its_head(world):
    for kind in KINDS:
        forge = world.forge(kind)
        repository, fork = world.repository(forge, f"acme/{kind}"), forge.add(f"eve/{kind}")
        git(fork.work, "pull", "-q", str(repository.bare), "main")
        fork.push("refs/heads/topic", fork.commit(message="hers"))
        world.send_all(repository, repository.open_pull("topic", fork, "eve"))
        world.settle()
        waits = world.deliveries(repository.project, "approval")
        check("waiting", [(one["untrusted"], one["pull"]) for one in waits], [(True, 1)])
        check("runs", [run["event"] for run in world.runs(repository.project)], ["pull_request_target"])
        check("another head", world.cli("forge", "approve", waits[0]["id"], "1" * 40, good=False).returncode != 0, True)
        world.cli("forge", "approve", waits[0]["id"], waits[0]["sha"])
        world.settle()
        check("runs", len(world.runs(repository.project, "pull_request")), 1)
        world.send_all(repository, fork.push("refs/heads/topic", fork.commit(message="more")))
        world.settle()
        check("the next head waits again", len(world.deliveries(repository.project, "approval")), 1)
        check("runs", len(world.runs(repository.project, "pull_request")), 1)
        world.cli("forge", "set", repository.project, "--forks", "known")
        world.send_all(repository, fork.push("refs/heads/topic", fork.commit(message="even more")))
        world.settle()
        check("a known author", len(world.runs(repository.project, "pull_request")), 2)
        world.cli("forge", "set", repository.project, "--forks", "never")
        world.send_all(repository, fork.push("refs/heads/topic", fork.commit(message="last")))
        world.settle()
        check("never", len(world.runs(repository.project, "pull_request")), 2)


def pull_requests_of_the_repository_run_each_head_once(world):
    for kind in KINDS:
        repository = world.repository(world.forge(kind), f"acme/{kind}")
        repository.push("refs/heads/topic", repository.commit(message="one"))
        opened = repository.open_pull("topic")
        world.send_all(repository, opened)
        world.settle()
        for message in ("two", "three"):
            world.send_all(repository, repository.push("refs/heads/topic", repository.commit(message=message)))
            world.settle()
        world.send_all(repository, opened)
        world.settle()
        heads = [run["sha"] for run in world.runs(repository.project, "pull_request")]
        check(kind, (len(heads), len(set(heads))), (3, 3))


def a_delivery_is_shown_with_what_came_and_can_be_worked_off_again(world):
    repository = world.repository(world.forge("gitlab"), "acme/site")
    sha = repository.commit(message="second")
    world.send_all(repository, repository.push("refs/heads/main", sha))
    world.settle()
    row = world.deliveries("site")[0]
    shown = world.api.get(f"/deliveries/{row['id']}")
    check("payload", (shown["payload"]["after"], shown["payload"]["repository"]["full_name"]), (sha, "acme/site"))
    check("original", '"object_kind": "push"' in shown["body"], True)
    check("cli", sha[:10] in world.cli("forge", "deliveries", "--project", "site").stdout, True)
    world.cli("forge", "resend", row["id"])
    world.settle()
    check("runs", len(world.runs("site")), 2)


def a_private_repository_of_a_plain_server_is_polled_with_its_credential(world):
    forge = world.forge("git", credential="ada:s3cret", password="Basic YWRhOnMzY3JldA==")
    repository = world.repository(forge, "site")
    check("readable", world.api.get("/projects/site")["state"], "ready")
    sha = repository.commit(message="second")
    repository.push("refs/heads/main", sha)
    world.compare("site")
    world.settle()
    check("runs", heads_of(world.runs("site")), [("push", "refs/heads/main", sha)])
    world.api.post("/projects", {"name": "thief", "url": f"{forge.url}/site"})
    wait_for("another project", lambda: world.api.get("/projects/thief")["state"] == "failed")


def a_post_receive_hook_reports_what_is_pushed(world):
    forge = world.forge("git", credential="ada:s3cret", password="Basic YWRhOnMzY3JldA==")
    repository = world.repository(forge, "site")
    hook = repository.bare / "hooks" / "post-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(world.cli("forge", "hook", "site").stdout)
    os.chmod(hook, 0o700)
    sha = repository.commit(message="second")
    url = forge.url.replace("://", "://ada:s3cret@") + "/site"
    git(repository.work, "push", "-q", url, f"{sha}:refs/heads/main", f"{sha}:refs/heads/it's-new")
    wait_for("its runs", lambda: len(world.runs("site")) == 3)
    check("runs", sorted((run["event"], run["ref"]) for run in world.runs("site")),
          [("create", "refs/heads/it's-new"), ("push", "refs/heads/it's-new"), ("push", "refs/heads/main")])


def forges_are_for_administrators(world):
    world.forge("github")
    token = world.api.post("/tokens", {"name": "dev", "role": "developer"})["token"]
    for method, path, body in (("POST", "/forges", {"name": "x", "kind": "github"}), ("DELETE", "/forges/github-0", None),
                               ("POST", "/forges/github-0/projects", {"repository": "a/b"}), ("GET", "/forges/github-0/repositories", None)):
        check(path, world.api.ask(method, path, body, token=token).status, 403)
    listed = world.api.get("/forges")["items"]
    check("no credential is shown", ["credential" in row for row in listed], [False])
    check("the kind", world.api.ask("POST", "/forges", {"name": "x", "kind": "svn"}).status, 422)
    check("a private address", world.api.ask("POST", "/forges", {"name": "x", "kind": "gitea", "url": "http://127.0.0.1:1"}).status, 403)


def the_repositories_of_a_forge_can_be_picked(world):
    for kind in KINDS:
        forge = world.forge(kind)
        world.repository(forge, f"acme/{kind}")
        forge.add("acme/other")
        listed = world.api.get(f"/forges/{forge.name}/repositories")["items"]
        check(kind, sorted((row["name"], row["project"]) for row in listed), [(f"acme/{kind}", kind), ("acme/other", "")])
        check("no address is taken from an answer", [row["url"].startswith(forge.url) for row in listed], [True, True])


REPORTED = """name: CI
on:
  push:
    branches: [main]
  pull_request:
jobs:
  good:
    runs-on: linux
    steps:
      - run: echo good
  bad:
    runs-on: linux
    steps:
      - name: compare
        run: exit 3
  never:
    if: false
    runs-on: linux
    steps:
      - run: echo never
  stopped:
    runs-on: nobody
    steps:
      - run: echo
"""
DOCS = """name: docs
on:
  push:
    paths: ["docs/**"]
jobs:
  build:
    runs-on: linux
    steps:
      - run: echo
"""
END_STATES = {"github": ("success", "failure", "error"), "gitea": ("success", "failure", "error"), "gitlab": ("success", "failed", "canceled")}


def shown_at(repository, sha):
    return {context: one["state"] for (at, context), one in repository.statuses.items() if at == sha}


def statuses_of_runs_arrive_at_each_forge(world):
    world.start_agent()
    for kind in KINDS:
        success, failure, cancelled = END_STATES[kind]
        repository = world.repository(world.forge(kind), f"acme/{kind}")
        sha = repository.commit({".github/workflows/ci.yml": REPORTED, ".github/workflows/docs.yml": DOCS})
        world.send_all(repository, repository.push("refs/heads/main", sha))
        wait_for("what waits for an agent", lambda: shown_at(repository, sha).get("open-cicd/CI / stopped (push)") == "pending")
        wait_for("what failed", lambda: shown_at(repository, sha).get("open-cicd/CI / bad (push)") == failure)
        run = world.runs(repository.project, "push")[0]
        world.api.post(f"/runs/{run['id']}/cancel")
        wait_for("the end", lambda: shown_at(repository, sha).get("open-cicd/CI (push)") not in (None, "pending", "running"))
        wait_for("all of it", lambda: shown_at(repository, sha).get("open-cicd/CI / stopped (push)") == cancelled)
        ended = world.api.get(f"/runs/{run['id']}")["result"]
        check(kind, shown_at(repository, sha), {
            "open-cicd/CI (push)": {"failure": failure, "cancelled": cancelled}[ended], "open-cicd/CI / good (push)": success,
            "open-cicd/CI / bad (push)": failure, "open-cicd/CI / never (push)": success, "open-cicd/CI / stopped (push)": cancelled,
            "open-cicd/docs (push)": success})
        texts = {context: one for (at, context), one in repository.statuses.items() if at == sha}
        check("skipped", texts["open-cicd/CI / never (push)"]["description"], "Skipped")
        check("paths", texts["open-cicd/docs (push)"]["description"], 'Skipped: no changed file matches its "paths"')
        check("the step", texts["open-cicd/CI / bad (push)"]["description"].split(": ", 1)[-1], 'step 1, "compare", failed')
        job = texts["open-cicd/CI / good (push)"]["target_url"]
        check("the page of a job", world.api.get(job[job.index("/jobs/"):])["name"], "good")
        check("the page of the run", texts["open-cicd/CI (push)"]["target_url"].endswith(f"/runs/{run['id']}"), True)
        wait_for("answers", lambda: not world.api.get(f"/projects/{repository.project}/forge/statuses?delivery=waiting")["items"])
        check("cli", "open-cicd/CI / bad (push)" in world.cli("forge", "statuses", "--delivery", "sent", repository.project).stdout, True)


def statuses_of_a_pull_request_are_shown_at_its_head(world):
    world.start_agent()
    for kind in KINDS:
        repository = world.repository(world.forge(kind), f"acme/{kind}")
        world.cli("forge", "set", "--statuses", "workflows", repository.project)
        head = repository.commit({".github/workflows/ci.yml": REPORTED.replace("nobody", "linux")})
        repository.push("refs/heads/topic", head)
        world.send_all(repository, repository.open_pull("topic"))
        failure = END_STATES[kind][1]
        wait_for("its end", lambda: shown_at(repository, head) == {"open-cicd/CI (pull_request)": failure})
        world.cli("forge", "set", "--statuses", "none", repository.project)


def statuses_are_shown_only_of_projects_that_want_it(world):
    forge = world.forge("gitea")
    silent, other = world.repository(forge, "acme/silent"), world.repository(forge, "acme/other")
    world.cli("forge", "set", "--statuses", "none", "silent")
    heads = {}
    for repository in (silent, other):  # The scheduler's events are followed in order
        heads[repository] = repository.commit(message="second")
        world.send_all(repository, repository.push("refs/heads/main", heads[repository]))
        world.settle()
    wait_for("the other's", lambda: len(shown_at(other, heads[other])) == 2)
    check("nothing of the silent one", (silent.shown, world.api.get("/projects/silent/forge/statuses")["items"]), ([], []))
    world.cli("forge", "set", "--statuses", "workflows", "silent")
    head = silent.commit(message="third")
    world.send_all(silent, silent.push("refs/heads/main", head))
    wait_for("the workflow's alone", lambda: set(shown_at(silent, head)) == {"open-cicd/.github/workflows/ci.yml (push)"})


def statuses_follow_a_rename_wait_for_limits_and_say_what_was_refused(world):
    forge = world.forge("github")
    repository = world.repository(forge, "acme/site")
    sha = repository.commit(message="second")
    repository.push("refs/heads/main", sha)
    run = world.api.post("/projects/site/events", {"event": "push", "ref": "refs/heads/main", "sha": sha})["items"][0]
    name = ".github/workflows/ci.yml"
    wait_for("both", lambda: set(shown_at(repository, sha)) == {f"open-cicd/{name} (push)", f"open-cicd/{name} / test (push)"})
    forge.rename(repository, "acme/site-new")
    forge.limits = [(403, {"message": "You have exceeded a secondary rate limit"}, {"Retry-After": "2"}), (500, {"message": "oops"})]
    world.api.post(f"/runs/{run['id']}/cancel")
    wait_for("both at the new name", lambda: set(shown_at(repository, sha).values()) == {"error"})
    check("both answers were given", forge.limits, [])
    forge.token = "another"
    world.api.post(f"/runs/{run['id']}/rerun")
    wait_for("a revoked token", lambda: len(world.api.get("/projects/site/forge/statuses?delivery=refused")["items"]) == 2)
    refused = world.api.get("/projects/site/forge/statuses?delivery=refused")["items"][0]
    check("its words", "Bad credentials" in refused["reason"], True)
    world.cli("forge", "add", "--private-networks", "github", forge.name, forge.url, text="another\n")
    wait_for("what was refused, by the new token", lambda: set(shown_at(repository, sha).values()) == {"pending"})


def statuses_that_a_killed_server_had_begun_to_send_arrive(world):
    forge = world.forge("gitlab")
    repository = world.repository(forge, "acme/site")
    sha = repository.commit(message="second")
    forge.hold = threading.Event()
    world.send_all(repository, repository.push("refs/heads/main", sha))
    wait_for("a status on its way", lambda: any("/statuses/" in path for _, path in forge.requests))
    world.server.kill()
    forge.hold.set()
    world.server.start()
    run = world.runs("site", "push")[0]
    world.api.post(f"/runs/{run['id']}/cancel")
    name = ".github/workflows/ci.yml"
    wait_for("its end", lambda: shown_at(repository, sha) == {f"open-cicd/{name} (push)": "canceled", f"open-cicd/{name} / test (push)": "canceled"})
    wait_for("nothing to wait", lambda: not world.api.get("/projects/site/forge/statuses?delivery=waiting")["items"])


TESTS = [value for name, value in list(globals().items()) if callable(value) and name.startswith(("a_", "branches_", "of_", "what_", "limits_",
         "pull_", "forges_", "the_", "statuses_"))]

if __name__ == "__main__":
    wanted = sys.argv[3:]
    sys.exit(play([test for test in TESTS if not wanted or test.__name__ in wanted], sys.argv[1], sys.argv[2]) > 0)
