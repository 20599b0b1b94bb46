/* logs.h - the log collector: receives, stores, shows and searches logs.
 *
 * An appended byte is acknowledged once it is committed to the database, in a packed chunk or in the log's tail. What is old
 * or sealed moves, unnoticed by readers, into segments in the blob store; a small log never leaves its row. All state is
 * in the database: any number of collectors work on the same logs.
 *
 *     logs_t *logs = logs_new (&(logs_options_t){.db = db, .blob = blob});
 *     actor_t *actor = actor_new (&logs_class, logs, bus, NULL);
 *     ...
 *     actor_destroy (&actor);
 *     logs_destroy (&logs); */

#ifndef OPENCICD_LOGS_H
#define OPENCICD_LOGS_H

#include "common/actor/actor.h"
#include "common/blob/blob.h"
#include "common/db/db.h"

typedef struct {
    db_t *db;               // Borrowed, for this actor alone; migrated ("logs")
    blob_t *blob;           // Borrowed
    int64_t retention_days; // Logs unchanged for this long are removed; 0 for never
    int64_t max_bytes;      // Of all logs: past it the oldest that are sealed are removed; 0 for no limit
    int64_t project_bytes;  // Likewise of each project
    int threads;            // For packing, reading and searching; 0 for 2
} logs_options_t;

typedef struct logs logs_t;

logs_t *logs_new (const logs_options_t *options);
void logs_destroy (logs_t **self_p); // After its actor

extern const actor_class_t logs_class;

#endif
