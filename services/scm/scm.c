/* scm.c - scm_fetch: from a repository's address and a ref to a commit and its workflow files.
 *
 * Readers of repositories on disk are kept open, a few of them, the least used one leaves. What takes long (clone, fetch, diff) is
 * an errand: the handler is run again when it is done. */

#include "services/scm/scm.h"

#include "common/clock.h"
#include "common/errand.h"
#include "common/id.h"
#include "proto/messages.h"
#include "services/scm/git.h"
#include "services/scm/git_mirror.h"
#include "services/scm/git_object.h"
#include "services/scm/git_reader.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define READERS     8             // Repositories that are kept open
#define IDLE_US     SECONDS (60)  // After which a reader is closed
#define FETCH_US    SECONDS (120) // A clone or fetch that takes longer is given up
#define DIFF_US     SECONDS (20)
#define FILES       100       // Workflow files of one commit
#define FILES_BYTES (4 << 20) // Of all of them
#define CHANGED     10000     // Changed paths that are told

static const char *const workflow_folders[] = {".github/workflows", ".opencicd/workflows"};

typedef struct {
    char *path;
    git_reader_t *reader;
    int64_t used_us;
} slot_t;

struct scm {
    char *folder;
    errands_t *errands;
    int stop; // eventfd: readable when errands are to end
    slot_t slots[READERS];
};

// ---- readers ----

static void slot_close (slot_t *slot)
{
    git_reader_destroy (&slot->reader);
    free (slot->path);
    *slot = (slot_t){0};
}

static slot_t *slot_for (scm_t *self, const char *path)
{
    slot_t *oldest = &self->slots[0];
    for (size_t i = 0; i < READERS; i++) {
        slot_t *slot = &self->slots[i];
        if (slot->path && strcmp (slot->path, path) == 0)
            return slot;
        if (slot->used_us < oldest->used_us)
            oldest = slot;
    }
    slot_close (oldest);
    oldest->path = strdup (path);
    return oldest;
}

static fault_t reader_for (scm_t *self, turn_t *turn, const char *path, git_reader_t **out)
{
    slot_t *slot = slot_for (self, path);
    if (slot->reader && git_reader_broken (slot->reader))
        git_reader_destroy (&slot->reader);
    fault_t fault = slot->reader ? OK : git_reader_new (&slot->reader, turn, path);
    if (fault != OK) {
        slot_close (slot);
        return fault;
    }
    slot->used_us = turn->now_us;
    actor_tick_at (turn, turn->now_us + IDLE_US);
    *out = slot->reader;
    return OK;
}

static int64_t tick (void *context, turn_t *turn)
{
    scm_t *self = context;
    int64_t next = NEVER;
    for (size_t i = 0; i < READERS; i++) {
        slot_t *slot = &self->slots[i];
        if (!slot->path)
            continue;
        if (slot->used_us + IDLE_US <= turn->now_us)
            slot_close (slot);
        else if (slot->used_us + IDLE_US < next)
            next = slot->used_us + IDLE_US;
    }
    return next;
}

// ---- errands: git processes that may take long ----

typedef struct {
    const char *arguments[16]; // Of git
    const char *folder;        // Where a mirror is to be; NULL for a plain command
    const char *url;
    int64_t for_us;
    int stop;    // Borrowed
    turn_t turn; // Of the errand's own arena
    fault_t fault;
    process_output_t output;
} command_t;

// From when a thread takes it on.
static git_bounds_t bounds_of (const command_t *self)
{
    return (git_bounds_t){.until_us = clock_monotonic_us () + self->for_us, .stop = self->stop};
}

static bool exists (const char *path)
{
    struct stat found;
    return stat (path, &found) == 0;
}

static void run_command (void *data)
{
    command_t *self = data;
    git_bounds_t bounds = bounds_of (self);
    self->fault = git_run (&self->turn, self->arguments, &bounds, &self->output);
}

