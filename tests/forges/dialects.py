"""dialects.py - what GitHub, Gitea and GitLab call things: paths and answers of their APIs, payloads, headers and proofs of their webhooks.

A delivery is (headers, body without its proof); `sign` adds the proof of one webhook. Written from the forges' documentation.
"""

import base64
import hashlib
import hmac
import json
import re
import time
import uuid

ZEROS = "0" * 40


def short(ref):
    return ref.split("/", 2)[2]


class GitHub:
    api, pull_ref, header = "/api/v3", "refs/pull/%d/head", "X-GitHub-Event"
    delivery_header, hook_type = "X-GitHub-Delivery", None

    # ---- the API

    def repository(self, one):
        return {"id": one.number, "full_name": one.name, "name": one.name.split("/")[1], "default_branch": "main", "private": True,
                "visibility": "private", "clone_url": "http://elsewhere.invalid/x.git", "owner": {"login": one.name.split("/")[0]}}

    def call(self, forge, method, path, query, body):
        """(status, answer, headers)"""
        if path == "/user/repos":
            return 200, [self.repository(one) for one in forge.repositories.values()]
        found = re.match(r"/repositories/(\d+)$", path) or re.match(r"/repos/([^/]+/[^/]+)(/.*)?$", path)
        repository, moved = forge.named(found[1]) if found else (None, False)
        if not repository:
            return 404, {"message": "Not Found"}
        if moved:
            return 301, {"message": "Moved Permanently"}, {"Location": f"{forge.url}{self.api}/repositories/{repository.number}"}
        rest = (found[2] or "") if found.lastindex > 1 else ""
        return self.serve(forge, repository, method, rest, body)

    def serve(self, forge, repository, method, rest, body):
        if rest == "":
            return 200, self.repository(repository)
        if rest == "/hooks" and method == "GET":
            return 200, [{key: value for key, value in hook.items() if key != "secret"} for hook in repository.hooks.values()]
        if rest == "/hooks" and method == "POST":
            if self.hook_type and body.get("type") != self.hook_type or not self.hook_type and body.get("name") != "web":
                return 422, {"message": "Validation Failed"}
            forge.last_hook += 1
            config = dict(body["config"])
            hook = {"id": forge.last_hook, "active": body["active"], "events": body["events"], "secret": config.pop("secret"), "config": config}
            repository.hooks[hook["id"]] = hook
            return 201, {"id": hook["id"]}
        status = re.match(r"/statuses/([0-9a-f]{40})$", rest)
        if status and method == "POST":
            if not repository.has(status[1]):
                return 422, {"message": f"No commit found for SHA: {status[1]}"}
            if body["state"] not in ("pending", "success", "error", "failure") or len(body["description"]) > 140:
                return 422, {"message": "Validation Failed"}
            repository.show(status[1], body)
            return 201, {"id": 1, **body}
        hook = re.match(r"/hooks/(\d+)$", rest)
        if hook and method == "DELETE":
            return (204, None) if repository.hooks.pop(int(hook[1]), None) else (404, {"message": "Not Found"})
        pull = re.match(r"/pulls/(\d+)$", rest)
        if pull and int(pull[1]) in repository.pulls:
            return 200, self.pull_object(repository, repository.pulls[int(pull[1])])
        return 404, {"message": "Not Found"}

    # ---- webhooks

    def sign(self, hook, headers, body):
        data = json.dumps(body).encode()
        sum_ = hmac.new(hook["secret"].encode(), data, hashlib.sha256).hexdigest()
        return {**headers, "Content-Type": "application/json", "X-Hub-Signature-256": "sha256=" + sum_}, data

    def delivery(self, repository, event, body, actor):
        return ({self.header: event, self.delivery_header: str(uuid.uuid4())},
                {**body, "repository": self.repository(repository), "sender": {"login": actor, "id": 1}})

    def push(self, repository, ref, before, after, actor):
        body = {"ref": ref, "before": before, "after": after, "created": before == ZEROS, "deleted": after == ZEROS,
                "pusher": {"name": actor}}
        made = [self.delivery(repository, "push", body, actor)]
        if ZEROS in (before, after):
            kind = "tag" if ref.startswith("refs/tags/") else "branch"
            event = "create" if before == ZEROS else "delete"
            more = self.created(after) if before == ZEROS else {"pusher_type": "user"}
            made.append(self.delivery(repository, event, {"ref": short(ref), "ref_type": kind, **more}, actor))
        return made

    def created(self, _):
        """What a create has beside the ref."""
        return {"master_branch": "main", "description": None, "pusher_type": "user"}

    def pull_object(self, repository, pull):
        return {"number": pull["number"], "title": f"Pull {pull['number']}", "state": "open" if pull["open"] else "closed",
                "user": {"login": pull["author"], "id": len(pull["author"])},
                "head": {"ref": pull["branch"], "sha": pull["sha"], "repo": self.repository(pull["source"])},
                "base": {"ref": "main", "sha": repository.head("refs/heads/main"), "repo": self.repository(repository)}}

    def pull(self, repository, pull, action, actor, before):
        body = {"action": action, "number": pull["number"], "pull_request": self.pull_object(repository, pull)}
        if before:
            body |= {"before": before, "after": pull["sha"]}
        return [self.delivery(repository, "pull_request", body, actor)]


