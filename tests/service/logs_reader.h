/* logs_reader.h - a reader in a thread of its own, which waits for what a log gets next. */

#ifndef OPENCICD_TEST_LOGS_READER_H
#define OPENCICD_TEST_LOGS_READER_H

#include "common/base/metrics.h"
#include "tests/service/logs_words.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

typedef struct {
    world_t *world;
    turn_t turn;
    log_read_t ask;
    log_window_t window;
    fault_t fault;
    pthread_t thread;
    atomic_bool done;
} reader_t;

static inline void *read_in_thread (void *context)
{
    reader_t *self = context;
    self->fault = bus_client_call (self->world->client, &self->turn, MSG_log_read, &self->ask, &self->window);
    self->done = true;
    return NULL;
}

static inline void reader_start_for (reader_t *self, world_t *world, log_read_t ask, int64_t for_us)
{
    *self = (reader_t){.world = world, .ask = ask};
    self->ask.job = world->job;
    turn_init (&self->turn, arena_new (), "reader", clock_now_us (world->clock));
    self->turn.caller.role = ROLE_VIEWER;
    self->turn.caller.subject = "";
    self->turn.deadline_us = clock_now_us (world->clock) + for_us;
    pthread_create (&self->thread, NULL, read_in_thread, self);
}

static inline void reader_start (reader_t *self, world_t *world, log_read_t ask)
{
    reader_start_for (self, world, ask, SECONDS (3600));
}

static inline void reader_end (reader_t *self)
{
    pthread_join (self->thread, NULL);
    CHECK_INT (self->fault, OK);
}

static inline int64_t reads_run (void)
{
    return metric_read (metrics_histogram ("opencicd_handler_seconds", "message", "log_read", ""));
}

// Returns when the handler has run for it: it is parked before whatever is asked next.
static inline void reader_park_for (reader_t *self, world_t *world, log_read_t ask, int64_t for_us)
{
    int64_t before = reads_run (), until = test_until_us ();
    reader_start_for (self, world, ask, for_us);
    while (reads_run () == before) {
        CHECK (clock_monotonic_us () < until);
        sched_yield ();
    }
    CHECK (!self->done);
}

static inline void reader_park (reader_t *self, world_t *world, log_read_t ask)
{
    reader_park_for (self, world, ask, SECONDS (3600));
}

// Without a turn of the clock: only a wake-up ends its wait.
static inline void reader_wake (reader_t *self)
{
    int64_t until = test_until_us ();
    while (!self->done) {
        CHECK (clock_monotonic_us () < until);
        sched_yield ();
    }
    reader_end (self);
}

#endif
