/* artifacts.c - the artifact store's table of handlers, its unit of work, its tick. */

#include "services/artifacts/artifacts.h"

#include "services/artifacts/artifacts_self.h"
#include "services/artifacts/cache_self.h"

#include <stdlib.h>

#define THREADS     2               // Threads for requests; and as many that delete blobs
#define FAR_THREADS 12              // For requests, where they mostly wait for the blob store
#define UPLOAD_IDLE SECONDS (86400) // An upload without progress for this long is dropped

// Artifacts and caches have their uploads and their garbage in common, so one sweeper looks after both.
static fault_t find_over (db_t *db, turn_t *turn, int64_t idle_since_us, const rows_t **rows)
{
    TRY (artifact_store_over (db, turn, idle_since_us, rows));
    return rows_count (*rows) > 0 ? OK : cache_store_over (db, turn, rows);
}

static fault_t remove_rows (db_t *db, turn_t *turn, const char *id, int64_t unused)
{
    bool expired;
    if (*id != CACHE_ID)
        return artifact_store_remove (db, turn, id, unused);
    TRY (cache_store_remove (db, turn, id, &expired));
    if (expired)
        cache_count_removed ("unused", 1);
    return OK;
}

static const sweep_t over = {.what = "artifacts",
                             .over = find_over,
                             .remove = remove_rows,
                             .garbage = upload_store_garbage,
                             .removed = upload_store_removed,
                             .postpone = upload_store_postpone};

artifacts_t *artifacts_new (const artifacts_options_t *options)
{
    artifacts_t *self = calloc (1, sizeof (*self));
    if (!self)
        abort ();
    self->db = options->db;
    self->uploads =
        (uploads_t){.db = options->db,
                    .blob = options->blob,
                    .tasks = background_new (blob_parallel (options->blob) > 1 ? FAR_THREADS : THREADS)};
    upload_ahead_init (&self->uploads.ahead);
    self->background = background_new (THREADS);
    self->sweeper =
        (sweeper_t){.of = &over, .db = options->db, .blob = options->blob, .background = self->background};
    self->retention_us = SECONDS (86400) * options->retention_days;
    self->cache_limit = options->cache_limit;
    self->cache_unused_us = SECONDS (86400) * options->cache_unused_days;
    return self;
}

void artifacts_destroy (artifacts_t **self_p)
{
    artifacts_t *self = *self_p;
    if (!self)
        return;
    background_destroy (&self->background);
    background_destroy (&self->uploads.tasks);
    upload_ahead_clear (&self->uploads.ahead);
    manifest_cache_clear (&self->manifests);
    free (self);
    *self_p = NULL;
}

static fault_t tick (void *service, turn_t *turn, int64_t *next_us)
{
    artifacts_t *self = service;
    return sweep (&self->sweeper, turn, turn->now_us - UPLOAD_IDLE, next_us);
}

static void stop (void *service)
{
    artifacts_t *self = service;
    background_stop (self->background);
    background_stop (self->uploads.tasks);
}

static const handler_t handlers[] = {
    HANDLER_ROW (artifact_begin),  HANDLER_ROW (artifact_put),
    HANDLER_ROW (artifact_finish), HANDLER_ROW (artifact_list),
    HANDLER_ROW (artifact_show),   HANDLER_ROW (artifact_read),
    HANDLER_ROW (artifact_open),   HANDLER_ROW (artifact_block),
    HANDLER_ROW (artifact_gather), HANDLER_ROW (artifact_close),
    HANDLER_ROW (artifact_remove), HANDLER_ROW (artifact_purge),
    HANDLER_ROW (artifact_files),  HANDLER_ROW (view_make),
    HANDLER_ROW (cache_reserve),   HANDLER_ROW (cache_close),
    HANDLER_ROW (cache_staged),    HANDLER_ROW (cache_look),
    HANDLER_ROW (cache_show),      HANDLER_ROW (cache_read),
    HANDLER_ROW (cache_list),      HANDLER_ROW (cache_remove),
    HANDLER_ROW (cache_purge),     HANDLER_ROW (cache_copy),
    HANDLER_ROW (cache_chunks),    HANDLER_ROW (retention_of_artifacts),
};

const actor_class_t artifacts_class = {
    .name = "artifacts",
    .handlers = handlers,
    .count = sizeof (handlers) / sizeof (handlers[0]),
    .may = artifacts_may,
    .commit = db_unit_commit,
    .rollback = db_unit_rollback,
    .writes = db_unit_writes,
    .in_doubt = db_unit_in_doubt,
    .tick = tick,
    .audit = &db_unit_audit,
    .stop = stop,
};
