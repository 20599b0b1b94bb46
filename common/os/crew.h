/* crew.h - the threads that do one thing's work, its lock, and the order to stop. Who has a crew embeds it.
 *
 * A thread holds `lock` wherever it looks at what is shared, waits for `changed` while there is nothing to do, and ends once `stopping`
 * is set: what it is doing then is finished first. */

#ifndef OPENCICD_CREW_H
#define OPENCICD_CREW_H

#include <pthread.h>
#include <stdbool.h>

#define CREW_THREADS 32 // At most

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping; // Guarded by the lock, as the thing's own fields are
    pthread_t threads[CREW_THREADS];
    int started;
} crew_t;

void crew_open (crew_t *self);
// Under the lock. False if there can be no more; the process ends if there is none at all, because then nobody would ever work.
bool crew_start (crew_t *self, void *(*serve) (void *), void *argument);
void crew_stop (crew_t *self);  // Not under the lock: returns when all of them have ended
void crew_close (crew_t *self); // After crew_stop

#endif
