/* world.c - see world.h. */

#include "tests/service/artifacts/world.h"

#include "db/migrations.h"
#include "db/open.h"
#include "tests/database/fresh.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// ---- a scheduler ----

static fault_t show_job (void *self, turn_t *turn, const void *question, void *answer)
{
    const job_show_t *ask = question;
    job_t *job = answer;
    world_t *world = self;
    world->asked++;
    if (strncmp (ask->job, "gone", 4) == 0)
        return turn_fail (turn, NOT_FOUND, "there is no job %s", ask->job);
    job->id = ask->job;
    job->run_id = arena_printf (turn->arena, "run-%.*s", (int) strcspn (ask->job, "-"), ask->job);
    job->project_id = strncmp (ask->job, "stranger", 8) == 0 ? "p-2" : "p-1";
    job->key = job->name = "build";
    job->attempt = world->attempt;
    job->state = world->state;
    return OK;
}

// Whose caches it sees: a job "side-1" is of the branch side, "tag-1" of a tag, "pull-1" of a pull request into release, "main-1" of main.
static void scopes_of (turn_t *turn, const char *job, cache_scopes_t *out)
{
    static const struct {
        const char *job, *read[4];
    } rows[] = {{"side-", {"refs/heads/side", "refs/heads/main"}},
                {"tag-", {"refs/tags/v1", "refs/heads/main"}},
                {"pull-", {"refs/pull/7/merge", "refs/heads/release", "refs/heads/main"}},
                {"release-", {"refs/heads/release", "refs/heads/main"}},
                {"", {"refs/heads/main"}}};
    size_t i = 0, count = 0;
    while (strncmp (job, rows[i].job, strlen (rows[i].job)) != 0)
        i++;
    out->write = rows[i].read[0];
    out->read.items = arena_array (turn->arena, 4, sizeof (char *));
    for (; rows[i].read[count]; count++)
        out->read.items[count] = rows[i].read[count];
    out->read.count = count;
}

static fault_t show_scopes (void *self, turn_t *turn, const void *question, void *answer)
{
    const cache_scope_t *ask = question;
    cache_scopes_t *out = answer;
    job_t job = {0};
    TRY (show_job (self, turn, &(job_show_t){.job = ask->job}, &job));
    *out =
        (cache_scopes_t){.project = job.project_id, .attempt = job.attempt, .state = job.state, .write = ""};
    if (strncmp (ask->job, "homeless", 8) == 0)
        out->project = "";
    else
        scopes_of (turn, ask->job, out);
    return OK;
}

static fault_t show_project (void *self, turn_t *turn, const void *question, void *answer)
{
    const project_show_t *ask = question;
    (void) self;
    if (strcmp (ask->project, "app") != 0 && strcmp (ask->project, "p-1") != 0)
        return turn_fail (turn, NOT_FOUND, "there is no project %s", ask->project);
    *(project_t *) answer = (project_t){.id = "p-1", .name = "app"};
    return OK;
}

static const handler_t scheduler_handlers[] = {
    {MSG_job_show, show_job}, {MSG_cache_scope, show_scopes}, {MSG_project_show, show_project}};
static const actor_class_t scheduler_class = {
    .name = "scheduler", .handlers = scheduler_handlers, .count = 3};

void replica_start (world_t *self, replica_t *replica)
{
    size_t count;
    const migration_t *list = migrations_of ("artifacts", &count);
    replica->bus = bus_new (&proto_codec, self->clock);
    CHECK_INT (db_open (&replica->db, self->engine, &self->turn), OK);
    CHECK_INT (db_migrate (replica->db, &self->turn, "artifacts", list, count), OK);
    CHECK_INT (database_migrate (replica->db, &self->turn, "audit"), OK);
    if (self->bucket)
        replica->blob = test_store_open (self->bucket);
    else
        CHECK_INT (blob_open (&replica->blob, self->blobs, &self->turn), OK);
    replica->artifacts = artifacts_new (&(artifacts_options_t){.db = replica->db,
                                                               .blob = replica->blob,
                                                               .retention_days = 90,
                                                               .cache_limit = CACHES_LIMIT,
                                                               .cache_unused_days = 7});
    replica->actor = actor_new (&artifacts_class, replica->artifacts, replica->bus, NULL);
    replica->scheduler = actor_new (&scheduler_class, self, replica->bus, NULL);
    replica->client = bus_client_new (replica->bus);
    CHECK (replica->actor && replica->scheduler);
}

