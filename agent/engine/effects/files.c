/* files.c - see files.h. A step may remove or replace its files: they are read by name, never through a link, and only if they are plain
 * files. */

#include "agent/engine/effects/files.h"

#include "agent/engine/effects/step_effects.h"
#include "agent/engine/effects/subjects.h"
#include "agent/engine/log/summary.h"
#include "agent/engine/output/command_file.h"
#include "common/base/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef void (*set_fn) (step_run_t *self, const char *name, const char *value);

static void add_path (step_run_t *self, const char *name, const char *value)
{
    (void) value;
    step_add_path (self, name);
}

typedef enum {
    VALUES,   // NAME=VALUE
    NAMES,    // A name a line
    SUMMARY,  // summary.h
    SUBJECTS, // subjects.h
    LIST      // Of these, for the step to read
} content_t;

// The file, its property in the github context, and what becomes of each of its values.
static const struct {
    const char *name, *property;
    content_t content;
    set_fn set;
} files[] = {{"ENV", "env", VALUES, step_set_env},
             {"OUTPUT", "output", VALUES, step_set_output},
             {"PATH", "path", NAMES, add_path},
             {"STATE", "state", VALUES, step_keep_state},
             {"STEP_SUMMARY", "step_summary", SUMMARY, NULL},
             {"ARTIFACTS", "artifacts", SUBJECTS, NULL},
             {"ARTIFACTS_LIST", "artifacts_list", LIST, NULL}};

#define FILE_COUNT (sizeof (files) / sizeof (files[0]))

static const char *path_in (const step_run_t *self, const workspace_t *folders, size_t i)
{
    return arena_printf (self->scope.arena, "%s/%s-%u", folders->commands, files[i].name, self->number);
}

static const char *file_path (const step_run_t *self, size_t i)
{
    return path_in (self, self->job->outside, i);
}

void files_name (const step_run_t *self, const workspace_t *folders, value_t *github)
{
    arena_t *arena = self->scope.arena;
    for (size_t i = 0; i < FILE_COUNT; i++)
        value_set (arena, github, files[i].property, value_string (arena, path_in (self, folders, i)));
}

static bool is_ready (const step_run_t *self, const char *path)
{
    struct stat status;
    return self->job->user.user == geteuid () && lstat (path, &status) == 0 && S_ISREG (status.st_mode) &&
           status.st_size == 0;
}

void files_prepare (step_run_t *self)
{
    for (size_t i = 0; i < FILE_COUNT; i++) {
        const char *path = file_path (self, i);
        const char *text = files[i].content == LIST ? subjects_list (self) : "";
        if (!*text && is_ready (self, path))
            continue;
        int fd = file_reset (path, 0666);
        if (fd < 0)
            continue;
        (void) !bytes_write (fd, text, strlen (text)); // A full disk shows when the script is written
        if (self->job->user.user != geteuid ())
            (void) !fchown (fd, self->job->user.user, self->job->user.group);
        close (fd);
    }
}

static fault_t read_file (step_run_t *self, const char *path, int64_t size, const char **out)
{
    char *text = arena_alloc (self->scope.arena, (size_t) size + 1);
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

// What precedes a wrong line counts.
static fault_t take_text (step_run_t *self, size_t i, const char *text, size_t size)
{
    assignments_t found = {.count = 0};
    fault_t fault = OK;
    if (files[i].content == SUBJECTS)
        return subjects_take (self, text, size);
    if (files[i].content == NAMES)
        command_file_lines (self->scope.arena, text, size, &found);
    else
        fault = command_file_parse (self->scope.arena, text, size, &found, &self->scope.error);
    for (size_t k = 0; k < found.count; k++)
        files[i].set (self, found.items[k].name, found.items[k].value);
    return fault;
}

static fault_t take_file (step_run_t *self, size_t i)
{
    struct stat status;
    const char *path = file_path (self, i), *text = "";
    if (lstat (path, &status) != 0 || !S_ISREG (status.st_mode) || status.st_size == 0)
        return OK;
    if (status.st_size > COMMAND_FILE_MAX) {
        self->scope.error = arena_printf (self->scope.arena, "it has %lld bytes, more than %d",
                                          (long long) status.st_size, COMMAND_FILE_MAX);
        return TOO_LARGE;
    }
    self->scope.error = "it cannot be read";
    fault_t fault = read_file (self, path, status.st_size, &text);
    return fault ? fault : take_text (self, i, text, (size_t) status.st_size);
}

fault_t files_take (step_run_t *self)
{
    fault_t first = OK;
    const char *error = "";
    for (size_t i = 0; i < FILE_COUNT; i++) {
        bool is_text = files[i].content == SUMMARY, is_ours = files[i].content == LIST;
        fault_t fault = is_text || is_ours ? OK : take_file (self, i);
        if (is_text)
            summary_take (self, file_path (self, i));
        if (fault && !first) {
            first = fault;
            error = arena_printf (self->scope.arena, "GITHUB_%s: %s", files[i].name, self->scope.error);
        }
    }
    self->scope.error = error;
    return first;
}
