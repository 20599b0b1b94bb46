/* fuzz_value_json.c - any text as JSON. Holds: what is read, printed and read again is the same text. */

#include "tests/fuzz/fuzz.h"
#include "workflow/expression/value.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    arena_t *arena = arena_new ();
    const value_t *value, *again;
    const char *error;
    if (value_from_json (arena, (const char *) data, size, &value, &error) == OK) {
        const char *once = value_to_json (arena, value, 0);
        FUZZ_CHECK (value_from_json (arena, once, strlen (once), &again, &error) == OK);
        FUZZ_CHECK (strcmp (once, value_to_json (arena, again, 0)) == 0);
        FUZZ_CHECK (value_to_json (arena, value, 2)[0]);
    } else {
        FUZZ_CHECK (error && strstr (error, " at line "));
    }
    arena_destroy (&arena);
    return 0;
}
