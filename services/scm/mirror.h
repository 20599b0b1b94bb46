/* mirror.h - the local mirrors of remote repositories, and their updates: per mirror at most one running and one requested.
 *
 * A request must see the repository as it was when the request came, or newer. So an update that has not begun yet serves it, one that is
 * running does not: then the next one is requested, once for all requests that come meanwhile. An update continues even if nobody waits
 * for it any more, so that a repository that takes long to clone is there for the next request.
 *
 * A mirror that was fetched with an administrator's permissions (`trusted`) is never read for others: the same address then has two. */

#ifndef OPENCICD_SCM_MIRROR_H
#define OPENCICD_SCM_MIRROR_H

#include "services/scm/address.h"
#include "services/scm/git_mirror.h"
#include "services/scm/scm.h"
#include "services/scm/work.h"

#include <pthread.h>

#define MIRRORS_MAX 256 // In memory at once

// How a forge's repository is fetched.
typedef struct {
    const char *key;       // Of its mirror: a rename keeps it
    const char *header;    // "Authorization: ..."; "" for none
    const char *url;       // What is below it gets the header
    const char *pull_refs; // As git_mirror_t has it; a static text
    bool trusted;          // It may be in a private network
} mirror_access_t;

typedef struct mirror mirror_t;
struct mirror {
    work_item_t task; // Its update. First: a work_item_t * is cast to a mirror_t *
    mirror_t *next;
    scm_t *scm;
    arena_t *arena; // Owns the strings here
    const char *folder;
    address_t address;
    bool trusted;
    uint64_t number;      // Of the update requested last; they count from 1
    uint64_t ended;       // Of the update that ended last
    bool again;           // One more is requested, to begin when the running one ends
    uint64_t removal;     // Number of the update that removes the mirror instead; 0: none
    atomic_bool is_there; // It was up to date at least once
    int64_t used_us;      // Last use: the least recently used mirror makes room
    int users;            // Requests that are using it now
    // The running update's
    arena_t *update_arena;
    turn_t turn;
    fault_t fault;
    char *detail; // What went wrong in the update that ended last
    pthread_mutex_t
        lock; // Guards what follows: one of the actor's thread and the update's writes, the other reads
    char *header, *header_url,
        *url; // As the last request had them: a credential may be replaced, a repository renamed
    const char *pull_refs;
    char progress[200]; // "Receiving objects: 12%"
};

// The mirror of an address, created if need be; nothing is fetched yet. OVERLOADED if all MIRRORS_MAX are in use.
// `access` NULL: of no forge.
MUST_USE fault_t mirror_find (scm_t *scm, turn_t *turn, const address_t *address, bool trusted,
                              const mirror_access_t *access, mirror_t **out);
// Requests an update that begins no earlier than now; it has ended when self->ended >= *number. OVERLOADED if the queue is full.
MUST_USE fault_t mirror_ask (mirror_t *self, turn_t *turn, uint64_t *number);
// Starts to remove the mirror from the disk; *done once it is gone. UNAVAILABLE while it is being read.
MUST_USE fault_t mirror_forget (mirror_t *self, turn_t *turn, bool *done);
const char *mirror_topic (arena_t *arena, const mirror_t *self); // Woken when an update or the removal ends
const char *mirror_progress (mirror_t *self, arena_t *arena);    // git's last line; "" if unknown
// How git reaches the remote; strings live in the turn's arena. FORBIDDEN if the address may not be reached. Resolves names: call it in
// a worker thread.
MUST_USE fault_t mirror_reach (mirror_t *self, turn_t *turn, git_mirror_t *out);
void mirrors_destroy (scm_t *scm);

#endif
