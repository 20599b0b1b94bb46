/* execution_uses.c - a `uses` step: one of the actions that the agent knows itself, or a clear refusal. */

#include "agent/execution.h"

#include "agent/action.h"
#include "common/clock.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    execution_t *execution;
    const value_t *with;
    variables_t variables;
    int64_t deadline_us;
    process_end_t end; // Of the last process that it ran
} use_t;

static const char *input (void *self_, const char *name)
{
    use_t *self = self_;
    const value_t *value = value_get (self->with, name);
    return value ? value_to_text (self->execution->turn, value) : "";
}

static void say (void *self_, const char *text)
{
    use_t *self = self_;
    execution_log (self->execution, "%s\n", text);
}

static void fail (void *self_, const char *text)
{
    use_t *self = self_;
    execution_error (self->execution, "%s", text);
}

static void output (void *self_, const char *name, const char *value)
{
    use_t *self = self_;
    execution_set_output (self->execution, name, value);
}

static void variable (void *self_, const char *name, const char *value)
{
    use_t *self = self_;
    variables_set (&self->variables, name, value);
}

static bool run_program (void *self_, char *const *arguments, const char *folder, buffer_t *capture)
{
    use_t *self = self_;
    const process_t process = {.arguments = arguments,
                               .variables = variables_list (&self->variables),
                               .folder = folder,
                               .deadline_us = self->deadline_us,
                               .capture = capture};
    int exit_code = 0;
    self->end = execution_process (self->execution, &process, &exit_code);
    if (self->end == PROCESS_FAILED)
        execution_error (self->execution, "%s", self->execution->error);
    return self->end == PROCESS_ENDED && exit_code == 0;
}

static bool stopped (void *self_)
{
    use_t *self = self_;
    bool before = self->execution->soft_taken;
    execution_look (self->execution);
    if (self->execution->stopped || (self->execution->soft_taken && !before))
        self->end = PROCESS_STOPPED;
    else if (self->end == PROCESS_ENDED && clock_monotonic_us () >= self->deadline_us)
        self->end = PROCESS_TIMED_OUT;
    return self->end != PROCESS_ENDED;
}

static void announce (execution_t *self, const value_t *with)
{
    execution_log (self, "##[group]Run %s\n", self->step->uses.text);
    if (with->list.count)
        execution_log (self, "with:\n");
    for (size_t i = 0; i < with->list.count; i++)
        execution_log (self, "  %s: %s\n", with->list.keys[i],
                       value_to_text (self->turn, with->list.items[i]));
    execution_log (self, "##[endgroup]\n");
}

static void warn_of_unknown_inputs (execution_t *self, const action_t *action, const value_t *with)
{
    for (size_t i = 0; i < with->list.count; i++) {
        const char *const *known = action->inputs;
        while (*known && strcmp (*known, with->list.keys[i]) != 0)
            known++;
        if (!*known)
            execution_log (self, "##[warning]%s here does not know the input `%s`\n", action->name,
                           with->list.keys[i]);
    }
}

static const char *text_or_empty (const char *text)
{
    return text ? text : "";
}

static result_t call (execution_t *self, const action_t *action, use_t *use)
{
    const action_call_t asked = {.self = use,
                                 .arena = self->turn,
                                 .workspace = self->folders->workspace,
                                 .repository = text_or_empty (self->offer->repository),
                                 .ref = value_get_text (self->github, "ref"),
                                 .sha = value_get_text (self->github, "sha"),
                                 .name = value_get_text (self->github, "repository"),
                                 .own_folder = self->folders->commands,
                                 .artifacts = self->sink->artifacts,
                                 .input = input,
                                 .say = say,
                                 .fail = fail,
                                 .output = output,
                                 .variable = variable,
                                 .run = run_program,
                                 .stopped = stopped};
    bool good = action->run (&asked);
    if (use->end == PROCESS_STOPPED) {
        execution_error (self, "The step was stopped.");
        return result_cancelled;
    }
    if (use->end == PROCESS_TIMED_OUT)
        execution_error (self, "The step ran out of time.");
    return good && use->end == PROCESS_ENDED ? result_success : result_failure;
}

result_t execution_uses (execution_t *self, int64_t deadline_us)
{
    value_t *with = value_object (self->turn);
    if (execution_pairs (self, &self->step->with, with) != OK) {
        execution_error (self, "%s", self->error);
        return result_failure;
    }
    announce (self, with);
    const action_t *action = action_find (self->step->uses.text);
    if (!action) {
        execution_error (self, "this agent does not run %s yet: only %s", self->step->uses.text,
                         action_names (self->turn));
        return result_failure;
    }
    warn_of_unknown_inputs (self, action, with);
    use_t use = {.execution = self, .with = with, .deadline_us = deadline_us, .end = PROCESS_ENDED};
    execution_step_variables (self, &use.variables);
    return call (self, action, &use);
}