void replica_stop (replica_t *replica)
{
    if (!replica->bus)
        return;
    bus_client_destroy (&replica->client);
    actor_destroy (&replica->actor);
    actor_destroy (&replica->scheduler);
    artifacts_destroy (&replica->artifacts);
    blob_close (&replica->blob);
    db_close (&replica->db);
    bus_destroy (&replica->bus);
}

static int blobs_seen;

static int visit (const char *path, const struct stat *stat, int kind, struct FTW *walk)
{
    (void) stat, (void) walk;
    blobs_seen += kind == FTW_F && strstr (path, "/blobs/uploads/") != NULL;
    return 0;
}

int count_blobs (world_t *self)
{
    blobs_seen = 0;
    nftw (self->folder, visit, 16, FTW_PHYS);
    return blobs_seen;
}

void on_each_engine (void (*test) (world_t *world))
{
    const char *engines[] = {NULL, getenv ("OPENCICD_TEST_POSTGRES")};
    for (int i = 0; i < (engines[1] ? 2 : 1); i++) {
        world_t world = {.own = arena_new (), .arena = arena_new (), .clock = clock_by_hand (BEGINS)};
        test_folder (world.folder, sizeof (world.folder));
        turn_init (&world.turn, world.arena, "test", BEGINS);
        world.engine = engines[i] ? engines[i] : arena_printf (world.own, "sqlite:%s/db", world.folder);
        world.blobs = arena_printf (world.own, "dir:%s/blobs", world.folder);
        world.job = arena_printf (world.own, "%s-1", id_new (world.own, 'j', BEGINS));
        world.caller = (caller_t){.role = ROLE_JOB, .subject = world.job, .attempt = 1};
        world.attempt = 1;
        world.state = job_running;
        fresh_database (world.engine, "artifacts audit");
        CHECK_INT (db_open (&world.db, world.engine, &world.turn), OK);
        replica_start (&world, &world.one);
        test (&world);
        replica_stop (&world.one);
        replica_stop (&world.two);
        db_close (&world.db);
        test_folder_remove (world.folder);
        clock_destroy (&world.clock);
        arena_destroy (&world.arena);
        arena_destroy (&world.own);
    }
}

fault_t tell (world_t *self, uint16_t number, const void *ask, void *answer)
{
    self->turn.caller = self->caller;
    self->turn.deadline_us = clock_now_us (self->clock) + SECONDS (30);
    self->turn.detail = NULL;
    return bus_client_call (self->one.client, &self->turn, number, ask, answer);
}

// ---- what is uploaded ----

const char *sum_of (arena_t *arena, const void *data, size_t size)
{
    sha256_t sha;
    sha256_init (&sha);
    sha256_add (&sha, data, size);
    return sha256_hex (&sha, arena);
}

load_t load_of (world_t *world, unsigned seed, const int64_t sizes[FILES])
{
    load_t self = {.bytes = NULL};
    for (int i = 0; i < FILES; i++)
        self.size += (size_t) sizes[i];
    self.parts = (uint32_t) ((self.size + MAX_PART - 1) / MAX_PART);
    self.bytes = arena_alloc (world->own, self.size);
    for (size_t i = 0; i < self.size; i++) // Half text, half noise
        self.bytes[i] =
            i < self.size / 2 ? "text"[i % 4] : (char) ((seed = seed * 1664525 + 1013904223) >> 24);
    int64_t at = 0;
    for (int i = 0; i < FILES; at += sizes[i++])
        self.files[i] = (artifact_file_t){.path = arena_printf (world->own, "folder/%d.bin", i),
                                          .size = sizes[i],
                                          .sha256 = sum_of (world->own, self.bytes + at, (size_t) sizes[i]),
                                          .mode = 0644};
    self.sum = sum_of (world->own, self.bytes, self.size);
    return self;
}

