/* block_store.c - see block_store.h. Who adds a piece changes the upload's row first, so that two that come at the same time are counted
 * one after the other. */

#include "services/artifacts/block_store.h"

static int64_t charge (int64_t bytes)
{
    return bytes < PIECE_LEAST ? PIECE_LEAST : bytes;
}

fault_t block_store_has (db_t *db, turn_t *turn, const block_piece_t *piece, size_t *count)
{
    const rows_t *rows;
    TRY (db_query (
        db, turn, "select 1 from upload_pieces where upload = $1 and block = $2 and take = $3 and piece = $4",
        &rows, P_STR (piece->upload), P_STR (piece->block), P_STR (piece->take), P_I64 (piece->piece)));
    *count = rows_count (rows);
    return OK;
}

// Room for a piece, in an upload that still takes blocks.
static fault_t take_room (db_t *db, turn_t *turn, const block_piece_t *piece)
{
    int64_t changed;
    upload_t upload;
    TRY (db_change (db, turn,
                    "update uploads set staged = staged + $2, changed_at = $3"
                    " where id = $1 and closed = 0 and part_size = 0 and staged + $2 <= $4",
                    &changed, P_STR (piece->upload), P_I64 (charge (piece->bytes)), P_I64 (turn->now_us),
                    P_I64 (UPLOAD_MAX)));
    if (changed == 1)
        return OK;
    TRY (upload_store_find (db, turn, piece->upload, &upload));
    if (upload.closed || upload.part_size != 0)
        return turn_fail (turn, CONFLICT, "this upload takes no blocks%s", upload.closed ? " any more" : "");
    return turn_fail (turn, TOO_LARGE, "the blocks of this upload have more than %lld bytes",
                      (long long) UPLOAD_MAX);
}

fault_t block_store_add (db_t *db, turn_t *turn, const block_piece_t *piece)
{
    int64_t claimed = 1;
    TRY (take_room (db, turn, piece));
    if (!piece->held)
        TRY (upload_store_claim (db, turn, piece->part.blob, &claimed));
    if (claimed != 1)
        return turn_fail (turn, CONFLICT, "block %s took too long; send it again", piece->block);
    return db_exec (db, turn,
                    "insert into upload_pieces (upload, block, take, piece, chunk, bytes, blob, frames)"
                    " values ($1, $2, $3, $4, $5, $6, $7, $8)",
                    P_STR (piece->upload), P_STR (piece->block), P_STR (piece->take), P_I64 (piece->piece),
                    P_I64 (piece->chunk), P_I64 (piece->bytes), P_STR (piece->part.blob),
                    P_BYTES (piece->part.frames, piece->part.frames_size));
}

// What other requests brought of this block, whole or not.
static fault_t drop_others (db_t *db, turn_t *turn, const block_piece_t *kept)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "delete from upload_pieces where upload = $1 and block = $2 and take <> $3"
                   " returning blob, bytes",
                   &rows, P_STR (kept->upload), P_STR (kept->block), P_STR (kept->take)));
    int64_t freed = 0;
    for (size_t i = 0; i < rows_count (rows); i++) {
        freed += charge (rows_i64 (rows, i, 1));
        // A list that was begun with it may have given it a place; then it goes with that.
        TRY (db_exec (
            db, turn,
            "insert into upload_garbage (blob, due_at) select cast ($1 as text), cast ($2 as bigint)"
            " where not exists (select 1 from upload_chunks where upload = $3 and blob = $1)"
            " on conflict (blob) do nothing",
            P_STR (rows_str (rows, i, 0)), P_I64 (turn->now_us + GARBAGE_GRACE), P_STR (kept->upload)));
    }
    if (freed == 0)
        return OK;
    return db_exec (db, turn,
                    "update uploads set staged = staged - $2, manifest_sum = '' where id = $1 and closed = 0",
                    P_STR (kept->upload), P_I64 (freed));
}

fault_t block_store_set (db_t *db, turn_t *turn, const block_piece_t *last)
{
    const rows_t *rows;
    int64_t changed;
    TRY (db_query (
        db, turn,
        "select count(distinct piece) from upload_pieces where upload = $1 and block = $2 and take = $3",
        &rows, P_STR (last->upload), P_STR (last->block), P_STR (last->take)));
    if (rows_i64 (rows, 0, 0) != (int64_t) last->piece + 1)
        return turn_fail (turn, CONFLICT, "a piece of block %s is missing; send it again", last->block);
    TRY (db_change (db, turn, "update upload_blocks set take = $3 where upload = $1 and block = $2", &changed,
                    P_STR (last->upload), P_STR (last->block), P_STR (last->take)));
    if (changed == 1)
        return drop_others (db, turn, last);
    TRY (db_change (db, turn, "update uploads set blocks = blocks + 1 where id = $1 and blocks < $2",
                    &changed, P_STR (last->upload), P_I64 (MAX_BLOCKS)));
    if (changed != 1)
        return turn_fail (turn, TOO_LARGE, "an upload has at most %d blocks", MAX_BLOCKS);
    TRY (db_exec (db, turn, "insert into upload_blocks (upload, block, take) values ($1, $2, $3)",
                  P_STR (last->upload), P_STR (last->block), P_STR (last->take)));
    return drop_others (db, turn, last);
}

