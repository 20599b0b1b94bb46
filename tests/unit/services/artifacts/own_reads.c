/* own_reads.c - what is read of one run, job, project, ref or upload does not depend on what others have. */

#include "tests/unit/services/own_rows.h"

#include "services/artifacts/artifact_store.h"
#include "services/artifacts/block_store.h"
#include "services/artifacts/cache_store.h"
#include "tests/unit/test.h"

static unsigned char state[SHA256_SAVED];

// Statements are texts alone, but a state of a checksum is bytes: it is put in afterwards.
static fault_t mend (db_t *db, turn_t *turn)
{
    sha256_t none;
    sha256_init (&none);
    sha256_save (&none, state);
    return db_exec (db, turn, "update uploads set sha_state = $1, file_state = $1",
                    P_BYTES (state, sizeof state));
}

#define UPLOADS                                                                                            \
    "insert into uploads (id, size, part_size, parts, changed_at, sha256, wrong, manifest_sum, sha_state," \
    " file_state, staged) values "
#define UPLOAD(id) "('" id "', 10, 0, 1, 1, '', '', '', $1, $1, 7)"
#define CACHES                                                                                                  \
    "insert into caches (id, number, project, scope, key, version, job, attempt, upload, size, complete, gone," \
    " saved, created_at, used_at, due_at) values "
#define A_CACHE(id, number, project, scope, key, version, complete, gone, due)                               \
    "('" id "', " number ", '" project "', '" scope "', " key ", '" version "', 'j1', 1, 'u1', 5, " complete \
    ", " gone ", " number ", 1, " number ", " due ")"
#define ARTIFACTS                                                                                           \
    "insert into artifacts (id, run, project, job, attempt, name, upload, overwrite, complete, created_at," \
    " expires_at, number) values "
#define AN_ARTIFACT(id, run, project, job, attempt, name, complete, expires, number)              \
    "('" id "', '" run "', '" project "', '" job "', " attempt ", '" name "', 'u1', 0, " complete \
    ", 1, " expires ", " number ")"

static const char *const rows[] = {
    UPLOADS UPLOAD ("u1"),
    CACHES A_CACHE ("c1", "11", "p1", "s1", "$1", "v1", "1", "0", "9000000"),
    CACHES A_CACHE ("c2", "12", "p1", "s2", "$1", "v1", "0", "0", "1"),
    ARTIFACTS AN_ARTIFACT ("a1", "r1", "p1", "j1", "1", "n", "1", "0", "1"),
    "insert into upload_parts (upload, part, blob, frames, start) values ('u1', 0, 'p1', $1, 0)",
    "insert into upload_blocks (upload, block, take) values ('u1', 'x', 't')",
    "insert into upload_pieces (upload, block, take, piece, bytes, blob, frames) values"
    " ('u1', 'x', 't', 0, 9, 'q1', $1), ('u1', 'x', 't', 1, 9, 'q2', $1)",
    NULL,
};

