/* crew.c - see crew.h. */

#include "common/os/crew.h"

#include <stdlib.h>

void crew_open (crew_t *self)
{
    *self = (crew_t){.started = 0};
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->changed, NULL);
}

bool crew_start (crew_t *self, void *(*serve) (void *), void *argument)
{
    bool good = self->started < CREW_THREADS &&
                pthread_create (&self->threads[self->started], NULL, serve, argument) == 0;
    self->started += good;
    if (self->started == 0)
        abort ();
    return good;
}

void crew_stop (crew_t *self)
{
    pthread_mutex_lock (&self->lock);
    self->stopping = true;
    pthread_cond_broadcast (&self->changed);
    pthread_mutex_unlock (&self->lock);
    while (self->started > 0)
        pthread_join (self->threads[--self->started], NULL);
}

void crew_close (crew_t *self)
{
    pthread_cond_destroy (&self->changed);
    pthread_mutex_destroy (&self->lock);
}
