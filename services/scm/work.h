/* work.h - threads that do what an actor must not wait for, with a bound on how many of them one host may hold.
 *
 * Tasks run in order, but a task whose host has its share of threads already is passed over: so a host that does not answer delays
 * only requests for that host. A task belongs to the threads from work_add() until `done` runs in the actor's thread;
 * in between the actor may only read `begun`. */

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
// In the actor's thread, as its last act: waits for running tasks, which end soon by themselves; waiting ones are never run.
void work_stop (work_t *self);
void work_destroy (work_t **self_p);
// False if too many wait, or it is stopping: then `done` is not run.
bool work_add (work_t *self, work_item_t *task);

#endif
