/* upload_store.c - see upload_store.h. A blob's key is garbage from before it is written until the commit of the part that takes it: whatever
 * happens in between, the blob is found and removed. A key is never used twice. */

#include "services/artifacts/upload_store.h"

#include "common/base/clock.h"

fault_t upload_store_read (turn_t *turn, const rows_t *rows, size_t row, int first, upload_t *out)
{
    size_t size, file_size;
    const void *state = rows_bytes (rows, row, first + 7, &size);
    const void *file_state = rows_bytes (rows, row, first + 8, &file_size);
    *out = (upload_t){.id = rows_str (rows, row, first),
                      .size = rows_i64 (rows, row, first + 1),
                      .part_size = rows_i64 (rows, row, first + 2),
                      .parts = rows_i64 (rows, row, first + 3),
                      .sha256 = rows_str (rows, row, first + 4),
                      .wrong = rows_str (rows, row, first + 5),
                      .manifest_sum = rows_str (rows, row, first + 6),
                      .changed_at = rows_i64 (rows, row, first + 9),
                      .staged = rows_i64 (rows, row, first + 10),
                      .gathered = rows_i64 (rows, row, first + 11),
                      .closed = rows_i64 (rows, row, first + 12) != 0};
    if (sha256_load (&out->sha, state, size) != OK ||
        sha256_load (&out->file_sha, file_state, file_size) != OK)
        return turn_fail (turn, BROKEN, "the checksum's state of upload %s is damaged", out->id);
    return OK;
}

fault_t upload_store_set_manifest (db_t *db, turn_t *turn, const char *id, const manifest_t *manifest)
{
    return db_exec (db, turn,
                    "insert into upload_manifests (upload, files, raw, data) values ($1, $2, $3, $4)",
                    P_STR (id), P_I64 (manifest->files), P_I64 ((int64_t) manifest->raw),
                    P_BYTES (manifest->data, manifest->size));
}

fault_t upload_store_add (db_t *db, turn_t *turn, const upload_t *upload, const manifest_t *manifest)
{
    unsigned char state[SHA256_SAVED], file_state[SHA256_SAVED];
    sha256_save (&upload->sha, state);
    sha256_save (&upload->file_sha, file_state);
    TRY (db_exec (db, turn,
                  "insert into uploads (id, size, part_size, parts, changed_at, sha256, wrong, manifest_sum,"
                  " sha_state, file_state) values ($1, $2, $3, 0, $4, '', '', $5, $6, $7)",
                  P_STR (upload->id), P_I64 (upload->size), P_I64 (upload->part_size), P_I64 (turn->now_us),
                  P_STR (upload->manifest_sum), P_BYTES (state, sizeof (state)),
                  P_BYTES (file_state, sizeof (file_state))));
    return manifest ? upload_store_set_manifest (db, turn, upload->id, manifest) : OK;
}

fault_t upload_store_find (db_t *db, turn_t *turn, const char *id, upload_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select " UPLOAD_COLUMNS " from uploads u where u.id = $1", &rows, P_STR (id)));
    return rows_count (rows) == 0 ? turn_fail (turn, NOT_FOUND, "there is no upload %s", id)
                                  : upload_store_read (turn, rows, 0, 0, out);
}

fault_t upload_store_manifest (db_t *db, turn_t *turn, const char *id, manifest_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select files, raw, data from upload_manifests where upload = $1", &rows,
                   P_STR (id)));
    if (rows_count (rows) == 0)
        return turn_fail (turn, BROKEN, "the list of files of upload %s is missing", id);
    *out = (manifest_t){.files = rows_i64 (rows, 0, 0), .raw = (size_t) rows_i64 (rows, 0, 1)};
    out->data = rows_bytes (rows, 0, 2, &out->size);
    return OK;
}

// This row decides which of two requests for the same part wins: the second finds a different number of parts.
static fault_t grow (db_t *db, turn_t *turn, const upload_t *upload, int64_t part, int64_t *changed)
{
    unsigned char state[SHA256_SAVED], file_state[SHA256_SAVED];
    sha256_save (&upload->sha, state);
    sha256_save (&upload->file_sha, file_state);
    return db_change (db, turn,
                      "update uploads set parts = parts + 1, sha_state = $3, file_state = $4, wrong = $5,"
                      " changed_at = $6 where id = $1 and parts = $2 and sha256 = ''",
                      changed, P_STR (upload->id), P_I64 (part), P_BYTES (state, sizeof (state)),
                      P_BYTES (file_state, sizeof (file_state)), P_STR (upload->wrong), P_I64 (turn->now_us));
}

