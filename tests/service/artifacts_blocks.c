/* An upload in blocks: they arrive in any order, get their place by a list, and what they make is checked, listed and published. */

#include "common/zip/zip_writer.h"
#include "services/artifacts/block_store.h"
#include "services/artifacts/upload_store.h"
#include "tests/service/artifacts/world.h"

#include <stdlib.h>
#include <string.h>

static fault_t open_named (world_t *world, const char *name, const char *type, artifact_t *artifact)
{
    artifact_open_t ask = {
        .job = world->caller.subject, .attempt = world->caller.attempt, .name = name, .type = type};
    return tell (world, MSG_artifact_open, &ask, artifact);
}

static const char *open_zip (world_t *world, const char *name)
{
    artifact_t artifact;
    CHECK_INT (open_named (world, name, "application/zip", &artifact), OK);
    CHECK (!artifact.complete);
    CHECK_INT (artifact.number, 0);
    return arena_strdup (world->own, artifact.id);
}

static fault_t send_piece (world_t *world, const char *id, const char *block, const char *take,
                           uint32_t piece, bool last, const void *data, size_t size)
{
    artifact_block_t ask = {
        .artifact = id, .block = block, .take = take, .piece = piece, .last = last, .data = {data, size}};
    return tell (world, MSG_artifact_block, &ask, &(done_t){0});
}

static fault_t send_block (world_t *world, const char *id, const char *block, const void *data, size_t size)
{
    return send_piece (world, id, block, "t1", 0, true, data, size);
}

// The list in steps, as the gateway sends it.
static fault_t gather (world_t *world, const char *id, const char *const *blocks, size_t count)
{
    sha256_t sha;
    size_t first = 0;
    sha256_init (&sha);
    for (size_t i = 0; i < count; i++)
        sha256_add (&sha, blocks[i], strlen (blocks[i]) + 1);
    const char *list = sha256_hex (&sha, world->own);
    do {
        gathered_t answer;
        size_t some = count - first < MAX_GATHER ? count - first : MAX_GATHER;
        artifact_gather_t ask = {.artifact = id,
                                 .list = list,
                                 .first = (uint32_t) first,
                                 .blocks = {(const char **) (uintptr_t) blocks + first, some},
                                 .last = first + some == count};
        fault_t fault = tell (world, MSG_artifact_gather, &ask, &answer);
        if (fault)
            return fault;
        first = (size_t) answer.blocks;
    } while (first < count);
    return OK;
}

static fault_t close_named (world_t *world, const char *name, size_t size, const char *sum, artifact_t *out)
{
    artifact_close_t ask = {.job = world->caller.subject,
                            .attempt = world->caller.attempt,
                            .name = name,
                            .size = (int64_t) size,
                            .sha256 = sum};
    return tell (world, MSG_artifact_close, &ask, out);
}

// ---- an archive ----

typedef struct {
    char *data;
    size_t size;
} bytes_of_zip_t;

static bool keep (void *to, const void *data, size_t size)
{
    bytes_of_zip_t *self = to;
    self->data = realloc (self->data, self->size + size + 1);
    CHECK (self->data);
    memcpy (self->data + self->size, data, size);
    self->size += size;
    return true;
}

static bytes_of_zip_t make_zip (world_t *world, const char *const (*files)[2])
{
    bytes_of_zip_t out = {0};
    zip_t zip;
    zip_begin (&zip, world->own, BEGINS, keep, &out);
    for (; (*files)[0]; files++) {
        size_t size = strlen ((*files)[1]);
        CHECK (zip_entry (&zip, (*files)[0], size, 0755) && zip_data (&zip, (*files)[1], size) &&
               zip_entry_end (&zip));
    }
    CHECK (zip_end (&zip));
    return out;
}

static void check_content (world_t *world, const char *id, const void *data, size_t size)
{
    for (size_t at = 0; at < size;) {
        artifact_bytes_t bytes;
        artifact_read_t ask = {.artifact = id, .offset = (int64_t) at, .size = 700001};
        arena_reset (world->arena);
        CHECK_INT (tell (world, MSG_artifact_read, &ask, &bytes), OK);
        CHECK (bytes.data.size > 0 && bytes.data.size <= size - at);
        CHECK (memcmp (bytes.data.data, (const char *) data + at, bytes.data.size) == 0);
        at += bytes.data.size;
    }
}

