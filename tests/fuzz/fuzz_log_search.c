/* A pattern from outside over a log from outside: found, refused or too slow, never a fall. The first line is the pattern,
 * its first byte the kind; the rest is the log. */

#include "services/logs/search.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    const uint8_t *end = size > 1 ? memchr (data, '\n', size) : NULL;
    if (!end || end - data < 2 || size > 100000 || memchr (data, '\0', (size_t) (end - data)))
        return 0;
    arena_t *arena = arena_new ();
    const char *log = (const char *) end + 1;
    size_t rest = size - (size_t) (end + 1 - data);
    piece_t piece = {.raw = rest, .packed = rest, .data = log};
    log_match_run_t *search = arena_alloc (arena, sizeof (*search));
    *search = (log_match_run_t){.pieces = {.items = &piece, .count = 1}};
    search->ask.pattern = arena_strndup (arena, (const char *) data + 1, (size_t) (end - data) - 1);
    search->ask.regex = data[0] & 1;
    search->ask.ignore_case = data[0] & 2;
    search->ask.limit = 10;
    search->until_us = clock_monotonic_us () + SECONDS (5);
    turn_init (&search->turn, arena, "fuzz", 0);
    search_run (search);
    if (search->fault == OK && search->matches.count < (int64_t) search->matches.items.count)
        abort ();
    arena_destroy (&arena);
    return 0;
}
