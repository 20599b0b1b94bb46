/* caches.c - what a job saves under a key: reserved, filled with blocks as an artifact is, saved, and found by later runs.
 *
 * Whose caches a job writes and sees is the scheduler's knowledge of its run, never the client's word. A job writes one scope, its run's
 * ref; of a pull request that is refs/pull/N/merge, which nothing else reads, so code that nobody has reviewed changes no cache that other
 * refs find. What is saved is immutable. A job that another one keeps from saving the same key loses nothing: its caller goes on without. */

#include "common/base/id.h"
#include "services/artifacts/artifacts_self.h"
#include "services/artifacts/blocks.h"
#include "services/artifacts/cache_keys.h"
#include "services/artifacts/cache_self.h"

#include <string.h>

#define CACHES_RESERVED 256          // Of one project at once
#define USE_STEP        SECONDS (60) // A use is written at most once in this time: many jobs find the same cache

int64_t cache_due (const artifacts_t *self, int64_t used_us)
{
    return self->cache_unused_us ? used_us + self->cache_unused_us : NEVER;
}

static fault_t taken (turn_t *turn, const cache_row_t *row)
{
    return turn_fail (turn, CONFLICT,
                      "cache entry with the same key, version, and scope already exists: \"%s\" %s", row->key,
                      row->complete ? "is saved" : "is being saved by another job");
}

// May this job have the place of what is there? Of its own it begins anew: it is the same request again, or the same step.
static bool makes_way (const turn_t *turn, const cache_row_t *old, const cache_row_t *new)
{
    if (old->complete)
        return old->due_at <= turn->now_us;
    return strcmp (old->job, new->job) == 0 || old->upload.changed_at < turn->now_us - CACHE_IDLE;
}

static fault_t free_place (artifacts_t *self, turn_t *turn, const cache_row_t *row)
{
    cache_row_t old;
    fault_t fault = cache_store_entry (self->db, turn, row, &old);
    if (fault)
        return fault == NOT_FOUND ? OK : fault;
    if (!makes_way (turn, &old, row))
        return taken (turn, &old);
    cache_dropped_t dropped;
    TRY (db_unit_write (self->db, turn));
    TRY (cache_store_drop (self->db, turn, old.id, &dropped));
    sweep_soon (&self->sweeper, turn);
    return OK;
}

static fault_t check_room (artifacts_t *self, turn_t *turn, const char *project, int64_t size)
{
    cache_usage_t reserved;
    if (self->cache_limit && size > self->cache_limit)
        return turn_fail (turn, TOO_LARGE,
                          "the caches of a project have at most %lld bytes, this one has %lld",
                          (long long) self->cache_limit, (long long) size);
    TRY (cache_store_reserved (self->db, turn, project, &reserved));
    if (reserved.count >= CACHES_RESERVED)
        return turn_fail (turn, CONFLICT, "%d caches of the project are being saved already",
                          CACHES_RESERVED);
    return OK;
}

static fault_t check_writes (turn_t *turn, const cache_scopes_t *scopes)
{
    if (*scopes->project && *scopes->write)
        return OK;
    return turn_fail (turn, FORBIDDEN, "cache write denied: %s",
                      *scopes->project ? "the run has no ref" : "the job is of no project");
}

HANDLER (cache_reserve)
{
    artifacts_t *self = context;
    const cache_reserve_t *ask = asked;
    cache_scopes_t scopes;
    TRY (cache_key_check (turn, "key", ask->key));
    TRY (fence_scopes (turn, ask->job, ask->attempt, &scopes));
    TRY (check_writes (turn, &scopes));
    cache_row_t row = {.project = scopes.project,
                       .scope = scopes.write,
                       .key = ask->key,
                       .version = ask->version,
                       .job = ask->job,
                       .attempt = ask->attempt,
                       .created_at = turn->now_us};
    TRY (free_place (self, turn, &row));
    TRY (check_room (self, turn, row.project, ask->size));
    TRY (db_unit_write (self->db, turn));
    row.id = id_new (turn->arena, CACHE_ID, turn->now_us);
    TRY (blocks_open (&self->uploads, turn, &row.upload));
    fault_t fault = cache_store_reserve (self->db, turn, &row);
    if (fault)
        return fault == CONFLICT ? taken (turn, &row) : fault;
    actor_tick_at (turn, turn->now_us + CACHE_IDLE);
    *(cache_t *) answered = cache_shown (&row);
    return OK;
}

