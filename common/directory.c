/* directory.c - a thread with a database connection of its own: beat, read, tell the bus, wait.
 *
 * Clocks of hosts may differ by less than DIRECTORY_SILENT_S; more, and their replicas are not seen. */

#include "common/directory.h"

#include "common/bus_directory.h"
#include "common/directory_store.h"
#include "common/log.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define MINE  16 // Services of one process
#define KNOWN 32 // Services of the system

typedef struct {
    char *service, *endpoint;
} mine_t;

struct directory {
    db_t *db;
    bus_t *bus;
    pthread_t thread;
    bool started;
    pthread_mutex_t lock; // Of all: db too
    pthread_cond_t news;
    bool stopping;
    mine_t mine[MINE];
    size_t count;
    char *known[KNOWN]; // Services that were seen, to be told when all their replicas are gone
    size_t known_count;
};

// ---- reading ----

static bool remember (directory_t *self, const char *service)
{
    for (size_t i = 0; i < self->known_count; i++)
        if (strcmp (self->known[i], service) == 0)
            return true;
    if (self->known_count == KNOWN)
        return false;
    self->known[self->known_count++] = strdup (service);
    return true;
}

static void tell (directory_t *self, const char *service, const rows_t *rows)
{
    const char *endpoints[BUS_REPLICAS];
    size_t count = 0;
    for (size_t i = 0; i < rows_count (rows) && count < BUS_REPLICAS; i++)
        if (strcmp (rows_str (rows, i, 0), service) == 0)
            endpoints[count++] = rows_str (rows, i, 1);
    bus_set_endpoints (self->bus, service, endpoints, count);
}

static fault_t refresh (directory_t *self, turn_t *turn)
{
    const rows_t *rows;
    fault_t fault = OK;
    for (size_t i = 0; i < self->count && fault == OK; i++)
        fault = directory_store_beat (self->db, turn, self->mine[i].service, self->mine[i].endpoint);
    if (fault == OK)
        fault = directory_store_list (self->db, turn, turn->now_us - SECONDS (DIRECTORY_SILENT_S), &rows);
    if (fault != OK)
        return fault;
    for (size_t i = 0; i < rows_count (rows); i++)
        if (!remember (self, rows_str (rows, i, 0)))
            log_warn ("a service is left out: too many are known", "service", rows_str (rows, i, 0), NULL);
    for (size_t i = 0; i < self->known_count; i++)
        tell (self, self->known[i], rows);
    return OK;
}

// ---- the thread ----

static void wait_for_beat (directory_t *self)
{
    int64_t until = clock_monotonic_us () + SECONDS (DIRECTORY_BEAT_S);
    struct timespec at = {.tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000};
    while (!self->stopping && pthread_cond_timedwait (&self->news, &self->lock, &at) == 0)
        ;
}

static void *beat (void *context)
{
    directory_t *self = context;
    arena_t *arena = arena_new ();
    log_name_thread ("directory");
    pthread_mutex_lock (&self->lock);
    for (wait_for_beat (self); !self->stopping; wait_for_beat (self)) {
        turn_t turn;
        arena_reset (arena);
        turn_init (&turn, arena, "directory", clock_now_us (bus_clock (self->bus)));
        if (refresh (self, &turn) != OK)
            log_warn ("the directory cannot be read; what was known stays", "why", turn.detail, NULL);
    }
    pthread_mutex_unlock (&self->lock);
    arena_destroy (&arena);
    return NULL;
}

// ---- beginning and end ----

fault_t directory_new (directory_t **out, turn_t *turn, db_t **db_p, bus_t *bus)
{
    directory_t *self = calloc (1, sizeof (directory_t));
    if (!self)
        abort ();
    self->db = *db_p;
    *db_p = NULL;
    self->bus = bus;
    pthread_condattr_t monotonic;
    pthread_condattr_init (&monotonic);
    pthread_condattr_setclock (&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->news, &monotonic);
    pthread_condattr_destroy (&monotonic);
    fault_t fault = refresh (self, turn);
    if (fault == OK) {
        self->started = pthread_create (&self->thread, NULL, beat, self) == 0;
        if (!self->started)
            fault = turn_fail (turn, BROKEN, "a thread cannot be made: %m");
    }
    if (fault != OK)
        directory_destroy (&self);
    *out = self;
    return fault;
}

static void forget_mine (directory_t *self)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "directory", clock_now_us (bus_clock (self->bus)));
    while (self->count > 0) {
        mine_t *mine = &self->mine[--self->count];
        if (directory_store_forget (self->db, &turn, mine->endpoint) != OK)
            log_warn ("a row of the directory stays until it is too old", "why", turn.detail, NULL);
        free (mine->service);
        free (mine->endpoint);
    }
    arena_destroy (&arena);
}

void directory_destroy (directory_t **self_p)
{
    directory_t *self = *self_p;
    if (!self)
        return;
    pthread_mutex_lock (&self->lock);
    self->stopping = true;
    pthread_cond_signal (&self->news);
    pthread_mutex_unlock (&self->lock);
    if (self->started)
        pthread_join (self->thread, NULL);
    forget_mine (self);
    while (self->known_count > 0)
        free (self->known[--self->known_count]);
    pthread_mutex_destroy (&self->lock);
    pthread_cond_destroy (&self->news);
    db_close (&self->db);
    free (self);
    *self_p = NULL;
}

fault_t directory_announce (directory_t *self, turn_t *turn, const char *service, const char *endpoint)
{
    pthread_mutex_lock (&self->lock);
    fault_t fault =
        self->count < MINE ? OK : turn_fail (turn, BROKEN, "more than %d services in a process", MINE);
    if (fault == OK) {
        self->mine[self->count++] = (mine_t){strdup (service), strdup (endpoint)};
        fault = refresh (self, turn);
    }
    pthread_mutex_unlock (&self->lock);
    return fault;
}
