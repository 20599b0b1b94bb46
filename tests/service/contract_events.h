/* contract_events.h - what events_read promises. Played against the real scheduler and against the one that the gateway's tests
 * pretend, so that these cannot drift apart. */

#ifndef OPENCICD_TESTS_CONTRACT_EVENTS_H
#define OPENCICD_TESTS_CONTRACT_EVENTS_H

#include "common/bus/bus.h"
#include "proto/messages.h"
#include "tests/unit/test.h"

static inline fault_t contract_ask (bus_client_t *client, arena_t *arena, const events_read_t *ask,
                                    events_t *events)
{
    turn_t turn;
    turn_init (&turn, arena, "contract", 0);
    turn.caller = (caller_t){.role = ROLE_SERVICE, .subject = "test"};
    turn.deadline_us = NEVER;
    return bus_client_call (client, &turn, MSG_events_read, ask, events);
}

static inline events_t contract_read (bus_client_t *client, arena_t *arena, int64_t after, const char *run)
{
    events_t events = {0};
    const events_read_t ask = {.after = after, .project = "", .run = run};
    CHECK_INT (contract_ask (client, arena, &ask, &events), OK);
    return events;
}

// All after `after`, page by page: each number once and none left out.
static inline int64_t contract_read_all (bus_client_t *client, arena_t *arena, int64_t after)
{
    for (;;) {
        events_t events = contract_read (client, arena, after, "");
        if (events.items.count == 0)
            return events.cursor;
        for (size_t i = 0; i < events.items.count; i++)
            CHECK_INT (events.items.items[i].id, after + 1 + (int64_t) i);
        after += (int64_t) events.items.count;
        CHECK_INT (events.cursor, after);
        CHECK_INT (events.gap, 0);
    }
}

// `emit` makes one event or more; `prune` removes those up to a number.
static inline void contract_events (bus_client_t *client, void (*emit) (void *context),
                                    void (*prune) (void *context, int64_t up_to), void *context)
{
    arena_t *arena = arena_new ();
    emit (context);
    int64_t begin = contract_read (client, arena, -1, "").cursor;
    CHECK_INT (contract_read (client, arena, -1, "").items.count, 0); // From now on
    CHECK_INT (contract_read_all (client, arena, 0), begin);
    for (int i = 0; i < 3; i++)
        emit (context);
    int64_t end = contract_read_all (client, arena, begin);
    CHECK (end >= begin + 3);
    // Events of others move the cursor as well
    events_t others = contract_read (client, arena, begin, "r00000000000000000000");
    CHECK_INT (others.items.count, 0);
    CHECK_INT (others.cursor, end);
    const events_read_t nowhere = {.after = begin, .project = "nowhere", .run = ""};
    CHECK_INT (contract_ask (client, arena, &nowhere, &others), NOT_FOUND);
    // A gap is told, once, with what there is; a cursor at its edge has none
    prune (context, begin + 1);
    events_t gap = contract_read (client, arena, begin - 1, "");
    CHECK_INT (gap.gap, begin + 2);
    CHECK_INT (gap.items.items[0].id, begin + 2);
    CHECK_INT (contract_read (client, arena, begin, "").gap, begin + 2);
    CHECK_INT (contract_read (client, arena, begin + 1, "").gap, 0);
    CHECK_INT (contract_read_all (client, arena, begin + 1), end);
    // Also where nothing is left
    prune (context, end);
    gap = contract_read (client, arena, begin, "");
    CHECK_INT (gap.items.count, 0);
    CHECK_INT (gap.gap, end + 1);
    CHECK_INT (gap.cursor, end);
    CHECK_INT (contract_read (client, arena, end, "").gap, 0);
    arena_destroy (&arena);
}

#endif
