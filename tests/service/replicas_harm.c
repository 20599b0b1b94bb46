/* Two real schedulers and two real log collectors on PostgreSQL, killed, frozen and cut off within their units of work and right after
 * their commits, while agents work and say everything twice, as if the answer had been lost: every run ends once, no job is begun twice,
 * every log is sealed and whole. */

#include "common/base/sha256.h"
#include "tests/service/replicas/world.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define AGENTS             4
#define JOBS_OF_RUN        5 // Three cells, and two jobs after them
#define RUNS               64
#define JOBS               (RUNS * JOBS_OF_RUN)
#define TAKEN_OVER_SECONDS 3
#define COUNT(array)       (sizeof (array) / sizeof (array)[0])

typedef struct {
    int way;
    const char *id;
    enum { FREE, OFFERED, AT_WORK } state;
    job_offer_t offer;
    int64_t until_us; // It must not begin the offer later; monotonic
    size_t pieces;    // Of its log, that were said
} worker_t;

typedef struct {
    const char *job;
    uint32_t attempt;
    unsigned begun, ended; // How often
} work_t;

typedef struct {
    world_t *world;
    worker_t agents[AGENTS];
    const char *runs[RUNS];
    size_t run_count;
    work_t work[JOBS];
    size_t work_count, ended; // Jobs
} play_t;

// ---- what a job prints ----

// The second is packed in a thread beside the collector's.
static const size_t pieces[] = {1000, 100000, 20000};
#define LOG_SIZE (1000 + 100000 + 20000)

static char *log_of (world_t *world, const char *job, uint32_t attempt)
{
    char *log = arena_alloc (world->arena, LOG_SIZE);
    unsigned seed = attempt;
    for (; *job; job++)
        seed = seed * 31 + (unsigned char) *job;
    for (size_t i = 0; i < LOG_SIZE; i++) {
        seed = seed * 1664525 + 1013904223;
        log[i] = i % 60 == 59 ? '\n' : (char) ('a' + (seed >> 24) % 26);
    }
    return log;
}

static const char *sum_of (world_t *world, const char *log)
{
    sha256_t sha;
    sha256_init (&sha);
    sha256_add (&sha, log, LOG_SIZE);
    return sha256_hex (&sha, world->arena);
}

// ---- agents ----

static work_t *work_of (play_t *self, const char *job)
{
    for (size_t i = 0; i < self->work_count; i++)
        if (strcmp (self->work[i].job, job) == 0)
            return &self->work[i];
    CHECK (self->work_count < JOBS);
    self->work[self->work_count] = (work_t){.job = job};
    return &self->work[self->work_count++];
}

static caller_t job_caller (const worker_t *agent)
{
    return (caller_t){.role = ROLE_JOB, .subject = agent->offer.job, .attempt = agent->offer.attempt};
}

static bool look_for_work (play_t *self, worker_t *agent)
{
    int64_t asked_us = clock_monotonic_us ();
    caller_t caller = {.role = ROLE_AGENT, .subject = agent->id};
    MUST (self->world, agent->way, caller, NULL, agent_next, &agent->offer, .agent = agent->id,
          .sent_at = clock_now_us (clock_system ()));
    if (!*agent->offer.job)
        return false;
    agent->until_us = asked_us + SECONDS (agent->offer.valid_seconds);
    agent->state = clock_monotonic_us () < agent->until_us ? OFFERED : FREE;
    return true;
}

// Refused it may be only where the offer was too old by then.
static void begin (play_t *self, worker_t *agent)
{
    job_orders_t orders;
    fault_t fault = ASK (self->world, agent->way, job_caller (agent), NULL, job_status, &orders,
                         .job = agent->offer.job, .attempt = agent->offer.attempt, .state = job_running);
    agent->state = fault ? FREE : AT_WORK;
    agent->pieces = 0;
    if (fault) {
        CHECK_INT (fault, CONFLICT);
        CHECK (clock_monotonic_us () > agent->until_us);
        return;
    }
    work_t *work = work_of (self, agent->offer.job);
    work->begun++;
    work->attempt = agent->offer.attempt;
}

