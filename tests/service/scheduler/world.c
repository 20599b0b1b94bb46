/* world.c - see world.h. */

#include "tests/service/scheduler/world.h"

#include "common/base/id.h"
#include "db/open.h"
#include "proto/codec.h"
#include "services/scheduler/scheduler.h"
#include "tests/unit/folder.h"

#include <ftw.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES         8
#define LEASES_MATTER 300 // Seconds: a longer time passes at once

struct inside {
    char hash[65], subject[MAX_ID + 1]; // Of the token that was issued last for a hash
    char folder[256];
    const char *engine;
    bus_t *bus;
    db_t *db;
    scheduler_t *scheduler;
    actor_t *actor, *scm, *logs, *artifacts, *identity;
    secret_key_t key;
    pthread_mutex_t lock; // Over what the pretended services share with the test
    char paths[FILES][64];
    char *texts[FILES];
    size_t files;
    char sha[48];
    char *fails;
    fault_t scm_fault;  // With those words; 0: INVALID
    bool trusted;       // The last fetch
    bool check_trusted; // The last check of an address
    int fetches;
    bool refuses; // Addresses
    bool seals_held;
    int seals_waiting;
    int seals, seals_named, revoked, forgotten;
    fault_t forget_fault;
    char forgotten_url[128];
    int purged_jobs, most_purged;
    char purged_run[MAX_ID + 1];
    fault_t log_purge_fault, artifact_purge_fault;
    fault_t log_fault, identity_fault;
    char issued[200];
};

// ---- pretended services ----

// Since "old" one file has changed, since "same" none; any other commit is gone.
static void add_changes (turn_t *turn, const char *before, scm_tree_t *tree)
{
    bool old = strcmp (before, "old") == 0;
    tree->compared = old || strcmp (before, "same") == 0;
    tree->uncompared = tree->compared || !*before ? "" : "it is gone";
    tree->changed.items = arena_array (turn->arena, 1, sizeof (char *));
    tree->changed.items[0] = "src/a.c";
    tree->changed.count = old ? 1 : 0;
}

// refs/pull/N/merge is a merge of MERGED_HEAD into the base.
static void add_merge (turn_t *turn, const scm_fetch_t *ask, scm_tree_t *tree)
{
    if (!strstr (ask->ref, "/merge"))
        return;
    tree->sha = "3333333333333333333333333333333333333333";
    tree->parents = (strs_t){arena_array (turn->arena, 2, sizeof (char *)), 2};
    tree->parents.items[0] = "4444444444444444444444444444444444444444";
    tree->parents.items[1] = MERGED_HEAD;
}

static fault_t scm_fetch (void *self, turn_t *turn, const void *asked, void *answered)
{
    struct inside *in = self;
    const scm_fetch_t *ask = asked;
    scm_tree_t *tree = answered;
    fault_t fault = OK;
    pthread_mutex_lock (&in->lock);
    bool hangs = in->fails && in->scm_fault == LATER;
    if (in->fails && !hangs)
        fault = turn_fail (turn, in->scm_fault ? in->scm_fault : INVALID, "%s", in->fails);
    in->trusted = ask->trusted;
    in->fetches++;
    tree->sha = arena_strdup (turn->arena, *ask->sha ? ask->sha : in->sha);
    tree->default_branch = "main";
    bool is_full = strncmp (ask->ref, "refs/", 5) == 0;
    tree->ref = !*ask->ref ? "refs/heads/main"
                           : arena_printf (turn->arena, "%s%s", is_full ? "" : "refs/heads/", ask->ref);
    tree->is_tip = strcmp (tree->ref, "refs/heads/main") == 0 && strcmp (tree->sha, in->sha) == 0;
    tree->subject = tree->message = "Make it so";
    tree->author = tree->author_email = "ada";
    add_merge (turn, ask, tree);
    tree->commits = (scm_commit_items_t){arena_array (turn->arena, 1, sizeof (scm_commit_t)), 1};
    tree->commits.items[0] = (scm_commit_t){.id = tree->sha,
                                            .tree = "7ee",
                                            .message = "Make it so",
                                            .author = "ada",
                                            .author_email = "ada@example.org",
                                            .authored_at = "2026-01-01T00:00:00+01:00",
                                            .committer = "bob",
                                            .committer_email = "bob@example.org",
                                            .committed_at = "2026-01-02T00:00:00+01:00"};
    tree->files.items = arena_array (turn->arena, FILES, sizeof (file_text_t));
    for (size_t i = 0; i < in->files; i++) {
        const char *path = arena_printf (turn->arena, ".github/workflows/%s", in->paths[i]);
        size_t size = strlen (in->texts[i]);
        bytes_t text = {arena_copy (turn->arena, in->texts[i], size), size};
        if (strcmp (in->paths[i], "actions.lock") == 0)
            tree->action_lock = text;
        else
            tree->files.items[tree->files.count++] = (file_text_t){path, text};
    }
    pthread_mutex_unlock (&in->lock);
    if (hangs)
        return actor_wait (turn, "never", turn->deadline_us);
    add_changes (turn, ask->before, tree);
    return fault;
}

