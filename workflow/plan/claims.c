/* claims.c - see claims.h. */

#include "workflow/plan/claims.h"

#include "workflow/plan/call_permissions.h"
#include "workflow/plan/context.h"
#include "workflow/plan/fork.h"

#include <string.h>

// Of the run's context under the same name, each a text.
static const char *const same_names[] = {"ref",
                                         "ref_type",
                                         "sha",
                                         "repository",
                                         "repository_id",
                                         "repository_owner",
                                         "repository_owner_id",
                                         "repository_visibility",
                                         "run_id",
                                         "run_number",
                                         "actor",
                                         "actor_id",
                                         "workflow",
                                         "workflow_ref",
                                         "workflow_sha",
                                         "event_name",
                                         "base_ref",
                                         "head_ref"};

bool claims_wanted (arena_t *arena, const char *definition)
{
    const value_t *read;
    const char *error;
    if (!strstr (definition, "\"id-token\"") && !strstr (definition, "\"write-all\""))
        return false;
    return value_from_json (arena, definition, strlen (definition), &read, &error) == OK &&
           permissions_identify (value_get (read, "permissions"));
}

bool claims_offered (arena_t *arena, const char *definition, const char *github)
{
    const value_t *read;
    const char *error;
    return claims_wanted (arena, definition) &&
           value_from_json (arena, github, strlen (github), &read, &error) == OK && !fork_is (read);
}

static const char *escaped (arena_t *arena, const char *text)
{
    const char *out = "", *colon;
    for (; (colon = strchr (text, ':')); text = colon + 1)
        out = arena_printf (arena, "%s%.*s%%3A", out, (int) (colon - text), text);
    return arena_printf (arena, "%s%s", out, text);
}

// pull_request_target too, although its ref is the base branch: a policy that trusts that branch does not mean what strangers set off.
static bool is_request (const value_t *github)
{
    return strncmp (value_get_text (github, "event_name"), "pull_request", 12) == 0;
}

const char *claims_subject (arena_t *arena, const value_t *github, const char *environment)
{
    const char *repository = escaped (arena, value_get_text (github, "repository"));
    if (*environment)
        return arena_printf (arena, "repo:%s:environment:%s", repository, escaped (arena, environment));
    if (is_request (github))
        return arena_printf (arena, "repo:%s:pull_request", repository);
    return arena_printf (arena, "repo:%s:ref:%s", repository,
                         escaped (arena, value_get_text (github, "ref")));
}

static void put (arena_t *arena, value_t *claims, const char *name, const char *text)
{
    value_set (arena, claims, name, value_string (arena, text));
}

// The file that has the job: the run's own, one beside it, or one of another repository, as the run names it.
static void put_workflow (arena_t *arena, value_t *claims, const claims_of_t *of)
{
    const char *repository = value_get_text (of->github, "repository"),
               *ref = value_get_text (of->github, "ref");
    bool beside = strncmp (of->workflow, "./", 2) == 0;
    put (arena, claims, "job_workflow_ref",
         beside ? arena_printf (arena, "%s/%s@%s", repository, of->workflow + 2, ref) : of->workflow);
    put (arena, claims, "job_workflow_sha",
         beside ? value_get_text (of->github, "workflow_sha") : of->workflow_sha);
}

const value_t *claims_make (arena_t *arena, const claims_of_t *of)
{
    value_t *claims = value_object (arena);
    put (arena, claims, "sub", claims_subject (arena, of->github, of->environment));
    for (size_t i = 0; i < sizeof same_names / sizeof *same_names; i++)
        put (arena, claims, same_names[i], value_get_text (of->github, same_names[i]));
    put (arena, claims, "run_attempt", arena_printf (arena, "%u", of->run_attempt));
    put (arena, claims, "check_run_id", arena_printf (arena, "%.0f", context_number (of->job)));
    put (arena, claims, "runner_environment", "self-hosted");
    put_workflow (arena, claims, of);
    if (*of->environment)
        put (arena, claims, "environment", of->environment);
    put (arena, claims, "project", of->project_name);
    put (arena, claims, "project_id", of->project);
    put (arena, claims, "job_id", of->job);
    return claims;
}
