/* artifacts.h - the artifact store: files of jobs, uploaded in parts, checked, published whole; and caches, on the same uploads.
 *
 * An upload names all its files with sizes and checksums first; then come the bytes of all of them, one after the other, in
 * parts of one size. A part is stored when it is answered, so an upload can be resumed, in any process.
 * An artifact is not visible before it is complete and every checksum matches.
 *
 *     artifacts_t *artifacts = artifacts_new (&(artifacts_options_t){.db = db, .blob = blob});
 *     actor_t *actor = actor_new (&artifacts_class, artifacts, bus, NULL);
 *     ...
 *     actor_destroy (&actor);
 *     artifacts_destroy (&artifacts); */

#ifndef OPENCICD_ARTIFACTS_H
#define OPENCICD_ARTIFACTS_H

#include "common/actor/actor.h"
#include "common/blob/blob.h"
#include "common/db/db.h"

typedef struct {
    db_t *db;               // Borrowed, for this actor alone; migrated ("artifacts")
    blob_t *blob;           // Borrowed
    int64_t retention_days; // Where the upload names no other; 0 for ever
    // Of caches
    int64_t
        cache_limit; // Bytes of one project's; past it the least recently used make way; 0: without a limit
    int64_t cache_unused_days; // Those that nobody finds in this time are removed; 0: never
} artifacts_options_t;

typedef struct artifacts artifacts_t;

artifacts_t *artifacts_new (const artifacts_options_t *options);
void artifacts_destroy (artifacts_t **self_p); // After its actor

extern const actor_class_t artifacts_class;

#endif