static void run_mirror (void *data)
{
    command_t *self = data;
    git_bounds_t bounds = bounds_of (self);
    self->fault = git_mirror_update (&self->turn, self->url, self->folder, &bounds);
}

static fault_t finish_errand (scm_t *self, turn_t *turn, const char *key, void (*work) (void *),
                              command_t *command, arena_t **arena_p, const command_t **out)
{
    void *data;
    fault_t fault = errand_find (self->errands, turn, key, &data);
    if (fault == NOT_FOUND)
        return errand_begin (self->errands, turn, key, work, arena_p, command);
    arena_destroy (arena_p);
    if (fault != OK)
        return fault;
    *out = data;
    turn->detail = arena_strdup (turn->arena, (*out)->turn.detail);
    return (*out)->fault;
}

static command_t *command_new (const scm_t *scm, arena_t **arena_p, const turn_t *turn, int64_t for_us)
{
    *arena_p = arena_new ();
    command_t *self = arena_alloc (*arena_p, sizeof (command_t));
    turn_init (&self->turn, *arena_p, arena_strdup (*arena_p, turn->request_id), turn->now_us);
    self->for_us = for_us;
    self->stop = scm->stop;
    return self;
}

static fault_t mirror (scm_t *self, turn_t *turn, const char *url, const char *path)
{
    arena_t *arena;
    const command_t *done;
    command_t *command = command_new (self, &arena, turn, FETCH_US);
    command->url = arena_strdup (arena, url);
    command->folder = arena_strdup (arena, path);
    const char *key = arena_printf (turn->arena, "mirror %s %s", turn->request_id, url);
    return finish_errand (self, turn, key, run_mirror, command, &arena, &done);
}

// ---- the parts of an answer ----

// A local repository is read where it is. For any other, *path is its mirror and *remote is set.
static fault_t place_of (scm_t *self, turn_t *turn, const char *url, const char **path, bool *remote)
{
    const char *local = strncmp (url, "file://", 7) == 0 ? url + 7 : url;
    *remote = local[0] != '/';
    if (url[0] == '-' || strpbrk (url, "\n\r\t ") || strstr (url, "::"))
        return turn_fail (turn, INVALID, "%s is no address of a git repository", url);
    if (!*remote && !exists (local))
        return turn_fail (turn, NOT_FOUND, "there is no folder %s on this server", local);
    *path = *remote ? arena_printf (turn->arena, "%s/%.32s", self->folder, secret_hash (turn->arena, url))
                    : local;
    return OK;
}

static fault_t get_commit (git_reader_t *reader, turn_t *turn, const char *name, git_object_t *commit)
{
    return git_reader_get (reader, turn, arena_printf (turn->arena, "%s^{commit}", name), commit);
}

// A short name is a branch before it is a tag.
static fault_t find_ref (git_reader_t *reader, turn_t *turn, const char *ref, git_object_t *commit,
                         const char **full)
{
    static const char *const prefixes[] = {"refs/heads/", "refs/tags/"};
    if (!git_name_ok (ref))
        return turn_fail (turn, INVALID, "%s is no name of a branch or tag", ref);
    if (strncmp (ref, "refs/", 5) == 0) {
        *full = ref;
        return get_commit (reader, turn, ref, commit);
    }
    fault_t fault = NOT_FOUND;
    for (size_t i = 0; i < 2 && fault == NOT_FOUND; i++) {
        *full = arena_printf (turn->arena, "%s%s", prefixes[i], ref);
        fault = get_commit (reader, turn, *full, commit);
    }
    return fault == NOT_FOUND ? turn_fail (turn, NOT_FOUND, "the repository has no branch or tag %s", ref)
                              : fault;
}

