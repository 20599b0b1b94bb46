/* forge_store.h - forges, and the repositories of projects at them. The only writer of `forges` and `forge_projects`.
 *
 * Credentials and secrets are as they are stored, sealed; forge_book.h opens them. */

#ifndef OPENCICD_SCM_FORGE_STORE_H
#define OPENCICD_SCM_FORGE_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"

#define FORGES_MAX MAX_FORGES

typedef struct {
    forge_row_t forge;
    bytes_t credential; // Sealed; of 0 bytes: none
    const char *key_name;
} forge_stored_t;

typedef struct {
    forge_stored_t *items;
    size_t count;
} forge_stored_items_t;

// By id or name. NOT_FOUND names what was asked for.
MUST_USE fault_t forge_store_find (db_t *db, turn_t *turn, const char *name, forge_stored_t *out);
MUST_USE fault_t forge_store_all (db_t *db, turn_t *turn, forge_stored_items_t *out);
MUST_USE fault_t forge_store_add (db_t *db, turn_t *turn, const forge_stored_t *row);
MUST_USE fault_t forge_store_set_credential (db_t *db, turn_t *turn, const char *id, bytes_t credential,
                                             const char *key_name);
// Of what another key than this one sealed: some. A link has its project_id, hook, secret and key_name alone.
#define FORGE_RESEALED 20
MUST_USE fault_t forge_store_of_other_key (db_t *db, turn_t *turn, const char *key_name,
                                           forge_stored_items_t *out);
MUST_USE fault_t forge_store_remove (db_t *db, turn_t *turn, const char *id);

typedef struct {
    forge_project_t project;
    const char *forge_id;
    const char *hook;       // The opaque id in the webhook's address
    const char *forge_hook; // The webhook's id at the forge; "" while it has none
    bytes_t secret;         // Sealed
    const char *key_name;
    int64_t check_at, poll_at; // When its webhook, and its refs, are looked at next
    int64_t failures;          // Of looks at the webhook, in a row
    int64_t pulls_seen;        // The largest number of a pull request when its refs were compared last
} forge_link_t;

// By the scheduler's id or the project's name; by the opaque id. NOT_FOUND.
MUST_USE fault_t forge_store_project (db_t *db, turn_t *turn, const char *project, forge_link_t *out);
MUST_USE fault_t forge_store_hook (db_t *db, turn_t *turn, const char *hook, forge_link_t *out);
MUST_USE fault_t forge_store_add_project (db_t *db, turn_t *turn, const forge_link_t *row);
MUST_USE fault_t forge_store_drop_project (db_t *db, turn_t *turn, const char *project_id);
// The ids of repositories at this forge that are projects, and the names of these.
MUST_USE fault_t forge_store_of_repository (db_t *db, turn_t *turn, const char *forge_id,
                                            strs_t *repositories, strs_t *projects);
// Its names, address, branch and visibility, as the forge has them now.
MUST_USE fault_t forge_store_renamed (db_t *db, turn_t *turn, const forge_project_t *project);
typedef struct {
    forge_link_t *items;
    size_t count;
} forge_links_t;
MUST_USE fault_t forge_store_links_of_other_key (db_t *db, turn_t *turn, const char *key_name,
                                                 forge_links_t *out);
MUST_USE fault_t forge_store_set_secret (db_t *db, turn_t *turn, const forge_link_t *link);
// Its forks, poll_seconds, poll_at and statuses.
MUST_USE fault_t forge_store_set (db_t *db, turn_t *turn, const forge_link_t *row);
// The outcome of a look at its webhook; of a comparison of its refs.
MUST_USE fault_t forge_store_checked (db_t *db, turn_t *turn, const forge_link_t *row);
MUST_USE fault_t forge_store_polled (db_t *db, turn_t *turn, const forge_link_t *row);

void forge_store_ids (turn_t *turn, const rows_t *rows, strs_t *ids); // The first column

// Ids of projects whose webhook, or whose refs, are due to be looked at, the first FORGE_DUE.
#define FORGE_DUE 16
MUST_USE fault_t forge_store_check_due (db_t *db, turn_t *turn, strs_t *ids);
MUST_USE fault_t forge_store_poll_due (db_t *db, turn_t *turn, strs_t *ids);
MUST_USE fault_t forge_store_check_at (db_t *db, turn_t *turn, const char *project_id, int64_t at);
MUST_USE fault_t forge_store_poll_at (db_t *db, turn_t *turn, const char *project_id, int64_t at);
// All that are compared are compared soon: within these microseconds, one after the other.
MUST_USE fault_t forge_store_poll_all (db_t *db, turn_t *turn, int64_t within_us);
MUST_USE fault_t forge_store_next (db_t *db, turn_t *turn, int64_t *at_us); // When one is due; NEVER

#endif