TEST_ON_ENGINES (blocks_in_any_order_become_the_archive_that_their_list_says)
{
    static const char *const files[][2] = {{"bin/app", "one"}, {"notes.txt", "two two"}, {NULL, NULL}};
    static const char *const names[] = {"c", "a", "b"};
    artifact_t artifact;
    bytes_of_zip_t zip = make_zip (world, files);
    const char *id = open_zip (world, "app"), *sum = sum_of (world->own, zip.data, zip.size);
    CHECK_INT (send_block (world, id, "b", zip.data + 50, zip.size - 50), OK);
    CHECK_INT (send_block (world, id, "c", zip.data, 20), OK);
    CHECK_INT (send_block (world, id, "a", zip.data + 20, 30), OK);
    CHECK_INT (send_block (world, id, "unused", "x", 1), OK);
    CHECK_INT (close_named (world, "app", zip.size, sum, &artifact), CONFLICT); // The list has not come
    CHECK_INT (gather (world, id, names, 3), OK);
    CHECK_INT (gather (world, id, names, 3), OK); // Once more is harmless
    CHECK_INT (count_listed (world, (artifact_list_t){.job = world->job}), 0);
    CHECK_INT (close_named (world, "app", zip.size, sum, &artifact), OK);
    int64_t number = artifact.number;
    CHECK (number > 0 && artifact.archive && artifact.complete);
    CHECK_INT (artifact.size, zip.size);
    CHECK_STR (artifact.sha256, sum);
    CHECK_INT (close_named (world, "app", zip.size, sum, &artifact), OK);
    CHECK_INT (artifact.number, number);
    check_content (world, id, zip.data, zip.size);
    const char *digits = arena_printf (world->own, "%lld", (long long) number);
    CHECK_INT (tell (world, MSG_artifact_show, &(artifact_show_t){digits}, &artifact), OK);
    CHECK_STR (artifact.id, id);
    CHECK_INT (artifact.files.count, 2);
    CHECK_STR (artifact.files.items[0].path, "bin/app");
    CHECK_INT (artifact.files.items[0].mode, 0755);
    CHECK_INT (artifact.files.items[1].size, 7);
    CHECK_INT (artifact.files.items[1].packed, 7);
    CHECK (artifact.files.items[1].offset > 0);
    CHECK_INT (count_listed (world, (artifact_list_t){.job = world->job, .number = number}), 1);
    CHECK_INT (count_listed (world, (artifact_list_t){.job = world->job, .number = number + 1}), 0);
    wait_for_blobs (world, 3); // What no list named is gone
    free (zip.data);
}

TEST_ON_ENGINES (a_block_arrives_in_pieces_and_does_not_exist_before_the_last)
{
    artifact_t artifact;
    static const char *const names[] = {"a"};
    load_t load = load_new (world, 3);
    const char *id = arena_strdup (
        world->own, open_named (world, "raw", "text/plain", &artifact) == OK ? artifact.id : "");
    CHECK_INT (send_piece (world, id, "a", "t1", 0, false, load.bytes, MAX_PART), OK);
    CHECK_INT (gather (world, id, names, 1), INVALID); // Nothing is under that name yet
    CHECK_INT (send_piece (world, id, "a", "t2", 0, false, load.bytes, MAX_PART), OK);
    CHECK_INT (send_piece (world, id, "a", "t2", 2, true, load.bytes + 2 * MAX_PART, BYTES - 2 * MAX_PART),
               CONFLICT);
    CHECK_INT (send_piece (world, id, "a", "t2", 1, false, load.bytes + MAX_PART, MAX_PART), OK);
    CHECK_INT (send_piece (world, id, "a", "t2", 1, false, load.bytes + MAX_PART, MAX_PART), OK); // Again
    CHECK_INT (send_piece (world, id, "a", "t2", 2, true, load.bytes + 2 * MAX_PART, BYTES - 2 * MAX_PART),
               OK);
    CHECK_INT (gather (world, id, names, 1), OK);
    CHECK_INT (close_named (world, "raw", BYTES, "", &artifact), OK);
    CHECK_STR (artifact.sha256, load.sum);
    CHECK (!artifact.archive);
    CHECK_INT (tell (world, MSG_artifact_show, &(artifact_show_t){id}, &artifact), OK);
    CHECK_INT (artifact.files.count, 1);
    CHECK_STR (artifact.files.items[0].path, "raw");
    CHECK_STR (artifact.files.items[0].sha256, load.sum);
    CHECK_STR (artifact.type, "text/plain");
    check_content (world, id, load.bytes, BYTES);
    wait_for_blobs (world, 3); // The take that was given up is gone
}

