/* people.c - see people.h. */

#include "tests/service/identity/people.h"

#include "services/identity/people/totp.h"

#include <string.h>

user_t add_user (world_t *world, const char *name, const char *role)
{
    user_t user = {0};
    const user_add_t ask = {.name = name, .role = role, .password = GOOD_PASSWORD};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_user_add, &ask, &user), OK);
    return user;
}

fault_t sign_in_with (world_t *world, session_begin_t ask, session_t *out)
{
    *out = (session_t){0};
    ask.address = ask.address ? ask.address : AT_HOME;
    return ask_as (world, ROLE_SERVICE, MSG_session_begin, &ask, out);
}

session_t signed_in_as (world_t *world, const char *name)
{
    session_t session;
    CHECK_INT (sign_in_with (world, (session_begin_t){.name = name, .password = GOOD_PASSWORD}, &session),
               OK);
    CHECK_STR (session.subject, name);
    CHECK (strncmp (session.cookie, "ocs_", 4) == 0);
    return session;
}

const char *hash_of (world_t *world, const char *secret)
{
    return secret_hash (world->arena, secret);
}

fault_t ask_own (world_t *world, const char *secret, uint16_t number, const void *ask, void *answer)
{
    principal_t principal = whose (world, secret);
    return ask_by (world, role_from_name (principal.role ? principal.role : ""),
                   principal.subject ? principal.subject : "", number, ask, answer);
}

static size_t read_base32 (const char *text, unsigned char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint32_t held = 0;
    size_t size = 0;
    int bits = 0;
    for (; *text; text++) {
        held = held << 5 | (uint32_t) (strchr (digits, *text) - digits);
        bits += 5;
        if (bits >= 8)
            out[size++] = (unsigned char) (held >> (bits -= 8));
    }
    return size;
}

const char *otp_of (world_t *world, const char *secret, int later)
{
    unsigned char key[64];
    size_t size = read_base32 (secret, key);
    int64_t step = totp_step (clock_now_us (world->clock)) + later;
    return arena_printf (world->arena, "%06u", totp_code (key, size, step, 6));
}
