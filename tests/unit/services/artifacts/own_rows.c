/* own_rows.c - what is written of one upload, artifact or cache leaves all others as they are, and what has changed meanwhile is not overwritten. */

#include "tests/unit/services/own_rows.h"

#include "services/artifacts/artifact_store.h"
#include "services/artifacts/block_store.h"
#include "services/artifacts/cache_store.h"
#include "services/artifacts/chunk_store.h"
#include "services/artifacts/upload_store.h"
#include "tests/unit/test.h"

#define UPLOADS                                                                                            \
    "insert into uploads (id, size, part_size, parts, changed_at, sha256, wrong, manifest_sum, sha_state," \
    " file_state, staged, blocks, gathered, closed) values "
#define UPLOAD(id, part_size, parts, sum, list, gathered, closed)                                       \
    "('" id "', 10, " part_size ", " parts ", 1, '" sum "', '', '" list "', $1, $1, 4096, 1, " gathered \
    ", " closed ")"

static const char *const rows[] = {
    UPLOADS UPLOAD ("u1", "5", "1", "", "", "0", "0") ", " UPLOAD (
        "u2", "5", "1", "", "", "0",
        "0") ", " UPLOAD ("u3", "5", "1", "x", "", "0",
                          "1") ", " UPLOAD ("b1", "0", "0", "", "l", "1",
                                            "0") ", " UPLOAD ("b2", "0", "0", "", "l", "1",
                                                              "0") ", " UPLOAD ("b3", "0", "0", "", "l", "1",
                                                                                "1"),
    "insert into upload_manifests (upload, files, raw, data) values ('u1', 1, 1, $1), ('u2', 1, 1, $1)",
    "insert into upload_parts (upload, part, blob, frames, start) values ('u1', 0, 'p1', $1, 0),"
    " ('u2', 0, 'p2', $1, 0), ('b1', 0, 'q1', $1, 0), ('b2', 0, 'q3', $1, 0)",
    "insert into upload_blocks (upload, block, take) values ('b1', 'x', 't'), ('b1', 'y', 't'), ('b2', 'x', 't')",
    "insert into upload_pieces (upload, block, take, piece, bytes, blob, frames) values"
    " ('b1', 'x', 't', 0, 9, 'q1', $1), ('b1', 'x', 's', 0, 9, 'q2', $1), ('b1', 'y', 't', 0, 9, 'q4', $1),"
    " ('b2', 'x', 't', 0, 9, 'q3', $1), ('b2', 'x', 's', 0, 9, 'q5', $1)",
    "insert into upload_garbage (blob, due_at) values ('g1', 9000000000000), ('g2', 9000000000000),"
    " ('g3', 2000)",
    "insert into artifacts (id, run, project, job, attempt, name, upload, overwrite, complete, created_at,"
    " expires_at) values ('a1', 'r1', 'p1', 'j1', 1, 'n', 'u1', 0, 0, 1, 0),"
    " ('a2', 'r2', 'p1', 'j2', 1, 'n', 'u2', 0, 0, 1, 0), ('a3', 'r1', 'p2', 'j3', 1, 'm', 'u3', 0, 1, 1, 0),"
    " ('a4', 'r1', 'p2', 'j3', 1, 'k', 'b1', 0, 0, 1, 500)",
    "insert into caches (id, number, project, scope, key, version, job, attempt, upload, size, complete, gone, saved,"
    " created_at, used_at, due_at) values ('c1', 11, 'p1', 's', $1, 'v1', 'j1', 1, 'u1', 5, 0, 0, 0, 1, 1, 1),"
    " ('c2', 12, 'p1', 's', $1, 'v2', 'j1', 1, 'b2', 5, 1, 0, 1, 1, 1, 1),"
    " ('c3', 13, 'p2', 's', $1, 'v1', 'j1', 1, 'b3', 5, 0, 0, 0, 1, 1, 1),"
    " ('c4', 14, 'p1', 's', $1, 'v1', 'j1', 1, 'u2', 5, 0, 1, 0, 1, 1, 1)",
    // Of the chunks of b2 the first is in its place, and b3 has it too; h5 is of the same sum as h1 in another project
    "insert into cache_chunks (blob, project, sum, bytes, frames, holders, saved) values ('h1', 'p1', 's1', 5, $1, 2, 2),"
    " ('h2', 'p1', 's2', 5, $1, 1, 1), ('h3', 'p1', 's3', 5, $1, 1, 1), ('h4', 'p2', 's4', 5, $1, 1, 1),"
    " ('h5', 'p2', 's1', 5, $1, 1, 1)",
    "insert into upload_chunks (upload, blob) values ('b2', 'h1'), ('b2', 'h2'), ('b3', 'h1'), ('u2', 'h3'), ('b3', 'h4'),"
    " ('u2', 'h5')",
    "insert into upload_parts (upload, part, blob, frames, start) values ('b2', 1, 'h1', $1, 5)",
    NULL,
};

