/* backoff.c - see backoff.h. */

#include "common/base/backoff.h"

int64_t backoff_next_us (backoff_t *self)
{
    int64_t pause_us = self->next_us > self->least_us ? self->next_us : self->least_us;
    self->next_us = pause_us < self->most_us / 2 ? pause_us * 2 : self->most_us;
    return pause_us;
}

void backoff_reset (backoff_t *self)
{
    self->next_us = 0;
}
