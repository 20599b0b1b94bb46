/* run_hold.c - a job that failed is held, so that its owner can open a shell where its steps ran (docs/debugging.md).
 *
 * The shell is one more process of the job: in its sandbox or container, with the variables that its next step would have. Who opens it, and
 * how its bytes travel, is the agent's affair (engine_sink_t.hold). What is typed and printed is not in the log. */

#include "agent/engine/log/log.h"
#include "agent/engine/process/shell.h"
#include "agent/engine/state/lanes.h"
#include "agent/engine/step/environ_step.h"
#include "agent/engine/step/host.h"
#include "agent/engine/step/places.h"
#include "common/base/clock.h"
#include "common/os/process.h"

#include <unistd.h>

static const char *find_shell (step_run_t *self, const environ_t *variables)
{
    static const char *const names[] = {"bash", "sh"};
    const char *found = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && !found; i++)
        found = program_find_in (self->scope.arena, step_root (self->job), environ_get (variables, "PATH"),
                                 names[i]);
    return found;
}

// Of the job, beside the variables of a step: the terminal's, and none that would end an idle shell.
static fault_t start (void *self_, int tty, const char *terminal, process_t **out, const char **error)
{
    step_run_t *self = self_;
    const job_run_t *job = self->job;
    environ_t variables;
    turn_t turn;
    fault_t fault = environ_of_step (self, &variables);
    const char *shell = fault == OK ? find_shell (self, &variables) : NULL;
    *error = self->scope.error;
    if (fault != OK)
        return fault;
    if (!shell) {
        *error = "there is neither bash nor sh";
        return NOT_FOUND;
    }
    environ_set (&variables, "TERM", *terminal ? terminal : "dumb");
    environ_set (&variables, "SHELL", shell);
    environ_unset (&variables, "TMOUT");
    const char *const arguments[] = {shell, "-i", NULL};
    const process_spec_t spec = {.argv = arguments,
                                 .environment = (const char *const *) environ_list (&variables),
                                 .folder = job->folders->workspace,
                                 .sandbox = job->inside ? job->inside : job->sandbox,
                                 .in = tty,
                                 .out = tty,
                                 .err = tty};
    turn_init (&turn, self->scope.arena, "", 0);
    if (job->inside) // It is opened there, by whoever its container runs as
        (void) !fchown (tty, job->user.user, job->user.group);
    fault = process_start (out, &turn, &spec);
    *error = turn.detail;
    return fault;
}

// What the job may take begins to count again where it stopped.
static result_t run (step_run_t *self)
{
    job_run_t *job = self->job;
    int64_t began_us = clock_monotonic_us ();
    const engine_hold_t hold = {.self = self,
                                .start = start,
                                .cancel = cancel_handle (job->stop.cancel),
                                .reason = job->reason ? job->reason : "a step failed"};
    step_log (self,
              "The job failed. It is held, as the one who ran it again has asked, so that they can look:\n"
              "    opencicd shell %s\n",
              job->offer->id);
    lanes_leave (job);
    const char *ended = job->sink->hold (job->sink->self, &hold);
    lanes_enter (job);
    if (job->stop.deadline_us != NEVER)
        job->stop.deadline_us += clock_monotonic_us () - began_us;
    step_log (self, "%s\n", ended);
    return result_success;
}

const step_handler_t handler_hold = {.name = "hold", .run = run};