TEST_ON_ENGINES (of_two_blocks_of_one_name_the_later_counts)
{
    artifact_t artifact;
    static const char *const names[] = {"a", "b"};
    CHECK_INT (open_named (world, "raw", "text/plain", &artifact), OK);
    const char *id = arena_strdup (world->own, artifact.id);
    CHECK_INT (send_piece (world, id, "a", "t1", 0, true, "old", 3), OK);
    CHECK_INT (send_piece (world, id, "b", "t2", 0, true, "!", 1), OK);
    CHECK_INT (send_piece (world, id, "a", "t3", 0, true, "later", 5), OK);
    CHECK_INT (gather (world, id, names, 2), OK);
    CHECK_INT (close_named (world, "raw", 6, sum_of (world->own, "later!", 6), &artifact), OK);
    check_content (world, id, "later!", 6);
}

TEST_ON_ENGINES (a_block_that_has_not_the_size_that_its_row_says_gets_no_place)
{
    artifact_t artifact;
    static const char *const names[] = {"a"};
    static const char change[] = "update upload_pieces set bytes = $1"
                                 " where upload = (select upload from artifacts where id = $2)";
    CHECK_INT (open_named (world, "raw", "text/plain", &artifact), OK);
    const char *id = arena_strdup (world->own, artifact.id);
    CHECK_INT (send_block (world, id, "a", "one", 3), OK);
    CHECK_INT (db_exec (world->db, &world->turn, change, P_I64 (4), P_STR (id)), OK);
    CHECK_INT (gather (world, id, names, 1), BROKEN);
    CHECK (strstr (world->turn.detail, "does not have its size"));
    CHECK_INT (db_exec (world->db, &world->turn, change, P_I64 (3), P_STR (id)), OK);
    world->turn.request_id = "later";
    CHECK_INT (gather (world, id, names, 1), OK);
    CHECK_INT (close_named (world, "raw", 3, sum_of (world->own, "one", 3), &artifact), OK);
}

TEST_ON_ENGINES (another_list_begins_anew_until_the_upload_is_closed)
{
    artifact_t artifact;
    gathered_t gathered;
    const char *names[6] = {"a", "b", "c", "d", "e", "f"};
    CHECK_INT (open_named (world, "raw", "text/plain", &artifact), OK);
    const char *id = arena_strdup (world->own, artifact.id);
    for (size_t i = 0; i < 6; i++)
        CHECK_INT (send_block (world, id, names[i], names[i], 1), OK);
    artifact_gather_t part = {.artifact = id, .list = "other", .blocks = {names, 4}};
    CHECK_INT (tell (world, MSG_artifact_gather, &part, &gathered), OK);
    CHECK_INT (gathered.blocks, 4);
    part = (artifact_gather_t){.artifact = id, .list = "third", .first = 4, .blocks = {names, 1}};
    CHECK_INT (tell (world, MSG_artifact_gather, &part, &gathered), CONFLICT);
    CHECK_INT (gather (world, id, (const char *[]){"f", "a", "a"}, 3), OK); // One block may stand twice
    CHECK_INT (gather (world, id, (const char *const *) names, 6), CONFLICT);
    CHECK_INT (send_block (world, id, "g", "g", 1), CONFLICT);
    CHECK_INT (close_named (world, "raw", 3, "", &artifact), OK);
    check_content (world, id, "faa", 3);
    wait_for_blobs (world, 2);
}

