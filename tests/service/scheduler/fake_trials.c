/* fake_trials.c - see fake_trials.h. */

#include "tests/service/scheduler/fake_trials.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // Of what follows
static int parts;
static fault_t drop_fault;
static char dropped[MAX_ID + 1];

fault_t fake_trial_put (void *self, turn_t *turn, const void *asked, void *answered)
{
    (void) self, (void) turn, (void) asked, (void) answered;
    pthread_mutex_lock (&lock);
    parts++;
    pthread_mutex_unlock (&lock);
    return OK;
}

fault_t fake_trial_read (void *self, turn_t *turn, const void *asked, void *answered)
{
    const scm_trial_read_t *ask = asked;
    size_t size = strlen (ask->trial);
    (void) self;
    *(trial_bytes_t *) answered =
        (trial_bytes_t){{arena_strdup (turn->arena, ask->trial), size}, (int64_t) size};
    return OK;
}

fault_t fake_trial_drop (void *self, turn_t *turn, const void *asked, void *answered)
{
    const scm_trial_drop_t *ask = asked;
    (void) self, (void) turn, (void) answered;
    pthread_mutex_lock (&lock);
    fault_t fault = drop_fault;
    if (!fault)
        snprintf (dropped, sizeof dropped, "%s", ask->trial);
    pthread_mutex_unlock (&lock);
    return fault;
}

int fake_trial_parts (void)
{
    pthread_mutex_lock (&lock);
    int count = parts;
    parts = 0;
    pthread_mutex_unlock (&lock);
    return count;
}

const char *fake_trial_dropped (void)
{
    static char last[MAX_ID + 1];
    pthread_mutex_lock (&lock);
    memcpy (last, dropped, sizeof last);
    pthread_mutex_unlock (&lock);
    return last;
}

void fake_trial_fault (fault_t fault)
{
    pthread_mutex_lock (&lock);
    drop_fault = fault;
    dropped[0] = 0;
    pthread_mutex_unlock (&lock);
}
