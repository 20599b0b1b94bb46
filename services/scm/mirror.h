/* mirror.h - the mirrors of this process, and their updates: at most one of each under way, and one that waits.
 *
 * A request must see the repository as it is then or later. An update that has not begun will do; while one is under way the
 * next one is requested, once, for all that come meanwhile. It continues even if no request waits for it any more, so that a repository that takes long
 * to clone is there for later requests.
 *
 * The mirrors of administrators' projects are not read by others: each has mirrors of its own. */

#ifndef OPENCICD_SCM_MIRROR_H
#define OPENCICD_SCM_MIRROR_H

#include "services/scm/address.h"
#include "services/scm/git_mirror.h"
#include "services/scm/scm.h"
#include "services/scm/work.h"

#include <pthread.h>

#define MIRRORS_MAX 256 // That are known at once

typedef struct mirror mirror_t;
struct mirror {
    work_item_t task; // First: its update
    mirror_t *next;
    scm_t *scm;
    arena_t *arena; // Of what is here
    const char *folder;
    address_t address;
    bool trusted;
    uint64_t number;      // Of the update that was asked for last
    uint64_t ended;       // Of the one that ended last
    bool again;           // The next one is requested
    uint64_t removal;     // The one that removes it instead; 0 for none
    atomic_bool is_there; // It was brought up to date once
    int64_t used_us;
    int users; // Requests that have it
    // Of the update
    arena_t *update_arena;
    turn_t turn;
    fault_t fault;
    char *detail;         // Of the one that ended last
    pthread_mutex_t lock; // Of what follows
    char progress[200];
};

// The mirror of an address, known from now on. OVERLOADED.
MUST_USE fault_t mirror_find (scm_t *scm, turn_t *turn, const address_t *address, bool trusted,
                              mirror_t **out);
// Ask for an update that begins from now on; *number is what `ended` will have reached. OVERLOADED.
MUST_USE fault_t mirror_ask (mirror_t *self, turn_t *turn, uint64_t *number);
// Removes it from the disk, or has done so: *done. UNAVAILABLE while it is being read.
MUST_USE fault_t mirror_forget (mirror_t *self, turn_t *turn, bool *done);
const char *mirror_topic (arena_t *arena, const mirror_t *self); // Woken when that is done
const char *mirror_progress (mirror_t *self, arena_t *arena);    // "" if unknown
// How git reaches the remote, for as long as the arena lives. FORBIDDEN if it may not be reached. In a thread.
MUST_USE fault_t mirror_reach (mirror_t *self, turn_t *turn, git_mirror_t *out);
void mirrors_destroy (scm_t *scm);

#endif
