/* tree.c - see tree.h. */

#include "services/scm/tree.h"

#include "common/base/clock.h"
#include "common/base/utf8.h"
#include "services/scm/commits.h"
#include "services/scm/git_object.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const workflow_folders[] = {".github/workflows", ".opencicd/workflows"};

typedef struct {
    tree_reading_t *reading;
    turn_t *turn;
    scm_tree_t *tree;
    git_folder_t folder;
    const char *view; // An empty repository of ours
    git_reader_t *git;
    const char *head;    // Full ref; "" for a detached one
    const char *head_id; // What it is at; "" where it has no commit yet
    size_t bytes;        // Of files
    trial_copy_t trial;  // With its commit, where one is asked for
} read_t;

static fault_t get_commit (read_t *self, const char *name, git_object_t *commit)
{
    return git_reader_get (self->git, self->turn, arena_printf (self->turn->arena, "%s^{commit}", name),
                           commit);
}

// ---- is it in the ref? ----

// Runs git in the empty repository, on the objects of this one.
static fault_t compute (read_t *self, const char *const *args, process_output_t *output)
{
    const git_location_t location = {.folder = self->view, .objects = self->folder.objects};
    const git_bounds_t bounds = {.until_us = clock_monotonic_us () + COMPARE_US, .stop = self->reading->stop};
    return git_run (self->turn, args, &location, &bounds, NULL, output);
}

// Is `commit` at `tip` or before it? Both are whole names.
static fault_t is_reachable (read_t *self, const char *commit, const char *tip, bool *out)
{
    process_output_t output;
    // A commit graph says who descends from whom: a folder's own is not believed
    const char *graph = self->reading->is_mirror ? "core.commitGraph=true" : "core.commitGraph=false";
    const char *args[] = {"-c", graph, "merge-base", "--is-ancestor", commit, tip, NULL};
    *out = strcmp (commit, tip) == 0;
    if (*out)
        return OK;
    fault_t fault = compute (self, args, &output);
    *out = fault == OK;
    if (fault != UNAVAILABLE || output.end.signal || !output.end.status)
        return fault;
    self->turn->detail =
        NULL; // 1: no; else git cannot say, in a shallow clone for one: not known to be is not to be
    return OK;
}

// ---- the commit ----

// Does an update of a mirror bring it?
static bool is_copied (const char *full)
{
    return strncmp (full, "refs/heads/", 11) == 0 || strncmp (full, "refs/tags/", 10) == 0;
}

static fault_t resolve (read_t *self, const char *full, const char **id)
{
    fault_t fault = git_folder_ref (self->turn, &self->folder, full, id);
    if (!self->reading->is_mirror || is_copied (full))
        return fault;
    // An update brings none of these: what is here is as old as the last request for it, and good only for a commit that is named
    bool is_stale = !*self->reading->ask->sha && !self->reading->is_filled;
    if (fault != NOT_FOUND && !is_stale)
        return fault;
    self->reading->missing.items[self->reading->missing.count++] = full;
    return NOT_FOUND;
}

// A short name is a branch before it is a tag.
static fault_t find_ref (read_t *self, const char *ref, const char **full, const char **id)
{
    static const char *const prefixes[] = {"refs/heads/", "refs/tags/"};
    fault_t fault = NOT_FOUND;
    bool is_full = strncmp (ref, "refs/", 5) == 0;
    if (is_full) {
        *full = ref;
        fault = resolve (self, ref, id);
    }
    for (size_t i = 0; i < 2 && fault == NOT_FOUND && !is_full; i++) {
        *full = arena_printf (self->turn->arena, "%s%s", prefixes[i], ref);
        fault = resolve (self, *full, id);
    }
    return fault == NOT_FOUND
               ? turn_fail (self->turn, NOT_FOUND, "the repository has no branch or tag %s", ref)
               : fault;
}

static fault_t find_head (read_t *self)
{
    TRY (git_folder_head (self->turn, &self->folder, &self->head, &self->head_id));
    if (strlen (self->head) > MAX_NAME)
        return turn_fail (self->turn, INVALID, "the default branch's name has more than %d bytes", MAX_NAME);
    if (!utf8_valid (self->head, strlen (self->head)))
        return turn_fail (self->turn, INVALID, "the default branch's name is not UTF-8");
    self->tree->default_branch = strncmp (self->head, "refs/heads/", 11) == 0 ? self->head + 11 : self->head;
    if (!*self->head)
        return OK;
    fault_t fault = git_folder_ref (self->turn, &self->folder, self->head, &self->head_id);
    if (fault == NOT_FOUND)
        self->head_id = ""; // No commit yet, or its branch is gone
    return fault == NOT_FOUND ? OK : fault;
}

