/* artifact_store.c - see artifact_store.h. */

#include "services/artifacts/artifact_store.h"

#include "common/clock.h"

#include <string.h>

#define GRACE \
    SECONDS (60) // For readers of what is removed, and so that its rows are surely gone before its blobs

// What is shown of an artifact, and what else a row says; read_shown() and read_row() count on their order.
#define SHOWN "id, run, job, name, size, part_size, parts, sha256, complete, created_at, expires_at"
#define COLUMNS \
    SHOWN ", attempt, files, manifest, manifest_raw, manifest_sum, sha_state, file_state, wrong, overwrite"

const char *part_blob (arena_t *arena, const char *id, int64_t part)
{
    return arena_printf (arena, "artifacts/%s/%lld", id, (long long) part);
}

static artifact_t read_shown (const rows_t *rows, size_t i)
{
    return (artifact_t){.id = rows_str (rows, i, 0),
                        .run_id = rows_str (rows, i, 1),
                        .job_id = rows_str (rows, i, 2),
                        .name = rows_str (rows, i, 3),
                        .size = rows_i64 (rows, i, 4),
                        .part_size = (uint32_t) rows_i64 (rows, i, 5),
                        .parts = rows_i64 (rows, i, 6),
                        .sha256 = rows_str (rows, i, 7),
                        .complete = rows_i64 (rows, i, 8) != 0,
                        .created_at = rows_i64 (rows, i, 9),
                        .expires_at = rows_i64 (rows, i, 10)};
}

static fault_t read_row (turn_t *turn, const rows_t *rows, artifact_row_t *out)
{
    size_t size, file_size;
    *out = (artifact_row_t){.shown = read_shown (rows, 0)};
    const void *state = rows_bytes (rows, 0, 16, &size), *file_state = rows_bytes (rows, 0, 17, &file_size);
    out->attempt = (uint32_t) rows_i64 (rows, 0, 11);
    out->file_count = rows_i64 (rows, 0, 12);
    out->manifest = rows_bytes (rows, 0, 13, &out->manifest_size);
    out->manifest_raw = (size_t) rows_i64 (rows, 0, 14);
    out->manifest_sum = rows_str (rows, 0, 15);
    out->wrong = rows_str (rows, 0, 18);
    out->overwrite = rows_i64 (rows, 0, 19) != 0;
    if (sha256_load (&out->sha, state, size) != OK ||
        sha256_load (&out->file_sha, file_state, file_size) != OK)
        return turn_fail (turn, BROKEN, "the checksum's state of artifact %s is damaged", out->shown.id);
    return OK;
}

static fault_t first_row (turn_t *turn, fault_t fault, const rows_t *rows, artifact_row_t *out)
{
    if (fault)
        return fault;
    return rows_count (rows) == 0 ? NOT_FOUND : read_row (turn, rows, out);
}

fault_t artifact_store_find (db_t *db, turn_t *turn, const char *id, artifact_row_t *out)
{
    const rows_t *rows = NULL;
    fault_t fault = db_query (db, turn, "select " COLUMNS " from artifacts where id = $1", &rows, P_STR (id));
    fault = first_row (turn, fault, rows, out);
    return fault == NOT_FOUND ? turn_fail (turn, NOT_FOUND, "there is no artifact %s", id) : fault;
}

fault_t artifact_store_of_attempt (db_t *db, turn_t *turn, const char *job, uint32_t attempt,
                                   const char *name, artifact_row_t *out)
{
    const rows_t *rows = NULL;
    fault_t fault =
        db_query (db, turn,
                  "select " COLUMNS " from artifacts where job = $1 and attempt = $2 and name = $3"
                  " order by id desc limit 1",
                  &rows, P_STR (job), P_I64 (attempt), P_STR (name));
    return first_row (turn, fault, rows, out);
}

fault_t artifact_store_published (db_t *db, turn_t *turn, const char *run, const char *name,
                                  artifact_row_t *out)
{
    const rows_t *rows = NULL;
    fault_t fault =
        db_query (db, turn, "select " COLUMNS " from artifacts where run = $1 and name = $2 and complete = 1",
                  &rows, P_STR (run), P_STR (name));
    return first_row (turn, fault, rows, out);
}

fault_t artifact_store_add (db_t *db, turn_t *turn, const artifact_row_t *row)
{
    unsigned char state[SHA256_SAVED];
    sha256_save (&row->sha, state);
    return db_exec (
        db, turn,
        "insert into artifacts (id, run, job, attempt, name, size, files, manifest, manifest_raw,"
        " manifest_sum, part_size, parts, sha_state, file_state, wrong, sha256, overwrite, complete,"
        " created_at, changed_at, expires_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, $12, '', '', $13, 0, $14, $14,"
        " $15)",
        P_STR (row->shown.id), P_STR (row->shown.run_id), P_STR (row->shown.job_id), P_I64 (row->attempt),
        P_STR (row->shown.name), P_I64 (row->shown.size), P_I64 (row->file_count),
        P_BYTES (row->manifest, row->manifest_size), P_I64 ((int64_t) row->manifest_raw),
        P_STR (row->manifest_sum), P_I64 (row->shown.part_size), P_BYTES (state, sizeof (state)),
        P_I64 (row->overwrite), P_I64 (turn->now_us), P_I64 (row->shown.expires_at));
}

