/* server_clock.c - see server_clock.h. */

#include "agent/server_clock.h"

#include "common/base/clock.h"

#include <time.h>

static int64_t boot_us (void)
{
    struct timespec now;
    clock_gettime (CLOCK_BOOTTIME, &now);
    return SECONDS (now.tv_sec) + now.tv_nsec / 1000;
}

void server_clock_init (server_clock_t *self)
{
    *self = (server_clock_t){.samples = 0};
    pthread_mutex_init (&self->lock, NULL);
}

void server_clock_set (server_clock_t *self, int64_t server_us)
{
    if (server_us <= 0)
        return;
    pthread_mutex_lock (&self->lock);
    self->ahead_us[self->samples++ % SERVER_CLOCK_SAMPLES] = server_us - boot_us ();
    pthread_mutex_unlock (&self->lock);
}

bool server_clock_now (server_clock_t *self, int64_t *now_us)
{
    pthread_mutex_lock (&self->lock);
    unsigned count = self->samples < SERVER_CLOCK_SAMPLES ? self->samples : SERVER_CLOCK_SAMPLES;
    int64_t ahead_us = count ? self->ahead_us[0] : 0;
    for (unsigned i = 1; i < count; i++)
        ahead_us = self->ahead_us[i] > ahead_us ? self->ahead_us[i] : ahead_us;
    pthread_mutex_unlock (&self->lock);
    *now_us = count ? boot_us () + ahead_us : 0;
    return count > 0;
}

bool server_clock_age (server_clock_t *self, int64_t server_us, int64_t *age_us)
{
    int64_t now_us;
    bool known = server_clock_now (self, &now_us);
    *age_us = known ? now_us - server_us : 0;
    return known;
}
