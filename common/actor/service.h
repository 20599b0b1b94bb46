/* service.h - how a service is made, the same in a process of its own and in `opencicd up`.
 *
 * Each service exports one row; services/host.c opens what the row needs, migrates, makes the actor and ends it. */

#ifndef OPENCICD_SERVICE_H
#define OPENCICD_SERVICE_H

#include "common/actor/actor.h"
#include "common/base/job_token.h"
#include "common/blob/blob.h"
#include "common/db/db.h"
#include "common/settings/settings.h"

// What a service may need. All borrowed, for as long as it lives.
typedef struct {
    const settings_t *settings;
    db_t *db;     // Its own connection, migrated; NULL for a service without a database
    blob_t *blob; // NULL for a service without blobs
    const secret_key_t *key;
    const char *url; // Of the HTTP API
} service_world_t;

typedef struct {
    const actor_class_t *class;
    bool has_database;
    bool has_blobs; // Else its process needs no blob store
    fault_t (*make) (void **self, turn_t *turn, const service_world_t *world);
    void (*destroy) (void **self_p);
} service_t;

#endif
