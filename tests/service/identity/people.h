/* people.h - users of a test, and how they sign in. */

#ifndef OPENCICD_TEST_IDENTITY_PEOPLE_H
#define OPENCICD_TEST_IDENTITY_PEOPLE_H

#include "tests/service/identity/world.h"

#define GOOD_PASSWORD  "seventeen green kettles"
#define OTHER_PASSWORD "nobody boils the harbour"
#define AT_HOME        "192.0.2.7"

// With GOOD_PASSWORD, made by an ADMIN; `role` as in the API.
user_t add_user (world_t *world, const char *name, const char *role);
fault_t sign_in_with (world_t *world, session_begin_t ask,
                      session_t *out);                     // From AT_HOME, unless it says from where
session_t signed_in_as (world_t *world, const char *name); // With GOOD_PASSWORD, which must do
// As the holder of this cookie or token: their role is asked for first.
fault_t ask_own (world_t *world, const char *secret, uint16_t number, const void *ask, void *answer);
const char *hash_of (world_t *world, const char *secret);
// What the authenticator of this secret (base32) shows now, or so many steps later.
const char *otp_of (world_t *world, const char *secret, int later);

#endif
