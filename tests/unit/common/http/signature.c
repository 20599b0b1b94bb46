/* The signature is the one that docs/agent-protocol.md shows, and depends on each of its parts. */

#include "common/http/signature.h"
#include "tests/unit/test.h"

#include <string.h>

static const char *const sum = "4add3f85fefa958509eb109c2ae690e7bb7ddf4b371c2881a98a1171b38b9040";

// Computed with Python's hashlib and hmac.
static const char *const example = "497e5def518d23d5f90197490b3c69ad3e5622306243369335a130e7657aa4fe";

static signed_request_t make (arena_t *arena)
{
    return (signed_request_t){.key = push_key_of (arena, "oca_secret"),
                              .method = "POST",
                              .target = "/jobs",
                              .agent = "a1",
                              .time = "1700000000000000",
                              .body = sum};
}

TEST (a_signature_is_the_one_of_the_documentation)
{
    arena_t *arena = arena_new ();
    char made[SIGNATURE_SIZE];
    const signed_request_t request = make (arena);
    CHECK_STR (request.key, "89a63e20c3234412a06083df4608229dd8b07d65373eb12b881269834a69735a");
    signature_make (&request, made);
    CHECK_STR (made, example);
    arena_destroy (&arena);
}

TEST (a_signature_changes_with_each_part_and_only_its_exact_form_is_taken)
{
    arena_t *arena = arena_new ();
    const signed_request_t request = make (arena);
    const char *given = arena_printf (arena, SIGNATURE_PREFIX "%s", example);
    CHECK (signature_is (&request, given));
    CHECK (!signature_is (&request, NULL));
    CHECK (!signature_is (&request, example));
    CHECK (!signature_is (&request, arena_printf (arena, "%s0", given)));
    CHECK (!signature_is (&request, arena_strndup (arena, given, strlen (given) - 1)));
    signed_request_t others[6];
    for (size_t i = 0; i < 6; i++)
        others[i] = request;
    others[0].key = push_key_of (arena, "oca_other");
    others[1].method = "DELETE";
    others[2].target = "/jobs/";
    others[3].agent = "a2";
    others[4].time = "1700000000000001";
    others[5].body = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for (size_t i = 0; i < 6; i++)
        CHECK (!signature_is (&others[i], given));
    arena_destroy (&arena);
}