static const char *const others[] = {
    UPLOADS UPLOAD ("u2"),
    // Of another project, ref, version; gone; due
    CACHES A_CACHE ("d1", "21", "p2", "s1", "$1", "v1", "1", "0", "9000000") ", " A_CACHE (
        "d2", "22", "p1", "s3", "$1", "v1", "1", "1", "9000000") ", " A_CACHE ("d3", "23", "p2", "s2", "$1",
                                                                               "v1", "0", "0", "1"),
    CACHES A_CACHE ("d4", "24", "p2", "s1", "$1", "v2", "1", "0",
                    "9000000") ", " A_CACHE ("d5", "25", "p1", "s1", "$1", "v1", "1", "1", "9000000"),
    // Of another run, job, attempt, name; not published; expired
    ARTIFACTS AN_ARTIFACT ("b1", "r2", "p1", "j2", "1", "n", "1", "0", "2") ", " AN_ARTIFACT (
        "b2", "r1", "p1", "j1", "2", "n", "0", "0", "0") ", " AN_ARTIFACT ("b3", "r1", "p1", "j1", "2", "m",
                                                                           "0", "0", "0"),
    ARTIFACTS AN_ARTIFACT ("b4", "r3", "p2", "j3", "1", "n", "1", "0",
                           "3") ", " AN_ARTIFACT ("b5", "r1", "p1", "j4", "1", "k", "1", "500", "4"),
    "insert into upload_parts (upload, part, blob, frames, start) values ('u2', 0, 'p2', $1, 0)",
    "insert into upload_blocks (upload, block, take) values ('u2', 'x', 't'), ('u2', 'y', 't')",
    "insert into upload_pieces (upload, block, take, piece, bytes, blob, frames) values"
    " ('u2', 'x', 't', 0, 9, 'q3', $1), ('u1', 'x', 's', 0, 9, 'q4', $1), ('u1', 'y', 't', 0, 9, 'q5', $1)",
    NULL,
};

// ---- caches ----

static const char *cache_text (turn_t *turn, fault_t fault, const cache_row_t *row)
{
    if (fault == NOT_FOUND)
        return "none";
    own_reads_must (turn, "a cache", fault);
    return row->id;
}

static const char *cache_entry (db_t *db, turn_t *turn)
{
    cache_row_t found;
    const cache_row_t ask = {.project = "p1", .scope = "s1", .key = "", .version = "v1"};
    own_reads_must (turn, "mend", mend (db, turn));
    const char *text = cache_text (turn, cache_store_entry (db, turn, &ask, &found), &found);
    const char *look = cache_text (turn, cache_store_look (db, turn, &ask, &found), &found);
    return arena_printf (turn->arena, "%s %s", text, look);
}

// A prefix, of which others have newer ones.
static const char *cache_not_there (db_t *db, turn_t *turn)
{
    cache_row_t found;
    const cache_row_t asks[] = {{.project = "p1", .scope = "s3", .key = "", .version = "v1"},
                                {.project = "p1", .scope = "s2", .key = "", .version = "v1"},
                                {.project = "p1", .scope = "s1", .key = "", .version = "v2"}};
    const char *text = "";
    own_reads_must (turn, "mend", mend (db, turn));
    for (size_t i = 0; i < sizeof asks / sizeof *asks; i++)
        text = arena_printf (turn->arena, "%s%s ", text,
                             cache_text (turn, cache_store_look (db, turn, &asks[i], &found), &found));
    return text;
}

static const char *cache_found (db_t *db, turn_t *turn)
{
    cache_row_t found;
    own_reads_must (turn, "mend", mend (db, turn));
    const char *by_id = cache_text (turn, cache_store_find (db, turn, "c1", &found), &found);
    const char *gone = cache_text (turn, cache_store_find (db, turn, "d2", &found), &found);
    return arena_printf (turn->arena, "%s %s", by_id, gone);
}

static const char *cache_usage (db_t *db, turn_t *turn)
{
    cache_usage_t used, reserved;
    const rows_t *oldest;
    own_reads_must (turn, "usage", cache_store_usage (db, turn, "p1", &used));
    own_reads_must (turn, "reserved", cache_store_reserved (db, turn, "p1", &reserved));
    own_reads_must (turn, "oldest", cache_store_oldest (db, turn, "p1", "", 100, &oldest));
    return arena_printf (turn->arena, "%lld %lld, %lld %lld, %zu", (long long) used.count,
                         (long long) used.bytes, (long long) reserved.count, (long long) reserved.bytes,
                         rows_count (oldest));
}

static const char *cache_listed (db_t *db, turn_t *turn)
{
    cache_rows_t found;
    const char *text = "";
    const cache_filter_t filter = {.project = "p1", .id = "", .key = "", .prefix = true, .ref = ""};
    own_reads_must (turn, "mend", mend (db, turn));
    own_reads_must (turn, "list", cache_store_list (db, turn, &filter, INT64_MAX, 100, &found));
    for (size_t i = 0; i < found.count; i++)
        text = arena_printf (turn->arena, "%s%s ", text, found.items[i].id);
    return text;
}

