/* work.h - threads that do what an actor must not wait for, with a bound on how many of them one host may hold.
 *
 * Tasks are taken in their order, but one whose host has its share under way is passed over: so a host that does not answer delays
 * those who ask for it, and nobody else. A task belongs to the thread from work_add() until `done` is run in the actor's thread;
 * in between the actor may look at `begun` alone. */

#ifndef OPENCICD_SCM_WORK_H
#define OPENCICD_SCM_WORK_H

#include "common/actor/actor.h"

#include <stdatomic.h>

#define WORK_THREADS 32  // At most
#define WORK_WAITING 512 // Tasks that wait for a thread; past it work_add() refuses

typedef struct task work_item_t;
struct task {
    void (*run) (work_item_t *self);                               // In a thread
    void (*done) (void *service, turn_t *turn, work_item_t *self); // In the actor's thread
    actor_t *actor;
    const char *host;  // or a folder; "" for none; as long as the task lives
    atomic_bool begun; // A thread has it
    work_item_t *next; // Of those that wait
};

typedef struct work work_t;

work_t *work_new (int threads, int of_one_host); // Threads start as they are needed
// In the actor's thread, as its last act: waits for what is under way, which ends soon by itself; what waits is never run.
void work_stop (work_t *self);
void work_destroy (work_t **self_p);
// False where too many wait or it is stopping: then `done` is not run.
bool work_add (work_t *self, work_item_t *task);

#endif
