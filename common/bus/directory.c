/* directory.c - a thread with a database connection of its own: write the heartbeat, read, update the bus, wait.
 *
 * A replica is alive while its row changes from one read to the next; clocks are compared only for rows that are read
 * for the first time, so that replicas killed before we began are not used. */

#include "common/bus/directory.h"

#include "common/base/log.h"
#include "common/bus/bus_directory.h"
#include "common/bus/directory_store.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define MINE  16 // Services of one process
#define KNOWN 32 // Services of the system
#define READS                                           \
    ((DIRECTORY_SILENT_S + DIRECTORY_HEARTBEAT_S - 1) / \
     DIRECTORY_HEARTBEAT_S) // In which a row may stay unchanged

typedef struct {
    char *service, *endpoint;
} mine_t;

// A row, as it was read last.
typedef struct {
    char *service, *endpoint;
    int64_t seen_at_us; // By its writer's clock
    int still;          // Consecutive reads in which it has not changed
    bool listed;        // Seen in the current read
} row_t;

struct directory {
    db_t *db;
    bus_t *bus;
    pthread_t thread;
    bool started;
    pthread_mutex_t lock; // Of all: db too
    pthread_cond_t changed;
    bool stopping;
    mine_t mine[MINE];
    size_t count;
    char *known[KNOWN]; // Services that were seen, so that the bus learns when all their replicas are gone
    size_t known_count;
    row_t rows[DIRECTORY_ROWS];
    size_t row_count;
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

static void row_free (row_t *row)
{
    free (row->service);
    free (row->endpoint);
}

static row_t *find_row (directory_t *self, const char *service, const char *endpoint)
{
    for (size_t i = 0; i < self->row_count; i++)
        if (strcmp (self->rows[i].endpoint, endpoint) == 0 && strcmp (self->rows[i].service, service) == 0)
            return &self->rows[i];
    return NULL;
}

static void take_row (directory_t *self, const turn_t *turn, const char *service, const char *endpoint,
                      int64_t seen_at_us)
{
    row_t *row = find_row (self, service, endpoint);
    if (!row && self->row_count == DIRECTORY_ROWS)
        return; // It is added when others are no longer listed
    if (!row) {
        bool fresh = seen_at_us >= turn->now_us - SECONDS (DIRECTORY_SILENT_S);
        row = &self->rows[self->row_count++];
        *row = (row_t){strdup (service), strdup (endpoint), seen_at_us, fresh ? 0 : READS, true};
        return;
    }
    row->still = row->seen_at_us != seen_at_us ? 0 : row->still < READS ? row->still + 1 : READS;
    row->seen_at_us = seen_at_us;
    row->listed = true;
}

static void take_rows (directory_t *self, const turn_t *turn, const rows_t *rows)
{
    for (size_t i = 0; i < self->row_count; i++)
        self->rows[i].listed = false;
    for (size_t i = 0; i < rows_count (rows); i++)
        take_row (self, turn, rows_str (rows, i, 0), rows_str (rows, i, 1), rows_i64 (rows, i, 2));
    size_t kept = 0;
    for (size_t i = 0; i < self->row_count; i++)
        if (self->rows[i].listed)
            self->rows[kept++] = self->rows[i];
        else
            row_free (&self->rows[i]);
    self->row_count = kept;
}

static void report (directory_t *self, const char *service)
{
    const char *endpoints[BUS_REPLICAS];
    size_t count = 0;
    for (size_t i = 0; i < self->row_count && count < BUS_REPLICAS; i++)
        if (self->rows[i].still < READS && strcmp (self->rows[i].service, service) == 0)
            endpoints[count++] = self->rows[i].endpoint;
    bus_set_endpoints (self->bus, service, endpoints, count);
}

static fault_t refresh (directory_t *self, turn_t *turn)
{
    const rows_t *rows;
    fault_t fault = OK;
    for (size_t i = 0; i < self->count && fault == OK; i++)
        fault = directory_store_heartbeat (self->db, turn, self->mine[i].service, self->mine[i].endpoint);
    if (fault == OK)
        fault = directory_store_list (self->db, turn, turn->now_us - SECONDS (DIRECTORY_KEPT_S), &rows);
    if (fault != OK)
        return fault;
    take_rows (self, turn, rows);
    for (size_t i = 0; i < self->row_count; i++)
        if (!remember (self, self->rows[i].service))
            log_warn ("a service is ignored: too many are known", "service", self->rows[i].service, NULL);
    for (size_t i = 0; i < self->known_count; i++)
        report (self, self->known[i]);
    return OK;
}

// ---- the thread ----

static void wait_for_heartbeat (directory_t *self)
{
    int64_t until = clock_monotonic_us () + SECONDS (DIRECTORY_HEARTBEAT_S);
    struct timespec at = {.tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000};
    while (!self->stopping && pthread_cond_timedwait (&self->changed, &self->lock, &at) == 0)
        ;
}

static void *heartbeat (void *context)
{
    directory_t *self = context;
    arena_t *arena = arena_new ();
    log_name_thread ("directory");
    pthread_mutex_lock (&self->lock);
    for (wait_for_heartbeat (self); !self->stopping; wait_for_heartbeat (self)) {
        turn_t turn;
        arena_reset (arena);
        turn_init (&turn, arena, "directory", clock_now_us (bus_clock (self->bus)));
        if (refresh (self, &turn) != OK)
            log_warn ("the directory cannot be read; the known replicas are kept", "reason", turn.detail,
                      NULL);
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
    pthread_cond_init (&self->changed, &monotonic);
    pthread_condattr_destroy (&monotonic);
    fault_t fault = directory_store_clean (self->db, turn, turn->now_us - SECONDS (DIRECTORY_KEPT_S));
    if (fault == OK)
        fault = refresh (self, turn);
    if (fault == OK) {
        self->started = pthread_create (&self->thread, NULL, heartbeat, self) == 0;
        if (!self->started)
            fault = turn_fail (turn, BROKEN, "cannot start a thread: %m");
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
            log_warn ("a row of the directory could not be removed; it will expire", "reason", turn.detail,
                      NULL);
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
    pthread_cond_signal (&self->changed);
    pthread_mutex_unlock (&self->lock);
    if (self->started)
        pthread_join (self->thread, NULL);
    forget_mine (self);
    while (self->known_count > 0)
        free (self->known[--self->known_count]);
    while (self->row_count > 0)
        row_free (&self->rows[--self->row_count]);
    pthread_mutex_destroy (&self->lock);
    pthread_cond_destroy (&self->changed);
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
