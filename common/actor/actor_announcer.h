/* actor_announcer.h - what an actor has to announce to the other replicas of its service, and which of them it knows. Internal to the actor
 * host.
 *
 * A replica that listens announces itself at once and then every ANNOUNCE_HELLO. One that knows no other announces nothing else, so a service
 * that runs alone pays nothing; to a replica that is new to it, it announces "everything", for what that one may have missed until then. */

#ifndef OPENCICD_ACTOR_ANNOUNCER_H
#define OPENCICD_ACTOR_ANNOUNCER_H

#include "common/base/clock.h"
#include "common/base/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ANNOUNCE_HELLO    SECONDS (5)
#define ANNOUNCE_SILENT   SECONDS (15) // A replica that has announced nothing for this long is gone
#define ANNOUNCE_AGAIN    SECONDS (1)  // After an announcement that failed
#define ANNOUNCE_REPLICAS 16
#define ANNOUNCE_TOPICS   400 // Past it everything is announced; they fit into NOTIFY_TEXT_MAX

typedef struct {
    uint64_t origin;
    int64_t until_us; // When it is taken for gone
} known_replica_t;

// Times are steady by the bus's clock, unless said otherwise.
typedef struct {
    uint64_t origin;                             // This replica; random
    bool listens;                                // It can hear the others
    known_replica_t replicas[ANNOUNCE_REPLICAS]; // The others that are known
    size_t replica_count;
    uint64_t version; // Of the directory, as of which
    bool listed;      // it names others

    uint64_t topics[ANNOUNCE_TOPICS]; // To be announced
    size_t count;
    bool everything;
    int64_t tick_us;      // When the others should tick at the latest; NEVER
    bool announcing;      // It is part of the unit of work that is about to be committed
    int64_t announced_us; // The last announcement; monotonic
    int64_t announce_us;  // When the next is due; monotonic, NEVER
    int64_t hello_us;
} announcer_t;

struct actor;
struct served;

void announcer_init (announcer_t *self);
// Before a commit, which takes the announcement along, unless all of it may follow later.
MUST_USE fault_t announce_batch (struct actor *self, struct served **batch, size_t count);
void announced (struct actor *self, bool committed); // After it
int64_t announcer_due_us (const struct actor *self); // NEVER; without what announce_us is for
void announcer_attend (struct actor *self);          // Between two batches: announces what is due
void announcer_end (struct actor *self);             // Announces what is left

#endif
