/* An upload is taken in by parts, survives restarts, is checked, and is seen only when it is whole. */

#include "common/id.h"
#include "common/sha256.h"
#include "db/migrations.h"
#include "proto/codec.h"
#include "proto/messages.h"
#include "services/artifacts/artifacts.h"
#include "tests/service/on_engines.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BEGINS SECONDS (1900000000)
#define DAY    SECONDS (86400)

// ---- a scheduler that knows jobs: the run of job "j-x" is "run-x" up to its second dash ----

static fault_t show_job (void *self, turn_t *turn, const void *question, void *answer)
{
    const job_show_t *ask = question;
    job_t *job = answer;
    (void) self;
    if (strncmp (ask->job, "gone", 4) == 0)
        return turn_fail (turn, NOT_FOUND, "there is no job %s", ask->job);
    job->id = ask->job;
    job->run_id = arena_printf (turn->arena, "run-%.*s", (int) strcspn (ask->job, "-"), ask->job);
    job->key = job->name = "build";
    return OK;
}

static const handler_t scheduler_handlers[] = {{MSG_job_show, show_job}};
static const actor_class_t scheduler_class = {
    .name = "scheduler", .handlers = scheduler_handlers, .count = 1};

// ---- the world of a test ----

typedef struct {
    char folder[128];
    const char *engine, *blobs, *job;
    wall_clock_t *clock;
    bus_t *bus;
    db_t *db;
    blob_t *blob;
    artifacts_t *artifacts;
    actor_t *actor, *scheduler;
    bus_client_t *client;
    arena_t *own, *arena;
    turn_t turn;
    caller_t caller;
} world_t;

static void start (world_t *self)
{
    size_t count;
    const migration_t *list = migrations_of ("artifacts", &count);
    self->bus = bus_new (&proto_codec, self->clock);
    CHECK_INT (db_open (&self->db, self->engine, &self->turn), OK);
    CHECK_INT (db_migrate (self->db, &self->turn, "artifacts", list, count), OK);
    CHECK_INT (blob_open (&self->blob, self->blobs, &self->turn), OK);
    self->artifacts =
        artifacts_new (&(artifacts_options_t){.db = self->db, .blob = self->blob, .retention_days = 90});
    self->actor = actor_new (&artifacts_class, self->artifacts, self->bus, NULL);
    self->scheduler = actor_new (&scheduler_class, NULL, self->bus, NULL);
    self->client = bus_client_new (self->bus);
    CHECK (self->actor && self->scheduler);
}

static void stop (world_t *self)
{
    bus_client_destroy (&self->client);
    actor_destroy (&self->actor);
    actor_destroy (&self->scheduler);
    artifacts_destroy (&self->artifacts);
    blob_close (&self->blob);
    db_close (&self->db);
    bus_destroy (&self->bus);
}

static int blobs_seen;

static int visit (const char *path, const struct stat *stat, int kind, struct FTW *walk)
{
    (void) stat, (void) walk;
    blobs_seen += kind == FTW_F && strstr (path, "/blobs/artifacts/") != NULL;
    return 0;
}

static int count_blobs (world_t *self)
{
    blobs_seen = 0;
    nftw (self->folder, visit, 16, FTW_PHYS);
    return blobs_seen;
}

static int remove_one (const char *path, const struct stat *stat, int kind, struct FTW *walk)
{
    (void) stat, (void) kind, (void) walk;
    return remove (path);
}

