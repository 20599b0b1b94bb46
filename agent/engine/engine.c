/* engine.c - what outlives a job: the folders. */

#include "agent/engine/engine.h"

#include "agent/engine/container/containers.h"
#include "agent/engine/folder/job_limits.h"
#include "agent/engine/folder/job_sandbox.h"
#include "agent/engine/folder/trash.h"
#include "agent/engine/job/job.h"
#include "agent/engine/process/counters.h"
#include "common/base/clock.h"
#include "common/os/process_tree.h"
#include "workflow/model/job_time.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

struct engine {
    engine_options_t options;
    workspace_t folders;
    trash_t *trash;
    job_sandbox_t *sandbox;
    const limit_rules_t *rules; // NULL: none
    job_limits_t *limits;       // NULL likewise
    bool unclean;               // What the last job left could not even be set aside
    int orphans;                // As process_tree_adopt gives it
};

fault_t engine_new (engine_t **out, arena_t *arena, const engine_options_t *options, const char **error)
{
    engine_t *self = calloc (1, sizeof (engine_t));
    if (!self)
        abort ();
    self->options = *options;
    self->orphans = -1;
    fault_t fault = workspace_open (&self->folders, arena, options->work_dir, options->tool_cache, error);
    if (!fault)
        fault = process_tree_adopt (&self->orphans);
    if (fault) {
        engine_destroy (&self);
        return fault;
    }
    self->trash = trash_new (self->folders.trash);
    if (self->folders.set_aside > 0)
        trash_empty (self->trash);
    if (!self->options.actions.cache)
        self->options.actions.cache = arena_printf (arena, "%s/action-cache", self->folders.root);
    else if (self->options.actions.cache[0] != '/') { // Git is started elsewhere
        char here[PATH_MAX];
        self->options.actions.cache = arena_printf (arena, "%s/%s", getcwd (here, sizeof (here)) ? here : "",
                                                    self->options.actions.cache);
    }
    if (!self->options.actions.sources)
        self->options.actions.sources = "forge,https://github.com";
    if (!self->options.actions.git_config)
        self->options.actions.git_config = "";
    self->sandbox = job_sandbox_new (&self->options.isolation, &self->folders);
    containers_sweep (&self->options, &self->folders);
    *out = self;
    return OK;
}

fault_t engine_limit (engine_t *self, turn_t *turn, const limit_rules_t *rules)
{
    TRY (job_limits_new (&self->limits, turn, rules, &self->folders));
    self->rules = rules;
    const char *const *groups = job_limits_entries (self->limits);
    return groups ? job_sandbox_limit (self->sandbox, turn, groups) : OK;
}

const char *engine_not_isolated (const engine_t *self)
{
    return job_sandbox_missing (self->sandbox);
}

void engine_destroy (engine_t **self_p)
{
    if (!*self_p)
        return;
    job_sandbox_destroy (&(*self_p)->sandbox);
    job_limits_destroy (&(*self_p)->limits); // Once nothing runs in its group
    trash_destroy (&(*self_p)->trash);
    if ((*self_p)->orphans >= 0)
        close ((*self_p)->orphans);
    free (*self_p);
    *self_p = NULL;
}

fault_t engine_clean (engine_t *self, const char **error)
{
    unsigned before = self->folders.set_aside;
    job_sandbox_leave (self->sandbox);
    fault_t fault = workspace_clean (&self->folders, error);
    if (self->folders.set_aside > before)
        trash_empty (self->trash);
    self->unclean = fault != OK;
    if (!fault)
        job_sandbox_prepare (self->sandbox);
    return fault;
}

// A sandbox that was made ahead may have been killed since: another one is made, in folders that are as new.
static fault_t enter_sandbox (engine_t *self, turn_t *turn, const engine_job_t *job)
{
    const char *where;
    fault_t fault = job_sandbox_enter (self->sandbox, turn, job->repository);
    if (fault == UNAVAILABLE && engine_clean (self, &where) == OK)
        fault = job_sandbox_enter (self->sandbox, turn, job->repository);
    return fault;
}

void engine_run (engine_t *self, arena_t *arena, const engine_job_t *job, const engine_sink_t *sink,
                 engine_result_t *out)
{
    job_run_t run = {
        .options = &self->options,
        .folders = &self->folders,
        .outside = &self->folders,
        .user = {geteuid (), getegid ()},
        .arena = arena,
        .offer = job,
        .sink = sink,
        .orphans = self->orphans,
        .rules = self->rules,
        .limits = self->limits,
        .ahead_us = clock_now_us (clock_system ()) - clock_boottime_us (),
        .stop = {.cancel = job->cancel, .deadline_us = NEVER, .last_us = SECONDS (60 * JOB_CANCEL_MINUTES)},
        .reason = ""};
    const char *where = "";
    job_limits_end_t ended;
    turn_t turn;
    turn_init (&turn, arena, "", 0);
    *out = (engine_result_t){.result = result_failure, .reason = "", .outputs = "{}"};
    if (self->unclean && engine_clean (self, &where) != OK)
        out->reason = arena_printf (arena, "%s holds what an earlier job left, and cannot be cleaned", where);
    else if (enter_sandbox (self, &turn, job) != OK) {
        count_add (COUNT_JOB_REFUSED, 1);
        out->reason = arena_printf (arena, "this agent cannot isolate the job: %s", turn.detail);
    } else {
        run.sandbox = job_sandbox_link (self->sandbox);
        count_add (run.sandbox ? COUNT_JOB_ISOLATED : COUNT_JOB_OPEN, 1);
        job_run (&run, out);
        if (self->limits) // Where it did not come to its end
            job_limits_end (self->limits, arena, &ended);
    }
    job_sandbox_leave (self->sandbox);
}