// With a ref beside it the commit must be in it: a run is trusted as what its ref is. Without one the ref is the default branch
// where the commit is in that, else unknown ("").
static fault_t find_by_sha (read_t *self, const char *sha, const char *full, const char *tip,
                            git_object_t *commit)
{
    git_object_t at;
    bool reachable = false;
    fault_t fault = get_commit (self, sha, commit);
    if (fault == NOT_FOUND)
        return turn_fail (self->turn, NOT_FOUND, "the repository has no commit %s", sha);
    TRY (fault);
    if (*tip) {
        TRY (get_commit (self, tip, &at));
        TRY (is_reachable (self, commit->id, at.id, &reachable));
    }
    if (!reachable && *self->reading->ask->ref)
        return turn_fail (self->turn, INVALID, "sha: %s is not in %s", sha, full);
    self->tree->ref = reachable ? full : "";
    return OK;
}

// Is it where the default branch is? What was found as that needs no second look.
static fault_t find_tip (read_t *self, const char *id)
{
    git_object_t head;
    bool is_of_head = *self->head && strcmp (self->tree->ref, self->head) == 0;
    if (is_of_head && *self->reading->ask->sha)
        TRY (get_commit (self, self->head_id, &head));
    self->tree->is_tip = is_of_head && (!*self->reading->ask->sha || strcmp (head.id, id) == 0);
    return OK;
}

// Its parents must be here: what a job checks out is fetched from here, but for what is in the trial.
static fault_t find_trial (read_t *self, git_object_t *commit)
{
    const git_bundle_t *bundle = &self->trial.bundle;
    for (size_t i = 0; i < bundle->base_count; i++) {
        fault_t fault = get_commit (self, bundle->bases[i], commit);
        if (fault == NOT_FOUND)
            return turn_fail (self->turn, INVALID,
                              "trial: the repository has no commit %s, on which it builds", bundle->bases[i]);
        TRY (fault);
    }
    fault_t fault = get_commit (self, bundle->tip, commit);
    self->tree->ref = arena_printf (self->turn->arena, TRIAL_REF "%s", self->reading->ask->trial);
    return fault == NOT_FOUND
               ? turn_fail (self->turn, INVALID, "trial: its bundle lacks the commit %s", bundle->tip)
               : fault;
}

static fault_t find_commit (read_t *self, git_object_t *commit)
{
    const scm_fetch_t *ask = self->reading->ask;
    if (*ask->trial)
        return find_trial (self, commit);
    const char *full = *self->head ? self->head : "HEAD", *tip = self->head_id;
    if (*ask->ref)
        TRY (find_ref (self, ask->ref, &full, &tip));
    if (*ask->sha) {
        fault_t fault = find_by_sha (self, ask->sha, full, tip, commit);
        bool is_stale = fault == NOT_FOUND || fault == INVALID;
        if (is_stale && *ask->ref && self->reading->is_mirror && !self->reading->is_filled &&
            !is_copied (full)) {
            self->reading->missing.items[self->reading->missing.count++] = full;
            return NOT_FOUND;
        }
        TRY (fault);
    } else if (!*tip)
        return turn_fail (self->turn, NOT_FOUND, "the repository has no commit on %s yet", full);
    else {
        self->tree->ref = full;
        fault_t fault = get_commit (self, tip, commit);
        if (fault == NOT_FOUND)
            return turn_fail (self->turn, NOT_FOUND, "%s is at %s, which is not a commit that is there", full,
                              tip);
        TRY (fault);
    }
    return find_tip (self, commit->id);
}

// ---- its files ----

static bool is_yaml (const char *name)
{
    const char *dot = strrchr (name, '.');
    return dot && (strcmp (dot, ".yml") == 0 || strcmp (dot, ".yaml") == 0);
}

// The commits that its actions are locked to (docs/actions.md).
static bool is_lock (const char *folder, const char *name)
{
    return strcmp (folder, ".github/workflows") == 0 && strcmp (name, "actions.lock") == 0;
}

