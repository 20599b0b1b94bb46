/* plan_definition.c - a job as it travels to an agent: JSON with the keys of the workflow language, expressions as
 * they stand, and what the job inherits from its workflow beside or under its own. */

#include "workflow/plan/call_permissions.h"
#include "workflow/plan/plan.h"

#include <string.h>

// Keys that an agent needs, taken as they are in the file.
static const char *const keys[] = {"name",
                                   "env",
                                   "steps",
                                   "outputs",
                                   "timeout-minutes",
                                   "cancel-timeout-minutes",
                                   "continue-on-error",
                                   "container",
                                   "services",
                                   "environment"};

static void put_text (arena_t *arena, value_t *object, const char *key, const text_t *text)
{
    if (text->text)
        value_set (arena, object, key, value_string (arena, text->text));
}

static const value_t *pairs_value (arena_t *arena, const pairs_t *pairs)
{
    if (pairs->whole.text)
        return value_string (arena, pairs->whole.text);
    value_t *object = value_object (arena);
    for (size_t i = 0; i < pairs->count; i++)
        value_set (arena, object, pairs->items[i].key.text, value_string (arena, pairs->items[i].value.text));
    return object;
}

static void put_defaults (arena_t *arena, value_t *object, const defaults_t *defaults)
{
    value_t *run = value_object (arena), *all = value_object (arena);
    put_text (arena, run, "shell", &defaults->shell);
    put_text (arena, run, "working-directory", &defaults->working_directory);
    value_set (arena, all, "run", run);
    if (run->list.count > 0)
        value_set (arena, object, "defaults", all);
}

const char *plan_definition (arena_t *arena, const job_t *job, const value_t *caller)
{
    value_t *object = value_object (arena);
    put_text (arena, object, "key", &job->key);
    if (job->workflow_env.count || job->workflow_env.whole.text)
        value_set (arena, object, "workflow-env", pairs_value (arena, &job->workflow_env));
    for (size_t i = 0; i < sizeof (keys) / sizeof (keys[0]); i++) {
        const node_t *node = node_get (job->node, keys[i]);
        if (node)
            value_set (arena, object, keys[i], node_value (arena, node));
    }
    put_defaults (arena, object, &job->defaults);
    const value_t *declared = job->has_permissions ? pairs_value (arena, &job->permissions) : NULL;
    const value_t *permissions = permissions_below (arena, declared, caller);
    if (permissions)
        value_set (arena, object, "permissions", permissions);
    return value_to_json (arena, object, 0);
}
