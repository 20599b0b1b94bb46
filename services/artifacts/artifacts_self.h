/* artifacts_self.h - what the parts of the artifact store share. Private to services/artifacts/. */

#ifndef OPENCICD_ARTIFACTS_SELF_H
#define OPENCICD_ARTIFACTS_SELF_H

#include "common/actor/sweep.h"
#include "common/db/db_unit.h"
#include "proto/places.h"
#include "services/artifacts/artifact_store.h"
#include "services/artifacts/artifacts.h"
#include "services/artifacts/fence.h"
#include "services/artifacts/manifest_cache.h"
#include "services/artifacts/upload.h"

struct artifacts {
    db_t *db; // First, for db_unit.h
    uploads_t uploads;
    fence_t fence;
    manifest_cache_t manifests;
    int64_t retention_us;     // 0 for ever
    int64_t cache_limit;      // Bytes of a project's caches; 0: without one
    int64_t cache_unused_us;  // After that a cache that nobody found is removed; 0: never
    background_t *background; // Deletes blobs
    sweeper_t sweeper;
    places_t places;
};

// Handlers.
MUST_USE HANDLER (artifact_begin);
MUST_USE HANDLER (artifact_put);
MUST_USE HANDLER (artifact_finish);
MUST_USE HANDLER (artifact_open);
MUST_USE HANDLER (artifact_block);
MUST_USE HANDLER (artifact_gather);
MUST_USE HANDLER (artifact_close);
MUST_USE HANDLER (artifact_list);
MUST_USE HANDLER (artifact_show);
MUST_USE HANDLER (artifact_files);
MUST_USE HANDLER (view_make);
MUST_USE HANDLER (artifact_read);
MUST_USE HANDLER (artifact_remove);
MUST_USE HANDLER (artifact_purge);
MUST_USE HANDLER (cache_reserve);
MUST_USE HANDLER (cache_close);
MUST_USE HANDLER (cache_staged);
MUST_USE HANDLER (cache_copy);
MUST_USE HANDLER (cache_chunks);
MUST_USE HANDLER (cache_look);
MUST_USE HANDLER (cache_show);
MUST_USE HANDLER (cache_read);
MUST_USE HANDLER (cache_list);
MUST_USE HANDLER (cache_remove);
MUST_USE HANDLER (cache_purge);
MUST_USE HANDLER (retention_of_artifacts);

// ---- rights.c ----
MUST_USE fault_t artifacts_may (void *self, turn_t *turn, uint16_t ask_number, const void *ask);
// May the caller see what this list would show?
MUST_USE fault_t artifacts_see (artifacts_t *self, turn_t *turn, const artifact_list_t *ask, bool *sees);

// The artifact of the same name that this one replaces; old->id is NULL if there is none. CONFLICT if it may not be replaced.
MUST_USE fault_t artifact_find_old (artifacts_t *self, turn_t *turn, const artifact_row_t *new_row,
                                    artifact_row_t *old);
// Fills in job, run and project of a new artifact; writes nothing. CONFLICT if its name is taken or there are too many.
MUST_USE fault_t artifact_add (artifacts_t *self, turn_t *turn, const fence_job_t *of, artifact_row_t *row);
// Makes it visible, in place of the artifact that had its name.
MUST_USE fault_t artifact_publish (artifacts_t *self, turn_t *turn, artifact_row_t *row, const char *sha256);

artifact_t artifact_shown (const artifact_row_t *row); // Without files

#endif
