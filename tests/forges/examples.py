"""examples.py PROGRAM FOLDER - every payload of @octokit/webhooks-examples (FOLDER/node_modules) is sent as GitHub would: each is taken, and what a
workflow can be on becomes that event.
"""

import json
import pathlib
import sys
import uuid

from world import check, play, wait_until

# Events of which no delivery is for a workflow here.
IGNORED = {"check_run", "check_suite", "status", "ping", "repository", "star", "installation", "installation_repositories", "workflow_job",
           "workflow_run", "workflow_dispatch", "deploy_key", "meta", "member", "membership", "team", "team_add", "organization", "org_block",
           "marketplace_purchase", "sponsorship", "package", "secret_scanning_alert", "code_scanning_alert", "dependabot_alert",
           "repository_vulnerability_alert", "repository_import", "security_advisory", "github_app_authorization", "commit_comment",
           "installation_target", "pull_request_review_thread", "projects_v2_item", "deployment_review", "custom_property",
           "custom_property_values", "deployment_protection_rule", "secret_scanning_alert_location", "branch_protection_configuration"}


def every_example_of_github_is_taken(world):
    folder = pathlib.Path(sys.argv[2]).parent / "node_modules" / "@octokit" / "webhooks-examples"
    listed = json.loads((folder / "api.github.com" / "index.json").read_text())
    repository = world.repository(world.forge("github"), "acme/site")
    count, strange = 0, []
    for event in listed:
        for body in event["examples"]:
            count += 1
            if "repository" in body:
                body = {**body, "repository": {**body["repository"], "id": repository.number, "full_name": repository.name}}
            body = {**body, "example": count}  # Some are there twice; no two deliveries of a forge are the same bytes
            headers = {"X-GitHub-Event": event["name"], "X-GitHub-Delivery": str(uuid.uuid4())}
            status, text = world.send(repository, (headers, body))
            verdict = json.loads(text).get("verdict", text)
            if status != 202 or (event["name"] in IGNORED) != verdict.startswith("ignored"):
                strange.append((event["name"], body.get("action"), status, verdict))
    print(f"{count} examples of {len(listed)} events")
    # A push that removes a ref, a merge group that ended, a pull request's thread
    expected = {("push", "ignored: the ref was removed"), ("merge_group", "ignored: the merge group ended")}
    check("strange answers", [one for one in strange if (one[0], one[3]) not in expected], [])
    check("examples", count, 329)
    # Most are of commits that nobody has; what needs none is worked off
    wait_until(lambda: [row for row in world.deliveries("site", "done") if row["event"] == "issue_comment" and row["runs"] == []],
               60, "a comment to be worked off")


if __name__ == "__main__":
    sys.exit(play([every_example_of_github_is_taken], sys.argv[1], pathlib.Path(sys.argv[2]) / "examples") > 0)
