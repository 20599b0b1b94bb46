/* Every part is a blob of its own that is written once: edges of parts and files, two senders at once, a full disk, what is left behind. */

#include "db/migrations.h"
#include "tests/service/artifacts/store_gate.h"
#include "tests/service/artifacts/world.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

TEST_ON_ENGINES (a_file_that_ends_at_a_parts_edge_has_its_checksum)
{
    static const int64_t sizes[][FILES] = {{MAX_PART, BYTES - MAX_PART, 0, 0, 0},
                                           {0, MAX_PART, 0, MAX_PART, BYTES - 2 * MAX_PART},
                                           {MAX_PART - 1, 1, 0, 1, BYTES - MAX_PART - 1},
                                           {MAX_PART + 1, MAX_PART - 1, 0, 0, BYTES - 2 * MAX_PART}};
    for (size_t i = 0; i < sizeof (sizes) / sizeof (sizes[0]); i++) {
        load_t load = load_of (world, 7, sizes[i]);
        check_bytes (world, upload (world, &load, arena_printf (world->own, "n%zu", i), false), &load);
    }
}

TEST_ON_ENGINES (of_two_wrong_files_the_first_is_named)
{
    static const int64_t sizes[][FILES] = {
        {MAX_PART, 10, 10, MAX_PART, BYTES - 2 * MAX_PART - 20},
        {10, 20, 30, 40, BYTES - 100}}; // In parts of their own; in one part
    for (size_t i = 0; i < 2; i++) {
        artifact_t artifact;
        load_t load = load_of (world, 7, sizes[i]);
        load.files[1].sha256 = load.files[3].sha256 = load.files[4].sha256;
        const char *id = upload_parts (world, &load, arena_printf (world->own, "n%zu", i));
        CHECK_INT (finish (world, id, load.sum, &artifact), INVALID);
        CHECK (strstr (world->turn.detail, "folder/1.bin"));
    }
}

TEST_ON_ENGINES (an_artifact_under_way_cannot_be_read)
{
    artifact_bytes_t bytes;
    load_t load = load_small (world, 1);
    const char *id = upload_parts (world, &load, "app");
    CHECK_INT (tell (world, MSG_artifact_read, &(artifact_read_t){.artifact = id}, &bytes), CONFLICT);
    world->caller = (caller_t){.role = ROLE_ADMIN, .subject = ""};
    CHECK_INT (tell (world, MSG_artifact_read, &(artifact_read_t){.artifact = id}, &bytes), CONFLICT);
}

TEST_ON_ENGINES (bytes_are_read_from_0_to_the_end)
{
    artifact_bytes_t bytes;
    load_t load = load_new (world, 1);
    const char *id = upload (world, &load, "app", false);
    artifact_read_t before = {.artifact = id, .offset = -1}, after = {.artifact = id, .offset = BYTES};
    artifact_read_t last = {.artifact = id, .offset = BYTES - 1, .size = 10};
    CHECK_INT (tell (world, MSG_artifact_read, &before, &bytes), BAD_INPUT);
    CHECK_INT (tell (world, MSG_artifact_read, &after, &bytes), OK);
    CHECK_INT (bytes.data.size, 0);
    CHECK_INT (tell (world, MSG_artifact_read, &last, &bytes), OK);
    CHECK_INT (bytes.data.size, 1);
}

// ---- two at once ----

typedef struct {
    world_t *world;
    replica_t *replica;
    caller_t caller;
    uint16_t number;
    const void *ask;
    artifact_t answer;
    fault_t fault;
    const char *detail;
    arena_t *arena;
} sender_t;

static sender_t sender_of (world_t *world, replica_t *replica, uint16_t number, const void *ask)
{
    return (sender_t){
        .world = world, .replica = replica, .caller = world->caller, .number = number, .ask = ask};
}

static void *send_one (void *data)
{
    sender_t *self = data;
    turn_t turn;
    turn_init (&turn, self->arena, self->replica == &self->world->one ? "first" : "second", BEGINS);
    turn.caller = self->caller;
    turn.deadline_us = clock_now_us (self->world->clock) + SECONDS (60);
    self->fault = bus_client_call (self->replica->client, &turn, self->number, self->ask, &self->answer);
    self->detail = turn.detail ? turn.detail : "";
    return NULL;
}

static void send_at_once (sender_t senders[2])
{
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        senders[i].arena = arena_new ();
        CHECK_INT (pthread_create (&threads[i], NULL, send_one, &senders[i]), 0);
    }
    for (int i = 0; i < 2; i++)
        pthread_join (threads[i], NULL);
}

