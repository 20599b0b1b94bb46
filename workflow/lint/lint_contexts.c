/* lint_contexts.c - the properties that contexts have by themselves, and which of them are single values. */

#include "workflow/lint/lint_ref.h"

#include <string.h>
#include <strings.h>

// With what GitHub's runner sets and its documentation leaves out (`output`, `state`, `step_summary`): who reads it there is not told off.
static const char *const github_names[] = {"action",
                                           "action_path",
                                           "action_ref",
                                           "action_repository",
                                           "action_status",
                                           "actor",
                                           "actor_id",
                                           "api_url",
                                           "artifact_cache_size_limit",
                                           "base_ref",
                                           "env",
                                           "event",
                                           "event_name",
                                           "event_path",
                                           "graphql_url",
                                           "head_ref",
                                           "job",
                                           "output",
                                           "path",
                                           "ref",
                                           "ref_name",
                                           "ref_protected",
                                           "ref_type",
                                           "repository",
                                           "repository_id",
                                           "repository_owner",
                                           "repository_owner_id",
                                           "repository_visibility",
                                           "repositoryUrl",
                                           "retention_days",
                                           "run_attempt",
                                           "run_id",
                                           "run_number",
                                           "secret_source",
                                           "server_url",
                                           "sha",
                                           "state",
                                           "step_summary",
                                           "token",
                                           "triggering_actor",
                                           "workflow",
                                           "workflow_ref",
                                           "workflow_sha",
                                           "workspace",
                                           NULL};
static const char *const runner_names[] = {"name",  "os",          "arch",      "temp", "tool_cache",
                                           "debug", "environment", "workspace", NULL};
static const char *const container_names[] = {"id", "network", NULL};
static const char *const service_names[] = {"id", "network", "ports", NULL};
static const char *const job_names[] = {"container",           "services",           "status",
                                        "check_run_id",        "workflow_ref",       "workflow_sha",
                                        "workflow_repository", "workflow_file_path", NULL};
static const char *const strategy_names[] = {"fail-fast", "job-index", "job-total", "max-parallel", NULL};
const char *const ref_step_names[] = {"outputs", "outcome", "conclusion", NULL};
const char *const ref_result_names[] = {"outputs", "result", NULL};

const ref_names_t ref_names[] = {{"github", github_names},           {"runner", runner_names},
                                 {"strategy", strategy_names},       {"job", job_names},
                                 {"job.container", container_names}, {"job.services.*", service_names},
                                 {"steps.*", ref_step_names},        {"needs.*", ref_result_names},
                                 {"jobs.*", ref_result_names},       {NULL, NULL}};

const char *ref_property (const lint_ref_t *self, size_t at)
{
    const char *name = at < self->ref->count ? self->ref->path[at] : NULL;
    return name && strcmp (name, "*") != 0 ? name : NULL;
}

const char *ref_guess (const lint_ref_t *self, const nearest_t *nearest)
{
    return nearest->best ? arena_printf (self->lint->arena, "; did you mean \"%s\"?", nearest->best) : "";
}

bool ref_in_context (const lint_ref_t *self, const char *object, const char *name, const char *const *names)
{
    if (!name)
        return true;
    nearest_t nearest;
    nearest_begin (&nearest, name);
    for (size_t i = 0; names[i]; i++) {
        if (strcasecmp (names[i], name) == 0) // Contexts are looked up without regard to case
            return true;
        nearest_offer (&nearest, names[i]);
    }
    return COMPLAIN (self, "%s has no property \"%s\"%s", object, name, ref_guess (self, &nearest));
}

bool ref_github (const lint_ref_t *self)
{
    return ref_in_context (self, "github", ref_property (self, 1), github_names);
}

bool ref_runner (const lint_ref_t *self)
{
    return ref_in_context (self, "runner", ref_property (self, 1), runner_names);
}

bool ref_strategy (const lint_ref_t *self)
{
    return ref_in_context (self, "strategy", ref_property (self, 1), strategy_names);
}

static bool check_service (const lint_ref_t *self)
{
    const char *id = ref_property (self, 2);
    const job_t *job = self->job;
    if (!id || !job || job->services_whole.text) // An expression may give any services
        return true;
    nearest_t nearest;
    nearest_begin (&nearest, id);
    for (size_t i = 0; i < job->service_count; i++) {
        const text_t *name = &job->services[i].name;
        if (name->expression || strcasecmp (name->text, id) == 0)
            return ref_in_context (self, arena_printf (self->lint->arena, "job.services.%s", id),
                                   ref_property (self, 3), service_names);
        nearest_offer (&nearest, name->text);
    }
    return COMPLAIN (self, "job \"%s\" has no service \"%s\"%s", job->key.text, id,
                     ref_guess (self, &nearest));
}

bool ref_job (const lint_ref_t *self)
{
    const char *name = ref_property (self, 1);
    if (!ref_in_context (self, "job", name, job_names))
        return false;
    if (name && strcasecmp (name, "services") == 0)
        return check_service (self);
    if (!name || strcasecmp (name, "container") != 0)
        return true;
    // `job.container` alone may be asked for: it is empty then
    if (self->job && ref_property (self, 2) && !node_get (self->job->node, "container"))
        return COMPLAIN (self, "job \"%s\" has no container", self->job->key.text);
    return ref_in_context (self, "job.container", ref_property (self, 2), container_names);
}

// Which element of a path is a single value: of each context, or where `property` comes second or, with `third`, third.
static const struct {
    const char *context, *property;
    size_t property_at, value_at;
} values[] = {{"env", NULL, 0, 1},           {"vars", NULL, 0, 1},       {"secrets", NULL, 0, 1},
              {"inputs", NULL, 0, 1},        {"runner", NULL, 0, 1},     {"strategy", NULL, 0, 1},
              {"job", "status", 1, 1},       {"steps", "outputs", 2, 3}, {"steps", "outcome", 2, 2},
              {"steps", "conclusion", 2, 2}, {"needs", "outputs", 2, 3}, {"needs", "result", 2, 2},
              {"jobs", "outputs", 2, 3},     {"jobs", "result", 2, 2}};

// 0: it may be any depth, such as github.event, which is the forge's own.
static size_t value_at (const lint_ref_t *self)
{
    const char *context = self->ref->path[0], *first = ref_property (self, 1);
    if (strcmp (context, "github") == 0)
        return first && strcasecmp (first, "event") != 0 ? 1 : 0;
    for (size_t i = 0; i < sizeof (values) / sizeof (values[0]); i++) {
        const char *property = ref_property (self, values[i].property_at);
        if (strcmp (context, values[i].context) == 0 &&
            (!values[i].property || (property && strcasecmp (property, values[i].property) == 0)))
            return values[i].value_at;
    }
    return 0;
}

bool ref_depth (const lint_ref_t *self)
{
    size_t at = value_at (self);
    if (at == 0 || at + 1 >= self->ref->count)
        return true;
    const char *path = self->ref->path[0];
    for (size_t i = 1; i <= at; i++)
        path = arena_printf (self->lint->arena, "%s.%s", path, self->ref->path[i]);
    return COMPLAIN (self, "%s is a single value; it has no property \"%s\"", path, self->ref->path[at + 1]);
}
