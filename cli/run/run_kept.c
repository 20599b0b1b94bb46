/* run_kept.c - see run_kept.h. `files` is what `git ls-files --stage` prints, a line each: a file is another one where its line is. */

#include "cli/run/run_kept.h"

#include "cli/files/run_folder.h"
#include "common/base/clock.h"
#include "common/base/line.h"
#include "common/os/file.h"
#include "common/os/folder.h"
#include "common/os/folder_empty.h"
#include "common/os/process.h"
#include "workflow/plan/context.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#define FILES_MAX  (64 << 20) // Bytes of `files`
#define COPY_FILES 500        // By one cp
#define COPY_US    SECONDS (600)

static const char *in_folder (arena_t *arena, const char *folder, const char *name)
{
    return arena_printf (arena, "%s/%s", folder, name);
}

fault_t run_kept_open (turn_t *turn, const working_tree_t *tree, bool resume, const char **out)
{
    *out = arena_printf (turn->arena, "%s/failed/%.0f", run_cache (turn->arena), context_number (tree->root));
    if (resume)
        return access (in_folder (turn->arena, *out, "files"), F_OK) == 0
                   ? OK
                   : turn_fail (turn, NOT_FOUND, "--resume-from: no failed run of %s was kept", tree->root);
    TRY (folder_make (turn, *out));
    fault_t fault = folder_empty (*out);
    return fault ? turn_fail (turn, fault, "%s cannot be emptied", *out) : OK;
}

// ---- what changed ----

typedef struct {
    turn_t *turn;
    const char *root, *workspace;
    const char *argv[COPY_FILES + 8];
    size_t count; // In argv
} update_t;

static fault_t copy_now (update_t *self)
{
    // Removed first, so that nothing is written through a link that a job has left
    static const char *const words[] = {"cp",        "-a", "--reflink=auto", "--remove-destination",
                                        "--parents", "-t"};
    process_output_t output;
    size_t first = sizeof words / sizeof words[0] + 2;
    const process_spec_t spec = {.argv = self->argv, .folder = self->root};
    if (self->count > first) {
        self->argv[self->count] = NULL;
        TRY (process_run (self->turn, &spec, COPY_US, 1 << 16, &output));
        if (output.end.status != 0)
            return turn_fail (self->turn, BROKEN, "%.500s", output.err);
    }
    memcpy (self->argv, words, sizeof words);
    self->argv[first - 2] = self->workspace;
    self->argv[first - 1] = "--";
    self->count = first;
    return OK;
}

static fault_t copy (update_t *self, const char *path)
{
    if (self->count == COPY_FILES + 7)
        TRY (copy_now (self));
    self->argv[self->count++] = path;
    return OK;
}

typedef struct {
    const char *line, *path; // path NULL at the end
} entry_t;

// "100644 0123... 0<TAB>a/b.c"
static entry_t next_entry (arena_t *arena, line_t *list)
{
    const char *line = line_take (list, arena), *tab = strchr (line, '\t');
    return (entry_t){line, tab ? tab + 1 : NULL};
}

// Two lists in the same order.
static fault_t compare (update_t *self, const char *before, const char *now)
{
    arena_t *arena = self->turn->arena;
    line_t list = line_begin (before, strlen (before)), new_list = line_begin (now, strlen (now));
    entry_t old = next_entry (arena, &list), new = next_entry (arena, &new_list);
    while (old.path || new.path) {
        int order = !old.path ? 1 : !new.path ? -1 : strcmp (old.path, new.path);
        bool module = strncmp (new.line, "160000", 6) == 0; // A submodule: a commit, not a file to copy
        if (order < 0)
            (void) unlink (in_folder (arena, self->workspace, old.path));
        else if ((order > 0 || strcmp (old.line, new.line) != 0) && !module)
            TRY (copy (self, new.path));
        if (order <= 0)
            old = next_entry (arena, &list);
        if (order >= 0)
            new = next_entry (arena, &new_list);
    }
    return copy_now (self);
}

// A workspace without a checkout holds nothing of the tree.
static fault_t update_all (turn_t *turn, const char *folder, const char *root, const char *before,
                           const char *now)
{
    DIR *jobs = opendir (folder);
    fault_t fault = OK;
    for (struct dirent *entry; jobs && fault == OK && (entry = readdir (jobs));) {
        const char *workspace = arena_printf (turn->arena, "%s/%s/workspace", folder, entry->d_name);
        update_t update = {.turn = turn, .root = root, .workspace = workspace};
        if (entry->d_name[0] == '.' || access (in_folder (turn->arena, workspace, ".git"), F_OK) != 0)
            continue;
        fault = copy_now (&update);
        if (fault == OK)
            fault = compare (&update, before, now);
    }
    if (jobs)
        closedir (jobs);
    return fault;
}

fault_t run_kept_update (turn_t *turn, const char *folder, const working_tree_t *tree,
                         const snapshot_t *snapshot)
{
    const char *list, *before, *path = in_folder (turn->arena, folder, "files");
    size_t size;
    TRY (snapshot_files (turn, tree, snapshot, true, &list, &size));
    char *now = arena_copy (turn->arena, list, size + 1);
    for (size_t i = 0; i < size; i++)
        now[i] = now[i] == '\n' ? ' ' : now[i] ? now[i] : '\n';
    if (file_read (turn, path, FILES_MAX, &before) == OK)
        TRY (update_all (turn, folder, tree->root, before, now));
    turn->detail = NULL;
    // Written last: after a failure the same changes are copied again
    return file_write (turn, path, now);
}