static void forget (sender_t senders[2])
{
    for (int i = 0; i < 2; i++)
        arena_destroy (&senders[i].arena);
}

TEST_ON_ENGINES (of_two_replicas_that_store_the_same_part_at_once_one_counts)
{
    artifact_t artifact;
    load_t load = load_new (world, 1);
    CHECK_INT (begin (world, &load, "app", false, &artifact), OK);
    const char *id = arena_strdup (world->own, artifact.id);
    replica_start (world, &world->two);
    for (uint32_t part = 0; part < PARTS; part++) {
        artifact_put_t ask = part_of (id, &load, part);
        sender_t senders[2] = {sender_of (world, &world->one, MSG_artifact_put, &ask),
                               sender_of (world, &world->two, MSG_artifact_put, &ask)};
        gate_meet (2); // Each has read the row before the other writes it
        send_at_once (senders);
        gate_meet (0);
        for (int i = 0; i < 2; i++) {
            CHECK_INT (senders[i].fault, OK);
            CHECK_INT (senders[i].answer.parts, part + 1);
        }
        forget (senders);
    }
    CHECK_INT (count_blobs (world), 2 * PARTS);
    CHECK_INT (finish (world, id, load.sum, &artifact), OK);
    clock_turn (world->clock, 2 * SECONDS (3600));
    wait_for_blobs (world, PARTS); // What the slower one wrote is garbage
    check_bytes (world, id, &load);
}

static void run_all (world_t *world, const char *const *statements)
{
    for (; *statements; statements++)
        CHECK_INT (db_exec (world->db, &world->turn, *statements), OK);
}

// The row of the upload does not change for this request, and no other has stored the part.
TEST_ON_ENGINES (a_part_that_no_request_stored_is_asked_for_again)
{
    static const char *const keep[][3] = {
        {"create trigger keep before update on uploads begin select raise(ignore); end", NULL},
        {"create function keep() returns trigger language plpgsql as 'begin return null; end'",
         "create trigger keep before update on uploads for each row execute function keep()", NULL}};
    static const char *const undo[][3] = {{"drop trigger keep", NULL},
                                          {"drop trigger keep on uploads", "drop function keep", NULL}};
    artifact_t artifact;
    load_t load = load_new (world, 1);
    CHECK_INT (begin (world, &load, "app", false, &artifact), OK);
    const char *id = arena_strdup (world->own, artifact.id);
    CHECK_INT (put (world, id, &load, 0, &artifact), OK);
    run_all (world, keep[db_is_postgres (world->db)]);
    CHECK_INT (put (world, id, &load, 1, &artifact), CONFLICT);
    CHECK_STR (world->turn.detail, "part 1 is the next");
    run_all (world, undo[db_is_postgres (world->db)]); // PostgreSQL's tables are those of the next test
    CHECK_INT (put (world, id, &load, 1, &artifact), OK);
}

#define NAMES 30 // So that some of them meet

static void check_one_row (world_t *world, const char *name)
{
    const rows_t *rows;
    CHECK_INT (
        db_query (
            world->db, &world->turn,
            "select (select count(*) from artifacts where name = $1), (select count(*) from uploads where"
            " id not in (select upload from artifacts))",
            &rows, P_STR (name)),
        OK);
    CHECK_INT (rows_i64 (rows, 0, 0), 1);
    CHECK_INT (rows_i64 (rows, 0, 1), 0);
}

// An answer was lost, and the second request meets another replica before the first has committed.
TEST_ON_ENGINES (an_upload_that_two_replicas_begin_at_once_is_one)
{
    load_t load = load_small (world, 1);
    replica_start (world, &world->two);
    for (int i = 0; i < NAMES; i++) {
        const char *name = arena_printf (world->own, "app-%d", i);
        artifact_begin_t files = {
            .job = world->job, .attempt = 1, .name = name, .files = {load.files, FILES}};
        artifact_open_t blocks = {
            .job = world->job, .attempt = 1, .name = name, .run = "", .type = "text/plain"};
        uint16_t number = i % 2 ? MSG_artifact_open : MSG_artifact_begin;
        const void *ask = i % 2 ? (const void *) &blocks : &files;
        sender_t senders[2] = {sender_of (world, &world->one, number, ask),
                               sender_of (world, &world->two, number, ask)};
        send_at_once (senders);
        for (int j = 0; j < 2; j++)
            CHECK_INT (senders[j].fault, OK);
        if (number == MSG_artifact_begin) // What is opened in blocks begins anew for each
            CHECK_STR (senders[0].answer.id, senders[1].answer.id);
        check_one_row (world, name);
        forget (senders);
    }
}