// Not where its time is nearly over: the sweeper of another replica may be removing it at this moment.
fault_t upload_store_claim (db_t *db, turn_t *turn, const char *blob, int64_t *claimed)
{
    return db_change (db, turn, "delete from upload_garbage where blob = $1 and due_at > $2", claimed,
                      P_STR (blob), P_I64 (turn->now_us + KEY_MARGIN / 2));
}

fault_t upload_store_add_part (db_t *db, turn_t *turn, const upload_t *upload, const part_t *part,
                               bool *stored)
{
    int64_t changed;
    TRY (grow (db, turn, upload, part->part, &changed));
    *stored = changed == 1;
    if (!*stored)
        return OK;
    TRY (upload_store_claim (db, turn, part->blob, &changed));
    if (changed != 1)
        return turn_fail (turn, CONFLICT, "part %lld took too long; send it again", (long long) part->part);
    return upload_store_place (db, turn, upload->id, part);
}

fault_t upload_store_place (db_t *db, turn_t *turn, const char *id, const part_t *part)
{
    return db_exec (
        db, turn, "insert into upload_parts (upload, part, start, blob, frames) values ($1, $2, $3, $4, $5)",
        P_STR (id), P_I64 (part->part), P_I64 (part->start), P_STR (part->blob),
        P_BYTES (part->frames, part->frames_size));
}

fault_t upload_store_seal (db_t *db, turn_t *turn, const char *id, const char *sha256)
{
    int64_t changed;
    TRY (db_change (db, turn, "update uploads set sha256 = $2, changed_at = $3 where id = $1 and sha256 = ''",
                    &changed, P_STR (id), P_STR (sha256), P_I64 (turn->now_us)));
    return changed == 1 ? OK : turn_fail (turn, CONFLICT, "upload %s was finished meanwhile", id);
}

fault_t upload_store_parts (db_t *db, turn_t *turn, const char *id, int64_t first, int64_t last,
                            part_t **parts, size_t *count)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select part, start, blob, frames from upload_parts where upload = $1 and start <= $3"
                   " and start >= (select coalesce (max (p.start), 0) from upload_parts p"
                   " where p.upload = $1 and p.start <= $2) order by start",
                   &rows, P_STR (id), P_I64 (first), P_I64 (last)));
    *count = rows_count (rows);
    *parts = arena_array (turn->arena, *count + 1, sizeof (part_t));
    for (size_t i = 0; i < *count; i++) {
        part_t *part = &(*parts)[i];
        *part = (part_t){
            .part = rows_i64 (rows, i, 0), .start = rows_i64 (rows, i, 1), .blob = rows_str (rows, i, 2)};
        part->frames = rows_bytes (rows, i, 3, &part->frames_size);
    }
    return OK;
}

fault_t upload_store_remove (db_t *db, turn_t *turn, const char *id)
{
    TRY (db_exec (db, turn,
                  "insert into upload_garbage (blob, due_at)"
                  " select blob, cast ($2 as bigint) from upload_parts where upload = $1" NO_CHUNK
                  " on conflict (blob) do nothing",
                  P_STR (id), P_I64 (turn->now_us + GARBAGE_GRACE)));
    TRY (db_exec (db, turn, "delete from upload_parts where upload = $1", P_STR (id)));
    TRY (db_exec (db, turn, "delete from upload_manifests where upload = $1", P_STR (id)));
    return db_exec (db, turn, "delete from uploads where id = $1", P_STR (id));
}

fault_t upload_store_reserve (db_t *db, turn_t *turn, const char *const *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        TRY (db_exec (db, turn, "insert into upload_garbage (blob, due_at) values ($1, $2)", P_STR (keys[i]),
                      P_I64 (turn->now_us + KEY_LIFE)));
    return OK;
}

fault_t upload_store_garbage (db_t *db, turn_t *turn, const rows_t **blobs)
{
    return db_query (db, turn, "select blob from upload_garbage where due_at <= $1 order by due_at limit $2",
                     blobs, P_I64 (turn->now_us), P_I64 (GARBAGE_STEP));
}

fault_t upload_store_removed (db_t *db, turn_t *turn, const char *blob)
{
    return db_exec (db, turn, "delete from upload_garbage where blob = $1", P_STR (blob));
}

fault_t upload_store_postpone (db_t *db, turn_t *turn, const char *blob, int64_t due_us)
{
    return db_exec (db, turn, "update upload_garbage set due_at = $2 where blob = $1", P_STR (blob),
                    P_I64 (due_us));
}