static bool done;

static fault_t add_part (db_t *db, turn_t *turn, const char *id, int64_t number)
{
    upload_t upload = {.id = id, .wrong = ""};
    const part_t part = {.part = number, .start = 5, .blob = "g1"};
    sha256_init (&upload.sha);
    sha256_init (&upload.file_sha);
    return upload_store_add_part (db, turn, &upload, &part, &done);
}

static fault_t advance (db_t *db, turn_t *turn, const char *id, int64_t from, const char *list)
{
    upload_t upload = {.id = id, .parts = 2, .gathered = from + 1, .manifest_sum = list};
    sha256_init (&upload.sha);
    return block_store_advance (db, turn, &upload, from, &done);
}

static fault_t publish (db_t *db, turn_t *turn, const char *id)
{
    return artifact_store_publish (db, turn, &(artifact_row_t){.id = id, .name = "n"});
}

static const block_piece_t set = {.upload = "b1", .block = "x", .take = "s", .piece = 0};
static const block_piece_t added = {
    .upload = "b1", .block = "z", .take = "t", .piece = 0, .bytes = 9, .part = {.blob = "g1"}};
static const upload_t closes = {.id = "b1", .size = 9};
static int64_t claimed;

ACT (part_added, add_part (db, turn, "u1", 1))
ACT (part_added_meanwhile, add_part (db, turn, "u1", 0))
ACT (part_added_to_finished, add_part (db, turn, "u3", 1))
ACT (key_claimed, upload_store_claim (db, turn, "g1", &claimed))
ACT (key_claimed_late, upload_store_claim (db, turn, "g3", &claimed)) // The sweeper may be at it
ACT (key_removed, upload_store_removed (db, turn, "g1"))
ACT (key_postponed, upload_store_postpone (db, turn, "g1", 9))
ACT (upload_removed, upload_store_remove (db, turn, "u1"))
ACT (block_set, block_store_set (db, turn, &set))
ACT (piece_added, block_store_add (db, turn, &added))
ACT (list_begun_anew, block_store_restart (db, turn, "b1", "m"))
ACT (list_advanced, advance (db, turn, "b1", 1, "l"))
ACT (list_advanced_meanwhile, advance (db, turn, "b1", 0, "l"))
ACT (another_list_advanced, advance (db, turn, "b1", 1, "m"))
ACT (closed_list_advanced, advance (db, turn, "b3", 1, "l"))
ACT (list_closed, block_store_close (db, turn, &closes))
ACT (blocks_dropped, block_store_drop (db, turn, "b1"))
ACT (published, publish (db, turn, "a1"))
ACT (published_before, publish (db, turn, "a3"))
ACT (run_purged, artifact_store_purge (db, turn, "r1", ""))
ACT (project_purged, artifact_store_purge (db, turn, "", "p1"))

// What it does to a cache, or a fault where it refuses.
static fault_t save_cache (db_t *db, turn_t *turn, const char *id)
{
    const cache_row_t row = {
        .id = id, .key = "k", .size = 9, .used_at = 9, .due_at = 9, .upload = {.id = "u1"}};
    fault_t fault = cache_store_save (db, turn, &row);
    return fault == CONFLICT ? OK : fault;
}