static fault_t add_file (read_t *self, const char *folder, const git_entry_t *entry)
{
    turn_t *turn = self->turn;
    scm_tree_t *tree = self->tree;
    strs_t *missing = &self->reading->missing;
    git_object_t blob;
    const char *path =
        arena_printf (turn->arena, "%s/%s", folder, git_text (turn->arena, entry->name, MESSAGE_STR_MAX));
    if (tree->files.count + missing->count == TREE_FILES)
        return turn_fail (turn, TOO_LARGE, "there are more than %d workflow files", TREE_FILES);
    fault_t fault = git_reader_get (self->git, turn, entry->id, &blob);
    if (fault == NOT_FOUND) {
        missing->items[missing->count++] = entry->id;
        return OK;
    }
    if (fault == TOO_LARGE)
        return turn_fail (turn, TOO_LARGE, "%s is larger than %d bytes", path, GIT_OBJECT_MAX);
    TRY (fault);
    self->bytes += blob.size;
    if (self->bytes > TREE_FILES_BYTES)
        return turn_fail (turn, TOO_LARGE, "the workflow files have more than %d bytes", TREE_FILES_BYTES);
    if (is_lock (folder, entry->name))
        tree->action_lock = (bytes_t){blob.data, blob.size};
    else
        tree->files.items[tree->files.count++] = (file_text_t){path, {blob.data, blob.size}};
    return OK;
}

static fault_t add_folder (read_t *self, const char *folder)
{
    turn_t *turn = self->turn;
    git_object_t tree;
    git_entry_t entry;
    const char *sha = self->tree->sha;
    size_t at = 0;
    fault_t fault = git_reader_get (self->git, turn, arena_printf (turn->arena, "%s:%s", sha, folder), &tree);
    if (fault == NOT_FOUND || (fault == OK && strcmp (tree.type, "tree") != 0)) {
        turn->detail = NULL;
        return OK;
    }
    TRY (fault);
    while (git_tree_next (turn->arena, tree.data, tree.size, strlen (sha) / 2, &at, &entry))
        if (entry.is_file && (is_yaml (entry.name) || is_lock (folder, entry.name)))
            TRY (add_file (self, folder, &entry));
    return OK;
}

static fault_t add_files (read_t *self)
{
    self->tree->files.items = arena_array (self->turn->arena, TREE_FILES, sizeof (file_text_t));
    for (size_t i = 0; i < sizeof workflow_folders / sizeof workflow_folders[0]; i++)
        TRY (add_folder (self, workflow_folders[i]));
    if (self->reading->missing.count > 0)
        return turn_fail (self->turn, NOT_FOUND, "the repository lacks %zu of its workflow files",
                          self->reading->missing.count);
    return OK;
}

// ---- what changed ----

// False where there are more than are listed, or one is too long to be.
static bool split_paths (turn_t *turn, const process_output_t *output, strs_t *paths)
{
    paths->items = arena_array (turn->arena, TREE_CHANGED, sizeof (char *));
    for (size_t at = 0; at < output->out_size;) {
        const char *path = output->out + at;
        size_t size = strlen (path);
        if (paths->count == TREE_CHANGED || size > MESSAGE_STR_MAX)
            return false;
        paths->items[paths->count++] = arena_strndup (turn->arena, path, size);
        at += size + 1;
    }
    return true;
}

// What cannot be compared, or not wholly, is unknown: that is an answer, and never a fault of the event that asks.
static void add_changes (read_t *self)
{
    const char *before = self->reading->ask->before;
    scm_tree_t *tree = self->tree;
    process_output_t output;
    if (!*before)
        return;
    tree->uncompared = "there is no commit before it";
    if (!git_is_hex (before) || strspn (before, "0") == strlen (before))
        return;
    const char *args[] = {"diff-tree", "-r", "--name-only", "--no-renames", "-z", before,
                          tree->sha,   "--", NULL};
    fault_t fault = compute (self, args, &output);
    if (fault == OK && split_paths (self->turn, &output, &tree->changed)) {
        tree->compared = true;
        tree->uncompared = "";
        return;
    }
    tree->changed = (strs_t){0};
    tree->uncompared =
        fault == OK || fault == TOO_LARGE
            ? arena_printf (self->turn->arena, "more than %d paths, or %d bytes of them, changed",
                            TREE_CHANGED, GIT_OUT_MAX)
            : arena_printf (self->turn->arena, "%s cannot be compared with it: %s", before,
                            self->turn->detail ? self->turn->detail : fault_text (fault));
    self->turn->detail = NULL;
}