static fault_t scm_check (void *self, turn_t *turn, const void *asked, void *answered)
{
    struct inside *in = self;
    (void) answered;
    pthread_mutex_lock (&in->lock);
    in->check_trusted = ((const scm_check_t *) asked)->trusted;
    bool refuses = in->refuses;
    pthread_mutex_unlock (&in->lock);
    return refuses ? turn_fail (turn, INVALID, "url: it is no address") : OK;
}

static fault_t scm_forget (void *self, turn_t *turn, const void *asked, void *answered)
{
    struct inside *in = self;
    const scm_forget_t *ask = asked;
    (void) turn, (void) answered;
    pthread_mutex_lock (&in->lock);
    fault_t fault = in->forget_fault;
    in->forgotten += !fault;
    snprintf (in->forgotten_url, sizeof in->forgotten_url, "%s%s", ask->trusted ? "" : "untrusted ",
              ask->url);
    pthread_mutex_unlock (&in->lock);
    return fault;
}

static fault_t log_seal (void *self, turn_t *turn, const void *asked, void *answered)
{
    struct inside *in = self;
    const log_seal_t *ask = asked;
    pthread_mutex_lock (&in->lock);
    fault_t fault = in->log_fault;
    if (in->seals_held) {
        in->seals_waiting++;
        pthread_mutex_unlock (&in->lock);
        return actor_wait (turn, "seals", turn->deadline_us);
    }
    in->seals += *ask->sha256 == 0 && !fault;
    in->seals_named += id_is (ask->project, 'p') && !fault;
    pthread_mutex_unlock (&in->lock);
    *(log_offset_t *) answered = (log_offset_t){ask->size, true};
    return fault;
}

static fault_t log_purge (void *self, turn_t *turn, const void *asked, void *answered)
{
    struct inside *in = self;
    const log_purge_t *ask = asked;
    (void) turn, (void) answered;
    pthread_mutex_lock (&in->lock);
    fault_t fault = in->log_purge_fault;
    in->purged_jobs += fault ? 0 : (int) ask->jobs.count;
    in->most_purged = (int) ask->jobs.count > in->most_purged ? (int) ask->jobs.count : in->most_purged;
    pthread_mutex_unlock (&in->lock);
    return fault;
}

static fault_t artifact_purge (void *self, turn_t *turn, const void *asked, void *answered)
{
    struct inside *in = self;
    const artifact_purge_t *ask = asked;
    (void) turn, (void) answered;
    pthread_mutex_lock (&in->lock);
    fault_t fault = in->artifact_purge_fault;
    if (!fault)
        snprintf (in->purged_run, sizeof in->purged_run, "%s", ask->run);
    pthread_mutex_unlock (&in->lock);
    return fault;
}