TEST_ON_ENGINES (of_two_jobs_that_publish_a_name_at_once_one_does)
{
    caller_t first = world->caller, second = first;
    load_t load = load_small (world, 1);
    second.subject = arena_printf (world->own, "%.*s-2", (int) strcspn (world->job, "-"), world->job);
    replica_start (world, &world->two);
    for (int round = 0; round < 5; round++) {
        const char *name = arena_printf (world->own, "n%d", round);
        artifact_finish_t asks[2] = {{.sha256 = load.sum}, {.sha256 = load.sum}};
        sender_t senders[2];
        for (int i = 0; i < 2; i++) {
            world->caller = i == 0 ? first : second;
            asks[i].artifact = upload_parts (world, &load, name);
            senders[i] = sender_of (world, i == 0 ? &world->one : &world->two, MSG_artifact_finish, &asks[i]);
        }
        send_at_once (senders);
        int winner = senders[0].fault != OK;
        CHECK_INT (senders[winner].fault, OK);
        CHECK_INT (senders[!winner].fault, CONFLICT);
        CHECK (strstr (senders[!winner].detail,
                       "already exists on the workflow run")); // No words of the database
        forget (senders);
        CHECK_INT (count_listed (world, (artifact_list_t){.name = name}), 1);
    }
}

// ---- a full disk, a lost process ----

TEST_ON_ENGINES (a_part_that_finds_the_disk_full_is_sent_again_later)
{
    artifact_t artifact;
    load_t load = load_small (world, 1);
    CHECK_INT (begin (world, &load, "app", false, &artifact), OK);
    const char *id = arena_strdup (world->own, artifact.id);
    gate_fail (ENOSPC);
    CHECK_INT (put (world, id, &load, 0, &artifact), NO_SPACE);
    CHECK_INT (put (world, id, &load, 0, &artifact), NO_SPACE);
    gate_fail (0);
    world->turn.request_id = "later";
    CHECK_INT (put (world, id, &load, 0, &artifact), OK);
    CHECK_INT (artifact.parts, 1);
    CHECK_INT (count_blobs (world), 1);
}

TEST_ON_ENGINES (a_blob_whose_part_was_never_committed_is_removed)
{
    artifact_t artifact;
    const rows_t *keys;
    load_t load = load_new (world, 1);
    upload (world, &load, "app", false);
    // The keys that are reserved for parts to come: a process wrote one of their blobs, and ended.
    CHECK_INT (db_query (world->db, &world->turn, "select blob from upload_garbage where due_at > $1", &keys,
                         P_I64 (0)),
               OK);
    CHECK (rows_count (keys) > 0);
    CHECK_INT (blob_put (world->one.blob, &world->turn, rows_str (keys, 0, 0), "half", 4), OK);
    CHECK_INT (count_blobs (world), PARTS + 1);
    replica_stop (&world->one);
    replica_start (world, &world->one);
    clock_turn (world->clock, 2 * SECONDS (3600));
    wait_for_blobs (world, PARTS);
    CHECK_INT (begin (world, &load, "app", false, &artifact), OK);
    check_bytes (world, arena_strdup (world->own, artifact.id), &load);
}

TEST_ON_ENGINES (keys_that_were_reserved_long_ago_are_not_taken)
{
    artifact_t artifact;
    load_t load = load_new (world, 1);
    const char *id = upload_parts (world, &load, "app");
    clock_turn (world->clock, SECONDS (3100)); // Their blobs may be removed before a part is committed
    CHECK_INT (finish (world, id, load.sum, &artifact), OK);
    id = upload (world, &load, "late", false);
    clock_turn (world->clock, SECONDS (1800));
    wait_for_blobs (world, 2 * PARTS);
    check_bytes (world, id, &load);
}

