/* gitlab.c - GitLab, by a token. Source: GitLab's REST API documentation, "Projects", "Project webhooks", "Merge requests",
 * "Commits". */

#include "services/scm/forges/forge_http.h"
#include "services/scm/forges/hook_proof.h"
#include "services/scm/forges/hook_read.h"
#include "services/scm/forges/hook_shape.h"
#include "services/scm/forges/status_shape.h"

#include <string.h>

static const char *project_path (const forge_call_t *call, const char *more)
{
    const char *name = *call->repository ? call->repository : call->full_name;
    return arena_printf (call->turn->arena, "/projects/%s%s", forge_segment (call, name), more);
}

static void read_project (const forge_call_t *call, const value_t *json, forge_repository_t *out)
{
    arena_t *arena = call->turn->arena;
    *out = (forge_repository_t){.id = hook_text (arena, json, "id"),
                                .full_name = hook_text (arena, json, "path_with_namespace"),
                                .default_branch = hook_text (arena, json, "default_branch"),
                                .visibility = hook_text (arena, json, "visibility")};
    out->clone_url = arena_printf (arena, "%s/%s.git", call->url, forge_path (call, out->full_name));
}

static fault_t find (forge_call_t *call, forge_repository_t *out)
{
    forge_answer_t answer;
    TRY (forge_ask (call, "GET", project_path (call, ""), NULL, &answer));
    read_project (call, answer.json, out);
    return *out->id && strchr (out->full_name, '/')
               ? OK
               : turn_fail (call->turn, UNAVAILABLE, "%s names no project in its answer", call->api);
}

static fault_t list (forge_call_t *call, uint32_t page, forge_repositories_t *out)
{
    forge_answer_t answer;
    const char *path = arena_printf (
        call->turn->arena, "/projects?membership=true&order_by=last_activity_at&per_page=%d&page=%u",
        FORGE_PAGE, page);
    TRY (forge_ask (call, "GET", path, NULL, &answer));
    out->more = answer.more;
    for (size_t i = 0;
         answer.json->kind == VALUE_ARRAY && i < answer.json->list.count && out->count < FORGE_PAGE; i++)
        read_project (call, answer.json->list.items[i], &out->items[out->count++]);
    return OK;
}

// ---- webhooks ----

static const char *const events[] = {"push_events", "tag_push_events", "merge_requests_events",
                                     "note_events", "releases_events", "issues_events"};

#define EVENTS (sizeof events / sizeof events[0])

static fault_t unhook (forge_call_t *call, const char *hook)
{
    forge_answer_t answer;
    const char *more = arena_printf (call->turn->arena, "/hooks/%s", forge_segment (call, hook));
    fault_t fault = forge_ask (call, "DELETE", project_path (call, more), NULL, &answer);
    if (fault == NOT_FOUND)
        call->turn->detail = NULL;
    return fault == NOT_FOUND ? OK : fault;
}

// GitLab.com switches off a webhook that fails.
static bool is_good (arena_t *arena, const value_t *there)
{
    const char *alert = hook_text (arena, there, "alert_status");
    for (size_t i = 0; i < EVENTS; i++)
        if (!hook_is (there, events[i]))
            return false;
    return !*alert || strcmp (alert, "executable") == 0;
}

static fault_t hook (forge_call_t *call, forge_hook_t *wanted)
{
    arena_t *arena = call->turn->arena;
    forge_answer_t answer;
    bool good = false;
    TRY (forge_ask (call, "GET", project_path (call, "/hooks?per_page=100"), NULL, &answer));
    for (size_t i = 0; answer.json->kind == VALUE_ARRAY && i < answer.json->list.count; i++) {
        const value_t *there = answer.json->list.items[i];
        const char *id = hook_text (arena, there, "id");
        if (!*id || strcmp (hook_text (arena, there, "url"), wanted->url) != 0)
            continue;
        if (!good && strcmp (id, wanted->id) == 0 && is_good (arena, there))
            good = true;
        else
            TRY (unhook (call, id));
    }
    if (good)
        return OK;
    value_t *body = value_object (arena);
    hook_put_text (arena, body, "url", wanted->url);
    hook_put_text (arena, body, "token", wanted->secret);
    hook_put_text (arena, body, "signing_token",
                   wanted->secret); // From 19.0 on; older ones do not look at it
    value_set (arena, body, "enable_ssl_verification", value_bool (true));
    for (size_t i = 0; i < EVENTS; i++)
        value_set (arena, body, events[i], value_bool (true));
    TRY (forge_ask (call, "POST", project_path (call, "/hooks"), body, &answer));
    wanted->id = hook_text (arena, answer.json, "id");
    return *wanted->id ? OK
                       : turn_fail (call->turn, UNAVAILABLE, "%s names no webhook in its answer", call->api);
}

