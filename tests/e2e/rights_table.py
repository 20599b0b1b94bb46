"""rights_table.py - what each route of the API answers to whom: one row a route. A route without a row fails the test (rights.py).

A row: method, path, class, body, and what must be made before each request; "absent": what it names is not there, and who is let in hears that. {...} are filled with things of the project that is asked about.
Bodies are chosen so that whoever may is told that something else is wrong, wherever the request would change what later ones need.
"""

# Classes: who is let in. Of what is in a project, roles in it or everywhere; "read" is for everybody where the project is public.
READ, VIEW, DEVELOP, MAINTAIN = "read", "viewer", "developer", "maintainer"
# Everywhere: a role in a project is not enough.
ALL_VIEW, ALL_DEVELOP, ALL_ADMIN = "VIEWER", "DEVELOPER", "ADMIN"
# Lists: whoever may see something anywhere gets an answer, which the test looks into by itself.
LIST, LIST_VIEW, LIST_DEVELOP = "list", "list of viewers", "list of developers"
# One's own account, which no token of nobody has.
ACCOUNT = "account"
OPEN, SIGNED, SIGNED_IN, JOB, AGENT, REGISTER = "open", "signed", "signed in", "job", "agent", "register"
# A job for itself; where no job is named, each for itself; one that has the permission, which these have not.
ANY_JOB, NO_JOB, JOB_AGENT = "any job", "no job", "job or agent"
JOB_READ, JOB_LIST, OWN_JOB_LIST, JOB_DEVELOP = "job or read", "job or list", "job itself or list", "job or developer"
JOB_VIEW = "job or viewer"

RESULTS = "/twirp/github.actions.results.api.v1.ArtifactService/"
CACHE = "/twirp/github.actions.results.api.v1.CacheService/"
CACHE_V1 = "/_apis/artifactcache/"
PROJECT, ENVIRONMENT = "/projects/{project}", "/projects/{project}/environments/{environment}"


def scope(where, secrets, variables, change):
    """The rows of secrets and variables of one scope."""
    for kind, see in (("secrets", secrets), ("variables", variables)):
        yield "GET", f"{where}/{kind}", see
        yield "PUT", f"{where}/{kind}/{{name}}", change, {"value": "x"}
        yield "DELETE", f"{where}/{kind}/{{name}}", change, None, ("PUT", f"{where}/{kind}/{{name}}", {"value": "x"})