// "ada AGENT for registrar: linux gpu", as it was asked for.
static fault_t record_issue (struct inside *in, const token_issue_t *ask)
{
    pthread_mutex_lock (&in->lock);
    int size = snprintf (in->issued, sizeof in->issued, "%s %s for %s:", ask->name, ask->role,
                         *ask->registration ? ask->registration : "nobody");
    for (size_t i = 0; i < ask->labels.count; i++)
        size += snprintf (in->issued + size, sizeof in->issued - (size_t) size, " %s", ask->labels.items[i]);
    fault_t fault = in->identity_fault;
    pthread_mutex_unlock (&in->lock);
    return fault;
}

static fault_t token_issue (void *self, turn_t *turn, const void *asked, void *answered)
{
    struct inside *in = self;
    const token_issue_t *ask = asked;
    fault_t fault = record_issue (in, ask);
    if (fault)
        return turn_fail (turn, fault, "identity refuses");
    if (*ask->hash) { // As identity does: the same secret is the same token
        pthread_mutex_lock (&in->lock);
        if (strcmp (in->hash, ask->hash) != 0) {
            snprintf (in->hash, sizeof in->hash, "%s", ask->hash);
            snprintf (in->subject, sizeof in->subject, "%s", ask->subject);
        }
        *(token_t *) answered =
            (token_t){.role = ask->role, .subject = arena_strdup (turn->arena, in->subject), .token = ""};
        pthread_mutex_unlock (&in->lock);
        return OK;
    }
    *(token_t *) answered = (token_t){
        .id = id_new (turn->arena, 't', turn->now_us),
        .name = ask->name,
        .role = ask->role,
        .subject = ask->subject,
        .token = secret_new (turn->arena, "oca_"),
    };
    return OK;
}

static fault_t token_revoke (void *self, turn_t *turn, const void *asked, void *answered)
{
    struct inside *in = self;
    (void) turn, (void) asked, (void) answered;
    pthread_mutex_lock (&in->lock);
    fault_t fault = in->identity_fault;
    in->revoked += !fault;
    pthread_mutex_unlock (&in->lock);
    return fault;
}

static const handler_t scm_handlers[] = {
    {MSG_scm_fetch, scm_fetch}, {MSG_scm_check, scm_check}, {MSG_scm_forget, scm_forget}};
static const handler_t log_handlers[] = {{MSG_log_seal, log_seal}, {MSG_log_purge, log_purge}};
static const handler_t artifact_handlers[] = {{MSG_artifact_purge, artifact_purge}};
static const handler_t identity_handlers[] = {{MSG_token_issue, token_issue},
                                              {MSG_token_revoke, token_revoke}};
static const actor_class_t scm_class = {.name = "scm", .handlers = scm_handlers, .count = 3};
static const actor_class_t logs_class = {.name = "logs", .handlers = log_handlers, .count = 2};
static const actor_class_t artifacts_class = {.name = "artifacts", .handlers = artifact_handlers, .count = 1};
static const actor_class_t identity_class = {.name = "identity", .handlers = identity_handlers, .count = 2};

void world_file (world_t *self, const char *path, const char *text)
{
    struct inside *in = self->inside;
    pthread_mutex_lock (&in->lock);
    size_t at = 0;
    while (at < in->files && strcmp (in->paths[at], path) != 0)
        at++;
    if (at == in->files)
        in->files++;
    else
        free (in->texts[at]);
    snprintf (in->paths[at], sizeof in->paths[at], "%s", path);
    in->texts[at] = strdup (text);
    pthread_mutex_unlock (&in->lock);
}

void world_commit (world_t *self, const char *sha)
{
    pthread_mutex_lock (&self->inside->lock);
    snprintf (self->inside->sha, sizeof self->inside->sha, "%s", sha);
    pthread_mutex_unlock (&self->inside->lock);
}

