/* cache_views.c - caches as they are shown, read, listed and removed; and what is counted of them. */

#include "common/base/metrics.h"
#include "common/http/http_head.h"
#include "services/artifacts/artifacts_self.h"
#include "services/artifacts/cache_self.h"

#include <string.h>

#define PAGE_SIZE   50
#define REMOVE_PAGE 500 // Caches that are removed with one statement each, before the next are looked for

cache_t cache_shown (const cache_row_t *row)
{
    return (cache_t){.id = row->id,
                     .number = row->number,
                     .project_id = row->project,
                     .key = row->key,
                     .version = row->version,
                     .ref = row->scope,
                     .job_id = row->job,
                     .size = row->size,
                     .sha256 = row->upload.sha256 ? row->upload.sha256 : "",
                     .complete = row->complete,
                     .created_at = row->created_at,
                     .used_at = row->used_at,
                     .expires_at = row->complete && row->due_at != NEVER ? row->due_at : 0};
}

// A job sees by its id what it saves itself; what it finds it downloads by the signed address that it gets.
static fault_t check_reader (turn_t *turn, const cache_row_t *row)
{
    if (turn->caller.role != ROLE_JOB || strcmp (turn->caller.subject, row->job) == 0)
        return OK;
    return turn_fail (turn, NOT_FOUND, "the job saves no cache %s", row->id);
}

HANDLER (cache_show)
{
    artifacts_t *self = context;
    const cache_show_t *ask = asked;
    cache_row_t row;
    TRY (cache_store_find (self->db, turn, ask->cache, &row));
    TRY (check_reader (turn, &row));
    *(cache_t *) answered = cache_shown (&row);
    return OK;
}

HANDLER (cache_read)
{
    artifacts_t *self = context;
    const cache_read_t *ask = asked;
    artifact_bytes_t *answer = answered;
    cache_row_t row;
    TRY (cache_store_find (self->db, turn, ask->cache, &row));
    TRY (check_reader (turn, &row));
    if (!row.complete)
        return turn_fail (turn, CONFLICT, "cache %s is still being saved", row.id);
    TRY (upload_read (&self->uploads, turn, &row.upload, ask->offset, ask->size ? ask->size : MAX_CHUNK,
                      &answer->data));
    cache_count_bytes ("restored", (int64_t) answer->data.size);
    return OK;
}

// The scheduler knows projects by name.
static fault_t project_of (turn_t *turn, const char *name, const char **id)
{
    project_t project;
    TRY (actor_call (turn, MSG_project_show, &(project_show_t){.project = name}, &project));
    *id = project.id;
    return OK;
}

static fault_t cursor_of (turn_t *turn, const char *cursor, int64_t *before)
{
    *before = INT64_MAX;
    return !*cursor || http_number (cursor, strlen (cursor), before)
               ? OK
               : turn_fail (turn, INVALID, "cursor: is not the `next` of a page");
}

HANDLER (cache_list)
{
    artifacts_t *self = context;
    const cache_list_t *ask = asked;
    cache_page_t *page = answered;
    cache_filter_t filter = {.id = "", .key = ask->key, .prefix = true, .ref = ask->ref};
    cache_rows_t rows;
    cache_usage_t usage;
    int64_t before, stored;
    size_t limit = ask->limit ? ask->limit : PAGE_SIZE;
    TRY (cursor_of (turn, ask->cursor, &before));
    TRY (project_of (turn, ask->project, &filter.project));
    TRY (cache_store_list (self->db, turn, &filter, before, limit + 1, &rows));
    TRY (cache_store_usage (self->db, turn, filter.project, &usage));
    TRY (cache_store_stored (self->db, turn, filter.project, &stored));
    page->items.count = rows.count <= limit ? rows.count : limit;
    page->items.items = arena_array (turn->arena, page->items.count + 1, sizeof (cache_t));
    for (size_t i = 0; i < page->items.count; i++)
        page->items.items[i] = cache_shown (&rows.items[i]);
    page->next = rows.count > limit
                     ? arena_printf (turn->arena, "%lld", (long long) rows.items[limit - 1].number)
                     : "";
    page->count = usage.count;
    page->bytes = usage.bytes;
    page->limit_bytes = self->cache_limit;
    page->stored_bytes = stored;
    return OK;
}

static fault_t check_selection (turn_t *turn, const cache_remove_t *ask)
{
    bool some = *ask->cache || *ask->key || *ask->ref;
    if (some == ask->all)
        return turn_fail (turn, INVALID,
                          "cache, key or ref: which caches are to be removed? or all: all of them");
    return OK;
}

HANDLER (cache_remove)
{
    artifacts_t *self = context;
    const cache_remove_t *ask = asked;
    cache_removed_t *out = answered;
    cache_filter_t filter = {.id = ask->cache, .key = ask->key, .ref = ask->ref};
    cache_rows_t rows;
    cache_dropped_t dropped;
    int64_t before = INT64_MAX;
    TRY (check_selection (turn, ask));
    TRY (project_of (turn, ask->project, &filter.project));
    TRY (db_unit_write (self->db, turn));
    do {
        TRY (cache_store_list (self->db, turn, &filter, before, REMOVE_PAGE, &rows));
        for (size_t i = 0; i < rows.count; i++) {
            TRY (cache_store_drop (self->db, turn, rows.items[i].id, &dropped));
            before = rows.items[i].number;
            out->bytes += rows.items[i].size;
        }
        out->count += (int64_t) rows.count;
    } while (rows.count == REMOVE_PAGE); // A project has at most CACHES_MAX
    cache_count_removed ("request", out->count);
    sweep_soon (&self->sweeper, turn);
    return OK;
}

HANDLER (cache_purge)
{
    artifacts_t *self = context;
    const cache_purge_t *ask = asked;
    (void) answered;
    if (turn->caller.role != ROLE_SERVICE)
        return turn_fail (turn, FORBIDDEN, "only services purge caches");
    TRY (db_unit_write (self->db, turn));
    TRY (cache_store_purge (self->db, turn, ask->project));
    sweep_soon (&self->sweeper, turn);
    return OK;
}

// ---- counted ----

void cache_count_look (const char *result)
{
    metric_add (metrics_counter ("opencicd_cache_lookups_total", "result", result,
                                 "Look-ups of caches by jobs, by what was found: the key, a prefix, nothing"),
                1);
}

void cache_count_bytes (const char *direction, int64_t bytes)
{
    metric_add (metrics_counter ("opencicd_cache_bytes_total", "direction", direction,
                                 "Bytes of caches that jobs saved and restored"),
                bytes);
}

void cache_count_removed (const char *reason, int64_t count)
{
    metric_add (metrics_counter ("opencicd_caches_removed_total", "reason", reason,
                                 "Caches that were removed: over the project's limit, unused, on request"),
                count);
}