static const char *cache_blocks (db_t *db, turn_t *turn)
{
    staged_block_items_t found;
    const char *text = "";
    own_reads_must (turn, "blocks", cache_store_blocks (db, turn, "u1", &found));
    for (size_t i = 0; i < found.count; i++)
        text = arena_printf (turn->arena, "%s%s: %lld ", text, found.items[i].name,
                             (long long) found.items[i].size);
    return text;
}

// ---- artifacts and uploads ----

static const char *artifact_text (turn_t *turn, fault_t fault, const artifact_row_t *row)
{
    if (fault == NOT_FOUND)
        return "none";
    own_reads_must (turn, "an artifact", fault);
    return row->id;
}

static const char *artifact_found (db_t *db, turn_t *turn)
{
    artifact_row_t found;
    own_reads_must (turn, "mend", mend (db, turn));
    const char *attempt =
        artifact_text (turn, artifact_store_of_attempt (db, turn, "j1", 1, "n", "", &found), &found);
    const char *published =
        artifact_text (turn, artifact_store_published (db, turn, "r1", "n", &found), &found);
    const char *not_yet =
        artifact_text (turn, artifact_store_published (db, turn, "r1", "m", &found), &found);
    const char *expired = artifact_text (turn, artifact_store_find (db, turn, "b5", &found), &found);
    return arena_printf (turn->arena, "%s %s %s %s", attempt, published, not_yet, expired);
}

static const char *artifact_counted (db_t *db, turn_t *turn)
{
    int64_t count;
    own_reads_must (turn, "count", artifact_store_count (db, turn, "j1", 1, &count));
    return arena_printf (turn->arena, "%lld", (long long) count);
}

static const char *artifact_listed (db_t *db, turn_t *turn)
{
    artifact_rows_t found;
    const char *text = "";
    const artifact_list_t asks[] = {{.run = "r1", .job = "", .name = "", .cursor = ""},
                                    {.run = "", .job = "j1", .name = "", .cursor = ""}};
    own_reads_must (turn, "mend", mend (db, turn));
    for (size_t i = 0; i < sizeof asks / sizeof *asks; i++) {
        own_reads_must (turn, "list", artifact_store_list (db, turn, &asks[i], "", 100, &found));
        for (size_t k = 0; k < found.count; k++)
            text = arena_printf (turn->arena, "%s%s ", text, found.items[k].id);
    }
    return text;
}

static const char *parts (db_t *db, turn_t *turn)
{
    part_t *found;
    size_t count;
    own_reads_must (turn, "parts", upload_store_parts (db, turn, "u1", 0, 9, &found, &count));
    return count == 0 ? "" : arena_printf (turn->arena, "%zu %s", count, found[0].blob);
}

static const char *pieces (db_t *db, turn_t *turn)
{
    part_t *found = NULL;
    size_t count = 0, capacity = 0;
    const char *text = "";
    own_reads_must (turn, "pieces", block_store_pieces (db, turn, "u1", "x", &found, &count, &capacity));
    for (size_t i = 0; i < count; i++)
        text = arena_printf (turn->arena, "%s%s ", text, found[i].blob);
    return text;
}

static const own_reads_t cases[] = {
    OF (cache_entry),     OF (cache_not_there), OF (cache_found),    OF (cache_usage),
    OF (cache_listed),    OF (cache_blocks),    OF (artifact_found), OF (artifact_counted),
    OF (artifact_listed), OF (parts),           OF (pieces),
};

TEST (what_is_read_of_one_run_job_project_or_upload_does_not_depend_on_what_others_have)
{
    own_reads_check ("artifacts", rows, others, cases, sizeof cases / sizeof *cases);
}