ROWS = [
    ("GET", "/healthz", OPEN), ("GET", "/readyz", OPEN), ("GET", "/version", OPEN),
    ("GET", "/.well-known/openid-configuration", OPEN), ("GET", "/.well-known/jwks", OPEN),
    ("GET", "/metrics", ALL_VIEW), ("GET", "/openapi.json", SIGNED_IN),

    ("POST", "/register", REGISTER, {"name": "not a name"}),
    ("GET", "/agents", ALL_VIEW), ("GET", "/agents/{agent}", ALL_VIEW),
    ("DELETE", "/agents/{agent}", ALL_ADMIN, None, "agent"),
    ("POST", "/agents/{agent}/drain", ALL_ADMIN, {}), ("POST", "/agents/{agent}/resume", ALL_ADMIN, {}),
    ("POST", "/agents/{agent}/heartbeat", AGENT, {}), ("GET", "/agents/{agent}/next?wait=0", AGENT),

    ("POST", "/projects", ALL_DEVELOP, {"name": "not a name", "url": "x"}), ("GET", "/projects", LIST),
    ("GET", PROJECT, READ), ("PATCH", PROJECT, MAINTAIN, {}),
    ("DELETE", PROJECT, MAINTAIN),  # It has a run that has not ended: 409
    ("POST", PROJECT + "/runs", DEVELOP, {"workflow": "workflow.yml", "inputs": []}), ("GET", PROJECT + "/runs", READ),
    ("POST", PROJECT + "/events", DEVELOP, {"event": "push", "payload": []}),
    ("GET", PROJECT + "/actions", VIEW), ("POST", PROJECT + "/actions/accept", DEVELOP, {"reference": "x"}),
    ("POST", PROJECT + "/trials", DEVELOP, {}), ("PUT", "/trials/{trial}/parts/{part}", DEVELOP, b"bytes"),
    ("GET", PROJECT + "/workflows", VIEW), ("POST", "/lint", SIGNED_IN, {"text": "on: push"}),
    ("GET", PROJECT + "/insights", VIEW), ("GET", PROJECT + "/badge.svg", READ), ("GET", PROJECT + "/runs.atom", READ),
    ("GET", PROJECT + "/caches", VIEW), ("DELETE", PROJECT + "/caches", DEVELOP),

    ("GET", "/runs", LIST), ("GET", "/runs/{run}", READ), ("GET", "/runs/{run}/annotations", READ),
    ("GET", "/runs/{run}/failure", READ), ("GET", "/runs/{run}/tests", READ), ("GET", "/runs/{run}/plan", VIEW),
    ("POST", "/runs/{ended}/cancel", DEVELOP, {}), ("POST", "/runs/{run}/rerun", DEVELOP, {"only": "nothing"}),
    ("POST", "/runs/{run}/priority", DEVELOP, {"priority": 0}),
    ("POST", "/runs/cancel", LIST_DEVELOP, {}), ("POST", "/runs/rerun", LIST_DEVELOP, {}),
    ("GET", "/approvals", LIST_VIEW), ("GET", "/runs/{run}/approvals", VIEW),
    ("POST", "/runs/{run}/approvals", VIEW, {"decision": "approved"}),
    ("GET", "/overview", LIST), ("GET", "/queue", LIST_VIEW), ("GET", "/queue/jobs", LIST_VIEW), ("GET", "/events", LIST),

    ("POST", "/jobs", DEVELOP, {"name": "x", "project": "{project}"}), ("GET", "/jobs", LIST),
    ("GET", "/jobs/{job}", JOB_READ), ("GET", "/jobs/{job}/attempts", READ),
    ("POST", "/jobs/{ended_job}/cancel", DEVELOP, {}), ("POST", "/jobs/{job}/priority", DEVELOP, {"priority": 0}),
    ("POST", "/jobs/{job}/status", JOB_AGENT, {"attempt": 1, "state": "running", "error": 1}),
    ("POST", "/jobs/{job}/actions", JOB, {"attempt": 1, "reference": "x"}), ("POST", "/jobs/{job}/tests", JOB, {}),
    ("GET", "/jobs/{job}/trial", JOB), ("POST", "/jobs/{job}/secrets", JOB, {}), ("GET", "/jobs/{job}/id-token", NO_JOB),
    ("PATCH", "/jobs/{job}/log", JOB, b"bytes"), ("PUT", "/jobs/{job}/summaries/{step}", JOB, b"bytes"),
    ("POST", "/jobs/{job}/hold", JOB, {}), ("GET", "/jobs/{job}/hold", JOB_VIEW), ("DELETE", "/jobs/{job}/hold", DEVELOP, None, "absent"),
    ("POST", "/jobs/{job}/shell", DEVELOP, {}, "absent"), ("GET", "/jobs/{job}/shell/{shell}", JOB_DEVELOP, None, "absent"),
    ("POST", "/jobs/{job}/shell/{shell}", JOB_DEVELOP, b"bytes", "absent"),
    ("GET", "/jobs/{ended_job}/log", READ), ("GET", "/jobs/{ended_job}/log/info", READ),
    ("GET", "/jobs/{ended_job}/log/times", READ), ("GET", "/jobs/{ended_job}/log/search?pattern=a", READ),
    ("GET", "/jobs/{ended_job}/log/stream", READ), ("GET", "/jobs/{ended_job}/summaries", READ),
    ("GET", "/jobs/{job}/summary", READ),

    ("GET", "/runs/{run}/artifacts", JOB_LIST), ("GET", "/jobs/{job}/artifacts", OWN_JOB_LIST),
    ("POST", "/jobs/{job}/artifacts", JOB, {}), ("GET", "/artifacts/{artifact}", JOB_READ),
    ("DELETE", "/artifacts/{artifact}", DEVELOP, None, "artifact"),
    ("PUT", "/artifacts/{artifact}/parts/{part}", JOB, b"bytes"), ("POST", "/artifacts/{artifact}/finish", JOB, {}),
    ("GET", "/artifacts/{artifact}/files", JOB_READ), ("GET", "/artifacts/{artifact}/view", READ),
    ("GET", "/artifacts/{artifact}/content", JOB_READ), ("GET", "/artifacts/{artifact}/files/{path}", JOB_READ),
    ("GET", "/artifacts/{artifact}/zip", JOB_READ),
    ("GET", "/signed/views/{artifact}/{ticket}/{path}", SIGNED), ("GET", "/signed/downloads/{artifact}/{name}", SIGNED),
    ("PUT", "/signed/uploads/{artifact}/{job}/{attempt}", SIGNED, b"bytes"),
    *(("POST", RESULTS + name, ANY_JOB, {}) for name in ("CreateArtifact", "FinalizeArtifact", "ListArtifacts",
                                                     "GetSignedArtifactURL", "DeleteArtifact")),
    *(("POST", CACHE + name, ANY_JOB, {}) for name in ("CreateCacheEntry", "FinalizeCacheEntryUpload", "GetCacheEntryDownloadURL")),
    ("GET", CACHE_V1 + "cache?keys=a&version=b", ANY_JOB), ("POST", CACHE_V1 + "caches", ANY_JOB, {}),
    ("PATCH", CACHE_V1 + "caches/{cache}", ANY_JOB, b"bytes"), ("POST", CACHE_V1 + "caches/{cache}", ANY_JOB, {}),
    ("GET", "/repos/o/r/actions/runs/{run_number}/artifacts", JOB_LIST),
    ("GET", "/repos/o/r/actions/artifacts/{artifact}", JOB_READ),
    ("DELETE", "/repos/o/r/actions/artifacts/{artifact}", JOB_DEVELOP, None, "artifact"),
    ("GET", "/repos/o/r/actions/artifacts/{artifact}/zip", JOB_READ),
    ("GET", "/o/r/actions/runs/{run}", READ), ("GET", "/o/r/actions/runs/{run}/artifacts/{artifact}", READ),

    *scope("", ALL_DEVELOP, ALL_VIEW, ALL_ADMIN), *scope(PROJECT, DEVELOP, VIEW, DEVELOP),
    *scope(ENVIRONMENT, DEVELOP, VIEW, MAINTAIN),
    ("GET", PROJECT + "/environments", VIEW), ("GET", ENVIRONMENT, VIEW), ("PUT", ENVIRONMENT, MAINTAIN, {}),
    ("DELETE", PROJECT + "/environments/{unused}", MAINTAIN, None, ("PUT", PROJECT + "/environments/{unused}", {})),
    ("GET", "/oidc/keys", ALL_ADMIN), ("POST", "/oidc/rotate", ALL_ADMIN, {}),

    ("GET", "/roles", ALL_ADMIN), ("PUT", "/roles/{subject}", ALL_ADMIN, {"role": "VIEWER"}),
    ("DELETE", "/roles/{subject}", ALL_ADMIN, None, ("PUT", "/roles/{subject}", {"role": "VIEWER"})),
    ("GET", PROJECT + "/roles", MAINTAIN), ("PUT", PROJECT + "/roles/{subject}", MAINTAIN, {"role": "VIEWER"}),
    ("DELETE", PROJECT + "/roles/{subject}", MAINTAIN, None, ("PUT", PROJECT + "/roles/{subject}", {"role": "VIEWER"})),
    ("GET", "/groups", ALL_ADMIN), ("PUT", "/groups/{group}", ALL_ADMIN, {"members": ["grace"]}),
    ("DELETE", "/groups/{group}", ALL_ADMIN, None, ("PUT", "/groups/{group}", {"members": ["grace"]})),

    ("POST", "/session", OPEN, {}), ("GET", "/session", SIGNED_IN), ("DELETE", "/session", SIGNED_IN),
    ("POST", "/session/links", SIGNED_IN, {}), ("GET", "/sessions", SIGNED_IN), ("DELETE", "/sessions/{session}", SIGNED_IN),
    ("POST", "/tokens", ALL_ADMIN, {"role": "NOBODY"}), ("GET", "/tokens", ALL_ADMIN),
    ("DELETE", "/tokens/{token}", ALL_ADMIN, None, "token"),

    ("POST", "/hooks/{forge}/{hook}", SIGNED, {}),
    ("POST", "/forges", ALL_ADMIN, {"name": "a b", "kind": "github"}), ("GET", "/forges", ALL_VIEW), ("GET", "/forges/{forge}", ALL_VIEW),
    ("DELETE", "/forges/{forge}", ALL_ADMIN, None, "forge"), ("GET", "/forges/{forge}/repositories", ALL_ADMIN),
    ("POST", "/forges/{forge}/projects", ALL_ADMIN, {"repository": "not a name"}),
    ("GET", PROJECT + "/forge", VIEW, None, "absent"), ("POST", PROJECT + "/forge", MAINTAIN, {}, "absent"), ("POST", PROJECT + "/forge/check", DEVELOP, {}, "absent"),
    ("POST", PROJECT + "/forge/compare", DEVELOP, {}, "absent"), ("GET", PROJECT + "/forge/hook", MAINTAIN, None, "absent"), ("GET", PROJECT + "/forge/statuses", VIEW, None, "absent"),
    ("GET", "/deliveries", ALL_DEVELOP), ("GET", "/deliveries/{delivery}", ALL_DEVELOP, None, "absent"),
    ("POST", "/deliveries/{delivery}/resend", ALL_DEVELOP, {}, "absent"), ("POST", "/deliveries/{delivery}/approve", ALL_DEVELOP, {"sha": "0" * 40}, "absent"),
    ("GET", "/audit", ALL_ADMIN), ("GET", "/audit/lines", ALL_ADMIN), ("GET", "/settings/retention", ALL_VIEW),
    ("GET", "/users", ALL_ADMIN), ("POST", "/users", ALL_ADMIN, {"name": "Not A Name"}), ("GET", "/users/{user}", ALL_ADMIN),
    ("PATCH", "/users/{user}", ALL_ADMIN, {"role": "NOBODY"}), ("DELETE", "/users/{user}", ALL_ADMIN, None, "user"),
    ("POST", "/users/{user}/disable", ALL_ADMIN, {}), ("POST", "/users/{user}/enable", ALL_ADMIN, {}),
    ("POST", "/users/{user}/sign-out", ALL_ADMIN, {}), ("POST", "/users/{user}/reset", ALL_ADMIN, {"ttl_seconds": -1}),
    ("GET", "/users/{user}/tokens", ALL_ADMIN), ("POST", "/users/{user}/tokens", ALL_ADMIN, {"role": "NOBODY"}),
    ("GET", "/invitations", ALL_ADMIN), ("POST", "/invitations", ALL_ADMIN, {"role": "NOBODY"}),
    ("DELETE", "/invitations/{invitation}", ALL_ADMIN, None, "invitation"),
    ("POST", "/invitations/show", OPEN, {}), ("POST", "/invitations/accept", OPEN, {}), ("POST", "/login", OPEN, {}),
    ("GET", "/account", ACCOUNT), ("PATCH", "/account", ACCOUNT, {}), ("POST", "/account/password", ACCOUNT, {"password": "x", "new_password": "long enough"}),
    ("POST", "/account/totp", ACCOUNT, {"password": "x"}), ("POST", "/account/totp/confirm", ACCOUNT, {"otp": "000000"}),
    ("POST", "/account/totp/remove", ACCOUNT, {"password": "x"}), ("POST", "/account/recovery-codes", ACCOUNT, {"password": "x"}),
    ("GET", "/account/tokens", ACCOUNT), ("POST", "/account/tokens", ACCOUNT, {"name": "x"}), ("DELETE", "/account/tokens/{token}", ACCOUNT),
    ("GET", "/account/identities", ACCOUNT), ("POST", "/account/identities", ACCOUNT, {"provider": "nothing"}),
    ("POST", "/account/identities/{identity}/remove", ACCOUNT, {"password": "x"}),
    ("GET", "/providers", ALL_ADMIN), ("GET", "/providers/{provider}", ALL_ADMIN, None, "absent"),
    ("PUT", "/providers/{provider}", ALL_ADMIN, {"role": "NOBODY"}), ("DELETE", "/providers/{provider}", ALL_ADMIN, None, "absent"),
    ("GET", "/sign-in/providers", OPEN), ("POST", "/sign-in/begin", OPEN, {}), ("POST", "/sign-in/finish", OPEN, {}),
]
