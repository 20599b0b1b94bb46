/* fuzz_pattern.c - the first line is a filter pattern, the rest the text that it is held against.
 *
 * Holds: a pattern without special characters matches itself alone; "**" matches all. */

#include "tests/fuzz/fuzz.h"
#include "workflow/schema/pattern.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    arena_t *arena = arena_new ();
    const char *all = arena_copy (arena, data, size);
    size_t length = strcspn (all, "\n");
    const char *pattern = arena_strndup (arena, all, length);
    const char *text = all[length] ? all + length + 1 : "";
    const char *list[] = {"**", pattern, "!**", pattern};
    pattern_error_t error;
    fault_t fault = pattern_check (arena, pattern, &error);
    bool matches = pattern_match (pattern, text);
    FUZZ_CHECK (fault == OK || error.offset <= length);
    FUZZ_CHECK (pattern_match ("**", text) && patterns_match (list, 1, text, NULL));
    FUZZ_CHECK (!patterns_match (list, 3, text, NULL));
    FUZZ_CHECK (pattern[0] == '!' || patterns_match (list, 4, text, NULL) == matches);
    if (length <= PATTERN_LENGTH && !strpbrk (pattern, "*?+[\\"))
        FUZZ_CHECK (matches == (strcmp (pattern, text) == 0));
    arena_destroy (&arena);
    return 0;
}
