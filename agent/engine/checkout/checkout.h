/* checkout.h - what the parts of actions/checkout share. Private to builtin_checkout.c and checkout_*.c.
 *
 * Behaviour and names after actions/checkout (README and src/, as of v4 to v7): read there what GitHub does. */

#ifndef OPENCICD_AGENT_ENGINE_CHECKOUT_CHECKOUT_H
#define OPENCICD_AGENT_ENGINE_CHECKOUT_CHECKOUT_H

#include "agent/engine/builtin/builtin.h"
#include "common/os/git_bundle.h"

#define CHECKOUT_ARGS  64   // Of one git
#define CHECKOUT_LINES 1000 // Of `sparse-checkout`

#define CHECKOUT_SPECS (BUNDLE_BASES + 8) // Of one fetch

typedef struct {
    const char *items[CHECKOUT_SPECS + 1];
    size_t count;
} checkout_specs_t;

typedef enum { SUBMODULES_NONE, SUBMODULES_FIRST, SUBMODULES_ALL } submodules_t;

typedef struct {
    const builtin_call_t *call;
    const char *git; // The program
    // Inputs
    const char *url;
    const char *ref;    // A full ref, or "" for a bare commit
    const char *commit; // "" where only the ref is known
    const char *depth;  // NULL: all history
    const char *filter, *sparse;
    const char *token, *ssh_key, *ssh_known_hosts, *ssh_user;
    submodules_t submodules;
    bool tags, clean, persist, lfs, cone, progress, safe, ssh_strict;
    bool trial; // The run's commit, which is in no repository
    // On the way
    bool wide;               // Its ids have 64 digits: SHA-256
    const char *folder;      // Where the files go
    const char *credentials; // A git configuration, in the job's temporary folder; NULL: none are needed
    const char *start;       // What is checked out
    const char *branch;      // The local branch that is made from it; NULL: a bare commit
} checkout_t;

// Runs git in the folder; the list ends with NULL. False if it failed.
bool checkout_git (const checkout_t *self, ...) __attribute__ ((sentinel));
bool checkout_git_args (const checkout_t *self, const char *folder, buffer_t *capture,
                        const char *const *args);
// What it printed, without the last newline; NULL if it failed.
const char *checkout_ask (const checkout_t *self, ...) __attribute__ ((sentinel));

// checkout_inputs.c: reads all inputs and decides which repository and what of it.
bool checkout_inputs (checkout_t *self);
// checkout_auth.c: how git authenticates, here and, with persist-credentials, in the steps after it.
bool checkout_configure (checkout_t *self); // Before the first git
bool checkout_persist (const checkout_t *self);
// checkout_folder.c: makes the folder an empty repository, or cleans the one that is there.
bool checkout_prepare (checkout_t *self);
bool checkout_set_width (checkout_t *self,
                         bool wide); // Made anew if the remote's ids have another length
// checkout_fetch.c: what to fetch, and what to check out.
bool checkout_fetch (checkout_t *self);
bool checkout_fetch_specs (const checkout_t *self,
                           const checkout_specs_t *specs);    // From origin, as deep as was asked for
void checkout_add (checkout_specs_t *self, const char *spec); // One too many is dropped
// checkout_trial.c: the same for a commit that only the server has.
bool checkout_trial (checkout_t *self);

#endif