// What is new since `before`, where that can be said; else the commit alone.
static void add_commits (read_t *self, const git_commit_t *facts)
{
    scm_tree_t *tree = self->tree;
    const char *before = self->reading->ask->before;
    arena_t *arena = self->turn->arena;
    process_output_t output;
    bool reachable = true;
    tree->commits = (scm_commit_items_t){arena_array (arena, 1, sizeof (scm_commit_t)), 1};
    tree->commits.items[0] = commits_one (arena, tree->sha, facts);
    if (!git_is_hex (before) || strspn (before, "0") == strlen (before))
        return;
    const char *args[] = {"log",
                          arena_printf (arena, "--max-count=%d", SCM_COMMITS),
                          "--date=raw",
                          "--no-show-signature",
                          COMMITS_FORMAT,
                          tree->sha,
                          arena_printf (arena, "^%s", before),
                          "--",
                          NULL};
    if (compute (self, args, &output) == OK) {
        const scm_commit_items_t list = commits_read (arena, output.out, output.out_size);
        if (list.count > 0 && strcmp (list.items[list.count - 1].id, tree->sha) == 0)
            tree->commits = list;
        tree->forced = is_reachable (self, before, tree->sha, &reachable) == OK && !reachable;
    }
    self->turn->detail = NULL;
}

static fault_t add_known (read_t *self)
{
    const strs_t *have = &self->reading->ask->have;
    strs_t *known = &self->tree->known;
    known->items = arena_array (self->turn->arena, have->count + 1, sizeof (char *));
    for (size_t i = 0; i < have->count; i++) {
        git_object_t commit;
        fault_t fault = git_is_hex (have->items[i]) ? get_commit (self, have->items[i], &commit) : NOT_FOUND;
        if (fault == OK)
            known->items[known->count++] = have->items[i];
        else if (fault != NOT_FOUND)
            return fault;
    }
    self->turn->detail = NULL;
    return OK;
}

// ----

static fault_t read_all (read_t *self)
{
    git_object_t commit;
    git_commit_t facts;
    scm_tree_t *tree = self->tree;
    arena_t *arena = self->turn->arena;
    TRY (find_commit (self, &commit));
    git_commit_read (arena, commit.data, commit.size, &facts);
    tree->sha = commit.id;
    tree->subject = git_text (arena, facts.subject, MAX_TEXT);
    tree->message = git_text (arena, facts.message, MAX_DOC);
    tree->author = git_text (arena, facts.author, MAX_NAME);
    tree->author_email = git_text (arena, facts.author_email, MAX_NAME);
    tree->parents.items = arena_copy (arena, facts.parents, sizeof facts.parents);
    tree->parents.count = facts.parent_count;
    TRY (add_files (self));
    TRY (add_known (self));
    add_changes (self);
    add_commits (self, &facts);
    return OK;
}

// Each part of it, as it really is, lies where repositories may be read, and none is borrowed from elsewhere. (A link to a single file
// is not looked for: whoever can make one there can read it.)
static fault_t may_read (read_t *self)
{
    arena_t *arena = self->turn->arena;
    const char *objects = self->folder.objects;
    const char *parts[] = {self->folder.git, self->folder.common, objects,
                           arena_printf (arena, "%s/pack", objects),
                           arena_printf (arena, "%s/info", objects)};
    const char *borrowed = arena_printf (arena, "%s/info/alternates", objects);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char real[PATH_MAX];
        const char *found = realpath (parts[i], real);
        if (found || i < 3) // Without packs there is nothing to hide
            TRY (address_may_read (self->turn, self->reading->policy, found ? real : "", false));
    }
    return access (borrowed, F_OK) == 0 ? address_may_read (self->turn, self->reading->policy, "", false)
                                        : OK;
}

// With a reader of its own, as nothing else is ever read there.
static fault_t open_trial (read_t *self)
{
    const tree_reading_t *reading = self->reading;
    TRY (trial_unpack (reading->trials, self->turn, reading->ask->trial, self->view, self->folder.objects,
                       &self->trial));
    self->folder.objects = self->trial.objects;
    return git_reader_new (&self->git, self->turn, self->view, self->trial.objects);
}