fault_t block_store_pieces (db_t *db, turn_t *turn, const char *upload, const char *block, part_t **parts,
                            size_t *count, size_t *capacity)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select p.bytes, p.blob, p.frames from upload_blocks b join upload_pieces p"
                   " on p.upload = b.upload and p.block = b.block and p.take = b.take"
                   " where b.upload = $1 and b.block = $2 order by p.piece, p.chunk",
                   &rows, P_STR (upload), P_STR (block)));
    if (rows_count (rows) == 0)
        return turn_fail (turn, INVALID, "there is no block %s", block);
    for (size_t i = 0; i < rows_count (rows); i++) {
        *parts = arena_grow (turn->arena, *parts, *count, capacity, sizeof (part_t));
        part_t *part = &(*parts)[(*count)++];
        *part = (part_t){.start = rows_i64 (rows, i, 0), .blob = rows_str (rows, i, 1)};
        part->frames = rows_bytes (rows, i, 2, &part->frames_size);
    }
    return OK;
}

fault_t block_store_restart (db_t *db, turn_t *turn, const char *upload, const char *list)
{
    unsigned char state[SHA256_SAVED];
    sha256_t none;
    sha256_init (&none);
    sha256_save (&none, state);
    TRY (db_exec (db, turn, "delete from upload_parts where upload = $1", P_STR (upload)));
    return db_exec (db, turn,
                    "update uploads set parts = 0, gathered = 0, sha_state = $3, manifest_sum = $2,"
                    " changed_at = $4 where id = $1 and closed = 0",
                    P_STR (upload), P_STR (list), P_BYTES (state, sizeof (state)), P_I64 (turn->now_us));
}

fault_t block_store_advance (db_t *db, turn_t *turn, const upload_t *upload, int64_t from, bool *moved)
{
    unsigned char state[SHA256_SAVED];
    int64_t changed;
    sha256_save (&upload->sha, state);
    TRY (db_change (db, turn,
                    "update uploads set parts = $3, gathered = $4, sha_state = $5, changed_at = $6"
                    " where id = $1 and gathered = $2 and closed = 0 and manifest_sum = $7",
                    &changed, P_STR (upload->id), P_I64 (from), P_I64 (upload->parts),
                    P_I64 (upload->gathered), P_BYTES (state, sizeof (state)), P_I64 (turn->now_us),
                    P_STR (upload->manifest_sum)));
    *moved = changed == 1;
    return OK;
}

fault_t block_store_close (db_t *db, turn_t *turn, const upload_t *upload)
{
    TRY (db_exec (db, turn,
                  "insert into upload_garbage (blob, due_at) select blob, cast ($2 as bigint)"
                  " from upload_pieces where upload = $1"
                  " and blob not in (select blob from upload_parts where upload = $1)" NO_CHUNK
                  " on conflict (blob) do nothing",
                  P_STR (upload->id), P_I64 (turn->now_us + GARBAGE_GRACE)));
    TRY (db_exec (db, turn, "delete from upload_pieces where upload = $1", P_STR (upload->id)));
    TRY (db_exec (db, turn, "delete from upload_blocks where upload = $1", P_STR (upload->id)));
    return db_exec (db, turn, "update uploads set closed = 1, size = $2, changed_at = $3 where id = $1",
                    P_STR (upload->id), P_I64 (upload->size), P_I64 (turn->now_us));
}

fault_t block_store_drop (db_t *db, turn_t *turn, const char *upload)
{
    TRY (db_exec (db, turn,
                  "insert into upload_garbage (blob, due_at)"
                  " select blob, cast ($2 as bigint) from upload_pieces where upload = $1" NO_CHUNK
                  " on conflict (blob) do nothing",
                  P_STR (upload), P_I64 (turn->now_us + GARBAGE_GRACE)));
    TRY (db_exec (db, turn, "delete from upload_pieces where upload = $1", P_STR (upload)));
    return db_exec (db, turn, "delete from upload_blocks where upload = $1", P_STR (upload));
}