TEST_ON_ENGINES (a_part_is_not_committed_under_a_key_that_the_sweeper_may_have_taken)
{
    artifact_t artifact;
    load_t load = load_new (world, 1);
    CHECK_INT (begin (world, &load, "app", false, &artifact), OK);
    const char *id = arena_strdup (world->own, artifact.id);
    CHECK_INT (put (world, id, &load, 0, &artifact), OK);
    CHECK_INT (db_exec (world->db, &world->turn, "delete from upload_garbage where blob <> $1", P_STR ("")),
               OK);
    CHECK_INT (put (world, id, &load, 1, &artifact), CONFLICT);
    CHECK_INT (begin (world, &load, "app", false, &artifact), OK);
    CHECK_INT (artifact.parts, 1);
    replica_stop (&world->one);
    replica_start (world, &world->one); // With keys of its own
    CHECK_INT (put (world, id, &load, 1, &artifact), OK);
    CHECK_INT (artifact.parts, 2);
}

// ---- what the version before left ----

static void drop_all (world_t *world)
{
    static const char *const tables[] = {"artifacts",     "uploads",          "upload_manifests",
                                         "upload_parts",  "upload_garbage",   "upload_blocks",
                                         "upload_pieces", "artifact_numbers", "caches",
                                         "cache_chunks",  "upload_chunks"};
    for (size_t i = 0; i < sizeof (tables) / sizeof (tables[0]); i++)
        CHECK_INT (db_exec (world->db, &world->turn,
                            arena_printf (world->arena, "drop table if exists %s", tables[i])),
                   OK);
    CHECK_INT (
        db_exec (world->db, &world->turn, "delete from schema_version where part = $1", P_STR ("artifacts")),
        OK);
}

TEST_ON_ENGINES (uploads_of_the_version_before_are_still_there)
{
    artifact_t artifact;
    artifact_bytes_t bytes;
    size_t count;
    const char *data = "old bytes", *sum = sum_of (world->own, data, 9);
    unsigned char state[SHA256_SAVED], frames[8] = {9, 0, 0, 0, 9, 0, 0, 0};
    const migration_t *list = migrations_of ("artifacts", &count);
    artifact_file_t file = {.path = "a", .size = 9, .sha256 = ""};
    artifact_t files = {.id = "-", .files = {&file, 1}};
    buffer_t *manifest = buffer_new (1000);
    sha256_t sha;
    sha256_init (&sha);
    sha256_add (&sha, data, 9);
    sha256_save (&sha, state);
    CHECK_INT (message_pack (MESSAGE (artifact), &files, manifest), OK);
    actor_destroy (&world->one.actor);
    drop_all (world);
    db_t *db = world->db;
    CHECK_INT (db_migrate (db, &world->turn, "artifacts", list, 1), OK);
    CHECK_INT (db_exec (db, &world->turn,
                        "insert into artifacts (id, run, job, attempt, name, size, files, manifest,"
                        " manifest_raw, manifest_sum, part_size, parts, sha_state, file_state, wrong,"
                        " sha256, overwrite, complete, created_at, changed_at, expires_at)"
                        " values ('f-old', 'run-old', 'old-1', 1, 'app', 9, 1, $1, $2, 's', 4194304, 1, $3,"
                        " $3, '', $4, 0, 1, 5, 6, 0)",
                        P_BYTES (buffer_text (manifest), buffer_size (manifest)),
                        P_I64 ((int64_t) buffer_size (manifest)), P_BYTES (state, sizeof (state)),
                        P_STR (sum)),
               OK);
    CHECK_INT (db_exec (db, &world->turn,
                        "insert into artifact_parts (artifact, part, blob, frames)"
                        " values ('f-old', 0, 'artifacts/f-old/0', $1)",
                        P_BYTES (frames, sizeof (frames))),
               OK);
    CHECK_INT (blob_put (world->one.blob, &world->turn, "artifacts/f-old/0", data, 9), OK);
    buffer_destroy (&manifest);
    replica_stop (&world->one);
    replica_start (world, &world->one);
    world->caller.subject = "old-1";
    CHECK_INT (tell (world, MSG_artifact_show, &(artifact_show_t){"f-old"}, &artifact), OK);
    CHECK_STR (artifact.files.items[0].path, "a");
    CHECK_STR (artifact.sha256, sum);
    CHECK (artifact.complete && artifact.number == 1);
    CHECK_INT (tell (world, MSG_artifact_show, &(artifact_show_t){"1"}, &artifact), OK);
    CHECK_STR (artifact.id, "f-old");
    CHECK_INT (tell (world, MSG_artifact_read, &(artifact_read_t){.artifact = "f-old"}, &bytes), OK);
    CHECK_INT (bytes.data.size, 9);
    CHECK (memcmp (bytes.data.data, data, 9) == 0);
}
