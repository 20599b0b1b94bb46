/* crew.h - a pool of threads, the lock of what they share, and the flag that stops them. Its owner embeds it.
 *
 * A thread holds `lock` while it accesses shared fields, waits for `changed` while there is nothing to do, and ends once `stopping`
 * is set; what it is doing then is finished first. */

#ifndef OPENCICD_CREW_H
#define OPENCICD_CREW_H

#include <pthread.h>
#include <stdbool.h>

#define CREW_THREADS 32 // At most

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping; // Guarded by the lock, like the owner's own fields
    pthread_t threads[CREW_THREADS];
    int started;
} crew_t;

void crew_open (crew_t *self);
// Starts one more thread; under the lock. False if none can be started; aborts if there is no thread at all, because then nothing would ever run.
bool crew_start (crew_t *self, void *(*serve) (void *), void *argument);
void crew_stop (crew_t *self);  // Not under the lock: returns when all of them have ended
void crew_close (crew_t *self); // After crew_stop

#endif