class Gitea(GitHub):
    api, header, delivery_header, hook_type = "/api/v1", "X-Gitea-Event", "X-Gitea-Delivery", "gitea"

    def sign(self, hook, headers, body):
        signed, data = super().sign(hook, headers, body)
        signed["X-Gitea-Signature"] = signed["X-Hub-Signature-256"][7:]
        return signed, data

    def created(self, after):
        return {"sha": after}

    def delivery(self, repository, event, body, actor):
        headers, body = super().delivery(repository, event, body, actor)
        types = {"synchronized": "pull_request_sync"}
        headers |= {"X-Gitea-Event-Type": types.get(body.get("action"), event), "X-GitHub-Event": event}
        return headers, body

    def pull(self, repository, pull, action, actor, before):
        return super().pull(repository, pull, {"synchronize": "synchronized"}.get(action, action), actor, None)


class GitLab:
    api, pull_ref = "/api/v4", "refs/merge-requests/%d/head"

    def project(self, one):
        return {"id": one.number, "path_with_namespace": one.name, "default_branch": "main", "visibility": "private",
                "http_url_to_repo": "http://elsewhere.invalid/x.git"}

    def call(self, forge, method, path, query, body):
        if path == "/projects":
            return 200, [self.project(one) for one in forge.repositories.values()]
        found = re.match(r"/projects/([^/]+)(/.*)?$", path)
        repository, moved = forge.named(found[1].replace("%2F", "/")) if found else (None, False)
        if not repository:
            return 404, {"message": "404 Project Not Found"}
        if moved:
            return 301, {"message": "Moved"}, {"Location": f"{forge.url}{self.api}/projects/{repository.number}"}
        return self.serve(forge, repository, method, found[2] or "", body)

    def serve(self, forge, repository, method, rest, body):
        if rest == "":
            return 200, self.project(repository)
        if rest == "/hooks" and method == "GET":
            return 200, [{key: value for key, value in hook.items() if key != "secret"} for hook in repository.hooks.values()]
        if rest == "/hooks" and method == "POST":
            forge.last_hook += 1
            hook = {**{key: value for key, value in body.items() if key not in ("token", "signing_token")},
                    "id": forge.last_hook, "secret": body["signing_token"], "alert_status": "executable", "active": True}
            repository.hooks[hook["id"]] = hook
            return 201, {"id": hook["id"]}
        status = re.match(r"/statuses/([0-9a-f]{40})$", rest)
        if status and method == "POST":
            return self.move_status(repository, status[1], body)
        hook = re.match(r"/hooks/(\d+)$", rest)
        if hook and method == "DELETE":
            return (204, None) if repository.hooks.pop(int(hook[1]), None) else (404, {"message": "404 Not found"})
        request = re.match(r"/merge_requests/(\d+)$", rest)
        if request and int(request[1]) in repository.pulls:
            pull = repository.pulls[int(request[1])]
            return 200, {"iid": pull["number"], "title": "t", "state": "opened" if pull["open"] else "closed", "sha": pull["sha"],
                         "source_branch": pull["branch"], "target_branch": "main", "author": {"id": len(pull["author"]), "username": pull["author"]},
                         "source_project_id": pull["source"].number, "target_project_id": repository.number}
        return 404, {"message": "404 Not found"}

    def move_status(self, repository, sha, body):
        """A job of its own moves: what is in that state already is refused, and after its end another one begins."""
        ended = ("success", "failed", "canceled")
        if not repository.has(sha):
            return 404, {"message": "404 Commit Not Found"}
        if body["state"] not in ("pending", "running", *ended):
            return 400, {"error": "state does not have a valid value"}
        before = repository.statuses.get((sha, body["context"]), {}).get("state")
        if before == body["state"] and before not in ended:
            return 400, {"message": f"Cannot transition status via :run from :{before} (Reason(s): Status cannot transition)"}
        repository.show(sha, body)
        return 201, {"id": 1, "status": body["state"]}

    def sign(self, hook, headers, body):
        data, name = json.dumps(body).encode(), headers["webhook-id"]
        stamp = str(int(time.time()))
        key = base64.b64decode(hook["secret"][6:])
        sum_ = base64.b64encode(hmac.new(key, f"{name}.{stamp}.".encode() + data, hashlib.sha256).digest()).decode()
        return {**headers, "Content-Type": "application/json", "webhook-timestamp": stamp, "webhook-signature": "v1," + sum_}, data

    def delivery(self, repository, event, body, actor):
        project = {"id": repository.number, "path_with_namespace": repository.name, "default_branch": "main", "visibility_level": 0}
        return ({"X-Gitlab-Event": event, "webhook-id": str(uuid.uuid4())}, {**body, "project": project})

    def push(self, repository, ref, before, after, actor):
        is_tag = ref.startswith("refs/tags/")
        body = {"object_kind": "tag_push" if is_tag else "push", "ref": ref, "before": before, "after": after,
                "checkout_sha": None if after == ZEROS else after, "user_username": actor, "user_id": 1}
        return [self.delivery(repository, "Tag Push Hook" if is_tag else "Push Hook", body, actor)]

    def pull(self, repository, pull, action, actor, before):
        actions = {"opened": "open", "synchronize": "update", "closed": "close"}
        source, target = pull["source"], repository
        attributes = {"iid": pull["number"], "title": "t", "state": "opened" if pull["open"] else "closed", "action": actions[action],
                      "author_id": len(pull["author"]), "source_branch": pull["branch"], "target_branch": "main", "last_commit": {"id": pull["sha"]},
                      "source_project_id": source.number, "target_project_id": target.number,
                      "source": {"id": source.number, "path_with_namespace": source.name},
                      "target": {"id": target.number, "path_with_namespace": target.name}}
        if before:
            attributes["oldrev"] = before
        return [self.delivery(repository, "Merge Request Hook", {"object_kind": "merge_request", "user": {"id": 1, "username": actor},
                                                                 "object_attributes": attributes}, actor)]


class PlainGit:
    """No API: `api` is a path that no repository has."""

    api, pull_ref = "/no-api/", "refs/none/%d"

    def push(self, *_):
        return []

    def pull(self, *_):
        return []


DIALECTS = {"github": GitHub(), "gitea": Gitea(), "gitlab": GitLab(), "git": PlainGit()}
