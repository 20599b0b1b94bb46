/* jenkins_post.c - `post { }`: steps that run as the stage, or the whole pipeline, ended. See jenkins.h. */

#include "cli/import/jenkins.h"

#include <string.h>

// In the order in which Jenkins runs them. `over`: in a job that needs all others.
static const struct {
    const char *name, *here, *over;
} ends[] = {{"always", "always()", "always()"},
            {"aborted", "cancelled()", "contains(needs.*.result, 'cancelled')"},
            {"failure", "failure()", "contains(needs.*.result, 'failure')"},
            {"success", "success()",
             "!contains(needs.*.result, 'failure') && !contains(needs.*.result, 'cancelled')"},
            {"unsuccessful", "(failure() || cancelled())",
             "(contains(needs.*.result, 'failure') || contains(needs.*.result, 'cancelled'))"},
            {"cleanup", "always()", "always()"}};
#define ENDS (sizeof ends / sizeof ends[0])

static void note_others (jenkins_t *self, const groovy_t *section)
{
    for (size_t i = 0; i < section->count; i++) {
        const groovy_t *row = section->items[i];
        bool known = false;
        for (size_t j = 0; j < ENDS && row->kind == GROOVY_CALL; j++)
            known = known || strcmp (ends[j].name, row->text) == 0;
        if (!known)
            import_quote (self->import, self->job->steps, row->line, row->source, row->size,
                          "no workflow knows how the run before ended, or what is unstable");
    }
}

static void add_ends (jenkins_t *self, const groovy_t *section, const jenkins_scope_t *scope, bool over,
                      const char *more)
{
    for (size_t i = 0; i < ENDS; i++) {
        const groovy_t *end = groovy_find (section, ends[i].name);
        jenkins_scope_t inner = *scope;
        inner.condition = import_and (self->arena, over ? ends[i].over : ends[i].here, more);
        if (over && strcmp (ends[i].over, "always()") != 0) // A job's own steps that failed do not matter
            inner.condition = import_and (self->arena, "always()", inner.condition);
        if (end && end->block)
            jenkins_steps (self, end->block, &inner);
    }
    note_others (self, section);
}

// `mark`: the stage's first step. Where that was skipped, so is what comes after.
void jenkins_stage_post (jenkins_t *self, const groovy_t *section, const jenkins_scope_t *scope,
                         const char *mark)
{
    const char *began =
        mark ? arena_printf (self->arena, "steps.%s.outcome != 'skipped'", mark) : scope->condition;
    add_ends (self, section, scope, false, began);
}

void jenkins_pipeline_post (jenkins_t *self, const groovy_t *section)
{
    import_t *import = self->import;
    jenkins_scope_t scope = {.agent = self->agent, .stage = "Post"};
    if (!section || import->error || import->job_count == 0)
        return;
    if (import->job_count == 1) {
        self->job = import->jobs[0];
        add_ends (self, section, &scope, false, NULL);
        return;
    }
    size_t count = import->job_count;
    self->job = import_job (import, "post");
    if (!self->job)
        return;
    for (size_t i = 0; i < count; i++)
        import_need (import, self->job, import->jobs[i]);
    self->job->condition = "always()";
    jenkins_agent (self, self->agent, self->job);
    if (self->checkout)
        import_checkout (import, self->job);
    add_ends (self, section, &scope, true, NULL);
}