void world_scm_fails (world_t *self, const char *detail)
{
    world_scm_fault (self, INVALID, detail);
}

void world_scm_refuses (world_t *self, bool refuses)
{
    pthread_mutex_lock (&self->inside->lock);
    self->inside->refuses = refuses;
    pthread_mutex_unlock (&self->inside->lock);
}

bool world_check_was_trusted (world_t *self)
{
    pthread_mutex_lock (&self->inside->lock);
    bool trusted = self->inside->check_trusted;
    pthread_mutex_unlock (&self->inside->lock);
    return trusted;
}

bool world_was_trusted (world_t *self)
{
    pthread_mutex_lock (&self->inside->lock);
    bool trusted = self->inside->trusted;
    pthread_mutex_unlock (&self->inside->lock);
    return trusted;
}

void world_scm_fault (world_t *self, fault_t fault, const char *detail)
{
    pthread_mutex_lock (&self->inside->lock);
    free (self->inside->fails);
    self->inside->fails = detail ? strdup (detail) : NULL;
    self->inside->scm_fault = fault;
    pthread_mutex_unlock (&self->inside->lock);
}

void world_log_fault (world_t *self, fault_t fault)
{
    pthread_mutex_lock (&self->inside->lock);
    self->inside->log_fault = fault;
    pthread_mutex_unlock (&self->inside->lock);
}

const char *world_issued (world_t *self)
{
    pthread_mutex_lock (&self->inside->lock);
    const char *text = arena_strdup (self->arena, self->inside->issued);
    pthread_mutex_unlock (&self->inside->lock);
    return text;
}

void world_identity_fault (world_t *self, fault_t fault)
{
    pthread_mutex_lock (&self->inside->lock);
    self->inside->identity_fault = fault;
    pthread_mutex_unlock (&self->inside->lock);
}

void world_sql (world_t *self, const char *sql)
{
    db_t *db;
    CHECK_INT (db_open (&db, self->inside->engine, &self->turn), OK);
    CHECK_INT (db_exec (db, &self->turn, sql), OK);
    db_close (&db);
}

int64_t world_number (world_t *self, const char *sql)
{
    db_t *db;
    const rows_t *rows;
    CHECK_INT (db_open (&db, self->inside->engine, &self->turn), OK);
    CHECK_INT (db_query (db, &self->turn, sql, &rows), OK);
    int64_t number = rows_i64 (rows, 0, 0);
    db_close (&db);
    return number;
}

void wait_for_count (world_t *self, int (*count) (world_t *), int least)
{
    for (int i = 0; i < WAIT_MS / 5 && count (self) < least; i++)
        poll (NULL, 0, 5);
    CHECK (count (self) >= least);
}

static int locked (world_t *self, const int *number)
{
    pthread_mutex_lock (&self->inside->lock);
    int now = *number;
    pthread_mutex_unlock (&self->inside->lock);
    return now;
}

int world_seals (world_t *self)
{
    return locked (self, &self->inside->seals);
}

static fault_t wake_seals (void *service, turn_t *turn, void *data)
{
    (void) service, (void) data;
    actor_wake (turn, "seals");
    return OK;
}

void world_hold_seals (world_t *self, bool held)
{
    pthread_mutex_lock (&self->inside->lock);
    self->inside->seals_held = held;
    pthread_mutex_unlock (&self->inside->lock);
    if (!held)
        actor_post (self->inside->logs, wake_seals, NULL);
}

int world_seals_waiting (world_t *self)
{
    return locked (self, &self->inside->seals_waiting);
}

int world_seals_named (world_t *self)
{
    return locked (self, &self->inside->seals_named);
}

int world_fetches (world_t *self)
{
    return locked (self, &self->inside->fetches);
}

int world_purged_jobs (world_t *self)
{
    return locked (self, &self->inside->purged_jobs);
}