static void close_folder (read_t *self)
{
    if (!self->trial.folder && self->git)
        readers_give (self->reading->readers, self->git);
    else
        git_reader_destroy (&self->git);
    trial_remove (&self->trial);
}

static fault_t open_folder (read_t *self)
{
    const char *id = "";
    tree_reading_t *reading = self->reading;
    char real[PATH_MAX];
    if (!reading->is_mirror && !reading->ask->trusted) // Before a word about what is there
        TRY (address_may_read (self->turn, reading->policy, realpath (reading->path, real) ? real : "",
                               false));
    TRY (git_folder_find (self->turn, reading->path, &self->folder));
    if (!reading->is_mirror && !reading->ask->trusted)
        TRY (may_read (self));
    TRY (find_head (self));
    id = self->head_id;
    if (!*id && *reading->ask->sha)
        id = reading->ask->sha;
    TRY (readers_view (reading->readers, self->turn, strlen (id), &self->view));
    if (*reading->ask->trial)
        return open_trial (self);
    return readers_take (reading->readers, self->turn, self->view, self->folder.objects, &self->git);
}

static fault_t read_once (tree_reading_t *self, turn_t *turn, bool *broken)
{
    read_t read = {.reading = self, .turn = turn, .tree = self->tree};
    *self->tree = (scm_tree_t){.sha = "",
                               .ref = "",
                               .default_branch = "",
                               .subject = "",
                               .message = "",
                               .author = "",
                               .author_email = "",
                               .uncompared = ""};
    self->missing = (strs_t){arena_array (turn->arena, TREE_FILES + 1, sizeof (char *)), 0};
    fault_t fault = open_folder (&read);
    if (fault == OK)
        fault = read_all (&read);
    *broken = read.git && git_reader_broken (read.git);
    close_folder (&read);
    return fault;
}

fault_t tree_read (tree_reading_t *self, turn_t *turn)
{
    bool broken = false;
    fault_t fault = read_once (self, turn, &broken);
    if (fault == UNAVAILABLE && broken) // Its git had ended since it was used last
        fault = read_once (self, turn, &broken);
    return fault;
}

strs_t tree_copy_texts (arena_t *arena, const strs_t *from)
{
    strs_t copy = {arena_array (arena, from->count + 1, sizeof (char *)), from->count};
    for (size_t i = 0; i < from->count; i++)
        copy.items[i] = arena_strdup (arena, from->items[i]);
    return copy;
}

static scm_commit_t copy_commit (arena_t *arena, const scm_commit_t *from)
{
    scm_commit_t copy = *from;
    const char **texts[] = {&copy.id,           &copy.tree,        &copy.message,   &copy.author,
                            &copy.author_email, &copy.authored_at, &copy.committer, &copy.committer_email,
                            &copy.committed_at};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        *texts[i] = arena_strdup (arena, *texts[i]);
    return copy;
}

scm_tree_t tree_copy (arena_t *arena, const scm_tree_t *from)
{
    scm_tree_t copy = *from;
    const char **texts[] = {&copy.sha,     &copy.ref,    &copy.default_branch, &copy.subject,
                            &copy.message, &copy.author, &copy.author_email,   &copy.uncompared};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        *texts[i] = arena_strdup (arena, *texts[i]);
    copy.files.items = arena_array (arena, from->files.count + 1, sizeof (file_text_t));
    for (size_t i = 0; i < from->files.count; i++) {
        const file_text_t *file = &from->files.items[i];
        copy.files.items[i] =
            (file_text_t){arena_strdup (arena, file->path),
                          {arena_copy (arena, file->text.data, file->text.size), file->text.size}};
    }
    copy.changed = tree_copy_texts (arena, &from->changed);
    copy.parents = tree_copy_texts (arena, &from->parents);
    copy.known = tree_copy_texts (arena, &from->known);
    copy.commits.items = arena_array (arena, from->commits.count + 1, sizeof (scm_commit_t));
    for (size_t i = 0; i < from->commits.count; i++)
        copy.commits.items[i] = copy_commit (arena, &from->commits.items[i]);
    copy.action_lock.data = arena_copy (arena, from->action_lock.data, from->action_lock.size);
    return copy;
}
