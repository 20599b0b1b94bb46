/* Places: so many of a kind in all, so many for one credential; and the rate of registrations. */

#include "gateway/slots.h"
#include "common/base/clock.h"
#include "tests/unit/test.h"

#include <stdio.h>

static const slot_limit_t limits[SLOT_KINDS] = {
    [SLOT_LOG] = {4, 2}, [SLOT_EVENTS] = {4, 2}, [SLOT_PARKED] = {100, 1}};

TEST (places_are_bounded_in_all_and_for_one_credential)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 0);
    slots_t *slots = slots_new (limits, 1);
    CHECK_INT (slots_take (slots, &turn, SLOT_LOG, "a"), OK);
    CHECK_INT (slots_take (slots, &turn, SLOT_LOG, "a"), OK);
    CHECK_INT (slots_take (slots, &turn, SLOT_LOG, "a"), OVERLOADED);
    CHECK_INT (slots_take (slots, &turn, SLOT_EVENTS, "a"), OK); // Another kind
    CHECK_INT (slots_take (slots, &turn, SLOT_LOG, "b"), OK);
    CHECK_INT (slots_take (slots, &turn, SLOT_LOG, "c"), OK);
    CHECK_INT (slots_take (slots, &turn, SLOT_LOG, "d"), OVERLOADED); // All four are taken
    CHECK_INT (slots_taken (slots, SLOT_LOG), 4);
    slots_give (slots, SLOT_LOG, "a");
    CHECK_INT (slots_taken (slots, SLOT_LOG), 3);
    CHECK_INT (slots_take (slots, &turn, SLOT_LOG, "a"), OK);
    static const char *const held[] = {"a", "a", "b", "c"};
    for (int i = 0; i < 4; i++)
        slots_give (slots, SLOT_LOG, held[i]);
    slots_give (slots, SLOT_EVENTS, "a");
    slots_destroy (&slots);
    arena_destroy (&arena);
}

TEST (a_hundred_credentials_do_not_take_each_others_places)
{
    char credential[70];
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 0);
    slots_t *slots = slots_new (limits, 1);
    for (int i = 0; i < 100; i++) {
        snprintf (credential, sizeof (credential), "%064d", i);
        CHECK_INT (slots_take (slots, &turn, SLOT_PARKED, credential), OK);
        CHECK_INT (slots_take (slots, &turn, SLOT_PARKED, credential), OVERLOADED);
    }
    for (int i = 0; i < 100; i++) {
        snprintf (credential, sizeof (credential), "%064d", i);
        slots_give (slots, SLOT_PARKED, credential);
    }
    CHECK_INT (slots_taken (slots, SLOT_PARKED), 0);
    slots_destroy (&slots);
    arena_destroy (&arena);
}

TEST (a_credential_registers_so_many_a_minute_and_more_as_time_passes)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 0);
    slots_t *slots = slots_new (limits, 6);
    int64_t now = SECONDS (1000);
    for (int i = 0; i < 6; i++)
        CHECK_INT (slots_pace (slots, &turn, PACE_REGISTER, "a", now), OK);
    CHECK_INT (slots_pace (slots, &turn, PACE_REGISTER, "a", now), OVERLOADED);
    CHECK_INT (slots_pace (slots, &turn, PACE_REGISTER, "b", now), OK);
    CHECK_INT (slots_pace (slots, &turn, PACE_ID_TOKEN, "a", now), OK); // Something else
    CHECK_INT (slots_pace (slots, &turn, PACE_REGISTER, "a", now + SECONDS (9)), OVERLOADED);
    CHECK_INT (slots_pace (slots, &turn, PACE_REGISTER, "a", now + SECONDS (10)), OK); // One each ten seconds
    CHECK_INT (slots_pace (slots, &turn, PACE_REGISTER, "a", now + SECONDS (10)), OVERLOADED);
    for (int i = 0; i < 6; i++) // A quiet minute later all of them, and no more
        CHECK_INT (slots_pace (slots, &turn, PACE_REGISTER, "a", now + SECONDS (600)), OK);
    CHECK_INT (slots_pace (slots, &turn, PACE_REGISTER, "a", now + SECONDS (600)), OVERLOADED);
    slots_destroy (&slots);
    arena_destroy (&arena);
}
