/* audit_queue.c - see audit_queue.h. One thread sends what waits, up to MAX_AUDIT_ROWS at once; requests never wait for it. */

#include "gateway/audit_queue.h"

#include "common/base/clock.h"
#include "common/base/id.h"
#include "common/base/log.h"
#include "common/base/metrics.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define AGAIN_US    SECONDS (1)
#define FAREWELL_US SECONDS (1)

typedef struct waiting {
    struct waiting *next;
    arena_t *arena; // Of the texts
    audit_entry_t entry;
} audit_waiting_t;

struct audit_queue {
    bus_client_t *client;
    pthread_t thread;
    bool runs;
    pthread_mutex_t lock; // Of what follows
    pthread_cond_t change;
    audit_waiting_t *first, **end;
    size_t count;
    double tokens; // How many refusals may be recorded now
    int64_t filled_us;
    bool stopping;
};

// ---- in ----

static void drop (const audit_entry_t *entry)
{
    metric_add (metrics_counter ("opencicd_audit_dropped_total", NULL, NULL,
                                 "Refused requests that were not recorded in the audit: there were too many"),
                1);
    log_warn ("a refused request is not in the audit", "action", entry->action, "actor", entry->actor,
              "result", entry->result, "address", entry->address, "request", entry->request_id, NULL);
}

// Under the lock.
static bool has_room (audit_queue_t *self, bool refused)
{
    int64_t now_us = clock_monotonic_us ();
    self->tokens += (double) (now_us - self->filled_us) * AUDIT_REFUSED / SECONDS (60);
    self->tokens = self->tokens < AUDIT_REFUSED ? self->tokens : AUDIT_REFUSED;
    self->filled_us = now_us;
    if (self->stopping || self->count >= AUDIT_WAITING || (refused && self->tokens < 1))
        return false;
    self->tokens -= refused;
    return true;
}

static audit_waiting_t *copy_of (const audit_entry_t *entry)
{
    arena_t *arena = arena_new ();
    audit_waiting_t *self = arena_alloc (arena, sizeof *self);
    self->arena = arena;
    self->entry = *entry;
    const char **texts[] = {&self->entry.id,        &self->entry.actor,         &self->entry.role,
                            &self->entry.action,    &self->entry.object,        &self->entry.project,
                            &self->entry.detail,    &self->entry.result,        &self->entry.address,
                            &self->entry.client,    &self->entry.forwarded_for, &self->entry.request_id,
                            &self->entry.credential};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = arena_strdup (arena, *texts[i] ? *texts[i] : "");
    return self;
}

void audit_queue_add (audit_queue_t *self, const audit_entry_t *entry)
{
    bool refused = strcmp (entry->result, fault_name (OK)) != 0;
    audit_waiting_t *waiting = copy_of (entry);
    pthread_mutex_lock (&self->lock);
    bool room = has_room (self, refused);
    if (room) {
        *self->end = waiting;
        self->end = &waiting->next;
        self->count++;
        pthread_cond_signal (&self->change);
    }
    pthread_mutex_unlock (&self->lock);
    if (!room) {
        arena_t *arena = waiting->arena;
        drop (entry);
        arena_destroy (&arena);
    }
}

// ---- out ----

// The first ones, which stay in the queue until they were taken. Only this thread removes any.
static size_t look (audit_queue_t *self, audit_entry_t entries[MAX_AUDIT_ROWS])
{
    size_t count = 0;
    for (audit_waiting_t *at = self->first; at && count < MAX_AUDIT_ROWS; at = at->next)
        entries[count++] = at->entry;
    return count;
}

static void forget (audit_queue_t *self, size_t count)
{
    for (; count > 0; count--) {
        audit_waiting_t *first = self->first;
        arena_t *arena = first->arena;
        self->first = first->next;
        if (!self->first)
            self->end = &self->first;
        self->count--;
        arena_destroy (&arena);
    }
}

static bool put (audit_queue_t *self, audit_entry_t *entries, size_t count, int64_t patience_us)
{
    turn_t turn;
    done_t done = {0};
    const audit_put_t ask = {.items = {entries, count}};
    arena_t *arena = arena_new ();
    turn_init (&turn, arena, id_new (arena, 'q', clock_now_us (clock_system ())),
               clock_now_us (clock_system ()));
    turn.caller = (caller_t){.role = ROLE_SERVICE, .subject = "gateway"};
    turn.deadline_us = turn.now_us + patience_us;
    fault_t fault = bus_client_call (self->client, &turn, MSG_audit_put, &ask, &done);
    if (fault != OK)
        log_warn ("entries of the audit wait for identity", "why",
                  turn.detail ? turn.detail : fault_text (fault), NULL);
    arena_destroy (&arena);
    return fault == OK;
}

static void wait_until (audit_queue_t *self, int64_t until_us)
{
    struct timespec at = {.tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000};
    while (!self->stopping && clock_monotonic_us () < until_us)
        if (pthread_cond_timedwait (&self->change, &self->lock, &at) != 0)
            return;
}

static void *work (void *data)
{
    audit_queue_t *self = data;
    audit_entry_t entries[MAX_AUDIT_ROWS];
    log_name_thread ("audit");
    pthread_mutex_lock (&self->lock);
    for (bool last = false; !last;) {
        while (!self->first && !self->stopping)
            pthread_cond_wait (&self->change, &self->lock);
        size_t count = look (self, entries);
        bool stopping = self->stopping;
        int64_t patience_us = stopping ? FAREWELL_US : MILLISECONDS (BUS_DEADLINE_MS);
        pthread_mutex_unlock (&self->lock);
        bool taken = count == 0 || put (self, entries, count, patience_us);
        pthread_mutex_lock (&self->lock);
        if (taken)
            forget (self, count);
        else if (!stopping)
            wait_until (self, clock_monotonic_us () + AGAIN_US);
        last = stopping && (!taken || !self->first);
    }
    pthread_mutex_unlock (&self->lock);
    return NULL;
}

// ---- life ----

audit_queue_t *audit_queue_new (bus_client_t *client)
{
    audit_queue_t *self = calloc (1, sizeof *self);
    pthread_condattr_t monotonic;
    if (!self)
        abort ();
    self->client = client;
    self->end = &self->first;
    self->tokens = AUDIT_REFUSED;
    self->filled_us = clock_monotonic_us ();
    pthread_mutex_init (&self->lock, NULL);
    pthread_condattr_init (&monotonic);
    pthread_condattr_setclock (&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init (&self->change, &monotonic);
    pthread_condattr_destroy (&monotonic);
    self->runs = pthread_create (&self->thread, NULL, work, self) == 0;
    return self;
}

void audit_queue_stop (audit_queue_t *self)
{
    pthread_mutex_lock (&self->lock);
    self->stopping = true;
    pthread_cond_broadcast (&self->change);
    pthread_mutex_unlock (&self->lock);
    if (self->runs)
        pthread_join (self->thread, NULL);
    self->runs = false;
}

void audit_queue_destroy (audit_queue_t **self_p)
{
    audit_queue_t *self = *self_p;
    if (!self)
        return;
    audit_queue_stop (self);
    while (self->first) {
        drop (&self->first->entry);
        forget (self, 1);
    }
    pthread_cond_destroy (&self->change);
    pthread_mutex_destroy (&self->lock);
    free (self);
    *self_p = NULL;
}