fault_t artifact_store_add_part (db_t *db, turn_t *turn, const artifact_row_t *row, const part_t *part)
{
    unsigned char state[SHA256_SAVED], file_state[SHA256_SAVED];
    sha256_save (&row->sha, state);
    sha256_save (&row->file_sha, file_state);
    fault_t fault =
        db_exec (db, turn,
                 "update artifacts set parts = parts + 1, sha_state = $3, file_state = $4, wrong = $5,"
                 " changed_at = $6 where id = $1 and parts = $2 and complete = 0",
                 P_STR (row->shown.id), P_I64 (part->part), P_BYTES (state, sizeof (state)),
                 P_BYTES (file_state, sizeof (file_state)), P_STR (row->wrong), P_I64 (turn->now_us));
    if (!fault && db_changes (db) != 1)
        return turn_fail (turn, CONFLICT, "part %lld of artifact %s was stored meanwhile",
                          (long long) part->part, row->shown.id);
    if (fault)
        return fault;
    return db_exec (db, turn,
                    "insert into artifact_parts (artifact, part, blob, frames) values ($1, $2, $3, $4)",
                    P_STR (row->shown.id), P_I64 (part->part), P_STR (part->blob),
                    P_BYTES (part->frames, part->frames_size));
}

fault_t artifact_store_publish (db_t *db, turn_t *turn, const artifact_row_t *row)
{
    return db_exec (
        db, turn,
        "update artifacts set complete = 1, sha256 = $2, changed_at = $3 where id = $1 and complete = 0",
        P_STR (row->shown.id), P_STR (row->shown.sha256), P_I64 (turn->now_us));
}

fault_t artifact_store_parts (db_t *db, turn_t *turn, const char *id, int64_t first, int64_t last,
                              part_t **parts, size_t *count)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn,
                              "select part, blob, frames from artifact_parts"
                              " where artifact = $1 and part >= $2 and part <= $3 order by part",
                              &rows, P_STR (id), P_I64 (first), P_I64 (last));
    if (fault)
        return fault;
    *count = rows_count (rows);
    *parts = arena_array (turn->arena, *count + 1, sizeof (part_t));
    for (size_t i = 0; i < *count; i++) {
        part_t *part = &(*parts)[i];
        *part = (part_t){.part = rows_i64 (rows, i, 0), .blob = rows_str (rows, i, 1)};
        part->frames = rows_bytes (rows, i, 2, &part->frames_size);
    }
    return OK;
}

// The narrowest filter that is given chooses the index.
static const char *list_sql (const artifact_list_t *ask)
{
    if (ask->job[0])
        return "select " SHOWN
               " from artifacts where job = $2 and ($1 = '' or run = $1) and ($3 = '' or name = $3)"
               " and id > $4 and complete = 1 order by id limit $5";
    if (ask->run[0])
        return "select " SHOWN
               " from artifacts where run = $1 and ($2 = '' or job = $2) and ($3 = '' or name = $3)"
               " and id > $4 and complete = 1 order by id limit $5";
    return "select " SHOWN " from artifacts where ($1 = '' or run = $1) and ($2 = '' or job = $2)"
           " and ($3 = '' or name = $3) and id > $4 and complete = 1 order by id limit $5";
}

fault_t artifact_store_list (db_t *db, turn_t *turn, const artifact_list_t *ask, size_t limit,
                             artifact_page_t *page)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn, list_sql (ask), &rows, P_STR (ask->run), P_STR (ask->job),
                              P_STR (ask->name), P_STR (ask->cursor), P_I64 ((int64_t) limit + 1));
    if (fault)
        return fault;
    size_t count = rows_count (rows) <= limit ? rows_count (rows) : limit;
    page->items.count = count;
    page->items.items = arena_array (turn->arena, count + 1, sizeof (artifact_t));
    for (size_t i = 0; i < count; i++)
        page->items.items[i] = read_shown (rows, i);
    page->next = rows_count (rows) > limit ? page->items.items[count - 1].id : "";
    return OK;
}

fault_t artifact_store_remove (db_t *db, turn_t *turn, const char *id, int64_t parts)
{
    fault_t fault = db_exec (db, turn,
                             "insert into artifact_garbage (blob, due_at)"
                             " select blob, cast ($2 as bigint) from artifact_parts where artifact = $1"
                             " on conflict (blob) do nothing",
                             P_STR (id), P_I64 (turn->now_us + GRACE));
    // The part after the last may have been put without being noted.
    if (!fault)
        fault = db_exec (
            db, turn,
            "insert into artifact_garbage (blob, due_at) values ($1, $2) on conflict (blob) do nothing",
            P_STR (part_blob (turn->arena, id, parts)), P_I64 (turn->now_us + GRACE));
    if (!fault)
        fault = db_exec (db, turn, "delete from artifact_parts where artifact = $1", P_STR (id));
    if (!fault)
        fault = db_exec (db, turn, "delete from artifacts where id = $1", P_STR (id));
    return fault;
}

fault_t artifact_store_over (db_t *db, turn_t *turn, int64_t idle_since_us, const rows_t **artifacts)
{
    fault_t fault =
        db_query (db, turn,
                  "select id, parts from artifacts"
                  " where complete = 1 and expires_at > 0 and expires_at <= $1 order by expires_at limit $2",
                  artifacts, P_I64 (turn->now_us), P_I64 (REMOVE_STEP));
    if (fault || rows_count (*artifacts) > 0)
        return fault;
    return db_query (db, turn,
                     "select id, parts from artifacts where complete = 0 and changed_at < $1"
                     " order by changed_at limit $2",
                     artifacts, P_I64 (idle_since_us), P_I64 (REMOVE_STEP));
}

fault_t artifact_store_garbage (db_t *db, turn_t *turn, const rows_t **blobs)
{
    return db_query (db, turn,
                     "select blob from artifact_garbage where due_at <= $1 order by due_at limit $2", blobs,
                     P_I64 (turn->now_us), P_I64 (GARBAGE_STEP));
}

fault_t artifact_store_gone (db_t *db, turn_t *turn, const char *blob)
{
    return db_exec (db, turn, "delete from artifact_garbage where blob = $1", P_STR (blob));
}