TEST_ON_ENGINES (a_part_of_the_list_that_is_sent_again_is_taken_once)
{
    artifact_t artifact;
    gathered_t gathered;
    const char *names[3] = {"a", "b", "c"};
    CHECK_INT (open_named (world, "raw", "text/plain", &artifact), OK);
    const char *id = arena_strdup (world->own, artifact.id);
    for (size_t i = 0; i < 3; i++)
        CHECK_INT (send_block (world, id, names[i], names[i], 1), OK);
    artifact_gather_t first = {.artifact = id, .list = "one", .blocks = {names, 2}},
                      second = {
                          .artifact = id, .list = "one", .first = 2, .blocks = {names + 2, 1}, .last = true};
    CHECK_INT (tell (world, MSG_artifact_gather, &second, &gathered), CONFLICT);
    for (int i = 0; i < 2; i++) {
        world->turn.request_id = i == 0 ? "first" : "again";
        CHECK_INT (tell (world, MSG_artifact_gather, &first, &gathered), OK);
        CHECK_INT (gathered.blocks, 2);
    }
    CHECK_INT (tell (world, MSG_artifact_gather, &second, &gathered), OK);
    CHECK_INT (gathered.blocks, 3);
    CHECK_INT (close_named (world, "raw", 3, sum_of (world->own, "abc", 3), &artifact), OK);
    check_content (world, id, "abc", 3);
}

TEST_ON_ENGINES (an_upload_continues_in_another_process)
{
    artifact_t artifact;
    static const char *const names[] = {"a", "b"};
    CHECK_INT (open_named (world, "raw", "text/plain", &artifact), OK);
    const char *id = arena_strdup (world->own, artifact.id);
    CHECK_INT (send_block (world, id, "a", "one", 3), OK);
    replica_stop (&world->one);
    replica_start (world, &world->one);
    CHECK_INT (send_block (world, id, "b", "two", 3), OK);
    CHECK_INT (gather (world, id, names, 2), OK);
    replica_stop (&world->one);
    replica_start (world, &world->one);
    CHECK_INT (close_named (world, "raw", 6, sum_of (world->own, "onetwo", 6), &artifact), OK);
    check_content (world, id, "onetwo", 6);
}

TEST_ON_ENGINES (what_is_closed_is_as_its_job_says_or_refused)
{
    artifact_t artifact;
    static const char *const names[] = {"a"};
    CHECK_INT (close_named (world, "raw", 0, "", &artifact), NOT_FOUND);
    CHECK_INT (open_named (world, "raw", "text/plain", &artifact), OK);
    const char *id = arena_strdup (world->own, artifact.id);
    CHECK_INT (send_block (world, id, "a", "", 0), INVALID);
    CHECK_INT (send_block (world, id, "a", "abc", 3), OK);
    CHECK_INT (gather (world, id, names, 1), OK);
    CHECK_INT (close_named (world, "raw", 4, "", &artifact), INVALID);
    CHECK_INT (close_named (world, "raw", 3, sum_of (world->own, "abd", 3), &artifact), INVALID);
    CHECK_INT (count_listed (world, (artifact_list_t){.job = world->job}), 0);
    CHECK_INT (close_named (world, "raw", 3, sum_of (world->own, "abc", 3), &artifact), OK);
    CHECK_INT (close_named (world, "raw", 3, sum_of (world->own, "abd", 3), &artifact), INVALID);
}

TEST_ON_ENGINES (an_upload_without_bytes_is_one_too)
{
    artifact_t artifact;
    const char *id = open_zip (world, "none");
    CHECK_INT (gather (world, id, NULL, 0), OK);
    CHECK_INT (close_named (world, "none", 0, sum_of (world->own, "", 0), &artifact), OK);
    CHECK (!artifact.archive);
    CHECK_INT (artifact.size, 0);
}