static void on_each_engine (void (*test) (world_t *world))
{
    const char *engines[] = {NULL, getenv ("OPENCICD_TEST_POSTGRES")}, *base = getenv ("TMPDIR");
    for (int i = 0; i < (engines[1] ? 2 : 1); i++) {
        world_t world = {.own = arena_new (), .arena = arena_new (), .clock = clock_by_hand (BEGINS)};
        snprintf (world.folder, sizeof (world.folder), "%s/opencicd-artifacts-XXXXXX", base ? base : "/tmp");
        CHECK (mkdtemp (world.folder));
        turn_init (&world.turn, world.arena, "test", BEGINS);
        world.engine = engines[i] ? engines[i] : arena_printf (world.own, "sqlite:%s/db", world.folder);
        world.blobs = arena_printf (world.own, "dir:%s/blobs", world.folder);
        world.job = arena_printf (world.own, "%s-1", id_new (world.own, 'j', BEGINS));
        world.caller = (caller_t){.role = ROLE_JOB, .subject = world.job, .attempt = 1};
        start (&world);
        test (&world);
        stop (&world);
        nftw (world.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        clock_destroy (&world.clock);
        arena_destroy (&world.arena);
        arena_destroy (&world.own);
    }
}

static fault_t tell (world_t *self, uint16_t number, const void *ask, void *answer)
{
    self->turn.caller = self->caller;
    self->turn.deadline_us = clock_now_us (self->clock) + SECONDS (30);
    self->turn.detail = NULL;
    return bus_client_call (self->client, &self->turn, number, ask, answer);
}

// ---- what is uploaded ----

#define FILES 5
static const int64_t file_sizes[FILES] = {0, 10, 5000000, 0, 4300000};
#define BYTES 9300010

typedef struct {
    char *bytes;
    artifact_file_t files[FILES];
    const char *sum;
} load_t;

static const char *sum_of (arena_t *arena, const void *data, size_t size)
{
    sha256_t sha;
    sha256_init (&sha);
    sha256_add (&sha, data, size);
    return sha256_hex (&sha, arena);
}

static load_t load_new (world_t *world, unsigned seed)
{
    load_t self = {.bytes = arena_alloc (world->own, BYTES)};
    for (size_t i = 0; i < BYTES; i++) // Half text, half noise
        self.bytes[i] = i < BYTES / 2 ? "text"[i % 4] : (char) ((seed = seed * 1664525 + 1013904223) >> 24);
    int64_t at = 0;
    for (int i = 0; i < FILES; at += file_sizes[i++])
        self.files[i] =
            (artifact_file_t){.path = arena_printf (world->own, "folder/%d.bin", i),
                              .size = file_sizes[i],
                              .sha256 = sum_of (world->own, self.bytes + at, (size_t) file_sizes[i]),
                              .mode = 0644};
    self.sum = sum_of (world->own, self.bytes, BYTES);
    return self;
}

static fault_t begin (world_t *world, load_t *load, const char *name, bool overwrite, artifact_t *artifact)
{
    artifact_begin_t ask = {.job = world->caller.subject,
                            .attempt = world->caller.attempt,
                            .name = name,
                            .overwrite = overwrite,
                            .files = {load->files, FILES}};
    return tell (world, MSG_artifact_begin, &ask, artifact);
}

static fault_t put (world_t *world, const char *id, const load_t *load, uint32_t part, artifact_t *artifact)
{
    size_t at = (size_t) part * MAX_PART, size = BYTES - at < MAX_PART ? BYTES - at : MAX_PART;
    artifact_put_t ask = {.artifact = id, .part = part, .data = {load->bytes + at, size}};
    return tell (world, MSG_artifact_put, &ask, artifact);
}

static fault_t finish (world_t *world, const char *id, const char *sum, artifact_t *artifact)
{
    return tell (world, MSG_artifact_finish, &(artifact_finish_t){.artifact = id, .sha256 = sum}, artifact);
}

// A whole upload; its id in the world's own arena.
static const char *upload (world_t *world, load_t *load, const char *name, bool overwrite)
{
    artifact_t artifact;
    CHECK_INT (begin (world, load, name, overwrite, &artifact), OK);
    const char *id = arena_strdup (world->own, artifact.id);
    for (uint32_t part = 0; part < 3; part++) {
        arena_reset (world->arena);
        CHECK_INT (put (world, id, load, part, &artifact), OK);
        CHECK_INT (artifact.parts, part + 1);
    }
    CHECK_INT (finish (world, id, load->sum, &artifact), OK);
    CHECK (artifact.complete);
    return id;
}

static void check_bytes (world_t *world, const char *id, const load_t *load)
{
    static const size_t sizes[] = {1, 4096, MAX_CHUNK, 0, 700001};
    size_t i = 0;
    for (size_t at = 0; at < BYTES; i++) {
        artifact_bytes_t bytes;
        arena_reset (world->arena);
        artifact_read_t ask = {.artifact = id, .offset = (int64_t) at, .size = (uint32_t) sizes[i % 5]};
        CHECK_INT (tell (world, MSG_artifact_read, &ask, &bytes), OK);
        size_t wanted = ask.size ? ask.size : MAX_CHUNK;
        CHECK_INT (bytes.data.size, BYTES - at < wanted ? BYTES - at : wanted);
        CHECK (memcmp (bytes.data.data, load->bytes + at, bytes.data.size) == 0);
        at += bytes.data.size;
    }
}

static size_t count_listed (world_t *world, artifact_list_t ask)
{
    artifact_page_t page;
    CHECK_INT (tell (world, MSG_artifact_list, &ask, &page), OK);
    return page.items.count;
}

// ---- the tests ----

TEST_ON_ENGINES (an_upload_goes_on_after_restarts_and_comes_back_byte_for_byte)
{
    artifact_t artifact;
    load_t load = load_new (world, 1);
    CHECK_INT (begin (world, &load, "app", false, &artifact), OK);
    const char *id = arena_strdup (world->own, artifact.id);
    CHECK_INT (artifact.part_size, MAX_PART);
    for (uint32_t part = 0; part < 3; part++) {
        arena_reset (world->arena);
        CHECK_INT (put (world, id, &load, part, &artifact), OK);
        stop (world);
        start (world);
        CHECK_INT (begin (world, &load, "app", false, &artifact), OK);
        CHECK_STR (artifact.id, id);
        CHECK_INT (artifact.parts, part + 1);
        CHECK_INT (put (world, id, &load, part, &artifact), OK); // Once more is harmless
        CHECK_INT (artifact.parts, part + 1);
    }
    CHECK_INT (count_listed (world, (artifact_list_t){.job = world->job}), 0);
    CHECK_INT (finish (world, id, load.sum, &artifact), OK);
    CHECK_INT (finish (world, id, load.sum, &artifact), OK);
    CHECK_INT (begin (world, &load, "app", false, &artifact), OK);
    CHECK (artifact.complete);
    check_bytes (world, id, &load);
    CHECK_INT (tell (world, MSG_artifact_show, &(artifact_show_t){id}, &artifact), OK);
    CHECK_INT (artifact.files.count, FILES);
    CHECK_STR (artifact.files.items[4].path, "folder/4.bin");
    CHECK_STR (artifact.sha256, load.sum);
    CHECK_INT (artifact.size, BYTES);
    CHECK_INT (count_listed (world, (artifact_list_t){.job = world->job}), 1);
}

TEST_ON_ENGINES (parts_come_in_order_and_with_their_size)
{
    artifact_t artifact;
    load_t load = load_new (world, 1);
    CHECK_INT (begin (world, &load, "app", false, &artifact), OK);
    const char *id = arena_strdup (world->own, artifact.id);
    CHECK_INT (put (world, id, &load, 1, &artifact), CONFLICT);
    CHECK_INT (finish (world, id, load.sum, &artifact), CONFLICT);
    artifact_put_t small = {.artifact = id, .data = {load.bytes, 10}};
    CHECK_INT (tell (world, MSG_artifact_put, &small, &artifact), INVALID);
    artifact_put_t beyond = {.artifact = id, .part = 3, .data = {load.bytes, 10}};
    CHECK_INT (tell (world, MSG_artifact_put, &beyond, &artifact), INVALID);
    CHECK_INT (put (world, "f000", &load, 0, &artifact), NOT_FOUND);
}

TEST_ON_ENGINES (a_blob_left_behind_by_a_dead_process_is_replaced)
{
    artifact_t artifact;
    load_t load = load_new (world, 1);
    CHECK_INT (begin (world, &load, "app", false, &artifact), OK);
    const char *id = arena_strdup (world->own, artifact.id);
    CHECK_INT (
        blob_put (world->blob, &world->turn, arena_printf (world->own, "artifacts/%s/0", id), "old", 3), OK);
    CHECK_INT (put (world, id, &load, 0, &artifact), OK);
    CHECK_INT (artifact.parts, 1);
}

TEST_ON_ENGINES (a_wrong_checksum_is_not_published_and_the_file_is_named)
{
    artifact_t artifact;
    load_t load = load_new (world, 1);
    load.files[2].sha256 = load.files[4].sha256;
    CHECK_INT (begin (world, &load, "app", false, &artifact), OK);
    const char *id = arena_strdup (world->own, artifact.id);
    for (uint32_t part = 0; part < 3; part++)
        CHECK_INT (put (world, id, &load, part, &artifact), OK);
    CHECK_INT (finish (world, id, load.sum, &artifact), INVALID);
    CHECK (strstr (world->turn.detail, "folder/2.bin"));
    // Beginning again begins anew.
    CHECK_INT (begin (world, &load, "app", false, &artifact), OK);
    CHECK (strcmp (artifact.id, id) != 0);
    CHECK_INT (artifact.parts, 0);

    load_t good = load_new (world, 2);
    CHECK_INT (begin (world, &good, "app", false, &artifact), OK);
    id = arena_strdup (world->own, artifact.id);
    for (uint32_t part = 0; part < 3; part++)
        CHECK_INT (put (world, id, &good, part, &artifact), OK);
    CHECK_INT (finish (world, id, load.sum, &artifact), INVALID);
    CHECK_INT (finish (world, id, "", &artifact), INVALID);
    CHECK_INT (finish (world, id, good.sum, &artifact), OK);
}

TEST_ON_ENGINES (a_name_is_taken_once_in_a_run_unless_it_is_overwritten_or_the_job_tried_again)
{
    artifact_t artifact;
    load_t load = load_new (world, 1), other = load_new (world, 2);
    upload (world, &load, "app", false);
    CHECK_INT (begin (world, &other, "app", false, &artifact), CONFLICT);
    const char *second = upload (world, &other, "app", true);
    CHECK_INT (count_listed (world, (artifact_list_t){.job = world->job}), 1);
    check_bytes (world, second, &other);
    world->caller.attempt = 2;
    upload (world, &load, "app", false);
    CHECK_INT (count_listed (world, (artifact_list_t){.job = world->job, .name = "app"}), 1);
}

TEST_ON_ENGINES (a_job_uploads_for_itself_and_reads_within_its_run)
{
    artifact_t artifact;
    artifact_bytes_t bytes;
    load_t load = load_new (world, 1);
    const char *id = upload (world, &load, "app", false), *own = world->caller.subject;
    artifact_begin_t ask = {.job = own, .run = "run-other", .attempt = 1, .name = "x"};
    CHECK_INT (tell (world, MSG_artifact_begin, &ask, &artifact), FORBIDDEN);
    ask = (artifact_begin_t){.job = "someone-else", .attempt = 1, .name = "x"};
    CHECK_INT (tell (world, MSG_artifact_begin, &ask, &artifact), FORBIDDEN);

    world->caller.subject =
        arena_printf (world->own, "%.*s-2", (int) strcspn (own, "-"), own); // Of the same run
    CHECK_INT (tell (world, MSG_artifact_show, &(artifact_show_t){id}, &artifact), OK);
    CHECK_INT (put (world, id, &load, 0, &artifact), FORBIDDEN);
    CHECK_INT (count_listed (world, (artifact_list_t){0}), 1);

    world->caller.subject = "stranger-1";
    CHECK_INT (tell (world, MSG_artifact_show, &(artifact_show_t){id}, &artifact), NOT_FOUND);
    CHECK_INT (tell (world, MSG_artifact_read, &(artifact_read_t){.artifact = id}, &bytes), NOT_FOUND);
    CHECK_INT (count_listed (world, (artifact_list_t){0}), 0);
    CHECK_INT (tell (world, MSG_artifact_remove, &(artifact_remove_t){id}, &(done_t){0}), FORBIDDEN);
    world->caller = (caller_t){.role = ROLE_VIEWER, .subject = ""};
    check_bytes (world, id, &load);
}

// Lets the store tick until nothing but `left` blobs are there.
static void wait_for_blobs (world_t *world, int left)
{
    int64_t until = clock_monotonic_us () + SECONDS (20);
    while (count_blobs (world) != left) {
        CHECK (clock_monotonic_us () < until);
        clock_turn (world->clock, SECONDS (20));
        count_listed (world, (artifact_list_t){.job = "none"});
    }
}

TEST_ON_ENGINES (what_is_removed_expired_or_given_up_leaves_no_blob)
{
    artifact_t artifact;
    load_t load = load_new (world, 1);
    const char *id = upload (world, &load, "first", false);
    CHECK_INT (count_blobs (world), 3);
    world->caller.role = ROLE_DEVELOPER;
    CHECK_INT (tell (world, MSG_artifact_remove, &(artifact_remove_t){id}, &(done_t){0}), OK);
    CHECK_INT (tell (world, MSG_artifact_remove, &(artifact_remove_t){id}, &(done_t){0}), OK);
    CHECK_INT (tell (world, MSG_artifact_show, &(artifact_show_t){id}, &artifact), NOT_FOUND);
    wait_for_blobs (world, 0);

    world->caller.role = ROLE_JOB;
    upload (world, &load, "second", false);
    CHECK_INT (begin (world, &load, "given up", false, &artifact), OK);
    CHECK_INT (put (world, artifact.id, &load, 0, &artifact), OK);
    CHECK_INT (count_blobs (world), 4);
    clock_turn (world->clock, 2 * DAY);
    wait_for_blobs (world, 3);
    clock_turn (world->clock, 90 * DAY);
    wait_for_blobs (world, 0);
    CHECK_INT (count_listed (world, (artifact_list_t){.job = world->job}), 0);
}

TEST_ON_ENGINES (an_artifact_without_bytes_is_one_too)
{
    artifact_t artifact;
    artifact_file_t empty = {.path = "empty"};
    artifact_begin_t ask = {.job = world->job, .attempt = 1, .name = "none", .files = {&empty, 1}};
    CHECK_INT (tell (world, MSG_artifact_begin, &ask, &artifact), OK);
    const char *id = arena_strdup (world->own, artifact.id);
    CHECK_INT (finish (world, id, sum_of (world->own, "", 0), &artifact), OK);
    artifact_bytes_t bytes;
    CHECK_INT (tell (world, MSG_artifact_read, &(artifact_read_t){.artifact = id}, &bytes), OK);
    CHECK_INT (bytes.data.size, 0);
}

TEST_ON_ENGINES (a_list_comes_in_pages_without_files)
{
    artifact_t artifact;
    artifact_page_t page;
    const char *sum = sum_of (world->own, "", 0), *cursor = "";
    for (int i = 0; i < 7; i++) {
        artifact_begin_t ask = {.job = world->job, .attempt = 1, .name = arena_printf (world->own, "n%d", i)};
        CHECK_INT (tell (world, MSG_artifact_begin, &ask, &artifact), OK);
        CHECK_INT (finish (world, arena_strdup (world->own, artifact.id), sum, &artifact), OK);
        clock_turn (world->clock, SECONDS (1));
    }
    size_t seen = 0;
    do {
        artifact_list_t ask = {.job = world->job, .limit = 3, .cursor = cursor};
        CHECK_INT (tell (world, MSG_artifact_list, &ask, &page), OK);
        for (size_t i = 0; i < page.items.count; i++)
            CHECK_STR (page.items.items[i].name, arena_printf (world->own, "n%zu", seen++));
        cursor = arena_strdup (world->own, page.next);
    } while (cursor[0]);
    CHECK_INT (seen, 7);
}
