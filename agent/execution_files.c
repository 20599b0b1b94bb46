/* execution_files.c - GITHUB_ENV, GITHUB_OUTPUT, GITHUB_PATH, GITHUB_STATE, GITHUB_STEP_SUMMARY: made empty for a step, read after it.
 *
 * A step may remove or replace its files: they are read by name, never through a link, and only if they are plain files. */

#include "agent/execution.h"

#include "agent/command_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OUTPUTS_MAX (1 << 20) // Bytes of the outputs of all steps of a job

typedef fault_t (*take_fn) (execution_t *self, const char *text, size_t size);

typedef struct {
    const char *name; // Of the file; GITHUB_ before it is the variable
    take_fn take;     // NULL: nobody reads it
} file_row_t;

// A job must not change what the agent or its own later steps rely on.
static const char *refused_variable (const char *name)
{
    if (strncmp (name, "GITHUB_", 7) == 0 || strncmp (name, "RUNNER_", 7) == 0)
        return "it is set by the agent";
    if (strcmp (name, "NODE_OPTIONS") == 0)
        return "it would change what actions run";
    return NULL;
}

static fault_t take_env (execution_t *self, const char *text, size_t size)
{
    assignments_t found = {.count = 0};
    fault_t fault = command_file_parse (self->turn, text, size, &found, &self->error);
    for (size_t i = 0; i < found.count && !fault; i++) {
        const char *name = found.items[i].name, *why = refused_variable (name);
        if (why) {
            self->error = arena_printf (self->turn, "%s may not be set: %s", name, why);
            return FORBIDDEN;
        }
        value_set (self->arena, self->env, arena_strdup (self->arena, name),
                   value_string (self->arena, found.items[i].value));
    }
    return fault;
}

void execution_set_output (execution_t *self, const char *name, const char *value)
{
    const value_t *step = value_get (self->steps, self->step->id.text ? self->step->id.text : "");
    value_t *outputs = (value_t *) value_get (step, "outputs");
    if (outputs)
        value_set (self->arena, outputs, arena_strdup (self->arena, name), value_string (self->arena, value));
}

static fault_t take_output (execution_t *self, const char *text, size_t size)
{
    assignments_t found = {.count = 0};
    fault_t fault = command_file_parse (self->turn, text, size, &found, &self->error);
    self->output_bytes += (int64_t) size;
    if (!fault && self->output_bytes > OUTPUTS_MAX) {
        self->error = arena_printf (self->turn, "the outputs of this job's steps are larger than %d bytes",
                                    OUTPUTS_MAX);
        return TOO_LARGE;
    }
    for (size_t i = 0; i < found.count && !fault; i++)
        execution_set_output (self, found.items[i].name, found.items[i].value);
    return fault;
}

static fault_t take_path (execution_t *self, const char *text, size_t size)
{
    assignments_t found = {.count = 0};
    command_file_lines (self->turn, text, size, &found);
    for (size_t i = 0; i < found.count; i++)
        execution_prepend_path (self, found.items[i].name);
    return OK;
}

static fault_t take_state (execution_t *self, const char *text, size_t size)
{
    assignments_t found = {.count = 0};
    return command_file_parse (self->turn, text, size, &found, &self->error);
}

static const file_row_t files[] = {{"ENV", take_env},
                                   {"OUTPUT", take_output},
                                   {"PATH", take_path},
                                   {"STATE", take_state},
                                   {"STEP_SUMMARY", NULL}};

#define FILE_COUNT (sizeof (files) / sizeof (files[0]))

static const char *file_path (const execution_t *self, size_t i)
{
    return arena_printf (self->turn, "%s/%s", self->folders->commands, files[i].name);
}

void execution_prepare_files (execution_t *self)
{
    for (size_t i = 0; i < FILE_COUNT; i++) {
        struct stat status;
        const char *path = file_path (self, i);
        if (lstat (path, &status) == 0 && S_ISREG (status.st_mode) && status.st_size == 0)
            continue;
        int fd = file_anew (path, 0666);
        if (fd >= 0)
            close (fd);
    }
}

static fault_t read_file (execution_t *self, const char *path, int64_t size, const char **out)
{
    char *text = arena_alloc (self->turn, (size_t) size + 1);
    int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return fault_from_errno (errno);
    ssize_t got = 0, more = 1;
    while (got < size && (more = read (fd, text + got, (size_t) (size - got))) > 0)
        got += more;
    close (fd);
    *out = text;
    return got == size ? OK : BROKEN;
}

static fault_t take_file (execution_t *self, size_t i)
{
    struct stat status;
    const char *path = file_path (self, i), *text = "";
    if (lstat (path, &status) != 0 || !S_ISREG (status.st_mode) || status.st_size == 0)
        return OK;
    if (status.st_size > COMMAND_FILE_MAX) {
        self->error = arena_printf (self->turn, "it has %lld bytes, more than %d", (long long) status.st_size,
                                    COMMAND_FILE_MAX);
        return TOO_LARGE;
    }
    self->error = "it cannot be read";
    fault_t fault = read_file (self, path, status.st_size, &text);
    return fault ? fault : files[i].take (self, text, (size_t) status.st_size);
}

fault_t execution_take_files (execution_t *self)
{
    for (size_t i = 0; i < FILE_COUNT; i++) {
        fault_t fault = files[i].take ? take_file (self, i) : OK;
        if (fault) {
            self->error = arena_printf (self->turn, "GITHUB_%s: %s", files[i].name, self->error);
            return fault;
        }
    }
    return OK;
}
