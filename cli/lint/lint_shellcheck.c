/* lint_shellcheck.c - checks the scripts of a file with shellcheck: one process per shell, started without a shell.
 *
 * The scripts lie in a folder of their own for that long. Not asked for are remarks on what a workflow does otherwise
 * than a script: expressions are covered (so that a word seems constant, or unassigned), variables come from `env`, and
 * a failing command ends a step by itself. */

#include "cli/lint/lint.h"
#include "common/os/process.h"
#include "workflow/expression/value.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RUN_US    (10 * 1000000LL) // For one shell's scripts of one file
#define OUT_MAX   (4 << 20)        // Bytes of its findings
#define ARGUMENTS 8
// Found by running shellcheck over real workflows: what it says of these is about the place of an expression, not about the script.
#define CODES_HIDDEN \
    "1083,1091,2024,2043,2046,2050,2078,2089,2090,2103,2148,2153,2154,2157,2164,2170,2193,2194,2226,2266"

static bool write_script (const char *path, const char *text)
{
    // 0600 and exclusive: the folder is in /tmp, and a script may hold what the repository does not show to everybody
    int file = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    size_t size = strlen (text);
    bool done = file >= 0 && write (file, text, size) == (ssize_t) size;
    if (file >= 0)
        close (file);
    return done;
}

static int64_t number (const value_t *object, const char *key)
{
    const value_t *value = value_get (object, key);
    bool fits = value && value->kind == VALUE_NUMBER && value->number >= 1 && value->number <= 1e6;
    return fits ? (int64_t) value->number : 1;
}

static size_t read_remarks (arena_t *arena, const process_output_t *output, lint_remark_t **remarks,
                            size_t count)
{
    const value_t *answer, *comments;
    const char *error;
    if (value_from_json (arena, output->out, output->out_size, &answer, &error) != OK)
        return count;
    comments = value_get (answer, "comments");
    size_t capacity = count;
    for (size_t i = 0; comments && comments->kind == VALUE_ARRAY && i < comments->list.count; i++) {
        const value_t *comment = comments->list.items[i];
        const char *file = strrchr (value_get_text (comment, "file"), '/');
        *remarks = arena_grow (arena, *remarks, count, &capacity, sizeof (lint_remark_t));
        (*remarks)[count++] =
            (lint_remark_t){.script = file ? (size_t) strtoul (file + 1, NULL, 10) : 0,
                            .line = (int) number (comment, "line"),
                            .column = (int) number (comment, "column"),
                            .message = arena_printf (arena, "SC%d: %s", (int) number (comment, "code"),
                                                     value_get_text (comment, "message"))};
    }
    return count;
}

static size_t check_shell (shellcheck_t *self, arena_t *arena, const char *shell, const char *const *paths,
                           size_t path_count, lint_remark_t **remarks, size_t count)
{
    const char **argv = arena_array (arena, path_count + ARGUMENTS, sizeof (char *));
    size_t used = 0;
    for (const char *const *word =
             (const char *const[]){"shellcheck", "--norc", "--format=json1", "--severity=warning",
                                   "--exclude=" CODES_HIDDEN, NULL};
         *word; word++)
        argv[used++] = *word;
    argv[used++] = arena_printf (arena, "--shell=%s", shell);
    memcpy (argv + used, paths, path_count * sizeof (char *));
    process_spec_t spec = {.argv = argv};
    process_output_t output;
    fault_t fault = process_run (self->turn, &spec, RUN_US, OUT_MAX, &output);
    if (fault == OK)
        return read_remarks (arena, &output, remarks, count);
    // Looked for once: where it is not installed, a thousand files must not start a thousand processes
    self->missing = self->missing || fault == NOT_FOUND;
    if (fault != NOT_FOUND)
        fprintf (stderr, "opencicd: shellcheck: %s\n", fault_text (fault));
    return count;
}

size_t lint_shellcheck (void *checker, arena_t *arena, const lint_script_t *scripts, size_t count,
                        lint_remark_t **remarks)
{
    static const char *const shells[] = {"bash", "sh"};
    shellcheck_t *self = checker;
    const char *base = getenv ("TMPDIR");
    char *folder = arena_printf (arena, "%s/opencicd-lint-XXXXXX", base && *base ? base : "/tmp");
    size_t found = 0;
    if (self->missing || !mkdtemp (folder))
        return 0;
    const char **paths = arena_array (arena, count, sizeof (char *));
    for (size_t i = 0; i < sizeof (shells) / sizeof (shells[0]); i++) {
        size_t written = 0;
        for (size_t j = 0; j < count; j++) {
            char *path = arena_printf (arena, "%s/%zu", folder, j);
            if (strcmp (scripts[j].shell, shells[i]) == 0 && write_script (path, scripts[j].text))
                paths[written++] = path;
        }
        if (written > 0 && !self->missing)
            found = check_shell (self, arena, shells[i], paths, written, remarks, found);
        for (size_t j = 0; j < written; j++)
            unlink (paths[j]);
    }
    rmdir (folder);
    return found;
}
