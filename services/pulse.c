/* pulse.c - a question is posted to the actor's thread, which tries its own connection; the answer is waited for.
 *
 * Questions are numbered, so that a late answer to one that was given up is not taken for that of the next. */

#include "services/pulse.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define WHY_SIZE 256

struct pulse {
    actor_t *actor;
    db_t *db;
    pthread_mutex_t lock; // Of what follows
    pthread_cond_t answer;
    uint64_t asked, answered;
    fault_t fault;
    char why[WHY_SIZE];
};

typedef struct {
    pulse_t *pulse;
    uint64_t number;
} question_t;

pulse_t *pulse_new (actor_t *actor, db_t *db)
{
    pulse_t *self = calloc (1, sizeof (pulse_t));
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

void pulse_destroy (pulse_t **self_p)
{
    pulse_t *self = *self_p;
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
    const question_t *question = data;
    pulse_t *self = question->pulse;
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "pulse", 0);
    fault_t fault = self->db ? db_ping (self->db, &turn) : OK;
    pthread_mutex_lock (&self->lock);
    self->answered = question->number;
    self->fault = fault;
    snprintf (self->why, sizeof self->why, "%s", turn.detail ? turn.detail : fault_text (fault));
    pthread_cond_signal (&self->answer);
    pthread_mutex_unlock (&self->lock);
    arena_destroy (&arena);
}

fault_t pulse_feel (pulse_t *self, turn_t *turn, int patience_ms)
{
    int64_t until = clock_monotonic_us () + MILLISECONDS (patience_ms);
    struct timespec at = {.tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000};
    question_t *question = malloc (sizeof (question_t));
    if (!question)
        abort ();
    pthread_mutex_lock (&self->lock);
    *question = (question_t){self, ++self->asked};
    actor_between (self->actor, answer, question);
    while (self->answered < self->asked && pthread_cond_timedwait (&self->answer, &self->lock, &at) == 0)
        ;
    fault_t fault = OK;
    if (self->answered < self->asked)
        fault = turn_fail (turn, UNAVAILABLE, "it does not come round to answer");
    else if (self->fault != OK)
        fault = turn_fail (turn, UNAVAILABLE, "%s", self->why);
    pthread_mutex_unlock (&self->lock);
    return fault;
}
