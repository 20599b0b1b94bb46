/* run_hook.c - a script of this machine's administrator, before the steps of every job or after them (the agent's settings hook_job_started
 * and hook_job_completed; GitHub: ACTIONS_RUNNER_HOOK_JOB_STARTED and ..._COMPLETED).
 *
 * It is the agent's and not the job's: it runs on this machine also where the job has a container or a sandbox, and sees nothing of what
 * the job set: whoever could give it a PATH or an LD_PRELOAD would be outside of both. What it sets itself counts for the job's steps. */

#include "agent/engine/log/log.h"
#include "agent/engine/process/shell.h"
#include "agent/engine/step/environ_step.h"
#include "agent/engine/step/host.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

// How a script with this extension is started; NULL: by bash, or sh.
static const struct {
    const char *extension, *shell;
} kinds[] = {{".sh", NULL}, {".js", "node {0}"}, {".ps1", "pwsh"}};

static fault_t choose_shell (step_run_t *self, const char *path, const char *search, shell_t *out)
{
    const char *extension = strrchr (path, '.');
    for (size_t i = 0; extension && i < sizeof (kinds) / sizeof (kinds[0]); i++)
        if (strcmp (extension, kinds[i].extension) == 0)
            return shell_choose (self->scope.arena, kinds[i].shell, search, out, &self->scope.error);
    self->scope.error = arena_printf (self->scope.arena, "its name does not end in .sh, .js or .ps1");
    return INVALID;
}

static fault_t prepare (step_run_t *self, const char *path, const char *search, shell_t *out)
{
    if (access (path, R_OK) != 0) {
        self->scope.error = strerror (errno);
        return fault_from_errno (errno);
    }
    TRY (choose_shell (self, path, search, out));
    const char *found = program_find (self->scope.arena, search, out->words[0]);
    if (!found) {
        self->scope.error = arena_printf (self->scope.arena, "%s is not on this machine", out->words[0]);
        return NOT_FOUND;
    }
    out->words[0] = found;
    return OK;
}

static result_t run (step_run_t *self)
{
    const char *path = self->of->step->run.text;
    environ_t variables;
    shell_t shell;
    int exit_code = 0;
    environ_of_hook (self, &variables);
    step_log (self, "This agent's administrator has configured it: %s\n", path);
    if (prepare (self, path, environ_get (&variables, "PATH"), &shell) != OK) {
        step_error (self, "%s cannot be run: %s", path, self->scope.error);
        return result_failure;
    }
    const exec_t exec = {.arguments = shell_arguments (self->scope.arena, &shell, path),
                         .variables = environ_list (&variables),
                         .folder = self->job->outside->workspace,
                         .unconfined = true};
    exec_end_t end = host_exec (self, &exec, &exit_code);
    self->row->exit_code = exit_code;
    return host_judge (self, end, exit_code);
}

const step_handler_t handler_hook = {.name = "hook", .run = run, .has_files = true};