static fault_t find_commit (git_reader_t *reader, turn_t *turn, const scm_fetch_t *ask, git_object_t *commit,
                            scm_tree_t *answer)
{
    const char *head;
    fault_t fault = git_reader_head (reader, turn, &head);
    if (fault != OK)
        return fault;
    answer->default_branch = strncmp (head, "refs/heads/", 11) == 0 ? head + 11 : head;
    const char *ref = *ask->ref ? ask->ref : head;
    if (*ask->sha) {
        answer->ref =
            *ref && strncmp (ref, "refs/", 5) != 0 ? arena_printf (turn->arena, "refs/heads/%s", ref) : ref;
        if (!git_is_hex (ask->sha))
            return turn_fail (turn, INVALID, "sha: %s is no commit's name", ask->sha);
        return get_commit (reader, turn, ask->sha, commit);
    }
    if (!*ref) {
        answer->ref = "HEAD";
        return get_commit (reader, turn, "HEAD", commit);
    }
    return find_ref (reader, turn, ref, commit, &answer->ref);
}

static bool is_yaml (const char *name)
{
    const char *dot = strrchr (name, '.');
    return dot && (strcmp (dot, ".yml") == 0 || strcmp (dot, ".yaml") == 0);
}

static fault_t add_file (git_reader_t *reader, turn_t *turn, const char *folder, const git_entry_t *entry,
                         size_t *bytes, scm_tree_t *answer)
{
    git_object_t blob;
    const char *path = arena_printf (turn->arena, "%s/%s", folder, entry->name);
    if (answer->files.count == FILES)
        return turn_fail (turn, TOO_LARGE, "there are more than %d workflow files", FILES);
    fault_t fault = git_reader_get (reader, turn, entry->id, &blob);
    if (fault == TOO_LARGE)
        return turn_fail (turn, TOO_LARGE, "%s is larger than %d bytes", path, GIT_OBJECT_MAX);
    if (fault != OK)
        return fault;
    *bytes += blob.size;
    if (*bytes > FILES_BYTES)
        return turn_fail (turn, TOO_LARGE, "the workflow files have more than %d bytes", FILES_BYTES);
    file_text_t *file = (file_text_t *) answer->files.items + answer->files.count++;
    file->path = path;
    file->text = (bytes_t){blob.data, blob.size};
    return OK;
}

static fault_t add_folder (git_reader_t *reader, turn_t *turn, const char *sha, const char *folder,
                           size_t *bytes, scm_tree_t *answer)
{
    git_object_t tree;
    git_entry_t entry;
    size_t at = 0;
    fault_t fault = git_reader_get (reader, turn, arena_printf (turn->arena, "%s:%s", sha, folder), &tree);
    if (fault == NOT_FOUND || (fault == OK && strcmp (tree.type, "tree") != 0)) {
        turn->detail = NULL;
        return OK;
    }
    while (fault == OK && git_tree_next (turn->arena, tree.data, tree.size, strlen (sha) / 2, &at, &entry))
        if (entry.is_file && is_yaml (entry.name))
            fault = add_file (reader, turn, folder, &entry, bytes, answer);
    return fault;
}

static fault_t add_files (git_reader_t *reader, turn_t *turn, const char *sha, scm_tree_t *answer)
{
    size_t bytes = 0;
    fault_t fault = OK;
    answer->files.items = arena_array (turn->arena, FILES, sizeof (file_text_t));
    for (size_t i = 0; i < sizeof workflow_folders / sizeof workflow_folders[0] && fault == OK; i++)
        fault = add_folder (reader, turn, sha, workflow_folders[i], &bytes, answer);
    return fault;
}

static void split_paths (turn_t *turn, const process_output_t *output, strs_t *paths)
{
    paths->items = arena_array (turn->arena, CHANGED, sizeof (char *));
    for (size_t at = 0; at < output->out_size && paths->count < CHANGED;) {
        const char *path = output->out + at;
        paths->items[paths->count++] = arena_strdup (turn->arena, path);
        at += strlen (path) + 1;
    }
}

