/* action_store.h - what `uses` names becomes a folder with the action in it, and its action.yml as a model.
 *
 * An action of another repository is fetched by git, by commit, once: it is kept below `cache`, which outlives jobs and may be shared by
 * agents. Each job gets a copy of its own below `folder` (OWNER/REPO/REF/...), to which it may write: no other job sees what it does
 * there. A tag or branch is locked to the commit that it named at its first use (action_pins_t); one that has moved is an error.
 *
 * One store per job, in one thread; any number of stores may use one cache. Errors name the reference, the sources tried, and git's
 * words. */

#ifndef OPENCICD_AGENT_ENGINE_ACTIONS_ACTION_STORE_H
#define OPENCICD_AGENT_ENGINE_ACTIONS_ACTION_STORE_H

#include "agent/engine/actions/action_settings.h"
#include "workflow/model/action.h"
#include "workflow/model/action_ref.h"

typedef struct action_store action_store_t;
struct cancel;

typedef struct {
    const action_settings_t *settings;
    const char *folder;     // For the job's copies; absolute; created if missing
    const char *workspace;  // For ./path
    const char *repository; // The workflow's: where git fetches it; "" for none
    const char *name;       // Its OWNER/NAME
    const char *sha;        // The running commit
    const char *ref;        // Of the run; NULL: unknown
    // Of the repository of the file that has the job, if it is another one: where git fetches it, its commit, its OWNER/NAME. Else "" or NULL
    const char *workflow, *workflow_sha, *workflow_name;
    const action_pins_t *pins; // NULL: nothing is locked
    const char
        *accept_command; // The command that accepts a moved one, "opencicd actions accept PROJECT"; "": none
    void *self;
    void (*log) (void *self, const char *line); // A line for the job's log; may be NULL
    int view;                                   // Whose paths those of the workspace are: common/os/rooted.h
} action_store_options_t;

typedef struct {
    action_ref_t ref;
    const char *root;       // Of its repository
    const char *folder;     // Where its action.yml is: GITHUB_ACTION_PATH
    const char *repository; // GITHUB_ACTION_REPOSITORY; "" for one of the workspace
    const char *commit;     // "" for one of the workspace
    const action_t *action; // NULL for docker://
} action_found_t;

action_store_t *action_store_new (const action_store_options_t *options); // Borrows all of it
void action_store_destroy (action_store_t **self_p);

// `inside`: the action whose step says `uses`, NULL for the workflow. Strings in *out live in turn's arena. The turn's detail says why
// it failed: INVALID (the reference or action.yml), NOT_FOUND, CONFLICT (it is locked to another commit), UNAVAILABLE (no source could
// be asked, or it was cancelled), TOO_LARGE, NO_SPACE.
MUST_USE fault_t action_store_resolve (action_store_t *self, turn_t *turn, const char *uses,
                                       const action_found_t *inside, struct cancel *cancel,
                                       action_found_t *out);

#endif
