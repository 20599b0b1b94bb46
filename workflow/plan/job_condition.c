/* job_condition.c - see job_condition.h. */

#include "workflow/plan/job_condition.h"

#include "workflow/expression/text.h"
#include "workflow/plan/plan_dag.h"

#include <string.h>

#define SHOWN 200 // Bytes of a condition in the reason

// success() and failure() look at all that came before, not only at `needs`: a skip far up skips all below.
static void judge_ancestors (plan_scope_t *self, const workflow_t *workflow, const job_t *job,
                             const char **reason)
{
    const job_t *const *ancestors;
    size_t count = plan_ancestors (self->arena, workflow, job, &ancestors);
    self->success = !self->context->cancelled;
    *reason = self->context->cancelled ? "the run was cancelled" : NULL;
    for (size_t i = 0; i < count; i++) {
        const char *result =
            value_get_text (value_get (self->context->jobs, ancestors[i]->key.text), "result");
        if (strcmp (result, "success") == 0)
            continue;
        if (!*reason)
            *reason = arena_printf (self->arena, "job \"%s\", which it needs, ended as %s",
                                    ancestors[i]->key.text, *result ? result : "unknown");
        self->success = false;
        self->failure = self->failure || (strcmp (result, "failure") == 0 && !self->context->cancelled);
    }
}

bool job_condition_explain (plan_scope_t *self, const workflow_t *workflow, const job_t *job,
                            const char **reason, explanation_t **parts, size_t *count)
{
    const char *ancestors = NULL;
    judge_ancestors (self, workflow, job, &ancestors);
    const char *text = job->condition.text ? job->condition.text : "";
    size_t size = strlen (text);
    text_trim (&text, &size);
    if (!job->condition.expression) {
        *reason = ancestors ? ancestors : "";
        return self->success;
    }
    const value_t *value =
        parts ? plan_explain (self, &job->condition, parts, count) : plan_text (self, &job->condition);
    bool runs = value && value_truthy (value);
    if (runs)
        *reason = "";
    else
        *reason = arena_printf (self->arena, "its condition does not hold: %.*s%s%s",
                                size < SHOWN ? (int) size : SHOWN, size ? text : "success()",
                                ancestors ? "; " : "", ancestors ? ancestors : "");
    return runs;
}

bool job_condition (plan_scope_t *self, const workflow_t *workflow, const job_t *job, const char **reason)
{
    return job_condition_explain (self, workflow, job, reason, NULL, NULL);
}
