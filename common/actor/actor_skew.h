/* actor_skew.h - notices peers whose clocks differ from ours. */

#ifndef OPENCICD_ACTOR_SKEW_H
#define OPENCICD_ACTOR_SKEW_H

#include "common/actor/actor_turn.h"
#include "common/base/metrics.h"
#include "common/bus/wire.h"

// A peer whose clock differs. Only a few are tracked: this is only logged.
#define SKEW_PEERS 16
typedef struct {
    struct {
        uint64_t peer;
        unsigned seen; // Consecutive messages that show it
    } peers[SKEW_PEERS];
    size_t next;
    const char *service; // That hears them
    metric_t *noticed;
} skew_t;

// `sent_us` is when the message was sent, by our steady clock, or now if that is not known.
void skew_notice (skew_t *self, const served_t *served, const wire_t *wire, int64_t sent_us);

#endif
