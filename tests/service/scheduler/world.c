/* world.c - see world.h. */

#include "tests/service/scheduler/world.h"

#include "common/id.h"
#include "db/migrations.h"
#include "proto/codec.h"
#include "services/scheduler/scheduler.h"

#include <ftw.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES 8

struct inside {
    char folder[128];
    const char *engine;
    bus_t *bus;
    db_t *db;
    scheduler_t *scheduler;
    actor_t *actor, *scm, *logs, *identity;
    secret_key_t key;
    pthread_mutex_t lock; // Over what the pretended services share with the test
    char paths[FILES][64];
    char *texts[FILES];
    size_t files;
    char sha[48];
    char *fails;
    int seals, revoked;
    fault_t log_fault;
};

// ---- pretended services ----

// Since "old" one file has changed, since "same" none; any other commit is gone.
static void add_changes (turn_t *turn, const char *before, scm_tree_t *tree)
{
    bool old = strcmp (before, "old") == 0;
    tree->compared = old || strcmp (before, "same") == 0;
    tree->changed.items = arena_array (turn->arena, 1, sizeof (char *));
    tree->changed.items[0] = "src/a.c";
    tree->changed.count = old ? 1 : 0;
}

static fault_t scm_fetch (void *self, turn_t *turn, const void *asked, void *answered)
{
    struct inside *in = self;
    const scm_fetch_t *ask = asked;
    scm_tree_t *tree = answered;
    fault_t fault = OK;
    pthread_mutex_lock (&in->lock);
    if (in->fails)
        fault = turn_fail (turn, INVALID, "%s", in->fails);
    tree->sha = arena_strdup (turn->arena, *ask->sha ? ask->sha : in->sha);
    tree->default_branch = "main";
    bool is_full = strncmp (ask->ref, "refs/", 5) == 0;
    tree->ref = !*ask->ref ? "refs/heads/main"
                           : arena_printf (turn->arena, "%s%s", is_full ? "" : "refs/heads/", ask->ref);
    tree->subject = tree->message = "Make it so";
    tree->author = tree->author_email = "ada";
    tree->files.items = arena_array (turn->arena, FILES, sizeof (file_text_t));
    tree->files.count = in->files;
    for (size_t i = 0; i < in->files; i++) {
        tree->files.items[i].path = arena_printf (turn->arena, ".github/workflows/%s", in->paths[i]);
        size_t size = strlen (in->texts[i]);
        tree->files.items[i].text = (bytes_t){arena_copy (turn->arena, in->texts[i], size), size};
    }
    pthread_mutex_unlock (&in->lock);
    add_changes (turn, ask->before, tree);
    return fault;
}

static fault_t log_seal (void *self, turn_t *turn, const void *asked, void *answered)
{
    struct inside *in = self;
    const log_seal_t *ask = asked;
    (void) turn;
    pthread_mutex_lock (&in->lock);
    in->seals += *ask->sha256 == 0;
    fault_t fault = in->log_fault;
    pthread_mutex_unlock (&in->lock);
    *(log_offset_t *) answered = (log_offset_t){ask->size, true};
    return fault;
}

static fault_t token_issue (void *self, turn_t *turn, const void *asked, void *answered)
{
    (void) self;
    const token_issue_t *ask = asked;
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
    in->revoked++;
    pthread_mutex_unlock (&in->lock);
    return OK;
}

static const handler_t scm_handlers[] = {{MSG_scm_fetch, scm_fetch}};
static const handler_t log_handlers[] = {{MSG_log_seal, log_seal}};
static const handler_t identity_handlers[] = {{MSG_token_issue, token_issue},
                                              {MSG_token_revoke, token_revoke}};
static const actor_class_t scm_class = {.name = "scm", .handlers = scm_handlers, .count = 1};
static const actor_class_t logs_class = {.name = "logs", .handlers = log_handlers, .count = 1};
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
    pthread_mutex_lock (&self->inside->lock);
    free (self->inside->fails);
    self->inside->fails = detail ? strdup (detail) : NULL;
    pthread_mutex_unlock (&self->inside->lock);
}