static bool unused;
ACT (cache_saved, save_cache (db, turn, "c1"))
ACT (cache_saved_before, save_cache (db, turn, "c2"))
ACT (cache_saved_though_gone, save_cache (db, turn, "c4"))
ACT (cache_used, cache_store_use (db, turn, "c2", 9))
static cache_dropped_t dropped;
ACT (cache_dropped, cache_store_drop (db, turn, "c2", &dropped))
ACT (cache_dropped_before, cache_store_drop (db, turn, "c4", &dropped))
ACT (caches_purged, cache_store_purge (db, turn, "p1"))
ACT (cache_removed, cache_store_remove (db, turn, "c2", &unused))

static fault_t hold (db_t *db, turn_t *turn, const char *project, const char *sum)
{
    bool known;
    chunk_t chunk = {.sum = sum, .bytes = 5, .part = {.blob = "g1"}};
    return chunk_store_hold (db, turn, project, "u1", &chunk, &known);
}

static fault_t share (db_t *db, turn_t *turn, const char *project)
{
    chunk_t chunk = {.part = {.blob = "h1"}};
    fault_t fault = chunk_store_share (db, turn, project, "u1", &chunk);
    return fault == NOT_FOUND ? OK : fault;
}

static int64_t freed;
ACT (known_held, hold (db, turn, "p1", "s1"))
ACT (new_held, hold (db, turn, "p2", "s2"))
ACT (shared, share (db, turn, "p1"))
ACT (shared_of_another_project, share (db, turn, "p2"))
ACT (chunks_closed, chunk_store_close (db, turn, "b2"))
ACT (chunks_dropped, chunk_store_drop (db, turn, "b2"))
ACT (chunks_saved, chunk_store_save (db, turn, "b2"))
ACT (chunks_unsaved, chunk_store_unsave (db, turn, "b2", &freed))
ACT (all_unsaved, chunk_store_unsave_all (db, turn, "p1"))
ACT (chunk_retired, chunk_store_retire (db, turn, "h1"))

static fault_t artifact_removed (db_t *db, turn_t *turn)
{
    return artifact_store_remove (db, turn, "a1", 0);
}