// Every other piece is said twice, as if the answer had been lost.
static void print_piece (play_t *self, worker_t *agent)
{
    world_t *world = self->world;
    const char *log = log_of (world, agent->offer.job, agent->offer.attempt);
    size_t at = 0, number = agent->pieces++;
    for (size_t i = 0; i < number; i++)
        at += pieces[i];
    for (size_t i = 0; i <= number % 2; i++) {
        log_offset_t answer;
        MUST (world, (agent->way + (int) i) % WAYS, job_caller (agent), NULL, log_append, &answer,
              .job = agent->offer.job, .attempt = agent->offer.attempt, .step = 1, .offset = (int64_t) at,
              .data = {log + at, pieces[number]});
        CHECK_INT (answer.offset, at + pieces[number]);
    }
}

static void finish (play_t *self, worker_t *agent)
{
    world_t *world = self->world;
    const char *log = log_of (world, agent->offer.job, agent->offer.attempt);
    for (int i = 0; i < WAYS; i++) {
        job_orders_t orders;
        MUST (world, (agent->way + i) % WAYS, job_caller (agent), NULL, job_status, &orders,
              .job = agent->offer.job, .attempt = agent->offer.attempt, .state = job_finished,
              .result = result_success, .log_size = LOG_SIZE, .log_sha256 = sum_of (world, log));
    }
    work_of (self, agent->offer.job)->ended++;
    self->ended++;
    agent->state = FREE;
}

static bool act (play_t *self, worker_t *agent)
{
    if (agent->state == FREE)
        return look_for_work (self, agent);
    if (agent->state == OFFERED)
        begin (self, agent);
    else if (agent->pieces < COUNT (pieces))
        print_piece (self, agent);
    else
        finish (self, agent);
    return true;
}

static void register_agents (play_t *self)
{
    for (int i = 0; i < AGENTS; i++) {
        agent_registered_t answer;
        const char *label = "linux", *name = arena_printf (self->world->arena, "agent-%d", i);
        MUST (self->world, i % WAYS, ADA, name, agent_register, &answer, .name = name, .labels = {&label, 1},
              .key = arena_printf (self->world->arena, "oca_%032d", i));
        self->agents[i] = (worker_t){.way = i % WAYS, .id = answer.id};
    }
}

// ---- runs ----

// Asked again over the other way it is the same run.
static void trigger (play_t *self)
{
    const char *key = arena_printf (self->world->arena, "run %zu", self->run_count);
    int way = world_triggers (self->world, (int) self->run_count % WAYS);
    CHECK (self->run_count < RUNS);
    for (int i = 0; i < WAYS; i++) {
        run_t run;
        MUST (self->world, (way + i) % WAYS, ADA, key, run_trigger, &run, .project = "demo",
              .workflow = "ci.yml");
        if (i == 0)
            self->runs[self->run_count] = run.id;
        CHECK_STR (run.id, self->runs[self->run_count]);
    }
    self->run_count++;
}

static void make_project (play_t *self)
{
    project_t project;
    MUST (self->world, 0, ADA, "project", project_add, &project, .name = "demo",
          .url = "https://git.example/ada/demo.git");
    while (project.state != project_ready)
        MUST (self->world, 0, ADA, NULL, project_show, &project, .project = "demo");
}

// Runs follow each other until everybody was harmed, and then end.
static void work_off (play_t *self)
{
    for (;;) {
        size_t left = self->run_count * JOBS_OF_RUN - self->ended;
        bool harmed = world_is_harmed (self->world), acted = false;
        if (harmed && left == 0)
            return;
        if (!harmed && left < JOBS_OF_RUN)
            trigger (self);
        for (int i = 0; i < AGENTS; i++)
            acted |= act (self, &self->agents[i]);
        if (!acted)
            poll (NULL, 0, 5);
    }
}

// ---- what must have come of it ----

static void check_log (world_t *world, const job_t *job)
{
    const char *log = log_of (world, job->id, job->attempt);
    log_info_t info;
    MUST (world, 0, ADA, NULL, log_show, &info, .job = job->id);
    CHECK_INT (info.attempt, job->attempt);
    CHECK (info.sealed);
    CHECK_STR (info.sha256, sum_of (world, log));
    log_window_t window = {0};
    for (int64_t at = 0; at < LOG_SIZE; at = window.next_offset) {
        MUST (world, 1, ADA, NULL, log_read, &window, .job = job->id, .offset = at);
        CHECK (window.data.size > 0 && window.offset == at && window.next_offset <= LOG_SIZE);
        CHECK (memcmp (window.data.data, log + at, window.data.size) == 0);
    }
}