void world_log_fault (world_t *self, fault_t fault)
{
    pthread_mutex_lock (&self->inside->lock);
    self->inside->log_fault = fault;
    pthread_mutex_unlock (&self->inside->lock);
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

int world_revoked (world_t *self)
{
    return locked (self, &self->inside->revoked);
}

// ---- its life ----

static void start_scheduler (world_t *self)
{
    struct inside *in = self->inside;
    size_t count;
    const migration_t *list = migrations_of ("scheduler", &count);
    CHECK_INT (db_open (&in->db, in->engine, &self->turn), OK);
    CHECK_INT (db_migrate (in->db, &self->turn, "scheduler", list, count), OK);
    in->scheduler = scheduler_new (&(scheduler_options_t){.db = in->db,
                                                          .lease_seconds = self->lease_seconds,
                                                          .max_attempts = self->max_attempts,
                                                          .key = &in->key,
                                                          .server_url = "http://ci.example"});
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
    actor_destroy (&in->identity);
    bus_destroy (&in->bus);
}

// With a bus of its own: an inbox's name is free again only some time after its end.
void world_restart (world_t *self)
{
    stop (self);
    start (self);
}

static int remove_one (const char *path, const struct stat *stat, int kind, struct FTW *walk)
{
    (void) stat, (void) kind, (void) walk;
    return remove (path);
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
    const char *base = getenv ("TMPDIR");
    *in = (struct inside){.sha = "0000000000000000000000000000000000000001"};
    *self = (world_t){.inside = in, .arena = arena_new (), .clock = clock_by_hand (WORLD_BEGINS)};
    self->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    turn_init (&self->turn, self->arena, "test", WORLD_BEGINS);
    pthread_mutex_init (&in->lock, NULL);
    snprintf (in->folder, sizeof in->folder, "%s/opencicd-scheduler-XXXXXX", base ? base : "/tmp");
    CHECK (mkdtemp (in->folder));
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
    nftw (in->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    for (size_t i = 0; i < in->files; i++)
        free (in->texts[i]);
    free (in->fails);
    pthread_mutex_destroy (&in->lock);
    arena_destroy (&self->arena);
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

// Any question that the scheduler answers after its tick shows that the tick is done.
void world_turn (world_t *self, int64_t seconds)
{
    clock_turn (self->clock, SECONDS (seconds));
    for (int i = 0; i < 3; i++) {
        poll (NULL, 0, 8);
        agent_page_t agents;
        MUST (self, agent_list, &agents);
    }
}

// ---- the language ----

void project (world_t *self)
{
    project_t made;
    MUST (self, project_add, &made, .name = "demo", .url = "https://git.example/ada/demo.git");
}

run_t trigger (world_t *self)
{
    run_t run;
    MUST (self, run_trigger, &run, .project = "demo", .workflow = "ci.yml");
    return run;
}

run_t run_of (world_t *self, const char *id)
{
    run_t run;
    MUST (self, run_show, &run, .run = id);
    return run;
}

const job_t *job_of (const run_t *run, const char *name)
{
    for (size_t i = 0; i < run->jobs.count; i++)
        if (strcmp (run->jobs.items[i].name, name) == 0)
            return &run->jobs.items[i];
    test_fail (__FILE__, __LINE__, "the run has no job %s", name);
}

static const char *text_of (world_t *self, const states_t *states, uint32_t state, uint32_t result)
{
    return result == result_none ? state_name (states, state)
                                 : arena_printf (self->arena, "%s %s", state_name (states, state),
                                                 state_name (&states_result, result));
}

const char *job_text (world_t *self, const char *run, const char *name)
{
    run_t shown = run_of (self, run);
    const job_t *job = job_of (&shown, name);
    return text_of (self, &states_job, job->state, job->result);
}

const char *run_text (world_t *self, const char *run)
{
    run_t shown = run_of (self, run);
    return text_of (self, &states_run, shown.state, shown.result);
}

void wait_for_job (world_t *self, const char *run, const char *name, const char *text)
{
    for (int i = 0; i < WAIT_MS / 5 && strcmp (job_text (self, run, name), text) != 0; i++)
        poll (NULL, 0, 5);
    CHECK_STR (job_text (self, run, name), text);
}

void wait_for_run (world_t *self, const char *run, const char *text)
{
    for (int i = 0; i < WAIT_MS / 5 && strcmp (run_text (self, run), text) != 0; i++)
        poll (NULL, 0, 5);
    CHECK_STR (run_text (self, run), text);
}

fake_agent_t agent (world_t *self, const char *name, const char *labels)
{
    agent_register_t ask = {.name = name};
    agent_registered_t answer;
    CHECK_INT (message_set (MESSAGE (agent_register), &self->turn, "labels", labels, &ask), OK);
    CHECK_INT (world_ask (self, MSG_agent_register, &ask, &answer), OK);
    return (fake_agent_t){.id = answer.id, .name = name};
}

bool take (world_t *self, fake_agent_t *agent)
{
    self->caller = (caller_t){.role = ROLE_AGENT, .subject = agent->id};
    MUST (self, agent_next, &agent->offer, .agent = agent->id);
    self->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    return *agent->offer.job != 0;
}

const char *takes (world_t *self, fake_agent_t *agent)
{
    return take (self, agent) ? agent->offer.name : "";
}

static fault_t say_all (world_t *self, const fake_agent_t *agent, const job_status_t *words,
                        job_orders_t *orders)
{
    self->caller = (caller_t){ROLE_JOB, agent->offer.job, agent->offer.attempt};
    fault_t fault = world_ask (self, MSG_job_status, words, orders);
    self->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    return fault;
}

fault_t say (world_t *self, const fake_agent_t *agent, job_state_t state, result_t result, order_t *order)
{
    job_orders_t orders = {0};
    job_status_t words = {
        .job = agent->offer.job,
        .attempt = agent->offer.attempt,
        .state = state,
        .result = result,
        .log_sha256 = "ab",
    };
    fault_t fault = say_all (self, agent, &words, &orders);
    if (order)
        *order = orders.order;
    return fault;
}

void begins (world_t *self, fake_agent_t *agent)
{
    CHECK_INT (say (self, agent, job_running, result_none, NULL), OK);
}

void ends (world_t *self, fake_agent_t *agent, result_t result)
{
    ends_with (self, agent, result, "{}");
}

void ends_with (world_t *self, fake_agent_t *agent, result_t result, const char *outputs)
{
    job_orders_t orders;
    job_status_t words = {
        .job = agent->offer.job,
        .attempt = agent->offer.attempt,
        .state = job_finished,
        .result = result,
        .outputs = outputs,
        .log_size = 3,
        .log_sha256 = "ab",
    };
    fault_t fault = say_all (self, agent, &words, &orders);
    if (fault)
        test_fail (__FILE__, __LINE__, "%s ends: %s: %s", agent->offer.name, fault_name (fault),
                   self->turn.detail ? self->turn.detail : "");
}

order_t beats (world_t *self, fake_agent_t *agent)
{
    job_orders_t orders;
    self->caller = (caller_t){.role = ROLE_AGENT, .subject = agent->id};
    MUST (self, agent_beat, &orders, .agent = agent->id, .job = agent->offer.job,
          .attempt = agent->offer.attempt);
    self->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    return orders.order;
}