static const own_rows_t cases[] = {
    OF (part_added, "uploads", "id = 'u1'"),
    OF (part_added, "upload_parts", "upload = 'u1' and part = 1"),
    OF (part_added, "upload_garbage", "blob = 'g1'"),
    OF (part_added_meanwhile, "uploads", NULL),
    OF (part_added_meanwhile, "upload_garbage", NULL),
    OF (part_added_to_finished, "uploads", NULL),
    OF (part_added_to_finished, "upload_parts", NULL),
    OF (key_claimed, "upload_garbage", "blob = 'g1'"),
    OF (key_claimed_late, "upload_garbage", NULL),
    OF (key_removed, "upload_garbage", "blob = 'g1'"),
    OF (key_postponed, "upload_garbage", "blob = 'g1'"),
    OF (upload_removed, "uploads", "id = 'u1'"),
    OF (upload_removed, "upload_parts", "upload = 'u1'"),
    OF (upload_removed, "upload_manifests", "upload = 'u1'"),
    OF (upload_removed, "upload_garbage", "blob = 'p1'"),
    OF (block_set, "upload_blocks", "upload = 'b1' and block = 'x'"),
    OF (block_set, "upload_pieces", "upload = 'b1' and block = 'x' and take = 't'"),
    OF (block_set, "uploads", "id = 'b1'"),
    OF (block_set, "upload_garbage", "blob = 'q1'"),
    OF (piece_added, "uploads", "id = 'b1'"),
    OF (piece_added, "upload_pieces", "block = 'z'"),
    OF (list_begun_anew, "uploads", "id = 'b1'"),
    OF (list_begun_anew, "upload_parts", "upload = 'b1'"),
    OF (list_advanced, "uploads", "id = 'b1'"),
    OF (list_advanced_meanwhile, "uploads", NULL),
    OF (another_list_advanced, "uploads", NULL),
    OF (closed_list_advanced, "uploads", NULL),
    OF (list_closed, "uploads", "id = 'b1'"),
    OF (list_closed, "upload_pieces", "upload = 'b1'"),
    OF (list_closed, "upload_blocks", "upload = 'b1'"),
    OF (list_closed, "upload_garbage", "blob in ('q2', 'q4')"), // q1 has its place
    OF (blocks_dropped, "upload_pieces", "upload = 'b1'"),
    OF (blocks_dropped, "upload_blocks", "upload = 'b1'"),
    OF (blocks_dropped, "upload_garbage", "blob in ('q1', 'q2', 'q4')"),
    OF (published, "artifacts", "id = 'a1'"),
    OF (published_before, "artifacts", NULL),
    OF (run_purged, "artifacts", "run = 'r1' and id <> 'a4'"), // That one has expired
    OF (project_purged, "artifacts", "project = 'p1'"),
    OF (artifact_removed, "artifacts", "id = 'a1'"),
    OF (artifact_removed, "uploads", "id = 'u1'"),
    OF (cache_saved, "caches", "id = 'c1'"),
    OF (cache_saved_before, "caches", NULL),
    OF (cache_saved_though_gone, "caches", NULL),
    OF (cache_used, "caches", "id = 'c2'"),
    OF (cache_dropped, "caches", "id = 'c2'"),
    OF (cache_dropped, "cache_chunks", "blob in ('h1', 'h2')"),
    OF (cache_dropped_before, "caches", NULL),
    OF (cache_dropped_before, "cache_chunks", NULL),
    OF (caches_purged, "caches", "id in ('c1', 'c2')"),
    OF (caches_purged, "cache_chunks", "project = 'p1'"),
    OF (known_held, "cache_chunks", "blob = 'h1'"),
    OF (known_held, "upload_chunks", "upload = 'u1' and blob = 'h1'"),
    OF (known_held, "upload_garbage", "blob = 'g1'"), // It goes soon
    OF (new_held, "cache_chunks", "blob = 'g1'"),
    OF (new_held, "upload_chunks", "upload = 'u1' and blob = 'g1'"),
    OF (new_held, "upload_garbage", "blob = 'g1'"),
    OF (shared, "cache_chunks", "blob = 'h1'"),
    OF (shared, "upload_chunks", "upload = 'u1' and blob = 'h1'"),
    OF (shared_of_another_project, "cache_chunks", NULL),
    OF (shared_of_another_project, "upload_chunks", NULL),
    OF (chunks_closed, "cache_chunks", "blob = 'h2'"),
    OF (chunks_closed, "upload_chunks", "upload = 'b2' and blob = 'h2'"),
    OF (chunks_closed, "upload_garbage", "blob = 'h2'"),
    OF (chunks_dropped, "cache_chunks", "blob in ('h1', 'h2')"),
    OF (chunks_dropped, "upload_chunks", "upload = 'b2'"),
    OF (chunks_dropped, "upload_garbage", "blob = 'h2'"), // Another one has h1
    OF (chunks_saved, "cache_chunks", "blob in ('h1', 'h2')"),
    OF (chunks_unsaved, "cache_chunks", "blob in ('h1', 'h2')"),
    OF (all_unsaved, "cache_chunks", "project = 'p1'"),
    OF (chunk_retired, "cache_chunks", "blob = 'h1'"),
    OF (cache_removed, "caches", "id = 'c2'"),
    OF (cache_removed, "uploads", "id = 'b2'"),
    OF (cache_removed, "upload_blocks", "upload = 'b2'"),
    OF (cache_removed, "upload_pieces", "upload = 'b2'"),
    OF (cache_removed, "upload_parts", "upload = 'b2'"),
    OF (cache_removed, "upload_chunks", "upload = 'b2'"),
    OF (cache_removed, "upload_garbage", "blob in ('q3', 'q5', 'h2')"),
};

TEST (what_is_written_of_one_upload_leaves_all_others_as_they_are)
{
    own_rows_check ("artifacts", rows, cases, sizeof cases / sizeof *cases);
}
