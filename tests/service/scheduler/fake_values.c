/* fake_values.c - see fake_values.h. */

#include "tests/service/scheduler/fake_values.h"

#include "tests/service/scheduler/inside.h"

void world_variables (world_t *self, const char *json)
{
    pthread_mutex_lock (&self->inside->lock);
    self->inside->variables = json;
    pthread_mutex_unlock (&self->inside->lock);
}

int world_values_purged (world_t *self)
{
    pthread_mutex_lock (&self->inside->lock);
    int purged = self->inside->values_purged;
    pthread_mutex_unlock (&self->inside->lock);
    return purged;
}

fault_t fake_variables_read (void *self, turn_t *turn, const void *asked, void *answered)
{
    struct inside *in = self;
    (void) turn, (void) asked;
    pthread_mutex_lock (&in->lock);
    ((variable_values_t *) answered)->values = in->variables ? in->variables : "{}";
    pthread_mutex_unlock (&in->lock);
    return OK;
}

fault_t fake_values_purge (void *self, turn_t *turn, const void *asked, void *answered)
{
    struct inside *in = self;
    (void) turn, (void) asked, (void) answered;
    pthread_mutex_lock (&in->lock);
    in->values_purged++;
    pthread_mutex_unlock (&in->lock);
    return OK;
}

void world_environment (world_t *self, const environment_t *rules)
{
    pthread_mutex_lock (&self->inside->lock);
    self->inside->environment = rules;
    pthread_mutex_unlock (&self->inside->lock);
}

fault_t fake_environment_show (void *self, turn_t *turn, const void *asked, void *answered)
{
    struct inside *in = self;
    const environment_show_t *ask = asked;
    environment_t *out = answered;
    (void) turn;
    pthread_mutex_lock (&in->lock);
    *out = in->environment ? *in->environment : (environment_t){.name = ask->environment};
    pthread_mutex_unlock (&in->lock);
    return OK;
}