int world_most_purged (world_t *self)
{
    return locked (self, &self->inside->most_purged);
}

const char *world_purged_run (world_t *self)
{
    pthread_mutex_lock (&self->inside->lock);
    const char *run = arena_strdup (self->arena, self->inside->purged_run);
    pthread_mutex_unlock (&self->inside->lock);
    return run;
}

void world_forget_fault (world_t *self, fault_t fault)
{
    pthread_mutex_lock (&self->inside->lock);
    self->inside->forget_fault = fault;
    pthread_mutex_unlock (&self->inside->lock);
}

int world_forgotten (world_t *self)
{
    return locked (self, &self->inside->forgotten);
}

const char *world_forgotten_url (world_t *self)
{
    pthread_mutex_lock (&self->inside->lock);
    const char *url = arena_strdup (self->arena, self->inside->forgotten_url);
    pthread_mutex_unlock (&self->inside->lock);
    return url;
}

void world_purge_faults (world_t *self, fault_t logs, fault_t artifacts)
{
    pthread_mutex_lock (&self->inside->lock);
    self->inside->log_purge_fault = logs;
    self->inside->artifact_purge_fault = artifacts;
    pthread_mutex_unlock (&self->inside->lock);
}

const char *world_engine (world_t *self)
{
    return self->inside->engine;
}

int world_revoked (world_t *self)
{
    return locked (self, &self->inside->revoked);
}

// ---- its life ----

static void start_scheduler (world_t *self)
{
    struct inside *in = self->inside;
    CHECK_INT (db_open (&in->db, in->engine, &self->turn), OK);
    CHECK_INT (database_migrate (in->db, &self->turn, "scheduler"), OK);
    CHECK_INT (database_migrate (in->db, &self->turn, "requests"), OK);
    in->scheduler = scheduler_new (&(scheduler_options_t){.db = in->db,
                                                          .lease_seconds = self->lease_seconds,
                                                          .max_attempts = self->max_attempts,
                                                          .agent_retention_days = 30,
                                                          .clock = self->leases,
                                                          .key = &in->key,
                                                          .server_url = "http://ci.example",
                                                          .keeps = self->keeps});
    in->actor = actor_new (&scheduler_class, in->scheduler, in->bus, NULL);
    CHECK (in->actor);
}

static void stop_scheduler (world_t *self)
{
    struct inside *in = self->inside;
    actor_destroy (&in->actor);
    scheduler_destroy (&in->scheduler);
    db_close (&in->db);
}

static void start (world_t *self)
{
    struct inside *in = self->inside;
    in->bus = bus_new (&proto_codec, self->clock);
    in->scm = actor_new (&scm_class, in, in->bus, NULL);
    in->logs = actor_new (&logs_class, in, in->bus, NULL);
    in->artifacts = actor_new (&artifacts_class, in, in->bus, NULL);
    in->identity = actor_new (&identity_class, in, in->bus, NULL);
    self->client = bus_client_new (in->bus);
    start_scheduler (self);
}

static void stop (world_t *self)
{
    struct inside *in = self->inside;
    bus_client_destroy (&self->client);
    stop_scheduler (self);
    actor_destroy (&in->scm);
    actor_destroy (&in->logs);
    actor_destroy (&in->artifacts);
    actor_destroy (&in->identity);
    bus_destroy (&in->bus);
}

// With a bus of its own: an inbox's name is free again only some time after its end.
void world_restart (world_t *self)
{
    agent_page_t agents;
    stop (self);
    start (self);
    MUST (self, agent_list, &agents); // Its first tick is done
}

// A database of PostgreSQL is used by one test after the other.
static void empty_postgres (world_t *self)
{
    struct inside *in = self->inside;
    CHECK_INT (db_open (&in->db, in->engine, &self->turn), OK);
    CHECK_INT (db_exec (in->db, &self->turn, "drop schema public cascade"), OK);
    CHECK_INT (db_exec (in->db, &self->turn, "create schema public"), OK);
    db_close (&in->db);
}

