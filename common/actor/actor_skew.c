/* actor_skew.c - notices that the clock of another process differs from ours, and logs it once per connection.
 *
 * Nothing of the bus depends on it: deadlines are durations. But rows carry times of day, and a reader of logs should know. */

#include "common/actor/actor_skew.h"

#include "common/base/log.h"

#include <stdio.h>
#include <stdlib.h>

#define SEEN 3 // In a row: a single one may have been delayed on its way without a sign of it

static uint64_t peer_of (const served_t *served)
{
    uint64_t hash = 0xcbf29ce484222325;
    const unsigned char *data = zframe_data (served->identity);
    for (size_t i = 0; i < zframe_size (served->identity); i++)
        hash = (hash ^ data[i]) * 0x100000001b3;
    return hash;
}

static unsigned *seen_of (skew_t *self, uint64_t peer)
{
    for (size_t i = 0; i < SKEW_PEERS; i++)
        if (self->peers[i].peer == peer)
            return &self->peers[i].seen;
    size_t at = self->next++ % SKEW_PEERS;
    self->peers[at].peer = peer;
    self->peers[at].seen = 0;
    return &self->peers[at].seen;
}

void skew_notice (skew_t *self, const served_t *served, const wire_t *wire, int64_t sent_us)
{
    if (wire->until_us == 0)
        return;
    int64_t now_us = clock_steady_us (bus_clock (served->bus));
    int64_t theirs_us = wire->until_us - wire->left_us, ours_us = served->turn.now_us - (now_us - sent_us);
    unsigned *seen = seen_of (self, peer_of (served));
    if (llabs (theirs_us - ours_us) < MILLISECONDS (BUS_SKEW_MS)) {
        *seen = 0;
        return;
    }
    if (*seen > SEEN || ++*seen != SEEN)
        return;
    char ahead[32];
    const char *address = zframe_meta (served->identity, "Peer-Address");
    snprintf (ahead, sizeof ahead, "%lld", (long long) ((theirs_us - ours_us) / SECONDS (1)));
    log_warn ("the clock of a peer differs from ours", "service", self->service, "peer",
              address ? address : "?", "caller", wire->caller.subject, "seconds_ahead", ahead, NULL);
    metric_add (self->noticed, 1);
}