TEST_ON_ENGINES (an_archive_whose_directory_cannot_be_vouched_for_is_kept_as_one_file)
{
    static const char *const climbing[][2] = {{"../out", "x"}, {NULL, NULL}};
    static const char *const twice[][2] = {{"a", "x"}, {"a", "y"}, {NULL, NULL}};
    static const char *const names[] = {"a"};
    bytes_of_zip_t zips[] = {make_zip (world, climbing), make_zip (world, twice), {strdup ("not a zip"), 9}};
    for (size_t i = 0; i < sizeof (zips) / sizeof (zips[0]); i++) {
        artifact_t artifact;
        const char *name = arena_printf (world->own, "n%zu", i), *id = open_zip (world, name);
        CHECK_INT (send_block (world, id, "a", zips[i].data, zips[i].size), OK);
        CHECK_INT (gather (world, id, names, 1), OK);
        CHECK_INT (close_named (world, name, zips[i].size, "", &artifact), OK);
        CHECK (!artifact.archive);
        CHECK_INT (tell (world, MSG_artifact_show, &(artifact_show_t){id}, &artifact), OK);
        CHECK_INT (artifact.files.count, 1);
        CHECK_STR (artifact.files.items[0].path, name);
        check_content (world, id, zips[i].data, zips[i].size);
        free (zips[i].data);
    }
}

TEST_ON_ENGINES (a_name_that_is_taken_is_refused_before_a_byte_is_sent)
{
    artifact_t artifact;
    load_t load = load_small (world, 1);
    upload (world, &load, "app", false);
    CHECK_INT (open_named (world, "app", "", &artifact), CONFLICT);
    CHECK (strstr (world->turn.detail, "an artifact with this name already exists on the workflow run"));
    CHECK_INT (open_named (world, "a/b", "", &artifact), INVALID);
    world->attempt = world->caller.attempt = 2; // A rerun replaces what the attempt before left
    const char *id = open_zip (world, "app");
    CHECK_INT (gather (world, id, NULL, 0), OK);
    CHECK_INT (close_named (world, "app", 0, "", &artifact), OK);
    CHECK_INT (count_listed (world, (artifact_list_t){.job = world->job, .name = "app"}), 1);
}

TEST_ON_ENGINES (an_upload_opened_again_begins_anew_and_leaves_nothing)
{
    artifact_t artifact;
    static const char *const names[] = {"a"};
    const char *first = open_zip (world, "app");
    CHECK_INT (send_block (world, first, "a", "abc", 3), OK);
    const char *second = open_zip (world, "app");
    CHECK (strcmp (first, second) != 0);
    CHECK_INT (send_block (world, first, "a", "abc", 3), NOT_FOUND);
    CHECK_INT (gather (world, second, names, 1), INVALID);
    CHECK_INT (gather (world, second, NULL, 0), OK);
    CHECK_INT (close_named (world, "app", 0, "", &artifact), OK);
    wait_for_blobs (world, 0);
}

// What earlier takes of a block had is given back.
TEST_ON_ENGINES (an_upload_takes_blocks_up_to_its_room_and_no_byte_more)
{
    static char block[PIECE_LEAST + 1];
    const char *id = open_zip (world, "app");
    CHECK_INT (send_block (world, id, "a", block, PIECE_LEAST), OK);
    CHECK_INT (
        db_exec (world->db, &world->turn, "update uploads set staged = $1", P_I64 (UPLOAD_MAX - PIECE_LEAST)),
        OK);
    CHECK_INT (send_block (world, id, "b", block, PIECE_LEAST + 1), TOO_LARGE);
    CHECK_INT (send_block (world, id, "b", block, PIECE_LEAST), OK);
    CHECK_INT (send_block (world, id, "c", block, 1), TOO_LARGE); // Counted as PIECE_LEAST
    CHECK_INT (
        db_exec (world->db, &world->turn, "update uploads set staged = staged - $1", P_I64 (PIECE_LEAST)),
        OK);
    CHECK_INT (send_piece (world, id, "b", "t2", 0, true, block, PIECE_LEAST), OK);
    CHECK_INT (send_block (world, id, "c", block, 1), OK); // In the room of the first b
}

