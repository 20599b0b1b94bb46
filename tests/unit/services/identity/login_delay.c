/* login_delay.c - who has to wait for how long after wrong passwords, and who does not. */

#include "services/identity/people/login_delay.h"
#include "common/base/clock.h"
#include "tests/unit/test.h"

#include <stdio.h>

#define HOME "192.0.2.1"
#define AWAY "198.51.100.1"

TEST (the_wait_doubles_up_to_its_most_and_is_forgotten)
{
    login_delay_t *self = login_delay_new ();
    int64_t now = SECONDS (1000), want = 1;
    for (int i = 0; i < DELAY_FREE; i++) {
        CHECK_INT (login_delay_left (self, "ada", HOME, now), 0);
        login_delay_charge (self, "ada", HOME, now);
    }
    for (int i = 0; i < 12; i++) {
        CHECK_INT (login_delay_left (self, "ada", HOME, now), SECONDS (want));
        CHECK_INT (login_delay_left (self, "ada", HOME, now + SECONDS (want) - 1), 1);
        now += SECONDS (want);
        CHECK_INT (login_delay_left (self, "ada", HOME, now), 0);
        login_delay_charge (self, "ada", HOME, now);
        want = want * 2 < DELAY_MOST_SECONDS ? want * 2 : DELAY_MOST_SECONDS;
    }
    CHECK_INT (login_delay_left (self, "ada", HOME, now + SECONDS (DELAY_FORGET)), 0);
    login_delay_charge (self, "ada", HOME, now + SECONDS (DELAY_FORGET));
    CHECK_INT (login_delay_left (self, "ada", HOME, now + SECONDS (DELAY_FORGET)), 0); // It began anew
    login_delay_destroy (&self);
}

TEST (nobody_else_waits_neither_from_there_nor_the_same_from_elsewhere)
{
    login_delay_t *self = login_delay_new ();
    for (int i = 0; i < 10; i++)
        login_delay_charge (self, "ada", AWAY, 1);
    CHECK (login_delay_left (self, "ada", AWAY, 1) > 0);
    CHECK_INT (login_delay_left (self, "ada", HOME, 1), 0);
    CHECK_INT (login_delay_left (self, "bob", AWAY, 1), 0);
    CHECK (login_delay_suspects (self, AWAY, 1));
    CHECK (!login_delay_suspects (self, HOME, 1));
    CHECK (!login_delay_suspects (self, AWAY, 1 + SECONDS (DELAY_FORGET)));
    login_delay_destroy (&self);
}

TEST (who_signs_in_begins_anew_but_does_not_free_their_address_of_what_it_tried_for_others)
{
    login_delay_t *self = login_delay_new ();
    char name[16];
    for (int i = 0; i < ADDRESS_FREE; i++) {
        snprintf (name, sizeof name, "user%d", i);
        login_delay_charge (self, name, AWAY, 1);
    }
    CHECK_INT (login_delay_left (self, "ada", AWAY, 1), SECONDS (1)); // Spraying
    login_delay_charge (self, "eve", AWAY, 1);
    login_delay_charge (self, "eve", AWAY, 1);
    CHECK_INT (login_delay_left (self, "ada", AWAY, 1), SECONDS (ADDRESS_SECONDS)); // No longer than that
    login_delay_clear (self, "eve", AWAY);
    login_delay_clear (self, "nobody", HOME);
    CHECK (login_delay_left (self, "ada", AWAY, 1) > 0);
    CHECK_INT (login_delay_left (self, "ada", HOME, 1), 0);
    login_delay_destroy (&self);
}

// Whoever has many addresses drives out what has been quiet longest, of their own more than of others.
TEST (a_hundred_thousand_pairs_take_the_memory_of_the_table)
{
    login_delay_t *self = login_delay_new ();
    char address[24];
    for (int i = 0; i < 100000; i++) {
        snprintf (address, sizeof address, "10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);
        login_delay_charge (self, "ada", address, i);
    }
    for (int i = 0; i < 5; i++)
        login_delay_charge (self, "ada", address, 100000);
    CHECK (login_delay_left (self, "ada", address, 100000) > 0);
    CHECK_INT (login_delay_left (self, "ada", HOME, 100000), 0);
    login_delay_destroy (&self);
}

TEST (an_address_of_ipv6_stands_for_its_network)
{
    login_delay_t *self = login_delay_new ();
    char address[64];
    for (int i = 0; i < 10; i++) {
        snprintf (address, sizeof address, "2001:db8:1:2::%x", i + 1);
        login_delay_charge (self, "ada", address, 1);
    }
    CHECK (login_delay_left (self, "ada", "2001:db8:1:2:ffff::1", 1) > 0);
    CHECK_INT (login_delay_left (self, "ada", "2001:db8:1:3::1", 1), 0);
    for (int i = 0; i < 10; i++)
        login_delay_charge (self, "ada", "::ffff:192.0.2.1", 1);
    CHECK (login_delay_left (self, "ada", HOME, 1) > 0);
    CHECK_INT (login_delay_left (self, "ada", AWAY, 1), 0);
    login_delay_destroy (&self);
}

TEST (wrong_codes_count_for_an_account_and_for_no_other)
{
    login_delay_t *self = login_delay_new ();
    for (int i = 0; i < CODES_FREE; i++) {
        CHECK_INT (login_delay_left_of_codes (self, "u1", 1), 0);
        login_delay_charge_code (self, "u1", 1);
    }
    CHECK_INT (login_delay_left_of_codes (self, "u1", 1), SECONDS (1));
    for (int i = 0; i < 10; i++)
        login_delay_charge_code (self, "u1", 1);
    CHECK_INT (login_delay_left_of_codes (self, "u1", 1), SECONDS (CODES_SECONDS));
    CHECK_INT (login_delay_left_of_codes (self, "u2", 1), 0);
    login_delay_clear_codes (self, "u1");
    CHECK_INT (login_delay_left_of_codes (self, "u1", 1), 0);
    login_delay_destroy (&self);
}
