/* artifact_store.c - see artifact_store.h. */

#include "services/artifacts/artifact_store.h"

#include "services/artifacts/block_store.h"

#include <stdlib.h>
#include <string.h>

// What a row says, and its upload; read_row() counts on their order.
#define SELECT                                                                                        \
    "select a.id, a.run, a.project, a.job, a.attempt, a.name, a.overwrite, a.complete, a.created_at," \
    " a.expires_at, a.number, a.archive, a.type, " UPLOAD_COLUMNS                                     \
    " from artifacts a join uploads u on u.id = a.upload"
#define UPLOAD_AT 13 // The first of its upload's columns

static fault_t read_row (turn_t *turn, const rows_t *rows, size_t i, artifact_row_t *out)
{
    *out = (artifact_row_t){.id = rows_str (rows, i, 0),
                            .run = rows_str (rows, i, 1),
                            .project = rows_str (rows, i, 2),
                            .job = rows_str (rows, i, 3),
                            .attempt = (uint32_t) rows_i64 (rows, i, 4),
                            .name = rows_str (rows, i, 5),
                            .overwrite = rows_i64 (rows, i, 6) != 0,
                            .complete = rows_i64 (rows, i, 7) != 0,
                            .created_at = rows_i64 (rows, i, 8),
                            .expires_at = rows_i64 (rows, i, 9),
                            .number = rows_i64 (rows, i, 10),
                            .archive = rows_i64 (rows, i, 11) != 0,
                            .type = rows_str (rows, i, 12)};
    return upload_store_read (turn, rows, i, UPLOAD_AT, &out->upload);
}

static fault_t first_row (turn_t *turn, const rows_t *rows, artifact_row_t *out)
{
    return rows_count (rows) == 0 ? NOT_FOUND : read_row (turn, rows, 0, out);
}

// Ids begin with a letter; a number is above 0.
static bool number_of (const char *id, int64_t *number)
{
    *number = strlen (id) <= 18 && strspn (id, "0123456789") == strlen (id) ? strtoll (id, NULL, 10) : 0;
    return *number > 0;
}

fault_t artifact_store_find (db_t *db, turn_t *turn, const char *id, artifact_row_t *out)
{
    const rows_t *rows;
    int64_t number;
    if (number_of (id, &number))
        TRY (db_query (db, turn, SELECT " where a.number = $1 and (a.expires_at = 0 or a.expires_at > $2)",
                       &rows, P_I64 (number), P_I64 (turn->now_us)));
    else
        TRY (db_query (db, turn, SELECT " where a.id = $1 and (a.expires_at = 0 or a.expires_at > $2)", &rows,
                       P_STR (id), P_I64 (turn->now_us)));
    fault_t fault = first_row (turn, rows, out);
    return fault == NOT_FOUND ? turn_fail (turn, NOT_FOUND, "there is no artifact %s", id) : fault;
}

fault_t artifact_store_of_attempt (db_t *db, turn_t *turn, const char *job, uint32_t attempt,
                                   const char *name, const char *sum, artifact_row_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   SELECT " where a.job = $1 and a.attempt = $2 and a.name = $3"
                          " and (a.expires_at = 0 or a.expires_at > $4) order by"
                          " case when u.manifest_sum = $5 then a.complete else 0 end desc, a.id desc limit 1",
                   &rows, P_STR (job), P_I64 (attempt), P_STR (name), P_I64 (turn->now_us), P_STR (sum)));
    return first_row (turn, rows, out);
}

fault_t artifact_store_published (db_t *db, turn_t *turn, const char *run, const char *name,
                                  artifact_row_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, SELECT " where a.run = $1 and a.name = $2 and a.complete = 1", &rows,
                   P_STR (run), P_STR (name)));
    return first_row (turn, rows, out);
}

fault_t artifact_store_count (db_t *db, turn_t *turn, const char *job, uint32_t attempt, int64_t *count)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select count(*) from artifacts where job = $1 and attempt = $2", &rows,
                   P_STR (job), P_I64 (attempt)));
    *count = rows_i64 (rows, 0, 0);
    return OK;
}

fault_t artifact_store_add (db_t *db, turn_t *turn, const artifact_row_t *row)
{
    int64_t added;
    TRY (db_change (db, turn,
                    "insert into artifacts (id, run, project, job, attempt, name, upload, overwrite,"
                    " complete, created_at, expires_at, type)"
                    " values ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11) on conflict do nothing",
                    &added, P_STR (row->id), P_STR (row->run), P_STR (row->project), P_STR (row->job),
                    P_I64 (row->attempt), P_STR (row->name), P_STR (row->upload.id), P_I64 (row->overwrite),
                    P_I64 (row->created_at), P_I64 (row->expires_at), P_STR (row->type ? row->type : "")));
    if (added == 1)
        return OK;
    TRY (upload_store_remove (db, turn, row->upload.id));
    return turn_fail (turn, CONFLICT, "\"%s\" is being begun by another request", row->name);
}

