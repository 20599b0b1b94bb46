/* health.c - posts a check to the actor's thread, which tries its own connection, and waits for the answer.
 *
 * Checks are numbered, so that a late answer to an abandoned one is not taken for that of the next. */

#include "services/health.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define REASON_SIZE 256

struct health {
    actor_t *actor;
    db_t *db;
    pthread_mutex_t lock; // Of what follows
    pthread_cond_t answer;
    uint64_t asked, answered;
    fault_t fault;
    char reason[REASON_SIZE];
};

typedef struct {
    health_t *health;
    uint64_t number;
} check_t;

health_t *health_new (actor_t *actor, db_t *db)
{
    health_t *self = calloc (1, sizeof (health_t));
    if (!self)
        abort ();
    self->actor = actor;
    self->db = db;
    pthread_condattr_t monotonic;
    pthread_condattr_init (&monotonic);
    pthread_condattr_setclock (&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->answer, &monotonic);
    pthread_condattr_destroy (&monotonic);
    return self;
}

void health_destroy (health_t **self_p)
{
    health_t *self = *self_p;
    if (!self)
        return;
    pthread_mutex_destroy (&self->lock);
    pthread_cond_destroy (&self->answer);
    free (self);
    *self_p = NULL;
}

// In the actor's thread.
static void answer (void *data)
{
    const check_t *check = data;
    health_t *self = check->health;
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "pulse", 0);
    fault_t fault = self->db ? db_ping (self->db, &turn) : OK;
    pthread_mutex_lock (&self->lock);
    self->answered = check->number;
    self->fault = fault;
    snprintf (self->reason, sizeof self->reason, "%s", turn.detail ? turn.detail : fault_text (fault));
    pthread_cond_signal (&self->answer);
    pthread_mutex_unlock (&self->lock);
    arena_destroy (&arena);
}

fault_t health_check (health_t *self, turn_t *turn, int timeout_ms)
{
    int64_t until = clock_monotonic_us () + MILLISECONDS (timeout_ms);
    struct timespec at = {.tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000};
    check_t *check = malloc (sizeof (check_t));
    if (!check)
        abort ();
    pthread_mutex_lock (&self->lock);
    *check = (check_t){self, ++self->asked};
    actor_between (self->actor, answer, check);
    while (self->answered < self->asked && pthread_cond_timedwait (&self->answer, &self->lock, &at) == 0)
        ;
    fault_t fault = OK;
    if (self->answered < self->asked)
        fault = turn_fail (turn, UNAVAILABLE, "its thread does not respond");
    else if (self->fault != OK)
        fault = turn_fail (turn, UNAVAILABLE, "%s", self->reason);
    pthread_mutex_unlock (&self->lock);
    return fault;
}
