/* background.h - long work that a handler gives to helper threads, while its actor serves others.
 *
 * The work is a function of values: it owns an arena with copies of all that it needs, leaves its result there, and knows no
 * database. The handler is run again from its beginning when the work is done, finds the result by its key and continues:
 *
 *     fault_t fault = background_find (tasks, turn, key, &data);     // OK: done. LATER: return it
 *     if (fault == NOT_FOUND)
 *         return background_begin (tasks, turn, key, work, &arena, data);
 *
 * The key says all that the result depends on. A result lives until the batch that used it is committed, or until
 * the deadline of the request has passed. Past BACKGROUND_TASKS at once the answer is OVERLOADED. */

#ifndef OPENCICD_BACKGROUND_H
#define OPENCICD_BACKGROUND_H

#include "common/actor/actor.h"

#define BACKGROUND_TASKS       32 // Running, waiting for a thread, or waiting for their result to be fetched
#define BACKGROUND_THREADS_MAX 16 // At most

typedef struct background background_t;

background_t *background_new (int threads); // Threads start with the first task
void background_stop (
    background_t *self); // In the actor's thread, as its last act: stops running tasks, drops waiting ones
void background_destroy (background_t **self_p);

MUST_USE fault_t background_find (background_t *self, turn_t *turn, const char *key, void **data);
// Its result is dropped once this batch is over, also where the turn that found it fails: else it would be kept for a while, in case
// somebody asked again. For answers that were copied, where many may fail.
void background_release (background_t *self, turn_t *turn, const char *key);
// Takes the arena, in any case. Returns LATER or OVERLOADED.
MUST_USE fault_t background_begin (background_t *self, turn_t *turn, const char *key,
                                   void (*work) (void *data), arena_t **arena_p, void *data);
// For work that no request waits for: `done` is run in the actor's thread with the data. OK or OVERLOADED.
MUST_USE fault_t background_send (background_t *self, turn_t *turn, void (*work) (void *data),
                                  actor_act_fn done, arena_t **arena_p, void *data);

#endif
