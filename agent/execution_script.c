/* execution_script.c - a `run` step: the script goes into a file, a shell runs it. */

#include "agent/execution.h"

#include "agent/shell.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    const char *text;   // The script
    const char *folder; // Where it runs
    shell_t shell;
    variables_t variables;
} script_t;

static bool write_all (int fd, const char *text, size_t size)
{
    while (size) {
        ssize_t done = write (fd, text, size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        text += done;
        size -= (size_t) done;
    }
    return true;
}

static fault_t write_script (execution_t *self, const script_t *script, const char **path)
{
    *path = arena_printf (self->turn, "%s/script-%u%s", self->folders->commands, self->row->number,
                          script->shell.ending);
    int fd = file_anew (*path, 0755);
    const char *const parts[] = {script->shell.before, script->text, script->shell.after};
    bool good = fd >= 0;
    for (size_t i = 0; i < 3 && good; i++)
        good = write_all (fd, parts[i], strlen (parts[i]));
    int error = errno;
    if (fd >= 0)
        close (fd);
    if (good)
        return OK;
    self->error =
        arena_printf (self->turn, "the script cannot be written to %s: %s", *path, strerror (error));
    return fault_from_errno (error);
}

static fault_t choose_folder (execution_t *self, const char **out)
{
    const char *text;
    fault_t fault = execution_text (self, &self->step->working_directory, &text);
    if (!fault && (!text || !*text))
        fault = execution_text (self, &self->job->defaults.working_directory, &text);
    if (fault)
        return fault;
    if (!text || !*text)
        *out = self->folders->workspace;
    else
        *out = text[0] == '/' ? text : arena_printf (self->turn, "%s/%s", self->folders->workspace, text);
    return OK;
}

static fault_t choose_shell (execution_t *self, script_t *script)
{
    const char *name;
    fault_t fault = execution_text (self, &self->step->shell, &name);
    if (!fault && (!name || !*name))
        fault = execution_text (self, &self->job->defaults.shell, &name);
    if (fault)
        return fault;
    return shell_choose (self->turn, name, variables_get (&script->variables, "PATH"), &script->shell,
                         &self->error);
}

// As GitHub shows it: what runs, with what, in which environment.
static void announce (execution_t *self, const script_t *script)
{
    size_t first = strcspn (script->text, "\n");
    const char *end = script->text[0] && script->text[strlen (script->text) - 1] == '\n' ? "" : "\n";
    execution_log (self, "##[group]Run %.*s\n%s%sshell: %s\n", (int) first, script->text, script->text, end,
                   script->shell.line);
    const value_t *env = self->step_env;
    if (env->list.count)
        execution_log (self, "env:\n");
    for (size_t i = 0; i < env->list.count; i++)
        execution_log (self, "  %s: %s\n", env->list.keys[i], value_to_text (self->turn, env->list.items[i]));
    execution_log (self, "##[endgroup]\n");
}

static fault_t prepare (execution_t *self, script_t *script, const char **path)
{
    fault_t fault = execution_text (self, &self->step->run, &script->text);
    if (fault)
        return fault;
    execution_step_variables (self, &script->variables);
    fault = choose_folder (self, &script->folder);
    if (!fault)
        fault = choose_shell (self, script);
    if (!fault)
        fault = write_script (self, script, path);
    return fault;
}

static fault_t resolve (execution_t *self, script_t *script)
{
    const char *found =
        program_find (self->turn, variables_get (&script->variables, "PATH"), script->shell.words[0]);
    if (!found) {
        self->error =
            arena_printf (self->turn, "the shell %s is not on this machine", script->shell.words[0]);
        return NOT_FOUND;
    }
    script->shell.words[0] = found;
    return OK;
}

static result_t judge (execution_t *self, process_end_t end, int exit_code)
{
    self->row->exit_code = exit_code;
    switch (end) {
    case PROCESS_FAILED: execution_error (self, "%s", self->error); return result_failure;
    case PROCESS_TIMED_OUT: execution_error (self, "The step ran out of time."); return result_failure;
    case PROCESS_STOPPED: execution_error (self, "The step was stopped."); return result_cancelled;
    case PROCESS_ENDED: break;
    }
    if (exit_code == 0)
        return result_success;
    execution_error (self, "Process completed with exit code %d.", exit_code);
    return result_failure;
}

result_t execution_script (execution_t *self, int64_t deadline_us)
{
    script_t script = {.text = NULL};
    const char *path;
    fault_t fault = prepare (self, &script, &path);
    if (!fault)
        fault = resolve (self, &script);
    if (fault) {
        execution_error (self, "%s", self->error);
        return result_failure;
    }
    announce (self, &script);
    const process_t process = {.arguments = shell_arguments (self->turn, &script.shell, path),
                               .variables = variables_list (&script.variables),
                               .folder = script.folder,
                               .deadline_us = deadline_us};
    int exit_code = 0;
    process_end_t end = execution_process (self, &process, &exit_code);
    return judge (self, end, exit_code);
}