fault_t artifact_store_publish (db_t *db, turn_t *turn, artifact_row_t *row)
{
    int64_t changed;
    const rows_t *rows;
    // Counted up under its row's lock until the commit: numbers are in the order in which they are seen.
    TRY (db_query (db, turn,
                   "update artifact_numbers set latest = latest + 1 where name = $1 returning latest", &rows,
                   P_STR ("artifact")));
    row->number = rows_i64 (rows, 0, 0);
    fault_t fault = db_change (db, turn,
                               "update artifacts set complete = 1, number = $2, archive = $3"
                               " where id = $1 and complete = 0",
                               &changed, P_STR (row->id), P_I64 (row->number), P_I64 (row->archive));
    // Another replica has just published one of that name: the index refuses the second.
    return fault == CONFLICT
               ? turn_fail (turn, CONFLICT,
                            "an artifact with this name already exists on the workflow run: \"%s\"",
                            row->name)
               : fault;
}

#define PUBLISHED                                                                  \
    " and ($7 = '' or a.project = $7) and ($8 = 0 or a.number = $8) and a.id > $4" \
    " and a.complete = 1 and (a.expires_at = 0 or a.expires_at > $6) order by a.id limit $5"

// The narrowest filter that is given chooses the index.
static const char *list_sql (const artifact_list_t *ask)
{
    if (ask->job[0])
        return SELECT " where a.job = $2 and ($1 = '' or a.run = $1) and ($3 = '' or a.name = $3)" PUBLISHED;
    if (ask->run[0])
        return SELECT " where a.run = $1 and ($2 = '' or a.job = $2) and ($3 = '' or a.name = $3)" PUBLISHED;
    return SELECT " where ($1 = '' or a.run = $1) and ($2 = '' or a.job = $2)"
                  " and ($3 = '' or a.name = $3)" PUBLISHED;
}

fault_t artifact_store_list (db_t *db, turn_t *turn, const artifact_list_t *ask, const char *project,
                             size_t limit, artifact_rows_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, list_sql (ask), &rows, P_STR (ask->run), P_STR (ask->job), P_STR (ask->name),
                   P_STR (ask->cursor), P_I64 ((int64_t) limit), P_I64 (turn->now_us), P_STR (project),
                   P_I64 (ask->number)));
    out->items = arena_array (turn->arena, rows_count (rows) + 1, sizeof (artifact_row_t));
    for (out->count = 0; out->count < rows_count (rows); out->count++)
        TRY (read_row (turn, rows, out->count, &out->items[out->count]));
    return OK;
}

fault_t artifact_store_project (db_t *db, turn_t *turn, const char *run, const char *job,
                                const char **project, bool *found)
{
    const rows_t *rows;
    TRY (*run ? db_query (db, turn, "select max (project) from artifacts where run = $1", &rows, P_STR (run))
              : db_query (db, turn, "select max (project) from artifacts where job = $1 and job <> ''", &rows,
                          P_STR (job)));
    *project = rows_null (rows, 0, 0) ? "" : rows_str (rows, 0, 0);
    *found = **project != 0;
    return OK;
}

fault_t artifact_store_purge (db_t *db, turn_t *turn, const char *run, const char *project)
{
    if (run[0])
        return db_exec (db, turn,
                        "update artifacts set expires_at = $2 where run = $1"
                        " and (expires_at = 0 or expires_at > $2)",
                        P_STR (run), P_I64 (turn->now_us));
    return db_exec (db, turn,
                    "update artifacts set expires_at = $2 where project = $1"
                    " and (expires_at = 0 or expires_at > $2)",
                    P_STR (project), P_I64 (turn->now_us));
}

fault_t artifact_store_remove (db_t *db, turn_t *turn, const char *id, int64_t unused)
{
    const rows_t *rows;
    (void) unused;
    TRY (db_query (db, turn, "delete from artifacts where id = $1 returning upload", &rows, P_STR (id)));
    if (rows_count (rows) == 0)
        return OK;
    TRY (block_store_drop (db, turn, rows_str (rows, 0, 0)));
    return upload_store_remove (db, turn, rows_str (rows, 0, 0));
}

fault_t artifact_store_over (db_t *db, turn_t *turn, int64_t idle_since_us, const rows_t **artifacts)
{
    TRY (db_query (db, turn,
                   "select id, 0 from artifacts where expires_at > 0 and expires_at <= $1"
                   " order by expires_at limit $2",
                   artifacts, P_I64 (turn->now_us), P_I64 (REMOVE_STEP)));
    if (rows_count (*artifacts) > 0)
        return OK;
    return db_query (db, turn,
                     "select a.id, 0 from artifacts a join uploads u on u.id = a.upload"
                     " where a.complete = 0 and u.changed_at < $1 limit $2",
                     artifacts, P_I64 (idle_since_us), P_I64 (REMOVE_STEP));
}
