/* backoff.h - how long to wait before something is tried again: twice as long each time, up to a bound. */

#ifndef OPENCICD_BACKOFF_H
#define OPENCICD_BACKOFF_H

#include <stdint.h>

typedef struct {
    int64_t least_us, most_us;
    int64_t next_us; // 0: least_us
} backoff_t;

int64_t backoff_next_us (backoff_t *self); // How long to wait this time
void backoff_reset (backoff_t *self);      // After a success: the next wait is the shortest again

#endif
