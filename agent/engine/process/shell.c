/* shell.c - the table of shells, and command lines that a workflow wrote itself. */

#include "agent/engine/process/shell.h"

#include "common/os/rooted.h"

#include <string.h>
#include <unistd.h>

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

typedef struct {
    const char *name;
    const char *line;
    const char *instead; // Where the program of that line is not on this machine; NULL for nothing
    const char *extension;
    const char *before, *after;
} shell_row_t;

#define POWERSHELL_BEFORE "$ErrorActionPreference = 'stop'\n"
#define POWERSHELL_AFTER  "\nif ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) { exit $LASTEXITCODE }\n"

static const shell_row_t shells[] = {
    {"", "bash -e {0}", "sh -e {0}", ".sh", "", ""},
    {"bash", "bash --noprofile --norc -eo pipefail {0}", NULL, ".sh", "", ""},
    {"sh", "sh -e {0}", NULL, ".sh", "", ""},
    {"python", "python {0}", "python3 {0}", ".py", "", ""},
    {"pwsh", "pwsh -command \". '{0}'\"", NULL, ".ps1", POWERSHELL_BEFORE, POWERSHELL_AFTER},
};

static bool is_program (int root, const char *file)
{
    struct stat status;
    if (root == ROOTED_OURS)
        return access (file, X_OK) == 0;
    return rooted_stat (root, file, true, &status) == 0 && S_ISREG (status.st_mode) &&
           (status.st_mode & 0111);
}

const char *program_find (arena_t *arena, const char *path, const char *name)
{
    return program_find_in (arena, ROOTED_OURS, path, name);
}

const char *program_find_in (arena_t *arena, int root, const char *path, const char *name)
{
    if (strchr (name, '/'))
        return name;
    if (!path || !*path)
        path = DEFAULT_PATH;
    for (;;) {
        size_t size = strcspn (path, ":");
        const char *file = arena_printf (arena, "%.*s/%s", (int) size, path, name);
        if (size && is_program (root, file))
            return file;
        if (!path[size])
            return NULL;
        path += size + 1;
    }
}

static const shell_row_t *find_row (const char *name)
{
    for (size_t i = 0; i < sizeof (shells) / sizeof (shells[0]); i++)
        if (strcmp (shells[i].name, name) == 0)
            return shells + i;
    return NULL;
}

// A command line of its own gets the file that its program wants, as GitHub's do.
static const shell_row_t *find_program_row (const char *line)
{
    static const shell_row_t plain = {"", "", NULL, "", "", ""};
    line += strspn (line, " \t\n\"'");
    size_t size = strcspn (line, " \t\n\"'"), from = size;
    while (from > 0 && line[from - 1] != '/')
        from--;
    for (size_t i = 1; i < sizeof (shells) / sizeof (shells[0]); i++)
        if (strlen (shells[i].name) == size - from && strncmp (shells[i].name, line + from, size - from) == 0)
            return shells + i;
    return &plain;
}

// One word, with '...' and "..." around blanks; NULL at the end.
static const char *take_word (arena_t *arena, const char **line)
{
    const char *at = *line + strspn (*line, " \t\n");
    if (!*at)
        return NULL;
    char *word = arena_alloc (arena, strlen (at) + 1);
    size_t size = 0;
    char quote = 0;
    for (; *at && (quote || !strchr (" \t\n", *at)); at++) {
        if (quote ? *at == quote : (*at == '"' || *at == '\''))
            quote = quote ? 0 : *at;
        else
            word[size++] = *at;
    }
    *line = at;
    return word;
}

static fault_t split (arena_t *arena, const char *line, shell_t *out, const char **error)
{
    size_t count = 0;
    const char *word;
    while ((word = take_word (arena, &line))) {
        if (count == SHELL_WORDS - 1) {
            *error = arena_printf (arena, "`shell` has more than %d words", SHELL_WORDS - 1);
            return INVALID;
        }
        out->words[count++] = word;
    }
    out->words[count] = NULL;
    return OK;
}

static fault_t use_row (arena_t *arena, int root, const shell_row_t *row, const char *path, shell_t *out,
                        const char **error)
{
    const char *program = arena_strndup (arena, row->line, strcspn (row->line, " "));
    const char *line =
        row->instead && !program_find_in (arena, root, path, program) ? row->instead : row->line;
    *out = (shell_t){.line = line, .extension = row->extension, .before = row->before, .after = row->after};
    return split (arena, line, out, error);
}

fault_t shell_choose (arena_t *arena, const char *name, const char *path, shell_t *out, const char **error)
{
    return shell_choose_in (arena, ROOTED_OURS, name, path, out, error);
}

fault_t shell_choose_in (arena_t *arena, int root, const char *name, const char *path, shell_t *out,
                         const char **error)
{
    const shell_row_t *known = find_row (name ? name : root == ROOTED_OURS ? "" : "sh");
    if (known)
        return use_row (arena, root, known, path, out, error);
    if (!strstr (name, "{0}")) {
        *error = arena_printf (arena,
                               "`shell: %s` is not known: take bash, sh, python or pwsh, or a command line "
                               "with {0} where the script's path belongs",
                               name);
        return INVALID;
    }
    const shell_row_t *program = find_program_row (name);
    const shell_row_t own = {"", name, NULL, program->extension, program->before, program->after};
    return use_row (arena, root, &own, path, out, error);
}

static const char *put_script (arena_t *arena, const char *word, const char *script)
{
    const char *place = strstr (word, "{0}");
    return place ? arena_printf (arena, "%.*s%s%s", (int) (place - word), word, script, place + 3) : word;
}

char *const *shell_arguments (arena_t *arena, const shell_t *self, const char *script)
{
    char **arguments = arena_array (arena, SHELL_WORDS, sizeof (char *));
    for (size_t i = 0; self->words[i]; i++)
        arguments[i] = (char *) put_script (arena, self->words[i], script);
    return arguments;
}