// What cannot be compared (a new branch, a forced push whose old commit is gone) is no error.
static fault_t add_changes (scm_t *self, turn_t *turn, const char *path, const char *before,
                            scm_tree_t *answer)
{
    arena_t *arena;
    const command_t *done = NULL;
    if (!git_is_hex (before) || strspn (before, "0") == strlen (before))
        return OK;
    command_t *command = command_new (self, &arena, turn, DIFF_US);
    const char *arguments[] = {"-C", path,   "diff",      "--name-only", "--no-renames",
                               "-z", before, answer->sha, "--"};
    for (size_t i = 0; i < sizeof arguments / sizeof arguments[0]; i++)
        command->arguments[i] = arena_strdup (arena, arguments[i]);
    const char *key = arena_printf (turn->arena, "diff %s %s %s", path, before, answer->sha);
    fault_t fault = finish_errand (self, turn, key, run_command, command, &arena, &done);
    if (fault == NOT_FOUND) {
        turn->detail = NULL;
        return OK;
    }
    if (fault == OK) {
        split_paths (turn, &done->output, &answer->changed);
        answer->compared = true;
    }
    return fault;
}

// ---- the handler ----

static bool has_commit (scm_t *self, turn_t *turn, const char *path, const char *sha)
{
    git_reader_t *reader;
    git_object_t commit;
    bool has = git_is_hex (sha) && exists (path) && reader_for (self, turn, path, &reader) == OK &&
               get_commit (reader, turn, sha, &commit) == OK;
    turn->detail = NULL;
    return has;
}

static fault_t handle_fetch (void *context, turn_t *turn, const void *message, void *into)
{
    scm_t *self = context;
    const scm_fetch_t *ask = message;
    scm_tree_t *answer = into;
    const char *path = NULL;
    bool remote;
    git_reader_t *reader;
    git_object_t commit;
    git_commit_t facts;
    fault_t fault = place_of (self, turn, ask->url, &path, &remote);
    if (fault == OK && remote && !has_commit (self, turn, path, ask->sha))
        fault = mirror (self, turn, ask->url, path);
    if (fault == OK)
        fault = reader_for (self, turn, path, &reader);
    if (fault == OK)
        fault = find_commit (reader, turn, ask, &commit, answer);
    if (fault != OK)
        return fault;
    git_commit_read (turn->arena, commit.data, commit.size, &facts);
    answer->sha = commit.id;
    answer->subject = arena_strndup (turn->arena, facts.subject, MAX_TEXT);
    answer->message = facts.message;
    answer->author = arena_strndup (turn->arena, facts.author, MAX_NAME);
    answer->author_email = arena_strndup (turn->arena, facts.author_email, MAX_NAME);
    fault = add_files (reader, turn, commit.id, answer);
    return fault == OK ? add_changes (self, turn, path, ask->before, answer) : fault;
}

static void stop (void *context)
{
    scm_t *self = context;
    (void) !write (self->stop, &(uint64_t){1}, sizeof (uint64_t));
    errands_stop (self->errands);
}

static const handler_t handlers[] = {{MSG_scm_fetch, handle_fetch}};

const actor_class_t scm_class = {.name = "scm", .handlers = handlers, .count = 1, .tick = tick, .stop = stop};

scm_t *scm_new (const scm_options_t *options)
{
    scm_t *self = calloc (1, sizeof (scm_t));
    if (!self)
        abort ();
    self->folder = strdup (options->folder);
    self->errands = errands_new (2);
    self->stop = eventfd (0, EFD_CLOEXEC);
    return self;
}

void scm_destroy (scm_t **self_p)
{
    scm_t *self = *self_p;
    if (!self)
        return;
    errands_destroy (&self->errands);
    for (size_t i = 0; i < READERS; i++)
        slot_close (&self->slots[i]);
    close (self->stop);
    free (self->folder);
    free (self);
    *self_p = NULL;
}
