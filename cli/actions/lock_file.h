/* lock_file.h - the lock file of the working tree's actions (workflow/model/action_lock.h), for `opencicd actions lock`: read whole, rebuilt
 * from what the workflows use, and written in a stable order. */

#ifndef OPENCICD_CLI_ACTIONS_LOCK_FILE_H
#define OPENCICD_CLI_ACTIONS_LOCK_FILE_H

#include "cli/files/working_tree.h"

typedef struct {
    const char **items; // Each once, in order
    size_t count, capacity;
} lock_names_t;

typedef struct {
    const char *path;  // ".github/workflows/ci.yml"
    lock_names_t uses; // "Owner/Repo@ref", as written
} lock_workflow_t;

typedef struct {
    const char *name;               // As written first
    const char *key;                // Owner and repository in lower case
    const char *ref, *commit;       // Hexadecimal
    const char *owner_id, *repo_id; // As `gh actions-lock` wrote them; NULL: unknown
    lock_names_t uses;
} lock_action_t;

typedef struct {
    arena_t *arena;
    lock_workflow_t **workflows; // By path
    lock_action_t **actions;     // By key
    size_t workflow_count, workflow_capacity, action_count, action_capacity;
} lock_file_t;

void lock_names_add (arena_t *arena, lock_names_t *self, const char *name);
lock_action_t *lock_action (const lock_file_t *self, const char *key); // NULL where it is not there
const lock_workflow_t *lock_workflow (const lock_file_t *self, const char *path);
void lock_add_action (lock_file_t *self, lock_action_t *action);
lock_workflow_t *lock_add_workflow (lock_file_t *self, const char *path);

// Empty if there is none. INVALID if it is malformed: the detail names the first location.
MUST_USE fault_t lock_read (turn_t *turn, const char *path, lock_file_t *out);
void lock_sort (lock_file_t *self);
// TOO_LARGE past what a reader of it takes.
MUST_USE fault_t lock_text (turn_t *turn, const lock_file_t *self, const char **out);

typedef struct {
    const char *sources;    // As common/os/git_source.h says
    const char *git_config; // The one configuration that git reads; "": none
    const lock_file_t *old; // Its commits stay, unless `update`
    bool update;
    void (*note) (const char *text); // Called with what a person should know
} lock_options_t;

// The actions that the tree's workflows use, and the actions that those use. INVALID if a file is malformed.
MUST_USE fault_t lock_collect (turn_t *turn, const working_tree_t *tree, const lock_options_t *options,
                               lock_file_t *out);

#endif