static void check_run (play_t *self, const char *id)
{
    run_t run;
    do
        MUST (self->world, 0, ADA, NULL, run_show, &run, .run = id);
    while (run.state != run_finished);
    CHECK_INT (run.result, result_success);
    CHECK_INT (run.jobs.count, JOBS_OF_RUN);
    for (size_t i = 0; i < run.jobs.count; i++) {
        const job_t *job = &run.jobs.items[i];
        const work_t *work = work_of (self, job->id);
        CHECK_INT (job->result, result_success);
        CHECK_INT (work->begun, 1);
        CHECK_INT (work->ended, 1);
        CHECK_INT (work->attempt, job->attempt);
        check_log (self->world, job);
    }
}

static bool says (const event_t *event, const char *type, const char *id, const char *state)
{
    return strcmp (event->type, type) == 0 && strcmp (event->state, state) == 0 &&
           (strcmp (event->job_id, id) == 0 || (!*event->job_id && strcmp (event->run_id, id) == 0));
}

// Each job began and ended once and each run ended once, as those see it who follow events; none is missing.
static void check_events (play_t *self)
{
    size_t begun = 0, ended = 0, runs = 0;
    events_t events = {.cursor = 0};
    for (int64_t last = 0;; last = events.cursor) {
        MUST (self->world, 1, ADA, NULL, events_read, &events, .after = last);
        for (size_t i = 0; i < events.items.count; i++) {
            const event_t *event = &events.items.items[i];
            CHECK_INT (event->id, last + 1 + (int64_t) i);
            begun += says (event, "job.state", event->job_id, "running");
            ended += says (event, "job.state", event->job_id, "finished");
            runs += says (event, "run.state", event->run_id, "finished");
        }
        if (events.items.count == 0)
            break;
    }
    CHECK_INT (begun, self->work_count);
    CHECK_INT (ended, self->work_count);
    CHECK_INT (runs, self->run_count);
}

static void begin_work (play_t *self)
{
    make_project (self);
    register_agents (self);
}

static void check_all (play_t *self)
{
    for (size_t i = 0; i < self->run_count; i++)
        check_run (self, self->runs[i]);
    check_events (self);
    CHECK_INT (world_number (self->world, "select count (*) from runs"), self->run_count);
    world_wait_for (self->world,
                    "select (select count (*) from leases) + (select count (*) from waiting)"
                    " + (select count (*) from seals) + (select coalesce (sum (running), 0) from projects)",
                    0);
}

static void play (const harm_t *plan, size_t count)
{
    play_t self = {.world = world_new (plan, count)};
    if (!self.world)
        return;
    begin_work (&self);
    work_off (&self);
    check_all (&self);
    world_destroy (&self.world);
}

TEST (runs_end_once_and_logs_are_whole_whenever_their_servers_are_killed)
{
    static const harm_t plan[] = {
        {SCHEDULER_1, AFTER_A_COMMIT, SIGKILL, .at_trigger = true},
        {SCHEDULER_2, BEFORE_A_COMMIT, SIGKILL, .at_trigger = true},
        {SCHEDULER_1, WITHIN_A_UNIT, SIGKILL, .skip = 4},
        {LOGS_1, AFTER_A_COMMIT, SIGKILL, .skip = 3},
        {SCHEDULER_2, AFTER_A_COMMIT, SIGKILL, .skip = 5},
        {LOGS_2, WITHIN_A_UNIT, SIGKILL, .skip = 2},
        {SCHEDULER_1, AFTER_A_COMMIT, SIGKILL, .skip = 7},
        {LOGS_1, WITHIN_A_UNIT, SIGKILL, .skip = 5},
        {SCHEDULER_2, WITHIN_A_UNIT, SIGKILL, .skip = 2},
        {LOGS_2, AFTER_A_COMMIT, SIGKILL, .skip = 4},
    };
    play (plan, COUNT (plan));
}

