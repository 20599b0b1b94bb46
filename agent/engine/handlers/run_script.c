/* run_script.c - a `run` step: the script goes into a file, a shell runs it. */

#include "agent/engine/log/log.h"
#include "agent/engine/process/shell.h"
#include "agent/engine/step/environ_step.h"
#include "agent/engine/step/host.h"
#include "agent/engine/step/places.h"
#include "common/base/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    const char *text;   // The script
    const char *folder; // Where it runs
    shell_t shell;
    environ_t variables;
} script_t;

static fault_t write_script (step_run_t *self, const script_t *script, const char **path)
{
    const char *name = arena_printf (self->scope.arena, "script-%u%s", self->number, script->shell.extension);
    const char *written = arena_printf (self->scope.arena, "%s/%s", self->job->outside->commands, name);
    int fd = file_reset (written, 0755);
    *path = arena_printf (self->scope.arena, "%s/%s", self->job->folders->commands, name);
    const char *const parts[] = {script->shell.before, script->text, script->shell.after};
    bool good = fd >= 0;
    for (size_t i = 0; i < 3 && good; i++)
        good = bytes_write (fd, parts[i], strlen (parts[i]));
    int error = errno;
    if (fd >= 0)
        close (fd);
    if (good)
        return OK;
    self->scope.error =
        arena_printf (self->scope.arena, "the script cannot be written to %s: %s", written, strerror (error));
    return fault_from_errno (error);
}

static fault_t choose_folder (step_run_t *self, const char **out)
{
    const char *text;
    TRY (scope_text (&self->scope, &self->of->step->working_directory, &text));
    if (!text || !*text)
        TRY (scope_text (&self->scope, &self->job->job->defaults.working_directory, &text));
    if (!text || !*text)
        *out = self->job->folders->workspace;
    else
        *out = text[0] == '/'
                   ? text
                   : arena_printf (self->scope.arena, "%s/%s", self->job->folders->workspace, text);
    return OK;
}

static fault_t choose_shell (step_run_t *self, script_t *script)
{
    const char *name;
    TRY (scope_text (&self->scope, &self->of->step->shell, &name));
    if (!name || !*name)
        TRY (scope_text (&self->scope, &self->job->job->defaults.shell, &name));
    return shell_choose_in (self->scope.arena, step_root (self->job), name,
                            environ_get (&script->variables, "PATH"), &script->shell, &self->scope.error);
}

// As GitHub shows it: what runs, with what, in which environment.
static void announce (step_run_t *self, const script_t *script)
{
    arena_t *arena = self->scope.arena;
    const char *first = script->text + strspn (script->text, " \t\r\n");
    const char *end = script->text[0] && script->text[strlen (script->text) - 1] == '\n' ? "" : "\n";
    step_announce (self, arena_strndup (arena, first, strcspn (first, "\r\n")),
                   arena_printf (arena, "%s%sshell: %s\n", script->text, end, script->shell.line));
}

static fault_t prepare (step_run_t *self, script_t *script, const char **path)
{
    TRY (scope_text (&self->scope, &self->of->step->run, &script->text));
    fault_t fault = environ_of_step (self, &script->variables);
    if (!fault)
        fault = choose_folder (self, &script->folder);
    if (!fault)
        fault = choose_shell (self, script);
    if (!fault)
        fault = write_script (self, script, path);
    return fault;
}

static fault_t resolve (step_run_t *self, script_t *script)
{
    const char *found = program_find_in (self->scope.arena, step_root (self->job),
                                         environ_get (&script->variables, "PATH"), script->shell.words[0]);
    if (!found) {
        self->scope.error = arena_printf (self->scope.arena, "the shell %s is not %s", script->shell.words[0],
                                          self->job->inside ? "in the job's container" : "on this machine");
        return NOT_FOUND;
    }
    script->shell.words[0] = found;
    return OK;
}

static result_t run (step_run_t *self)
{
    script_t script = {.text = NULL};
    const char *path;
    fault_t fault = prepare (self, &script, &path);
    if (!fault)
        fault = resolve (self, &script);
    if (fault) {
        step_error (self, "%s", self->scope.error);
        return result_failure;
    }
    announce (self, &script);
    const exec_t exec = {.arguments = shell_arguments (self->scope.arena, &script.shell, path),
                         .variables = environ_list (&script.variables),
                         .folder = script.folder};
    int exit_code = 0;
    exec_end_t end = host_exec (self, &exec, &exit_code);
    self->row->exit_code = exit_code;
    return host_judge (self, end, exit_code);
}

const step_handler_t handler_script = {.name = "script", .run = run, .has_files = true};
