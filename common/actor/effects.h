/* effects.h - a part of a turn's work that is rolled back by itself takes with it what it left for after the commit.
 *
 * Else an offer of a claim that was undone would be sent to its agent all the same. Requests to other services are not among them. */

#ifndef OPENCICD_EFFECTS_H
#define OPENCICD_EFFECTS_H

#include "common/base/turn.h"

typedef struct {
    void *afters, *wakes;
    int64_t tick_at_us;
} effects_t;

effects_t effects_so_far (const turn_t *turn);
// Forgets what actor_after, actor_wake, actor_announce and actor_tick_at recorded since.
void effects_undo (turn_t *turn, const effects_t *back);

#endif
