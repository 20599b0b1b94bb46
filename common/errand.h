/* errand.h - long work that a handler gives to helper threads, while its actor serves others.
 *
 * The work is a function of values: it owns an arena with copies of all that it needs, leaves its result there, and knows no
 * database. The handler is run again from its beginning when the work is done, finds it by its key and goes on:
 *
 *     fault_t fault = errand_find (errands, turn, key, &data);     // OK: done. LATER: return it
 *     if (fault == NOT_FOUND)
 *         return errand_begin (errands, turn, key, work, &arena, data);
 *
 * The key says all that the result depends on. A result lives until the batch that used it is committed, or until
 * nobody can be waiting for it any more. Past ERRANDS at once the answer is OVERLOADED. */

#ifndef OPENCICD_ERRAND_H
#define OPENCICD_ERRAND_H

#include "common/actor.h"

#define ERRANDS        32 // Under way, waiting for a thread, or waiting to be fetched
#define ERRAND_THREADS 4  // At most

typedef struct errands errands_t;

errands_t *errands_new (int threads); // Threads start with the first errand
void errands_stop (
    errands_t *self); // In the actor's thread, as its last act: ends what runs, forgets what waits
void errands_destroy (errands_t **self_p);

MUST_USE fault_t errand_find (errands_t *self, turn_t *turn, const char *key, void **data);
// Takes the arena, in any case. Returns LATER or OVERLOADED.
MUST_USE fault_t errand_begin (errands_t *self, turn_t *turn, const char *key, void (*work) (void *data),
                               arena_t **arena_p, void *data);
// Without anybody who waits: then `done` is run in the actor's thread with the data. OK or OVERLOADED.
MUST_USE fault_t errand_send (errands_t *self, turn_t *turn, void (*work) (void *data), actor_act_fn done,
                              arena_t **arena_p, void *data);

#endif