TEST_ON_ENGINES (only_the_attempt_that_holds_the_job_sends_blocks)
{
    artifact_t artifact;
    const char *id = open_zip (world, "app"), *own = world->caller.subject;
    world->caller.subject = arena_printf (world->own, "%.*s-2", (int) strcspn (own, "-"), own);
    CHECK_INT (send_block (world, id, "a", "abc", 3), FORBIDDEN);
    CHECK_INT (gather (world, id, NULL, 0), FORBIDDEN);
    world->caller.subject = own;
    world->attempt = 2;
    clock_turn (world->clock, SECONDS (60));
    CHECK_INT (send_block (world, id, "a", "abc", 3), CONFLICT);
    CHECK_INT (gather (world, id, NULL, 0), CONFLICT);
    CHECK_INT (close_named (world, "app", 0, "", &artifact), CONFLICT);
    CHECK_INT (open_named (world, "other", "", &artifact), CONFLICT);
}

TEST_ON_ENGINES (an_upload_in_blocks_that_is_given_up_leaves_no_blob)
{
    const char *id = open_zip (world, "app");
    CHECK_INT (send_block (world, id, "a", "abc", 3), OK);
    CHECK_INT (send_piece (world, id, "b", "t", 0, false, "abc", 3), OK);
    CHECK_INT (count_blobs (world), 2);
    clock_turn (world->clock, 2 * DAY);
    wait_for_blobs (world, 0);
    const rows_t *rows;
    CHECK_INT (db_query (world->db, &world->turn,
                         "select (select count(*) from upload_blocks), (select count(*) from upload_pieces),"
                         " (select count(*) from uploads) where 1 = $1",
                         &rows, P_I64 (1)),
               OK);
    for (int i = 0; i < 3; i++)
        CHECK_INT (rows_i64 (rows, 0, i), 0);
}

TEST_ON_ENGINES (an_artifact_is_kept_until_the_time_that_its_job_names)
{
    static const struct {
        int64_t asked, kept;
    } cases[] = {{0, 90 * DAY}, {DAY, DAY}, {5000 * DAY, 3650 * DAY}};
    artifact_t artifact;
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        artifact_open_t ask = {.job = world->job,
                               .attempt = 1,
                               .name = "app",
                               .expires_at = cases[i].asked ? BEGINS + cases[i].asked : 0};
        CHECK_INT (tell (world, MSG_artifact_open, &ask, &artifact), OK);
        CHECK_INT (artifact.expires_at - artifact.created_at, cases[i].kept);
    }
    artifact_open_t past = {.job = world->job, .attempt = 1, .name = "app", .expires_at = BEGINS - 1};
    CHECK_INT (tell (world, MSG_artifact_open, &past, &artifact), INVALID);
}

TEST_ON_ENGINES (a_job_sees_the_other_runs_of_its_project_and_removes_only_what_its_own_run_has)
{
    artifact_t artifact;
    load_t load = load_small (world, 1);
    const char *own = world->caller.subject, *id = upload (world, &load, "app", false);
    const char *run = arena_printf (world->own, "run-%.*s", (int) strcspn (own, "-"), own);
    world->caller.subject = "sibling-1";
    CHECK_INT (tell (world, MSG_artifact_show, &(artifact_show_t){id}, &artifact), OK);
    check_bytes (world, id, &load);
    CHECK_INT (count_listed (world, (artifact_list_t){.run = run}), 1);
    CHECK_INT (count_listed (world, (artifact_list_t){0}), 0); // Of its own run
    CHECK_INT (tell (world, MSG_artifact_remove, &(artifact_remove_t){id}, &(done_t){0}), FORBIDDEN);
    world->caller.subject = "stranger-1"; // Of another project
    CHECK_INT (tell (world, MSG_artifact_show, &(artifact_show_t){id}, &artifact), NOT_FOUND);
    CHECK_INT (count_listed (world, (artifact_list_t){.run = run}), 0);
    world->caller.subject = own;
    CHECK_INT (tell (world, MSG_artifact_remove, &(artifact_remove_t){id}, &(done_t){0}), OK);
    CHECK_INT (tell (world, MSG_artifact_show, &(artifact_show_t){id}, &artifact), NOT_FOUND);
}
