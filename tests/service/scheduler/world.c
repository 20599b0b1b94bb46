/* world.c - see world.h. */

#include "tests/service/scheduler/world.h"
#include "tests/service/scheduler/hold.h"

#include "common/base/id.h"
#include "db/open.h"
#include "proto/codec.h"
#include "services/scheduler/commit.h"
#include "services/scheduler/scheduler.h"
#include "tests/database/fresh.h"
#include "tests/service/scheduler/inside.h"
#include "tests/unit/folder.h"

#include <ftw.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LEASES_MATTER 300 // Seconds: a longer time passes at once

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

static void replace (char **text, const char *by)
{
    free (*text);
    *text = by ? strdup (by) : NULL;
}

void world_called (world_t *self, const char *sha, const char *path, const char *text, const char *fails)
{
    struct inside *in = self->inside;
    pthread_mutex_lock (&in->lock);
    snprintf (in->called_sha, sizeof in->called_sha, "%s", sha);
    snprintf (in->called_path, sizeof in->called_path, "%s", path);
    replace (&in->called_text, text);
    replace (&in->called_fails, fails);
    pthread_mutex_unlock (&in->lock);
}

const char *world_called_asked (world_t *self)
{
    pthread_mutex_lock (&self->inside->lock);
    const char *text = arena_strdup (self->arena, self->inside->called_asked);
    pthread_mutex_unlock (&self->inside->lock);
    return text;
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
    replace (&self->inside->fails, detail);
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

static fault_t wake_held (void *service, turn_t *turn, void *data)
{
    (void) service, (void) data;
    actor_wake (turn, "held");
    return OK;
}

void world_hold_next (world_t *self)
{
    pthread_mutex_lock (&self->inside->lock);
    self->inside->holds_next = true;
    pthread_mutex_unlock (&self->inside->lock);
}

int world_holds (world_t *self)
{
    pthread_mutex_lock (&self->inside->lock);
    int holds = *self->inside->held != 0;
    pthread_mutex_unlock (&self->inside->lock);
    return holds;
}

void world_let_go (world_t *self)
{
    pthread_mutex_lock (&self->inside->lock);
    self->inside->held[0] = 0;
    pthread_mutex_unlock (&self->inside->lock);
    actor_post (self->inside->identity, wake_held, NULL);
    actor_post (self->inside->scm, wake_held, NULL);
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

const char *world_purged_project (world_t *self)
{
    pthread_mutex_lock (&self->inside->lock);
    const char *project = arena_strdup (self->arena, self->inside->purged_project);
    pthread_mutex_unlock (&self->inside->lock);
    return project;
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

void world_printed (world_t *self, const char *lines)
{
    pthread_mutex_lock (&self->inside->lock);
    self->inside->printed = lines;
    pthread_mutex_unlock (&self->inside->lock);
}

void world_excerpt_fault (world_t *self, fault_t fault)
{
    pthread_mutex_lock (&self->inside->lock);
    self->inside->excerpt_fault = fault;
    pthread_mutex_unlock (&self->inside->lock);
}

int world_excerpts (world_t *self)
{
    pthread_mutex_lock (&self->inside->lock);
    int count = self->inside->excerpts;
    pthread_mutex_unlock (&self->inside->lock);
    return count;
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

int world_audited (world_t *self)
{
    return locked (self, &self->inside->audited);
}

int world_audit_asked (world_t *self)
{
    return locked (self, &self->inside->audit_asked);
}

const char *world_audit (world_t *self)
{
    pthread_mutex_lock (&self->inside->lock);
    const char *text = arena_strdup (self->arena, self->inside->audit);
    pthread_mutex_unlock (&self->inside->lock);
    return text;
}

int world_revoked (world_t *self)
{
    return locked (self, &self->inside->revoked);
}

// ---- its life ----

static _Atomic int64_t turn_within_us; // world_turn_within; a world is alone, or asks its first replica
static wall_clock_t *turned_within;

static fault_t begin_unit (void *scheduler, turn_t *turn)
{
    TRY (commit_begin (scheduler, turn));
    int64_t by_us = atomic_exchange (&turn_within_us, 0);
    if (by_us)
        clock_turn (turned_within, by_us);
    return OK;
}

void world_turn_within (world_t *self, int64_t seconds)
{
    turned_within = self->clock;
    atomic_store (&turn_within_us, SECONDS (seconds));
}

static void start_scheduler (world_t *self)
{
    struct inside *in = self->inside;
    CHECK_INT (db_open (&in->db, in->engine, &self->turn), OK);
    CHECK_INT (database_migrate (in->db, &self->turn, "scheduler"), OK);
    CHECK_INT (database_migrate (in->db, &self->turn, "requests"), OK);
    CHECK_INT (database_migrate (in->db, &self->turn, "audit"), OK);
    in->scheduler = scheduler_new (&(scheduler_options_t){.db = in->db,
                                                          .lease_seconds = self->lease_seconds,
                                                          .max_attempts = self->max_attempts,
                                                          .agent_retention_days = 30,
                                                          .clock = self->leases,
                                                          .key = &in->key,
                                                          .server_url = "http://ci.example",
                                                          .keeps = self->keeps});
    in->class = scheduler_class;
    in->class.begin = begin_unit;
    in->actor = actor_new (&in->class, in->scheduler, in->bus, NULL);
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
    in->scm = actor_new (&pretended_scm, in, in->bus, NULL);
    in->logs = actor_new (&pretended_logs, in, in->bus, NULL);
    in->artifacts = actor_new (&pretended_artifacts, in, in->bus, NULL);
    in->identity = actor_new (&pretended_identity, in, in->bus, NULL);
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

// Whoever asks otherwise: an agent sees no others.
static void list_agents (world_t *self)
{
    agent_page_t agents;
    const caller_t before = self->caller;
    self->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    MUST (self, agent_list, &agents);
    self->caller = before;
}

// With a bus of its own: an inbox's name is free again only some time after its end.
void world_restart (world_t *self)
{
    stop (self);
    start (self);
    list_agents (self); // Its first tick is done
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
    fresh_database (in->engine, "audit requests scheduler");
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
    free (in->called_text);
    free (in->called_fails);
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

// A tick that is due is done when the scheduler has answered twice: a question that usually takes long is served in turns with what is
// quick, and the first may have been before it.
static void wait_for_tick (world_t *self)
{
    list_agents (self);
    list_agents (self);
}

// Time that passes at once would be time in which no scheduler served.
void world_turn (world_t *self, int64_t seconds)
{
    int64_t step = self->lease_seconds ? self->lease_seconds / 6 : 5;
    for (; seconds > step && seconds < LEASES_MATTER; seconds -= step) {
        clock_turn (self->clock, SECONDS (step));
        wait_for_tick (self);
    }
    world_sleep (self, seconds);
}

void world_sleep (world_t *self, int64_t seconds)
{
    clock_turn (self->clock, SECONDS (seconds));
    for (int i = 0; i < 3; i++) {
        poll (NULL, 0, 8);
        list_agents (self);
    }
}