// What of the project's reservations has arrived counts together: otherwise a job could fill the store without saving anything.
fault_t cache_check_piece (artifacts_t *self, turn_t *turn, const cache_row_t *row, size_t size)
{
    cache_usage_t reserved;
    if (row->complete)
        return turn_fail (turn, CONFLICT, "the cache \"%s\" is saved: it cannot change any more", row->key);
    if (!self->cache_limit)
        return OK;
    TRY (cache_store_reserved (self->db, turn, row->project, &reserved));
    if (reserved.bytes + (int64_t) size <= self->cache_limit)
        return OK;
    return turn_fail (turn, TOO_LARGE,
                      "the caches that the project saves at this time have more than %lld bytes",
                      (long long) self->cache_limit);
}

// ---- saved ----

static fault_t find_own (artifacts_t *self, turn_t *turn, const cache_close_t *ask,
                         const cache_scopes_t *scopes, cache_row_t *row)
{
    const cache_row_t entry = {
        .project = scopes->project, .scope = scopes->write, .key = ask->key, .version = ask->version};
    fault_t fault = *ask->cache ? cache_store_find (self->db, turn, ask->cache, row)
                                : cache_store_entry (self->db, turn, &entry, row);
    bool own = fault == OK && strcmp (row->job, ask->job) == 0 && row->attempt == ask->attempt;
    if (fault == NOT_FOUND || (fault == OK && !own))
        return turn_fail (turn, NOT_FOUND, "this attempt has begun to save no such cache");
    return fault;
}

static fault_t check (turn_t *turn, const cache_row_t *row, int64_t size)
{
    if (!row->upload.closed)
        return turn_fail (turn, CONFLICT, "the list of blocks of \"%s\" has not come", row->key);
    if (row->upload.size != size)
        return turn_fail (turn, INVALID, "size: %lld bytes are stored, not %lld",
                          (long long) row->upload.size, (long long) size);
    return OK;
}

// The least recently used ones make way until the rest fits, in bytes and in number. What others have too is freed with the last of them.
static fault_t evict (artifacts_t *self, turn_t *turn, const cache_row_t *kept)
{
    cache_usage_t usage;
    cache_dropped_t dropped;
    const rows_t *rows;
    int64_t stored;
    TRY (cache_store_usage (self->db, turn, kept->project, &usage));
    TRY (cache_store_stored (self->db, turn, kept->project, &stored));
    int64_t bytes = self->cache_limit ? stored - self->cache_limit : 0, count = usage.count - CACHES_MAX;
    if (bytes <= 0 && count <= 0)
        return OK;
    TRY (cache_store_oldest (self->db, turn, kept->project, kept->id, CACHES_MAX, &rows));
    for (size_t i = 0; i < rows_count (rows) && (bytes > 0 || count > 0); i++) {
        TRY (cache_store_drop (self->db, turn, rows_str (rows, i, 0), &dropped));
        bytes -= dropped.freed;
        count--;
        cache_count_removed ("limit", 1);
    }
    sweep_soon (&self->sweeper, turn);
    return OK;
}

static fault_t save (artifacts_t *self, turn_t *turn, cache_row_t *row)
{
    const char *sum = sha256_hex (&row->upload.sha, turn->arena);
    row->size = row->upload.size;
    row->used_at = turn->now_us;
    row->due_at = cache_due (self, turn->now_us);
    TRY (db_unit_write (self->db, turn));
    TRY (upload_store_seal (self->db, turn, row->upload.id, sum));
    TRY (cache_store_save (self->db, turn, row));
    row->upload.sha256 = sum;
    row->complete = true;
    if (row->due_at != NEVER)
        actor_tick_at (turn, row->due_at);
    cache_count_bytes ("saved", row->size);
    return evict (self, turn, row);
}

