/* fuzz_secret_names.c - any bytes as a job's definition.
 *
 * Holds: whatever is named was said to be possible before it was read, each name once; and its bound. */

#include "tests/fuzz/fuzz.h"
#include "workflow/plan/secret_names.h"

#include <string.h>
#include <strings.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    arena_t *arena = arena_new ();
    secret_names_t names;
    const char *text = arena_strndup (arena, (const char *) data, size);
    secret_names (arena, text, &names);
    FUZZ_CHECK (names.count <= SECRET_NAMES);
    // "\u0073ecrets" is the same to JSON, and no definition of ours is written so
    if (!strchr (text, '\\'))
        FUZZ_CHECK (secret_names_any (text) || (names.count == 0 && !names.all));
    for (size_t i = 0; i < names.count; i++)
        for (size_t j = 0; j < i; j++)
            FUZZ_CHECK (strcasecmp (names.names[i], names.names[j]) != 0);
    arena_destroy (&arena);
    return 0;
}