TEST (runs_end_once_and_logs_are_whole_whenever_their_servers_are_frozen)
{
    static const harm_t plan[] = {
        {SCHEDULER_2, AFTER_A_COMMIT, SIGSTOP, .at_trigger = true},
        {SCHEDULER_1, AFTER_A_COMMIT, SIGSTOP, .skip = 4},
        {LOGS_1, AFTER_A_COMMIT, SIGSTOP, .skip = 3},
        {SCHEDULER_2, WITHIN_A_UNIT, SIGSTOP, .skip = 5},
        {LOGS_2, WITHIN_A_UNIT, SIGSTOP, .skip = 2},
        {SCHEDULER_2, AFTER_A_COMMIT, SIGSTOP, .skip = 3},
        {LOGS_2, AFTER_A_COMMIT, SIGSTOP, .skip = 1},
        {SCHEDULER_1, WITHIN_A_UNIT, SIGSTOP, .skip = 6},
        {LOGS_1, WITHIN_A_UNIT, SIGSTOP, .skip = 4},
    };
    play (plan, COUNT (plan));
}

TEST (runs_end_once_and_logs_are_whole_whatever_never_comes_to_the_database_or_back)
{
    static const harm_t plan[] = {
        {SCHEDULER_1, AFTER_A_COMMIT, .at_trigger = true},
        {SCHEDULER_2, BEFORE_A_COMMIT, .at_trigger = true},
        {LOGS_1, AFTER_A_COMMIT, .skip = 2},
        {LOGS_2, BEFORE_A_COMMIT, .skip = 1},
        {SCHEDULER_1, BEFORE_A_COMMIT, .at_trigger = true},
        {SCHEDULER_2, AFTER_A_COMMIT, .at_trigger = true},
        {SCHEDULER_1, WITHIN_A_UNIT, .skip = 3},
        {SCHEDULER_2, BEFORE_A_COMMIT, .skip = 5},
        {SCHEDULER_1, AFTER_A_COMMIT, .skip = 6},
        {LOGS_1, BEFORE_A_COMMIT, .skip = 3},
        {LOGS_2, AFTER_A_COMMIT, .skip = 4},
        {SCHEDULER_2, AFTER_A_COMMIT, .skip = 9},
        {SCHEDULER_1, BEFORE_A_COMMIT, .skip = 2},
        {LOGS_2, WITHIN_A_UNIT, .skip = 1},
    };
    play (plan, COUNT (plan));
}

// Nobody is late for it: neither who was being answered by the one that ended or is frozen, nor who has something new.
static void lose_the_one_that_is_asked (moment_t moment, int with)
{
    play_t self = {.world = world_new (NULL, 0)};
    if (!self.world)
        return;
    const harm_t harm = {world_take_turns (self.world), moment, with, .skip = 12, .for_good = true};
    begin_work (&self);
    trigger (&self);
    self.world->longest_us = 0; // Its programs have started
    self.world->plan = &harm;
    self.world->plan_count = 1;
    work_off (&self);
    for (int i = 0; i < 2; i++) {
        trigger (&self);
        work_off (&self);
    }
    CHECK (self.world->longest_us < SECONDS (TAKEN_OVER_SECONDS));
    process_signal (self.world->programs[harm.link].process, SIGCONT);
    check_all (&self);
    world_destroy (&self.world);
}

TEST (the_other_scheduler_takes_over_within_three_seconds_when_the_one_that_all_ask_is_killed)
{
    lose_the_one_that_is_asked (AFTER_A_COMMIT, SIGKILL);
}

TEST (the_other_scheduler_takes_over_within_three_seconds_when_the_one_that_all_ask_is_killed_as_it_writes)
{
    lose_the_one_that_is_asked (WITHIN_A_UNIT, SIGKILL);
}

// What it had begun, and what lies in its queue, it finds done by the other when it wakes up.
TEST (the_other_scheduler_takes_over_within_three_seconds_when_the_one_that_all_ask_is_frozen)
{
    lose_the_one_that_is_asked (AFTER_A_COMMIT, SIGSTOP);
}

TEST (the_other_scheduler_takes_over_within_three_seconds_when_the_one_that_all_ask_is_frozen_as_it_writes)
{
    lose_the_one_that_is_asked (WITHIN_A_UNIT, SIGSTOP);
}