static void begin (world_t *self, struct inside *in, const char *postgres)
{
    *in = (struct inside){.sha = "0000000000000000000000000000000000000001"};
    *self = (world_t){.inside = in, .arena = arena_new (), .clock = clock_by_hand (WORLD_BEGINS)};
    self->leases = self->clock;
    self->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    turn_init (&self->turn, self->arena, "test", WORLD_BEGINS);
    pthread_mutex_init (&in->lock, NULL);
    test_folder (in->folder, sizeof (in->folder));
    in->engine = postgres ? postgres : arena_printf (self->arena, "sqlite:%s/db", in->folder);
    if (postgres)
        empty_postgres (self);
    start (self);
}

static void end (world_t *self)
{
    struct inside *in = self->inside;
    stop (self);
    clock_destroy (&self->clock);
    test_folder_remove (in->folder);
    for (size_t i = 0; i < in->files; i++)
        free (in->texts[i]);
    free (in->fails);
    pthread_mutex_destroy (&in->lock);
    arena_destroy (&self->arena);
}

world_t *world_second (world_t *first, int64_t ahead_s)
{
    struct inside *in = arena_alloc (first->arena, sizeof *in);
    world_t *self = arena_alloc (first->arena, sizeof *self);
    *in = (struct inside){.engine = first->inside->engine, .key = first->inside->key};
    memcpy (in->sha, first->inside->sha, sizeof in->sha);
    *self = (world_t){.inside = in, .arena = first->arena, .leases = first->clock};
    self->lease_seconds = first->lease_seconds;
    self->max_attempts = first->max_attempts;
    self->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    self->clock = clock_by_hand (clock_now_us (first->clock) + SECONDS (ahead_s));
    turn_init (&self->turn, self->arena, "second", clock_now_us (self->clock));
    pthread_mutex_init (&in->lock, NULL);
    agent_page_t agents;
    start (self);
    MUST (self, agent_list, &agents);
    return self;
}

void world_end_second (world_t *self)
{
    stop (self);
    clock_destroy (&self->clock);
    for (size_t i = 0; i < self->inside->files; i++)
        free (self->inside->texts[i]);
    pthread_mutex_destroy (&self->inside->lock);
}

void on_each_engine (void (*test) (world_t *world))
{
    const char *engines[] = {NULL, getenv ("OPENCICD_TEST_POSTGRES")};
    for (int i = 0; i < (engines[1] ? 2 : 1); i++) {
        world_t world;
        struct inside inside;
        begin (&world, &inside, engines[i]);
        test (&world);
        end (&world);
    }
}

fault_t world_ask (world_t *self, uint16_t number, const void *ask, void *answer)
{
    // What a test does not name is empty, as it comes from the wire
    self->turn.caller = self->caller;
    self->turn.now_us = clock_now_us (self->clock);
    self->turn.deadline_us = self->turn.now_us + SECONDS (3600);
    self->turn.detail = NULL;
    return bus_client_call (self->client, &self->turn, number, ask, answer);
}

// Any question that the scheduler answers after its tick shows that the tick is done. Time that passes at once would be time in which
// no scheduler served.
void world_turn (world_t *self, int64_t seconds)
{
    int64_t step = self->lease_seconds ? self->lease_seconds / 6 : 5;
    for (; seconds > step && seconds < LEASES_MATTER; seconds -= step) {
        agent_page_t agents;
        clock_turn (self->clock, SECONDS (step));
        MUST (self, agent_list, &agents);
    }
    world_sleep (self, seconds);
}

void world_sleep (world_t *self, int64_t seconds)
{
    clock_turn (self->clock, SECONDS (seconds));
    for (int i = 0; i < 3; i++) {
        poll (NULL, 0, 8);
        agent_page_t agents;
        MUST (self, agent_list, &agents);
    }
}