load_t load_new (world_t *world, unsigned seed)
{
    return load_of (world, seed, (const int64_t[FILES]){0, 10, 5000000, 0, 4300000});
}

load_t load_small (world_t *world, unsigned seed)
{
    return load_of (world, seed, (const int64_t[FILES]){0, 10, 50000, 0, 43000});
}

fault_t begin (world_t *world, load_t *load, const char *name, bool overwrite, artifact_t *artifact)
{
    artifact_begin_t ask = {.job = world->caller.subject,
                            .attempt = world->caller.attempt,
                            .name = name,
                            .overwrite = overwrite,
                            .files = {load->files, FILES}};
    return tell (world, MSG_artifact_begin, &ask, artifact);
}

artifact_put_t part_of (const char *id, const load_t *load, uint32_t part)
{
    size_t at = (size_t) part * MAX_PART, size = load->size - at < MAX_PART ? load->size - at : MAX_PART;
    return (artifact_put_t){.artifact = id, .part = part, .data = {load->bytes + at, size}};
}

fault_t put (world_t *world, const char *id, const load_t *load, uint32_t part, artifact_t *artifact)
{
    artifact_put_t ask = part_of (id, load, part);
    return tell (world, MSG_artifact_put, &ask, artifact);
}

fault_t finish (world_t *world, const char *id, const char *sum, artifact_t *artifact)
{
    return tell (world, MSG_artifact_finish, &(artifact_finish_t){.artifact = id, .sha256 = sum}, artifact);
}

const char *upload_parts (world_t *world, load_t *load, const char *name)
{
    artifact_t artifact;
    CHECK_INT (begin (world, load, name, false, &artifact), OK);
    const char *id = arena_strdup (world->own, artifact.id);
    for (uint32_t part = 0; part < load->parts; part++) {
        arena_reset (world->arena);
        CHECK_INT (put (world, id, load, part, &artifact), OK);
    }
    return id;
}

const char *upload (world_t *world, load_t *load, const char *name, bool overwrite)
{
    artifact_t artifact;
    CHECK_INT (begin (world, load, name, overwrite, &artifact), OK);
    const char *id = arena_strdup (world->own, artifact.id);
    for (uint32_t part = 0; part < load->parts; part++) {
        arena_reset (world->arena);
        CHECK_INT (put (world, id, load, part, &artifact), OK);
        CHECK_INT (artifact.parts, part + 1);
    }
    CHECK_INT (finish (world, id, load->sum, &artifact), OK);
    CHECK (artifact.complete);
    return id;
}

void check_bytes (world_t *world, const char *id, const load_t *load)
{
    static const size_t sizes[] = {1, 4096, MAX_CHUNK, 0, 700001};
    size_t i = 0;
    for (size_t at = 0; at < load->size; i++) {
        artifact_bytes_t bytes;
        arena_reset (world->arena);
        artifact_read_t ask = {.artifact = id, .offset = (int64_t) at, .size = (uint32_t) sizes[i % 5]};
        CHECK_INT (tell (world, MSG_artifact_read, &ask, &bytes), OK);
        size_t wanted = ask.size ? ask.size : MAX_CHUNK;
        CHECK_INT (bytes.data.size, load->size - at < wanted ? load->size - at : wanted);
        CHECK (memcmp (bytes.data.data, load->bytes + at, bytes.data.size) == 0);
        at += bytes.data.size;
    }
}

size_t count_listed (world_t *world, artifact_list_t ask)
{
    artifact_page_t page;
    CHECK_INT (tell (world, MSG_artifact_list, &ask, &page), OK);
    return page.items.count;
}

void wait_for_blobs (world_t *world, int left)
{
    int64_t until = test_until_us ();
    while (count_blobs (world) != left) {
        CHECK (clock_monotonic_us () < until);
        clock_turn (world->clock, SECONDS (20));
        count_listed (world, (artifact_list_t){.job = "none"});
    }
}
