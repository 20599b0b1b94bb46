/* forge_book.h - forges and projects as they are used: credentials and secrets opened, and what a call needs, copied.
 *
 *     forge_access_t access;
 *     TRY (forge_book_project (self, turn, project_id, &row, &access));      // In the actor's thread
 *     ... a task of self->forging, in a thread that may wait, with an arena of its own:
 *     forge_access_copy (arena, &access)  ...  forge_call_begin (&call, turn, &access);  call.forge->find (&call, ...);
 *     forge_call_end (&call); */

#ifndef OPENCICD_SCM_FORGE_BOOK_H
#define OPENCICD_SCM_FORGE_BOOK_H

#include "services/scm/forges/forge.h"
#include "services/scm/forges/forge_store.h"
#include "services/scm/scm.h"

// Of one forge, and a repository at it where one is meant.
typedef struct {
    const forge_t *forge;
    const char *id, *url, *api;
    const char *credential; // In clear; never in a log or an answer
    bool
        private_networks; // The forge may be there, where the setting scm_private_networks lets an administrator's
    bool must_be_public; // So for calls, as for git (address_must_be_public)
    const char *repository, *full_name;
} forge_access_t;

// UNAVAILABLE: this scm service has no database. BROKEN: the key that sealed the credential is not there.
MUST_USE fault_t forge_book_forge (scm_t *self, turn_t *turn, const char *forge, forge_stored_t *row,
                                   forge_access_t *out);
MUST_USE fault_t forge_book_project (scm_t *self, turn_t *turn, const char *project, forge_link_t *row,
                                     forge_access_t *out);
MUST_USE fault_t forge_book_secret (scm_t *self, turn_t *turn, const forge_link_t *row, const char **out);
// Seals by the newest key.
bytes_t forge_book_seal (const scm_t *self, arena_t *arena, const char *what, const char *id,
                         const char *text);
// After the key file got a new key: seals some of what older ones sealed by the newest. *count 0: none is left that could be.
MUST_USE fault_t forge_book_reseal (scm_t *self, turn_t *turn, size_t *count);
// The webhook's address at this server.
const char *forge_book_address (const scm_t *self, arena_t *arena, const forge_link_t *row);

forge_access_t forge_access_copy (arena_t *arena, const forge_access_t *from);
void forge_call_begin (forge_call_t *call, turn_t *turn, const forge_access_t *access);
void forge_call_end (forge_call_t *call);

#endif
