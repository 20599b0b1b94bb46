/* totp.c - codes of authenticators: the vectors of RFC 6238, which steps count, and base32. */

#include "services/identity/people/totp.h"
#include "common/base/clock.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

static const char key[] = "12345678901234567890"; // Of the RFC's appendix B, for SHA-1

TEST (codes_are_those_of_rfc_6238)
{
    static const struct {
        int64_t seconds;
        uint32_t code;
    } vectors[] = {{59, 94287082},         {1111111109, 7081804},  {1111111111, 14050471},
                   {1234567890, 89005924}, {2000000000, 69279037}, {20000000000, 65353130}};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        CHECK_INT (totp_code (key, 20, totp_step (SECONDS (vectors[i].seconds)), 8), vectors[i].code);
}

static bool check (int64_t now_us, int64_t code_us, int64_t last, int64_t *step)
{
    char text[16];
    snprintf (text, sizeof text, "%06u", totp_code (key, 20, totp_step (code_us), 6));
    return totp_check (key, 20, now_us, last, text, step);
}

TEST (a_code_counts_in_its_step_and_those_beside_it_and_only_once)
{
    int64_t now = SECONDS (1234567890), step;
    CHECK (check (now, now, 0, &step));
    CHECK_INT (step, totp_step (now));
    CHECK (check (now, now - SECONDS (30), 0, &step));
    CHECK_INT (step, totp_step (now) - 1);
    CHECK (check (now, now + SECONDS (30), 0, &step));
    CHECK (!check (now, now - SECONDS (60), 0, &step));
    CHECK (!check (now, now + SECONDS (60), 0, &step));
    CHECK (!check (now, now, totp_step (now), &step));
    CHECK (!check (now, now - SECONDS (30), totp_step (now) - 1, &step));
    CHECK (check (now, now + SECONDS (30), totp_step (now), &step));
    CHECK (!totp_check (key, 20, now, 0, "", &step));
    CHECK (!totp_check (key, 20, now, 0, "89005924", &step));
}

TEST (base32_is_that_of_rfc_4648)
{
    static const char *const vectors[][2] = {{"", ""},
                                             {"f", "MY"},
                                             {"fo", "MZXQ"},
                                             {"foo", "MZXW6"},
                                             {"foob", "MZXW6YQ"},
                                             {"fooba", "MZXW6YTB"},
                                             {"foobar", "MZXW6YTBOI"}};
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        CHECK_STR (base32_text (arena, vectors[i][0], strlen (vectors[i][0])), vectors[i][1]);
    arena_destroy (&arena);
}