HANDLER (cache_close)
{
    artifacts_t *self = context;
    const cache_close_t *ask = asked;
    cache_scopes_t scopes;
    cache_row_t row;
    TRY (fence_scopes (turn, ask->job, ask->attempt, &scopes));
    TRY (check_writes (turn, &scopes));
    TRY (find_own (self, turn, ask, &scopes, &row));
    TRY (check (turn, &row, ask->size));
    if (!row.complete) {
        if (self->cache_limit && row.upload.size > self->cache_limit)
            return turn_fail (turn, TOO_LARGE, "the caches of a project have at most %lld bytes",
                              (long long) self->cache_limit);
        TRY (save (self, turn, &row));
    }
    *(cache_t *) answered = cache_shown (&row);
    return OK;
}

// The blocks of one that is being saved, for who gives them no list of its own.
HANDLER (cache_staged)
{
    artifacts_t *self = context;
    const cache_staged_t *ask = asked;
    staged_blocks_t *out = answered;
    cache_row_t row;
    TRY (cache_store_find (self->db, turn, ask->cache, &row));
    TRY (fence_lately (&self->fence, turn, row.job, row.attempt));
    out->cache = row.id;
    return cache_store_blocks (self->db, turn, row.upload.id, &out->blocks);
}

// ---- found ----

// Of one ref: the key, or the newest that begins with it; then the next key.
static fault_t look_in (artifacts_t *self, turn_t *turn, const cache_look_t *ask, cache_row_t *entry,
                        cache_row_t *row)
{
    for (size_t i = 0; i < ask->keys.count; i++) {
        entry->key = ask->keys.items[i];
        fault_t fault = cache_store_look (self->db, turn, entry, row);
        if (fault != NOT_FOUND)
            return fault;
    }
    return NOT_FOUND;
}

static fault_t look (artifacts_t *self, turn_t *turn, const cache_look_t *ask, const cache_scopes_t *scopes,
                     cache_row_t *row)
{
    cache_row_t entry = {.project = scopes->project, .version = ask->version};
    for (size_t i = 0; i < scopes->read.count; i++) {
        entry.scope = scopes->read.items[i];
        fault_t fault = look_in (self, turn, ask, &entry, row);
        if (fault != NOT_FOUND)
            return fault;
    }
    return NOT_FOUND;
}

static fault_t use (artifacts_t *self, turn_t *turn, cache_row_t *row)
{
    if (turn->now_us - row->used_at < USE_STEP)
        return OK;
    row->used_at = turn->now_us;
    row->due_at = cache_due (self, turn->now_us);
    TRY (db_unit_write (self->db, turn));
    return cache_store_use (self->db, turn, row->id, row->due_at);
}

HANDLER (cache_look)
{
    artifacts_t *self = context;
    const cache_look_t *ask = asked;
    cache_found_t *found = answered;
    cache_scopes_t scopes;
    cache_row_t row;
    TRY (cache_keys_check (turn, &ask->keys));
    TRY (fence_scopes (turn, ask->job, ask->attempt, &scopes));
    fault_t fault = *scopes.project ? look (self, turn, ask, &scopes, &row) : NOT_FOUND;
    if (fault == NOT_FOUND) {
        cache_count_look ("miss");
        return OK;
    }
    TRY (fault);
    TRY (use (self, turn, &row));
    found->exact = strcmp (row.key, ask->keys.items[0]) == 0;
    found->caches.items = arena_alloc (turn->arena, sizeof (cache_t));
    found->caches.items[found->caches.count++] = cache_shown (&row);
    cache_count_look (found->exact ? "exact" : "prefix");
    return OK;
}