// ---- merge requests ----

static const value_t *side_of (arena_t *arena, const value_t *json, const char *ref, const char *sha,
                               const char *project)
{
    value_t *side = value_object (arena), *repository = value_object (arena);
    hook_put_number (arena, repository, "id", hook_number (json, project));
    hook_put_text (arena, side, "ref", hook_text (arena, json, ref));
    if (sha)
        hook_put_text (arena, side, "sha", hook_text (arena, json, sha));
    value_set (arena, side, "repo", hook_number (json, project) ? repository : value_null ());
    return side;
}

static fault_t pull (forge_call_t *call, int64_t number, const value_t **out)
{
    arena_t *arena = call->turn->arena;
    forge_answer_t answer;
    const char *more = arena_printf (arena, "/merge_requests/%lld", (long long) number);
    TRY (forge_ask (call, "GET", project_path (call, more), NULL, &answer));
    const value_t *json = answer.json;
    value_t *made = value_object (arena);
    hook_put_number (arena, made, "number", hook_number (json, "iid"));
    hook_put_text (arena, made, "title", hook_text (arena, json, "title"));
    hook_put_text (arena, made, "body", hook_text (arena, json, "description"));
    hook_put_text (arena, made, "html_url", hook_text (arena, json, "web_url"));
    hook_put_text (arena, made, "state",
                   strcmp (hook_text (arena, json, "state"), "opened") == 0 ? "open" : "closed");
    value_set (arena, made, "draft",
               value_bool (hook_is (json, "draft") || hook_is (json, "work_in_progress")));
    value_set (
        arena, made, "user",
        hook_user (arena, hook_text (arena, json, "author.username"), hook_number (json, "author.id"), ""));
    value_set (arena, made, "head", side_of (arena, json, "source_branch", "sha", "source_project_id"));
    value_set (arena, made, "base", side_of (arena, json, "target_branch", NULL, "target_project_id"));
    *out = made;
    return OK;
}

// ---- statuses ----

// GitLab moves a job of its own: where that is in this state already it says 400, "Cannot transition status via :run from :running".
static bool is_there_already (const forge_answer_t *answer)
{
    const value_t *message = value_get (answer->json, "message");
    return answer->status == 400 && message && message->kind == VALUE_STRING &&
           strstr (message->string.text, "Cannot transition") != NULL;
}

static fault_t status (forge_call_t *call, const forge_shown_t *shown)
{
    arena_t *arena = call->turn->arena;
    forge_answer_t answer = {0};
    const char *more = arena_printf (arena, "/statuses/%s", forge_segment (call, shown->sha));
    fault_t fault =
        forge_ask (call, "POST", project_path (call, more), status_shape_gitlab (arena, shown), &answer);
    if (fault == INVALID && is_there_already (&answer)) {
        call->turn->detail = NULL;
        return OK;
    }
    return fault;
}

const forge_t forge_gitlab = {.kind = "gitlab",
                              .api = "/api/v4",
                              .verify = hook_proof_gitlab,
                              .names_proven =
                                  true, // Where it shows the token instead, who has that can sign anything
                              .read = hook_read_gitlab,
                              .git_user = "oauth2",
                              .pull_refs = "refs/merge-requests/",
                              .find = find,
                              .list = list,
                              .hook = hook,
                              .unhook = unhook,
                              .pull = pull,
                              .status = status};
